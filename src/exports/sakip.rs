//! The tables that a regency's SAKIP takes over (DOMAIN section 11): a row for each indicator with its quarters, and a row
//! for each indicator and quarter (rencana aksi).

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait};

use ::entity::target::{Column as T, Entity as Targets};

use super::dto::YearFilter;
use super::evidence::Files;
use super::indicators::{Measured, Value, computation, note_cells, quarters, remark, unit, whole};
use super::table::{Cell, Row, Table};
use super::{Export, Source};
use crate::core::decimal::Hundredths;
use crate::core::period::Period;
use crate::plan::agreements::dto::AgreementKind;
use crate::plan::agreements::query::kinds_of;
use crate::platform::error::Error;
use crate::results::facts::{FactReader, PlannedIndicator};
use crate::results::query::Query;

/// DOMAIN section 11, in its order, and behind `bukti` what stands beside: the achievements of the quarters against their own
/// target and against the year's, the target murni and its revision, the agreement, and the codes.
const COLUMNS: [&str; 50] = [
    "opd_kode",
    "tahun",
    "sasaran",
    "indikator",
    "definisi_operasional",
    "alasan_pemilihan",
    "formulasi_pengukuran",
    "tipe_perhitungan",
    "satuan",
    "sumber_data",
    "penanggung_jawab",
    "target_tahunan",
    "target_tw_1",
    "target_tw_2",
    "target_tw_3",
    "target_tw_4",
    "realisasi_tw_1",
    "realisasi_tw_2",
    "realisasi_tw_3",
    "realisasi_tw_4",
    "ket_tw_1",
    "ket_tw_2",
    "ket_tw_3",
    "ket_tw_4",
    "kendala",
    "tindak_lanjut",
    "realisasi_tahunan",
    "capaian",
    "bukti",
    "capaian_tw_1",
    "capaian_tw_2",
    "capaian_tw_3",
    "capaian_tw_4",
    "capaian_tahunan_tw_1",
    "capaian_tahunan_tw_2",
    "capaian_tahunan_tw_3",
    "capaian_tahunan_tw_4",
    "target_tahunan_murni",
    "target_tahunan_perubahan",
    "nomor_perjanjian",
    "tanggal_perjanjian",
    "pembilang_tahunan",
    "penyebut_tahunan",
    "nomor_indikator",
    "kode_indikator",
    "kode_rujukan",
    "kode_kecamatan",
    "keputusan",
    "tahun_awal_rencana",
    "tahun_akhir_rencana",
];

const ACTION_COLUMNS: [&str; 17] = [
    "opd_kode",
    "tahun",
    "sasaran",
    "indikator",
    "satuan",
    "penanggung_jawab",
    "triwulan",
    "target",
    "realisasi",
    "capaian",
    "target_tahunan",
    "capaian_tahunan",
    "keterangan",
    "kendala",
    "tindak_lanjut",
    "bukti",
    "kode_indikator",
];

const EMPTY: Cell = Cell::Empty;

pub async fn export(source: &Source<'_>, filter: &YearFilter) -> Result<Export, Error> {
    let query = &source.query();
    let at = query.as_of.unwrap_or(query.now);
    let tables = async |reader: FactReader<'_>| {
        let measured = Measured::load(query, &reader, filter, 0).await?;
        let original = original_targets(&reader.tx(), query, &measured).await?;
        let mut all = Vec::new();
        for indicator in measured.indicators() {
            let values = quarters(measured.year).map(|quarter| Ok((quarter, measured.value(indicator, quarter)?)));
            let values: Vec<(Period, Value)> = values.collect::<Result<_, Error>>()?;
            all.push((indicator, values));
        }
        let periods: Vec<Period> = quarters(measured.year).collect();
        let contributing = all.iter().flat_map(|(indicator, values)| {
            let of_quarters = values.iter().filter(|(quarter, _)| measured.has_begun(*quarter));
            of_quarters.map(|(_, value)| (*indicator, value.contributing.as_slice()))
        });
        let files = Files::load(&reader, query, measured.district.as_str(), contributing, &periods).await?;
        let (mut of_year, mut of_quarters) = (Vec::new(), Vec::new());
        for (indicator, values) in all {
            let original = original.get(&indicator.row.code).copied();
            of_year.push(row(&measured, indicator, &values, original, &files)?);
            of_quarters.extend(
                values
                    .into_iter()
                    .map(|(quarter, value)| action(&measured, indicator, quarter, value, &files)),
            );
        }
        let name = format!("realisasi-{}-{}", measured.district, measured.year);
        Ok((name, of_year, of_quarters, about(&measured)))
    };
    let (name, of_year, of_quarters, about) = source.cache.compute(query, tables).await?;
    Ok(Export {
        name,
        at,
        tables: vec![
            Table::of_rows("IKU", COLUMNS, of_year),
            Table::of_rows("Rencana aksi", ACTION_COLUMNS, of_quarters),
            Table::of_rows("Keterangan", ["hal", "isi"], about),
        ],
    })
}

