"""Comparing both sides record by record, and repairing what differs."""
