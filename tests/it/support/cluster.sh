# A temporary PostgreSQL server. It starts with this script, and is stopped and deleted when the standard input ends.
# BIN is the folder of the programs, PORT the port, SETTINGS the options. Prints "done" when the server runs, or the error.
trap '' HUP INT TERM PIPE # the tests may end before the server has started
dir=$(mktemp -d "${TMPDIR:-/tmp}/iku-postgres-XXXXXX") || exit 1
as_owner() { "$@"; }
if [ "$(id -u)" = 0 ]; then # initdb refuses root
    chown postgres "$dir"
    as_owner() { runuser -u postgres -- "$@"; }
fi
cd "$dir"
make() { as_owner "$BIN/initdb" -D "$dir/data" -U iku -A trust -N --no-instructions --locale=C -E UTF8; }
start() { as_owner "$BIN/pg_ctl" -D "$dir/data" -s -w -l "$dir/log" -o "-p $PORT $SETTINGS" start; }
stop() { as_owner "$BIN/pg_ctl" -D "$dir/data" -s -w -m immediate stop; }
carry_out() { if "$@" </dev/null >setup 2>&1; then echo done; else tr '\n' ' ' <setup; echo; fi; }
make_and_start() { make && start; }
carry_out make_and_start
while read -r order; do
    case $order in start | stop) carry_out "$order" ;; esac
done
exec >/dev/null 2>&1
stop
cd /
rm -rf "$dir"
