"""The connector: the only part of the product that speaks to Salesforce.

:class:`~syncadmin.salesforce.org.SalesforceOrg` is what the rest uses. ``requests`` and
``simple_salesforce`` are imported in here only, and not before a first request is made (0.8 s).
"""

from __future__ import annotations


def preload() -> None:
    """Load the slow libraries now: in a parent process, before workers are forked from it."""
    import simple_salesforce  # noqa: F401

    import syncadmin.salesforce.org
    import syncadmin.salesforce.session  # noqa: F401
