"""SOAP, partner and enterprise."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest
import requests

from .conftest import Api

XSI = "http://www.w3.org/2001/XMLSchema-instance"
SPACES = (
    'xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:{0}.soap.sforce.com"'
    ' xmlns:s="urn:sobject.{0}.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
LEAD = "<p:sObjects><s:type>Lead</s:type><s:LastName>{0}</s:LastName><s:Company>Acme</s:Company></p:sObjects>"


class Soap:
    """A logged-in SOAP client."""

    def __init__(self, api: Api, kind: str = "partner") -> None:
        self.api, self.kind = api, kind
        self.url = f"{api.url}/services/Soap/{'u' if kind == 'partner' else 'c'}/59.0"
        self.session = str(api.session.headers["Authorization"]).split()[1]

    def post(self, call: str, headers: str = "", session: str | None = None) -> requests.Response:
        whole = (
            f"<e:Envelope {SPACES.format(self.kind)}><e:Header><p:SessionHeader><p:sessionId>"
            f"{session or self.session}</p:sessionId></p:SessionHeader>{headers}</e:Header>"
            f"<e:Body>{call}</e:Body></e:Envelope>"
        )
        sent = {"Content-Type": "text/xml;charset=UTF-8", "SOAPAction": '""'}
        return requests.post(self.url, whole.encode(), headers=sent, timeout=10)

    def call(self, call: str, headers: str = "") -> list[Element]:
        """The result elements of a call that isn't refused."""
        reply = self.post(call, headers)
        assert reply.status_code == 200, reply.text
        return [one for one in read(reply).iter() if plain(one) == "result"]

    def fault(self, call: str, headers: str = "", session: str | None = None) -> tuple[str, str]:
        """Code and text of the fault a call gets."""
        reply = self.post(call, headers, session)
        assert reply.status_code == 500, reply.text
        root = read(reply)
        return str(root.findtext(".//faultcode")), str(root.findtext(".//faultstring"))


def read(reply: requests.Response) -> Element:
    return ElementTree.fromstring(reply.content)  # noqa: S314 - from the emulator of this test


