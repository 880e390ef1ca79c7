"""Alerts: what is watched, what changed, who is told, and whether it arrived."""
