//! The caller of an operation. The guard hands it out and every service demands it.

use uuid::Uuid;

use super::role::{Role, Section};
use crate::platform::error::{Code, Error};

/// The holder of a valid token.
#[derive(Clone, Debug)]
pub struct Actor {
    pub id: Uuid,
    /// Stored with every fact as `recorded_by`; never given to another account.
    pub username: String,
    pub role: Role,
    /// `None`: the whole regency.
    pub district: Option<String>,
    pub sections: Vec<Section>,
    pub scopes: Vec<&'static str>,
    /// The session of this token, if any.
    pub session: Option<Uuid>,
}

impl Actor {
    /// Returns the person who runs the service and works on the command line.
    pub fn operator() -> Self {
        Self {
            id: Uuid::nil(),
            username: "iku".to_owned(),
            role: Role::Administrator,
            district: None,
            sections: Vec::new(),
            scopes: Role::Administrator.scopes(),
            session: None,
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

    /// Returns the district that a list is limited to: the requested district, else the actor's own. 404 for another
    /// district.
    pub fn scope_district(&self, asked: Option<&str>) -> Result<Option<String>, Error> {
        if let Some(district) = asked {
            self.ensure_can_see(district)?;
        }
        Ok(asked.map(str::to_owned).or_else(|| self.district.clone()))
    }

    /// 403 unless the actor works for this section (an administrator works for all).
    pub fn ensure_section(&self, section: Section) -> Result<(), Error> {
        if self.role == Role::Administrator || self.sections.contains(&section) {
            return Ok(());
        }
        Err(Error::new(Code::WrongSection).detail(
            format!("Hanya seksi {section} yang mengubah catatan ini."),
            format!("Only section {section} changes this record."),
        ))
    }
}