def plain(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def text(element: Element, *path: str) -> str | None:
    """The text at the end of a path of names; None if it isn't there or nil."""
    for name in path:
        found = next((one for one in element if plain(one) == name), None)
        if found is None or found.get(f"{{{XSI}}}nil") == "true":
            return None
        element = found
    return element.text or ""


def all_texts(element: Element, name: str) -> list[str | None]:
    return [one.text for one in element if plain(one) == name]


def names(element: Element) -> list[str]:
    return [plain(one) for one in element]


@pytest.fixture
def soap(api: Api) -> Soap:
    return Soap(api)


def convert(lead: str, more: str = "<p:doNotCreateOpportunity>true</p:doNotCreateOpportunity>") -> str:
    return (
        f"<p:convertLead><p:leadConverts><p:leadId>{lead}</p:leadId><p:convertedStatus>Closed - Converted"
        f"</p:convertedStatus>{more}</p:leadConverts></p:convertLead>"
    )


def test_a_document_type_is_refused_whatever_its_encoding(soap: Soap) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    for body in (bomb.encode(), bomb.encode("utf-16")):
        reply = requests.post(soap.url, body, timeout=10)
        assert reply.status_code == 500
        assert "<faultstring>DOCTYPE is disallowed</faultstring>" in reply.text


@pytest.mark.parametrize("body", ["", "no xml", "<a/>", "<a>" * 100])
def test_what_is_no_message_is_the_clients_fault(soap: Soap, body: str) -> None:
    reply = requests.post(soap.url, body, timeout=10)
    assert (reply.status_code, "<faultcode>soapenv:Client</faultcode>" in reply.text) == (500, True)


def test_a_bad_session_is_refused_as_a_fault_without_detail(soap: Soap) -> None:
    reply = soap.post("<p:getUserInfo/>", session="x")
    assert reply.status_code == 500
    assert "<faultcode>sf:INVALID_SESSION_ID</faultcode>" in reply.text
    assert "<detail>" not in reply.text


def test_a_call_that_is_not_here_says_so(soap: Soap) -> None:
    code, said = soap.fault("<p:sendEmail/>")
    assert (code, "not implemented by this emulator" in said) == ("sf:INVALID_OPERATION", True)
    reply = requests.post(f"{soap.api.url}/services/Soap/m/59.0/00D", b"<a/>", timeout=10)
    assert (reply.status_code, "not implemented by this emulator" in reply.text) == (500, True)


def test_an_element_a_call_does_not_have_is_refused(soap: Soap) -> None:
    code, said = soap.fault("<p:merge><p:mergeRequests/></p:merge>")
    assert (code, "mergeRequests invalid at this location" in said) == ("soapenv:Client", True)


def test_calls_count_and_are_logged_under_the_client_and_the_limit_comes_with_the_reply(soap: Soap) -> None:
    before = soap.api.org.limits.used
    reply = soap.post("<p:getServerTimestamp/>", "<p:CallOptions><p:client>sync/1</p:client></p:CallOptions>")
    assert f"<current>{before + 1}</current><limit>100000</limit><type>API REQUESTS</type>" in reply.text
    entry = soap.api.org.log.entries()[-1].as_json()
    assert (entry["client"], entry["api_calls"]) == ("sync/1", 1)


def test_the_daily_limit_is_a_fault_too(soap: Soap) -> None:
    soap.api.control("limits", {"DailyApiRequests": {"Max": 10, "Remaining": 0}}, "PUT")
    assert soap.fault("<p:getUserInfo/>") == (
        "sf:REQUEST_LIMIT_EXCEEDED",
        "REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.",
    )


def test_user_info_and_logout(soap: Soap) -> None:
    info = soap.call("<p:getUserInfo/>")[0]
    assert text(info, "userName") == "integration@demo.example"
    assert text(info, "roleId") is None
    assert "<logoutResponse/>" in soap.post("<p:logout/>").text
    assert soap.fault("<p:getUserInfo/>")[0] == "sf:INVALID_SESSION_ID"


def test_records_are_created_changed_and_deleted_with_results_in_order(soap: Soap) -> None:
    made = soap.call(f"<p:create>{LEAD.format('One')}{LEAD.format('')}</p:create>")
    assert [text(one, "success") for one in made] == ["true", "false"]
    assert names(made[1]) == ["errors", "id", "success"]
    assert [text(made[1], "errors", part) for part in ("fields", "message", "statusCode")] == [
        "LastName",
        "Required fields are missing: [LastName]",
        "REQUIRED_FIELD_MISSING",
    ]
    lead = str(text(made[0], "id"))
    change = (
        f"<p:update><p:sObjects><s:type>Lead</s:type><s:fieldsToNull>Title</s:fieldsToNull><s:Id>{lead}</s:Id>"
        "<s:NumberOfEmployees>12</s:NumberOfEmployees></p:sObjects></p:update>"
    )
    assert text(soap.call(change)[0], "id") == lead
    assert soap.api.get(lead)["NumberOfEmployees"] == 12
    assert text(soap.call(f"<p:delete><p:ids>{lead}</p:ids></p:delete>")[0], "success") == "true"
    assert text(soap.call(f"<p:undelete><p:ids>{lead}</p:ids></p:undelete>")[0], "id") == lead
    assert soap.api.get(lead)["LastName"] == "One"


def test_fields_to_null_clears_and_nil_says_nothing(soap: Soap) -> None:
    lead = soap.api.create(Title="CEO", Phone="1")
    soap.call(
        f"<p:update><p:sObjects><s:type>Lead</s:type><s:fieldsToNull>Title</s:fieldsToNull><s:Id>{lead}</s:Id>"
        '<s:Phone xsi:nil="true"/></p:sObjects></p:update>'
    )
    record = soap.api.get(lead)
    assert (record["Title"], record["Phone"]) == (None, "1")


def test_a_value_of_another_type_makes_the_message_unreadable(soap: Soap) -> None:
    body = LEAD.format("A").replace(
        "</p:sObjects>", "<s:NumberOfEmployees>x</s:NumberOfEmployees></p:sObjects>"
    )
    assert soap.fault(f"<p:create>{body}</p:create>") == (
        "soapenv:Client",
        "'x' is not a valid value for the type xsd:int",
    )


def test_all_or_none_undoes_the_good_ones(soap: Soap) -> None:
    header = "<p:AllOrNoneHeader><p:allOrNone>true</p:allOrNone></p:AllOrNoneHeader>"
    made = soap.call(f"<p:create>{LEAD.format('One')}{LEAD.format('')}</p:create>", header)
    assert text(made[0], "errors", "statusCode") == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert soap.api.records("SELECT Id FROM Lead") == []


def test_upsert_says_whether_it_created(soap: Soap) -> None:
    body = LEAD.format("One").replace(
        "</p:sObjects>", "<s:External_Key__c>k1</s:External_Key__c></p:sObjects>"
    )
    call = f"<p:upsert><p:externalIDFieldName>External_Key__c</p:externalIDFieldName>{body}</p:upsert>"
    assert [text(soap.call(call)[0], "created") for _ in range(2)] == ["true", "false"]


def test_assignment_rules_run_only_when_asked(soap: Soap) -> None:
    rule = {"name": "R", "entries": [{"criteria": [], "assign_to": "Inbound_Leads"}]}
    soap.api.control("rules", {"assignment": rule})
    header = "<p:AssignmentRuleHeader><p:useDefaultRule>true</p:useDefaultRule></p:AssignmentRuleHeader>"
    owners = [
        soap.api.get(str(text(soap.call(f"<p:create>{LEAD.format('A')}</p:create>", h)[0], "id")))["OwnerId"][
            :3
        ]
        for h in ("", header)
    ]
    assert owners == ["005", "00G"]


def test_duplicate_rules_let_through_what_the_header_allows(soap: Soap) -> None:
    soap.api.control("rules", {"duplicate": {"object": "Lead", "fields": ["LastName"], "action": "alert"}})
    soap.api.create(LastName="Twin")
    call = f"<p:create>{LEAD.format('Twin')}</p:create>"
    assert text(soap.call(call)[0], "errors", "statusCode") == "DUPLICATES_DETECTED"
    header = "<p:DuplicateRuleHeader><p:allowSave>true</p:allowSave></p:DuplicateRuleHeader>"
    assert text(soap.call(call, header)[0], "success") == "true"


def test_more_than_two_hundred_records_are_refused(soap: Soap) -> None:
    assert soap.fault(f"<p:create>{LEAD.format('x') * 201}</p:create>")[0] == "sf:EXCEEDED_ID_LIMIT"


def test_a_partner_record_says_its_type_and_has_its_id_first(soap: Soap) -> None:
    soap.api.create(LastName="<Vogel> & Co", City="Bern")
    soql = "SELECT LastName, CreatedDate, Owner.Name, Address, Title, Id FROM Lead"
    page = soap.call(f"<p:query><p:queryString>{soql}</p:queryString></p:query>")[0]
    assert names(page) == ["done", "queryLocator", "records", "size"]
    record = next(one for one in page if plain(one) == "records")
    assert names(record)[:4] == ["type", "Id", "LastName", "CreatedDate"]
    assert record.get(f"{{{XSI}}}type") == "sf:sObject"
    assert text(record, "LastName") == "<Vogel> & Co"
    assert str(text(record, "CreatedDate")).endswith(".000Z")
    assert text(record, "Owner", "Name") == "Integration User"
    assert text(record, "Address", "city") == "Bern"
    assert text(record, "Title") is None


def test_an_enterprise_record_is_of_its_own_type(api: Api) -> None:
    enterprise = Soap(api, "enterprise")
    body = '<p:sObjects xsi:type="s:Lead"><s:LastName>One</s:LastName><s:Company>A</s:Company></p:sObjects>'
    assert text(enterprise.call(f"<p:create>{body}</p:create>")[0], "success") == "true"
    soql = "SELECT Id, LastName FROM Lead"
    page = enterprise.call(f"<p:query><p:queryString>{soql}</p:queryString></p:query>")[0]
    record = next(one for one in page if plain(one) == "records")
    assert (record.get(f"{{{XSI}}}type"), names(record)) == ("sf:Lead", ["Id", "LastName"])


def test_a_query_goes_on_from_its_locator(demo: Api) -> None:
    soap = Soap(demo)
    header = "<p:QueryOptions><p:batchSize>200</p:batchSize></p:QueryOptions>"
    soql = "<p:queryString>SELECT Id FROM Lead</p:queryString>"
    page = soap.call(f"<p:query>{soql}</p:query>", header)[0]
    found, locator = len(all_texts(page, "records")), text(page, "queryLocator")
    assert (found, text(page, "done")) == (200, "false")
    while locator:
        page = soap.call(f"<p:queryMore><p:queryLocator>{locator}</p:queryLocator></p:queryMore>", header)[0]
        found, locator = found + len(all_texts(page, "records")), text(page, "queryLocator")
    assert (found, text(page, "done")) == (int(str(text(page, "size"))), "true")


def test_grouped_rows_say_the_types_of_their_values(soap: Soap) -> None:
    soap.api.create(LeadSource="Web")
    soql = "SELECT LeadSource s, COUNT(Id) n FROM Lead GROUP BY LeadSource"
    reply = soap.post(f"<p:query><p:queryString>{soql}</p:queryString></p:query>").text
    assert "<sf:type>AggregateResult</sf:type>" in reply
    assert '<sf:s xsi:type="xsd:string">Web</sf:s><sf:n xsi:type="xsd:int">1</sf:n>' in reply


def test_a_bad_query_is_a_fault_of_its_kind(soap: Soap) -> None:
    call = "<p:query><p:queryString>SELECT Nothing FROM Lead</p:queryString></p:query>"
    reply = soap.post(call)
    assert "<faultcode>sf:INVALID_FIELD</faultcode>" in reply.text
    assert "sf:InvalidFieldFault" in reply.text


def test_retrieve_keeps_the_order_and_has_nil_for_what_is_not_there(soap: Soap) -> None:
    lead = soap.api.create()
    ids = f"<p:ids>00QFe00000000zzMAA</p:ids><p:ids>{lead}</p:ids>"
    call = (
        f"<p:retrieve><p:fieldList>Id,Name</p:fieldList><p:sObjectType>Lead</p:sObjectType>{ids}</p:retrieve>"
    )
    found = soap.call(call)
    assert found[0].get(f"{{{XSI}}}nil") == "true"
    assert text(found[1], "Name") == "Vogel"


def test_replication_calls_name_what_changed_and_what_went(soap: Soap) -> None:
    kept, gone = soap.api.create(), soap.api.create()
    soap.api.call("DELETE", f"sobjects/Lead/{gone}")
    soap.api.control("clock", {"advance_seconds": 120})
    now = soap.api.org.state.clock.now()
    dates = (
        f"<p:startDate>{now.replace(hour=0, minute=0).isoformat()}</p:startDate>"
        f"<p:endDate>{now.isoformat()}</p:endDate>"
    )
    if now.hour == 0 and now.minute < 5:
        pytest.skip("the day is too young")
    body = f"<p:sObjectType>Lead</p:sObjectType>{dates}"
    assert text(soap.call(f"<p:getUpdated>{body}</p:getUpdated>")[0], "ids") == kept
    found = soap.call(f"<p:getDeleted>{body}</p:getDeleted>")[0]
    assert text(found, "deletedRecords", "id") == gone
    assert names(found)[-2:] == ["earliestDateAvailable", "latestDateCovered"]


def test_describes_say_what_rest_says(soap: Soap) -> None:
    name = "<p:sObjectType>Lead</p:sObjectType>"
    found = soap.call(f"<p:describeSObject>{name}</p:describeSObject>")[0]
    rest = soap.api.call("GET", "sobjects/Lead/describe").json()
    fields = [text(one, "name") for one in found if plain(one) == "fields"]
    assert fields == [field["name"] for field in rest["fields"]]
    both = "<p:sObjectType>Contact</p:sObjectType>"
    assert len(soap.call(f"<p:describeSObjects>{name}{both}</p:describeSObjects>")) == 2
    assert "Lead" in {
        text(one, "name") for one in soap.call("<p:describeGlobal/>")[0] if plain(one) == "sobjects"
    }
    assert soap.fault("<p:describeSObject><p:sObjectType>No</p:sObjectType></p:describeSObject>")[0] == (
        "sf:INVALID_TYPE"
    )


def test_convert_lead_replies_in_the_recorded_order(soap: Soap) -> None:
    lead = soap.api.create(Company="Acme")
    done = soap.call(convert(lead))[0]
    assert names(done) == ["accountId", "contactId", "leadId", "opportunityId", "success"]
    assert (text(done, "leadId"), text(done, "opportunityId"), text(done, "success")) == (lead, None, "true")
    record = soap.api.get(lead)
    assert (record["IsConverted"], record["Status"]) == (True, "Closed - Converted")
    assert record["ConvertedContactId"] == text(done, "contactId")
    assert record["ConvertedAccountId"] == text(done, "accountId")


def test_a_lead_that_cannot_be_converted_does_not_keep_others_from_it(soap: Soap) -> None:
    first, second = soap.api.create(), soap.api.create()
    soap.call(convert(first))
    both = convert(first).replace("</p:convertLead>", "") + convert(second).replace("<p:convertLead>", "")
    done = soap.call(both)
    assert [text(one, "success") for one in done] == ["false", "true"]
    assert text(done[0], "errors", "statusCode") == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert text(done[0], "accountId") is None


def test_a_lead_becomes_part_of_the_account_and_the_contact_given(soap: Soap) -> None:
    account = soap.api.create("Account", Name="Acme")
    contact = soap.api.create("Contact", AccountId=account)
    more = (
        f"<p:accountId>{account}</p:accountId><p:contactId>{contact}</p:contactId>"
        "<p:doNotCreateOpportunity>true</p:doNotCreateOpportunity>"
    )
    done = soap.call(convert(soap.api.create(), more))[0]
    assert (text(done, "accountId"), text(done, "contactId")) == (account, contact)


@pytest.mark.parametrize("lead", ["", "nonsense", "003Fe00000000zzMAA"])
def test_what_is_no_lead_is_not_converted(soap: Soap, lead: str) -> None:
    done = soap.call(convert(lead))[0]
    assert text(done, "success") == "false"
    assert text(done, "errors", "statusCode") in ("INVALID_ID_FIELD", "REQUIRED_FIELD_MISSING")


def test_more_than_a_hundred_leads_are_refused(soap: Soap) -> None:
    one = convert("x").replace("<p:convertLead>", "").replace("</p:convertLead>", "")
    assert soap.fault(f"<p:convertLead>{one * 101}</p:convertLead>")[0] == "sf:EXCEEDED_ID_LIMIT"


def merging(master: str, losers: list[str], values: str = "") -> str:
    ids = "".join(f"<p:recordToMergeIds>{one}</p:recordToMergeIds>" for one in losers)
    return (
        f"<p:merge><p:request><p:masterRecord><s:type>Lead</s:type><s:Id>{master}</s:Id>{values}"
        f"</p:masterRecord>{ids}</p:request></p:merge>"
    )


def test_merge_keeps_the_master_and_bins_the_others(soap: Soap) -> None:
    master, loser = soap.api.create(LastName="Old"), soap.api.create()
    done = soap.call(merging(master, [loser], "<s:LastName>New</s:LastName>"))[0]
    assert (text(done, "id"), text(done, "success")) == (master, "true")
    assert all_texts(done, "mergedRecordIds") == [loser]
    assert soap.api.get(master)["LastName"] == "New"
    gone = soap.api.org.query_all(f"SELECT IsDeleted, MasterRecordId FROM Lead WHERE Id = '{loser}'")[0]
    assert (gone["IsDeleted"], gone["MasterRecordId"]) == (True, master)


def test_a_merge_that_cannot_be_is_a_result(soap: Soap) -> None:
    master = soap.api.create()
    for losers in ([], [master], ["003Fe00000000zzMAA"]):
        done: Any = soap.call(merging(master, losers))[0]
        assert (text(done, "success"), text(done, "id")) == ("false", None)


def test_who_may_not_edit_may_not_convert_or_merge(soap: Soap) -> None:
    lead, other = soap.api.create(), soap.api.create()
    soap.api.control("rules", {"object_permissions": {"object": "Lead", "edit": False}})
    for call in (convert(lead), merging(lead, [other])):
        assert text(soap.call(call)[0], "errors", "statusCode") == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_a_converted_lead_leaves_an_opportunity_unless_told_not_to(soap: Soap) -> None:
    named = "<p:opportunityName>Big deal</p:opportunityName>"
    done = soap.call(convert(soap.api.create(), named))[0]
    opportunity = soap.api.get(str(text(done, "opportunityId")), "Opportunity")
    assert opportunity["Name"] == "Big deal"


def test_a_status_that_does_not_convert_is_refused(soap: Soap) -> None:
    call = convert(soap.api.create()).replace("Closed - Converted", "Working - Contacted")
    assert text(soap.call(call)[0], "errors", "statusCode") == "INVALID_STATUS"


def test_a_fault_on_purpose_is_a_soap_fault(soap: Soap) -> None:
    soap.api.control("faults", {"error_code": "SERVER_UNAVAILABLE", "match": "/Soap/", "times": 1})
    assert soap.fault("<p:getUserInfo/>")[0] == "sf:SERVER_UNAVAILABLE"
    assert text(soap.call("<p:getUserInfo/>")[0], "userName")


def test_the_recycle_bin_can_be_emptied(soap: Soap) -> None:
    lead = soap.api.create()
    call = f"<p:emptyRecycleBin><p:ids>{lead}</p:ids></p:emptyRecycleBin>"
    assert text(soap.call(call)[0], "success") == "false"
    soap.api.call("DELETE", f"sobjects/Lead/{lead}")
    assert text(soap.call(call)[0], "success") == "true"
    assert soap.api.org.query_all(f"SELECT Id FROM Lead WHERE Id = '{lead}'") == []


def test_search_finds_records_of_several_objects(soap: Soap) -> None:
    soap.api.create(LastName="Findme")
    soap.api.create("Contact", LastName="Findme")
    sosl = "FIND {Findme} IN NAME FIELDS RETURNING Lead(Id, Name), Contact(Id, Name)"
    found = soap.call(f"<p:search><p:searchString>{sosl}</p:searchString></p:search>")[0]
    kinds = [text(one, "record", "type") for one in found if plain(one) == "searchRecords"]
    assert sorted(map(str, kinds)) == ["Contact", "Lead"]


def test_a_password_can_be_set_and_logs_in(soap: Soap) -> None:
    user = soap.api.user("Sarah Bennett")
    soap.call(f"<p:setPassword><p:userId>{user}</p:userId><p:password>new</p:password></p:setPassword>")
    login = (
        "<p:login><p:username>sarah.bennett@demo.example</p:username><p:password>{}</p:password></p:login>"
    )
    assert soap.fault(login.format("demodemo"))[0] == "sf:INVALID_LOGIN"
    assert soap.fault(login.format("new"))[0] == "sf:LOGIN_MUST_USE_SECURITY_TOKEN"
    assert text(soap.call(login.format("newdemo"))[0], "userId") == user


def test_a_fault_of_records_fails_records_or_else_the_call(soap: Soap) -> None:
    fault = {"error_code": "UNABLE_TO_LOCK_ROW", "match": "/Soap/", "times": 1}
    lead = soap.api.create()
    for call in (f"<p:create>{LEAD.format('A')}</p:create>", convert(lead)):
        soap.api.control("faults", fault)
        assert text(soap.call(call)[0], "errors", "statusCode") == "UNABLE_TO_LOCK_ROW"
    soap.api.control("faults", fault)
    assert soap.fault("<p:getUserInfo/>")[0] == "sf:UNABLE_TO_LOCK_ROW"


def test_a_message_in_an_unknown_encoding_is_the_clients_fault(soap: Soap) -> None:
    reply = requests.post(soap.url, '<?xml version="1.0" encoding="ibm-930"?><a/>', timeout=10)
    assert "<faultcode>soapenv:Client</faultcode>" in reply.text


def test_a_date_that_is_none_is_the_clients_fault(soap: Soap) -> None:
    more = "<p:Renewal_Date__c>soon</p:Renewal_Date__c>"
    record = f"<p:sObjects><p:type>Lead</p:type><p:LastName>V</p:LastName>{more}</p:sObjects>"
    text = "'soon' is not a valid value for the type xsd:date"
    assert soap.fault(f"<p:create>{record}</p:create>") == ("soapenv:Client", text)
