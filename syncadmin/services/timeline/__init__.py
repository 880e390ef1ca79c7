"""Why did a person sync, or not? What was decided, what would be decided now, and what both sides say."""
