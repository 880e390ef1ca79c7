"""Fills an empty, migrated PostgreSQL database with people, their logs and all that lists show, in SQL.

Names, companies, owners, causes and numbers of entries are spread as in life: a few are very common, most are rare.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import filling_history
from django.db import connection as database

#: Rows per thousand people. Of these, tables of their own size: cycles, steps, checks, previews (see below).
ACTIVITIES, FAILURES, CONFLICTS, TOMBSTONES = 5_000, 50, 100, 20
OWNERS, QUEUES = 200, 20
CYCLES, FLOW_STEPS, CHECKS, FINDINGS, PREVIEWS, ITEMS, CHANGES = 10_000, 2_000, 10, 10_000, 10, 1_000, 2_000
FLIP_FLOPS, REQUESTS, SAMPLES, ALERTS, DELIVERIES = 2_000, 100_000, 1_000, 1_000, 5_000

# The same for every filling, so that two of them can be compared.
SEED = "SELECT setseed(0.42)"
#: In SQL, {n} being the number of the row: something common most of the time, something rare sometimes.
WORDS = {
    "last": "initcap((ARRAY['ber','al','han','mor','sil','kra','wei','lun','gar','tho','pet','rus','van','mc','oli',"
    "'fer'])"
    "[1 + floor(16 * power(random(), 2))::int] || (ARRAY['den','ton','man','sen','rich','berg','feld','ner','ley',"
    "'ter','son','oso','ardi','ic','ova','ez'])[1 + floor(16 * power(random(), 2))::int] || "
    "(ARRAY['','','','er','in','s','ski','mann','hoff','wood'])[1 + floor(10 * random())::int])",
    "first": "(ARRAY['Anna','Maria','Peter','Jan','Lena','Tom','Omar','Wei','Aisha','Carlos','Ines','Yuki','Olga',"
    "'Liam','Noah','Emma','Mia','Ben','Zoe','Ivan','Nina','Paul','Ruth','Sven','Tara','Uma','Vera','Will','Xenia',"
    "'Yann'])[1 + floor(30 * power(random(), 2))::int] || "
    "(ARRAY['','','','','','-Marie',' J.',' K.'])[1 + floor(8 * random())::int]",
    "company": "floor(50000 * power(random(), 3))::int",
    "city": "(ARRAY['Berlin','Hamburg','Paris','Lyon','Madrid','Rome','Vienna','Zurich','London','Leeds','Oslo',"
    "'Boston','Austin','Denver','Tokyo','Osaka'])[1 + floor(16 * power(random(), 2))::int]",
    "code": "(ARRAY['FIELD_CUSTOM_VALIDATION_EXCEPTION','STRING_TOO_LONG','REQUIRED_FIELD_MISSING',"
    "'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST','DUPLICATES_DETECTED','UNABLE_TO_LOCK_ROW','INVALID_EMAIL_ADDRESS',"
    "'INSUFFICIENT_ACCESS_OR_READONLY','CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY','INACTIVE_OWNER_OR_USER',"
    "'NOT_VISIBLE','INVALID_CROSS_REFERENCE_KEY','NUMBER_OUTSIDE_VALID_RANGE','ENTITY_IS_DELETED'])"
    "[1 + floor(14 * power(random(), 2))::int]",
    "owner": "'005' || lpad(floor(200 * power(random(), 2))::int::text, 15, '0')",
    "field": "(ARRAY['job_title','phone','city','company','status','score'])[1 + floor(6 * power(random(), 2))::int]",
}  # fmt: skip

OWNER_ROWS = """
INSERT INTO people_leadowner (sfdc_id, kind, name, email, title, is_active, is_offered, is_default, refreshed_at)
SELECT CASE WHEN n < {OWNERS} THEN '005' ELSE '00G' END || lpad(n::text, 15, '0'),
       CASE WHEN n < {OWNERS} THEN 'user' ELSE 'queue' END, 'Owner ' || md5(n::text), '', '', true, true, false, now()
FROM generate_series(0, {OWNERS} + {QUEUES} - 1) n
"""

PEOPLE = """
INSERT INTO people_person (id, salutation, first_name, last_name, email, job_title, phone, mobile_phone, fax, company,
    website, industry, address, city, state, postal_code, country, source, status, rating, unsubscribed, do_not_call,
    notes, custom, sfdc_type, sfdc_id, sfdc_is_deleted, version, changed_at, failed_at, synced_at, created_at,
    updated_at, owner_id)
