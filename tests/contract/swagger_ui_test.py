#!/usr/bin/env python3
"""Opens Swagger UI of a fresh service and of the demonstration in Chromium and runs swagger_ui.mjs there: swagger_ui_test.py

It then shows that the script notices a page with a fault.
"""

import json
import os
import re
import shutil
import subprocess
import sys

import service

# The sentence of README for people who look.
LOOK = re.compile(
    r"<http://127\.0\.0\.1:8080(?P<path>/swagger-ui/\S*)>, press\s+\*\*(?P<signIn>[^*]+)\*\*, enter\s+`(?P<username>[^`]+)`\s+and\s+"
    r"`(?P<password>[^`]+)`, enter\s+`(?P<value>[^`]+)`\s+as\s+`(?P<parameter>[^`]+)`, press\s+\*\*Execute\*\*"
)

# A part of the script, a fault of the page, and what the script says about it.
STYLE = ".swagger-ui .opblock-summary { min-height: 44px;"
MUTANTS = [
    ("sizes", STYLE, STYLE + " min-height: 2600px;", "px high"),
    ("sizes", STYLE, STYLE + " min-width: 1600px;", "is wider than the window"),
    ("desk", "line.hidden = !text", "line.hidden = true", "says nothing about the token"),
    ("desk", "sessionStorage.setItem", "localStorage.setItem", "Expected values to be strictly deep-equal"),
    ("desk", "if (status !== 401 || ", "if (status === 401) return true; if (", "The expression evaluated to a falsy value|true !== false"),
]


def unnoticed(script, url, environment):
    """Yields each fault that the script does not notice."""
    for part, old, new, complaint in MUTANTS:
        with service.breaking(url, old, new) as mutant:
            run = subprocess.run(
                ["node", script], env={**environment, "IKU_URL": mutant, "IKU_PART": part}, capture_output=True, text=True,
                check=False, timeout=180,
            )  # fmt: skip
        if run.returncode == 0 or not re.search(complaint, run.stderr):
            yield f"unnoticed: {new}\n{run.stdout}{run.stderr}"


def main():
    script = shutil.copy(service.ROOT / "tests/contract/swagger_ui.mjs", service.ROOT / "target/contract")
    look = LOOK.search((service.ROOT / "README.md").read_text())
    if not look:
        print("README does not say how to look")
        return 1
    with service.running() as url, service.running("demo") as demo:
        environment = {
            **os.environ,
            "IKU_URL": url,
            "IKU_ADMIN_PASSWORD": service.PASSWORD,
            "IKU_DEMO_URL": demo,
            "IKU_README": json.dumps(look.groupdict()),
        }
        environment.setdefault("CHROMIUM", shutil.which("chromium") or "chromium")
        if subprocess.run(["node", script], env=environment, check=False).returncode != 0:
            return 1
    with service.running() as url:
        faults = list(unnoticed(script, url, environment))
    print("\n".join([*faults, f"{len(MUTANTS) - len(faults)} of {len(MUTANTS)} faults were noticed"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
