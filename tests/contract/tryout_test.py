#!/usr/bin/env python3
"""Executes every operation as Swagger UI fills it in, on a fresh service: tryout_test.py DOCUMENT

What stands in the form (examples and defaults) is sent as it stands, in the order of the page; only ids are put in by hand, of
what was made just before. All must answer 2xx.
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request

import service

VERBS = ("post", "put", "get", "patch", "delete")

# Whose form needs something that nobody can write down beforehand. The tests in tests/it have them all.
EXCEPTIONS = {
    "createEnrolment": "the client of the example is a system, and only devices are enrolled",
    "enrolDevice": "a code works once, and for a quarter of an hour",
    "revokeToken": "the token is the caller's",
    "getHeldResponse": "no answer is held before a survey was closed or a phone was lost",
    "releaseHeldResponse": "the same",
    "discardHeldResponse": "the same",
}


class Page:
    """The document as Swagger UI shows it."""

    def __init__(self, document):
        self.document = document

    def resolved(self, value):
        while "$ref" in value:
            target = self.document
            for key in value["$ref"].removeprefix("#/").split("/"):
                target = target[key]
            value = target
        return value

    def operations(self):
        """(path, verb, operation): by tag as they are declared; creating before reading, deleting last."""
        order = [tag["name"] for tag in self.document["tags"]]
        found = [
            (path, verb, operation)
            for path, item in self.document["paths"].items()
            for verb, operation in item.items()
            if verb in VERBS
        ]
        late = {"delete": 1}
        return sorted(
            found,
            key=lambda one: (late.get(one[1], 0), order.index(one[2]["tags"][0]), VERBS.index(one[1]), one[0].count("{"), one[0]),
        )

    def example(self, schema):
        """What the form shows for a schema."""
        if "example" in schema:
            return schema["example"]
        schema = self.resolved(schema)
        if "example" in schema:
            return schema["example"]
        if "properties" in schema:
            return {name: self.example(member) for name, member in schema["properties"].items()}
        return schema.get("default", schema.get("enum", [None])[0])


class Visitor:
    """Whoever presses Execute."""

    def __init__(self, url, page):
        self.url, self.page = url, page
        self.token = None
        self.made = {}

    def send(self, method, url, headers, body=None):
        if self.token:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        request = urllib.request.Request(url, data=body, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read()

    def fill(self, path, operation):
        """The path with its parameters, the query, the headers."""
        filled, query, headers = path, {}, {}
        for parameter in map(self.page.resolved, operation.get("parameters", [])):
            name, schema = parameter["name"], parameter["schema"]
            value = parameter.get("example", self.page.example(schema))
            if parameter["in"] == "path":
                if value is None or self.page.resolved(schema).get("format") == "uuid":
                    value = self.made.get(path.split("{" + name)[0], value)
                filled = filled.replace("{" + name + "}", urllib.parse.quote(str(value), safe=""))
            elif parameter["in"] == "header":
                # `If-Match` has no example, since no tag fits: `*` is what its description offers.
                if parameter.get("required"):
                    headers[name] = "*"
            elif value is not None and (parameter.get("required") or "default" in self.page.resolved(schema)):
                query[name] = str(value).lower() if isinstance(value, bool) else value
        return filled, query, headers

    def execute(self, path, verb, operation):
        """The problem with it, if there is one."""
        filled, query, headers = self.fill(path, operation)
        server = operation.get("servers", self.page.document["servers"])[0]["url"].rstrip("/")
        url = self.url + server + filled + ("?" + urllib.parse.urlencode(query) if query else "")
        body = None
        content = operation.get("requestBody", {}).get("content", {})
        if content:
            media, described = next(iter(content.items()))
            example = described.get("example", self.page.example(described["schema"]))
            headers["Content-Type"] = media
            if media == "application/x-www-form-urlencoded":
                body = urllib.parse.urlencode({k: v for k, v in example.items() if v is not None}).encode()
            else:
                body = json.dumps(example).encode()
        status, answer = self.send(verb.upper(), url, headers, body)
        if status == 201:
            made = json.loads(answer)
            if "id" in made:
                self.made.setdefault(path + "/", made["id"])
        if not 200 <= status < 300:
            sent = body.decode() if body else ""
            return f"{verb.upper()} {url.removeprefix(self.url)} {sent}\n  {status} {answer.decode()[:600]}"
        return None


def main():
    page = Page(json.load(open(sys.argv[1], encoding="utf-8")))
    faults = []
    operations = page.operations()
    with service.running() as url:
        visitor = Visitor(url, page)
        form = urllib.parse.urlencode({"grant_type": "password", "username": "admin", "password": service.PASSWORD}).encode()
        _, answer = visitor.send("POST", f"{url}/v1/auth/token", {}, form)
        visitor.token = json.loads(answer)["access_token"]
        for path, verb, operation in operations:
            if operation["operationId"] in EXCEPTIONS:
                continue
            problem = visitor.execute(path, verb, operation)
            if problem:
                faults.append(f"{operation['operationId']}: {problem}")
    unknown = EXCEPTIONS.keys() - {operation["operationId"] for _, _, operation in operations}
    faults += [f"{name}: an exception for nothing" for name in sorted(unknown)]
    print("\n".join(faults))
    print(f"{len(operations)} operations, {len(EXCEPTIONS)} left out, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