/// Returns the target of the year of each indicator by the agreement murni: the last one that names no PK Perubahan. Where no
/// target names an agreement, the first one.
async fn original_targets(
    tx: &impl ConnectionTrait,
    query: &Query<'_>,
    measured: &Measured<'_>,
) -> Result<HashMap<String, Hundredths>, Error> {
    let versions = Targets::find()
        .filter(T::DistrictCode.eq(measured.district.as_str()))
        .filter(T::Period.eq(measured.year.to_string()))
        .apply_if(query.known_at(), |q, at| q.filter(T::RecordedAt.lte(at)))
        .order_by_asc(T::Version)
        .all(tx)
        .await?;
    let kinds = kinds_of(tx, versions.iter().filter_map(|row| row.agreement_id)).await?;
    let mut original = HashMap::new();
    for row in versions {
        let value = Hundredths(row.value_hundredths);
        match row.agreement_id.and_then(|id| kinds.get(&id)) {
            Some(AgreementKind::Murni) => {
                original.insert(row.indicator_code, value);
            }
            Some(AgreementKind::Perubahan) | None => {
                original.entry(row.indicator_code).or_insert(value);
            }
        }
    }
    Ok(original)
}

fn row(
    measured: &Measured<'_>,
    indicator: &PlannedIndicator,
    quarters: &[(Period, Value)],
    original: Option<Hundredths>,
    files: &Files,
) -> Result<Row, Error> {
    let row = &indicator.row;
    let year = whole(measured.year);
    let target = indicator.year_target(measured.year);
    // The value of a year that is not over is no realisation of the year.
    let annual = year
        .filter(|_| measured.is_over())
        .map(|year| measured.value(indicator, year))
        .transpose()?;
    let annual = annual.map(|value| value.realisation);
    // The last quarter that has begun has the records of the quarters before it.
    let last = quarters.iter().rfind(|(quarter, _)| measured.has_begun(*quarter));
    let contributing = last.map_or(&[][..], |(_, value)| value.contributing.as_slice());
    let periods: Vec<Period> = quarters.iter().map(|(quarter, _)| *quarter).collect();
    let agreement = year.and_then(|year| indicator.agreement(year));
    let is_revised = |target: &Hundredths| match agreement.map(AgreementKind::of) {
        Some(kind) => kind == AgreementKind::Perubahan,
        None => original != Some(*target),
    };
    let revised = target.filter(is_revised);
    let begun = || {
        quarters
            .iter()
            .map(|(period, value)| measured.has_begun(*period).then_some(value))
    };
    let mut cells: Row = vec![
        EMPTY,
        measured.year.into(),
        row.objective.as_str().into(),
        row.name.as_str().into(),
        row.meaning.as_str().into(),
        row.selection_reason.as_str().into(),
        row.formula_text.as_str().into(),
        computation(indicator.formula).into(),
        unit(indicator.formula).into(),
        row.source.as_str().into(),
        row.responsible.as_str().into(),
        target.into(),
    ];
    cells.extend(quarters.iter().map(|(_, value)| value.realisation.target.into()));
    cells.extend(begun().map(|value| value.and_then(|v| v.realisation.value).into()));
    cells.extend(begun().map(|value| value.map(|v| remark(&v.realisation)).into()));
    cells.extend(note_cells(measured.note_of_year(indicator)));
    cells.extend([
        annual.as_ref().and_then(|value| value.value).into(),
        annual.as_ref().and_then(|value| value.achievement).into(),
        files.cell(indicator, contributing, &periods),
    ]);
    cells.extend(begun().map(|value| value.and_then(|v| v.realisation.achievement).into()));
    cells.extend(begun().map(|value| value.and_then(|v| v.realisation.year_achievement).into()));
    cells.extend([
        original.filter(|_| target.is_some()).into(),
        revised.into(),
        agreement.map(|agreement| agreement.number.as_str()).into(),
        agreement.map(|agreement| agreement.signed_on.to_string()).into(),
        // A fraction such as 11/14 would become a day in a spreadsheet.
        annual.as_ref().and_then(|value| value.numerator).into(),
        annual.and_then(|value| value.denominator).into(),
        row.number.into(),
        row.code.as_str().into(),
        row.external_code.clone().into(),
        row.district_code.as_str().into(),
        indicator.decree.number.as_str().into(),
        indicator.decree.first_year.into(),
        indicator.decree.last_year.into(),
    ]);
    Ok(cells)
}

