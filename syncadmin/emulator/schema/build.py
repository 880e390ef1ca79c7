"""Short constructors for the rows of the schema tables; their flags are those of the recorded describes."""

from __future__ import annotations

from typing import Any

from syncadmin.emulator.schema.model import Choice, Field

PERM: dict[str, Any] = {"permissionable": True}
READ_ONLY: dict[str, Any] = {"createable": False, "updateable": False}
UPDATE_ONLY: dict[str, Any] = {"createable": False}
SYSTEM: dict[str, Any] = {**READ_ONLY, "nillable": False, "defaulted": True}

GEOCODE = "Address|NearAddress|Block|Street|ExtendedZip|Zip|Neighborhood|City|County|State|Unknown"
CLEAN_STATUS = (
    "Matched=In Sync|Different|Acknowledged=Reviewed|NotFound=Not Found|Inactive|Pending=Not Compared"
    "|SelectMatch=Select Match|Skipped"
)
SOURCES = "Web|Phone Inquiry|Partner Referral|Purchased List|Other"
RATINGS = "Hot|Warm|Cold"
INDUSTRIES = (
    "Agriculture|Apparel|Banking|Biotechnology|Chemicals|Communications|Construction|Consulting|Education"
    "|Electronics|Energy|Engineering|Entertainment|Environmental|Finance|Food & Beverage"
    "|Government|Healthcare"
    "|Hospitality|Insurance|Machinery|Manufacturing|Media|Not For Profit|Recreation|Retail"
    "|Shipping|Technology"
    "|Telecommunications|Transportation|Utilities|Other"
)


def choices(values: str, default: str | None = None) -> tuple[Choice, ...]:
    """Picklist entries out of `value|value=label|…`."""
    parts = [part.partition("=") for part in values.split("|")]
    return tuple(Choice(value, label or value, value == default) for value, _, label in parts)


def record_id(label: str) -> Field:
    """The Id of an object."""
    return Field("Id", label, "id", 18, id_lookup=True, **SYSTEM)


def text(name: str, label: str, length: int = 255, **flags: Any) -> Field:
    """A line of text."""
    return Field(name, label, "string", length, **flags)


def area(name: str, label: str, length: int = 255, **flags: Any) -> Field:
    """A text of several lines; a long one can't be filtered or sorted by."""
    if length > 255:
        flags = {"filterable": False, "sortable": False, "groupable": False, "aggregatable": False, **flags}
    return Field(name, label, "textarea", length, extra="plaintextarea", **flags)


def phone(name: str, label: str, **flags: Any) -> Field:
    """A telephone number."""
    return Field(name, label, "phone", 40, **flags)


def email(name: str, label: str, **flags: Any) -> Field:
    """An e-mail address."""
    return Field(name, label, "email", 80, **flags)


def url(name: str, label: str, length: int = 255, **flags: Any) -> Field:
    """A web address."""
    return Field(name, label, "url", length, **flags)


def pick(name: str, label: str, length: int, values: str, default: str | None = None, **flags: Any) -> Field:
    """A picklist, unrestricted unless `restricted` is among the flags."""
    flags.setdefault("default", default)
    return Field(name, label, "picklist", length, choices=choices(values, default), **flags)


def double(name: str, label: str, precision: int, scale: int, type_: str = "double", **flags: Any) -> Field:
    """A number with a fixed count of decimals; currency and percent are numbers too."""
    return Field(name, label, type_, precision=precision, scale=scale, groupable=False, **flags)


def currency(name: str, label: str, scale: int = 0, **flags: Any) -> Field:
    """An amount of money."""
    return double(name, label, 18, scale, "currency", **flags)


def integer(name: str, label: str, digits: int = 8, **flags: Any) -> Field:
    """A whole number."""
    return Field(name, label, "int", digits=digits, **flags)


def checkbox(name: str, label: str, **flags: Any) -> Field:
    """A yes or no; never null."""
    flags = {"nillable": False, "defaulted": True, "default": False, "aggregatable": False, **flags}
    return Field(name, label, "boolean", **flags)


