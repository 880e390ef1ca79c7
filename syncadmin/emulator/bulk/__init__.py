"""The Bulk APIs: version 2.0 below `/services/data/vXX.0/jobs`, version 1 below `/services/async/XX.0/job`."""
