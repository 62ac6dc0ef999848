//! A temporary PostgreSQL server on a free port, which ends with the process that started it. Fault tests and benchmarks use
//! this file, too.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

/// A server that stops when this value is dropped.
pub struct Cluster {
    pub url: String,
    /// When this pipe closes, the supervisor stops the server and deletes its directory, however the process ends.
    orders: ChildStdin,
    replies: BufReader<ChildStdout>,
}

/// The script is a file of its own, because programs in other languages use it, too.
const SUPERVISOR: &str = include_str!("cluster.sh");

const LISTEN: &str = "-c listen_addresses=127.0.0.1 -c unix_socket_directories=";
/// Writes need not reach the disk, because the machine does not fail.
const FAST: &str = "-c max_connections=400 -c fsync=off -c full_page_writes=off -c autovacuum=off";
/// Commits need not wait for the journal, because the server does not stop before the tests end.
const NEVER_STOPPED: &str = "-c synchronous_commit=off";

impl Cluster {
    /// Starts a server for tests that never stop it.
    pub fn that_never_stops() -> Result<Cluster, String> {
        Cluster::start(&format!("{FAST} {NEVER_STOPPED}"))
    }

    /// Starts a server that loses no commit when it is stopped at any moment.
    #[allow(dead_code)] // only the fault tests do
    pub fn that_may_stop() -> Result<Cluster, String> {
        Cluster::start(FAST)
    }

    /// Starts a server with settings for `postgres -c`; without settings it has the defaults of PostgreSQL.
    pub fn start(settings: &str) -> Result<Cluster, String> {
        let bin = binaries().ok_or(
            "no PostgreSQL found: run `apt-get install postgresql`, or set IKU_TEST_POSTGRES_URL to the URL of a \
             server where databases may be created",
        )?;
        // Another process may take the free port first.
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
            .process_group(0) // Ctrl-C must end the tests and not the supervisor, which cleans up after them
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("sh: {e}"))?;
        let mut cluster = Cluster {
            url: format!("postgres://iku@127.0.0.1:{}/postgres?sslmode=disable", free.port()),
            orders: supervisor.stdin.take().ok_or("the supervisor has no stdin")?,
            replies: BufReader::new(supervisor.stdout.take().ok_or("the supervisor has no stdout")?),
        };
        cluster
            .reply()
            .map_err(|message| format!("PostgreSQL in {} did not start: {message}", bin.display()))?;
        Ok(cluster)
    }

    /// Stops the server at once, as a power cut would (`stop`), or starts it again (`start`).
    #[allow(dead_code)] // only the fault tests do
    pub fn order(&mut self, order: &str) -> Result<(), String> {
        writeln!(self.orders, "{order}").map_err(|e| format!("the supervisor is gone: {e}"))?;
        self.reply()
    }

    fn reply(&mut self) -> Result<(), String> {
        let mut message = String::new();
        self.replies.read_line(&mut message).map_err(|e| e.to_string())?;
        if message.trim() == "done" { Ok(()) } else { Err(message) }
    }
}

/// Returns the folder of Debian's newest version, or of the programs on the PATH.
pub fn binaries() -> Option<PathBuf> {
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
