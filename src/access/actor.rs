//! The caller of an operation. The guard makes it and every service takes it as an argument.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::role::{Role, Section};
use crate::platform::db::journal::Author;
use crate::platform::error::{Code, Error};

/// How long ago the holder of a token may have signed in to change a credential of another account.
const RECENT: TimeDelta = TimeDelta::minutes(15);

/// The holder of a valid token.
#[derive(Clone, Debug)]
pub struct Actor {
    pub id: Uuid,
    /// Stored with every fact as `recorded_by`. No other account ever gets the same name.
    pub username: String,
    pub role: Role,
    /// `None`: the whole regency.
    pub district: Option<String>,
    pub sections: Vec<Section>,
    /// Of a reporter: the village whose reports it hands in.
    pub village: Option<String>,
    pub scopes: Vec<&'static str>,
    /// The session of this token, if any.
    pub session: Option<Uuid>,
    pub token_id: Option<Uuid>,
    /// The program that the token was issued to.
    pub client_id: Option<String>,
    /// When the holder last showed a password or a secret; a refresh keeps it.
    pub authenticated_at: DateTime<Utc>,
}

impl Actor {
    /// Returns the operator of the service, who works on the command line.
    pub fn operator() -> Self {
        Self {
            id: Uuid::nil(),
            username: "iku".to_owned(),
            role: Role::Administrator,
            district: None,
            sections: Vec::new(),
            village: None,
            scopes: Role::Administrator.scopes(),
            session: None,
            token_id: None,
            client_id: None,
            authenticated_at: DateTime::<Utc>::MAX_UTC,
        }
    }

    /// Returns the actor as the author of a change.
    pub fn author(&self) -> Author {
        Author {
            account_id: Some(self.id).filter(|id| !id.is_nil()),
            name: self.username.clone(),
            client_id: self.client_id.clone(),
            token_id: self.token_id,
            session_id: self.session,
        }
    }

    /// Returns whether this actor may see records of a district.
    pub fn can_see(&self, district: &str) -> bool {
        self.district.as_deref().is_none_or(|own| own == district)
    }

    /// 404 for records of another district: their existence is not revealed.
    pub fn ensure_can_see(&self, district: &str) -> Result<(), Error> {
        if self.can_see(district) {
            Ok(())
        } else {
            Err(Error::not_found())
        }
    }

    /// Returns the only village whose records the actor sees; `None`: all villages of its district.
    pub fn only_village(&self) -> Option<&str> {
        (self.role == Role::Reporter).then(|| self.village.as_deref().unwrap_or_default())
    }

    /// Returns the district that a list is limited to: the requested district, else the actor's own. 404 for another
    /// district.
    pub fn scope_district(&self, asked: Option<&str>) -> Result<Option<String>, Error> {
        if let Some(district) = asked {
            self.ensure_can_see(district)?;
        }
        Ok(asked.map(str::to_owned).or_else(|| self.district.clone()))
    }

    /// 403 unless this token has every scope of a role: a caller cannot make a credential that allows more than its token.
    pub fn ensure_can_hand_out(&self, role: Role) -> Result<(), Error> {
        let scopes = role.scopes();
        let missing: Vec<&str> = scopes
            .into_iter()
            .filter(|scope| !self.scopes.contains(scope))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing = missing.join(", ");
        Err(Error::new(Code::InsufficientScope).detail(
            format!("Peran {role} memberi cakupan yang tidak dimiliki token ini: {missing}."),
            format!("The role {role} gives scopes that this token lacks: {missing}."),
        ))
    }

    /// 401 unless the holder signed in within the last 15 minutes (RFC 9470).
    pub fn ensure_recent_sign_in(&self, now: DateTime<Utc>) -> Result<(), Error> {
        if now.signed_duration_since(self.authenticated_at) <= RECENT {
            return Ok(());
        }
        Err(Error::new(Code::InsufficientUserAuthentication))
    }

    /// 403 unless the actor works for this section (an administrator works for all).
    pub fn ensure_section(&self, section: Section) -> Result<(), Error> {
        if self.role == Role::Administrator || self.sections.contains(&section) {
            return Ok(());
        }
        Err(Error::new(Code::WrongSection).detail(
            format!("Hanya seksi {section} yang boleh mengubah catatan ini."),
            format!("Only section {section} may change this record."),
        ))
    }
}
