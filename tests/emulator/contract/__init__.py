"""What a Salesforce org is known to answer, restated as tests, each fact with where it is known from."""
