"""One exchange with Salesforce, of JSON or of a file; whatever goes wrong is a SyncError."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from syncadmin.salesforce.errors import failure
from syncadmin.salesforce.faults import answer_fault, connection_fault, lost
from syncadmin.salesforce.receipt import Receipt

if TYPE_CHECKING:
    from requests import Response
    from simple_salesforce.api import Salesforce

#: Bytes that are taken at once from a file on its way.
_PIECE = 1 << 18


def send_json(client: Salesforce, receipt: Receipt, method: str, path: str, body: object) -> Any:
    """The JSON of one answer, or the failure as a SyncError; exceptions of libraries end here."""
    from requests import RequestException
    from simple_salesforce.exceptions import SalesforceError

    receipt.begin(method, path, body)
    try:
        receipt.content = client.restful(path, None, method, json=body, hooks={"response": receipt.catch})
        return receipt.content
    except SalesforceError as refusal:
        raise answer_fault(refusal.status, refusal.content, receipt.is_html, receipt.wait) from None
    except ValueError:  # not JSON: cut off on the way, or a page of something that is not Salesforce
        raise failure("NOT_SALESFORCE") if receipt.is_html else lost() from None
    except RequestException as error:
        receipt.catch_request(error.request)
        raise connection_fault(error) from None


def send_file(
    client: Salesforce,
    receipt: Receipt,
    method: str,
    path: str,
    *,
    source: IO[bytes] | None = None,
    target: IO[bytes] | None = None,
) -> None:
    """One exchange of a file; simple_salesforce reads JSON alone, and holds all of it."""
    from requests import RequestException

    receipt.begin(method, path)
    headers = {**client.headers, "Content-Type": "text/csv; charset=UTF-8", "Accept": "text/csv"}
    url = f"{client.base_url}{path}"
    try:
        with client.session.request(method, url, headers=headers, data=source, stream=True) as answer:
            receipt.catch_head(answer)
            if answer.status_code >= 300:
                raise answer_fault(answer.status_code, _body(answer), receipt.is_html, receipt.wait)
            for piece in answer.iter_content(_PIECE):
                receipt.received += len(piece)
                if target is not None:
                    target.write(piece)
    except RequestException as error:
        receipt.catch_request(error.request)
        raise connection_fault(error) from None


def _body(answer: Response) -> object:
    try:
        return answer.json()
    except ValueError:
        return answer.text
