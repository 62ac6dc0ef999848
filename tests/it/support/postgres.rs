//! PostgreSQL databases for the tests, on a real server: `IKU_TEST_POSTGRES_URL` if set (15 or later, an account that
//! may create databases), else a throw-away cluster of this process.
//!
//! Every test has a runtime of its own and connections belong to one, so a thread with its own runtime, the *clerk*,
//! keeps the administrative connection and makes and drops databases on request.

use std::io::Read;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};
use tokio::sync::{mpsc, oneshot};

use super::backend::prepare;

/// Dropped on the server, with whatever is still connected to it, when this is dropped.
pub struct TestDatabase {
    pub url: String,
    name: String,
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Ok(clerk) = &*CLERK {
            clerk.send(Order::Drop(std::mem::take(&mut self.name))).ok();
        }
    }
}

/// A copy of the prepared template.
pub async fn database() -> TestDatabase {
    create(true).await
}

/// Without any table.
pub async fn empty_database() -> TestDatabase {
    create(false).await
}

async fn create(prepared: bool) -> TestDatabase {
    let clerk = CLERK.as_ref().unwrap_or_else(|why| panic!("{why}"));
    let (reply, answer) = oneshot::channel();
    clerk
        .send(Order::Create { prepared, reply })
        .expect("the PostgreSQL clerk is gone");
    answer
        .await
        .expect("the PostgreSQL clerk is gone")
        .unwrap_or_else(|why| panic!("{why}"))
}

enum Order {
    Create {
        prepared: bool,
        reply: oneshot::Sender<Result<TestDatabase, String>>,
    },
    Drop(String),
}

static CLERK: LazyLock<Result<mpsc::UnboundedSender<Order>, String>> = LazyLock::new(|| {
    let (orders, inbox) = mpsc::unbounded_channel();
    let (ready, started) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            // The cluster lives as long as this binding: to the end of the process.
            let (_cluster, clerk) = match Clerk::start().await {
                Ok(started) => started,
                Err(why) => return ready.send(Err(why)).expect("the test that waits"),
            };
            ready.send(Ok(())).expect("the test that waits");
            clerk.serve(inbox).await;
        });
    });
    started
        .recv()
        .unwrap_or_else(|_| Err("the PostgreSQL clerk panicked".into()))
        .map(|()| orders)
});

struct Clerk {
    admin: DatabaseConnection,
    admin_url: String,
    /// `iku_test_{seconds since 1970}_{process}`
    prefix: String,
    made: u32,
    template: Option<String>,
}

impl Clerk {
    async fn start() -> Result<(Option<Cluster>, Clerk), String> {
        let given = std::env::var("IKU_TEST_POSTGRES_URL")
            .ok()
            .filter(|url| !url.is_empty());
        let cluster = if given.is_none() { Some(Cluster::start()?) } else { None };
        let admin_url = given
            .or_else(|| cluster.as_ref().map(|c| c.url.clone()))
            .unwrap_or_default();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let clerk = Clerk {
            admin: connect(&admin_url)
                .await
                .map_err(|e| format!("the PostgreSQL server for the tests: {e}"))?,
            admin_url,
            prefix: format!("iku_test_{now}_{}", std::process::id()),
            made: 0,
            template: None,
        };
        if cluster.is_none() {
            clerk
                .drop_leftovers(now)
                .await
                .map_err(|e| format!("the PostgreSQL server for the tests: {e}"))?;
        }
        Ok((cluster, clerk))
    }

    async fn serve(mut self, mut inbox: mpsc::UnboundedReceiver<Order>) {
        while let Some(order) = inbox.recv().await {
            match order {
                Order::Create { prepared, reply } => {
                    // If the test is gone, its database is dropped with the unsent answer.
                    reply
                        .send(self.create(prepared).await.map_err(|e| format!("a test database: {e}")))
                        .ok();
                }
                Order::Drop(name) => {
                    self.drop(&name).await.ok();
                }
            }
        }
    }

    async fn create(&mut self, prepared: bool) -> Result<TestDatabase, DbErr> {
        let template = if prepared {
            self.template().await?
        } else {
            "template0".into()
        };
        self.copy(&template).await
    }

    async fn template(&mut self) -> Result<String, DbErr> {
        if let Some(name) = &self.template {
            return Ok(name.clone());
        }
        let made = self.copy("template0").await?;
        prepare(&made.url).await?;
        let name = made.name.clone();
        std::mem::forget(made); // stays until the process ends
        self.template = Some(name.clone());
        Ok(name)
    }

    async fn copy(&mut self, template: &str) -> Result<TestDatabase, DbErr> {
        self.made += 1;
        let name = format!("{}_{}", self.prefix, self.made);
        let sql = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
        self.admin.execute_unprepared(&sql).await?;
        Ok(TestDatabase {
            url: with_database(&self.admin_url, &name),
            name,
        })
    }

    async fn drop(&self, name: &str) -> Result<(), DbErr> {
        self.admin
            .execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
            .await?;
        Ok(())
    }

    /// On a server that outlives us: what earlier processes had no time to drop, an hour old or older.
    async fn drop_leftovers(&self, now: u64) -> Result<(), DbErr> {
        let sql = "SELECT datname FROM pg_database WHERE datname LIKE 'iku\\_test\\_%'";
        for row in self
            .admin
            .query_all_raw(Statement::from_string(self.admin.get_database_backend(), sql))
            .await?
        {
            let name: String = row.try_get_by_index(0)?;
            let made = name.split('_').nth(2).and_then(|seconds| seconds.parse::<u64>().ok());
            if made.is_some_and(|made| made + 3600 < now) {
                self.drop(&name).await?;
            }
        }
        Ok(())
    }
}

async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await
}

/// The same server and account, another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let host = address.find("://").map_or(0, |at| at + 3);
    let server = address[host..].find('/').map_or(address, |at| &address[..host + at]);
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{server}/{name}{mark}{query}")
}

struct Cluster {
    url: String,
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

const SETTINGS: &str = "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=400 -c fsync=off \
                        -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off";

impl Cluster {
    fn start() -> Result<Cluster, String> {
        let bin = binaries().ok_or(
            "no PostgreSQL found: run `apt-get install postgresql`, or set IKU_TEST_POSTGRES_URL to the URL of a \
             server where databases may be created",
        )?;
        // Somebody else may take the free port before the server does.
        Cluster::start_on_free_port(&bin).or_else(|_| Cluster::start_on_free_port(&bin))
    }

    fn start_on_free_port(bin: &Path) -> Result<Cluster, String> {
        let free = TcpListener::bind("127.0.0.1:0")
            .and_then(|l| l.local_addr())
            .map_err(|e| format!("no port: {e}"))?;
        let mut supervisor = Command::new("sh")
            .args(["-c", SUPERVISOR])
            .env("BIN", bin)
            .env("PORT", free.port().to_string())
            .env("SETTINGS", SETTINGS)
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

/// One of PostgreSQL's client programs.
pub fn tool(name: &str) -> PathBuf {
    binaries().map_or_else(|| PathBuf::from(name), |bin| bin.join(name))
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
