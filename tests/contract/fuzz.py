#!/usr/bin/env python3
"""Sends generated requests to the service and validates the responses against the document: fuzz.py GATE [--long] [--seed N]

GATE is `administrator`, `roles`, `peers` or `postgres`. Prints each finding with a curl command, and the seed that repeats
the run. --only ID selects one operation. scripts/contract runs this.
"""

import argparse
import contextlib
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import cluster
import requests
import service

ROOT = service.ROOT
DOCUMENT = ROOT / "openapi/openapi.json"
CONFIG = ROOT / "tests/contract/fuzzing/schemathesis.toml"
SEED = 20261124
ADMIN = ["admin", service.PASSWORD]
DEMO_PASSWORD = "paringin-demo"
ROLES = {
    "head": "camat", "secretary": "sekretaris", "surveyor": "surveyor", "integrator": "sakip", "auditor": "inspektorat",
}  # fmt: skip

# Operations that succeed in no run, with the reason.
NEVER = {"getMetrics": "it needs the token of IKU_METRICS_TOKEN, which is no token of a user"}

# Operations on records that do not belong to a district, with the reason.
SHARED = {
    "getReportKind": "report kinds are the same for every district",
    "listReportKindVersions": "report kinds are the same for every district",
    "getQuestionnaire": "the ministry makes the questionnaire",
}


