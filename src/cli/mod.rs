//! The command line. Exit codes: 0 done, 1 could not (one sentence on standard error says why), 2 not understood;
//! `iku verify`: 0 sound, 1 something differs, 3 could not be checked.

mod keys;
mod maintenance;
mod users;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use migration::{Migrator, MigratorTrait};

use crate::config::{self, LogFormat, Secrets, Settings};
use crate::maintenance::must_be_there;
use crate::ops::contract::as_yaml;
use crate::ops::problems;
use crate::platform::console::print;
use crate::platform::db::Db;
use crate::platform::db::lock::FileLock;
use crate::platform::http::document::as_json;
use crate::platform::secret::Secret;
use crate::platform::telemetry;
use crate::shipped::loader::{self, Extent};
use crate::{app, demo, server, startup};
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
    /// Answer requests; prepares an empty database first. What `iku` alone does too
    #[command(after_help = config::help_of_secrets())]
    Serve(Box<Settings>),
    /// Bring the database's schema to this version, or take steps back
    Migrate {
        /// Undo the last N migrations; their data is lost
        #[arg(long, value_name = "N")]
        down: Option<u32>,
    },
    /// Print the OpenAPI document; needs no database
    Openapi {
        /// As YAML instead of JSON
        #[arg(long)]
        yaml: bool,
    },
    /// Print every problem code with cause and remedy, as in docs/PROBLEMS.md; needs no database
    Problems,
    /// Fill the database with made-up records to look around in
    Demo,
    /// Load all 8 districts and 157 villages of Kabupaten Balangan
    LoadRegency,
    /// Users from the command line, also when nobody can sign in
    #[command(subcommand)]
    User(UserCommand),
    /// The keys that sign tokens: show them, put a new one in their place
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Check that the tallies are what the answers add up to, and that nothing else contradicts itself
    ///
    /// Only reads, also while `iku serve` runs. One line on standard output for each difference. Exit code 0: sound,
    /// 1: something differs, 3: could not be checked.
    Verify {
        /// Leave out whether every index of a SQLite file holds every row: much faster with millions of answers
        #[arg(long)]
        quick: bool,
    },
    /// Make every tally anew from the answers; says what it changed
    ///
    /// On SQLite stop `iku serve` first; on PostgreSQL it may run.
    Recount,
    /// Copy a SQLite database to FILE, also while `iku serve` runs; the copy is verified
    ///
    /// FILE holds password hashes and signing keys: keep it as you keep the database. PostgreSQL makes its own backups
    /// (pg_dump).
    Backup {
        file: PathBuf,
        /// Replace FILE if it exists
        #[arg(long)]
        force: bool,
    },
    /// Put a backup in the place of the SQLite database, after it was found sound; stop `iku serve` first
    ///
    /// The former database stays beside it as FILE.before-restore-INSTANT.
    Restore { file: PathBuf },
    /// Ask a running `iku serve` on this machine whether it is ready
    Healthcheck,
}

/// Why a command does not end well, in a sentence.
enum Failure {
    CouldNot(String),
    /// The check ended and found a difference.
    Differs(String),
}

impl From<String> for Failure {
    fn from(sentence: String) -> Self {
        Self::CouldNot(sentence)
    }
}

/// The whole program.
pub fn main() -> ExitCode {
    let whole = Cli::command().mut_subcommand("serve", config::without_empty);
    let matches = whole.try_get_matches();
    let parsed = matches.and_then(|matches| Cli::from_arg_matches(&matches));
    let (could_not, done) = match parsed {
        Ok(Cli { command }) => {
            // A script must not take "could not" for "something differs".
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
        // A command prints itself what it did, so only failures are logged.
        _ => start_log("warn", &Settings::from_env()?),
    }
    actix_web::rt::System::new().block_on(async {
        let url = secrets.database_url.expose().to_owned();
        let done = match command {
            Command::Verify { quick } => return maintenance::verify(&url, quick).await,
            Command::Serve(settings) => server::serve(*settings, secrets).await,
            Command::Migrate { down } => migrate(&secrets, down).await,
            Command::Demo => on_prepared(&secrets, fill_demo).await,
            Command::LoadRegency => on_prepared(&secrets, load_regency).await,
            Command::User(command) => on_prepared(&secrets, async |db| users::run(db, command).await).await,
            Command::Keys(command) => beside_the_service(&secrets, async |db| keys::run(db, command).await).await,
            Command::Recount => on_existing(&secrets, maintenance::recount).await,
            Command::Backup { file, force } => maintenance::backup(&url, &file, force).await,
            Command::Restore { file } => maintenance::restore(&url, &file).await,
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

fn print_document(yaml: bool) -> Result<(), String> {
    let document = app::openapi();
    let text = if yaml { as_yaml(&document) } else { as_json(&document) };
    print(&text.map_err(|e| e.to_string())?)
}

/// Runs a writing command on an opened database, alone on it if it is a file.
async fn on_database(secrets: &Secrets, command: impl AsyncFnOnce(&Db) -> Result<(), String>) -> Result<(), String> {
    let _lock = FileLock::take(secrets.database_url.expose())?;
    without_lock(secrets, command).await
}

/// Runs a command on an opened database.
async fn without_lock(secrets: &Secrets, command: impl AsyncFnOnce(&Db) -> Result<(), String>) -> Result<(), String> {
    let db = server::open(secrets).await?;
    let done = command(&db).await;
    db.close().await.map_err(|e| e.to_string())?;
    done
}

/// The same, on a database that is there already.
async fn on_existing(secrets: &Secrets, command: impl AsyncFnOnce(&Db) -> Result<(), String>) -> Result<(), String> {
    must_be_there(secrets.database_url.expose())?;
    on_database(secrets, command).await
}

/// Runs a command that may write while `iku serve` has the file: one short transaction on a table that every process
/// reads again within seconds. SQLite makes the two wait for each other.
async fn beside_the_service(
    secrets: &Secrets,
    command: impl AsyncFnOnce(&Db) -> Result<(), String>,
) -> Result<(), String> {
    must_be_there(secrets.database_url.expose())?;
    without_lock(secrets, command).await
}

async fn on_prepared(secrets: &Secrets, command: impl AsyncFnOnce(&Db) -> Result<(), String>) -> Result<(), String> {
    on_database(secrets, async |db| {
        let password = secrets.admin_password.as_ref().map(Secret::expose);
        if let Some(first) = startup::prepare(db, password).await.map_err(|e| e.to_string())?
            && let Some(password) = first.password
        {
            let username = first.username;
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
            print(&format!("{steps} migrations undone.\n"))
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
