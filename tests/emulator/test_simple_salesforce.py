"""The client everybody uses, unmodified: only the scheme of its addresses is changed, for it insists on https."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from .conftest import Api

simple_salesforce = pytest.importorskip("simple_salesforce")


class Loopback(HTTPAdapter):
    """Sends every request to the emulator."""

    def __init__(self, base: str) -> None:
        self.base = urlsplit(base)
        super().__init__()

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        url = urlsplit(str(request.url))
        request.url = urlunsplit((self.base.scheme, self.base.netloc, url.path, url.query, ""))
        return super().send(request, **options)


def session(api: Api) -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    made.mount("https://", Loopback(api.url))
    return made


@pytest.mark.parametrize(
    "login",
    [
        {"username": "integration@demo.example", "password": "demo", "security_token": "demo"},
        {
            "username": "integration@demo.example",
            "password": "demodemo",
            "consumer_key": "demo",
            "consumer_secret": "demo",
        },
        {"consumer_key": "demo", "consumer_secret": "demo", "domain": "demo.my"},
    ],
    ids=["SOAP login", "OAuth password", "client credentials"],
)
def test_it_logs_in_and_works(api: Api, login: dict[str, str]) -> None:
    sf = simple_salesforce.Salesforce(session=session(api), **login)
    made = sf.Lead.create({"LastName": "Vogel", "Company": "Acme"}, headers={"Sforce-Auto-Assign": "FALSE"})
    assert made["success"]
    assert sf.Lead.update(made["id"], {"Title": "x"}) == 204
    assert sf.Lead.upsert("External_Key__c/K1", {"LastName": "V", "Company": "C"}) == 201
    assert sf.Lead.get(made["id"])["Title"] == "x"
    assert sf.query_all("SELECT Id FROM Lead")["totalSize"] == 2
    assert sf.Lead.describe()["name"] == "Lead"
    assert sf.Lead.delete(made["id"]) == 204
    assert sf.limits()["DailyApiRequests"]["Max"] == 100_000
    assert sf.api_usage["api-usage"].total == 100_000


def test_it_reads_page_after_page(api: Api) -> None:
    sf = simple_salesforce.Salesforce(
        session=session(api),
        session_id=str(api.session.headers["Authorization"]).split()[1],
        instance="demo.my.salesforce.com",
    )
    for _ in range(11):
        records = [{"attributes": {"type": "Lead"}, "LastName": "V", "Company": "C"}] * 200
        sf.restful("composite/sobjects", method="POST", json={"records": records})
    assert len(sf.query_all("SELECT Id FROM Lead")["records"]) == 2200


def test_it_understands_the_errors(api: Api) -> None:
    sf = simple_salesforce.Salesforce(
        session=session(api), username="integration@demo.example", password="demo", security_token="demo"
    )
    with pytest.raises(simple_salesforce.SalesforceMalformedRequest) as error:
        sf.Lead.create({"Company": "Acme"})
    assert error.value.content[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    with pytest.raises(simple_salesforce.SalesforceAuthenticationFailed) as refused:
        simple_salesforce.Salesforce(session=session(api), username="x", password="y", security_token="z")
    assert refused.value.code == "INVALID_LOGIN"
