"""The service on a fresh database, for gates that talk to it."""

import contextlib
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug/iku"
PASSWORD = "rahasia-sekali"
# Limits that no gate reaches; who wants those of the service sets them to "".
GENEROUS = {f"IKU_LIMIT_{name}": "1000000/1" for name in ("SIGN_IN", "SYNC", "READS", "WRITES", "ANONYMOUS")}


@contextlib.contextmanager
def running(*commands, **settings):
    """Starts the debug build on a free port and a database of its own; gives its URL, and stops it in the end.

    `commands` (`demo`, `load-regency`) are run before, `settings` are `IKU_*` of the environment.
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


def address(process, log):
    """The URL that the service says it listens on; it does so when it is ready."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        said = re.search(r"listening on: (127\.0\.0\.1:\d+)", log.read_text())
        if said:
            return f"http://{said.group(1)}"
        time.sleep(0.1)
    raise SystemExit(f"the service did not start:\n{tail(log)}")


def tail(log):
    return "\n".join(log.read_text().splitlines()[-50:])


def print_errors(log):
    """What an operator would see first: a request that fails says why in the log only."""
    errors = [line for line in log.read_text().splitlines() if '"level":"ERROR"' in line]
    for line in errors[:20]:
        print(line)