SELECT n, '', first, last,
    CASE WHEN random() < 0.02 THEN '' ELSE
        lower(regexp_replace(first, '[^A-Za-z]', '', 'g') || '.' || last)
        || CASE WHEN random() < 0.01 THEN '' ELSE n::text END || '@company' || company || '.example' END,
    'Manager', '+49 30 ' || n, '', '',
    CASE WHEN random() < 0.05 THEN '' ELSE initcap(left(md5(company::text), 6)) || ' ' ||
        (ARRAY['GmbH','Inc.','Ltd','SA','AG','LLC'])[1 + company % 6] END,
    '', 'Technology', 'Main Street ' || n % 300, {city}, '', (10000 + n % 90000)::text, 'Germany', 'Web',
    (ARRAY['Open','Working','Closed'])[1 + n % 3], '', n % 40 = 0, false, '',
    jsonb_build_object('region', 'EMEA', 'budget', n % 100000, 'lead_score', n % 100),
    CASE WHEN kind < 0.7 THEN 'Lead' WHEN kind < 0.9 THEN 'Contact' ELSE '' END,
    CASE WHEN kind < 0.7 THEN '00Q' WHEN kind < 0.9 THEN '003' ELSE '' END
        || CASE WHEN kind < 0.9 THEN lpad(n::text, 15, '0') ELSE '' END,
    kind < 0.02, 1 + n % 5,
    CASE WHEN kind BETWEEN 0.4 AND 0.41 THEN now() - random() * interval '1 hour' END,
    CASE WHEN n % 1000 < {FAILURES} THEN now() - random() * interval '90 days' END,
    now() - random() * interval '30 days', now() - interval '3 years' * (1 - n / {people}::float),
    now() - interval '400 days' * power(random(), 2),
    CASE WHEN kind < 0.9 THEN CASE WHEN random() < 0.9 THEN {owner} ELSE
        '00G' || lpad(({OWNERS} + floor({QUEUES} * random())::int)::text, 15, '0') END END
FROM (SELECT n, {first} AS first, {last} AS last, {company} AS company, random() AS kind
      FROM generate_series(1, {people}) n OFFSET 0) drawn
"""

STATES = """
INSERT INTO syncadmin_syncstate (sfdc_id, object, person_id, base, is_duplicate, is_deleted, system_modstamp, synced_at)
SELECT sfdc_id, sfdc_type, id, jsonb_build_object('first_name', first_name, 'last_name', last_name, 'email', email,
    'company', company, 'job_title', job_title, 'phone', phone, 'city', city, 'country', country, 'status', status),
    false, sfdc_is_deleted, to_char(synced_at, 'YYYY-MM-DD"T"HH24:MI:SS".000+0000"'), synced_at
FROM people_person WHERE sfdc_id <> ''
"""

#: Everybody's first entry; changes, few for most people; one person with very many; and conflicts.
ACTIVITY_ROWS = """
INSERT INTO people_activity (person_id, type, at, source, run_id, attributes)
SELECT CASE WHEN n <= {people} THEN n WHEN n <= {people} + {busy} THEN 1
            ELSE 1 + floor({people} * power(random(), 1.5))::int END,
    CASE WHEN n <= {people} THEN 'new_person' WHEN n % {ACTIVITIES} < {CONFLICTS} THEN 'conflict'
         WHEN n % 7 = 0 THEN 'sync_updates_to_sfdc' ELSE 'change_data_value' END,
    now() - interval '3 years' * (1 - n / {activities}::float),
    CASE WHEN n % 3 = 0 THEN 'Salesforce: Maria Gomez' ELSE 'Sync cycle #' || n % 10000 END, 1 + n % {CYCLES},
    jsonb_build_object('field', field, 'label', initcap(field), 'old', 'Old ' || n % 1000, 'new', 'New ' || n % 997,
        'ours', 'Old ' || n % 1000, 'theirs', 'New ' || n % 997, 'reason', 'both_changed',
        'winner', CASE WHEN n % 3 = 0 THEN 'salesforce' ELSE 'ours' END)
FROM (SELECT n, {field} AS field FROM generate_series(1, {activities}) n OFFSET 0) drawn
"""

CYCLE_ROWS = """
INSERT INTO syncadmin_syncrun (id, state, trigger, started_at, ended_at, heartbeat_at, worker, api_calls, error_code,
    error_message, unguarded_by)
