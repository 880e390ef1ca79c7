"""How long pages take among very many people, and how many statements they send. PostgreSQL alone.

Usage: python pages.py PEOPLE REPEATS
Fills the database (filling.py), then asks for each page of page_list.py as an administrator, in this process: what is
measured is the server's own time. Of a download, until its first line.
"""

from __future__ import annotations

import json
import os
import sys
import time
from statistics import median
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "pages_settings"

from product import counting, server_cpu

# isort: split
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, get_resolver, resolve
from django.utils import timezone
from filling import CYCLES, fill
from page_list import PAGES

from people.models import Person, PersonField
from syncadmin.models import Connection, FieldSync, SyncFailure

Found = dict[str, Any]


def main() -> None:
    people, repeats = int(sys.argv[1]), int(sys.argv[2])
    call_command("migrate", verbosity=0)
    began = time.monotonic()
    if not Person.objects.exists():
        fill(people)
    seconds = time.monotonic() - began
    connect()
    client = as_administrator()
    failure = SyncFailure.objects.filter(state="open").values_list("pk", flat=True).first()
    ids = {"person": 1, "run": CYCLES, "check": 1, "preview": 1, "flow": 1, "failure": failure, "change": 1}
    found = {page.name: asked(client, page.path.format(**ids), repeats) for page in PAGES}
    print(json.dumps({"filling": seconds, "pages": found, "others": others(ids)}))


def connect() -> None:
    """A connection that has worked, and a few fields that sync; nothing is sent to anybody."""
    now = timezone.now()
    if Connection.objects.exists():
        return
    Connection.objects.create(
        instance_url="https://bench.example", org_id="00D000000000000", org_name="Bench", health="ok",
        health_at=now, started_at=now, next_cycle_at=now + timezone.timedelta(minutes=5),
    )  # fmt: skip
    for field in PersonField.objects.filter(name__in=["city", "phone", "job_title", "company"]):
        FieldSync.objects.create(field=field, lead_field=field.label.replace(" ", ""))


def as_administrator() -> Client:
    user, _ = User.objects.get_or_create(username="bench")
    user.groups.add(Group.objects.get(name="Administrator"))
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def asked(client: Client, path: str, repeats: int) -> Found:
    """Medians of so many answers in milliseconds, after one that doesn't count; the statements of the last.

    ``cpu``: of this process and of the one that PostgreSQL has for it; helpers that work beside that don't count.
    """
    times, cpu = [], []
    for _ in range(repeats + 1):
        with counting() as statements:
            began, worked = time.perf_counter(), time.process_time() + server_cpu()
            answer = client.get(path)
            if answer.streaming:
                next(iter(answer.streaming_content))
            times.append((time.perf_counter() - began) * 1000)
            cpu.append((time.process_time() + server_cpu() - worked) * 1000)
        answer.close()
    return {
        "status": answer.status_code,
        "ms": median(times[1:]),
        "cpu": median(cpu[1:]),
        "statements": statements.count,
    }


def others(ids: dict[str, Any]) -> list[str]:
    """The names of our pages that are not measured; what can't be looked at is among them."""
    measured = {resolve(page.path.format(**ids).partition("?")[0]).view_name for page in PAGES}
    return sorted(name for name in named(get_resolver()) if name not in measured)


def named(resolver: Any, space: str = "") -> list[str]:
    found: list[str] = []
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            found.append(f"{space}{pattern.name}")
        elif pattern.namespace != "admin":
            found += named(pattern, f"{pattern.namespace}:" if pattern.namespace else space)
    return found


main()
