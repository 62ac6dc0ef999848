#!/usr/bin/env python3
"""Visits the pages of the demonstration in Chromium, on SQLite and on PostgreSQL, with pages/run.mjs: pages_test.py [--long]

It reads the printed tables, and then shows that the gate notices a page with a fault. `--long` takes all walks. `--pictures
FOLDER` makes a picture of every screen of every person instead.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cluster
import service

FOLDER = service.ROOT / "target/contract"
MATRIX = service.ROOT / "tests/it/pages/matrix.rs"
# Target, value and achievement of 2025 in the first table, as docs and `iku demo` say.
TABLE = ["84 83,45 99,34", "110 95 86,36", "85 78,57 92,44", "95 89,29 93,98", "90 92,86 103,17"]

# The environment of run.mjs, a fault of the pages, and what is said about it.
SURVEYOR = {"IKU_PARTS": "screens", "IKU_PEOPLE": "surveyor"}
MUTANTS = [
    (SURVEYOR, "</main>", "</main><script>document.title = 1</script>", "ContentSecurityPolicyIssue"),
    (SURVEYOR, '<label for="current_password"', '<label data-for="x"', "axe: label at"),
    (SURVEYOR, "--soft: #566059", "--soft: #9aa39d", "axe: color-contrast at"),
    (SURVEYOR, ".scroll { position: relative; overflow-x: auto;", ".scroll { position: relative; min-width: 40rem;", "is wider than the window"),
    (SURVEYOR, "</h1>", '</h1><img src="http://198.51.100.1/x.png" alt="">', "asked http://198.51.100.1|ContentSecurityPolicyIssue"),
    ({"IKU_PARTS": "walks", "IKU_WALKS": "one"}, '<p class="value">', '<p class="value">7 ', "IKU 4 is 7 with the report, and was 7"),
    ({"IKU_PARTS": "print"}, ">78,57<", "><", "not on paper: 85 78,57 92,44"),
]


def seeds():
    """Returns the paths that each user of the matrix of tests/it/pages may see."""
    text = MATRIX.read_text()
    users = re.findall(r'"([^"]+)"', re.search(r"const USERS.*?;\n", text, re.DOTALL).group())
    rows = re.findall(r'\(\s*"(/[^"]*)",\s*\[([\d,\s]+)\],?\s*\)', text)
    if len(users) < 5 or len(rows) < 15:
        raise SystemExit(f"{MATRIX} has another form")
    statuses = [(path, re.findall(r"\d+", row)) for path, row in rows]
    return {user: [path for path, row in statuses if row[column] == "200"] for column, user in enumerate(users)}


def visit(urls, **settings):
    """Runs the script and returns its exit code and what it has said."""
    shutil.copytree(service.ROOT / "tests/contract/pages", FOLDER / "pages", dirs_exist_ok=True)
    for old in FOLDER.glob("pages-*.pdf"):
        old.unlink()
    environment = {
        "CHROMIUM": shutil.which("chromium") or "chromium",
        **os.environ,
        "IKU_URLS": json.dumps(urls),
        "IKU_SEEDS": json.dumps(seeds()),
        "IKU_FOLDER": str(FOLDER),
        **settings,
    }
    script = FOLDER / "pages/run.mjs"
    run = subprocess.run(["node", script], env=environment, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return run.returncode, run.stdout + "".join(missing_on_paper())


def missing_on_paper():
    """Yields a line for each row of the first table that a printed file lacks."""
    from pypdf import PdfReader

    for file in sorted(FOLDER.glob("pages-*.pdf")):
        text = " ".join(" ".join(page.extract_text() for page in PdfReader(file).pages).split())
        yield from (f"{file.name} is not on paper: {row}\n" for row in TABLE if row not in text)


def unnoticed(url):
    """Yields each fault that the gate does not notice."""
    for settings, old, new, complaint in MUTANTS:
        with service.breaking(url, old, new) as mutant:
            _, said = visit({"sqlite": mutant}, **settings)
        if not re.search(complaint, said):
            yield f"unnoticed: {new}\n{said}"


def check(long):
    walks = 8 if long else 4
    with cluster.running() as database, service.running("demo") as sqlite:
        with service.running("demo", IKU_DATABASE_URL=database) as postgres:
            code, said = visit({"sqlite": sqlite, "postgres": postgres}, IKU_LONG="yes" if long else "")
        print(said)
        printed = len(list(FOLDER.glob("pages-*.pdf")))
        if code != 0 or "not on paper" in said or printed != walks:
            print(f"{printed} of {walks} walks have printed the tables")
            return 1
        faults = list(unnoticed(sqlite))
    print("\n".join([*faults, f"{len(MUTANTS) - len(faults)} of {len(MUTANTS)} faults were noticed"]))
    return 1 if faults else 0


def take_pictures(folder):
    with service.running("demo") as url:
        code, said = visit({"sqlite": url}, IKU_PARTS="pictures", IKU_PICTURES=str(Path(folder).resolve()))
    print(said)
    return code


if __name__ == "__main__":
    sys.exit(take_pictures(sys.argv[2]) if sys.argv[1:2] == ["--pictures"] else check("--long" in sys.argv))
