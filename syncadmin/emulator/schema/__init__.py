"""The org's objects and fields: tables of the standard ones, and the registry that changes at run time."""
