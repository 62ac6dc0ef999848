#!/usr/bin/env python3
"""Lists every breaking change between two OpenAPI documents: compat.py RELEASED NOW

A client must be able to send every value that it could send before, and must not receive new kinds of values. A breaking
change needs a new major version (while the major version is 0: a new minor version). The exit code is 1 if the version does
not allow the changes.
"""

import json
import re
import sys

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")

# Keywords that bound a value: 1 if a larger number allows fewer values, -1 if it allows more.
BOUNDS = {
    "minLength": 1, "minimum": 1, "exclusiveMinimum": 1, "minItems": 1, "minProperties": 1,
    "maxLength": -1, "maximum": -1, "exclusiveMaximum": -1, "maxItems": -1, "maxProperties": -1,
    "x-max-decimals": -1,
}  # fmt: skip


class Document:
    """A document. It resolves references when they are needed."""

    def __init__(self, content):
        self.content = content
        self.paths = content.get("paths", {})
        self.version = content["info"]["version"]

    def resolve(self, value):
        """Returns the value with its `$ref` resolved. Members beside the reference replace those of its target."""
        while isinstance(value, dict) and "$ref" in value:
            target = self.content
            for key in value["$ref"].removeprefix("#/").split("/"):
                target = target[key.replace("~1", "/").replace("~0", "~")]
            value = {**target, **{k: v for k, v in value.items() if k != "$ref"}}
        return value

    def schema(self, value):
        """Returns a schema with `$ref` resolved and `allOf` merged into it."""
        value = self.resolve(value)
        if not isinstance(value, dict):
            return {}
        merged = dict(value)
        for part in merged.pop("allOf", []):
            part = self.schema(part)
            merged["properties"] = {**part.get("properties", {}), **merged.get("properties", {})}
            merged["required"] = sorted({*part.get("required", []), *merged.get("required", [])})
            for key, said in part.items():
                merged.setdefault(key, said)
        return self.nullable(merged)

    def nullable(self, schema):
        """Returns `oneOf: [null, X]` as an X that may be null, so that it can be compared with a plain X."""
        choices = schema.get("oneOf", [])
        rest = [choice for choice in choices if choice.get("type") != "null"]
        if len(choices) != 2 or len(rest) != 1:
            return schema
        meant = self.schema(rest[0])
        others = {key: value for key, value in schema.items() if key != "oneOf"}
        return {**meant, **others, "type": sorted({*types(meant), "null"})}

    def parameters(self, item, operation):
        """Returns the parameters of the operation and of its path, by place and name."""
        both = [self.resolve(p) for p in item.get("parameters", []) + operation.get("parameters", [])]
        return {(p["in"], p["name"]): p for p in both}

    def security(self, operation):
        """Returns the alternatives of `security`, each as scheme -> scopes. One of them is enough."""
        ways = operation.get("security", self.content.get("security", [])) or [{}]
        return [{scheme: set(scopes) for scheme, scopes in way.items()} for way in ways]


def types(schema):
    names = schema.get("type", [])
    return {names} if isinstance(names, str) else set(names)


