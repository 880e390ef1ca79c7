"""The sales rep's page: read and edit the org's records in a browser, look at the log, switch faults."""
