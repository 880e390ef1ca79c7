"""Validation, assignment and duplicate rules, required fields and owners."""

from __future__ import annotations

from typing import Any

from .conftest import Api

BODY = {"LastName": "V", "Company": "C"}
PHONE = {
    "name": "Phone",
    "object": "Lead",
    "field": "Phone",
    "message": "Phone numbers must start with +",
    "formula": 'AND(NOT(ISBLANK(Phone)), NOT(BEGINS(Phone, "+")))',
}


def refusal(api: Api, sobject: str = "Lead", **values: Any) -> dict[str, Any]:
    reply = api.call("POST", f"sobjects/{sobject}", {**BODY, **values} if sobject == "Lead" else values)
    assert reply.status_code == 400, reply.text
    return dict(reply.json()[0])


def test_a_broken_validation_rule_says_its_message_at_its_field(api: Api) -> None:
    api.control("rules", {"validation": PHONE})
    assert refusal(api, Phone="0711") == {
        "message": PHONE["message"],
        "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "fields": ["Phone"],
    }
    api.create(Phone="+49 711")


def test_all_broken_rules_are_reported_and_one_at_no_field_has_none(api: Api) -> None:
    other = {"name": "Title", "object": "Lead", "formula": "ISBLANK(Title)", "message": "Who is it?"}
    api.control("rules", {"validation": [PHONE, other]})
    errors = api.call("POST", "sobjects/Lead", {**BODY, "Phone": "0711"}).json()
    assert [e["fields"] for e in errors] == [["Phone"], []]


def test_a_rule_is_replaced_and_removed_by_its_name(api: Api) -> None:
    api.control("rules", {"validation": PHONE})
    api.control("rules", {"validation": {**PHONE, "active": False}})
    api.create(Phone="0711")
    assert len(api.control("rules", None, "GET")["validation"]) == 1
    assert api.control("rules", {"validation": {"name": "Phone", "remove": True}})["validation"] == []


def test_nonsense_rules_are_refused(api: Api) -> None:
    for body in (
        {"nonsense": []},
        {"validation": {"name": "x", "formula": "AND(", "message": "m"}},
        {"assignment": {"entries": [{"criteria": [], "assign_to": "nobody"}]}},
    ):
        assert api.call("POST", "/emulator/rules", body).status_code == 400


def test_a_field_can_be_made_required(api: Api) -> None:
    api.control("rules", {"required": {"object": "Lead", "field": "Industry"}})
    assert refusal(api)["message"] == "Required fields are missing: [Industry]"
    api.control("rules", {"required": {"object": "Lead", "field": "Industry", "required": False}})
    api.create()


def assignment(api: Api) -> tuple[str, str]:
    """A rule: Germany to a queue, big companies to a user. Their ids."""
    queue, user = api.queue("Inbound_Leads"), api.user("Sarah Bennett")
    entries = [
        {"criteria": [{"field": "Country", "equals": ["germany", "Austria"]}], "assign_to": "Inbound_Leads"},
        {"criteria": "NumberOfEmployees > 100", "assign_to": "sarah.bennett@demo.example"},
    ]
    api.control("rules", {"assignment": {"name": "Territories", "entries": entries}})
    return queue, user


def test_without_the_header_assignment_rules_run_on_create_and_update(api: Api) -> None:
    queue, user = assignment(api)
    lead = api.create(Country="Germany", NumberOfEmployees=500)
    assert api.get(lead)["OwnerId"] == queue
    api.call("PATCH", f"sobjects/Lead/{lead}", {"Country": "Spain"})
    assert api.get(lead)["OwnerId"] == user


def test_a_lead_no_entry_takes_goes_to_the_running_user(api: Api) -> None:
    assignment(api)
    assert api.get(api.create())["OwnerId"] == api.user("Integration User")


