"""Formula fields that look at a parent change with it, silently.

Source: the SystemModstamp page of the Object Reference and the Formula Field pages of Salesforce Help: a formula
is computed when it is read, so a change of a parent shows, and moves no stamp of the child. Here formulas are
stored, so they are filled in anew whenever a parent is written; what changes with time alone is refused.
"""

# ruff: noqa: S608 - names in the SQL come from the schema, values are parameters
from __future__ import annotations

import re
from collections.abc import Sequence

from syncadmin.emulator.dml import finish
from syncadmin.emulator.dml.related import Related
from syncadmin.emulator.schema.model import Field, SObject
from syncadmin.emulator.state import State

STRING = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""")
PATH = re.compile(r"([A-Za-z]\w*)(?::\w+)?((?:\.\w+)+)")
TIMELY = re.compile(r"\b(TODAY|NOW)\s*\(|\$\w+", re.I)
AT_ONCE = 500


def check_field(formula: str) -> None:
    """ValueError for a formula field whose value could be out of date here."""
    bare = STRING.sub('""', formula)
    if TIMELY.search(bare):
        raise ValueError("formula fields with TODAY, NOW or $ are not implemented by this emulator")
    if any(match[2].count(".") > 1 for match in PATH.finditer(bare)):
        raise ValueError("formula fields over two relationships are not implemented by this emulator")


def _links(sobject: SObject, parent: SObject) -> list[Field]:
    """The lookups to this parent that formulas of the object go through."""
    formulas = (f.formula for f in sobject.fields.values() if f.formula)
    names = {match[1].lower() for text in formulas for match in PATH.finditer(STRING.sub('""', text or ""))}
    return [
        field
        for field in (sobject.fields.values() if names else ())
        if field.relationship and field.relationship.lower() in names and parent.name in field.reference_to
    ]


def refresh(state: State, parent: SObject, ids: Sequence[str], user_id: str) -> None:
    """Fill in the formulas of the children of these records."""
    for child in state.schema.objects.values():
        for field in _links(child, parent):
            for start in range(0, len(ids), AT_ONCE):
                _refresh(state, child, field, ids[start : start + AT_ONCE], user_id)


def _refresh(state: State, child: SObject, field: Field, ids: Sequence[str], user_id: str) -> None:
    marks = ", ".join("?" * len(ids))
    found = state.store.select(f'SELECT "Id" FROM "{child.name}" WHERE "{field.name}" IN ({marks})', ids)
    calculated, related = finish.formulas(child), Related(state, child, user_id)
    for row in state.store.fetch(child, [one[0] for one in found]).values():
        fresh = dict(row)
        finish.compute(child, fresh, calculated, related)
        state.save_changed(child, [(row, fresh)])
