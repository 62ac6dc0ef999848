#!/usr/bin/env python3
"""Tests that each `pattern` of a document works in the engines of its readers: patterns_test.py DOCUMENT

Each engine compiles each pattern, finds it in the examples that stand beside it, and judges text of other alphabets as the
others do. The engines: ECMA-262 (JavaScript, with and without the flag u), PCRE (PHP, with and without the modifier u), RE2
(Go), Python.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

import re2

# Each program reads [[pattern, [text, ...]], ...] and prints {engine: [verdict, ...], ...}: for each pattern a list that says
# in which texts it is found, or a string that says why it does not compile.
NODE = r"""
const found = JSON.parse(require("fs").readFileSync(0, "utf8")), verdicts = {};
for (const [engine, flags] of [["ECMA-262", ""], ["ECMA-262 u", "u"]])
  verdicts[engine] = found.map(([pattern, texts]) => {
    try {
      const compiled = new RegExp(pattern, flags);
      return texts.map((text) => compiled.test(text));
    } catch (error) { return error.message; }
  });
console.log(JSON.stringify(verdicts));
"""
# Like the generated PHP, with slashes around the pattern.
PHP = r"""
set_error_handler(function ($kind, $text) { throw new ErrorException($text); });
$found = json_decode(stream_get_contents(STDIN));
foreach (['PCRE' => '', 'PCRE u' => 'u'] as $engine => $modifier)
  $verdicts[$engine] = array_map(function ($one) use ($modifier) {
    try {
      $compiled = '/' . str_replace('/', '\/', $one[0]) . '/' . $modifier;
      preg_match($compiled, '');
      return array_map(fn ($text) => preg_match($compiled, $text) === 1, $one[1]);
    } catch (ErrorException $error) { return $error->getMessage(); }
  }, $found);
echo json_encode($verdicts);
"""
# Their bytes in UTF-8 are like those of the invisible characters that patterns exclude.
FOREIGN = ["\u2013", "Kantor \u201cMaju\u201d", "Jos\u00e9", "\u0628\u064a\u062a", "\U0001f600 \uac00\ufe0f"]

ALL = {"ECMA-262", "ECMA-262 u", "PCRE", "PCRE u", "RE2", "Python"}
# A pattern, an example beside it, and engines that must refuse one of the two.
MUTANTS = [
    (r"^[^\u0000]*$", "a", {"PCRE", "PCRE u", "RE2"}),
    (r"^(?=a)[a-z]$", "a", {"RE2"}),
    (r"^\p{Lu}$", "A", {"ECMA-262", "Python"}),
    (r"^a++$", "a", {"ECMA-262", "ECMA-262 u", "RE2"}),
    # Without u, PCRE takes the bytes of the two characters for a class of bytes.
    ("^[^\u202a-\u202e]*$", "a", {"PCRE"}),
    (r"^[a-z$", "a", ALL),
    (r"^[a-z]$", "A", ALL),
]


def patterns(document):
    """Returns the patterns with the examples that stand beside them, or beside a reference to them."""
    found = {}

    def resolved(schema):
        while "$ref" in schema:
            target = document
            for key in schema["$ref"].removeprefix("#/").split("/"):
                target = target[key]
            schema = target
        return schema

    def walk(node, beside=()):
        if isinstance(node, list):
            for child in node:
                walk(child)
        if not isinstance(node, dict):
            return
        given = [node.get("example"), node.get("default"), node.get("const"), *beside]
        for several in ("examples", "enum"):
            given += node[several] if isinstance(node.get(several), list) else []
        schema = resolved(node["schema"] if isinstance(node.get("schema"), dict) else node)
        for one in [schema, *map(resolved, (s for s in schema.get("oneOf", []) if isinstance(s, dict)))]:
            if isinstance(one.get("pattern"), str):
                found.setdefault(one["pattern"], set()).update(value for value in given if isinstance(value, str))
        for key, child in node.items():
            # The names of the members of `properties` are no keywords, and an example is no schema.
            if key == "properties":
                for member in child.values():
                    walk(member)
            elif key not in ("example", "examples", "default", "const", "enum"):
                walk(child)

    walk(document)
    return sorted((pattern, sorted(examples)) for pattern, examples in found.items())


def compiled_by(compiler, pattern, texts):
    try:
        compiled = compiler(pattern)
    except (re.error, re2.error) as error:
        return str(error)
    return [bool(compiled.search(text)) for text in texts]


def refused(found):
    """Returns (engine, pattern, fault) for each pattern that an engine refuses."""
    tried = json.dumps([[pattern, examples + FOREIGN] for pattern, examples in found])
    quiet = re2.Options()
    quiet.log_errors = False
    verdicts = {
        engine: [compiled_by(compiler, pattern, texts) for pattern, texts in json.loads(tried)]
        for engine, compiler in (("RE2", lambda pattern: re2.compile(pattern, quiet)), ("Python", re.compile))
    }
    for command in (["node", "-e", NODE], ["php", "-r", PHP]):
        verdicts |= json.loads(subprocess.run(command, input=tried, stdout=subprocess.PIPE, text=True, check=True).stdout)
    if verdicts.keys() != ALL:
        raise SystemExit(f"there are verdicts of {', '.join(verdicts)} only")
    for engine, ones in verdicts.items():
        for (pattern, examples), one, usual in zip(found, ones, verdicts["ECMA-262 u"], strict=True):
            if isinstance(one, str):
                yield engine, pattern, one
                continue
            for text, matched in zip(examples, one, strict=False):
                if not matched:
                    yield engine, pattern, f"does not match {text}"
            if isinstance(usual, str):
                continue
            for text, matched, usually in zip(FOREIGN, one[len(examples) :], usual[len(examples) :], strict=True):
                if matched != usually:
                    yield engine, pattern, f"judges {text} differently than ECMA-262"


def main():
    found = patterns(json.loads(Path(sys.argv[1]).read_text()))
    faults = [f"{engine}: {pattern}\n  {fault}" for engine, pattern, fault in refused(found)]
    for pattern, example, engines in MUTANTS:
        part = {"schema": {"type": "string", "pattern": pattern, "example": example}}
        missed = engines - {engine for engine, _, _ in refused(patterns(part))}
        if missed:
            faults.append(f"the mutant {pattern} was not refused by {', '.join(sorted(missed))}")
    print("\n".join(faults))
    print(f"{len(found)} patterns, {sum(len(examples) for _, examples in found)} examples, {len(faults)} faults")
    return 1 if faults or not found else 0


if __name__ == "__main__":
    sys.exit(main())
