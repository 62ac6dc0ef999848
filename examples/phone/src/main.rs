//! The program `phone`: enrol once, add answers anywhere, send when there is a signal.

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

/// The reference phone of iku. It stores answers on disk until the service returns a final result for them.
#[derive(Parser)]
#[command(name = "phone", version)]
struct Arguments {
    /// The folder for the files of this phone
    #[arg(long, global = true, default_value = "phone-data", value_name = "FOLDER")]
    folder: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Exchange an enrolment code for a credential; safe to repeat
    Enrol {
        /// The text of the QR picture: iku://enrol?server=...&code=...
        #[arg(required_unless_present_all = ["server", "code"], conflicts_with_all = ["server", "code"])]
        uri: Option<String>,
        /// The service, such as `https://iku.example.go.id`
        #[arg(long, requires = "code")]
        server: Option<String>,
        /// The code, as typed
        #[arg(long, requires = "server")]
        code: Option<String>,
    },
    /// Put answers into the queue: a file with one JSON object per line, or - for the standard input
    Add { file: PathBuf },
    /// Send the waiting answers. The exit code is 0 if none waits any more, 3 if some still wait
    Send {
        /// Give up after this number of failures in a row
        #[arg(long, default_value_t = Persistence::default().failures)]
        failures: u32,
        /// The longest wait between two tries, in seconds
        #[arg(long, default_value_t = Persistence::default().longest_wait.as_secs())]
        longest_wait: u64,
    },
    /// Print the name of this phone, the number of waiting answers, and the refused answers
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

fn print(text: impl std::fmt::Display) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{text}")
}

fn join(folder: &Path, uri: Option<String>, server: Option<String>, code: Option<String>) -> Ended {
    let invitation = match uri {
        Some(uri) => Invitation::from_uri(&uri)?,
        None => Invitation::typed(&server.unwrap_or_default(), &code.unwrap_or_default())?,
    };
    // Lock the folder, so that two processes do not generate two secrets.
    let _queue = Queue::open(folder)?;
    let identity = enrol(
        folder,
        &invitation,
        &Server::new(&invitation.server, Patience::default()),
    )?;
    print(format_args!(
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
    // An object may have several lines. Read all of them before the first is stored.
    let objects = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
    let answers = objects.map(|object| Answer::new(&object.map_err(|e| e.to_string())?.to_string()));
    let answers: Vec<Answer> = answers.collect::<Result<_, String>>()?;
    let queue = Queue::open(folder)?;
    for answer in &answers {
        queue.add(answer)?;
        // Print the id only after the answer is on the disk.
        print(answer.id())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn send(folder: &Path, persistence: Persistence) -> Ended {
    let queue = Queue::open(folder)?;
    let identity = Identity::load(folder)?.ok_or("this phone is not enrolled yet: phone enrol")?;
    let server = Server::new(&identity.server, Patience::default());
    let report = Courier::new(folder, &queue, identity, server, persistence).run()?;
    print(&report)?;
    Ok(if report.waiting == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}

fn status(folder: &Path) -> Ended {
    let queue = Queue::open(folder)?;
    match Identity::load(folder)? {
        Some(identity) => print(format_args!("enrolled as \"{}\" at {}", identity.name, identity.server))?,
        None => print("not enrolled")?,
    }
    print(format_args!("{} answers wait", queue.len()))?;
    for problem in Problems::of(folder).all()? {
        print(format_args!(
            "{} {} {} {}",
            problem.at, problem.outcome, problem.id, problem.errors
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
