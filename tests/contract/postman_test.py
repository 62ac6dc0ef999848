#!/usr/bin/env python3
"""Runs postman.mjs with the demonstration's records: postman_test.py DOCUMENT"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import service


def main():
    script = shutil.copy(service.ROOT / "tests/contract/postman.mjs", service.ROOT / "target/contract")
    with service.running("demo") as url:
        token = service.administrator(url)
        environment = {**os.environ, "IKU_URL": url, "IKU_TOKEN": token, "DOCUMENT": str(Path(sys.argv[1]).resolve())}
        return subprocess.run(["node", script], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
