"""The only joint between the ORM and the engine. Set-based: a page costs a constant number of statements."""
