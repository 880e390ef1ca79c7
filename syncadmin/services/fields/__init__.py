"""Which fields sync; what changes in the org's fields; bringing a field into step."""
