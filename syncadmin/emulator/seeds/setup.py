"""The records of Setup that every org has: itself, its profiles, and the permission sets those come with.

Source: a recorded Organization record for what a fresh Developer Edition org says of itself; that a profile has a
permission set of its own, assigned to each of its users, is documented on the PermissionSet page.
"""

from __future__ import annotations

from syncadmin.emulator.auth import ORG_ID
from syncadmin.emulator.changes import save_setup
from syncadmin.emulator.ids import make_id
from syncadmin.emulator.state import State

PROFILES = ("System Administrator", "Standard User")


def plant_org(state: State) -> None:
    """The org's own record."""
    save_setup(
        state,
        "Organization",
        {
            "Id": ORG_ID,
            "Name": "Demo Org",
            "Country": "US",
            "PrimaryContact": "Integration User",
            "DefaultLocaleSidKey": "en_US",
            "TimeZoneSidKey": "GMT",
            "LanguageLocaleKey": "en_US",
            "FiscalYearStartMonth": 1,
            "DefaultAccountAccess": "Edit",
            "DefaultContactAccess": "ControlledByParent",
            "DefaultOpportunityAccess": "Edit",
            "DefaultLeadAccess": "ReadEditTransfer",
            "DefaultCampaignAccess": "All",
            "UiSkin": "Theme3",
            "OrganizationType": "Developer Edition",
            "InstanceName": "DEMO1",
            "IsSandbox": 1,
        },
    )


def plant_profiles(state: State) -> None:
    """The profiles, and a permission set for each."""
    for number, name in enumerate(PROFILES, start=1):
        profile = make_id("00e", number)
        save_setup(state, "Profile", {"Id": profile, "Name": name, "UserType": "Standard"})
        values = {
            "Id": make_id("0PS", number),
            "Name": f"X{profile[:15]}",
            "Label": f"X{profile[:15]}",
            "ProfileId": profile,
            "IsOwnedByProfile": 1,
        }
        save_setup(state, "PermissionSet", values)


def assign_profile(state: State, user_id: str, profile: int) -> None:
    """Assign the permission set of a user's profile to him."""
    values = {
        "Id": state.next_id(state.schema.must("PermissionSetAssignment")),
        "PermissionSetId": make_id("0PS", profile),
        "AssigneeId": user_id,
        "IsActive": 1,
    }
    save_setup(state, "PermissionSetAssignment", values)
