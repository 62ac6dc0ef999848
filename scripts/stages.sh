# What scripts/test and scripts/contract share: stages that are quiet when all is well. To be sourced.
# The last line of such a script is always "N passed, N failed".

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0
failed=0

# die MESSAGE: for what must be mended before anything can run.
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

# apt_install PACKAGE...: Debian's packages, where may_install.
apt_install() {
  as_root apt-get -q update &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends "$@"
}

# verdict: the last line, and the exit code that agrees with it.
verdict() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
