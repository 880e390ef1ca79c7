"""SOSL: text search over several objects at once, parsed by a grammar and run as SQL."""
