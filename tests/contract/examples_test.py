#!/usr/bin/env python3
"""Runs the shell examples of a document as one script against a fresh service: examples_test.py DOCUMENT

A block marked `text` behind a block marked `sh` is what that one prints.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import service

END = "--- end of example"


def main():
    text = Path(sys.argv[1]).read_text()
    blocks = re.findall(r"^```(sh|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    examples = []
    for kind, body in blocks:
        if kind == "sh":
            examples.append([body, ""])
        else:
            examples[-1][1] = body
    script = "set -euo pipefail\n" + "".join(f"{code}echo '{END}'\n" for code, _ in examples)
    # With the limits that a fresh service has: an example shows them.
    with service.running(**dict.fromkeys(service.GENEROUS, "")) as url:
        environment = {**os.environ, "URL": url, "IKU_ADMIN_PASSWORD": service.PASSWORD}
        done = subprocess.run(["bash"], input=script, env=environment, capture_output=True, text=True, check=False)
    printed = done.stdout.split(END + "\n")
    faults = 0
    for (code, wanted), found in zip(examples, printed):
        if found != wanted:
            faults += 1
            print(f"{code}\nshould print\n\n{wanted}\nbut prints\n\n{found}")
    if done.returncode != 0 or len(printed) != len(examples) + 1:
        faults += 1
        print(f"example {len(printed)} of {len(examples)} failed:\n{printed[-1]}{done.stderr}")
    print(f"{len(examples)} examples, {faults} faults")
    return 1 if faults or not examples else 0


if __name__ == "__main__":
    sys.exit(main())
