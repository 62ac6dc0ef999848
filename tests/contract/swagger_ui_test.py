#!/usr/bin/env python3
"""Opens Swagger UI of a fresh service and of the demonstration in Chromium and runs swagger_ui.mjs there: swagger_ui_test.py"""

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
    r"`(?P<password>[^`]+)`, press\s+\*\*Execute\*\*"
)


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
        return subprocess.run(["node", script], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
