#!/usr/bin/env bash
# Compares the committed document with the output of the program: current.sh DOCUMENT
set -euo pipefail
diff -u "$1" <("${CARGO_TARGET_DIR:-target}/debug/iku" openapi) && exit
echo "If the change is intended, run: cargo run -- openapi > $1"
exit 1