def test_false_keeps_the_rules_from_running(api: Api) -> None:
    queue, _ = assignment(api)
    me = api.user("Integration User")
    off = {"headers": {"Sforce-Auto-Assign": "FALSE"}}
    made = api.call("POST", "sobjects/Lead", {**BODY, "Country": "Germany"}, **off).json()["id"]
    assert api.get(made)["OwnerId"] == me
    api.call("PATCH", f"sobjects/Lead/{made}", {"Title": "x"}, **off)
    assert api.get(made)["OwnerId"] == me
    api.call("PATCH", f"sobjects/Lead/{made}", {"Title": "y"})
    assert api.get(made)["OwnerId"] == queue


def test_a_rule_can_be_named_by_its_id(api: Api) -> None:
    queue, _ = assignment(api)
    rule = api.records("SELECT Id, Name, Active FROM AssignmentRule WHERE SobjectType = 'Lead'")[0]
    assert (rule["Name"], rule["Active"]) == ("Territories", True)
    reply = api.call(
        "POST", "sobjects/Lead", {**BODY, "Country": "Austria"}, headers={"Sforce-Auto-Assign": rule["Id"]}
    )
    assert api.get(reply.json()["id"])["OwnerId"] == queue
    unknown = api.call("POST", "sobjects/Lead", BODY, headers={"Sforce-Auto-Assign": "01QFe000000zzzzAAA"})
    assert unknown.status_code == 400


def test_contacts_have_no_assignment_rules(api: Api) -> None:
    assignment(api)
    contact = api.create("Contact", MailingCountry="Germany")
    assert api.get(contact, "Contact")["OwnerId"] == api.user("Integration User")


def test_a_contact_cannot_belong_to_a_queue(api: Api) -> None:
    queue = api.queue("Inbound_Leads")
    assert refusal(api, "Contact", LastName="V", OwnerId=queue) == {
        "message": f"Owner ID: id value of incorrect type: {queue}",
        "errorCode": "FIELD_INTEGRITY_EXCEPTION",
        "fields": ["OwnerId"],
    }


def test_a_lead_cannot_belong_to_a_queue_of_another_object(demo: Api) -> None:
    error = refusal(demo, OwnerId=demo.queue("Support_Escalations"))
    assert (error["errorCode"], error["message"]) == (
        "INVALID_OPERATION",
        "Queue not associated with this SObject type",
    )


def test_an_inactive_user_cannot_become_owner(demo: Api) -> None:
    user = demo.user("Jonas Brandt")
    error = refusal(demo, OwnerId=user)
    assert error["errorCode"] == "INACTIVE_OWNER_OR_USER"
    assert error["message"] == f"operation performed with inactive user [{user}] as owner of lead"


def test_an_alert_is_overridden_by_the_header_and_a_block_is_not(api: Api) -> None:
    rule = {"name": "Dup", "object": "Lead", "fields": ["Email"], "action": "alert"}
    api.control("rules", {"duplicate": rule})
    first = api.create(Email="a@x.example")
    save = {"headers": {"Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=true"}}
    again = {**BODY, "Email": "A@x.example"}
    assert api.call("POST", "sobjects/Lead", again).status_code == 400
    assert api.call("POST", "sobjects/Lead", again, **save).status_code == 201
    api.control("rules", {"duplicate": {**rule, "action": "block"}})
    reply = api.call("POST", "sobjects/Lead", again, **save)
    assert reply.status_code == 400
    details = reply.json()[0]["duplicateResut"]
    assert details["allowSave"] is False
    assert details["matchResults"][0]["matchRecords"][0]["record"]["Id"] == first


