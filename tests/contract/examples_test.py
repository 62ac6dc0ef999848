#!/usr/bin/env python3
"""Runs the shell examples of a document as one script against a fresh service: examples_test.py DOCUMENT [SECTION [COMMAND...]]

With a SECTION only those of the section with this heading. The COMMANDS of iku (`demo`) run before. A block marked `text` after a block marked `sh` is the expected output of that block.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import service

END = "--- end of example"


def main():
    path, heading, *commands = [*sys.argv[1:], ""] if len(sys.argv) == 2 else sys.argv[1:]
    text = Path(path).read_text()
    if heading:
        text = re.split(r"^## ", text.split(f"## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    blocks = re.findall(r"^```(sh|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    examples = []
    for kind, body in blocks:
        if kind == "sh":
            examples.append([body, ""])
        else:
            examples[-1][1] = body
    script = "set -euo pipefail\n" + "".join(f"{code}echo '{END}'\n" for code, _ in examples)
    # Use the default rate limits, because an example shows them.
    with service.running(*commands, **dict.fromkeys(service.GENEROUS, "")) as url:
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
