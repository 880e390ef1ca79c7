"""What a new org holds: setup, users, and as many people as wanted."""
