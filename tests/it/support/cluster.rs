//! A throw-away PostgreSQL server on a free port, as long as the process that started it. The benchmarks start theirs
//! from this file, too.

use std::io::Read;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};

pub struct Cluster {
    pub url: String,
    /// The supervisor stops the server and deletes its directory when this pipe closes, however the process ends.
    _alive: ChildStdin,
}

const SUPERVISOR: &str = r#"
trap '' HUP INT TERM PIPE # the tests may be gone before the server is up
dir=$(mktemp -d "${TMPDIR:-/tmp}/iku-postgres-XXXXXX") || exit 1
as_owner() { "$@"; }
if [ "$(id -u)" = 0 ]; then # initdb refuses root
    chown postgres "$dir"
    as_owner() { runuser -u postgres -- "$@"; }
fi
cd "$dir"
start() {
    as_owner "$BIN/initdb" -D "$dir/data" -U iku -A trust -N --no-instructions --locale=C -E UTF8 &&
    as_owner "$BIN/pg_ctl" -D "$dir/data" -s -w -l "$dir/log" -o "-p $PORT $SETTINGS" start
}
if start </dev/null >setup 2>&1; then echo ready; else echo failed; cat setup log; fi
exec >/dev/null 2>&1
cat
as_owner "$BIN/pg_ctl" -D "$dir/data" -s -m immediate stop
cd /
rm -rf "$dir"
"#;

const LISTEN: &str = "-c listen_addresses=127.0.0.1 -c unix_socket_directories=";

impl Cluster {
    /// With settings as `postgres -c` takes them.
    pub fn start(settings: &str) -> Result<Cluster, String> {
        let bin = binaries().ok_or(
            "no PostgreSQL found: run `apt-get install postgresql`, or set IKU_TEST_POSTGRES_URL to the URL of a \
             server where databases may be created",
        )?;
        // Somebody else may take the free port before the server does.
        Cluster::start_on_free_port(&bin, settings).or_else(|_| Cluster::start_on_free_port(&bin, settings))
    }

    fn start_on_free_port(bin: &Path, settings: &str) -> Result<Cluster, String> {
        let free = TcpListener::bind("127.0.0.1:0")
            .and_then(|l| l.local_addr())
            .map_err(|e| format!("no port: {e}"))?;
        let mut supervisor = Command::new("sh")
            .args(["-c", SUPERVISOR])
            .env("BIN", bin)
            .env("PORT", free.port().to_string())
            .env("SETTINGS", format!("{LISTEN} {settings}"))
            .process_group(0) // Ctrl-C is for the tests, not for the one who cleans up after them
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("sh: {e}"))?;
        let alive = supervisor.stdin.take().ok_or("the supervisor has no stdin")?;
        let mut said = String::new();
        supervisor
            .stdout
            .take()
            .ok_or("the supervisor has no stdout")?
            .read_to_string(&mut said)
            .ok();
        if said.trim() != "ready" {
            return Err(format!("PostgreSQL in {} did not start: {said}", bin.display()));
        }
        let url = format!("postgres://iku@127.0.0.1:{}/postgres?sslmode=disable", free.port());
        Ok(Cluster { url, _alive: alive })
    }
}

/// Debian's newest, else what is on the PATH.
fn binaries() -> Option<PathBuf> {
    let complete = |bin: &PathBuf| bin.join("initdb").is_file() && bin.join("pg_ctl").is_file();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = debian
        .filter_map(|version| {
            Some((
                version.file_name().to_str()?.parse::<u32>().ok()?,
                version.path().join("bin"),
            ))
        })
        .filter(|(_, bin)| complete(bin))
        .max();
    let path = std::env::var_os("PATH").unwrap_or_default();
    newest
        .map(|(_, bin)| bin)
        .or_else(|| std::env::split_paths(&path).find(complete))
}