class Comparison:
    """Collects the changes that break clients of the old document, and the additions."""

    def __init__(self, old, new):
        self.old, self.new = Document(old), Document(new)
        self.breaking, self.added = [], []
        self.met = set()

    def breaks(self, where, what):
        self.breaking.append(f"{where}: {what}")

    def adds(self, where, what):
        self.added.append(f"{where}: {what}")

    def run(self):
        old_servers, new_servers = ([s["url"] for s in d.content.get("servers", [])] for d in (self.old, self.new))
        if old_servers != new_servers:
            self.breaks("servers", f"{old_servers} became {new_servers}")
        for path, item in self.old.paths.items():
            for method in METHODS:
                if method in item:
                    self.operation(path, method)
        for path, item in self.new.paths.items():
            for method in METHODS:
                if method in item and method not in self.old.paths.get(path, {}):
                    self.adds(f"{method.upper()} {path}", "new operation")
        return self

    # ---- operations

    def operation(self, path, method):
        where = f"{method.upper()} {path}"
        old = self.old.paths[path][method]
        new = self.new.paths.get(path, {}).get(method)
        if new is None:
            return self.breaks(where, "operation removed")
        if old.get("operationId") != new.get("operationId"):
            self.breaks(where, "operationId changed (it names the function of generated clients)")
        self.parameters(
            where,
            self.old.parameters(self.old.paths[path], old),
            self.new.parameters(self.new.paths[path], new),
        )
        self.request(where, self.old.resolve(old.get("requestBody")) or {}, self.new.resolve(new.get("requestBody")) or {})
        self.responses(where, old["responses"], new["responses"])
        self.security(where, old, new)

    def parameters(self, where, old, new):
        for key, parameter in old.items():
            at = f"{where} {key[0]} {key[1]}"
            if key not in new:
                self.breaks(at, "parameter removed")
                continue
            if new[key].get("required") and not parameter.get("required"):
                self.breaks(at, "parameter now required")
            self.sent(at, parameter.get("schema", {}), new[key].get("schema", {}))
        for key in new.keys() - old.keys():
            at = f"{where} {key[0]} {key[1]}"
            if new[key].get("required"):
                self.breaks(at, "new required parameter")
            else:
                self.adds(at, "new parameter")

    def request(self, where, old, new):
        if new.get("required") and not old.get("required"):
            self.breaks(where, "request body now required")
        for media, content in old.get("content", {}).items():
            if media not in new.get("content", {}):
                self.breaks(f"{where} {media}", "request media type removed")
            else:
                self.sent(f"{where} request", content.get("schema", {}), new["content"][media].get("schema", {}))

    def responses(self, where, old, new):
        for status, response in old.items():
            at = f"{where} {status}"
            if status not in new:
                if status.startswith("2"):
                    self.breaks(at, "success status removed")
                continue
            self.response(at, self.old.resolve(response), self.new.resolve(new[status]))
        for status in new.keys() - old.keys():
            if status.startswith("2"):
                self.breaks(f"{where} {status}", "new success status")

    def response(self, where, old, new):
        for name, header in old.get("headers", {}).items():
            if name not in new.get("headers", {}):
                self.breaks(f"{where} {name}", "response header removed")
                continue
            always = self.old.resolve(header).get("required")
            if always and not self.new.resolve(new["headers"][name]).get("required"):
                self.breaks(f"{where} {name}", "response header no longer always there")
        for media, content in old.get("content", {}).items():
            if media not in new.get("content", {}):
                self.breaks(f"{where} {media}", "response media type removed")
            else:
                self.received(where, content.get("schema", {}), new["content"][media].get("schema", {}))

    def security(self, where, old, new):
        """Checks each old alternative of `security`: some new alternative must need no other schemes and scopes."""
        for way in self.old.security(old):
            enough = any(
                all(scheme in way and scopes <= way[scheme] for scheme, scopes in wanted.items())
                for wanted in self.new.security(new)
            )
            if not enough:
                self.breaks(where, f"security tightened: {sorted(way)} is no longer enough")

    # ---- schemas

    def sent(self, where, old, new):
        """Compares schemas of values that clients send."""
        self.schema(where, old, new, sent=True)

    def received(self, where, old, new):
        """Compares schemas of values that clients receive."""
        self.schema(where, old, new, sent=False)

    def schema(self, where, old, new, sent):
        if "$ref" in old and "$ref" in new:
            # A component is compared once, at its first use; a change is reported there.
            met = (json.dumps(old, sort_keys=True), json.dumps(new, sort_keys=True), sent)
            if met in self.met:
                return
            self.met.add(met)
        old, new = self.old.schema(old), self.new.schema(new)
        self.kind(where, old, new, sent)
        self.values(where, old, new, sent)
        self.members(where, old, new, sent)
        for key, suffix in (("items", "[]"), ("additionalProperties", "{}")):
            if isinstance(old.get(key), dict) and isinstance(new.get(key), dict):
                self.schema(where + suffix, old[key], new[key], sent)

    def kind(self, where, old, new, sent):
        before, after = types(old), types(new)
        if before and after:
            # An integer is a number: a client may send it instead of a number, and may receive it instead of a number.
            lost = before - after - ({"integer"} if "number" in after else set())
            gained = after - before - ({"integer"} if "number" in before else set())
            if sent and lost:
                self.breaks(where, f"request type narrowed from {sorted(before)} to {sorted(after)}")
            if not sent and gained:
                self.breaks(where, f"response type widened from {sorted(before)} to {sorted(after)}")
        if old.get("format") != new.get("format"):
            self.breaks(where, f"format {old.get('format')} became {new.get('format')}")

    def values(self, where, old, new, sent):
        before, after = ({json.dumps(v) for v in s["enum"]} if "enum" in s else None for s in (old, new))
        if sent and after is not None and (before is None or before - after):
            self.breaks(where, "request enum narrowed")
        if not sent and before is not None and (after is None or after - before):
            self.breaks(where, "response enum widened")
        if sent and new.get("pattern") and old.get("pattern") != new["pattern"]:
            self.breaks(where, "request pattern added or changed")
        if sent and new.get("x-text") and old.get("x-text") != new["x-text"]:
            self.breaks(where, "request rule for text added or changed")
        for bound, direction in BOUNDS.items():
            before, after = old.get(bound), new.get(bound)
            if before == after:
                continue
            tighter = after is not None and (before is None or (after - before) * direction > 0)
            if sent and tighter:
                self.breaks(where, f"{bound} tightened from {before} to {after}")
            if not sent and not tighter:
                self.breaks(where, f"{bound} loosened from {before} to {after}")

    def members(self, where, old, new, sent):
        if sent and new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
            self.breaks(where, "request body closed")
        before, after = old.get("properties", {}), new.get("properties", {})
        for name, member in before.items():
            if name in after:
                self.schema(f"{where}.{name}", member, after[name], sent)
            else:
                self.breaks(f"{where}.{name}", "property removed")
        for name in after.keys() - before.keys():
            self.adds(f"{where}.{name}", "new property")
        always_before, always_after = set(old.get("required", [])), set(new.get("required", []))
        if sent:
            for name in always_after - always_before:
                self.breaks(f"{where}.{name}", "property now required")
        else:
            for name in (always_before - always_after) & after.keys():
                self.breaks(f"{where}.{name}", "property no longer always there")