fn action(measured: &Measured<'_>, indicator: &PlannedIndicator, quarter: Period, value: Value, files: &Files) -> Row {
    let row = &indicator.row;
    let has_begun = measured.has_begun(quarter);
    let contributing = if has_begun { value.contributing.as_slice() } else { &[] };
    let evidence = files.cell(indicator, contributing, &[quarter]);
    let realisation = value.realisation;
    let [obstacles, follow_up] = note_cells(realisation.note.as_ref());
    vec![
        EMPTY,
        measured.year.into(),
        row.objective.as_str().into(),
        row.name.as_str().into(),
        unit(indicator.formula).into(),
        row.responsible.as_str().into(),
        quarter.number().try_into().unwrap_or(0_i32).into(),
        realisation.target.into(),
        realisation.value.filter(|_| has_begun).into(),
        realisation.achievement.filter(|_| has_begun).into(),
        realisation.year_target.into(),
        realisation.year_achievement.filter(|_| has_begun).into(),
        has_begun.then(|| remark(&realisation)).into(),
        obstacles,
        follow_up,
        evidence,
        row.code.as_str().into(),
    ]
}

/// Returns what a reader of the workbook must know.
fn about(measured: &Measured<'_>) -> Vec<Row> {
    let query = measured.query;
    let lines: [(&str, Cell); 11] = [
        ("kode_kecamatan", measured.district.as_str().into()),
        ("tahun", measured.year.into()),
        ("keadaan_data", query.as_of.unwrap_or(query.now).into()),
        ("layanan", concat!("iku ", env!("CARGO_PKG_VERSION")).into()),
        ("sel_kosong", "Belum diukur, atau belum dicatat di layanan ini. Kosong bukan 0.".into()),
        (
            "realisasi_tw",
            "Dari 1 Januari sampai hari terakhir triwulan; jangan dijumlahkan. Kosong sebelum triwulan itu mulai.".into(),
        ),
        ("realisasi_tahunan", "Kosong sampai tahun itu berakhir.".into()),
        (
            "capaian",
            "Realisasi terhadap target, dalam persen. capaian_tw memakai target triwulannya, capaian_tahunan_tw target tahunan."
                .into(),
        ),
        (
            "kendala",
            "Kendala dan tindak lanjut tahun itu; sebelum ada, yang dari triwulan terakhir yang punya catatan.".into(),
        ),
        (
            "bukti",
            "Nama berkas bukti dukung pada target dan pada catatan yang menyumbang nilainya. Berkasnya ada di layanan: .../evidence."
                .into(),
        ),
        (
            "target_tahunan_murni",
            "Target menurut perjanjian kinerja murni; target_tahunan_perubahan terisi bila target kini menurut PK Perubahan. Tanpa \
             perjanjian: target yang pertama dicatat, dan target yang kemudian diubah."
                .into(),
        ),
    ];
    lines.into_iter().map(|(name, cell)| vec![name.into(), cell]).collect()
}
