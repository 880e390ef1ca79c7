"""The objects around leads and contacts: campaigns, tasks and opportunities."""

from __future__ import annotations

from syncadmin.emulator.schema.campaign import CAMPAIGN, CAMPAIGN_MEMBER, CAMPAIGN_MEMBER_STATUS
from syncadmin.emulator.schema.model import SObject
from syncadmin.emulator.schema.sales import OPPORTUNITY, OPPORTUNITY_CONTACT_ROLE, TASK

OBJECTS: tuple[SObject, ...] = (
    CAMPAIGN,
    CAMPAIGN_MEMBER,
    CAMPAIGN_MEMBER_STATUS,
    TASK,
    OPPORTUNITY,
    OPPORTUNITY_CONTACT_ROLE,
)
