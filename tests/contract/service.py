"""Starts the service on a fresh database for the gates."""

import contextlib
import http.client
import http.server
import json
import os
import re
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/iku"
PASSWORD = "rahasia-sekali"
# Rate limits that no gate reaches. A gate sets them to "" to use the default limits.
GENEROUS = {f"IKU_LIMIT_{name}": "1000000/1" for name in ("SIGN_IN", "SIGN_OUT", "SYNC", "QUARANTINE", "READS", "WRITES", "ANONYMOUS")}


@contextlib.contextmanager
def running(*commands, **settings):
    """Starts the debug build on a free port and a database of its own, yields its URL, and stops it at the end.

    The `commands` (`demo`, `load-regency`) run before. The `settings` are `IKU_*` of the environment.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        environment = {
            "PATH": os.environ["PATH"],
            "IKU_HTTP_ADDR": "127.0.0.1:0",
            "IKU_DATABASE_URL": f"sqlite://{folder}/iku.db?mode=rwc",
            "IKU_ADMIN_PASSWORD": PASSWORD,
            "IKU_LOG_FORMAT": "json",
            **GENEROUS,
            **settings,
        }
        for command in commands:
            subprocess.run([PROGRAM, command], env=environment, stdout=subprocess.DEVNULL, check=True)
        with log.open("w") as out:
            process = subprocess.Popen([PROGRAM, "serve"], env=environment, stdout=out, stderr=out)
        try:
            yield address(process, log)
            if process.poll() is not None:
                raise SystemExit(f"the service ended:\n{tail(log)}")
        finally:
            process.terminate()
            process.wait(timeout=60)
            print_errors(log)


def call(url, method, path, token=None, body=None, form=None):
    """Returns the parsed answer of one request; an answer that is not 2xx is an exception."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = urllib.parse.urlencode(form).encode() if form else None
    if body is not None:
        data, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
    with urllib.request.urlopen(urllib.request.Request(url + path, data, headers, method=method)) as answer:
        return json.load(answer)


def administrator(url):
    """Returns a token of the user admin."""
    form = {"grant_type": "password", "username": "admin", "password": PASSWORD}
    return call(url, "POST", "/v1/auth/token", form=form)["access_token"]


def system(url):
    """Makes a client for a system of the regency. Returns its id and its secret."""
    token = administrator(url)
    new = {"kind": "system", "name": "SAKIP Kabupaten Balangan", "role": "integrator", "district_code": "63.11.06"}
    client = call(url, "POST", "/v1/clients", token, new)["id"]
    return client, call(url, "POST", f"/v1/clients/{client}/secrets", token, {})["secret"]


@contextlib.contextmanager
def breaking(url, old, new):
    """Yields the URL of a proxy before the service that has `new` for `old` in every answer.

    A gate uses it to show that it notices a service that does not keep to the document.
    """
    upstream = urllib.parse.urlsplit(url).netloc

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.body()
            left = {"accept-encoding", "connection", "upgrade", "http2-settings", "content-length", "transfer-encoding"}
            headers = {name: value for name, value in self.headers.items() if name.lower() not in left}
            connection = http.client.HTTPConnection(upstream)
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            text = answer.read().replace(old.encode(), new.encode())
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in {"content-length", "transfer-encoding", "connection", "date"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            connection.close()

        def body(self):
            if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer

        def log_message(self, *_):
            pass

    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{proxy.server_port}"
    finally:
        proxy.shutdown()
        proxy.server_close()
        thread.join()


def address(process, log):
    """Waits until the service prints its address, which means that it is ready. Returns the URL."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        line = re.search(r"listening on: (127\.0\.0\.1:\d+)", log.read_text())
        if line:
            return f"http://{line.group(1)}"
        time.sleep(0.1)
    raise SystemExit(f"the service did not start:\n{tail(log)}")


def tail(log):
    return "\n".join(log.read_text().splitlines()[-50:])


def print_errors(log):
    """Prints the errors of the log, because only the log has the cause of a 5xx."""
    errors = [line for line in log.read_text().splitlines() if '"level":"ERROR"' in line]
    for line in errors[:20]:
        print(line)