def test_a_duplicate_is_reported_with_the_misspelt_key_in_single_calls_only(api: Api) -> None:
    api.control("rules", {"duplicate": {"name": "Dup", "object": "Lead"}})
    api.create(Email="a@x.example")
    body = {**BODY, "Email": "a@x.example"}
    single = api.call("POST", "sobjects/Lead", body).json()[0]
    assert list(single) == ["duplicateResut", "errorCode", "message"]
    assert list(single["duplicateResut"]) == [
        "allowSave",
        "duplicateRule",
        "duplicateRuleEntityType",
        "errorMessage",
        "matchResults",
    ]
    record = {"attributes": {"type": "Lead"}, **body}
    result = api.call("POST", "composite/sobjects", {"records": [record]}).json()[0]
    assert result == {
        "success": False,
        "errors": [
            {"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": []}
        ],
    }


def validation(api: Api, formula: str, sobject: str = "Lead") -> None:
    rule = {"name": "R", "object": sobject, "formula": formula, "message": "no"}
    api.control("rules", {"validation": rule})


def test_a_rule_may_look_at_parents_and_at_the_running_user(api: Api) -> None:
    me = api.user("Integration User")
    validation(
        api, 'AND(Account.Name = "Acme", $User.Id = "' + me + '", $Profile.Name <> "Guest")', "Contact"
    )
    account = api.create("Account", Name="Acme")
    assert refusal(api, "Contact", LastName="V", AccountId=account)["message"] == "no"
    api.create("Contact", AccountId=api.create("Account", Name="Other"))


def test_a_rule_may_ask_whether_the_owner_is_a_queue(api: Api) -> None:
    validation(api, 'Owner:Queue.DeveloperName = "Inbound_Leads"')
    assert refusal(api, OwnerId=api.queue("Inbound_Leads"))["message"] == "no"
    api.create()


