"""The pages of the sync."""
