"""What a sales rep does on his page besides editing: converting, merging, seeing who changed what."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from .browser import Form, Rep, page_of
from .conftest import Api

PHONE = {
    "name": "Phone",
    "object": "Lead",
    "field": "Phone",
    "message": "Phone numbers must start with +",
    "formula": 'AND(NOT(ISBLANK(Phone)), NOT(BEGINS(Phone, "+")))',
}


@pytest.fixture
def rep(api: Api) -> Iterator[Rep]:
    made = Rep(api.url)
    yield made
    made.session.close()


def opportunities(api: Api) -> list[str]:
    return [row["Name"] for row in api.org.query("SELECT Name FROM Opportunity")]


def test_a_conversion_proposes_an_opportunity_and_does_without_if_asked(api: Api, rep: Rep) -> None:
    first, second = api.create(Company="Acme"), api.create(Company="Else")
    rep.edit(page_of(first) + "/convert", name="Big deal", opportunity="true")
    assert opportunities(api) == ["Big deal"]
    assert "Big deal" in rep.get(page_of(first))
    rep.edit(page_of(second) + "/convert", opportunity=None)
    assert opportunities(api) == ["Big deal"]
    assert api.get(second)["IsConverted"] is True


def test_what_becomes_of_a_queues_lead_goes_to_the_rep_unless_he_says_otherwise(api: Api, rep: Rep) -> None:
    queue, marco = api.queue("Inbound_Leads"), api.user("Marco Keller")
    mine, his = (api.create(OwnerId=queue, Company=name) for name in ("One", "Two"))
    rep.edit(page_of(mine) + "/convert")
    rep.edit(page_of(his) + "/convert", owner=marco)
    owners = [api.get(api.get(i)["ConvertedContactId"], "Contact")["OwnerId"] for i in (mine, his)]
    assert owners == [api.user("Sarah Bennett"), marco]


def changes_of(html: str) -> str:
    """The card of changes as a text."""
    card = html.partition("<h2>Changes</h2>")[2].partition("</section>")[0]
    return re.sub(r"<[^>]+>", "", re.sub(r"<time[^>]*>[^<]*</time>", "", card))


def test_the_page_says_who_changed_which_field_from_what_to_what(api: Api, rep: Rep) -> None:
    lead = api.create(Title="Clerk")
    assert "<h2>Changes</h2>" not in rep.get(page_of(lead))
    rep.post(page_of(lead), Title="Boss", VIP__c="true")
    api.call("PATCH", f"sobjects/Lead/{lead}", {"Title": None}, headers={"Sforce-Auto-Assign": "FALSE"})
    text = changes_of(rep.get(page_of(lead)))
    assert text.index("Integration User by the sync") < text.index("Sarah Bennett")
    assert "Title: Boss → became empty" in text
    assert "Title: Clerk → became Boss" in text
    assert "VIP: No → became Yes" in text


def test_owners_and_the_recycle_bin_are_in_the_changes_too(api: Api, rep: Rep) -> None:
    lead, queue = api.create(), api.queue("Inbound_Leads")
    rep.post(page_of(lead) + "/owner", OwnerId=queue)
    rep.post(page_of(lead) + "/delete")
    api.control("clock", {"advance_seconds": 5})
    rep.post(page_of(lead) + "/undelete")
    text = changes_of(rep.get(page_of(lead)))
    assert "Owner: Integration User → became Inbound Leads" in text
    assert text.index("Taken out of the recycle bin") < text.index("Moved to the recycle bin")


def test_the_history_is_there_for_scripts(api: Api, rep: Rep) -> None:
    lead = api.create(Title="Clerk")
    rep.post(page_of(lead), Title="Boss")
    (change,) = api.control(f"history?id={lead[:15]}", None, "GET")["history"]
    assert change["at"] == api.get(lead)["SystemModstamp"]
    assert (change["by"], change["field"]) == (api.user("Sarah Bennett"), "Title")
    assert (change["old"], change["new"]) == ("Clerk", "Boss")


def test_what_was_undone_is_no_change(api: Api, rep: Rep) -> None:
    lead = api.create()
    good = {"attributes": {"type": "Lead"}, "Id": lead, "Title": "x"}
    bad = good | {"Id": "00QFe000000zzzz"}
    api.call("PATCH", "composite/sobjects", {"allOrNone": True, "records": [good, bad]})
    assert api.control(f"history?id={lead}", None, "GET")["history"] == []


def test_the_same_person_is_proposed_for_a_merge_and_anybody_can_be_searched(api: Api, rep: Rep) -> None:
    lead, same = api.create(Email="a@x.example"), api.create(LastName="Other", Email="a@x.example")
    other = api.create(LastName="Else", Company="Umbrella")
    proposed = rep.get(page_of(lead) + "/merge")
    assert f"with={same}" in proposed
    assert f"with={other}" not in proposed
    assert f"with={other}" in rep.get(page_of(lead) + "/merge", q="umbrella")
    assert "Nobody was found" in rep.get(page_of(lead) + "/merge", q="%")


def test_a_merge_keeps_one_record_with_the_values_chosen(api: Api, rep: Rep) -> None:
    lead = api.create(Title="Clerk", Phone="+49 1", Company="Acme")
    other = api.create(Title="Boss", Phone="+49 2", Company="Acme", Website="https://x.example")
    path = page_of(lead) + "/merge"
    html = rep.get(path, **{"with": other})
    fields = dict(Form(html, path).fields)
    assert (fields["master"], fields["Title"], fields["Website"]) == (lead, lead, other)
    assert "Company" not in fields
    assert rep.post(path, **(fields | {"Title": other})) == page_of(lead) + "?notice=merged"
    kept = api.get(lead)
    assert (kept["Title"], kept["Phone"], kept["Website"]) == ("Boss", "+49 1", "https://x.example")
    (gone,) = api.org.query_all(f"SELECT MasterRecordId FROM Lead WHERE Id = '{other}'")
    assert gone["MasterRecordId"] == lead
    assert kept["LastModifiedById"] == api.user("Sarah Bennett")


def test_the_other_record_may_be_the_one_that_stays(api: Api, rep: Rep) -> None:
    one, two = (api.create("Contact", LastName=name, Title=name) for name in ("One", "Two"))
    path = page_of(one, "Contact") + "/merge"
    to = rep.post(path, **{"with": two, "master": two, "Title": one})
    assert to.startswith(page_of(two, "Contact"))
    record = api.get(two, "Contact")
    assert (record["LastName"], record["Title"]) == ("Two", "One")
    assert api.call("GET", f"sobjects/Contact/{one}").status_code == 404


def test_only_live_records_are_merged_and_a_refusal_is_shown(api: Api, rep: Rep) -> None:
    lead, other, gone = api.create(), api.create(Phone="0711"), api.create()
    api.call("DELETE", f"sobjects/Lead/{gone}")
    rep.get(page_of(lead) + "/merge", 404, **{"with": gone})
    rep.get(page_of(lead) + "/merge", 404, **{"with": lead})
    rep.get(page_of(gone) + "/merge", 404)
    api.control("rules", {"validation": PHONE})
    html = rep.post(page_of(lead) + "/merge", 422, **{"with": other, "master": lead, "Phone": other})
    assert PHONE["message"] in html
    assert api.call("GET", f"sobjects/Lead/{other}").status_code == 200


@pytest.mark.parametrize("fault", ["lost", "slow", "cut", "page", "limit", "session"])
def test_each_fault_of_the_log_page_can_be_switched_on(api: Api, rep: Rep, fault: str) -> None:
    rep.post("/emulator/log/fault", fault=fault)
    (pending,) = api.org.faults.pending()
    assert pending.does_something
    assert "None is on." not in rep.get("/emulator/log")
