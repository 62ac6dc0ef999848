//! The register of village institutions: a row for each decree, and one for an institution without a decree.

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use ::entity::institution::{Column as C, Entity as Institutions};

use super::dto::DistrictFilter;
use super::table::{Cell, Row, Table};
use super::walk::walk;
use super::{Export, Register, Source};
use crate::facts::institutions::decree_dto::InstitutionDecree;
use crate::facts::institutions::dto::Institution;
use crate::facts::institutions::query::wholes;
use crate::platform::db::ReadTx;
use crate::platform::db::versions::known_at;
use crate::platform::error::Error;
use crate::platform::http::page::Keyset;

const COLUMNS: [&str; 13] = [
    "id",
    "village_code",
    "village_name",
    "kind",
    "name",
    "decree_id",
    "decree_number",
    "issued_on",
    "starts_on",
    "ends_on",
    "revoked_on",
    "recorded_at",
    "recorded_by",
];

pub async fn export(source: &Source<'_>, filter: &DistrictFilter) -> Result<Export, Error> {
    let Register { district, at, names } = source.register(filter.district_code.as_ref()).await?;
    let query = Institutions::find()
        .filter(known_at::<Institutions>(Some(at)))
        .filter(C::DistrictCode.eq(district.as_str()));
    let keyset = Keyset::ascending(vec![C::VillageCode, C::Kind, C::Name, C::Id]);
    let parts = walk(source.db.clone(), query, keyset, async move |tx: &ReadTx, rows| {
        let mut lines = Vec::new();
        for whole in wholes(tx, rows).await? {
            let institution = Institution::try_from(whole)?;
            let name = names.get(institution.village_code.as_str());
            lines.extend(rows_of(institution, name));
        }
        Ok(lines)
    });
    Ok(Export {
        name: format!("lembaga-{district}"),
        at,
        tables: vec![Table::new("Lembaga", COLUMNS, parts)],
    })
}

fn rows_of(institution: Institution, village_name: Option<&String>) -> Vec<Row> {
    let Institution {
        id,
        village_code,
        kind,
        name,
        villages: _,
        decrees,
        recorded_at,
        recorded_by,
        suspected_double_of: _,
        deletion: _,
        warnings: _,
    } = institution;
    let row = |decree: Option<InstitutionDecree>| {
        let start: [Cell; 5] = [
            id.into(),
            village_code.as_str().into(),
            village_name.cloned().into(),
            kind.as_str().into(),
            name.as_str().into(),
        ];
        let middle = decree.map_or([const { Cell::Empty }; 6], cells);
        let end: [Cell; 2] = [recorded_at.into(), recorded_by.as_str().into()];
        start.into_iter().chain(middle).chain(end).collect()
    };
    match decrees.is_empty() {
        true => vec![row(None)],
        false => decrees.into_iter().map(|decree| row(Some(decree))).collect(),
    }
}

fn cells(decree: InstitutionDecree) -> [Cell; 6] {
    let InstitutionDecree {
        id,
        number,
        issued_on,
        starts_on,
        ends_on,
        revoked_on,
    } = decree;
    [
        id.into(),
        number.into(),
        issued_on.into(),
        starts_on.into(),
        ends_on.into(),
        revoked_on.into(),
    ]
}
