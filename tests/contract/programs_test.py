#!/usr/bin/env python3
"""Runs the programs of `examples` as a stranger does, against the demonstration: programs_test.py

Each must also survive what an office's network does: a lost reply, a service that is away, a token that has ended.
"""

import contextlib
import csv
import http.client
import http.server
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import urllib.request
from pathlib import Path

import service

EXAMPLES = service.ROOT / "examples"
README = (service.ROOT / "README.md").read_text()
UUID = r"[0-9a-f-]{36}"
SYSTEM = re.search(rf"SYSTEM=({UUID}):(\S+)", README).groups()
PHONE = re.search(rf"PHONE=({UUID}):(\S+)", README).groups()
SURVEY = re.search(rf"SURVEY=({UUID})", README).group(1)
VALUES = {"paringin-iku-1": 83.45, "paringin-iku-2": 95, "paringin-iku-3": 78.57, "paringin-iku-4": 89.29, "paringin-iku-5": 92.86}
MOST_LINES = 59
# Two years with four quarters and the year itself.
PAGES = 10
ROWS = 50


class Network(http.server.BaseHTTPRequestHandler):
    """Passes requests on. `faults` are what happens to the next requests: a status to answer with, or "lost"."""

    protocol_version = "HTTP/1.1"
    upstream = ""
    faults = []
    seen = []

    def pass_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.seen.append((self.command, self.path))
        fault = self.faults.pop(0) if self.faults and self.path != "/v1/auth/token" else None
        if isinstance(fault, int):
            status, headers, answer = fault, {"Retry-After": "0"}, b"{}"
        else:
            status, headers, answer = self.ask(body)
        self.close_connection = True
        if fault == "lost":
            return
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date"):
                self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(answer)))
        self.send_header("Connection", "close")
        self.end_headers()
        # The reply ends before its end.
        self.wfile.write(answer[: len(answer) // 2] if fault == "cut" else answer)

    def ask(self, body):
        connection = http.client.HTTPConnection(self.upstream, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection", "accept-encoding")}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()

    do_GET = do_POST = pass_on

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def network(url):
    Network.upstream = urllib.parse.urlsplit(url).netloc
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Network)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def run(folder, url, client, *command, patience=8):
    environment = {
        **os.environ,
        "IKU_URL": url,
        "IKU_CLIENT_ID": client[0],
        "IKU_CLIENT_SECRET": client[1],
        "IKU_PATIENCE": str(patience),
    }
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def expect(done, code, text):
    """Fails unless a program ended so. A refusal must be a sentence, not a trace of calls."""
    said = done.stdout + done.stderr
    assert done.returncode == code and text in said, f"{done.args} ended with {done.returncode}, not {code} and {text!r}:\n{said}"
    assert not re.search(r"Traceback|Stack trace|Fatal error|Warning:|    at ", said), said


def api(url, client, method, path, body=None, headers=None):
    """Sends one request as a client or, with a pair of user name and password, as a person."""
    grant = {"grant_type": "client_credentials", "client_id": client[0], "client_secret": client[1]}
    if not re.fullmatch(UUID, client[0]):
        grant = {"grant_type": "password", "username": client[0], "password": client[1]}
    with urllib.request.urlopen(f"{url}/v1/auth/token", urllib.parse.urlencode(grant).encode(), timeout=60) as answer:
        token = json.load(answer)["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(url + path, body and json.dumps(body).encode(), headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def rows_of_csv(folder):
    with (folder / "realisations.csv").open() as file:
        rows = list(csv.DictReader(file))
    return {(row["code"], row["period"]): tuple(float(row[name]) if row[name] else None for name in ("value", "target")) for row in rows}


def rows_of_sqlite(folder):
    with contextlib.closing(sqlite3.connect(folder / "iku.sqlite")) as db:
        return {(code, period): (value, target) for code, period, value, target in db.execute("select code, period, value, target from realisation")}


def pull(url, command, rows_of):
    """The first night, a quiet night, a night with a new target, a bad network, a wrong secret, no service."""
    with tempfile.TemporaryDirectory() as name, network(url) as network_url:
        folder = Path(name)
        expect(run(folder, url, SYSTEM, *command, "2024", "2025"), 0, f"{PAGES} pages, 0 unchanged, {ROWS} rows")
        rows = rows_of(folder)
        assert {code: rows[code, "2025"][0] for code in VALUES} == VALUES, rows
        expect(run(folder, url, SYSTEM, *command, "2024", "2025"), 0, f"{PAGES} pages, {PAGES} unchanged, {ROWS} rows")
        assert rows_of(folder) == rows

        target = "/v1/indicators/paringin-iku-2/targets/2025"
        old = rows["paringin-iku-2", "2025"][1]
        api(url, ("camat", "paringin-demo"), "PUT", target, {"value": old + 1, "basis": "Perubahan", "reason": "Uji"}, {"If-Match": "*"})
        # A reply is lost, one is cut, the service is busy, the token has ended: the result is the same.
        Network.faults[:] = ["lost", 503, 429, "cut", 401]
        done = run(folder, network_url, SYSTEM, *command, "2024", "2025")
        assert not Network.faults
        expect(done, 0, f"{ROWS} rows")
        after = rows_of(folder)
        assert after["paringin-iku-2", "2025"] == (95, old + 1), after
        assert {key: value for key, (value, _) in after.items()} == {key: value for key, (value, _) in rows.items()}

        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        expect(run(folder, url, (SYSTEM[0], "salah"), *command, "2024", "2025"), 1, "Sign-in failed: ")
        expect(run(folder, "http://127.0.0.1:1", SYSTEM, *command, "2024", "2025", patience=1), 1, "The service does not answer")
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
        api(url, ("camat", "paringin-demo"), "PUT", target, {"value": old, "basis": "Kembali", "reason": "Uji"}, {"If-Match": "*"})


def recompute(url):
    """Each value of the demonstration follows from the records behind it."""
    with tempfile.TemporaryDirectory() as folder:
        for code in VALUES:
            for period in ("2024", "2025-Q1", "2025"):
                done = run(folder, url, SYSTEM, sys.executable, EXAMPLES / "recompute.py", code, period)
                expect(done, 0, " follows from " if "No value" not in done.stdout else "No value")
        expect(done, 0, " follows from ")


def phone(url):
    """Answers outlive a service that is away, and lost replies store none of them twice."""
    command = ("node", EXAMPLES / "phone.mjs")
    # The first answer stands in README as well.
    answers = json.loads(re.search(r'"answers": (\{[^}]+\})', README).group(1))
    with tempfile.TemporaryDirectory() as name, network(url) as network_url:
        folder = Path(name)
        before = len(stored(url))
        for _ in range(3):
            expect(run(folder, url, PHONE, *command, "add", SURVEY, json.dumps({"service": "ktp", "answers": answers})), 0, " wait")
        expect(run(folder, url, PHONE, *command, "add", SURVEY, json.dumps({"service": "ktp", "answers": {"waktu": 9}})), 0, "4 wait, 0 refused")
        kept = [answer["id"] for answer in json.loads((folder / "answers.json").read_text())]
        expect(run(folder, "http://127.0.0.1:1", PHONE, *command, "send", patience=1), 1, "4 wait, 0 refused")
        expect(run(folder, url, (PHONE[0], "salah"), *command, "send"), 1, "4 wait, 0 refused")
        Network.faults[:] = ["lost", 503, "cut", 401]
        Network.seen.clear()
        expect(run(folder, network_url, PHONE, *command, "send"), 0, "0 wait, 1 refused")
        assert not Network.faults
        assert sum(path == "/v1/responses/batch" for _, path in Network.seen) == 5, Network.seen
        # The refused answer stays for a person, and is not sent again.
        expect(run(folder, url, PHONE, *command, "send"), 0, "0 wait, 1 refused")
        assert [answer["id"] for answer in json.loads((folder / "answers.json").read_text())] == kept[3:]
        ids = stored(url)
        assert len(ids) == before + 3 and set(kept[:3]) <= ids, f"{kept} in {ids}"


def stored(url):
    page = api(url, ("kasi.pelayanan", "paringin-demo"), "GET", f"/v1/surveys/{SURVEY}/responses?limit=100")
    assert page["next_cursor"] is None
    return {answer["id"] for answer in page["items"]}


def main():
    for program in EXAMPLES.glob("*.*"):
        lines = len(program.read_text().splitlines())
        assert lines <= MOST_LINES, f"{program.name} has {lines} lines"
    with service.running("demo") as url:
        pull(url, ("php", EXAMPLES / "pull.php"), rows_of_csv)
        pull(url, (sys.executable, EXAMPLES / "pull.py"), rows_of_sqlite)
        recompute(url)
        phone(url)
    print("pulled with PHP and Python, posted with JavaScript")
    return 0


if __name__ == "__main__":
    sys.exit(main())
