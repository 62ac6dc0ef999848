//! PostgreSQL databases for the tests, on a real server: `IKU_TEST_POSTGRES_URL` if set (15 or later, an account that
//! may create databases), or a temporary cluster of this process.
//!
//! Every test has its own runtime, and a connection belongs to one runtime. So the *admin thread*, which has its own
//! runtime, has the administrative connection and creates and drops databases on request.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, Statement};
use tokio::sync::{mpsc, oneshot};

use super::backend::Content;
use super::cluster::{Cluster, binaries};

/// A database that is dropped, with its open connections, when this value is dropped.
pub struct TestDatabase {
    pub url: String,
    name: String,
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Ok(admin_thread) = &*ADMIN_THREAD {
            admin_thread.send(Order::Drop(std::mem::take(&mut self.name))).ok();
        }
    }
}

/// Returns a copy of a template.
pub async fn database(content: Content) -> TestDatabase {
    create(Some(content)).await
}

/// Returns a database without tables.
pub async fn empty_database() -> TestDatabase {
    create(None).await
}

async fn create(content: Option<Content>) -> TestDatabase {
    let admin_thread = ADMIN_THREAD.as_ref().unwrap_or_else(|error| panic!("{error}"));
    let (reply, created) = oneshot::channel();
    admin_thread
        .send(Order::Create { content, reply })
        .expect("the PostgreSQL admin thread has ended");
    created
        .await
        .expect("the PostgreSQL admin thread has ended")
        .unwrap_or_else(|error| panic!("{error}"))
}

enum Order {
    Create {
        content: Option<Content>,
        reply: oneshot::Sender<Result<TestDatabase, String>>,
    },
    Drop(String),
}

static ADMIN_THREAD: LazyLock<Result<mpsc::UnboundedSender<Order>, String>> = LazyLock::new(|| {
    let (orders, inbox) = mpsc::unbounded_channel();
    let (ready, started) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            // The cluster lives as long as this binding, which is until the process ends.
            let (_cluster, admin_thread) = match AdminThread::start().await {
                Ok(started) => started,
                Err(error) => return ready.send(Err(error)).expect("a test waits for this"),
            };
            ready.send(Ok(())).expect("a test waits for this");
            admin_thread.serve(inbox).await;
        });
    });
    started
        .recv()
        .unwrap_or_else(|_| Err("the PostgreSQL admin thread panicked".into()))
        .map(|()| orders)
});

struct AdminThread {
    admin: DatabaseConnection,
    admin_url: String,
    /// `iku_test_{seconds since 1970}_{process}`
    prefix: String,
    made: u32,
    templates: Vec<(Content, String)>,
}

impl AdminThread {
    async fn start() -> Result<(Option<Cluster>, AdminThread), String> {
        let given = std::env::var("IKU_TEST_POSTGRES_URL")
            .ok()
            .filter(|url| !url.is_empty());
        let cluster = if given.is_none() {
            Some(Cluster::that_never_stops()?)
        } else {
            None
        };
        let admin_url = given
            .or_else(|| cluster.as_ref().map(|c| c.url.clone()))
            .unwrap_or_default();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let admin_thread = AdminThread {
            admin: connect(&admin_url)
                .await
                .map_err(|e| format!("the PostgreSQL server for the tests: {e}"))?,
            admin_url,
            prefix: format!("iku_test_{now}_{}", std::process::id()),
            made: 0,
            templates: Vec::new(),
        };
        if cluster.is_none() {
            admin_thread
                .drop_leftovers(now)
                .await
                .map_err(|e| format!("the PostgreSQL server for the tests: {e}"))?;
        }
        Ok((cluster, admin_thread))
    }

    async fn serve(mut self, mut inbox: mpsc::UnboundedReceiver<Order>) {
        while let Some(order) = inbox.recv().await {
            match order {
                Order::Create { content, reply } => {
                    // If the test has ended, its database is dropped with the unsent reply.
                    reply
                        .send(self.create(content).await.map_err(|e| format!("a test database: {e}")))
                        .ok();
                }
                Order::Drop(name) => {
                    self.drop(&name).await.ok();
                }
            }
        }
    }

    async fn create(&mut self, content: Option<Content>) -> Result<TestDatabase, DbErr> {
        let template = match content {
            Some(content) => self.template(content).await?,
            None => "template0".into(),
        };
        self.copy(&template).await
    }

    async fn template(&mut self, content: Content) -> Result<String, DbErr> {
        if let Some((_, name)) = self.templates.iter().find(|(known, _)| *known == content) {
            return Ok(name.clone());
        }
        let made = self.copy("template0").await?;
        content.prepare(&made.url).await?;
        let name = made.name.clone();
        std::mem::forget(made); // the template stays until the process ends
        self.templates.push((content, name.clone()));
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

    /// Drops databases of earlier processes that are at least an hour old, on a server that outlives this process.
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

/// Returns the URL of another database on the same server, with the same account.
fn with_database(url: &str, name: &str) -> String {
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let host = address.find("://").map_or(0, |at| at + 3);
    let server = address[host..].find('/').map_or(address, |at| &address[..host + at]);
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{server}/{name}{mark}{query}")
}

/// Returns the path of a client program of PostgreSQL.
pub fn tool(name: &str) -> PathBuf {
    binaries().map_or_else(|| PathBuf::from(name), |bin| bin.join(name))
}