SELECT n, CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'done' END, 'schedule', at, at + interval '20 seconds', at, '', 3,
    CASE WHEN n % 50 = 0 THEN 'REQUEST_LIMIT_EXCEEDED' ELSE '' END, '', ''
FROM (SELECT n, now() - interval '5 minutes' * ({CYCLES} - n) AS at FROM generate_series(1, {CYCLES}) n) each
"""

STEP_ROWS = """
INSERT INTO syncadmin_syncstep (object, operation, state, started_at, ended_at, total, done, new, updated, deleted,
    failed, skipped, conflicts, run_id)
SELECT object, operation, 'done', started_at, ended_at, 10, 10, n % 7, n % 11, 0, n % 3, 0, n % 2, n
FROM (SELECT id AS n, started_at, ended_at FROM syncadmin_syncrun) cycles,
    (VALUES ('User', 'owners'), ('Lead', 'pull'), ('Contact', 'pull'), ('Person', 'push')) AS steps (object, operation) ORDER BY n
"""

#: Open ones of those whom the list shows as failing; as many again that were resolved; a few ignored; and, of one
#: cycle, very many.
FAILURE_ROWS = """
INSERT INTO syncadmin_syncfailure (person_id, direction, object, sfdc_id, state, code, message, advice, fields, values,
    assign_to, is_permanent, person_version, attempts, retry_at, run_id, first_at, last_at, resolved_at)
SELECT CASE WHEN held THEN NULL ELSE id END, CASE WHEN held THEN 'pull' ELSE 'push' END,
    CASE WHEN sfdc_type = '' THEN 'Lead' ELSE sfdc_type END, '00Q' || lpad(id::text, 14, '0') || 'X', state,
    CASE WHEN held THEN 'SEVERAL_MATCHES' ELSE code END, 'Refused: ' || last_name, '', jsonb_build_array(field),
    jsonb_build_object(field, 'value', 'email', email, 'name', last_name, 'candidates', '[]'::jsonb), '',
    code <> 'UNABLE_TO_LOCK_ROW', version, 1 + id % 9, NULL,
    CASE WHEN id % 4 = 0 THEN {CYCLES} ELSE 1 + id % {CYCLES} END, at - interval '1 day' * (id % 30), at,
    CASE WHEN state = 'resolved' THEN at END
FROM (SELECT id, version, sfdc_type, last_name, email, states.state, {code} AS code,
             id % 40 = 0 AND states.state = 'open' AS held, {field} AS field,
             now() - random() * interval '60 days' AS at
      FROM people_person, (VALUES ('open'), ('resolved'), ('ignored')) AS states (state)
      WHERE failed_at IS NOT NULL AND (states.state <> 'ignored' OR id % 10 = 0) OFFSET 0) drawn
"""

TOMBSTONE_ROWS = """
INSERT INTO syncadmin_tombstone (sfdc_id, object, name, email, system_modstamp, stays, deleted_at, source)
SELECT '00Q' || lpad(n::text, 14, '0') || 'T', 'Lead', {last}, n || '@gone.example', '', n % 2 = 0,
    now() - random() * interval '300 days', 'People list'
FROM generate_series(1, {people} * {TOMBSTONES} / 1000) n
"""

CHECK_ROWS = """
INSERT INTO syncadmin_reconcilerun (id, state, trigger, stage, position, total, done, counts, reasons, differences,
    kept, api_calls, attempts, error_code, error_message, requested_at, started_at, ended_at)
SELECT n, 'done', 'schedule', '', '', {people}, {people},
    '{{"Lead": {{"there": 9, "here": 9, "linked": 9, "equal": 8, "differing": 1}}}}'::jsonb,
    '{{"unexplained": 5000, "waiting": 5000}}'::jsonb, {FINDINGS}, {FINDINGS}, 500, 1, '', '', now(), now(), now()
FROM generate_series(1, {CHECKS}) n
"""

FINDING_ROWS = """
INSERT INTO syncadmin_reconcilefinding (run_id, kind, reason, detail, object, sfdc_id, person_id, name, fields,
    field_names, state, action, outcome)
SELECT run, 'differs', CASE WHEN n % 2 = 0 THEN 'unexplained' ELSE 'waiting' END, '', 'Lead',
    '00Q' || lpad(n::text, 15, '0'), 1 + n % {people}, {last},
    '[{{"name": "city", "label": "City", "type": "text", "base": "a", "here": "b", "there": "c",
        "reason": "unexplained"}}]'::jsonb,
    '|city|', 'open', '', ''
