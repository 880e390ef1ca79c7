"""SOQL: parsed by a grammar, compiled to SQL with Salesforce's semantics, answered in pages."""
