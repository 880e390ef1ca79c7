"""How long what has happened is kept: kinds (the registry), settings, pruning (the job)."""
