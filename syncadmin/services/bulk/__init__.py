"""Very many records, by jobs of the Bulk API."""
