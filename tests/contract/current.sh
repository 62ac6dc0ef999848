#!/usr/bin/env bash
# Is the committed document the one of the program? current.sh DOCUMENT
set -euo pipefail
diff -u "$1" <("${CARGO_TARGET_DIR:-target}/debug/iku" openapi) && exit
echo "If the change is meant: cargo run -- openapi > $1"
exit 1
