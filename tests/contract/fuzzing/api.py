"""The service as the fuzzer's helpers use it: who signs in, and requests that must succeed."""

import json
import os
import threading
import time

import requests

URL = os.environ.get("IKU_FUZZ_URL", "")
# The user whose rights are under test, and the one who makes what tests need.
USER = json.loads(os.environ.get("IKU_FUZZ_USER", '["admin", ""]'))
ADMIN = json.loads(os.environ.get("IKU_FUZZ_ADMIN", '["admin", ""]'))
# Tokens live 15 minutes.
REFRESH_SECONDS = 600

_local = threading.local()
_tokens = {}
_lock = threading.Lock()


def session():
    """One a thread: a session of `requests` is not for several."""
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
    return _local.session


def sign_in(username, password):
    form = {"grant_type": "password", "username": username, "password": password}
    answer = session().post(f"{URL}/v1/auth/token", data=form, timeout=30)
    answer.raise_for_status()
    return answer.json()["access_token"]


def token(user):
    """A token of a [username, password], signed in anew before the old one ends."""
    with _lock:
        made, held = _tokens.get(user[0], (0, None))
        if held is None or time.monotonic() - made > REFRESH_SECONDS:
            held = sign_in(*user)
            _tokens[user[0]] = (time.monotonic(), held)
        return held


def forget(user):
    """The token of this user was refused."""
    with _lock:
        _tokens.pop(user[0], None)


def ask(method, path, body=None, headers=None, media="application/json"):
    """As the administrator. Anything but a success is a fault of these helpers, and ends the run."""
    headers = {"Authorization": f"Bearer {token(ADMIN)}", "Content-Type": media, **(headers or {})}
    text = None if body is None else json.dumps(body)
    answer = session().request(method, f"{URL}/v1{path}", data=text, headers=headers, timeout=30)
    if not answer.ok:
        raise RuntimeError(f"{method} {path} {text}: {answer.status_code} {answer.text}")
    return answer


def post(path, body=None):
    answer = ask("POST", path, body)
    return answer.json(), answer.headers.get("ETag")
