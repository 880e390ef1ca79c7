"""The catalogue of refusals: how to provoke each, its HTTP status, and its body, keys in the order clients see.

known: recorded (from traffic of a real org), quoted (from a live call in somebody's source), documented.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests

from ..conftest import DATA, Api

Told = tuple[requests.Response, Any]
PERSON = {"LastName": "Vogel", "Company": "Acme"}
LOGIN = {"client_id": "demo", "client_secret": "demo"}
HINT = (
    "If you are attempting to use a custom {0}, be sure to append the '__c' after the {1} name."
    " Please reference your WSDL or the describe call for the appropriate names."
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row. `code` is the one the catalogue of the recordings has; `provoke` returns the reply and the body
    it has to have.
    """

    code: str
    context: str
    http: int
    known: str
    provoke: Callable[[Api], Told]

    def __str__(self) -> str:
        return f"{self.code}, {self.context}"


CATALOGUE: list[Refusal] = []


def row(code: str, context: str, http: int, known: str) -> Callable[[Callable[[Api], Told]], None]:
    """Add a row."""

    def add(provoke: Callable[[Api], Told]) -> None:
        CATALOGUE.append(Refusal(code, context, http, known, provoke))

    return add


def single(message: str, code: str, fields: list[str] | None = None) -> list[dict[str, Any]]:
    """The body of a refused single call."""
    error: dict[str, Any] = {"message": message, "errorCode": code}
    return [error if fields is None else {**error, "fields": fields}]


def result(message: str, code: str, *fields: str) -> dict[str, Any]:
    """A refused record of a collection."""
    return {
        "success": False,
        "errors": [{"statusCode": code, "message": message, "fields": list(fields)}],
    }


def many(api: Api, method: str, sobject: str, *records: dict[str, Any], **more: Any) -> requests.Response:
    """A collections call."""
    typed = [{"attributes": {"type": sobject}, **record} for record in records]
    return api.call(method, "composite/sobjects", {"records": typed, **more})


def converted(api: Api) -> str:
    """The id of a converted lead."""
    lead = api.create()
    api.control("convert", {"lead_id": lead})
    return lead


@row("CANNOT_UPDATE_CONVERTED_LEAD", "collections", 200, "recorded")
def _(api: Api) -> Told:
    reply = many(api, "PATCH", "Lead", {"Id": converted(api), "Title": "x"})
    return reply, [result("cannot reference converted lead", "CANNOT_UPDATE_CONVERTED_LEAD")]


@row("CANNOT_UPDATE_CONVERTED_LEAD", "single PATCH", 400, "quoted")
def _(api: Api) -> Told:
    reply = api.call("PATCH", f"sobjects/Lead/{converted(api)}", {"Title": "x"})
    return reply, single("cannot reference converted lead", "CANNOT_UPDATE_CONVERTED_LEAD", [])


@row("NOT_FOUND", "GET of a deleted record, errorCode first", 404, "recorded")
def _(api: Api) -> Told:
    gone = api.create("Contact")
    api.call("DELETE", f"sobjects/Contact/{gone}")
    body = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
    return api.call("GET", f"sobjects/Contact/{gone}"), body


@row("INVALID_EMAIL_ADDRESS", "collections, by label", 200, "recorded")
def _(api: Api) -> Told:
    reply = many(api, "POST", "Lead", {**PERSON, "Secondary_Email__c": "badone"})
    text = "Secondary Email: invalid email address: badone"
    return reply, [result(text, "INVALID_EMAIL_ADDRESS", "Secondary_Email__c")]


@row("REQUIRED_FIELD_MISSING", "collections, null on create", 200, "recorded")
def _(api: Api) -> Told:
    text = "Required fields are missing: [Name]"
    return many(api, "POST", "Account", {"Name": None}), [result(text, "REQUIRED_FIELD_MISSING", "Name")]


@row("REQUIRED_FIELD_MISSING", "single create", 400, "quoted")
def _(api: Api) -> Told:
    text = "Required fields are missing: [LastName]"
    reply = api.call("POST", "sobjects/Contact", {"FirstName": "Ada"})
    return reply, single(text, "REQUIRED_FIELD_MISSING", ["LastName"])


