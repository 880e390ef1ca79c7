"""The loop that everybody writes first: for each Lead one REST call and one save.

Usage: python naive.py EMULATOR_URL RECORDS
"""

from __future__ import annotations

import json
import sys

from django.utils import timezone
from product import lead_fields, prepare, timed
from stage import API, Emulator

from people.models import STANDARD_NAMES, Person
from syncadmin.models import Connection
from syncadmin.store.rules import load_rules


def main() -> None:
    emulator, number = Emulator(sys.argv[1], 0), int(sys.argv[2])
    prepare(emulator.url)
    rules, session = load_rules(Connection.objects.get())["Lead"], emulator.session()
    query = f"{emulator.url}{API}/query?q=SELECT+Id+FROM+Lead+LIMIT+{number}"
    ids = [record["Id"] for record in session.get(query, timeout=60).json()["records"]]
    fields = ",".join(lead_fields())

    def loop() -> None:
        for sfdc_id in ids:
            address = f"{emulator.url}{API}/sobjects/Lead/{sfdc_id}?fields={fields}"
            values = rules.read(session.get(address, timeout=60).json())
            known = {name: value for name, value in values.items() if value is not None}
            standard = {name: value for name, value in known.items() if name in STANDARD_NAMES}
            custom = {name: value for name, value in known.items() if name not in STANDARD_NAMES}
            now = timezone.now()
            person = Person(**standard, custom=custom, sfdc_type="Lead", sfdc_id=sfdc_id)
            person.created_at = person.updated_at = now
            person.save()

    found = timed(loop)
    assert Person.objects.count() == number
    print(json.dumps(found | {"people": number}))


main()
