"""What other programs may read: /api/v1/ (v1 is the whole of it; the other modules are what it is made of)."""
