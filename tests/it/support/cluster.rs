//! A throw-away PostgreSQL server on a free port, as long as the process that started it. Fault tests and benchmarks
//! start theirs from this file, too.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

/// The server; it ends with this value.
pub struct Cluster {
    pub url: String,
    /// The supervisor stops the server and deletes its directory when this pipe closes, however the process ends.
    orders: ChildStdin,
    replies: BufReader<ChildStdout>,
}

/// In a file of its own, for programs that are not written in Rust.
const SUPERVISOR: &str = include_str!("cluster.sh");

const LISTEN: &str = "-c listen_addresses=127.0.0.1 -c unix_socket_directories=";
/// What is written may wait for the disk, which nobody will pull out.
const FAST: &str = "-c max_connections=400 -c fsync=off -c full_page_writes=off -c autovacuum=off";
/// Nor will anybody stop a server before the tests have ended.
const NEVER_STOPPED: &str = "-c synchronous_commit=off";

impl Cluster {
    /// A server for tests that leave it alone.
    pub fn that_never_stops() -> Result<Cluster, String> {
        Cluster::start(&format!("{FAST} {NEVER_STOPPED}"))
    }

    /// A server that may be stopped at any moment and has lost nothing that it had committed.
    #[allow(dead_code)] // only the fault tests do
    pub fn that_may_stop() -> Result<Cluster, String> {
        Cluster::start(FAST)
    }

    /// A server with settings as `postgres -c` takes them; without any it is as safe as PostgreSQL is shipped.
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
        let mut cluster = Cluster {
            url: format!("postgres://iku@127.0.0.1:{}/postgres?sslmode=disable", free.port()),
            orders: supervisor.stdin.take().ok_or("the supervisor has no stdin")?,
            replies: BufReader::new(supervisor.stdout.take().ok_or("the supervisor has no stdout")?),
        };
        cluster
            .reply()
            .map_err(|said| format!("PostgreSQL in {} did not start: {said}", bin.display()))?;
        Ok(cluster)
    }

    /// Stops the server at once, as if its machine had lost its power (`stop`), or starts it again (`start`).
    #[allow(dead_code)] // only the fault tests do
    pub fn order(&mut self, order: &str) -> Result<(), String> {
        writeln!(self.orders, "{order}").map_err(|e| format!("the supervisor is gone: {e}"))?;
        self.reply()
    }

    fn reply(&mut self) -> Result<(), String> {
        let mut said = String::new();
        self.replies.read_line(&mut said).map_err(|e| e.to_string())?;
        if said.trim() == "done" { Ok(()) } else { Err(said) }
    }
}

/// Debian's newest, else what is on the PATH.
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
