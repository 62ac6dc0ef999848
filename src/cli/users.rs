//! `iku user`: accounts, for the operator of the service.

use std::io::{IsTerminal, Write, stderr, stdin};

use clap::Subcommand;

use crate::access::auth::secret;
use crate::access::users::cli;
use crate::access::users::dto::NewUser;
use crate::access::{Role, Section};
use crate::app;
use crate::platform::console::print;
use crate::platform::db::Db;
use crate::platform::http::DistrictCode;

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user; prints a random password once, unless standard input has a password
    Add {
        username: String,
        /// The person's name [default: the user name]
        #[arg(long)]
        name: Option<String>,
        /// administrator, head, secretary, officer, surveyor, integrator or auditor
        #[arg(long)]
        role: Role,
        /// Kemendagri code of the district (63.11.06); without it, the whole regency
        #[arg(long, value_name = "CODE")]
        district: Option<DistrictCode>,
        /// A section that an officer works for; may be given several times
        #[arg(long = "section", value_name = "CODE")]
        sections: Vec<Section>,
        /// Read the password from standard input, one line
        #[arg(long)]
        password_stdin: bool,
    },
    /// Show every user
    List,
    /// Give a user a new password and end all sessions of the user
    Password {
        username: String,
        /// Read the password from standard input, one line
        #[arg(long)]
        password_stdin: bool,
    },
}

pub async fn run(db: &Db, command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::Add {
            username,
            name,
            role,
            district,
            sections,
            password_stdin,
        } => {
            let (password, shown) = password(password_stdin)?;
            let new = NewUser {
                id: None,
                name: name.unwrap_or_else(|| username.clone()),
                username,
                role,
                district_code: district,
                sections,
                active: true,
                password,
            };
            let contract = app::contract()?;
            let user = cli::add(db, &contract, new).await.map_err(|e| e.to_string())?;
            print(&format!("{}{shown}\n", user.username))
        }
        UserCommand::List => {
            for user in cli::list(db).await.map_err(|e| e.to_string())? {
                let district = user.district_code.as_ref().map_or("-", DistrictCode::as_str);
                let sections: Vec<&str> = user.sections.iter().map(|s| s.as_str()).collect();
                let active = if user.active { "" } else { "  (not active)" };
                print(&format!(
                    "{:24} {:14} {district:9} {}{active}\n",
                    user.username,
                    user.role.as_str(),
                    sections.join(","),
                ))?;
            }
            Ok(())
        }
        UserCommand::Password {
            username,
            password_stdin,
        } => {
            let (password, shown) = password(password_stdin)?;
            let unknown = |e| format!("The password of {username} was not changed: {e}");
            cli::set_password(db, &username, &password).await.map_err(unknown)?;
            print(&format!("{username}{shown}\n"))
        }
    }
}

/// Returns the password, and the text that shows a random password.
fn password(from_stdin: bool) -> Result<(String, String), String> {
    if !from_stdin {
        let random = secret::generate().map_err(|e| e.to_string())?;
        let shown = format!(" / {random} (note it now, it is not shown again)");
        return Ok((random, shown));
    }
    if stdin().is_terminal() {
        write!(stderr(), "Password (it will be visible): ").map_err(|e| e.to_string())?;
    }
    let mut line = String::new();
    stdin().read_line(&mut line).map_err(|e| e.to_string())?;
    Ok((line.trim_end_matches(['\r', '\n']).to_owned(), String::new()))
}
