//! The command line. Exit codes: 0 success, 1 failure (standard error has the reason), 2 wrong arguments; `iku verify`:
//! 0 sound, 1 differences found, 3 not checked.

mod closings;
mod export;
mod import;
mod keys;
mod maintenance;
mod progress;
mod users;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use migration::{Migrator, MigratorTrait};
use rustix::fs::Mode;
use rustix::process::umask;

use crate::config::{self, LogFormat, Secrets, Settings};
use crate::evidence::store::folder;
use crate::maintenance::ensure_exists;
use crate::ops::contract::as_yaml;
use crate::ops::problems;
use crate::platform::console::print;
use crate::platform::db::Db;
use crate::platform::db::lock::FileLock;
use crate::platform::http::document::as_json;
use crate::platform::secret::Secret;
use crate::platform::telemetry;
use crate::platform::text::quantity;
use crate::shipped::loader::{self, Extent};
use crate::{app, demo, server, startup};
use export::ExportCommand;
use import::ImportCommand;
use keys::KeysCommand;
use users::UserCommand;

/// Indikator Kinerja Utama of a kecamatan, computed from the records and explained down to the record.
#[derive(Debug, Parser)]
#[command(name = "iku", version, after_help = config::help())]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve requests; prepares an empty database first. This is the default command
    #[command(after_help = config::help_of_secrets())]
    Serve(Box<Settings>),
    /// Migrate the database to the schema of this version, or undo migrations
    Migrate {
        /// Undo the last N migrations; their data is lost
        #[arg(long, value_name = "N")]
        down: Option<u32>,
    },
    /// Print the OpenAPI document; needs no database
    Openapi {
        /// Print YAML instead of JSON
        #[arg(long)]
        yaml: bool,
    },
    /// Print every problem code with cause and remedy, as in docs/PROBLEMS.md; needs no database
    Problems,
    /// Fill the database with example records
    Demo,
    /// Load all 8 districts and 157 villages of Kabupaten Balangan
    LoadRegency,
    /// Manage users, also if no administrator can sign in
    #[command(subcommand)]
    User(UserCommand),
    /// Show or replace the keys that sign tokens and closings
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Write a table for spreadsheets or for SAKIP, as `/v1/exports` does; may run beside `iku serve`
    Export(Box<ExportCommand>),
    /// Record the rows of a sheet, all or none, as `/v1/imports` does
    ///
    /// Prints a line for each wrong row, and the number of rows by outcome. Exit code 1: a row is wrong, and nothing was recorded.
    /// On SQLite stop `iku serve` first; on PostgreSQL it may run.
    Import(ImportCommand),
    /// Check that the tallies match the answers, and that all records are consistent
    ///
    /// It also compares every file of evidence with its hash; with --quick with its length. Only reads, also while `iku serve` runs. Prints one line for each difference. Exit code 0: sound, 1: differences found, 3:
    /// not checked.
    ///
    /// With --closing, --document and --keys it needs no database: it checks the signature of a statement, and that the document
    /// is the one that the statement names. With --closing alone it checks that the database still has the closing and the
    /// journal that the statement names: an older backup lacks them.
    Verify {
        /// Do not compare the indexes of a SQLite file with its rows: much faster with millions of answers
        #[arg(long, conflicts_with = "closing")]
        quick: bool,
        /// The statement of a closing, as GET /v1/closings/{id}/statement returned it
        #[arg(long, value_name = "FILE")]
        closing: Option<PathBuf>,
        /// The document of the closing, as GET /v1/closings/{id}/document returned it
        #[arg(long, value_name = "FILE", requires_all = ["closing", "keys"])]
        document: Option<PathBuf>,
        /// The keys of closings, as GET /v1/closings/keys returned them
        #[arg(long, value_name = "FILE", requires_all = ["closing", "document"])]
        keys: Option<PathBuf>,
    },
    /// Compute every tally again from the answers; prints the changes
    ///
    /// On SQLite stop `iku serve` first; on PostgreSQL it may run.
    Recount,
    /// Copy a SQLite database to FILE, also while `iku serve` runs; the copy is verified
    ///
    /// The files of evidence go to the folder evidence-of-backups beside FILE, which all backups there share, and
    /// FILE.evidence.sha256 lists their hashes.
    ///
    /// FILE contains password hashes and signing keys: protect it like the database. PostgreSQL makes its own backups
    /// (pg_dump).
    Backup {
        file: PathBuf,
        /// Replace FILE if it exists
        #[arg(long)]
        force: bool,
    },
    /// Check a backup, then replace the SQLite database with it; stop `iku serve` first
    ///
    /// The former database is renamed to FILE.before-restore-INSTANT.
    Restore {
        file: PathBuf,
        /// Restore the database also if the backup lacks files of evidence
        #[arg(long)]
        without_evidence: bool,
    },
    /// Ask a running `iku serve` on this machine whether it is ready
    Healthcheck,
}

