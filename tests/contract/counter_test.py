#!/usr/bin/env python3
"""Opens the form of a survey link in Chromium and runs counter.mjs there: counter_test.py

It then shows that the script notices a form with a fault.
"""

import os
import re
import shutil
import subprocess
import sys

import service

# A fault of the page, and what the script says about it.
MUTANTS = [
    # An answer leaves the phone whatever the service says.
    ('const FINAL = ["created", "already_stored",', "const FINAL = [", "answers still wait|stored once|Timeout"),
    ("min-height: 3.25rem", "min-height: 1rem; padding: 0", "a thumb presses every answer"),
    ("id: uuid(), answers", "id: crypto.randomUUID(), n: fetch('https://example.org/').catch(() => {}), answers", "policy:|left the host|Timeout"),
]


def survey_link(url):
    """Makes an open survey with a link. Returns what the script needs."""
    token = service.administrator(url)
    new = {
        "district_code": "63.11.06", "title": "SKM Loket", "section": "pelayanan-kessos",
        "starts_on": "2025-01-06", "ends_on": "2099-12-31",
    }  # fmt: skip
    survey = service.call(url, "POST", "/v1/surveys", token, new)["id"]
    change = service.urllib.request.Request(
        f"{url}/v1/surveys/{survey}", b'{"status":"open"}',
        {"Authorization": f"Bearer {token}", "Content-Type": "application/merge-patch+json", "If-Match": "*"}, method="PATCH",
    )  # fmt: skip
    service.urllib.request.urlopen(change).close()
    link = service.call(url, "POST", "/v1/survey-links", token, {"survey_id": survey, "name": "Loket KTP", "hourly_budget": 5000})
    return {"IKU_TOKEN": token, "IKU_SURVEY": survey, "IKU_CODE": link["code"], "IKU_LINK": link["id"]}


def run(script, url, to_url, **options):
    environment = {**os.environ, **survey_link(url), "IKU_URL": to_url}
    environment.setdefault("CHROMIUM", shutil.which("chromium") or "chromium")
    return subprocess.run(["node", script], env=environment, check=False, timeout=240, **options)


def main():
    script = shutil.copy(service.ROOT / "tests/contract/counter.mjs", service.ROOT / "target/contract")
    limits = {"IKU_LIMIT_COUNTER": "1000000/1"}
    with service.running(**limits) as url:
        if run(script, url, url).returncode != 0:
            return 1
        faults = []
        for old, new, complaint in MUTANTS:
            with service.breaking(url, old, new) as mutant:
                done = run(script, url, mutant, capture_output=True, text=True)
            if done.returncode == 0 or not re.search(complaint, done.stderr):
                faults.append(f"unnoticed: {new}\n{done.stdout}{done.stderr}")
    print("\n".join([*faults, f"{len(MUTANTS) - len(faults)} of {len(MUTANTS)} faults were noticed"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