@row("REQUIRED_FIELD_MISSING", "collections without records", 400, "recorded")
def _(api: Api) -> Told:
    return many(api, "POST", "Lead"), single("At least 1 record is required", "REQUIRED_FIELD_MISSING")


@row("MISSING_ARGUMENT", "collections update without an id", 200, "recorded")
def _(api: Api) -> Told:
    reply = many(api, "PATCH", "Contact", {"LastName": "x"})
    return reply, [result("Id not specified in an update call", "MISSING_ARGUMENT")]


@row("ALL_OR_NONE_OPERATION_ROLLED_BACK", "collections", 200, "recorded")
def _(api: Api) -> Told:
    reply = many(api, "POST", "Contact", {"FirstName": "x"}, {"LastName": "y"}, allOrNone=True)
    rolled_back = (
        "Record rolled back because not all records were valid and the request was using AllOrNone header"
    )
    return reply, [
        result("Required fields are missing: [LastName]", "REQUIRED_FIELD_MISSING", "LastName"),
        result(rolled_back, "ALL_OR_NONE_OPERATION_ROLLED_BACK"),
    ]


@row("INVALID_FIELD", "collections, unknown field", 200, "recorded")
def _(api: Api) -> Told:
    contact = api.create("Contact")
    reply = many(api, "PATCH", "Contact", {"Id": contact, "unknownField_LastName": "x"})
    text = "No such column 'unknownField_LastName' on sobject of type Contact"
    return reply, [result(text, "INVALID_FIELD")]


@row("INVALID_FIELD", "single create, unknown field", 400, "recorded")
def _(api: Api) -> Told:
    reply = api.call("POST", "sobjects/Account", {"Name": "x", "AccountNumer": "1"})
    return reply, single("No such column 'AccountNumer' on sobject of type Account", "INVALID_FIELD")


@row("INVALID_FIELD_FOR_INSERT_UPDATE", "a field that isn't for writing", 400, "recorded")
def _(api: Api) -> Told:
    reply = api.call("POST", "sobjects/Lead", {**PERSON, "MasterRecordId": "00QFe0000000001MAA"})
    text = (
        "Unable to create/update fields: MasterRecordId. Please check the security settings of this field and"
        " verify that it is read/write for your profile or permission set."
    )
    return reply, single(text, "INVALID_FIELD_FOR_INSERT_UPDATE", ["MasterRecordId"])


def ask(api: Api, soql: str) -> requests.Response:
    """A query."""
    return api.call("GET", "query", params={"q": soql})


@row("INVALID_FIELD (SOQL)", "with row and column", 400, "recorded")
def _(api: Api) -> Told:
    text = (
        "\nSELECT Id, Dispenser__c FROM Lead\n           ^\nERROR at Row:1:Column:12\n"
        f"No such column 'Dispenser__c' on entity 'Lead'. {HINT.format('field', 'custom field')}"
    )
    return ask(api, "SELECT Id, Dispenser__c FROM Lead"), single(text, "INVALID_FIELD")


@row("INVALID_TYPE", "SOQL, the echo cut at the left", 400, "recorded")
def _(api: Api) -> Told:
    text = (
        f"\nName,BillingCity,IsDeleted FROM Accout\n{' ' * 32}^\nERROR at Row:1:Column:43\n"
        f"sObject type 'Accout' is not supported. {HINT.format('object', 'entity')}"
    )
    return ask(api, "SELECT Id,Name,BillingCity,IsDeleted FROM Accout"), single(text, "INVALID_TYPE")


@row("INVALID_TYPE", "SOQL in a composite", 200, "recorded")
def _(api: Api) -> Told:
    sub = {"method": "GET", "url": f"{DATA}/query?q=select+count()+from+XYZZY", "referenceId": "a"}
    text = (
        f"\nselect count() from XYZZY\n{' ' * 20}^\nERROR at Row:1:Column:21\n"
        f"sObject type 'XYZZY' is not supported. {HINT.format('object', 'entity')}"
    )
    inner = {
        "body": single(text, "INVALID_TYPE"),
        "httpHeaders": {},
        "httpStatusCode": 400,
        "referenceId": "a",
    }
    return api.call("POST", "composite", {"compositeRequest": [sub]}), {"compositeResponse": [inner]}


