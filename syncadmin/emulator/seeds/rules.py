"""The rules of the demo org: who gets a lead, what is refused, what counts as a duplicate."""

from __future__ import annotations

from typing import Any

ENTRIES: list[dict[str, Any]] = [
    {
        "criteria": [{"field": "Industry", "equals": ["Healthcare", "Biotechnology"]}],
        "assign_to": "Healthcare_Desk",
    },
    {
        "criteria": [{"field": "Country", "equals": ["Japan", "Australia", "India"]}],
        "assign_to": "APAC_Leads",
    },
    {
        "criteria": [{"field": "Country", "equals": ["Germany", "Austria", "Switzerland"]}],
        "assign_to": "marco.keller@demo.example",
    },
    {
        "criteria": 'AND(Country = "United States", OR(State = "CA", State = "WA"))',
        "assign_to": "grace.lindholm@demo.example",
    },
    {
        "criteria": [{"field": "Country", "equals": ["United States", "USA", "Canada"]}],
        "assign_to": "sarah.bennett@demo.example",
    },
    {
        "criteria": [{"field": "Country", "equals": ["France", "Spain", "Italy"]}],
        "assign_to": "benoit.garnier@demo.example",
    },
    {
        "criteria": [{"field": "Country", "equals": ["Brazil", "Mexico"]}],
        "assign_to": "carla.mendes@demo.example",
    },
    {
        "criteria": [{"field": "Country", "equals": ["United Kingdom", "Ireland"]}],
        "assign_to": "aisha.rahman@demo.example",
    },
    {"criteria": [], "assign_to": "Inbound_Leads"},
]
RULES: dict[str, list[dict[str, Any]]] = {
    "assignment": [{"name": "Territories", "object": "Lead", "entries": ENTRIES}],
    "validation": [
        {
            "name": "Phone_International",
            "object": "Lead",
            "field": "Phone",
            "formula": r'AND(NOT(ISBLANK(Phone)), NOT(REGEX(Phone, "\\+[0-9][0-9 ()./-]{4,}")))',
            "message": "Phone numbers must start with + and the country code",
        },
        {
            "name": "State_Needs_Country",
            "object": "Contact",
            "field": "MailingCountry",
            "formula": "AND(NOT(ISBLANK(MailingState)), ISBLANK(MailingCountry))",
            "message": "Enter the country when you enter a state or province",
        },
    ],
    "duplicate": [
        {
            "name": "Standard_Lead_Duplicate_Rule",
            "object": "Lead",
            "fields": ["Email"],
            "action": "alert",
            "active": False,
        }
    ],
}
