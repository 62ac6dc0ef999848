//! `iku keys`: the keys that sign tokens, and the keys that sign closings.

use chrono::{DateTime, Utc};
use clap::Subcommand;

use crate::access::auth::closing_keys;
use crate::access::auth::rotation::{self, Rotation};
use crate::platform::console::print;
use crate::platform::db::Db;

#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Replace the key that signs tokens; all sessions stay valid
    ///
    /// The new key is published immediately and signs after six minutes, when others have fetched it. The old key stays
    /// published until the last token that it signed has expired. May run beside `iku serve`, on SQLite too.
    Rotate {
        /// For a leaked key: withdraw every key immediately. Every access token is refused from then on; refresh tokens
        /// and client secrets still work
        #[arg(long)]
        now: bool,
    },
    /// Show every key of tokens: published, signing, withdrawn. May run beside `iku serve`
    List,
    /// Show the keys that sign closings, with their fingerprints; publish the fingerprint elsewhere, so that strangers can compare
    ///
    /// May run beside `iku serve`.
    Closing {
        /// Make a new key that signs from now on. The key before it stays published and signs no more
        #[arg(long)]
        replace: bool,
    },
}

pub async fn run(db: &Db, command: KeysCommand) -> Result<(), String> {
    let now = db.clock().now();
    match command {
        KeysCommand::Rotate { now: false } => {
            let made = db.write(async |tx| rotation::rotate(tx, now).await).await;
            let Rotation {
                kid,
                signs_from,
                retires_at,
                ..
            } = made.map_err(unchanged)?;
            print(&format!(
                "{kid} is published, signs from {}; the key before it goes at {}.\n",
                shown(signs_from),
                shown(retires_at)
            ))
        }
        KeysCommand::Rotate { now: true } => {
            let made = db.write(async |tx| rotation::revoke_and_replace(tx, now).await).await;
            let Rotation { kid, withdrawn, .. } = made.map_err(unchanged)?;
            print(&format!(
                "{kid} signs; {withdrawn} withdrawn. Tokens signed before are refused within seconds.\n"
            ))
        }
        KeysCommand::List => {
            for key in db
                .read(async |tx| rotation::list(tx).await)
                .await
                .map_err(|e| e.to_string())?
            {
                let state = match key.retired_at {
                    Some(at) if at <= now => format!("withdrawn {}", shown(at)),
                    Some(at) => format!("published until {}", shown(at)),
                    None if key.signs_from > now => format!("published, signs from {}", shown(key.signs_from)),
                    None => "signs".to_owned(),
                };
                print(&format!("{:32}  made {}  {state}\n", key.kid, shown(key.created_at)))?;
            }
            Ok(())
        }
        KeysCommand::Closing { replace } => {
            if replace {
                let made = db.write(async |tx| closing_keys::replace(tx, now).await).await;
                made.map_err(unchanged)?;
            }
            let keys = db.read(async |tx| closing_keys::list(tx).await).await;
            for key in keys.map_err(|e| e.to_string())? {
                let state = match key.retired_at {
                    Some(at) => format!("signed from {} to {}", shown(key.signs_from), shown(at)),
                    None => format!("signs from {}", shown(key.signs_from)),
                };
                let fingerprint = closing_keys::fingerprint(&key.public_key);
                print(&format!("{}  {state}\n  SHA-256 {fingerprint}\n", key.kid))?;
            }
            Ok(())
        }
    }
}

fn shown(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn unchanged(error: crate::platform::Error) -> String {
    match error.detail {
        Some(detail) => format!("The keys were not changed: {}.", detail.en),
        None => format!("The keys were not changed: {error}."),
    }
}
