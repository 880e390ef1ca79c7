"""The REST API: records, collections, composites, describes, and what else lies under /services/data."""
