"""Logging in: OAuth 2.0, OpenID Connect, and the sessions that SOAP and REST share.

Sessions don't run out by the clock here, only by `POST /emulator/session/expire`, by revocation and logout.
"""

from __future__ import annotations

from syncadmin.emulator.ids import make_id

CLIENT_ID = CLIENT_SECRET = "demo"  # noqa: S105
USERNAME, PASSWORD, TOKEN = "integration@demo.example", "demo", "demo"
ORG_ID = make_id("00D", 1)
SESSION_SECONDS = 7200
