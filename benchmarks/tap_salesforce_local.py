"""tap-salesforce, unchanged but for its log-in, which knows salesforce.com alone; run in an environment of its own.

Usage: python tap_salesforce_local.py EMULATOR_URL N_FIELDS FIELD,FIELD,…
Prints the tap's own output (Singer messages) on standard output, and its seconds on standard error, counted from
the moment its discovery is done: its start-up and its describe calls are not held against it.
"""

import json
import sys
import time

import requests
import tap_salesforce
from singer import catalog as singer_catalog
from tap_salesforce.salesforce import Salesforce


def login(self: Salesforce) -> None:
    answer = requests.post(
        f"{BASE}/services/oauth2/token",
        data={"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"},
        timeout=30,
    ).json()
    self.access_token, self.instance_url = answer["access_token"], answer["instance_url"]


BASE, FIELDS = sys.argv[1], set(sys.argv[2].split(","))
Salesforce.login = login
config = {
    "refresh_token": "-",
    "client_id": "demo",
    "client_secret": "demo",
    "start_date": "2000-01-01T00:00:00Z",
    "api_type": "REST",
    "select_fields_by_default": "false",
}
tap_salesforce.CONFIG.update(config)
sf = Salesforce(
    refresh_token="-",
    sf_client_id="demo",
    sf_client_secret="demo",
    api_type="REST",
    select_fields_by_default=False,
    default_start_date=config["start_date"],
)
sf.login()
lead = sf.describe("Lead")
properties, meta = {}, [{"breadcrumb": [], "metadata": {"selected": True}}]
from singer import metadata  # noqa: E402
from tap_salesforce import create_property_schema  # noqa: E402

mdata = metadata.new()
for field in lead["fields"]:
    if field["name"] in FIELDS:
        properties[field["name"]], mdata = create_property_schema(field, mdata, "Id")
        mdata = metadata.write(mdata, ("properties", field["name"]), "selected", True)
mdata = metadata.write(mdata, (), "selected", True)
mdata = metadata.write(mdata, (), "table-key-properties", ["Id"])
mdata = metadata.write(mdata, (), "valid-replication-keys", ["SystemModstamp"])
mdata = metadata.write(mdata, (), "replication-key", "SystemModstamp")
catalog = {
    "streams": [
        {
            "stream": "Lead",
            "tap_stream_id": "Lead",
            "key_properties": ["Id"],
            "replication_method": "INCREMENTAL",
            "replication_key": "SystemModstamp",
            "schema": {"type": "object", "additionalProperties": False, "properties": properties},
            "metadata": metadata.to_list(mdata),
        }
    ]
}
assert singer_catalog and json
began = time.monotonic()
tap_salesforce.do_sync(sf, catalog, tap_salesforce.build_state({}, catalog))
print(time.monotonic() - began, file=sys.stderr)
