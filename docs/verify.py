#!/usr/bin/env python3
"""Verifies the closing of a period without the service: verify.py STATEMENT DOCUMENT KEYS

The files are what /v1/closings/{id}/statement, /v1/closings/{id}/document and /v1/closings/keys returned. Needs joserfc.
Compare the printed fingerprint with the one that the office published elsewhere: the owner of the server can make other keys.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

from joserfc import jws
from joserfc.jwk import OKPKey



def ensure(holds, fault):
    if not holds:
        sys.exit(fault)


statement, document, keys = (Path(name).read_bytes() for name in sys.argv[1:])
parts = statement.strip().split(b".")
plain = [base64.urlsafe_b64decode(part + b"==") for part in parts]
# The decoder ignores what is no base64; only one text is right.
ensure([base64.urlsafe_b64encode(part).rstrip(b"=") for part in plain] == parts, "the statement was changed")
header = json.loads(plain[0])
ensure((header["typ"], header["alg"]) == ("iku-closing+jwt", "EdDSA"), "the file is no statement of a closing")
(key,) = (key for key in json.loads(keys)["keys"] if key["kid"] == header["kid"])
public = OKPKey.import_key({name: key[name] for name in ("kty", "crv", "x")})
said = json.loads(jws.deserialize_compact(b".".join(parts), public, algorithms=["EdDSA"]).payload)
digest = hashlib.sha256(document).hexdigest()
ensure(digest == said["document"]["sha256"], "the document is not the one of the statement")
fingerprint = hashlib.sha256(base64.urlsafe_b64decode(key["x"] + "==")).hexdigest()
print("The statement and the document belong together, and the key signed the statement.")
print(f"{said['district']} {said['period']} version {said['version']}, closed by {said['closed_by']['name']} at {said['as_of']}")
print("fingerprint", " ".join(fingerprint[at : at + 4] for at in range(0, 64, 4)))
