"""The engine: decides, with values alone. Standard library only; no Django, no HTTP, no clock."""
