"""A temporary PostgreSQL server. The Rust tests use the same script."""

import contextlib
import os
import shutil
import socket
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "it/support/cluster.sh"
SETTINGS = (
    "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off "
    "-c synchronous_commit=off"
)


def binaries():
    """Returns the folder of Debian's newest version, or of the programs on the PATH."""
    debian = [p for p in Path("/usr/lib/postgresql").glob("*/bin") if (p / "initdb").is_file()]
    if debian:
        return max(debian, key=lambda p: int(p.parent.name))
    found = shutil.which("initdb")
    if found is None:
        raise SystemExit("no PostgreSQL found: run `apt-get install postgresql`")
    return Path(found).parent


@contextlib.contextmanager
def running():
    """Yields the URL of an empty database. Deletes the server at the end, however this program ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "BIN": str(binaries()), "PORT": str(port), "SETTINGS": SETTINGS}
    supervisor = subprocess.Popen(
        ["sh", "-c", SCRIPT.read_text()], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        message = supervisor.stdout.readline().strip()
        if message != "done":
            raise SystemExit(f"PostgreSQL did not start: {message}")
        yield f"postgres://iku@127.0.0.1:{port}/postgres?sslmode=disable"
    finally:
        supervisor.stdin.close()
        supervisor.wait(timeout=60)