/// The reason why a command failed, as a sentence.
enum Failure {
    CouldNot(String),
    /// The check found a difference.
    Differs(String),
}

impl From<String> for Failure {
    fn from(sentence: String) -> Self {
        Self::CouldNot(sentence)
    }
}

/// Runs the whole program.
pub fn main() -> ExitCode {
    // The files that libraries make are private, too.
    umask(Mode::RWXG | Mode::RWXO);
    let whole = Cli::command().mut_subcommand("serve", config::without_empty);
    let matches = whole.try_get_matches();
    let parsed = matches.and_then(|matches| Cli::from_arg_matches(&matches));
    let (could_not, done) = match parsed {
        Ok(Cli { command }) => {
            // Scripts must distinguish a failed check from a difference.
            let is_verify = matches!(command, Some(Command::Verify { .. }));
            (if is_verify { 3 } else { 1 }, run(command))
        }
        Err(error) => match config::wrong_setting(&error) {
            Some(sentence) => (1, Err(Failure::from(sentence))),
            None => error.exit(),
        },
    };
    let (code, sentence) = match done {
        Ok(()) => return ExitCode::SUCCESS,
        Err(Failure::CouldNot(sentence)) => (could_not, sentence),
        Err(Failure::Differs(sentence)) => (1, sentence),
    };
    let _ = writeln!(std::io::stderr(), "iku: {sentence}");
    ExitCode::from(code)
}

fn run(command: Option<Command>) -> Result<(), Failure> {
    match command {
        Some(Command::Verify {
            closing: Some(statement),
            document: Some(document),
            keys: Some(keys),
            ..
        }) => return closings::verify(&statement, &document, &keys),
        Some(Command::Openapi { yaml }) => return Ok(print_document(yaml)?),
        Some(Command::Problems) => return Ok(print(&problems::markdown())?),
        Some(Command::Healthcheck) => return Ok(server::health::ask(&Settings::from_env()?.http_addr)?),
        _ => {}
    }
    let secrets = Secrets::from_env()?;
    let command = match command {
        Some(command) => command,
        None => Command::Serve(Box::new(Settings::from_env()?)),
    };
    match &command {
        Command::Serve(settings) => start_log(&settings.log, settings),
        // Commands print their results, so only failures and the audit are logged.
        _ => start_log("warn", &Settings::from_env()?),
    }
    actix_web::rt::System::new().block_on(async {
        let url = secrets.database_url.expose().to_owned();
        let done = match command {
            Command::Verify {
                closing: Some(statement),
                ..
            } => return closings::compare(&url, &statement).await,
            Command::Verify { quick, .. } => return maintenance::verify(&url, &evidence(&url)?, quick).await,
            Command::Serve(settings) => server::serve(*settings, secrets).await,
            Command::Migrate { down } => migrate(&secrets, down).await,
            Command::Demo => on_prepared(&secrets, fill_demo).await,
            Command::LoadRegency => on_prepared(&secrets, load_regency).await,
            Command::User(command) => on_prepared(&secrets, async |db| users::run(db, command).await).await,
            Command::Keys(command) => beside_the_service(&secrets, async |db| keys::run(db, command).await).await,
            Command::Export(command) => beside_the_service(&secrets, async |db| export::run(db, &command).await).await,
            Command::Import(command) => on_prepared(&secrets, async |db| import::run(db, &command).await).await,
            Command::Recount => on_existing(&secrets, maintenance::recount).await,
            Command::Backup { file, force } => maintenance::backup(&url, &evidence(&url)?, &file, force).await,
            Command::Restore { file, without_evidence } => {
                maintenance::restore(&url, &evidence(&url)?, &file, !without_evidence).await
            }
            Command::Openapi { .. } | Command::Problems | Command::Healthcheck => Ok(()),
        };
        Ok(done?)
    })
}