FROM generate_series(1, {CHECKS}) run, generate_series(1, {FINDINGS}) n
"""

PREVIEW_ROWS = """
INSERT INTO syncadmin_syncpreview (id, state, asked_at, started_at, ended_at, attempts, org_url, is_first, total, done,
    api_calls, calls_to_come, people, changes, counts, error_code, error_message)
SELECT n, 'done', now(), now(), now(), 1, '', false, 10, 10, 3, 5, {ITEMS}, {ITEMS},
    '{{"steps": [], "fields": [], "impact": {{}}}}'::jsonb, '', '' FROM generate_series(1, {PREVIEWS}) n
"""

ITEM_ROWS = """
INSERT INTO syncadmin_previewitem (preview_id, kind, person_id, name, object, sfdc_id, field, label, old, new, winner,
    reason)
SELECT preview, 'change', 1 + n % {people}, {last}, 'Lead', '', 'city', 'City', '"a"', '"b"', '', ''
FROM generate_series(1, {PREVIEWS}) preview, generate_series(1, {ITEMS}) n
"""

FLOW_STEP_ROWS = """
INSERT INTO campaigns_flowsteprun (id, step, parameters, state, requested_at, started_at, ended_at, attempts, total,
    error)
SELECT n, 'sync_person_to_sfdc', '{{"assign_to": "rules"}}'::jsonb, 'done', now() - interval '1 hour' * n, now(),
    now(), 1, 10, '' FROM generate_series(1, {FLOW_STEPS}) n
"""

#: One run of a tenth of all people, the others of ten.
FLOW_STEP_ITEMS = """
INSERT INTO campaigns_flowstepitem (run_id, person_id, state, outcome)
SELECT run, person, CASE WHEN person % 20 = 0 THEN 'failed' ELSE 'done' END,
    '{{"status": "done", "message": "", "sfdc_id": ""}}'::jsonb
FROM (SELECT 1 AS run, n AS person FROM generate_series(1, {people} / 10) n
      UNION ALL SELECT run, 1 + (run * 10 + n) % {people} FROM generate_series(2, {FLOW_STEPS}) run,
      generate_series(1, 10) n) drawn
"""

CHANGE_ROWS = """
INSERT INTO syncadmin_schemachange (kind, of, name, label, details, noticed_at, decision, decided_at)
SELECT 'label', 'Lead', 'Field_' || n || '__c', 'Field ' || n, '{{"before": "a", "after": "b"}}'::jsonb,
    now() - interval '1 hour' * n, CASE WHEN n > 20 THEN 'seen' ELSE '' END, CASE WHEN n > 20 THEN now() END
FROM generate_series(1, {CHANGES}) n
"""

ALL = (
    OWNER_ROWS, PEOPLE, STATES, ACTIVITY_ROWS, CYCLE_ROWS, STEP_ROWS, FAILURE_ROWS, TOMBSTONE_ROWS, CHECK_ROWS,
    FINDING_ROWS, PREVIEW_ROWS, ITEM_ROWS, FLOW_STEP_ROWS, FLOW_STEP_ITEMS, CHANGE_ROWS, *filling_history.ALL,
)  # fmt: skip
#: Tables whose indexes are made when they are full.
LARGE = ("people_person", "people_activity", "syncadmin_syncstate", "syncadmin_decision")


def fill(people: int) -> None:
    """So many people, five times as many activities, and the rest."""
    numbers = {name: value for name, value in globals().items() if isinstance(value, int)}
    numbers |= {"people": people, "activities": people * ACTIVITIES // 1000, "busy": min(people, 5_000)}
    with database.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SET session_replication_role = replica")  # no look at foreign keys, row by row
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute(SEED)
        with without_indexes(cursor):
            for statement in ALL:
                cursor.execute(statement.format(**WORDS, **numbers))
        _count_on(cursor)
        # What autovacuum does in time, where it is on.
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


@contextmanager
def without_indexes(cursor: Any) -> Iterator[None]:
    """Large tables are filled first, and indexed then."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint)",
        [list(LARGE)],
    )
    kept = cursor.fetchall()
    for name, _ in kept:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for _, definition in kept:
        cursor.execute(definition)


def _count_on(cursor: Any) -> None:
    """New rows get numbers behind those that were given here."""
    for table in ("people_person", "syncadmin_syncrun", "syncadmin_reconcilerun", "syncadmin_syncpreview",
                  "campaigns_flowsteprun"):  # fmt: skip
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM \"{table}\"))"
        )
