"""The pages of flow steps."""
