"""The names of records that lookups point at: told in the same query as the ids, kept beside them."""

from __future__ import annotations

from collections.abc import Sequence

from syncadmin.models import RecordName
from syncadmin.sync.fields import ObjectRules
from syncadmin.sync.ports import RawRecord


def learn_names(rules: ObjectRules, raws: Sequence[RawRecord]) -> None:
    """Store what is new in a page. One statement if nothing is, two otherwise; none without lookups."""
    if not rules.lookups:
        return
    told = {sfdc_id: name[:255] for raw in raws for sfdc_id, name in rules.names_in(raw).items()}
    if not told:
        return
    known = dict(RecordName.objects.filter(pk__in=told).values_list("sfdc_id", "name"))
    news = [RecordName(sfdc_id, name) for sfdc_id, name in told.items() if known.get(sfdc_id) != name]
    RecordName.objects.bulk_create(
        news, batch_size=500, update_conflicts=True, unique_fields=["sfdc_id"], update_fields=["name"]
    )
