"""Field sync: every field, a summary before anything is saved, and nothing by halves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from people.models import PersonField
from syncadmin import services
from syncadmin.models import Backfill, Connection, FieldSync, ObjectField
from syncadmin.services import FieldRow
from tests.syncadmin_pages.test_dashboard import queries_of

PAGE = "/sync/fields/"


def row(api_name: str) -> FieldRow:
    found = services.field_rows()
    return next(
        row for row in found if api_name in {field.name for field in (row.lead, row.contact) if field}
    )


def chosen(api_name: str, direction: str, **values: str) -> dict[str, str]:
    key = row(api_name).key
    return {f"direction-{key}": direction, **{f"{name}-{key}": value for name, value in values.items()}}


def everything() -> dict[str, str]:
    """What a browser without script posts: all lines as they are."""
    data: dict[str, str] = {}
    for line in services.field_rows():
        if not line.why_not:
            data |= {f"direction-{line.key}": line.direction, f"winner-{line.key}": line.winner}
            data |= {f"blank-{line.key}": "on"} if line.blank_never_overwrites else {}
    return data


def confirm(client: Client, data: dict[str, str], **values: str) -> Any:
    fingerprint = client.post(PAGE, data).context["fingerprint"]
    return client.post(PAGE, {**data, "step": "save", "fingerprint": fingerprint, **values}, follow=True)


def direction(api_name: str) -> str:
    return row(api_name).direction


def field(number: int, object: str = "Lead", **values: Any) -> ObjectField:
    return ObjectField(
        **{
            "object": object, "name": f"F{number}__c", "label": f"Field {number}", "type": "string", "is_custom": True,
            "is_createable": True, "is_updateable": True, "refreshed_at": timezone.now(), **values,
        }
    )  # fmt: skip


# --- What is shown --------------------------------------------------------------------------------
def test_without_fields_the_page_says_what_to_do(client: Client) -> None:
    assert "Connect Salesforce" in client.get(PAGE).content.decode()


def test_every_field_is_shown_with_what_may_be_chosen(client: Client, connection: Connection) -> None:
    page = client.get(PAGE)
    html = page.content.decode()
    for line in page.context["lines"]:
        assert f'name="direction-{line.row.key}"' in html
    assert len(page.context["lines"]) + len(page.context["unavailable"]) == len(services.field_rows())


def test_a_field_that_salesforce_alone_writes_only_comes_from_there(
    client: Client, connection: Connection
) -> None:
    line = next(line for line in client.get(PAGE).context["lines"] if line.row.is_read_only)
    assert [value for value, _ in line.row.directions] == ["from_salesforce", "off"]
    assert f'name="winner-{line.row.key}"' not in client.get(PAGE).content.decode()


def test_what_cannot_sync_is_listed_apart_with_the_reason(client: Client, connection: Connection) -> None:
    page = client.get(f"{PAGE}?show=unavailable")
    assert not page.context["lines"]
    assert "A compound of other fields" in page.content.decode()


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("show=syncing", lambda line: line.row.direction != "off"),
        ("show=off", lambda line: line.row.direction == "off"),
        ("show=custom", lambda line: line.row.is_custom),
        ("q=LastName", lambda line: "lastname" in line.searched),
        ("q=date+and+time", lambda line: line.type == "Date and time"),
    ],
)
def test_fields_are_filtered_on_the_server(
    query: str, holds: Any, client: Client, connection: Connection
) -> None:
    ObjectField.objects.bulk_create([field(1)])
    lines = client.get(f"{PAGE}?{query}").context["lines"]
    assert lines
    assert all(map(holds, lines))


def test_others_look_and_do_not_touch(
    viewer: User, browser_of: Callable[[User | None], Client], connection: Connection
) -> None:
    page = browser_of(viewer).get(PAGE).content.decode()
    assert "<code>LastName</code>" in page
    assert 'name="direction-' not in page
    assert "Review changes" not in page


def test_a_hidden_field_says_so_and_may_be_switched_off(client: Client, connection: Connection) -> None:
    ObjectField.objects.filter(object="Lead", name="Industry").update(is_present=False)
    assert "any more" in client.get(PAGE).content.decode()
    confirm(client, chosen("Industry", "off"))
    assert direction("Industry") == "off"


# --- Two steps ------------------------------------------------------------------------------------
def test_changes_are_told_in_words_before_anything_is_saved(client: Client, connection: Connection) -> None:
    answer = client.post(PAGE, chosen("Industry", "from_salesforce", winner="", blank="on"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Syncs: From Salesforce." in page
    assert "Can&#x27;t be edited here." in page
    assert "A blank never overwrites a value." in page
    assert direction("Industry") == "both"


def test_confirming_saves_all_of_them(client: Client, connection: Connection) -> None:
    data = chosen("Industry", "off") | chosen("Website", "to_salesforce", winner="ours")
    page = confirm(client, data).content.decode()
    assert "2 fields were changed." in page
    assert (direction("Industry"), direction("Website")) == ("off", "to_salesforce")


def test_a_new_field_becomes_a_person_field(client: Client, connection: Connection) -> None:
    ObjectField.objects.bulk_create([field(1), field(1, "Contact")])
    confirm(client, chosen("F1__c", "both"))
    assert PersonField.objects.filter(label="Field 1", is_custom=True).exists()


def test_lines_that_say_nothing_new_change_nothing(client: Client, connection: Connection) -> None:
    FieldSync.objects.filter(lead_field="Industry").update(winner="salesforce", blank_never_overwrites=True)
    answer = client.post(PAGE, everything(), follow=True)
    assert "Nothing was changed." in answer.content.decode()


def test_a_browser_without_script_posts_every_line(client: Client, connection: Connection) -> None:
    answer = client.post(PAGE, everything() | chosen("Industry", "off"))
    assert [change.row.label for change, *_ in answer.context["changes"]] == ["Industry"]


def test_one_may_go_back_without_losing_what_was_chosen(client: Client, connection: Connection) -> None:
    data = chosen("Industry", "off")
    answer = client.post(PAGE, {**data, "step": "edit"})
    line = next(line for line in answer.context["lines"] if line.row.label == "Industry")
    assert (line.choice.direction, line.row.direction) == ("off", "both")
    assert direction("Industry") == "both"


def test_bringing_what_is_there_already_is_offered_with_its_price_and_done_when_asked(
    client: Client, connection: Connection
) -> None:
    ObjectField.objects.bulk_create([field(1)])
    data = chosen("F1__c", "both")
    summary = client.post(PAGE, data)
    assert (summary.context["calls"], summary.context["fills"]) == (0, ["Field 1"])
    page = confirm(client, data, fill="1")
    job = Backfill.objects.get()
    assert (job.fields, job.kind, job.state) == (["field_1"], "fill", "queued")
    assert page.redirect_chain[-1][0] == job.get_absolute_url()


def test_nothing_is_brought_unless_asked(client: Client, connection: Connection) -> None:
    ObjectField.objects.bulk_create([field(1)])
    confirm(client, chosen("F1__c", "both"))
    assert not Backfill.objects.exists()
    assert client.post(PAGE, chosen("Industry", "off")).context["fills"] == []


def test_a_field_that_is_being_filled_is_not_filled_twice(client: Client, connection: Connection) -> None:
    ObjectField.objects.bulk_create([field(1)])
    confirm(client, chosen("F1__c", "both"), fill="1")
    confirm(client, chosen("F1__c", "off"))
    answer = confirm(client, chosen("F1__c", "both"), fill="1")
    assert answer.status_code == 422
    assert "a backfill is under way" in answer.content.decode()
    assert direction("F1__c") == "off"


# --- Checkboxes and limits ------------------------------------------------------------------------
def test_opted_out_wins_unless_somebody_chooses_otherwise(client: Client, connection: Connection) -> None:
    line = next(x for x in client.get(PAGE).context["lines"] if x.row.label == "Unsubscribed")
    assert line.choice.winner == "opted_out"
    assert [label for _, label in line.row.winners] == ["Opted out wins", "Ours", "Salesforce's"]
    confirm(client, chosen("HasOptedOutOfEmail", "both", winner="salesforce"))
    assert FieldSync.objects.get(field__name="unsubscribed").winner == "salesforce"


def test_only_checkboxes_have_the_third_choice(client: Client, connection: Connection) -> None:
    answer = client.post(PAGE, chosen("Industry", "both", winner="opted_out"))
    assert answer.status_code == 422


def test_a_limit_that_is_larger_here_than_in_salesforce_is_told(
    client: Client, connection: Connection
) -> None:
    ObjectField.objects.filter(object="Contact", name="MailingCity").update(length=20)
    assert "Contact takes 20 characters; longer ones fail." in client.get(PAGE).content.decode()


# --- Stale and forged input -----------------------------------------------------------------------
def test_what_was_changed_meanwhile_is_shown_again_instead_of_saved(
    client: Client, connection: Connection
) -> None:
    data = chosen("Industry", "off")
    fingerprint = client.post(PAGE, data).context["fingerprint"]
    FieldSync.objects.filter(lead_field="Industry").update(direction="from_salesforce")
    answer = client.post(PAGE, {**data, "step": "save", "fingerprint": fingerprint})
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.content.decode()
    assert direction("Industry") == "from_salesforce"


def test_nothing_is_saved_without_the_summary(client: Client, connection: Connection) -> None:
    answer = client.post(PAGE, {**chosen("Industry", "off"), "step": "save"})
    assert answer.status_code == 409
    assert direction("Industry") == "both"


@pytest.mark.parametrize(
    "forged",
    [
        {"direction-s999999": "off"},
        {"direction-": "off"},
        {"direction-nNope__c.string": "both"},
        {"direction-nId.id": "both"},
        {"direction-nName.string": "from_salesforce"},
    ],
)
@pytest.mark.parametrize("step", ["", "save"])
def test_a_line_that_is_not_offered_is_refused(
    forged: dict[str, str], step: str, client: Client, connection: Connection
) -> None:
    answer = client.post(PAGE, {**forged, **chosen("Industry", "off"), "step": step})
    assert answer.status_code == 422
    assert "Nothing was saved." in answer.content.decode()
    assert direction("Industry") == "both"


@pytest.mark.parametrize(
    "values", [{"direction": "sideways"}, {"direction": ""}, {"direction": "both", "winner": "nobody"}]
)
def test_a_choice_that_is_not_offered_is_refused(
    values: dict[str, str], client: Client, connection: Connection
) -> None:
    answer = client.post(PAGE, chosen("Industry", **values))
    assert answer.status_code == 422
    assert direction("Industry") == "both"


def test_a_read_only_field_is_never_pushed(client: Client, connection: Connection) -> None:
    line = next(line for line in client.get(PAGE).context["lines"] if line.row.is_read_only)
    assert client.post(PAGE, {f"direction-{line.row.key}": "both"}).status_code == 422


# --- Large orgs -----------------------------------------------------------------------------------
def test_800_fields_make_a_page_of_the_same_queries_that_can_be_posted_whole(
    client: Client, connection: Connection
) -> None:
    few = queries_of(client, PAGE)
    ObjectField.objects.bulk_create([field(number) for number in range(800)])
    assert queries_of(client, PAGE) == few
    assert len(client.get(PAGE).content) < 1_600_000
    answer = client.post(PAGE, everything() | chosen("F7__c", "both"))
    assert [change.row.label for change, *_ in answer.context["changes"]] == ["Field 7"]
