"""The formula language of validation rules and formula fields."""
