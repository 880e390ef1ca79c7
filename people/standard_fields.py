"""The fields every person has, as marketers know them.

A row is (name, label, type, group, length); the name is a column of :class:`people.models.Person`.
The registry of all fields, custom ones included, is :class:`people.models.PersonField`, which a migration
fills from this table.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext_noop as _


class StandardField(NamedTuple):
    name: str
    label: str
    type: str
    group: str
    length: int | None = None


STANDARD_FIELDS = (
    StandardField("salutation", _("Salutation"), "text", "person", 40),
    StandardField("first_name", _("First Name"), "text", "person", 40),
    StandardField("last_name", _("Last Name"), "text", "person", 80),
    StandardField("email", _("Email Address"), "email", "person", 80),
    StandardField("job_title", _("Job Title"), "text", "person", 128),
    StandardField("phone", _("Phone Number"), "phone", "person", 40),
    StandardField("mobile_phone", _("Mobile Phone Number"), "phone", "person", 40),
    StandardField("fax", _("Fax Number"), "phone", "person", 40),
    StandardField("date_of_birth", _("Date of Birth"), "date", "person"),
    StandardField("company", _("Company Name"), "text", "company", 255),
    StandardField("website", _("Website"), "url", "company", 255),
    StandardField("industry", _("Industry"), "picklist", "company", 255),
    StandardField("num_employees", _("Num Employees"), "integer", "company"),
    StandardField("annual_revenue", _("Annual Revenue"), "currency", "company"),
    StandardField("address", _("Address"), "textarea", "address", 255),
    StandardField("city", _("City"), "text", "address", 40),
    StandardField("state", _("State"), "text", "address", 80),
    StandardField("postal_code", _("Postal Code"), "text", "address", 20),
    StandardField("country", _("Country"), "text", "address", 80),
    StandardField("source", _("Source"), "picklist", "marketing", 255),
    StandardField("status", _("Status"), "picklist", "marketing", 255),
    StandardField("rating", _("Rating"), "picklist", "marketing", 255),
    StandardField("score", _("Score"), "integer", "marketing"),
    StandardField("unsubscribed", _("Unsubscribed"), "boolean", "marketing"),
    StandardField("do_not_call", _("Do Not Call"), "boolean", "marketing"),
    StandardField("notes", _("Person Notes"), "textarea", "marketing", 32_000),
)


def standard_rows() -> list[dict[str, Any]]:
    """The table as rows of the registry (:class:`people.models.PersonField`), ten apart."""
    return [
        {**field._asdict(), "is_custom": False, "position": index * 10}
        for index, field in enumerate(STANDARD_FIELDS)
    ]
