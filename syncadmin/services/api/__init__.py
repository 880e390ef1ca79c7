"""What the sync asks of Salesforce: counted, logged, held back when calls run short, and reckoned in advance."""
