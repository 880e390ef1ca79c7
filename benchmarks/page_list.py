"""The pages that have to be fast among a million people. A new list page is a line here; see pages.py.

``{person}``: somebody with thousands of entries in the log; ``{run}``: a cycle in which thousands failed; ``{check}``,
``{preview}``, ``{flow}``, ``{failure}``, ``{change}``: one of each.
"""

from __future__ import annotations

from typing import NamedTuple


class Page(NamedTuple):
    """``name`` stands in the report; ``path`` is what a browser asks for."""

    name: str
    path: str


PAGES = (
    Page("Dashboard", "/"),
    Page("Dashboard, its state alone", "/sync/live/"),
    Page("People", "/people/"),
    Page("People, page 40", "/people/?page=40&per_page=100"),
    Page("People, last page", "/people/?page=999999999"),
    *(
        Page(f"People by {column}{', backwards' if sign else ''}", f"/people/?sort={sign}{column}")
        for column in ("name", "company", "sfdc_type", "owner", "state", "updated_at")
        for sign in ("", "-")
    ),
    Page("People by name, page 40", "/people/?sort=name&page=40&per_page=100"),
    *(
        Page(f"People, state {state}", f"/people/?state={state}")
        for state in ("in_step", "waiting", "failing", "not_in_sfdc", "deleted")
    ),
    Page("People, Leads", "/people/?type=Lead"),
    Page("People, Contacts", "/people/?type=Contact"),
    Page("People of an owner who has many", "/people/?owner=005000000000000000"),
    Page("People of an owner who has few", "/people/?owner=005000000000000199"),
    Page("People without owner", "/people/?owner=null"),
    Page("Failing Leads of an owner by name",
         "/people/?state=failing&type=Lead&owner=005000000000000000&sort=name"),
    Page("Search: a common first name", "/people/?q=anna"),
    Page("Search: a rare last name", "/people/?q=Pooezwood"),
    Page("Search: first and last name", "/people/?q=yann+feroezwood"),
    Page("Search: an e-mail", "/people/?q=anna.berden1@company0.example"),
    Page("Search: an e-mail’s domain", "/people/?q=@company777.example"),
    Page("Search: a company", "/people/?q=GmbH"),
    Page("Search: a middle of a company", "/people/?q=fcd20"),
    Page("Search: two letters", "/people/?q=xe"),
    Page("Search: nothing like it", "/people/?q=zzzzqqqq"),
    Page("Search: a name, by company", "/people/?q=anna&sort=company"),
    Page("Search: an umlaut", "/people/?q=m%C3%BCller"),
    Page("People as CSV", "/people/export/?all=1"),
    Page("People found, as CSV", "/people/export/?all=1&filter=q%3Danna"),
    Page("Duplicates by e-mail", "/people/duplicates/"),
    Page("Duplicates by name", "/people/duplicates/?by=name"),
    Page("Duplicates as CSV", "/people/duplicates/export/"),
    Page("Deleted here", "/people/deleted/"),
    Page("Deleted here, page 40", "/people/deleted/?page=40"),
    Page("Deleted here, by name", "/people/deleted/?sort=name"),
    Page("Deleted here, searched", "/people/deleted/?q=berden"),
    Page("Deleted here as CSV", "/people/deleted/export/"),
    Page("A person with a long log", "/people/{person}/"),
    Page("A person’s log, page 40", "/people/{person}/?page=40"),
    Page("A person’s log, of one type", "/people/{person}/?type=conflict"),
    Page("A long timeline", "/people/{person}/timeline/"),
    Page("A long timeline, of one kind", "/people/{person}/timeline/?kind=conflict"),
    Page("A long timeline as CSV", "/people/{person}/timeline/export/"),
    Page("Trace: a name", "/sync/trace/?q=Anna+Berden"),
    Page("Trace: an SFDC Id", "/sync/trace/?q=00Q000000000000777"),
    Page("Backlog", "/sync/backlog/"),
    Page("Backlog as CSV", "/sync/backlog/export/"),
    Page("Backlog, its trend as CSV", "/sync/backlog/trend/"),
    Page("Alerts", "/sync/alerts/"),
    Page("Alerts as CSV", "/sync/alerts/export/"),
    Page("Deliveries of alerts", "/sync/alerts/deliveries/"),
    Page("API use", "/sync/api/"),
    Page("API use as CSV", "/sync/api/export/"),
    Page("Requests", "/sync/requests/"),
    Page("Requests, last page", "/sync/requests/?page=999999"),
    Page("Requests as CSV", "/sync/requests/export/"),
    Page("Retention", "/sync/retention/"),
    Page("Tokens", "/sync/tokens/"),
    Page("The wall", "/wall/"),
    Page("Health", "/health/"),
    Page("Cycles", "/sync/runs/"),
    Page("Cycles, last page", "/sync/runs/?page=999999"),
    Page("Cycles that failed", "/sync/runs/?state=failed"),
    Page("Cycles as CSV", "/sync/runs/export/"),
    Page("A cycle in which many failed", "/sync/runs/{run}/"),
    Page("Failures", "/sync/failures/"),
    Page("Failures, page 40", "/sync/failures/?page=40&per_page=100"),
    Page("Failures, last page", "/sync/failures/?page=999999"),
    Page("Failures in any state", "/sync/failures/?state="),
    Page("Failures that were resolved", "/sync/failures/?state=resolved"),
    Page("Failures of one code", "/sync/failures/?code=STRING_TOO_LONG"),
    Page("Failures by person", "/sync/failures/?sort=person"),
    Page("Failures by age", "/sync/failures/?sort=since"),
    Page("Failures by tries", "/sync/failures/?sort=-tries"),
    Page("Failures of somebody", "/sync/failures/?q=anna"),
    Page("Failures as CSV", "/sync/failures/export/"),
    Page("A failure", "/sync/failures/{failure}/"),
    Page("Conflicts", "/sync/conflicts/"),
    Page("Conflicts, page 40", "/sync/conflicts/?page=40&per_page=100"),
    Page("Conflicts of a field", "/sync/conflicts/?field=city"),
    Page("Conflicts that Salesforce won", "/sync/conflicts/?winner=salesforce"),
    Page("Conflicts of a month", "/sync/conflicts/?since=2026-01-01&until=2026-01-31"),
    Page("Conflicts of somebody", "/sync/conflicts/?q=anna"),
    Page("Conflicts by person", "/sync/conflicts/?sort=person"),
    Page("Conflicts as CSV", "/sync/conflicts/export/"),
    Page("Conflicts that stand", "/sync/conflicts/?state=stands"),
    Page("Flip-flops", "/sync/conflicts/flip-flops/"),
    Page("Flip-flops as CSV", "/sync/conflicts/flip-flops/export/"),
    Page("Reconcile", "/sync/reconcile/"),
    Page("A full check, of one reason", "/sync/reconcile/{check}/?reason=unexplained"),
    Page("A full check as CSV", "/sync/reconcile/{check}/export/"),
    Page("To decide", "/sync/review/"),
    Page("Preview", "/sync/preview/{preview}/"),
    Page("Preview as CSV", "/sync/preview/{preview}/export/"),
    Page("Flow steps", "/campaigns/"),
    Page("A flow step for many", "/campaigns/runs/{flow}/"),
    Page("A flow step for many, who failed", "/campaigns/runs/{flow}/?state=failed"),
    Page("A flow step as CSV", "/campaigns/runs/{flow}/export/"),
    Page("Schema changes", "/sync/fields/changes/"),
    Page("Schema changes as CSV", "/sync/fields/changes/export/"),
    Page("Fields", "/sync/fields/"),
    Page("Who may sync", "/sync/who/"),
    Page("Lead owners", "/sync/owners/"),
)  # fmt: skip