@row("ENTITY_IS_DELETED", "DELETE of a record in the recycle bin", 404, "recorded")
def _(api: Api) -> Told:
    gone = api.create()
    api.call("DELETE", f"sobjects/Lead/{gone}")
    return api.call("DELETE", f"sobjects/Lead/{gone}"), single("entity is deleted", "ENTITY_IS_DELETED", [])


@row("INVALID_CROSS_REFERENCE_KEY", "an id that never was", 404, "quoted")
def _(api: Api) -> Told:
    reply = api.call("PATCH", "sobjects/Lead/00QFe000000zzzz", {"Title": "x"})
    return reply, single("invalid cross reference id", "INVALID_CROSS_REFERENCE_KEY")


@row("INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", "15 characters in the text", 400, "quoted")
def _(api: Api) -> Told:
    reply = api.call("POST", "sobjects/Contact", {**PERSON_OF, "AccountId": "001Fe000000zzzz"})
    text = "insufficient access rights on cross-reference id: 001Fe000000zzzz"
    return reply, single(text, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", [])


PERSON_OF = {"LastName": "Vogel"}
ALREADY = "You're creating a duplicate record. We recommend you use an existing record instead."


def duplicate_rule(api: Api, message: str) -> str:
    """Switch an alert on, and make the record it warns of."""
    api.control("rules", {"duplicate": {"object": "Contact", "action": "alert", "message": message}})
    return api.create("Contact", Email="a@b.example")


@row("DUPLICATES_DETECTED", "single create: duplicateResut", 400, "quoted")
def _(api: Api) -> Told:
    there = duplicate_rule(api, ALREADY)
    reply = api.call("POST", "sobjects/Contact", {**PERSON_OF, "Email": "a@b.example"})
    match = {
        "additionalInformation": [],
        "fieldDiffs": [],
        "matchConfidence": 100.0,
        "record": {
            "attributes": {"type": "Contact", "url": f"{DATA}/sobjects/Contact/{there}"},
            "Id": there,
        },
    }
    matched = {
        "entityType": "Contact",
        "errors": [],
        "matchEngine": "ExactMatchEngine",
        "matchRecords": [match],
        "rule": "Standard_Contact_Duplicate_Rule_Match",
        "size": 1,
        "success": True,
    }
    found = {
        "allowSave": True,
        "duplicateRule": "Standard_Contact_Duplicate_Rule",
        "duplicateRuleEntityType": "Contact",
        "errorMessage": ALREADY,
        "matchResults": [matched],
    }
    return reply, [{"duplicateResut": found, "errorCode": "DUPLICATES_DETECTED", "message": ALREADY}]


@row("DUPLICATES_DETECTED", "collections: code and text only", 200, "documented")
def _(api: Api) -> Told:
    duplicate_rule(api, "Use one of these records?")
    reply = many(api, "POST", "Contact", {**PERSON_OF, "Email": "a@b.example"})
    return reply, [result("Use one of these records?", "DUPLICATES_DETECTED")]


@row("DUPLICATE_VALUE", "15 characters in the text", 400, "quoted")
def _(api: Api) -> Told:
    there = api.create(External_Key__c="K1")
    reply = api.call("POST", "sobjects/Lead", {**PERSON, "External_Key__c": "K1"})
    text = f"duplicate value found: External_Key__c duplicates value on record with id: {there[:15]}"
    return reply, single(text, "DUPLICATE_VALUE", [])


@row("UNABLE_TO_LOCK_ROW", "single PATCH", 500, "quoted")
def _(api: Api) -> Told:
    lead = api.create()
    text = f"unable to obtain exclusive access to this record or 1 records: {lead}"
    api.control("faults", {"error_code": "UNABLE_TO_LOCK_ROW", "message": text})
    reply = api.call("PATCH", f"sobjects/Lead/{lead}", {"Title": "x"})
    return reply, single(text, "UNABLE_TO_LOCK_ROW", [])


@row("STRING_TOO_LONG", "by label", 400, "quoted")
def _(api: Api) -> Told:
    name = "x" * 256
    text = f"Account Name: data value too large: {name} (max length=255)"
    return api.call("POST", "sobjects/Account", {"Name": name}), single(text, "STRING_TOO_LONG", ["Name"])


@row("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "by label", 400, "quoted")
def _(api: Api) -> Told:
    reply = api.call("POST", "sobjects/Lead", {**PERSON, "Region__c": "Moon"})
    text = "Region: bad value for restricted picklist field: Moon"
    return reply, single(text, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", ["Region__c"])


@row("FIELD_INTEGRITY_EXCEPTION (wrong type id)", "an id of another object", 400, "quoted")
def _(api: Api) -> Told:
    user = api.user("Sarah Bennett")
    reply = api.call("POST", "sobjects/Contact", {**PERSON_OF, "AccountId": user})
    text = f"Account ID: id value of incorrect type: {user}"
    return reply, single(text, "FIELD_INTEGRITY_EXCEPTION", ["AccountId"])


@row("MALFORMED_ID", "the record's own id", 400, "quoted")
def _(api: Api) -> Told:
    contact = api.create("Contact")
    reply = api.call("PATCH", f"sobjects/Account/{contact}", {"Name": "x"})
    text = f"Account ID: id value of incorrect type: {contact}"
    return reply, single(text, "MALFORMED_ID", ["Id"])


@row("INACTIVE_OWNER_OR_USER", "an owner who is inactive", 400, "quoted")
def _(api: Api) -> Told:
    gone = api.user("Sarah Bennett")
    api.org.state.store.execute('UPDATE "User" SET "IsActive" = 0 WHERE "Id" = ?', (gone,))
    reply = api.call("POST", "sobjects/Lead", {**PERSON, "OwnerId": gone})
    text = f"operation performed with inactive user [{gone}] as owner of lead"
    return reply, single(text, "INACTIVE_OWNER_OR_USER", [])


@row("FIELD_CUSTOM_VALIDATION_EXCEPTION", "a rule that shows its error on the page", 400, "quoted")
def _(api: Api) -> Told:
    api.control("rules", {"validation": {"formula": "ISBLANK(Email)", "message": "Who are you?"}})
    reply = api.call("POST", "sobjects/Lead", PERSON)
    return reply, single("Who are you?", "FIELD_CUSTOM_VALIDATION_EXCEPTION", [])


@row("INVALID_SESSION_ID", "a token that has expired", 401, "recorded")
def _(api: Api) -> Told:
    api.control("session/expire", {})
    return api.call("GET", "limits"), single("Session expired or invalid", "INVALID_SESSION_ID")


@row("INVALID_AUTH_HEADER", "a header that is neither Bearer nor OAuth", 401, "quoted")
def _(api: Api) -> Told:
    reply = api.call("GET", "limits", headers={"Authorization": "Basic ZGVtbzpkZW1v"})
    return reply, single("INVALID_HEADER_TYPE", "INVALID_AUTH_HEADER")


@row("REQUEST_LIMIT_EXCEEDED", "the day's calls are used up; no Retry-After", 403, "quoted")
def _(api: Api) -> Told:
    api.control("limits", {"DailyApiRequests": {"Max": 10, "Remaining": 0}}, "PUT")
    reply = api.call("GET", "sobjects")
    assert "Retry-After" not in reply.headers
    return reply, single("TotalRequests Limit exceeded.", "REQUEST_LIMIT_EXCEEDED")


@row("API_DISABLED_FOR_ORG", "an edition without the API", 403, "quoted")
def _(api: Api) -> Told:
    api.control("faults", {"error_code": "API_DISABLED_FOR_ORG"})
    text = "API is not enabled for this Organization or Partner"
    return api.call("GET", "sobjects"), single(text, "API_DISABLED_FOR_ORG")


def token(api: Api, **form: str) -> requests.Response:
    """A request for an access token."""
    return requests.post(f"{api.url}/services/oauth2/token", data=form, timeout=10)


@row("oauth invalid_grant", "a refresh token that is none", 400, "recorded")
def _(api: Api) -> Told:
    reply = token(api, grant_type="refresh_token", refresh_token="none", **LOGIN)
    return reply, {"error": "invalid_grant", "error_description": "expired access/refresh token"}


@row("oauth invalid_grant", "a wrong password", 400, "recorded")
def _(api: Api) -> Told:
    reply = token(api, grant_type="password", username="integration@demo.example", password="no", **LOGIN)
    return reply, {"error": "invalid_grant", "error_description": "authentication failure"}


@row("oauth invalid_client_id", "an unknown app", 400, "quoted")
def _(api: Api) -> Told:
    reply = token(api, grant_type="client_credentials", client_id="x", client_secret="demo")
    return reply, {"error": "invalid_client_id", "error_description": "client identifier invalid"}


@row("300 multiple external id", "an array of addresses", 300, "recorded")
def _(api: Api) -> Told:
    added = {"object": "Lead", "name": "Twin__c", "type": "text", "external_id": True}
    api.control("schema", {"add": added})
    twins = [api.create(Twin__c="t") for _ in range(2)]
    reply = api.call("PATCH", "sobjects/Lead/Twin__c/t", {"Title": "x"})
    return reply, [f"{DATA}/sobjects/Lead/{one}" for one in twins]


def failed_parts(api: Api) -> list[dict[str, Any]]:
    """A composite of two, the second to fail for a foreign key that isn't there."""
    added = {"object": "Account", "name": "Invoice_External_Id__c", "type": "text", "external_id": True}
    api.control("schema", {"add": {**added, "unique": True}})
    bad = {"LastName": "x", "Account": {"Invoice_External_Id__c": "0116"}}
    url = f"{DATA}/sobjects/Contact"
    return [
        {"method": "POST", "url": url, "referenceId": "one", "body": {"LastName": "x"}},
        {"method": "POST", "url": url, "referenceId": "two", "body": bad},
    ]


NO_PARENT = "Foreign key external ID: 0116 not found for field Invoice_External_Id__c in entity Account"


@row("PROCESSING_HALTED", "composite, all or none", 200, "recorded")
def _(api: Api) -> Told:
    body = {"allOrNone": True, "compositeRequest": failed_parts(api)}
    text = "The transaction was rolled back since another operation in the same transaction failed."
    refused = {"httpHeaders": {}, "httpStatusCode": 400}
    halted = [{"errorCode": "PROCESSING_HALTED", "message": text}]
    return api.call("POST", "composite", body), {
        "compositeResponse": [
            {"body": halted, **refused, "referenceId": "one"},
            {"body": single(NO_PARENT, "INVALID_FIELD", []), **refused, "referenceId": "two"},
        ]
    }


@row("INVALID_FIELD (upsert parent ext id)", "a parent by an external id that isn't there", 400, "recorded")
def _(api: Api) -> Told:
    part = failed_parts(api)[1]
    return api.call("POST", "sobjects/Contact", part["body"]), single(NO_PARENT, "INVALID_FIELD", [])


@row("Bulk2 unsupported entity", "Bulk API 2.0, an object it doesn't do", 400, "quoted")
def _(api: Api) -> Told:
    job = {"object": "AssignmentRule", "operation": "insert"}
    text = "AssignmentRule is not supported by the Bulk API"
    return api.call("POST", "jobs/ingest", job), [{"errorCode": "INVALIDENTITY", "message": text}]


@row("INVALID_REPLICATION_DATE", "more than 30 days back", 400, "quoted")
def _(api: Api) -> Told:
    params = {"start": "2020-01-01T00:00:00+00:00", "end": "2020-01-02T00:00:00+00:00"}
    reply = api.call("GET", "sobjects/Lead/updated", params=params)
    return reply, single("startDate before org replication enabled date", "INVALID_REPLICATION_DATE")


@row("415", "a body that isn't JSON", 415, "quoted")
def _(api: Api) -> Told:
    url = f"{api.url}{DATA}/sobjects/Lead"
    reply = api.session.post(url, data="LastName=x", headers={"Content-Type": "text/plain"}, timeout=10)
    return reply, [{"errorCode": "UNSUPPORTED_MEDIA_TYPE", "message": "Unsupported Media Type"}]


@row("405", "the methods that are", 405, "quoted")
def _(api: Api) -> Told:
    text = "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET,PATCH,DELETE"
    reply = api.call("PUT", "sobjects/Lead/00QFe0000000001MAA")
    return reply, [{"errorCode": "METHOD_NOT_ALLOWED", "message": text}]