fn start_log(filter: &str, settings: &Settings) {
    telemetry::start(filter, settings.log_format == LogFormat::Json, settings.access_log);
    for warning in config::warnings() {
        tracing::warn!("{warning}");
    }
}

/// Returns the folder of the files of evidence.
fn evidence(url: &str) -> Result<PathBuf, String> {
    folder(Settings::from_env()?.evidence_dir.as_deref(), url)
}

fn print_document(yaml: bool) -> Result<(), String> {
    let document = app::published();
    let text = if yaml { as_yaml(&document) } else { as_json(&document) };
    print(&text.map_err(|e| e.to_string())?)
}

/// Opens the database and runs a writing command. Locks the database if it is a file.
async fn on_database(secrets: &Secrets, command: impl AsyncFnOnce(&Db) -> Result<(), String>) -> Result<(), String> {
    let _lock = FileLock::take(secrets.database_url.expose())?;
    without_lock(secrets, command).await
}

/// Opens the database and runs a command.
async fn without_lock(secrets: &Secrets, command: impl AsyncFnOnce(&Db) -> Result<(), String>) -> Result<(), String> {
    let db = server::open(secrets, None).await?;
    let done = command(&db).await;
    db.close().await.map_err(|e| e.to_string())?;
    done
}

/// Runs a writing command on a database that must exist.
async fn on_existing(secrets: &Secrets, command: impl AsyncFnOnce(&Db) -> Result<(), String>) -> Result<(), String> {
    ensure_exists(secrets.database_url.expose())?;
    on_database(secrets, command).await
}

/// Runs a command that may write while `iku serve` runs: one short transaction on a table that every process reads
/// again within seconds. SQLite runs one write transaction at a time.
async fn beside_the_service(
    secrets: &Secrets,
    command: impl AsyncFnOnce(&Db) -> Result<(), String>,
) -> Result<(), String> {
    ensure_exists(secrets.database_url.expose())?;
    without_lock(secrets, command).await
}

async fn on_prepared(secrets: &Secrets, command: impl AsyncFnOnce(&Db) -> Result<(), String>) -> Result<(), String> {
    on_database(secrets, async |db| {
        let password = secrets.admin_password.as_ref().map(Secret::expose);
        if let Some(first) = startup::prepare(db, password)
            .await
            .map_err(|e| format!("The database cannot be prepared: {}.", server::sentence(&e)))?
            && let Some(password) = first.password
        {
            let username = first.account.username;
            print(&format!(
                "First user: {username} / {password} (note it now, it is not shown again)\n"
            ))?;
        }
        command(db).await
    })
    .await
}

async fn migrate(secrets: &Secrets, down: Option<u32>) -> Result<(), String> {
    on_database(secrets, async |db| match down {
        None => {
            startup::migrate(db).await.map_err(|e| e.to_string())?;
            print("The schema is up to date.\n")
        }
        Some(steps) => {
            Migrator::down(db.connection(), Some(steps))
                .await
                .map_err(|e| e.to_string())?;
            print(&format!("{} undone.\n", quantity(steps, "migration")))
        }
    })
    .await
}

async fn load_regency(db: &Db) -> Result<(), String> {
    db.write(async |tx| loader::load(tx, Extent::Regency).await)
        .await
        .map_err(|e| e.to_string())?;
    print("Loaded: 8 districts, 157 villages of Kabupaten Balangan.\n")
}

async fn fill_demo(db: &Db) -> Result<(), String> {
    demo::fill(db, app::contract()?).await.map_err(|e| e.to_string())?;
    print(&demo::proclamation())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_setting_and_shows_no_secret() {
        Cli::command().debug_assert();
        let mut whole = Cli::command();
        let all = whole.render_long_help().to_string();
        let serve = whole.find_subcommand_mut("serve").unwrap();
        let serve = serve.render_long_help().to_string();
        for name in config::names() {
            assert!(all.contains(&name) && serve.contains(&name), "{name}");
        }
    }
}
