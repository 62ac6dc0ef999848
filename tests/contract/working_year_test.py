#!/usr/bin/env python3
"""Sends every request of docs/WORKING-YEAR.md to the demonstration, one after the other: working_year_test.py [DOCUMENT]

A request is a part of a block `http`: `# person → status`, the request line, headers, an empty line and a body of JSON. A number
after the status is that of the items in the answer: `# person → 200 (2)`.
"""

import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import service

DOCUMENT = service.ROOT / "docs/WORKING-YEAR.md"
PASSWORD = "paringin-demo"
MEDIA = {"PATCH": "application/merge-patch+json"}


class Step:
    """One request of the document."""

    def __init__(self, text):
        head, _, body = text.strip().partition("\n\n")
        said, line, *headers = head.splitlines()
        self.person, status, items = re.fullmatch(r"# (\S+) → (\d{3})(?: \((\d+)\))?", said).groups()
        self.status, self.items = int(status), items and int(items)
        self.method, self.path = line.split(" ")
        self.headers = dict(header.split(": ", 1) for header in headers)
        # The body must be JSON, so that a reader can copy it.
        self.body = json.dumps(json.loads(body)).encode() if body else None

    def __str__(self):
        return f"{self.person}: {self.method} {self.path}"

    def send(self, url, token):
        headers = {"Authorization": f"Bearer {token}", **self.headers}
        if self.body:
            headers.setdefault("Content-Type", MEDIA.get(self.method, "application/json"))
        request = urllib.request.Request(url + self.path, self.body, headers, method=self.method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def steps(document):
    blocks = re.findall(r"^```http\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
    return [Step(text) for block in blocks for text in re.split(r"^###$", block, flags=re.MULTILINE)]


def sign_in(url, person):
    form = {"grant_type": "password", "username": person, "password": PASSWORD}
    with urllib.request.urlopen(f"{url}/v1/auth/token", urllib.parse.urlencode(form).encode(), timeout=60) as answer:
        return json.load(answer)["access_token"]


def main():
    document = Path(sys.argv[1] if len(sys.argv) > 1 else DOCUMENT).read_text()
    every = steps(document)
    tokens, faults = {}, 0
    with service.running("demo") as url:
        for step in every:
            if step.person not in tokens:
                tokens[step.person] = sign_in(url, step.person)
            status, answer = step.send(url, tokens[step.person])
            if status != step.status:
                faults += 1
                print(f"{step} is {status}, not {step.status}:\n{answer}\n")
            elif step.items is not None and len(json.loads(answer)["items"]) != step.items:
                faults += 1
                print(f"{step} has not {step.items} items:\n{answer}\n")
    # Both languages say each step.
    for heading, text in re.findall(r"^## (.*?)$(.*?)(?=^## |\Z)", document, re.MULTILINE | re.DOTALL):
        if "```http" in text and not ("**ID.**" in text and "**EN.**" in text and " / " in heading):
            faults += 1
            print(f"{heading} lacks a language")
    print(f"{len(every)} requests, {faults} faults")
    return 1 if faults or not every else 0


if __name__ == "__main__":
    sys.exit(main())
