"""The Tooling API, as far as clients read an org's schema with it."""
