"""THE NOTIFIER: the only code that speaks to mail servers and webhooks. It knows no tables and decides nothing."""
