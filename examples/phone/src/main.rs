//! `phone`: enrol once, add answers wherever you are, send when there is a signal.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use serde_json::Value;

use iku_phone::enrol::{Invitation, enrol};
use iku_phone::problems::Problems;
use iku_phone::server::Patience;
use iku_phone::sync::Persistence;
use iku_phone::{Answer, Courier, Identity, Queue, Server};

/// The reference phone of iku: answers are kept on disk until the service has said what became of them.
#[derive(Parser)]
#[command(name = "phone", version)]
struct Arguments {
    /// Where this phone keeps its things
    #[arg(long, global = true, default_value = "phone-data", value_name = "FOLDER")]
    folder: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Exchange an enrolment code for a credential; safe to repeat
    Enrol {
        /// What the QR picture holds: iku://enrol?server=...&code=...
        #[arg(required_unless_present_all = ["server", "code"], conflicts_with_all = ["server", "code"])]
        uri: Option<String>,
        /// The service, such as `https://iku.example.go.id`
        #[arg(long, requires = "code")]
        server: Option<String>,
        /// The code, as typed
        #[arg(long, requires = "server")]
        code: Option<String>,
    },
    /// Put answers into the queue: a file with one JSON object a line, or - for the standard input
    Add { file: PathBuf },
    /// Send what waits. Ends with 0 when nothing waits any more, with 3 when something still does
    Send {
        /// Failures in a row after which to give up until the next call
        #[arg(long, default_value_t = Persistence::default().failures)]
        failures: u32,
        /// Longest wait between two tries, in seconds
        #[arg(long, default_value_t = Persistence::default().longest_wait.as_secs())]
        longest_wait: u64,
    },
    /// Who this phone is, how many answers wait, and which were refused
    Status,
}

type Ended = Result<ExitCode, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let folder = &arguments.folder;
    let ended = match arguments.command {
        Command::Enrol { uri, server, code } => join(folder, uri, server, code),
        Command::Add { file } => add(folder, &file),
        Command::Send { failures, longest_wait } => send(
            folder,
            Persistence {
                failures,
                longest_wait: Duration::from_secs(longest_wait),
                ..Persistence::default()
            },
        ),
        Command::Status => status(folder),
    };
    ended.unwrap_or_else(|e| {
        writeln!(std::io::stderr(), "phone: {e}.").ok();
        ExitCode::FAILURE
    })
}

fn say(text: impl std::fmt::Display) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{text}")
}

fn join(folder: &Path, uri: Option<String>, server: Option<String>, code: Option<String>) -> Ended {
    let invitation = match uri {
        Some(uri) => Invitation::from_uri(&uri)?,
        None => Invitation::typed(&server.unwrap_or_default(), &code.unwrap_or_default())?,
    };
    // Held meanwhile, so that two of these do not make two secrets.
    let _queue = Queue::open(folder)?;
    let identity = enrol(
        folder,
        &invitation,
        &Server::new(&invitation.server, Patience::default()),
    )?;
    say(format_args!(
        "enrolled as \"{}\" ({})",
        identity.name, identity.client_id
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn add(folder: &Path, file: &Path) -> Ended {
    let text = match file.as_os_str() == "-" {
        true => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
        false => std::fs::read_to_string(file)?,
    };
    // One object over several lines, or one a line. All are read before the first is kept.
    let objects = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    let answers = objects.map(|object| Answer::new(&object.map_err(|e| e.to_string())?.to_string()));
    let answers: Vec<Answer> = answers.collect::<Result<_, String>>()?;
    let queue = Queue::open(folder)?;
    for answer in &answers {
        queue.add(answer)?;
        // Printed when it is on the disk, and not before.
        say(answer.id())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn send(folder: &Path, persistence: Persistence) -> Ended {
    let queue = Queue::open(folder)?;
    let identity = Identity::load(folder)?.ok_or("this phone is not enrolled yet: phone enrol")?;
    let server = Server::new(&identity.server, Patience::default());
    let report = Courier::new(folder, &queue, identity, server, persistence).run()?;
    say(&report)?;
    Ok(if report.waiting == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}

fn status(folder: &Path) -> Ended {
    let queue = Queue::open(folder)?;
    match Identity::load(folder)? {
        Some(identity) => say(format_args!("enrolled as \"{}\" at {}", identity.name, identity.server))?,
        None => say("not enrolled")?,
    }
    say(format_args!("{} answers wait", queue.len()))?;
    for problem in Problems::of(folder).all()? {
        say(format_args!(
            "{} {} {} {}",
            problem.at, problem.outcome, problem.id, problem.errors
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
