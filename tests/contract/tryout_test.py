#!/usr/bin/env python3
"""Sends every operation with the values that Swagger UI fills in, to a fresh service: tryout_test.py DOCUMENT

The script sends the examples and defaults unchanged, in the order of the page, but surveys before answers. It replaces only ids, by the id of the record
that was created before. Every response must be 2xx.
"""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request

import service

VERBS = ("post", "put", "get", "patch", "delete")

# Operations that no example can call, with the reason. Tests in tests/it call all of them.
EXCEPTIONS = {
    "createEnrolment": "the client of the example is a system, and only a device can be enrolled",
    "enrolDevice": "the example cannot contain a valid code",
    "getMetrics": "it needs the token of IKU_METRICS_TOKEN, which Swagger UI does not have",
    "revokeToken": "the example cannot contain the caller's token",
    "deleteMySession": "the example cannot contain the id of a session",
    "getHeldResponse": "an answer is held only after a survey was closed or a phone was lost",
    "releaseHeldResponse": "the same",
    "discardHeldResponse": "the same",
    "restoreHeldResponse": "the same",
    "listHeldResponseVersions": "the same",
    "createHeldDecision": "the same",
    "getHeldDecision": "the same",
    "restoreHeldDecision": "the same",
    "createResponseVoid": "the example cannot contain the id of a device that sent an answer",
    "getResponseVoid": "the same",
    "restoreResponseVoid": "the same",
    "deleteIndicator": "the example is an indicator of the shipped decree, which cannot be withdrawn",
    "restoreIndicator": "the same",
    "deleteDecree": "from 2027 on, years of the example have begun, and such a decree stays",
    "restoreDecree": "the same",
    "deleteReportKind": "the example is a shipped kind, which cannot be deleted",
    "restoreReportKind": "the same",
    "replaceEvidence": "the example cannot contain a file",
    "getEvidence": "the same",
    "createReportEvidence": "the same",
    "createCaseEvidence": "the same",
    "createSurveyEvidence": "the same",
    "createTargetEvidence": "the same",
    "createInstitutionDecreeEvidence": "the same",
    "getEvidenceLink": "the same",
    "listEvidenceLinkVersions": "the same",
    "deleteEvidenceLink": "the same",
    "listInstitutionDecreeEvidence": "the answer to a new decree is its institution, and does not name the decree alone",
    "updateInstitutionDecree": "the answer to a new decree is its institution, and does not name the decree alone",
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
        """Returns (path, verb, operation) in the order of the tags; creations come before reads, deletions come last."""
        order = [tag["name"] for tag in self.document["tags"]]
        # A survey must be open before it is answered.
        order.remove("surveys")
        order.insert(order.index("responses"), "surveys")
        # What is exported must be recorded.
        order.remove("exports")
        order.append("exports")
        found = [
            (path, verb, operation)
            for path, item in self.document["paths"].items()
            for verb, operation in item.items()
            if verb in VERBS
        ]
        def key(one):
            path, verb, operation = one
            tag = order.index(operation["tags"][0])
            if verb == "delete":
                # An answer is voided before its survey is withdrawn.
                return (1, -tag, 0, -path.count("{"), path)
            late = 2 if operation["operationId"].startswith("restore") else 0
            # A link leads to a survey.
            is_link = path.startswith("/v1/survey-links")
            return (late, tag, VERBS.index(verb), is_link, path.count("{"), path)

        return sorted(found, key=key)

    def example(self, schema):
        """Returns the value that the form shows for a schema."""
        if "example" in schema:
            return schema["example"]
        schema = self.resolved(schema)
        if "example" in schema:
            return schema["example"]
        if "properties" in schema:
            return {name: self.example(member) for name, member in schema["properties"].items()}
        return schema.get("default", schema.get("enum", [None])[0])


class Visitor:
    """A person who presses Execute."""

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
        """Returns the path with its parameters, the query and the headers."""
        filled, query, headers = path, {}, {}
        for parameter in map(self.page.resolved, operation.get("parameters", [])):
            name, schema = parameter["name"], parameter["schema"]
            value = parameter.get("example", self.page.example(schema))
            if parameter["in"] == "path":
                if value is None or self.page.resolved(schema).get("format") == "uuid":
                    value = self.made.get(path.split("{" + name)[0], value)
                filled = filled.replace("{" + name + "}", urllib.parse.quote(str(value), safe=""))
            elif parameter["in"] == "header":
                if value is not None and parameter.get("required"):
                    headers[name] = value
            elif parameter.get("required") or (value is not None and "default" in self.page.resolved(schema)):
                if name == "survey_id":
                    value = self.made.get("/v1/surveys/", value)
                query[name] = str(value).lower() if isinstance(value, bool) else value
        return filled, query, headers

    def body(self, operation):
        """Returns the media type and the bytes of the example of the request, or (None, None)."""
        for media, described in self.page.resolved(operation.get("requestBody", {})).get("content", {}).items():
            example = described.get("example", self.page.example(described["schema"]))
            if media == "application/x-www-form-urlencoded":
                return media, urllib.parse.urlencode({k: v for k, v in example.items() if v is not None}).encode()
            if "json" in media:
                if "survey_id" in example:
                    example = {**example, "survey_id": self.made.get("/v1/surveys/", example["survey_id"])}
                return media, json.dumps(example).encode()
            if example is not None:
                return media, example.encode()
        return None, None

    def execute(self, path, verb, operation):
        """Sends the operation. Returns a description of the failure, or None."""
        filled, query, headers = self.fill(path, operation)
        url = self.url + filled + ("?" + urllib.parse.urlencode(query) if query else "")
        media, body = self.body(operation)
        if media:
            headers["Content-Type"] = media
        status, answer = self.send(verb.upper(), url, headers, body)
        if status == 201:
            made = json.loads(answer)
            if "id" in made:
                self.made.setdefault(path + "/", made["id"])
        if status == 200 and operation["operationId"] == "updateMyPassword":
            # The old token has ended.
            self.token = json.loads(answer)["access_token"]
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
    faults += [f"{name}: an exception for an unknown operation" for name in sorted(unknown)]
    print("\n".join(faults))
    print(f"{len(operations)} operations, {len(EXCEPTIONS)} left out, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