# ---- versions


def parsed(version):
    match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version)
    if not match:
        raise SystemExit(f"{version} is not a version like 1.2.3")
    return tuple(int(part) for part in match.groups())


def next_version(released, breaking, added):
    """Returns the lowest version that allows such changes. While the major version is 0, the minor version has its role."""
    major, minor, patch = parsed(released)
    if breaking:
        return (0, minor + 1, 0) if major == 0 else (major + 1, 0, 0)
    if added and major > 0:
        return (major, minor + 1, 0)
    return (major, minor, patch + 1)


def judge(old, new):
    """Returns whether the version allows the changes, and the lines of the report."""
    found = Comparison(old, new).run()
    lines = [f"breaking: {line}" for line in sorted(set(found.breaking))]
    released, now = parsed(found.old.version), parsed(found.new.version)
    lowest = next_version(found.old.version, found.breaking, found.added)
    dotted = ".".join(map(str, lowest))
    lines.append(
        f"{len(set(found.breaking))} breaking changes and {len(set(found.added))} additions since {found.old.version}; "
        f"the version is {found.new.version}, the next release must be {dotted} or later"
    )
    if now < released:
        return False, [*lines, "the version is lower than the released version"]
    # Additions may keep the old version until the next release. A breaking change needs the new version at once.
    return not found.breaking or now >= lowest, lines


def main():
    old, new = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:3])
    fine, lines = judge(old, new)
    print("\n".join(lines))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
