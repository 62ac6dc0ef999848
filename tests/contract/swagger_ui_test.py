#!/usr/bin/env python3
"""Opens Swagger UI of a fresh service in Chromium; what is done there is in swagger_ui.mjs: swagger_ui_test.py"""

import os
import shutil
import subprocess
import sys

import service


def main():
    script = shutil.copy(service.ROOT / "tests/contract/swagger_ui.mjs", service.ROOT / "target/contract")
    with service.running() as url:
        environment = {**os.environ, "IKU_URL": url, "IKU_ADMIN_PASSWORD": service.PASSWORD}
        environment.setdefault("CHROMIUM", shutil.which("chromium") or "chromium")
        return subprocess.run(["node", script], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
