#!/usr/bin/env python3
"""Signs in with OAuth libraries as they are: authlib, requests-oauthlib, and oauth4webapi (oauth.mjs).

Each finds the endpoints by the metadata, signs in as a system with HTTP Basic, and signs in, refreshes and revokes as a person.
"""

import os
import shutil
import subprocess
import sys
import traceback
import warnings

import requests
import service
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session as Authlib
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from oauthlib.oauth2 import BackendApplicationClient, InvalidClientError, LegacyApplicationClient
from requests_oauthlib import OAuth2Session

# The service of the gate has no certificate.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
PERSON = {"username": "admin", "password": service.PASSWORD}


def metadata(url):
    return requests.get(f"{url}/.well-known/oauth-authorization-server", timeout=60).json()


def must_refuse(kind, function, *arguments, **more):
    try:
        function(*arguments, **more)
    except kind as refused:
        return refused
    raise AssertionError(f"{function.__qualname__} was not refused")


def pull(session, url):
    assert len(session.get(f"{url}/v1/realisations?period=2025").json()["items"]) == 5


def authlib(url, client, secret):
    server = AuthorizationServerMetadata(metadata(url))
    server.validate()
    assert server["issuer"] == url, server["issuer"]
    endpoint = server["token_endpoint"]
    system = Authlib(client, secret)
    system.fetch_token(endpoint, grant_type="client_credentials")
    pull(system, url)
    refused = must_refuse(OAuthError, Authlib(client, "wrong").fetch_token, endpoint, grant_type="client_credentials")
    assert refused.error == "invalid_client", refused

    person = Authlib(token_endpoint=endpoint, token_endpoint_auth_method="none")
    person.fetch_token(endpoint, grant_type="password", **PERSON)
    token = person.refresh_token(endpoint)
    assert person.get(f"{url}/v1/me").status_code == 200
    assert person.revoke_token(server["revocation_endpoint"], token=token["refresh_token"]).status_code == 200
    must_refuse(OAuthError, person.refresh_token, endpoint, token["refresh_token"])


def requests_oauthlib(url, client, secret):
    server = metadata(url)
    endpoint = server["token_endpoint"]
    system = OAuth2Session(client=BackendApplicationClient(client_id=client))
    system.fetch_token(endpoint, client_id=client, client_secret=secret)
    pull(system, url)
    must_refuse(InvalidClientError, system.fetch_token, endpoint, client_id=client, client_secret="wrong")

    person = OAuth2Session(client=LegacyApplicationClient(client_id=""))
    token = person.fetch_token(endpoint, **PERSON)
    token = person.refresh_token(endpoint, refresh_token=token["refresh_token"])
    assert person.get(f"{url}/v1/me").status_code == 200
    address, headers, body = LegacyApplicationClient("").prepare_token_revocation_request(
        server["revocation_endpoint"], token["refresh_token"], "refresh_token"
    )
    assert requests.post(address, body, headers=headers, timeout=60).status_code == 200
    again = requests.post(
        endpoint, {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}, timeout=60
    )
    assert again.json()["error"] == "invalid_grant", again.text


def oauth4webapi(url, client, secret):
    script = shutil.copy(service.ROOT / "tests/contract/oauth.mjs", service.ROOT / "target/contract")
    given = {"IKU_URL": url, "IKU_CLIENT_ID": client, "IKU_CLIENT_SECRET": secret, "IKU_ADMIN_PASSWORD": service.PASSWORD}
    done = subprocess.run(["node", script], env={**os.environ, **given}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr)


def main():
    warnings.simplefilter("ignore")
    faults = 0
    with service.running("demo") as url:
        client, secret = service.system(url)
        for library in (authlib, requests_oauthlib, oauth4webapi):
            try:
                library(url, client, secret)
            except Exception:
                faults += 1
                print(f"{library.__name__}:")
                traceback.print_exc(limit=-2, file=sys.stdout)
            with service.breaking(url, '"token_endpoint"', '"endpoint"') as broken:
                try:
                    library(broken, client, secret)
                except Exception:
                    continue
            faults += 1
            print(f"{library.__name__} did not notice metadata without token_endpoint")
    print(f"{faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
