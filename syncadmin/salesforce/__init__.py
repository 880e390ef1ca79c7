"""The connector: the only part of the product that speaks to Salesforce.

:class:`~syncadmin.salesforce.org.SalesforceOrg` is what the rest uses. ``requests`` and
``simple_salesforce`` are imported in here only, and not before a first request is made (0.8 s).
"""
