"""Computes a value again from the records behind it, with exact fractions and nothing else:
IKU_CLIENT_ID=... IKU_CLIENT_SECRET=... python3 recompute.py paringin-iku-4 2025-Q2
Exit code 1: what the service says does not follow from its records."""
import json, os, sys
from fractions import Fraction
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

SERVICE = os.environ.get("IKU_URL", "http://127.0.0.1:8080").rstrip("/")
CLIENT = {"client_id": os.environ["IKU_CLIENT_ID"], "client_secret": os.environ["IKU_CLIENT_SECRET"]}

def send(path, headers, form=None):
    with urlopen(Request(SERVICE + path, data=form and urlencode(form).encode(), headers=headers), timeout=60) as answer:
        return json.load(answer)

token = send("/v1/auth/token", {}, {"grant_type": "client_credentials", **CLIENT})["access_token"]
get = lambda path: send(path, {"Authorization": f"Bearer {token}"})

explanation = get(f"/v1/indicators/{sys.argv[1]}/realisations/{sys.argv[2]}/explanation")
said, records, path = explanation["realisation"], [], explanation["records"]
while path:
    page = get(path)
    records += page["items"]
    path = page["next_cursor"] and f"{explanation['records']}?cursor={quote(page['next_cursor'])}"

amounts = [Fraction(record["amount"]) for record in records if record["verdict"] == "contributing"]
divisor = {
    "survey_index": len(amounts),  # the mean of the surveys
    "institution_count": 1,  # a number, no share
    "case_handling": len(amounts) + sum(record["reason"] == "not_handled" for record in records),
    "report_delivery": sum(record["obligation"] is not None for record in records),
}[said["formula"]["kind"]]
for record in records:
    if record["verdict"] == "excluded":
        print(record["village_code"], record["record"] and record["record"]["href"], record["reason_text"])
if said["exact"] is None:
    sys.exit(print(f"No value: {said['reason_text']}"))
exact = sum(amounts) / divisor
print(f"{said['exact']} is said, {exact} follows from {len(records)} records")
sys.exit(exact != Fraction(said["exact"]))
