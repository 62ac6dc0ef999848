//! HTTP operations of the evidence of one record: the same two for each kind of record.

use actix_web::{get, post, web};
use uuid::Uuid;

use super::dto::{EvidenceLink, EvidenceLinkPage, NewEvidenceLink};
use super::links;
use super::record::Record;
use crate::access::Requires;
use crate::access::permissions::{
    CasesWrite, EvidenceRead, InstitutionsWrite, Permission, ReportsWrite, SurveysWrite, TargetsWrite,
};
use crate::core::period::Period;
use crate::plan::set::name_of;
use crate::platform::db::Db;
use crate::platform::db::versions::Created;
use crate::platform::error::Error;
use crate::platform::http::{Body, Paging, Path, Slug};

/// Makes the list and the creation for one kind of record.
macro_rules! evidence_of {
    (
        $path:tt, tag $tag:tt, list $list:ident $list_id:tt $list_title:tt, create $create:ident $create_id:tt $create_title:tt,
        write $write:ident, key $key:ty, record $record:expr, params $($params:tt)*
    ) => {
        #[doc = $list_title]
        ///
        /// The files that support the record, in the order in which they were linked.
        #[utoipa::path(
            tag = $tag, operation_id = $list_id, params($($params)*, Paging),
            security(("oauth2" = [EvidenceRead::SCOPE])),
            responses(EvidenceLinkPage)
        )]
        #[get($path)]
        pub async fn $list(
            actor: Requires<EvidenceRead>,
            db: web::Data<Db>,
            key: Path<$key>,
            paging: Paging,
        ) -> Result<EvidenceLinkPage, Error> {
            let record = ($record)(key.0)?;
            db.read(async |tx| links::list(tx, &actor, &record, &paging).await).await
        }

        #[doc = $create_title]
        ///
        /// Links a file that your district has sent (`PUT /v1/evidence/{sha256}`) to the record; at most 50 files. A user who
        /// may write the record may link. `DELETE /v1/evidence-links/{id}` withdraws the link.
        #[utoipa::path(
            tag = $tag, operation_id = $create_id, params($($params)*), request_body = NewEvidenceLink,
            security(("oauth2" = [$write::SCOPE])),
            responses(
                Created<EvidenceLink>,
                (status = 409, description = "The id is taken, or its link was deleted"),
                (status = 422, description = "A file that was not sent or is linked already, a wrong file name, or too many files"),
            )
        )]
        #[post($path)]
        pub async fn $create(
            actor: Requires<$write>,
            db: web::Data<Db>,
            key: Path<$key>,
            body: Body<NewEvidenceLink>,
        ) -> Result<Created<EvidenceLink>, Error> {
            let record = ($record)(key.0)?;
            db.write(async |tx| links::create(tx, &actor, &record, body.0).await).await
        }
    };
}

evidence_of! {
    "/reports/{id}/evidence", tag "reports",
    list list_of_report "listReportEvidence" "List the evidence of a report",
    create create_of_report "createReportEvidence" "Link a file to a report",
    write ReportsWrite, key Uuid, record |id| Ok::<_, Error>(Record::Report(id)),
    params ("id" = Uuid, Path, description = "Id of the report")
}

evidence_of! {
    "/institutions/{id}/decrees/{decree_id}/evidence", tag "institutions",
    list list_of_decree "listInstitutionDecreeEvidence" "List the evidence of an institution's decree",
    create create_of_decree "createInstitutionDecreeEvidence" "Link a file to an institution's decree",
    write InstitutionsWrite, key (Uuid, Uuid),
    record |(institution, decree)| Ok::<_, Error>(Record::InstitutionDecree { institution, decree }),
    params
        ("id" = Uuid, Path, description = "Id of the institution"),
        ("decree_id" = Uuid, Path, description = "Id of the decree")
}

evidence_of! {
    "/cases/{id}/evidence", tag "cases",
    list list_of_case "listCaseEvidence" "List the evidence of a case",
    create create_of_case "createCaseEvidence" "Link a file to a case",
    write CasesWrite, key Uuid, record |id| Ok::<_, Error>(Record::Case(id)),
    params ("id" = Uuid, Path, description = "Id of the case")
}

evidence_of! {
    "/surveys/{id}/evidence", tag "surveys",
    list list_of_survey "listSurveyEvidence" "List the evidence of a survey",
    create create_of_survey "createSurveyEvidence" "Link a file to a survey",
    write SurveysWrite, key Uuid, record |id| Ok::<_, Error>(Record::Survey(id)),
    params ("id" = Uuid, Path, description = "Id of the survey")
}

evidence_of! {
    "/indicators/{code}/targets/{period}/evidence", tag "targets",
    list list_of_target "listTargetEvidence" "List the evidence of a target",
    create create_of_target "createTargetEvidence" "Link a file to a target",
    write TargetsWrite, key (Slug, Period),
    record |(code, period): (Slug, Period)| Ok::<_, Error>(Record::Target { indicator: code.into(), period: name_of(period)? }),
    params
        ("code" = Slug, Path, description = "Code of the indicator", example = "paringin-iku-4"),
        ("period" = String, Path, description = "Year, semester, quarter, or month 03, 06, 09, 12",
            pattern = "^(20[0-9]{2}|2100)(-(S[12]|Q[1-4]|0[1-9]|1[0-2]))?$", min_length = 4, max_length = 7, example = "2025-S1")
}
