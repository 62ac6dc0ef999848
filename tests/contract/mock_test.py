#!/usr/bin/env python3
"""Sends every operation to Prism, a mock server that knows only the document: mock_test.py DOCUMENT

The requests are made from the examples of the document. Each answer must be the example of the operation's success.
"""

import contextlib
import copy
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import service
from tryout_test import Page, Visitor

PRISM = service.ROOT / "target/contract/node_modules/.bin/prism"
# The first has no example, the parameters of the second are no valid request. Prism must not answer them with an example.
MUTANTS = {"listReports": "the answer", "getRealisation": "422"}

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# Operations without an example.
EXCEPTIONS = {
    "getContractJson": "the document does not contain itself", "getContractYaml": "the same",
    "replaceEvidence": "the document does not contain a file", "getEvidence": "the same",
}  # fmt: skip


@contextlib.contextmanager
def prism(document):
    """Starts Prism with the document and yields its URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "openapi.json"
        file.write_text(json.dumps(document))
        command = ["node", PRISM, "mock", "--port", str(port), "--verboseLevel", "fatal", file]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            for _ in range(600):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                if process.poll() is not None:
                    raise SystemExit("prism did not start")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=30)


def example(page, operation):
    """Returns the example of the first success: its media type and its value, or None if the success has no body. A workbook has
    no example."""
    response = page.resolved(min((code, answer) for code, answer in operation["responses"].items() if code.startswith("2"))[1])
    found = None
    for media, content in response.get("content", {}).items():
        several = [page.resolved(one).get("value") for one in content.get("examples", {}).values()]
        value = content.get("example", several[0] if several else None)
        if media != WORKBOOK and (found is None or found[1] is None):
            found = media, value
    return found


def send(url, method, path, query, headers, body):
    address = url + path + ("?" + urllib.parse.urlencode(query) if query else "")
    request = urllib.request.Request(address, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def faults(document):
    """Yields the id of each operation that Prism does not answer as the document says, and what is wrong."""
    page = Page(document)
    with prism(document) as url:
        visitor = Visitor(url, page)
        for path, verb, operation in page.operations():
            if operation["operationId"] in EXCEPTIONS:
                continue
            filled, query, headers = visitor.fill(path, operation)
            # Prism refuses a token where none is wanted.
            if all(operation.get("security", [])):
                headers["Authorization"] = "Bearer token"
            media, body = visitor.body(operation)
            if media:
                headers["Content-Type"] = media
            wanted = example(page, operation)
            if wanted:
                headers["Accept"] = wanted[0]
            status, answer = send(url, verb.upper(), filled, query, headers, body)
            if not 200 <= status < 300:
                yield operation["operationId"], f"{status} {answer[:500]}"
            elif wanted and wanted[1] is None:
                yield operation["operationId"], "the answer has no example"
            elif wanted and (json.loads(answer) if "json" in wanted[0] else answer) != wanted[1]:
                yield operation["operationId"], f"the answer is not the example: {answer[:500]}"


def part(document, *names):
    """Returns the document with some operations only."""
    small = {**document, "paths": {}}
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            if isinstance(operation, dict) and operation.get("operationId") in names:
                small["paths"].setdefault(path, {})[verb] = operation
    return copy.deepcopy(small)


def broken(document):
    small = part(document, *MUTANTS)
    operations = {operation["operationId"]: operation for item in small["paths"].values() for operation in item.values()}
    for content in Page(small).resolved(operations["listReports"]["responses"]["200"])["content"].values():
        content.pop("example", None)
        content.pop("examples", None)
    operations["getRealisation"]["parameters"] = [
        {**Page(small).resolved(parameter), "example": "x" * 99, "schema": {"type": "string", "maxLength": 9}}
        if Page(small).resolved(parameter)["in"] == "path"
        else parameter
        for parameter in operations["getRealisation"]["parameters"]
    ]
    return small


def main():
    document = json.loads(Path(sys.argv[1]).read_text())
    found = [f"{name}: {fault}" for name, fault in faults(document)]
    caught = dict(faults(broken(document)))
    found += [f"the broken {name} was not noticed" for name, words in MUTANTS.items() if words not in caught.get(name, "")]
    print("\n".join(found))
    print(f"{len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
