from __future__ import annotations

from dataclasses import replace

from syncadmin.salesforce.auth import Credentials
from syncadmin.salesforce.connection import missing_rights
from syncadmin.salesforce.org import SalesforceOrg
from tests.salesforce.conftest import Emulator


def test_a_good_connection_says_who_and_where_we_are(org: SalesforceOrg) -> None:
    report = org.check()
    assert report.ok
    assert report.problems == ()
    assert report.org_id.startswith("00D")
    assert report.user_id.startswith("005")
    assert report.org_name
    assert report.user_name
    assert 0 < report.api_used <= report.api_limit


def test_a_failed_log_in_is_a_report_not_an_exception(credentials: Credentials) -> None:
    report = SalesforceOrg(replace(credentials, client_secret="wrong")).check()
    assert (report.ok, report.code) == (False, "INVALID_CLIENT")
    assert report.message


def test_an_unsafe_address_is_a_report_not_an_exception() -> None:
    unsafe = Credentials("http://acme.my.salesforce.com", client_id="a", client_secret="b")
    report = SalesforceOrg(unsafe).check()
    assert (report.ok, report.code) == (False, "INSECURE_URL")


def test_an_api_that_is_switched_off_is_named(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.fail(error_code="API_DISABLED_FOR_ORG", match="/services/data/")
    assert org.check().code == "API_DISABLED_FOR_ORG"


def test_a_hidden_field_is_named(emulator: Emulator, org: SalesforceOrg) -> None:
    emulator.rule(field_level_security=[{"object": "Lead", "field": "Email", "visible": False}])
    report = org.check()
    assert not report.ok
    assert [(problem.code, problem.object) for problem in report.problems] == [("HIDDEN_FIELD", "Lead")]
    assert "Email" in report.problems[0].message


def test_missing_rights_are_named_in_words() -> None:
    describe = {"queryable": True, "createable": False, "updateable": False}
    create, edit = missing_rights("Lead", describe)
    assert create.message == "The sync user may not create Leads."
    assert edit.message == "The sync user may not edit Leads."
    assert create.blocking
    assert edit.blocking


def test_contacts_need_not_be_created() -> None:
    (problem,) = missing_rights("Contact", {"queryable": True, "createable": False, "updateable": True})
    assert not problem.blocking
