"""The fields that the lives of records and people are about, and what is written into them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

#: Custom fields of both objects, one of each type; Shoe is the one that is hidden, Hat gets other names and types.
CUSTOM: dict[str, dict[str, Any]] = {
    "Shoe": {"type": "text", "length": 40},
    "Hat": {"type": "text", "length": 40},
    "Down": {"type": "text", "length": 40},
    "Up": {"type": "text", "length": 40},
    "Long": {"type": "long_text"},
    "Multi": {"type": "multipicklist", "values": ["Zebra", "Ant", "Bee"]},
    "Parts": {"type": "number", "precision": 12, "scale": 4},
    "Money": {"type": "currency", "scale": 2},
    "Share": {"type": "percent", "precision": 16, "scale": 2},
    "Day": {"type": "date"},
    "Moment": {"type": "datetime"},
}
#: person field → its fields on Lead and Contact ("" where there is none), and values as somebody types them.
FIELDS: dict[str, tuple[str, str, list[str]]] = {
    "job_title": ("Title", "Title", ["", "?", "?", " ? "]),
    "city": ("City", "MailingCity", ["", "?", "?"]),
    "notes": ("Description", "Description", ["", "?", "?\n?"]),
    "phone": ("Phone", "Phone", ["", "+49 1", "+49 2"]),
    "website": ("Website", "", ["", "https://a.example", "b.example"]),
    "source": ("LeadSource", "LeadSource", ["", "Web", "Other"]),
    "num_employees": ("NumberOfEmployees", "", ["", "1", "2"]),
    "annual_revenue": ("AnnualRevenue", "", ["", "1.5", "1000000"]),
    "do_not_call": ("DoNotCall", "DoNotCall", ["false", "true"]),
    "shoe": ("Shoe__c", "Shoe__c", ["", "41", "42", "x"]),
    "hat": ("Hat__c", "Hat__c", ["", "7", "7.5", "top"]),
    "down": ("Down__c", "Down__c", ["", "?"]),
    "up": ("Up__c", "Up__c", ["", "?"]),
    "long": ("Long__c", "Long__c", ["", "ä" * 300, "b\r\nc"]),
    "multi": ("Multi__c", "Multi__c", ["", "Bee;Ant", "Zebra"]),
    "parts": ("Parts__c", "Parts__c", ["", "-0.0625", "3"]),
    "money": ("Money__c", "Money__c", ["", "0.1", "12.99"]),
    "share": ("Share__c", "Share__c", ["", "12.5", "100"]),
    "day": ("Day__c", "Day__c", ["", "2026-01-31", "1999-12-31"]),
    "moment": ("Moment__c", "Moment__c", ["", "2026-03-29T01:30:00Z", "2026-07-01T23:59:59Z"]),
}
#: Texts that are never written twice, so that what became of each can be told.
TRACED = ("job_title", "city", "notes")
EDITS = st.sampled_from([(name, value) for name, (_, _, values) in FIELDS.items() for value in values])
FAULTS = st.sampled_from(
    [
        {"drop": "before"}, {"drop": "after"}, {"status": 503}, {"status": 502},
        {"error_code": "UNABLE_TO_LOCK_ROW"}, {"error_code": "UNABLE_TO_LOCK_ROW", "records": 1},
        {"error_code": "UNKNOWN_EXCEPTION"}, {"truncate": 120}, {"cut_body": 90}, {"expire_at_call": 1},
    ]
)  # fmt: skip
Record = tuple[str, str]
