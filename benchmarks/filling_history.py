"""What explains the sync, in SQL: causes of failures, conflicts, decisions, requests, alerts, the backlog's samples."""

from __future__ import annotations

GROUPS = """
INSERT INTO syncadmin_failuregroup (key, direction, code, text, fields, searched, first_at)
SELECT md5(direction || code || fields::text), direction, code, 'Refused: …', fields, '|' || (fields ->> 0) || '|',
    min(first_at) FROM syncadmin_syncfailure GROUP BY direction, code, fields
"""

OF_GROUPS = """
UPDATE syncadmin_syncfailure f SET group_id = g.id FROM syncadmin_failuregroup g
WHERE g.key = md5(f.direction || f.code || f.fields::text)
"""

#: Those of the activity log, whose ids they have.
CONFLICTS = """
INSERT INTO syncadmin_syncconflict (id, person_id, at, object, field, label, ours, theirs, winner, reason, theirs_by,
    source, run_id, state, decided_at)
SELECT id, person_id, at, 'Lead', attributes ->> 'field', attributes ->> 'label', attributes -> 'ours',
    attributes -> 'theirs', attributes ->> 'winner', 'both_changed', 'Salesforce: Maria Gomez', 'Sync cycle', run_id,
    CASE WHEN id % 4 = 0 THEN 'taken' ELSE 'stands' END, CASE WHEN id % 4 = 0 THEN at END
FROM people_activity WHERE type = 'conflict'
"""

FLIP_FLOPS = """
INSERT INTO syncadmin_flipflop (person_id, object, field, label, ours, theirs, ours_by, theirs_by, in_our_save, rounds,
    since, stopped_at, state, decision, decided_at)
SELECT n, 'Lead', 'city', 'City', '"a"', '"b"', '', '', false, 3, now() - interval '1 hour' * n,
    now() - interval '1 hour' * n, CASE WHEN n % 4 = 0 THEN 'released' ELSE 'stopped' END,
    CASE WHEN n % 4 = 0 THEN 'again' ELSE '' END, CASE WHEN n % 4 = 0 THEN now() END
FROM generate_series(1, least({FLIP_FLOPS}, {people})) n
"""

#: Two of everybody on the average, and very many of one person.
DECISIONS = """
INSERT INTO syncadmin_decision (person_id, kind, object, sfdc_id, since, first_at, at, times, by, run_id, stamp,
    details)
SELECT CASE WHEN n <= {busy} THEN 1 ELSE 1 + n % {people} END, CASE WHEN n % 3 = 0 THEN 'echo' ELSE 'unchanged' END,
    'Lead', '', now() - interval '1 minute' * n, now() - interval '1 minute' * n, now() - interval '1 minute' * n, 1,
    '', NULL, '', '{{}}'::jsonb
FROM generate_series(1, 2 * {people}) n
"""

REQUESTS = """
INSERT INTO syncadmin_apirequest (at, method, path, parts, status, outcome, code, calls, sent, received, milliseconds,
    purpose, records, request_body, answer_body, run_id)
SELECT now() - interval '7 days' * (1 - n / {REQUESTS}::float), 'POST', '/services/data/v62.0/composite', '',
    CASE WHEN n % 50 = 0 THEN 503 ELSE 200 END, CASE WHEN n % 50 = 0 THEN 'lost' ELSE 'ok' END, '', 1, 2000, 40000,
    100 + n % 900, (ARRAY['poll', 'poll', 'push', 'click'])[1 + n % 4], n % 200, '', '', 1 + n % {CYCLES}
FROM generate_series(1, {REQUESTS}) n
"""

OF_REQUESTS = """
INSERT INTO syncadmin_apirequestperson (request_id, person_id)
SELECT id, 1 + (id * 7 + n) % {people} FROM syncadmin_apirequest, generate_series(1, 5) n
"""

HOURS = """
INSERT INTO syncadmin_apihour (hour, purpose, calls, requests, refused)
SELECT date_trunc('hour', now()) - interval '1 hour' * n, purpose, 1 + n % 20, 1 + n % 20, 0
FROM generate_series(0, 90 * 24) n, unnest(ARRAY['poll', 'pull', 'push', 'click', 'check']) AS of (purpose)
"""

SAMPLES = """
INSERT INTO syncadmin_backlogsample (at, figures, took_ms)
SELECT now() - interval '2 hours' * n,
    '{{"push": {{"Lead": {{"due": 5}}}}, "pull": {{"Lead": 3}}, "steps": 0}}'::jsonb, 20
FROM generate_series(1, {SAMPLES}) n
"""

ALERTS = """
INSERT INTO syncadmin_alert (key, kind, severity, title, text, advice, url, began_at, opened_at, closed_at, times)
SELECT 'failures:' || n, 'failures', 'warn', 'A new kind of failure', '', '', '', at, at,
    CASE WHEN n > 20 THEN at + interval '1 hour' END, 1
FROM (SELECT n, now() - interval '1 hour' * n AS at FROM generate_series(1, {ALERTS}) n) each
"""

DELIVERIES = """
INSERT INTO syncadmin_alertdelivery (event, severity, subject, body, url, target, state, attempts, next_at, answer,
    created_at, ended_at)
SELECT 'opened', 'warn', 'A new kind of failure', '', '', 'somebody@bench.example',
    CASE WHEN n % 20 = 0 THEN 'failed' ELSE 'sent' END, 1, now(), '', at, at
FROM (SELECT n, now() - interval '20 minutes' * n AS at FROM generate_series(1, {DELIVERIES}) n) each
"""

ALL = (
    GROUPS, OF_GROUPS, CONFLICTS, FLIP_FLOPS, DECISIONS, REQUESTS, OF_REQUESTS, HOURS, SAMPLES, ALERTS, DELIVERIES,
)  # fmt: skip
