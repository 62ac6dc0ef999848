# Functions that scripts/test and scripts/contract source: a stage prints its output only if it fails.
# The last line of such a script is always "N passed, N failed".

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0

# die MESSAGE: ends the script, because something is missing that every stage needs.
die() {
  echo "$0: $1" >&2
  echo "0 passed, 1 failed"
  exit 1
}

# stage NAME COMMAND...: runs the command, prints its duration, and its output only if it fails.
stage() {
  local name=$1 started=$SECONDS word=ok
  shift
  "$@" >"$log" 2>&1 || word=FAILED
  printf '%-14s %-6s %4d s\n' "$name" "$word" $((SECONDS - started))
  [ "$word" = ok ] && return
  failed=$((failed + 1))
  grep -vE '^test .* \.\.\. ok$' "$log" || true
  return 1
}

may_install() {
  command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# apt_install PACKAGE...: installs packages of Debian. Call it only if may_install succeeds.
apt_install() {
  as_root apt-get -q update &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@"
}

# verdict: prints the last line. Its exit code is 0 only if nothing failed.
verdict() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