def date(name: str, label: str, **flags: Any) -> Field:
    """A day."""
    return Field(name, label, "date", **flags)


def moment(name: str, label: str, **flags: Any) -> Field:
    """A date and time."""
    return Field(name, label, "datetime", groupable=False, **flags)


def ref(name: str, label: str, target: str, relationship: str, **flags: Any) -> Field:
    """A lookup."""
    return Field(
        name,
        label,
        "reference",
        18,
        reference_to=tuple(target.split("|")),
        relationship=relationship,
        **flags,
    )


def lookup(name: str, label: str, target: str, relationship: str, **flags: Any) -> Field:
    """A lookup a user may fill in freely; describe marks those as prefilterable."""
    return ref(name, label, target, relationship, prefilterable=True, **flags)


def address(prefix: str, label: str) -> list[Field]:
    """The nine fields of an address: its parts, then the compound."""
    name, start = f"{prefix}Address", f"{label} " if label else ""
    part: dict[str, Any] = {"compound": name, **PERM}
    return [
        area(f"{prefix}Street", f"{start}Street", **part),
        text(f"{prefix}City", f"{start}City", 40, **part),
        text(f"{prefix}State", f"{start}State/Province", 80, **part),
        text(f"{prefix}PostalCode", f"{start}Zip/Postal Code", 20, **part),
        text(f"{prefix}Country", f"{start}Country", 80, **part),
        double(f"{prefix}Latitude", f"{start}Latitude", 18, 15, **part),
        double(f"{prefix}Longitude", f"{start}Longitude", 18, 15, **part),
        pick(f"{prefix}GeocodeAccuracy", f"{start}Geocode Accuracy", 40, GEOCODE, restricted=True, **part),
        Field(
            name,
            f"{start}Address",
            "address",
            sortable=False,
            groupable=False,
            aggregatable=False,
            by_distance=True,
            **PERM,
            **READ_ONLY,
        ),
    ]


def person_name(salutations: str) -> list[Field]:
    """The four fields of a person's name."""
    part: dict[str, Any] = {"compound": "Name", "extra": "personname"}
    return [
        text("LastName", "Last Name", 80, nillable=False, **part),
        text("FirstName", "First Name", 40, **part),
        pick("Salutation", "Salutation", 40, salutations, **part),
        text("Name", "Full Name", 121, nillable=False, name_field=True, extra="personname", **READ_ONLY),
    ]


def deleted() -> Field:
    """IsDeleted: in the recycle bin."""
    return checkbox("IsDeleted", "Deleted", **READ_ONLY)


def audit() -> list[Field]:
    """Who made and changed the record, and when."""
    return [
        moment("CreatedDate", "Created Date", **SYSTEM),
        ref("CreatedById", "Created By ID", "User", "CreatedBy", **SYSTEM),
        moment("LastModifiedDate", "Last Modified Date", **SYSTEM),
        ref("LastModifiedById", "Last Modified By ID", "User", "LastModifiedBy", **SYSTEM),
        moment("SystemModstamp", "System Modstamp", **SYSTEM),
    ]


def viewed() -> list[Field]:
    """When the running user last saw the record."""
    return [
        moment("LastViewedDate", "Last Viewed Date", **READ_ONLY),
        moment("LastReferencedDate", "Last Referenced Date", **READ_ONLY),
    ]


def owner(targets: str = "User", **flags: Any) -> Field:
    """OwnerId; the running user's own unless given."""
    return ref("OwnerId", "Owner ID", targets, "Owner", nillable=False, defaulted=True, **flags)


def jigsaw(name: str, label: str, relationship: str) -> list[Field]:
    """The two Data.com fields that every org still has."""
    return [
        text("Jigsaw", "Data.com Key", 20, **PERM),
        text(name, label, 20, relationship=relationship, **READ_ONLY),
    ]


def clean_status() -> Field:
    """The Data.com clean status, the picklist whose labels differ from its values."""
    return pick("CleanStatus", "Clean Status", 40, CLEAN_STATUS, restricted=True, **PERM)
