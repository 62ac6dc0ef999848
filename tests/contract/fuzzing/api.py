"""Sign-in, and requests of the fuzzer's helpers that must succeed."""

import json
import os
import threading
import time

import requests

URL = os.environ.get("IKU_FUZZ_URL", "")
# The user whose requests are tested, and the user who creates the records for the tests.
USER = json.loads(os.environ.get("IKU_FUZZ_USER", '["admin", ""]'))
ADMIN = json.loads(os.environ.get("IKU_FUZZ_ADMIN", '["admin", ""]'))
# Tokens are valid for 15 minutes.
REFRESH_SECONDS = 600

_local = threading.local()
_tokens = {}
_lock = threading.Lock()


def session():
    """Returns the session of this thread, because threads must not share a session of `requests`."""
    if not hasattr(_local, "session"):
        _local.session = requests.Session()
    return _local.session


def sign_in(username, password):
    form = {"grant_type": "password", "username": username, "password": password}
    response = session().post(f"{URL}/v1/auth/token", data=form, timeout=30)
    response.raise_for_status()
    return response.json()["access_token"]


def token(user):
    """Returns a token of a [username, password]. Signs in again before the old token expires."""
    with _lock:
        made, value = _tokens.get(user[0], (0, None))
        if value is None or time.monotonic() - made > REFRESH_SECONDS:
            value = sign_in(*user)
            _tokens[user[0]] = (time.monotonic(), value)
        return value


def client_token(client):
    """Signs in a client that was created with its secret."""
    form = {"grant_type": "client_credentials", "client_id": client["id"], "client_secret": client["secret"]}
    response = session().post(f"{URL}/v1/auth/token", data=form, timeout=30)
    response.raise_for_status()
    return response.json()["access_token"]


def forget(user):
    """Forgets the token of this user, because it was refused."""
    with _lock:
        _tokens.pop(user[0], None)


def send(method, path, body=None, headers=None, media="application/json"):
    """Sends a request as the administrator."""
    headers = {"Authorization": f"Bearer {token(ADMIN)}", "Content-Type": media, **(headers or {})}
    text = None if body is None else json.dumps(body)
    return session().request(method, f"{URL}/v1{path}", data=text, headers=headers, timeout=30)


def ask(*arguments, **more):
    """Sends a request that must succeed."""
    return must_be_ok(send(*arguments, **more))


def must_be_ok(response):
    """Returns the response. If it is no success, the helpers are wrong, and the run ends."""
    if not response.ok:
        sent = response.request
        raise RuntimeError(f"{sent.method} {sent.url} {sent.body}: {response.status_code} {response.text}")
    return response


def post(path, body=None):
    response = ask("POST", path, body)
    return response.json(), response.headers.get("ETag")
