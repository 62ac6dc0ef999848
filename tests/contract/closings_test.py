#!/usr/bin/env python3
"""Closes a period of the demonstration and verifies it as a stranger does, with docs/verify.py and docs/verify.sh: closings_test.py

Both must accept what the service sent, also after a correction, and refuse every file with a changed byte.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import service

DOCS = service.ROOT / "docs"
VERIFIERS = ([sys.executable, str(DOCS / "verify.py")], ["sh", str(DOCS / "verify.sh")])
# Bytes of each file that are changed, spread evenly.
CHANGES = 20


def fetch(url, path, token, file):
    """Stores the body of a response byte by byte."""
    request = urllib.request.Request(url + path, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request) as answer:
        file.write_bytes(answer.read())


def verify(verifier, files):
    return subprocess.run([*verifier, *map(str, files)], capture_output=True, text=True, check=False)


def main():
    faults = 0
    with service.running("demo") as url, tempfile.TemporaryDirectory() as folder:
        form = {"grant_type": "password", "username": "camat", "password": "paringin-demo"}
        camat = service.call(url, "POST", "/v1/auth/token", form=form)["access_token"]
        new = {"district_code": "63.11.06", "period": "2025-S1"}
        closing = service.call(url, "POST", "/v1/closings", camat, new)
        # A correction after the closing changes neither file.
        admin = service.administrator(url)
        report = service.call(url, "GET", "/v1/reports?fiscal_year=2024&kind=lppd", admin)["items"][0]["id"]
        deletion = urllib.request.Request(f"{url}/v1/reports/{report}?reason=Keliru", method="DELETE")
        deletion.add_header("Authorization", f"Bearer {admin}")
        deletion.add_header("If-Match", "*")
        urllib.request.urlopen(deletion).close()
        revisions = service.call(url, "GET", f"/v1/closings/{closing['id']}/revisions", camat)["items"]
        changed = [item["indicator_code"] for item in revisions if item["revised"]["changed"]]
        if changed != ["paringin-iku-4"]:
            faults += 1
            print(f"revised are {changed}")
        files = [Path(folder) / name for name in ("statement.jwt", "document.json", "keys.json")]
        for part, file in zip(("statement", "document"), files):
            fetch(url, closing[part]["href"], camat, file)
        fetch(url, "/v1/closings/keys", None, files[2])
        fingerprint = json.loads(files[2].read_text())["keys"][0]["fingerprint"]
        checked = 0
        for verifier in VERIFIERS:
            done = verify(verifier, files)
            checked += 1
            if done.returncode != 0 or fingerprint not in done.stdout or "63.11.06 2025-S1 version 1" not in done.stdout:
                faults += 1
                print(f"{verifier[-1]} refuses the closing:\n{done.stdout}{done.stderr}")
            for file in files[:2]:
                content = file.read_bytes()
                copy = Path(folder) / f"changed-{file.name}"
                shutil.copy(file, copy)
                with_copy = [copy if one == file else one for one in files]
                for step in range(CHANGES):
                    at = step * (len(content) - 1) // (CHANGES - 1)
                    copy.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
                    checked += 1
                    if verify(verifier, with_copy).returncode == 0:
                        faults += 1
                        print(f"{verifier[-1]} accepts {file.name} with another byte {at}")
    print(f"{checked} verifications, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
