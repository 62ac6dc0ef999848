#!/usr/bin/env python3
"""Tests that the gates catch faults: mutants.py [NAME...]

A mutant is the service with one fault in its source. It is built from a copy of the source under target/mutants, and then
its gate runs and must find the fault. Before that, the gate must pass without the fault; otherwise its finding proves
nothing. `scripts/contract --long` runs this. It takes about a minute for each mutant.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "target/mutants"
TREE, TARGET = HOME / "tree", HOME / "target"
# The gates also find the program with CARGO_TARGET_DIR.
ENVIRONMENT = {**os.environ, "CARGO_TARGET_DIR": str(TARGET)}
# Crates of this workspace are built again for the copy; other crates are linked.
OURS = ("iku", "entity", "migration")


def fuzz(operation):
    return ["tests/contract/fuzz.py", "administrator", f"--only={operation}"]


EXAMPLES = ["tests/contract/examples_test.py", "docs/API-DESIGN.md"]


@dataclass
class Mutant:
    name: str
    file: str
    was: str
    becomes: str
    gate: list
    # A part of the gate's output when it finds the fault.
    finding: str


MUTANTS = [
    Mutant(
        "undocumented status", "src/platform/http/response.rs",
        "let mut response = HttpResponse::Ok();\n        response.insert_header((CACHE_CONTROL, REVALIDATE));",
        "let mut response = HttpResponse::PartialContent();\n        response.insert_header((CACHE_CONTROL, REVALIDATE));",
        fuzz("listSections"), "[206] Partial Content",
    ),
    Mutant(
        "wrong type in a response", "src/platform/decimal_json.rs",
        "serializer.serialize_i64(units / $units_per_one)", "serializer.serialize_str(&self.0.to_string())",
        fuzz("getRealisation"), "Response violates schema",
    ),
    Mutant(
        "bound not enforced", "src/platform/http/contract.rs",
        "self.validator.iter_errors(members)",
        "self.validator.iter_errors(members)"
        ".filter(|e| !matches!(e.kind(), jsonschema::error::ValidationErrorKind::Maximum { .. }))",
        fuzz("listSections"), "ST201",
    ),
    Mutant(
        "forgotten guard", "src/plan/code_lists/handlers.rs",
        "pub async fn sections(_actor: Requires<ReferencesRead>,",
        "pub async fn sections(_actor: crate::access::Public,",
        fuzz("listSections"), "without a token",
    ),
    Mutant(
        "records of another district", "src/access/actor.rs",
        "pub fn ensure_can_see(&self, district: &str) -> Result<(), Error> {\n        if self.can_see(district) {",
        "pub fn ensure_can_see(&self, district: &str) -> Result<(), Error> {\n        if true || self.can_see(district) {",
        ["tests/contract/fuzz.py", "peers"], "ST402",
    ),
    Mutant(
        "the framework's own error", "src/platform/http/middleware/problems.rs",
        "let mut answer = problem::render(&error, &context);",
        "let mut answer = HttpResponse::build(error.code.status()).body(error.to_string());",
        fuzz("listSections"), "ST104",
    ),
    Mutant(
        "item on two pages", "src/platform/http/cursor.rs", "column.gt(value)", "column.gte(value)",
        EXAMPLES, "should print",
    ),
]  # fmt: skip


def main():
    chosen = [m for m in MUTANTS if not sys.argv[1:] or m.name in sys.argv[1:]]
    copy_tree()
    take_over_dependencies()
    build()
    faults = 0
    for gate in {tuple(m.gate): m.gate for m in chosen}.values():
        passed, output = run(gate)
        if not passed:
            faults += 1
            print(f"without a fault, {' '.join(gate)} fails:\n{output}")
    for mutant in chosen:
        result = outcome(mutant)
        faults += result != "caught"
        print(f"{mutant.name}: {result}", flush=True)
    print(f"{len(chosen)} mutants, {faults} faults")
    return 1 if faults else 0


def outcome(mutant):
    source = TREE / mutant.file
    text = source.read_text()
    if text.count(mutant.was) != 1:
        return f"occurs {text.count(mutant.was)} times in {mutant.file}: {mutant.was}"
    source.write_text(text.replace(mutant.was, mutant.becomes))
    try:
        build()
        passed, output = run(mutant.gate)
    finally:
        source.write_text(text)
    if passed:
        return f"NOT caught by {' '.join(mutant.gate)}"
    return "caught" if mutant.finding in output else f"another finding than '{mutant.finding}':\n{output}"


def copy_tree():
    """Copies the files that git knows or would add. It keeps their times, so that cargo builds only changed files."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True
    )
    names = {name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()}
    for name in names:
        source, copy = ROOT / name, TREE / name
        if not copy.exists() or copy.read_bytes() != source.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
    for old in TREE.rglob("*"):
        if old.is_file() and str(old.relative_to(TREE)) not in names:
            old.unlink()


def take_over_dependencies():
    """Links the compiled crates of others from the normal build, which saves minutes."""
    for part in ("deps", "build", ".fingerprint"):
        source, copy = ROOT / "target/debug" / part, TARGET / "debug" / part
        if copy.exists() or not source.exists():
            continue
        copy.mkdir(parents=True)
        for entry in source.iterdir():
            if entry.name.removeprefix("lib").split("-")[0].split(".")[0] in OURS:
                continue
            if entry.is_dir():
                shutil.copytree(entry, copy / entry.name, symlinks=True)
            else:
                os.link(entry, copy / entry.name)


def build():
    command = ["cargo", "build", "--quiet", "--locked", "--bin", "iku"]
    done = subprocess.run(command, cwd=TREE, env=ENVIRONMENT, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"a mutant does not compile:\n{done.stderr}")


def run(gate):
    command = [sys.executable, *gate]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=False, capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


if __name__ == "__main__":
    sys.exit(main())
