# A throw-away PostgreSQL server: started when this starts, stopped and deleted when its standard input ends.
# BIN, PORT and SETTINGS say which programs, where and how. Says "done" when it is up, or why it is not.
trap '' HUP INT TERM PIPE # the tests may be gone before the server is up
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
