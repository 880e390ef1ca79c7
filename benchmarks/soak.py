"""``make soak``: edit people on both sides while the worker's processes are killed at random; nothing may get lost.

At the end both sides must agree, on the values that were written last, with nobody doubled. Uses an emulator and,
unless ``--database`` names another, a SQLite file of its own.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
PEOPLE = 400
API = "/services/data/v62.0"
# A cycle that was killed holds its lease for ten minutes: the end may have to wait for that.
PATIENCE_SECONDS = 15 * 60


def main() -> int:
    options = _options()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        _set_up_django(options.database or f"sqlite:///{folder}/soak.sqlite3")
        from syncadmin.emulator import EmulatorServer

        emulator = stack.enter_context(EmulatorServer(seed=str(PEOPLE)))
        worker = _start(emulator.url)
        try:
            soak = Soak(emulator.url, worker, random.Random(options.seed))
            soak.first_sync()
            soak.run(options.minutes * 60)
            return soak.verdict()
        finally:
            worker.terminate()
            worker.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Edit on both sides while processes are killed.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", default="", help="a DATABASE_URL; its people are replaced")
    return parser.parse_args()


def _set_up_django(database: str) -> None:
    own = {
        "DATABASE_URL": database,
        "SECRET_KEY": "soak",
        "HTTPS": "false",
        "LOG_LEVEL": "ERROR",
        "REDIS_URL": "",
    }
    os.environ.update(own, FIELD_ENCRYPTION_KEY="c29hay1zb2FrLXNvYWstc29hay1zb2FrLXNvYWstc28=")
    os.environ["DJANGO_SETTINGS_MODULE"] = "syncadmin.settings"
    import django

    django.setup()


def _start(url: str) -> subprocess.Popen[bytes]:
    from django.core.management import call_command

    from syncadmin.models import Connection

    call_command("migrate", interactive=False, verbosity=0)
    call_command("flush", interactive=False, verbosity=0)
    call_command("connect", instance_url=url, client_id="demo", client_secret="demo")
    Connection.objects.update(pause_minutes=0, is_paused=False)
    return subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=PROJECT)


class Soak:
    """What was written last on each side, and how to write it."""

    def __init__(self, url: str, worker: subprocess.Popen[bytes], chance: random.Random) -> None:
        import requests

        self.url, self.worker, self.chance = url, worker, chance
        self.titles: dict[str, str] = {}
        self.cities: dict[str, str] = {}
        self.kills = 0
        self.http = requests.Session()
        form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
        token = self.http.post(f"{url}/services/oauth2/token", data=form, timeout=30).json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def first_sync(self) -> None:
        from people.models import Person

        _wait(lambda: Person.objects.exclude(sfdc_id="").count() == PEOPLE, "the first sync")
        self.ids = dict(Person.objects.values_list("sfdc_id", "pk"))

    def run(self, seconds: float) -> None:
        began, next_kill = time.monotonic(), time.monotonic() + 10
        while (elapsed := time.monotonic() - began) < seconds:
            self.edit_here(f"Title {elapsed:.1f}")
            self.edit_there(f"City {elapsed:.1f}")
            if time.monotonic() >= next_kill:
                self.kill_one()
                next_kill = time.monotonic() + self.chance.uniform(5, 25)
            time.sleep(0.2)

    def edit_here(self, title: str) -> None:
        from django.utils import timezone

        from people.services import edit_person

        sfdc_id = self.chance.choice(list(self.ids))
        edit_person(self.ids[sfdc_id], {"job_title": title}, source="soak", now=timezone.now())
        self.titles[sfdc_id] = title

    def edit_there(self, city: str) -> None:
        sfdc_id = self.chance.choice(list(self.ids))
        address = f"{self.url}{API}/sobjects/Lead/{sfdc_id}"
        self.http.patch(address, json={"City": city}, timeout=30).raise_for_status()
        self.cities[sfdc_id] = city

    def kill_one(self) -> None:
        """Any process of the clusters; the supervisor has to cope."""
        if victims := _descendants(self.worker.pid):
            os.kill(self.chance.choice(victims), signal.SIGKILL)
            self.kills += 1

    def verdict(self) -> int:
        began = time.monotonic()
        print(
            f"{self.kills} kills; {len(self.titles)} people edited here, {len(self.cities)} there; waiting for the end"
        )
        _wait(lambda: not self.differences(), "both sides to agree", PATIENCE_SECONDS)
        leads = self._leads()
        doubled = len(leads) - PEOPLE
        print(f"agreed {time.monotonic() - began:.0f} s after the last edit; {doubled} leads doubled")
        return 1 if doubled else 0

    def differences(self) -> list[str]:
        from people.models import Person

        leads = {lead["Id"]: lead for lead in self._leads()}
        here = {row[0]: row[1:] for row in Person.objects.values_list("sfdc_id", "job_title", "city")}
        return [
            sfdc_id
            for sfdc_id in self.ids
            if here[sfdc_id] != (leads[sfdc_id]["Title"] or "", leads[sfdc_id]["City"] or "")
            or self.titles.get(sfdc_id, here[sfdc_id][0]) != here[sfdc_id][0]
            or self.cities.get(sfdc_id, here[sfdc_id][1]) != here[sfdc_id][1]
        ]

    def _leads(self) -> list[dict[str, str]]:
        query = {"q": "SELECT Id, Title, City FROM Lead LIMIT 2000"}
        records: list[dict[str, str]] = self.http.get(
            f"{self.url}{API}/query", params=query, timeout=60
        ).json()["records"]
        return records


def _descendants(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(line.split()[0]): int(line.split()[1]) for line in listed.splitlines()}
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sorted(family - {pid})


def _wait(is_so: Callable[[], object], what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {seconds:.0f} s for {what}, in vain")
        time.sleep(1)


if __name__ == "__main__":
    sys.exit(main())