class Gate:
    """One database, one service, one or more runs of schemathesis."""

    def __init__(self, arguments):
        self.long = arguments.long
        self.only = arguments.only
        self.seed = arguments.seed
        self.document = json.loads(DOCUMENT.read_text())
        self.failed = []
        self.counts = {}

    @contextlib.contextmanager
    def service(self, **settings):
        with service.running("demo", "load-regency", **UNLIMITED, **settings) as url:
            yield url

    def run(self, url, title, phases, examples, user=ADMIN, forbidden=(), more=(), config="", **environment):
        seed = random.randrange(2**32) if self.long and self.seed is None else self.seed or SEED
        print(f"== {title}: seed {seed}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            settings = Path(folder) / "schemathesis.toml"
            settings.write_text(CONFIG.read_text() + config)
            document = Path(folder) / "openapi.json"
            document.write_text(json.dumps(with_own_rules(self.document)))
            counts = Path(folder) / "counts.json"
            environment = {
                **os.environ,
                **environment,
                "PYTHONPATH": str(ROOT / "tests/contract"),
                "PYTHONWARNINGS": "ignore",
                "IKU_FUZZ_URL": url,
                "IKU_FUZZ_ADMIN": json.dumps(ADMIN),
                "IKU_FUZZ_USER": json.dumps(user),
                "IKU_FUZZ_FORBIDDEN": json.dumps(sorted(forbidden)),
                "IKU_FUZZ_COUNTS": str(counts),
            }
            command = [
                Path(sys.executable).parent / "st", f"--config-file={settings}", "run", document, f"--url={url}",
                f"--phases={phases}", f"--max-examples={examples}", f"--seed={seed}", "--workers=2", *more,
            ]  # fmt: skip
            if not self.long:
                command.append("--generation-deterministic")
            for name in self.only:
                command.append(f"--include-operation-id={name}")
            code = subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode
            if code != 0:
                self.failed.append(f"{title} (seed {seed})")
            for name, found in json.loads(counts.read_text()).items() if counts.exists() else ():
                into = self.counts.setdefault(name, {})
                for status, n in found.items():
                    into[status] = into.get(status, 0) + n

    def valid_only(self):
        """Returns the option for valid requests only. The service refuses invalid requests before roles and databases matter,
        so only the long form repeats them here."""
        return [] if self.long else ["--mode=positive"]

    def operations(self):
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if isinstance(operation, dict) and "operationId" in operation:
                    yield operation["operationId"], operation

    def must_have_succeeded(self):
        """Fails if an operation never succeeded, because then only its refusals were tested."""
        wanted = {name for name, _ in self.operations()} - set(NEVER)
        if self.only:
            wanted &= set(self.only)
        reached = {name for name, found in self.counts.items() if any(status.startswith("2") for status in found)}
        print(f"{len(reached & wanted)} of {len(wanted)} operations succeeded at least once")
        for name in sorted(wanted - reached):
            print(f"  never: {name} {self.counts.get(name, {})}")
            self.failed.append(f"{name} never succeeded")

    def must_be_guarded(self, url):
        """Fails unless each operation that needs a token is 401 without a token."""
        for path, item in self.document["paths"].items():
            for method, operation in item.items():
                if not isinstance(operation, dict) or operation.get("operationId") is None or {} in operation["security"]:
                    continue
                if self.only and operation["operationId"] not in self.only:
                    continue
                address = url + re.sub(r"\{\w+\}", "0199d4a3-5b0e-7c6a-9d3e-0a1b2c3d4e60", path)
                status = requests.request(method, address, timeout=30).status_code
                if status != 401:
                    self.failed.append(f"{operation['operationId']} without a token is {status}")

    def must_have_met(self, *statuses):
        """Fails unless each of these statuses occurred when single records were read."""
        met = {status for name, found in self.counts.items() if name.startswith("get") for status in found}
        for status in sorted({str(s) for s in statuses} - met):
            self.failed.append(f"no request for a single record got {status}")

    def forbidden_to(self, scopes):
        """Yields the operations that need none of these scopes, but others."""
        for name, operation in self.operations():
            wanted = [scope for way in operation["security"] for scopes_ in way.values() for scope in scopes_]
            if wanted and not set(wanted) & set(scopes):
                yield name


# Without rate limits, because the gates send many requests from one address.
UNLIMITED = {f"IKU_LIMIT_{what}": "off" for what in ("SIGN_IN", "SYNC", "QUARANTINE", "READS", "WRITES", "ANONYMOUS")}


# The rules of `x-text` as patterns of Python. NUL is in all.
HIDDEN = (
    r"\x00-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
CONTROL = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
TEXTS = {
    "line": rf"^([^{HIDDEN}]*[^\s{HIDDEN}][^{HIDDEN}]*)?$",
    "lines": rf"^([^{CONTROL}]*[^\s{CONTROL}][^{CONTROL}]*)?$",
    "words": r"^([^\x00]*[^\s\x00][^\x00]*)?$",
    "any": r"^[^\x00]*$",
}


def with_own_rules(document):
    """Returns the document with rules that the fuzzer knows: patterns for `x-text`, and 1 and 0 as booleans of queries."""

    def walk(part):
        if isinstance(part, list):
            return [walk(item) for item in part]
        if not isinstance(part, dict):
            return part
        part = {name: walk(value) for name, value in part.items()}
        if isinstance(part.get("x-text"), str):
            part["pattern"] = TEXTS[part["x-text"]]
        if part.get("in") == "query" and part["schema"].get("type") == "boolean":
            part["schema"] = {"anyOf": [part["schema"], {"enum": [0, 1, "0", "1"]}]}
        return part

    return walk(document)


def administrator(gate):
    with gate.service() as url:
        gate.must_be_guarded(url)
        examples = 200 if gate.long else 12
        # Links lead from one operation to another.
        phases = "examples,coverage,fuzzing" + ("" if gate.only else ",stateful")
        gate.run(url, "administrator", phases, examples)
        gate.must_have_succeeded()


def roles(gate):
    """Tests each role except the administrator on a database of its own. The service must refuse operations outside its scopes."""
    people = {role: [username, DEMO_PASSWORD] for role, username in ROLES.items()}
    for role in [*people, "officer"]:
        with gate.service() as url:
            user = people.get(role) or officer(url, "63.11.06")
            forbidden = set(gate.forbidden_to(scopes_of(url, user)))
            # Send one request per example to forbidden operations, and none for the boundaries of each field.
            quick = "".join(
                f'\n[[operations]]\ninclude-operation-id = "{name}"\nphases.coverage.enabled = false\n'
                "phases.fuzzing.enabled = false\n"
                for name in sorted(forbidden)
            )
            phases = "examples,coverage,fuzzing" if gate.long else "examples,coverage"
            examples = 50 if gate.long else 3
            gate.run(url, role, phases, examples, user, forbidden, gate.valid_only(), config=quick)


def peers(gate):
    """Tests two officers of all sections in two districts: neither may read the records of the other."""
    with gate.service() as url:
        people = [(officer(url, district)[0], district) for district in ("63.11.06", "63.11.01")]
        for (name, district), (other, _) in (people, people[::-1]):
            with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
                json.dump({"auth": [wfc(name), wfc(other)]}, file)
                file.flush()
                config = f'\n[auth.wfc]\npath = "{file.name}"\npeers = ["{name}", "{other}"]\nrefresh_interval = 600\n'
                config += "".join(
                    f'\n[[operations]]\ninclude-operation-id = "{shared}"\nchecks.object_level_authorization.enabled = false\n'
                    for shared in sorted(SHARED)
                )
                more = ["--checks=object_level_authorization,not_a_server_error"]
                user = [name, service.PASSWORD]
                examples = 60 if gate.long else 8
                gate.run(
                    url, f"{name} against {other}", "fuzzing,stateful", examples, user, more=more, config=config,
                    IKU_FUZZ_DISTRICT=district, IKU_FUZZ_PEERS=other,
                )  # fmt: skip
    if not gate.only:
        gate.must_have_met(200, 404)


def officer(url, district):
    """Creates an officer of all sections. Returns user name and password."""
    user = {
        "username": f"petugas-{district}", "name": "Petugas", "password": service.PASSWORD, "role": "officer",
        "district_code": district,
        "sections": ["pelayanan-kessos", "pmd", "trantibum", "pemerintahan", "pembinaan-pengawasan"],
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {sign_in(url, ADMIN)}"}
    requests.post(f"{url}/v1/users", json=user, headers=headers, timeout=30).raise_for_status()
    return [user["username"], service.PASSWORD]


def wfc(username):
    return {
        "name": username,
        "loginEndpointAuth": {
            "endpoint": "/v1/auth/token", "verb": "POST", "contentType": "application/x-www-form-urlencoded",
            "payloadRaw": f"grant_type=password&username={username}&password={service.PASSWORD}",
            "token": {
                "extractFrom": "body", "extractSelector": "/access_token", "sendIn": "header",
                "sendName": "Authorization", "sendTemplate": "Bearer {token}",
            },
        },
    }  # fmt: skip


def postgres(gate):
    with cluster.running() as database, gate.service(IKU_DATABASE_URL=database) as url:
        phases = "examples,coverage,fuzzing,stateful" if gate.long else "examples,coverage"
        gate.run(url, "administrator on PostgreSQL", phases, 100 if gate.long else 3, more=gate.valid_only())
        gate.must_have_succeeded()


def sign_in(url, user):
    form = {"grant_type": "password", "username": user[0], "password": user[1]}
    response = requests.post(f"{url}/v1/auth/token", data=form, timeout=30)
    response.raise_for_status()
    return response.json()["access_token"]


def scopes_of(url, user):
    me = requests.get(f"{url}/v1/me", headers={"Authorization": f"Bearer {sign_in(url, user)}"}, timeout=30)
    return me.json()["scopes"]


def main():
    gates = {gate.__name__: gate for gate in (administrator, roles, peers, postgres)}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("gate", choices=gates)
    parser.add_argument("--long", action="store_true", help="more examples, another seed each time, more phases")
    parser.add_argument("--seed", type=int, help="the seed of the run to repeat")
    parser.add_argument("--only", action="append", default=[], metavar="ID", help="an operationId; may be repeated")
    arguments = parser.parse_args()
    gate = Gate(arguments)
    gates[arguments.gate](gate)
    for title in gate.failed:
        print(f"FAILED: {title}")
    return 1 if gate.failed else 0


if __name__ == "__main__":
    sys.exit(main())
