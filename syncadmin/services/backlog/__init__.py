"""How much waits, whether it grows, and what caused it."""
