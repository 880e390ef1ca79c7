"""A preview as JSON for scripts, and in words for a terminal."""

from __future__ import annotations

from typing import Any

from syncadmin.models import PreviewItem, SyncPreview, SyncStep

#: Items told on a terminal; all that were kept are in the JSON and on the page.
TOLD = 50


def preview_report(preview: SyncPreview) -> dict[str, Any]:
    """``status``: "done" or "failed"; ``items``: the first 1,000; ``api_calls``: of the preview itself."""
    counts = preview.counts
    return {
        "preview": preview.pk, "status": preview.state, "dry_run": True,
        "error_code": preview.error_code, "error_message": preview.error_message,
        "steps": counts.get("steps", []), "kinds": counts.get("kinds", {}), "fields": counts.get("fields", []),
        "people": preview.people, "changes": preview.changes, "would_be_stopped": counts.get("is_guarded", False),
        "api_calls": preview.api_calls, "api_calls_to_come": preview.calls_to_come,
        "items": [_item(item) for item in preview.items.all()],
    }  # fmt: skip


def _item(item: PreviewItem) -> dict[str, Any]:
    names = (
        "kind",
        "person_id",
        "name",
        "object",
        "sfdc_id",
        "field",
        "label",
        "old",
        "new",
        "winner",
        "reason",
    )
    return {name: getattr(item, name) for name in names}


def preview_words(preview: SyncPreview) -> str:
    """The preview in lines."""
    lines = [
        f"Preview: {preview.changes:,} changes; the cycle would take {preview.calls_to_come} API calls "
        f"(the preview took {preview.api_calls}). Nothing was written."
    ]
    if preview.counts.get("is_guarded"):
        lines.append("The guard would stop this cycle: it would change an unusual share of the people.")
    for step in preview.counts.get("steps", []):
        told = ", ".join(
            f"{n} {name}" for name, n in step.items() if name not in ("object", "operation") and n
        )
        label = SyncStep.Operation(step["operation"]).label
        lines.append(f"  {step['object']} – {label}: {told or 'nothing to do'}")
    items = list(preview.items.all()[:TOLD])
    lines += [_line(item) for item in items]
    if preview.changes > len(items):
        lines.append(f"  … and {preview.changes - len(items):,} more (--json, or the page /sync/preview/)")
    return "\n".join(lines)


def _line(item: PreviewItem) -> str:
    values = f": {item.label} {item.old!r} → {item.new!r}" if item.field else ""
    why = f" ({', '.join(filter(None, (item.winner, item.reason)))})" if item.winner or item.reason else ""
    return f"  {item.get_kind_display()} – {item.name or item.sfdc_id}{values}{why}"
