"""The sales rep's page, as a browser without JavaScript uses it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

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


def test_the_root_leads_to_the_list(rep: Rep) -> None:
    assert rep.get("/", 302) == "/emulator/"
    assert "<h1>Leads" in rep.get("/emulator/")


@pytest.mark.parametrize("words", ["ute", "VOGEL ute", "u@x.example", "acme", "id"])
def test_the_list_finds_by_name_email_company_and_id(api: Api, rep: Rep, words: str) -> None:
    lead = api.create(FirstName="Ute", Email="u@x.example", Company="Acme")
    api.create(FirstName="Jo", LastName="Other", Company="Else")
    html = rep.get("/emulator/", q=lead[:15] if words == "id" else words)
    assert page_of(lead) in html
    assert html.count("/emulator/records/Lead/00Q") == 1


def test_a_percent_sign_is_no_wildcard(api: Api, rep: Rep) -> None:
    api.create()
    assert "No leads match" in rep.get("/emulator/", q="%")


def test_long_lists_have_pages(api: Api, rep: Rep) -> None:
    records = [{"attributes": {"type": "Contact"}, "LastName": f"N{i:02}"} for i in range(30)]
    api.call("POST", "composite/sobjects", {"records": records})
    assert rep.get("/emulator/", object="Contact").count(page_of("003", "Contact")) == 25
    second = rep.get("/emulator/", object="Contact", page="2")
    assert second.count(page_of("003", "Contact")) == 5
    assert "Page 2 of 2" in second
    assert rep.get("/emulator/", 302, object="Contact", page="9").endswith("page=2")


def test_everything_is_escaped(api: Api, rep: Rep) -> None:
    evil = '"><script>alert(1)</script>'
    lead = api.create(LastName=evil, Company=evil, Description=f"</textarea>{evil}")
    for html in (rep.get("/emulator/"), rep.get(page_of(lead)), rep.get("/emulator/", q=evil)):
        assert "<script" not in html
    assert Form(rep.get(page_of(lead)), page_of(lead)).fields
    api.call("DELETE", f"sobjects/Lead/{lead}")
    assert "<script" not in rep.get("/emulator/bin") + rep.get(page_of(lead))


def test_a_rep_edits_a_lead_as_himself(api: Api, rep: Rep) -> None:
    lead = api.create(Phone="+49 1", VIP__c=True, Preferred_Languages__c="English;German", Description="a\nb")
    to = rep.edit(page_of(lead), Phone="+49 2", VIP__c=None, Industry="Banking")
    assert to == page_of(lead) + "?notice=saved"
    record = api.get(lead)
    assert (record["Phone"], record["VIP__c"], record["Industry"]) == ("+49 2", False, "Banking")
    assert (record["Preferred_Languages__c"], record["Description"]) == ("English;German", "a\nb")
    assert record["LastModifiedById"] == api.user("Sarah Bennett")


def test_only_what_the_rep_changed_is_written(api: Api, rep: Rep) -> None:
    """What the sync wrote while the form was open stays."""
    lead = api.create(Title="Old")
    fields = Form(rep.get(page_of(lead)), page_of(lead)).fields
    api.call("PATCH", f"sobjects/Lead/{lead}", {"Title": "By the sync"})
    rep.post(page_of(lead), data=[*fields, ("Phone", "+49 3")])
    assert (api.get(lead)["Title"], api.get(lead)["Phone"]) == ("By the sync", "+49 3")


def test_a_form_sent_unchanged_changes_nothing(api: Api, rep: Rep) -> None:
    lead = api.create(Budget__c=10.5, Last_Webinar__c="2026-01-02T03:04:05Z", Renewal_Date__c="2026-02-03")
    before = api.get(lead)
    api.control("clock", {"advance_seconds": 5})
    assert rep.edit(page_of(lead)).endswith("notice=unchanged")
    assert api.get(lead) == before


def test_a_few_fields_may_be_sent_by_a_script(api: Api, rep: Rep) -> None:
    lead = api.create(VIP__c=True)
    rep.post(page_of(lead), Phone="+49 4")
    assert (api.get(lead)["Phone"], api.get(lead)["VIP__c"]) == ("+49 4", True)


def test_a_refusal_is_shown_at_its_field_and_keeps_what_was_typed(api: Api, rep: Rep) -> None:
    api.control("rules", {"validation": PHONE})
    lead = api.create()
    html = rep.edit(page_of(lead), 422, Phone="0711", Title="Boss")
    assert re.search(r'id="f-Phone" aria-invalid="true" aria-describedby="e-Phone"', html)
    assert f'id="e-Phone">{PHONE["message"]}<' in html
    fields = dict(Form(html, page_of(lead)).fields)
    assert (fields["Phone"], fields["Title"]) == ("0711", "Boss")
    rep.post(page_of(lead), **(fields | {"Phone": "+49 711"}))
    assert (api.get(lead)["Phone"], api.get(lead)["Title"]) == ("+49 711", "Boss")


def test_a_rep_creates_records_of_his_own(api: Api, rep: Rep) -> None:
    refused = rep.edit("/emulator/records/Lead/new", 422, FirstName="Ute")
    assert "Required fields are missing: [LastName, Company]" in refused
    to = rep.edit("/emulator/records/Lead/new", LastName="Vogel", Company="Acme", VIP__c="true")
    record = api.get(urlsplit(to).path.rpartition("/")[2])
    sarah = api.user("Sarah Bennett")
    assert (record["OwnerId"], record["CreatedById"], record["VIP__c"]) == (sarah, sarah, True)
    assert "notice=created" in rep.edit("/emulator/records/Contact/new", LastName="Vogel")


def test_assignment_rules_choose_the_owner_if_asked(demo: Api) -> None:
    rep, body = Rep(demo.url), {"LastName": "Ito", "Company": "Ito KK", "Country": "Japan"}
    to = rep.post("/emulator/records/Lead/new", **body, use_assignment_rules="true")
    assert demo.get(to.split("/")[4].split("?")[0])["OwnerId"] == demo.queue("APAC_Leads")


def test_a_duplicate_can_be_saved_all_the_same(api: Api, rep: Rep) -> None:
    api.control("rules", {"duplicate": {"name": "Dup", "object": "Lead"}})
    first = api.create(Email="a@x.example")
    html = rep.edit("/emulator/records/Lead/new", 422, LastName="V", Company="C", Email="a@x.example")
    assert page_of(first) in html
    assert "Save all the same" in html
    rep.post(
        "/emulator/records/Lead/new", LastName="V", Company="C", Email="a@x.example", save_duplicate="true"
    )
    assert api.query("SELECT COUNT() FROM Lead")["totalSize"] == 2


def test_the_rep_is_whom_the_cookie_says_and_never_the_integration(api: Api, rep: Rep) -> None:
    lead, marco = api.create(), api.user("Marco Keller")
    assert rep.post("/emulator/acting-as", user=marco, next=page_of(lead)) == page_of(lead)
    rep.post(page_of(lead), Title="By Marco")
    assert api.get(lead)["LastModifiedById"] == marco
    rep.post("/emulator/acting-as", user=api.user("Integration User"), next="//evil.example/")
    rep.post(page_of(lead), Title="Again")
    assert api.get(lead)["LastModifiedById"] == marco


@pytest.mark.parametrize(
    "following", ["//evil.example/", "https://evil.example/", "/emulator/\r\nX: y", "/services/"]
)
def test_the_way_back_stays_on_the_page(api: Api, rep: Rep, following: str) -> None:
    assert rep.post("/emulator/acting-as", user=api.user("Marco Keller"), next=following) == "/emulator/"


def test_owners_are_users_and_for_leads_queues(api: Api, rep: Rep) -> None:
    lead, contact, queue = api.create(), api.create("Contact"), api.queue("Inbound_Leads")
    assert rep.post(page_of(lead) + "/owner", OwnerId=queue).endswith("notice=owner")
    assert api.get(lead)["OwnerId"] == queue
    assert queue not in rep.get(page_of(contact, "Contact"))
    html = rep.post(page_of(contact, "Contact") + "/owner", 422, OwnerId=queue)
    assert "id value of incorrect type" in html


def test_records_are_deleted_listed_in_the_bin_and_taken_out_again(api: Api, rep: Rep) -> None:
    lead = api.create()
    rep.post(page_of(lead) + "/delete")
    assert api.call("GET", f"sobjects/Lead/{lead}").status_code == 404
    assert page_of(lead) in rep.get("/emulator/bin")
    assert "in the recycle bin" in rep.get(page_of(lead))
    rep.post(page_of(lead) + "/undelete")
    assert api.get(lead)["LastModifiedById"] == api.user("Sarah Bennett")
    assert "The recycle bin is empty" in rep.get("/emulator/bin")


def test_a_lead_becomes_a_new_contact(api: Api, rep: Rep) -> None:
    lead = api.create(FirstName="Ute")
    assert "New account: Acme" in rep.get(page_of(lead) + "/convert")
    to = rep.post(page_of(lead) + "/convert", account="", contact="")
    assert to == page_of(api.get(lead)["ConvertedContactId"], "Contact") + "?notice=converted"
    assert "converted" in rep.get(page_of(lead))
    rep.get(page_of(lead) + "/convert", 404)


def test_a_lead_becomes_part_of_an_existing_contact(api: Api, rep: Rep) -> None:
    """What the contact says already stays."""
    account, other = (api.create("Account", Name=name) for name in ("One", "Two"))
    contact = api.create("Contact", LastName="Vogel", AccountId=account, Title="Boss")
    lead = api.create(Title="Clerk", Phone="+49 5")
    html = rep.post(page_of(lead) + "/convert", 422, account=other, contact=contact)
    assert "The contact belongs to another account" in html
    rep.post(page_of(lead) + "/convert", account="", contact=contact)
    record = api.get(contact, "Contact")
    assert (record["Title"], record["Phone"], record["AccountId"]) == ("Boss", "+49 5", account)
    assert api.get(lead)["ConvertedAccountId"] == account


def test_the_page_says_what_the_sync_did(api: Api, rep: Rep) -> None:
    lead = api.create()
    assert rep.get(page_of(lead)).count("by the sync") == 2
    rep.post(page_of(lead), Title="x")
    assert rep.get(page_of(lead)).count("by the sync") == 1


def test_links_into_the_org_lead_to_the_record(api: Api, rep: Rep) -> None:
    lead = api.create()
    for path in (lead, lead[:15], f"lightning/r/Lead/{lead}/view"):
        assert rep.get(f"/{path}", 302) == page_of(lead)
    for path in (
        "/00QFe0000009999MAA",
        "/003Fe0000009999",
        "/nothing",
        "/emulator/nothing",
        page_of(lead, "Contact"),
    ):
        assert "There is nothing here" in rep.get(path, 404)


def test_a_form_of_another_site_is_refused(api: Api, rep: Rep) -> None:
    lead = api.create()
    foreign = {"Origin": "http://evil.example"}
    reply = rep.session.post(rep.url + page_of(lead), data={"Title": "x"}, headers=foreign, timeout=10)
    assert (reply.status_code, api.get(lead)["Title"]) == (403, None)
    rep.session.headers["Origin"] = rep.url
    rep.post(page_of(lead), Title="x")


def test_the_pages_run_no_script_and_are_not_in_the_log(api: Api, rep: Rep) -> None:
    api.control("requests", None, "DELETE")
    api.control("faults", {"status": 503})
    reply = rep.session.get(f"{rep.url}/emulator/", timeout=10)
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert (
        rep.session.get(f"{rep.url}/emulator/static/app.css", timeout=10)
        .headers["Content-Type"]
        .startswith("text/css")
    )
    assert api.control("requests", None, "GET")["requests"] == []


def test_the_log_page_shows_requests_and_calls(api: Api, rep: Rep) -> None:
    sub = {"referenceId": "a", "method": "GET", "url": "/services/data/v59.0/limits"}
    api.call("POST", "composite", {"compositeRequest": [sub]}, headers={"Sforce-Call-Options": "client=me"})
    api.query("SELECT Id FROM Lead WHERE Name = '<b>'")
    html = rep.get("/emulator/log")
    assert "<strong>2</strong> of 100,000" in html
    assert "SELECT Id FROM Lead WHERE Name = &#x27;&lt;b&gt;&#x27;" in html
    assert "1 inside" in html


def test_faults_are_switched_on_the_log_page(api: Api, rep: Rep) -> None:
    rep.post("/emulator/log/fault", fault="unavailable")
    assert "status 503: /services/, 3 more" in rep.get("/emulator/log")
    assert [api.call("GET", "limits").status_code for _ in range(4)] == [503, 503, 503, 200]
    rep.post("/emulator/log/fault", fault="row_lock")
    lead = api.create()
    assert (
        api.call("PATCH", f"sobjects/Lead/{lead}", {"Title": "x"}).json()[0]["errorCode"]
        == "UNABLE_TO_LOCK_ROW"
    )
    assert api.call("PATCH", f"sobjects/Lead/{lead}", {"Title": "x"}).status_code == 204
    rep.post("/emulator/log/fault", fault="expire")
    assert api.call("GET", "limits").status_code == 401
    rep.post("/emulator/log/fault", fault="row_lock")
    rep.post("/emulator/log/fault", fault="clear")
    assert "None is on." in rep.get("/emulator/log")
