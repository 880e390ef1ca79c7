"""Lead owners: who may be chosen, and by default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from people.models import LeadOwner, Person
from syncadmin.models import Connection
from tests.syncadmin_pages.test_dashboard import queries_of

PAGE = "/sync/owners/"


def owner(number: int, kind: str = "user", **values: Any) -> LeadOwner:
    return LeadOwner.objects.create(
        sfdc_id=f"005{number:012}AAA", kind=kind, **{"name": f"Owner {number}", **values}
    )


@pytest.fixture
def owners(acme: Connection) -> list[LeadOwner]:
    return [
        owner(1, name="Maria"),
        owner(2, name="Ben"),
        owner(3, "queue", name="Inbound"),
        owner(4, name="Ida", is_active=False),
    ]


def offered() -> set[str]:
    return set(LeadOwner.objects.filter(is_offered=True, is_active=True).values_list("name", flat=True))


def default() -> str:
    return LeadOwner.objects.filter(is_default=True).values_list("name", flat=True).first() or ""


def save(client: Client, shown: list[LeadOwner], ticked: list[LeadOwner], **values: str) -> Any:
    shown_ids = ",".join(one.pk for one in shown)
    return client.post(
        PAGE, {"shown": shown_ids, "offered": [one.pk for one in ticked], "default": "", **values}
    )


def test_without_owners_the_page_says_what_to_do(client: Client) -> None:
    assert "Connect Salesforce" in client.get(PAGE).content.decode()


def test_the_choice_is_saved_as_a_whole(client: Client, owners: list[LeadOwner]) -> None:
    maria, ben, inbound, _ = owners
    assert save(client, owners[:3], [maria, inbound], default=inbound.pk).status_code == 302
    assert offered() == {"Maria", "Inbound"}
    assert default() == "Inbound"
    save(client, owners[:3], [ben])
    assert (offered(), default()) == ({"Ben"}, "")


def test_what_a_search_left_out_stays_as_it_is(client: Client, owners: list[LeadOwner]) -> None:
    maria, ben, *_ = owners
    save(client, owners[:3], [ben], default=ben.pk)
    shown = client.get(f"{PAGE}?q=mar").context["shown"]
    assert shown == maria.pk
    assert (
        client.post(PAGE, {"shown": shown, "offered": [maria.pk], "q": "mar"})["Location"] == f"{PAGE}?q=mar"
    )
    assert (offered(), default()) == ({"Maria", "Ben"}, "Ben")


def test_the_default_must_be_one_that_marketers_may_choose(client: Client, owners: list[LeadOwner]) -> None:
    maria, ben, *_ = owners
    answer = save(client, owners[:3], [maria], default=ben.pk)
    assert answer.status_code == 422
    assert "must be one that marketers may choose" in answer.content.decode()
    assert offered() == {"Maria", "Ben", "Inbound"}
    assert answer.context["offered"] == {maria.pk}


def test_a_default_cannot_be_lost_by_unticking_it_in_a_search(
    client: Client, owners: list[LeadOwner]
) -> None:
    maria = owners[0]
    save(client, owners[:3], [maria], default=maria.pk)
    assert client.post(PAGE, {"shown": maria.pk, "q": "mar"}).status_code == 422
    assert default() == "Maria"


@pytest.mark.parametrize("forged", ["005000000000004AAA", "nonsense", "\0"])
def test_inactive_and_unknown_owners_are_refused(
    forged: str, client: Client, owners: list[LeadOwner]
) -> None:
    for data in ({"offered": [forged]}, {"default": forged}):
        answer = client.post(PAGE, {"shown": "", **data})
        assert answer.status_code == 422
        assert "no longer active in Salesforce" in answer.content.decode()


def test_inactive_owners_are_marked_and_cannot_be_chosen(client: Client, owners: list[LeadOwner]) -> None:
    page = client.get(PAGE).content.decode()
    assert "Inactive, never offered" in page
    assert f'value="{owners[3].pk}"' not in page


def test_others_look_and_do_not_touch(
    viewer: User, browser_of: Callable[[User | None], Client], owners: list[LeadOwner]
) -> None:
    page = browser_of(viewer).get(PAGE).content.decode()
    assert page.count("disabled") == 7
    assert 'type="submit" class="btn btn-primary">Save' not in page
    assert "Refresh now" not in page


def test_people_owned_are_counted_and_linked(
    client: Client, owners: list[LeadOwner], make_person: Callable[..., Person]
) -> None:
    for _ in range(2):
        make_person(owner=owners[0])
    assert f'<a href="/people/?owner={owners[0].pk}">2</a>' in client.get(PAGE).content.decode()


def test_nobody_found_is_said(client: Client, owners: list[LeadOwner]) -> None:
    assert "Nobody found" in client.get(f"{PAGE}?q=zzz").content.decode()


def test_names_are_escaped(client: Client, acme: Connection) -> None:
    owner(9, name="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(PAGE).content.decode()


def test_the_number_of_queries_does_not_grow(
    client: Client, owners: list[LeadOwner], make_person: Callable[..., Person]
) -> None:
    few = queries_of(client, PAGE)
    for number in range(10, 60):
        make_person(owner=owner(number))
    assert queries_of(client, PAGE) == few
