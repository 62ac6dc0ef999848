//! What the counted answers of a survey add up to now: the present without a scan. `n_x` answers to element x,
//! `sum_x` their sum.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "survey_tally")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub survey_id: Uuid,
    /// when an answer was last counted or voided; of a survey without any, when it was made
    pub changed_at: DateTimeUtc,
    pub respondents: i64,
    pub n_persyaratan: i64,
    pub sum_persyaratan: i64,
    pub n_prosedur: i64,
    pub sum_prosedur: i64,
    pub n_waktu: i64,
    pub sum_waktu: i64,
    pub n_biaya: i64,
    pub sum_biaya: i64,
    pub n_produk: i64,
    pub sum_produk: i64,
    pub n_kompetensi: i64,
    pub sum_kompetensi: i64,
    pub n_perilaku: i64,
    pub sum_perilaku: i64,
    pub n_sarana: i64,
    pub sum_sarana: i64,
    pub n_pengaduan: i64,
    pub sum_pengaduan: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
