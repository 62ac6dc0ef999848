//! Imports: sheets whose rows are recorded at once. `iku import` reads the same files.
//!
//! A sheet (CSV or workbook) becomes rows of texts, the rows become records by the columns of the resource (`draft`), and
//! the services of the resource record them in one transaction (`engine`): all, or none. A dry run is the same transaction,
//! undone. Each resource has a file of its own. The columns have the names that [`crate::exports`] writes, so what was
//! exported can be imported.

mod answers;
mod cases;
mod columns;
mod csv;
mod draft;
pub mod dto;
mod engine;
pub mod handlers;
mod institutions;
mod limits;
mod reports;
mod sheet;
mod surveys;
mod targets;
mod template;
mod villages;
mod xlsx;

use bytes::Bytes;
use utoipa_actix_web::service_config::ServiceConfig;

use self::answers::AnswerRegister;
use self::cases::CaseRegister;
use self::draft::Table;
use self::dto::{Judged, Mode, Resource};
pub use self::engine::Importer;
use self::engine::{Register, run};
use self::institutions::InstitutionRegister;
use self::reports::ReportRegister;
use self::sheet::Sheet;
use self::surveys::SurveyRegister;
use self::targets::TargetRegister;
use self::villages::VillageRegister;
use crate::access::guard::ensure_scope;
use crate::exports::csv::Separator;
use crate::platform::error::{Error, OrInternal};

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::create).service(handlers::template);
}

/// The first bytes of a ZIP, which a workbook is.
const ZIP: &[u8] = b"PK";

/// Reads a file, and judges or records its rows.
pub async fn import(importer: &Importer<'_>, resource: Resource, mode: Mode, file: Bytes) -> Result<Judged, Error> {
    ensure_scope(importer.actor, resource.scope())?;
    let _turn = limits::turn().await?;
    let sheet = read(file).await?;
    match resource {
        Resource::Reports => run::<ReportRegister>(importer, mode, sheet).await,
        Resource::Institutions => run::<InstitutionRegister>(importer, mode, sheet).await,
        Resource::Cases => run::<CaseRegister>(importer, mode, sheet).await,
        Resource::Surveys => run::<SurveyRegister>(importer, mode, sheet).await,
        Resource::Responses => run::<AnswerRegister>(importer, mode, sheet).await,
        Resource::Targets => run::<TargetRegister>(importer, mode, sheet).await,
        Resource::Villages => run::<VillageRegister>(importer, mode, sheet).await,
    }
}

/// Reads a file by its content.
async fn read(file: Bytes) -> Result<Sheet, Error> {
    match file.starts_with(ZIP) {
        true => tokio::task::spawn_blocking(move || xlsx::read(file))
            .await
            .or_internal()?,
        false => csv::read(&file),
    }
}

/// Returns the template of a resource as CSV.
pub fn template_of(resource: Resource, separator: Separator) -> Result<Bytes, Error> {
    template::of(&table_of(resource), separator)
}

fn table_of(resource: Resource) -> Table {
    match resource {
        Resource::Reports => ReportRegister::TABLE,
        Resource::Institutions => InstitutionRegister::TABLE,
        Resource::Cases => CaseRegister::TABLE,
        Resource::Surveys => SurveyRegister::TABLE,
        Resource::Responses => AnswerRegister::TABLE,
        Resource::Targets => TargetRegister::TABLE,
        Resource::Villages => VillageRegister::TABLE,
    }
}
