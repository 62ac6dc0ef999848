//! The metadata of the indicators for Satu Data: the form MS-Ind of Peraturan BPS 5/2020, filled from the decree. What the decree
//! does not say is empty, for the office to fill in.

use super::dto::YearFilter;
use super::indicators::{Measured, unit};
use super::table::{Cell, Row, Table};
use super::{Export, Source};
use crate::core::achievement::Polarity;
use crate::core::formula::{Formula, Unit};
use crate::platform::error::Error;
use crate::results::facts::{FactReader, PlannedIndicator};

const COLUMNS: [&str; 20] = [
    "kode_indikator",
    "kode_referensi",
    "nama_indikator",
    "konsep",
    "definisi",
    "interpretasi",
    "metode_rumus_penghitungan",
    "ukuran",
    "satuan",
    "klasifikasi_penyajian",
    "indikator_komposit",
    "publikasi_indikator_pembangun",
    "nama_indikator_pembangun",
    "kegiatan_penghasil_variabel_pembangun",
    "kode_kegiatan",
    "nama_variabel_pembangun",
    "level_estimasi",
    "dapat_diakses_umum",
    "produsen_data",
    "dasar_hukum",
];

pub async fn export(source: &Source<'_>, filter: &YearFilter) -> Result<Export, Error> {
    let query = &source.query();
    let rows = async |reader: FactReader<'_>| {
        let measured = Measured::load(query, &reader, filter, 0).await?;
        let rows: Vec<Row> = measured.indicators().into_iter().map(row).collect();
        Ok((format!("ms-ind-{}-{}", measured.district, measured.year), rows))
    };
    let (name, rows) = source.cache.compute(query, rows).await?;
    Ok(Export {
        name,
        at: query.as_of.unwrap_or(query.now),
        tables: vec![Table::of_rows("MS-Ind", COLUMNS, rows)],
    })
}

fn row(indicator: &PlannedIndicator) -> Row {
    let row = &indicator.row;
    vec![
        row.code.as_str().into(),
        row.external_code.clone().into(),
        row.name.as_str().into(),
        Cell::Empty,
        row.meaning.as_str().into(),
        match indicator.polarity {
            Polarity::HigherIsBetter => "Makin tinggi nilainya, makin baik.",
            Polarity::LowerIsBetter => "Makin rendah nilainya, makin baik.",
        }
        .into(),
        row.formula_text.as_str().into(),
        match indicator.formula.unit() {
            Unit::Index => "Indeks",
            Unit::Count => "Jumlah",
            Unit::Percent => "Persentase",
        }
        .into(),
        unit(indicator.formula).into(),
        "Kecamatan".into(),
        "Tidak".into(),
        Cell::Empty,
        Cell::Empty,
        row.source.as_str().into(),
        Cell::Empty,
        variables(indicator.formula).into(),
        "Kecamatan".into(),
        Cell::Empty,
        row.responsible.as_str().into(),
        indicator.decree.number.as_str().into(),
    ]
}

/// Returns what the formula counts.
fn variables(formula: Formula) -> &'static str {
    match formula {
        Formula::SurveyIndex { .. } => "Jawaban responden atas sembilan unsur pelayanan",
        Formula::InstitutionCount {} => "Lembaga dengan Keputusan Kepala Desa yang berlaku",
        Formula::CaseHandling {} => "Gangguan yang terjadi; gangguan yang ditangani",
        Formula::ReportDelivery { .. } => "Laporan yang wajib disampaikan; laporan yang disampaikan",
    }
}
