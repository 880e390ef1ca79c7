"""Who may sync: inclusion, exclusion, record filters."""
