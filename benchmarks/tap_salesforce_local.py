"""tap-salesforce, unchanged but for its log-in, which knows salesforce.com alone. Runs in an environment of its own.

Usage: python tap_salesforce_local.py EMULATOR_URL FIELD,FIELD,…
The tap's own output (Singer messages) is on standard output; the last line of standard error is {"seconds", "cpu"},
counted from when its discovery is done: start-up, log-in and describe calls are not held against it.
"""

import json
import sys
import time

import requests
import tap_salesforce
from singer import metadata
from tap_salesforce.salesforce import Salesforce

URL, FIELDS = sys.argv[1], sys.argv[2].split(",")
START = "2000-01-01T00:00:00Z"


def log_in(self):
    form = {"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"}
    answer = requests.post(f"{URL}/services/oauth2/token", data=form, timeout=30).json()
    self.access_token, self.instance_url = answer["access_token"], answer["instance_url"]


def catalog_of(salesforce):
    """Lead with the fields asked for, as the tap's own discovery describes them."""
    properties, about = {}, metadata.new()
    for field in salesforce.describe("Lead")["fields"]:
        if field["name"] in (*FIELDS, "Id", "SystemModstamp"):
            properties[field["name"]], about = tap_salesforce.create_property_schema(field, about, "Id")
            about = metadata.write(about, ("properties", field["name"]), "selected", True)
    stream = {"selected": True, "table-key-properties": ["Id"], "replication-key": "SystemModstamp",
              "valid-replication-keys": ["SystemModstamp"]}  # fmt: skip
    for name, value in stream.items():
        about = metadata.write(about, (), name, value)
    lead = {
        "stream": "Lead", "tap_stream_id": "Lead", "key_properties": ["Id"],
        "replication_method": "INCREMENTAL", "replication_key": "SystemModstamp",
        "schema": {"type": "object", "additionalProperties": False, "properties": properties},
        "metadata": metadata.to_list(about),
    }  # fmt: skip
    return {"streams": [lead]}


Salesforce.login = log_in
tap_salesforce.CONFIG.update(
    refresh_token="-", client_id="demo", client_secret="demo", start_date=START, api_type="REST",
    select_fields_by_default="false",
)  # fmt: skip
salesforce = Salesforce(
    refresh_token="-", sf_client_id="demo", sf_client_secret="demo", api_type="REST",
    select_fields_by_default=False, default_start_date=START,
)  # fmt: skip
salesforce.login()
catalog = catalog_of(salesforce)
state = tap_salesforce.build_state({}, catalog)
began, worked = time.monotonic(), time.process_time()
tap_salesforce.do_sync(salesforce, catalog, state)
sys.stdout.flush()
found = {"seconds": time.monotonic() - began, "cpu": time.process_time() - worked}
print(json.dumps(found), file=sys.stderr)
