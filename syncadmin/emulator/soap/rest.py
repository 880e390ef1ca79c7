"""SOAP calls that are REST calls in another form: the request REST would have got, and its answer.

One implementation of a rule serves both APIs, as it does in an org.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from syncadmin.emulator.soap.envelope import Call
from syncadmin.emulator.wire import Request, Response

USUAL_ROWS = "500"


def inner(request: Request, call: Call, method: str, path: str, payload: Any = None, **query: str) -> Request:
    """A request below `/services/data/vNN.0/` by the same user, with the SOAP headers as HTTP headers.

    Source: the pages on AssignmentRuleHeader (nothing runs unless it is sent), DuplicateRuleHeader,
    QueryOptions (500 rows unless asked; REST sees to it that it is 200 to 2,000).
    """
    return Request(
        method,
        f"{request.data_base}/{path}",
        urlencode(query),
        headers(call),
        base_url=request.base_url,
        payload=payload,
        user_id=request.user_id,
        version=request.version,
        fault=request.fault,
        inner=True,
    )


def headers(call: Call) -> dict[str, str]:
    """The HTTP headers that say what the SOAP headers of a call say."""
    rule = call.header("AssignmentRuleHeader", "assignmentRuleId")
    default = call.header("AssignmentRuleHeader", "useDefaultRule").lower() in ("true", "1")
    save = call.header("DuplicateRuleHeader", "allowSave").lower() in ("true", "1")
    size = call.header("QueryOptions", "batchSize")
    return {
        "sforce-auto-assign": rule or ("TRUE" if default else "FALSE"),
        "sforce-duplicate-rule-header": f"allowSave={str(save).lower()}",
        "sforce-query-options": f"batchSize={size if size.isdecimal() else USUAL_ROWS}",
        "sforce-call-options": f"client={call.header('CallOptions', 'client')}",
    }


def all_or_none(call: Call) -> bool:
    """AllOrNoneHeader."""
    return call.header("AllOrNoneHeader", "allOrNone").lower() in ("true", "1")


def body(response: Response) -> Any:
    """What REST answered; handlers raise what they refuse."""
    return response.body