def test_a_rule_may_forbid_a_change(api: Api) -> None:
    validation(api, "AND(ISCHANGED(Renewal_Date__c), PRIORVALUE(Renewal_Date__c) > TODAY())")
    lead = api.create(Renewal_Date__c="2999-01-01")
    reply = api.call("PATCH", f"sobjects/Lead/{lead}", {"Renewal_Date__c": "2999-01-02"})
    assert reply.json()[0]["errorCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert api.call("PATCH", f"sobjects/Lead/{lead}", {"Title": "x"}).status_code == 204


def test_a_rule_about_a_field_that_is_not_there_is_refused(api: Api) -> None:
    rule = {"name": "R", "object": "Lead", "formula": "ISBLANK(Nope__c)", "message": "no"}
    reply = api.call("POST", "/emulator/rules", {"validation": rule})
    assert (reply.status_code, "Nope__c does not exist" in reply.text) == (400, True)


def test_a_rule_that_is_switched_off_cannot_be_named(api: Api) -> None:
    assignment(api)
    entries = [{"criteria": [], "assign_to": "Inbound_Leads"}]
    api.control("rules", {"assignment": {"name": "Old", "active": False, "entries": entries}})
    rule = api.records("SELECT Id FROM AssignmentRule WHERE Name = 'Old'")[0]["Id"]
    reply = api.call("POST", "sobjects/Lead", BODY, headers={"Sforce-Auto-Assign": rule})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_CROSS_REFERENCE_KEY")


def test_a_lead_may_duplicate_a_contact(api: Api) -> None:
    api.control("rules", {"duplicate": {"name": "Cross", "object": "Lead", "match": "Contact"}})
    contact = api.create("Contact", Email="a@x.example")
    error = refusal(api, Email="A@x.example")
    details = error["duplicateResut"]
    assert (details["duplicateRuleEntityType"], details["matchResults"][0]["entityType"]) == (
        "Lead",
        "Contact",
    )
    assert details["matchResults"][0]["matchRecords"][0]["record"]["Id"] == contact
    api.create(Email="b@x.example")


def test_formula_fields_follow_their_fields(api: Api) -> None:
    specs = {
        "Weighted__c": ("currency", "Budget__c * Annual_Growth__c"),
        "Twice__c": ("percent", "Annual_Growth__c * 2"),
        "Due__c": ("date", "Renewal_Date__c + 30"),
        "Rich__c": ("checkbox", "Budget__c > 1000"),
        "Keeper__c": ("formula", "Owner:User.Username"),
    }
    for name, (kind, formula) in specs.items():
        spec = {"object": "Lead", "name": name, "type": kind, "formula": formula, "scale": 2}
        api.control("schema", {"add": spec})
    lead = api.create(Budget__c=2000, Annual_Growth__c=25, Renewal_Date__c="2026-01-15")
    record = api.get(lead)
    assert [record[name] for name in specs] == [500.0, 50.0, "2026-02-14", True, "integration@demo.example"]
    api.call("PATCH", f"sobjects/Lead/{lead}", {"Budget__c": None})
    record = api.get(lead)
    assert (record["Weighted__c"], record["Rich__c"]) == (None, False)


def test_a_formula_over_a_parent_follows_it_without_moving_the_stamp(api: Api) -> None:
    spec = {"object": "Contact", "name": "Firm__c", "type": "formula", "formula": "UPPER(Account.Name)"}
    api.control("schema", {"add": spec})
    account = api.create("Account", Name="Acme")
    contact = api.create("Contact", AccountId=account)
    before = api.get(contact, "Contact")
    api.control("clock", {"advance_seconds": 5})
    api.call("PATCH", f"sobjects/Account/{account}", {"Name": "Bolt"})
    after = api.get(contact, "Contact")
    assert (before["Firm__c"], after["Firm__c"]) == ("ACME", "BOLT")
    assert before["SystemModstamp"] == after["SystemModstamp"]


def test_formula_fields_that_time_would_change_are_refused(api: Api) -> None:
    for formula in ("TODAY() - 1", "$User.Id", "Account.Owner.Name", "Nope__c"):
        spec = {"object": "Contact", "name": "X__c", "type": "formula", "formula": formula}
        assert api.call("POST", "/emulator/schema", {"add": spec}).status_code == 400
    spec = {"object": "Contact", "name": "X__c", "type": "formula", "formula": '"$ a.b.c TODAY()"'}
    api.control("schema", {"add": spec})


TITLES = {"name": "Titles", "object": "lead", "field": "title", "formula": '"Mx " & LastName'}


def test_an_automation_sets_a_field_before_each_save_in_the_same_save(api: Api) -> None:
    api.control("rules", {"automation": TITLES})
    lead = api.create(Title="Countess")
    before = api.get(lead)
    assert before["Title"] == "Mx Vogel"
    api.call("PATCH", f"sobjects/Lead/{lead}", {"Title": "Countess", "LastName": "W"})
    after = api.get(lead)
    assert (after["Title"], after["LastModifiedById"]) == ("Mx W", before["CreatedById"])


def test_an_automation_runs_where_its_criteria_are_met_and_only_while_it_is_active(api: Api) -> None:
    api.control("rules", {"automation": {**TITLES, "criteria": 'Title = "Countess"'}})
    assert api.get(api.create(Title="Countess"))["Title"] == "Mx Vogel"
    assert api.get(api.create(Title="Baroness"))["Title"] == "Baroness"
    api.control("rules", {"automation": {**TITLES, "active": False}})
    assert api.get(api.create(Title="Countess"))["Title"] == "Countess"
    assert api.control("rules", {"automation": {"name": "Titles", "remove": True}})["automation"] == []


def test_an_automation_runs_before_validation_so_that_it_may_break_a_rule(api: Api) -> None:
    api.control("rules", {"validation": PHONE, "automation": {"field": "Phone", "formula": '"0711"'}})
    assert refusal(api)["message"] == PHONE["message"]


def test_an_automation_that_no_org_would_save_is_refused(api: Api) -> None:
    for wrong in (
        {"field": "Nonsense__c"},
        {"field": "CreatedDate"},
        {"formula": "AND("},
        {"criteria": "AND("},
    ):
        assert api.call("POST", "/emulator/rules", {"automation": {**TITLES, **wrong}}).status_code == 400
