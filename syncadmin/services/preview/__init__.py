"""Looking ahead, and stopping a cycle that would change too many."""
