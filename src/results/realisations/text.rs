//! The sentences of a realisation in both languages: why there is no value, the formula with its figures, and the
//! choices that the decree leaves to us.

use crate::core::formula::{Breakdown, Formula, Frame, Measured, Reason};
use crate::platform::text::Text;

/// Returns the reason why there is no value, and the remedy.
pub fn reason(reason: Reason) -> Text {
    match reason {
        Reason::NoSurvey => Text::new(
            "Belum ada survei seksi ini yang berakhir dalam periode ini. Buat survei, buka, dan kumpulkan jawabannya.",
            "No survey of this section ends in this period. Create one, open it and collect answers.",
        ),
        Reason::NoResponses => Text::new(
            "Survei dalam periode ini belum mempunyai jawaban. Kumpulkan jawaban lebih dulu.",
            "The surveys of this period have no answers yet. Collect answers first.",
        ),
        Reason::ElementUnanswered => Text::new(
            "Ada unsur aktif yang tidak dijawab seorang pun. Lengkapi jawabannya, atau nyatakan unsur itu tidak aktif.",
            "Nobody answered one of the active elements. Collect answers to it, or declare the element inactive.",
        ),
        Reason::NoCases => Text::new(
            "Tidak ada gangguan yang terjadi dalam periode ini, sehingga persentasenya tidak dapat dihitung.",
            "No case occurred in this period, so there is no share to compute.",
        ),
        Reason::NoVillages => Text::new(
            "Tidak ada desa atau jenis laporan pada tanggal ini. Periksa data desa dan jenis laporan.",
            "There is no desa or no report kind on this date. Check the villages and the report kinds.",
        ),
        Reason::PeriodNotStarted => Text::new("Periode ini belum dimulai.", "This period has not begun."),
    }
}

/// The formula with the figures that went into it.
pub fn formula(measured: &Measured, frame: &Frame) -> Text {
    match &measured.breakdown {
        Breakdown::Surveys(surveys) => {
            let counted = surveys.iter().filter(|s| s.ikm.is_ok()).count();
            Text::new(
                format!("rata-rata IKM dari {counted} survei"),
                format!("mean IKM of {counted} surveys"),
            )
        }
        Breakdown::Institutions(_) => {
            let (count, date) = (measured.numerator.unwrap_or(0), frame.measuring_date());
            Text::new(
                format!("{count} lembaga dengan Keputusan Kepala Desa yang berlaku pada {date}"),
                format!("{count} institutions with a village decree in force on {date}"),
            )
        }
        Breakdown::Cases(cells) => {
            let occurred: u64 = cells.iter().map(|c| c.occurred).sum();
            let handled: u64 = cells.iter().map(|c| c.handled).sum();
            Text::new(
                format!("{handled} gangguan ditangani / {occurred} gangguan terjadi x 100%"),
                format!("{handled} cases handled / {occurred} cases occurred x 100%"),
            )
        }
        Breakdown::Obligations(owed) => {
            let delivered = measured.numerator.unwrap_or(0);
            let mut villages: Vec<_> = owed.iter().map(|o| o.village_code.as_str()).collect();
            villages.dedup();
            let villages = villages.len();
            let kinds = owed.len().checked_div(villages).unwrap_or(0);
            Text::new(
                format!("{delivered} laporan disampaikan / ({kinds} laporan x {villages} desa) x 100%"),
                format!("{delivered} reports delivered / ({kinds} reports x {villages} desa) x 100%"),
            )
        }
    }
}

/// The choices that DOMAIN marks as ours, per formula.
pub fn choices(formula: Formula) -> Vec<(&'static str, Text)> {
    let own: &[(&str, &str, &str)] = match formula {
        Formula::SurveyIndex { .. } => &[
            (
                "survey_of_its_last_day",
                "Survei termasuk periode tempat tanggal berakhirnya jatuh.",
                "A survey belongs to the period in which its last day falls.",
            ),
            (
                "mean_of_surveys",
                "Nilai setahun adalah rata-rata biasa IKM setiap survei yang belum dibulatkan; nilai gabungan semua responden ditampilkan sebagai keterangan.",
                "The year's value is the plain mean of the surveys' unrounded IKMs; the value over all respondents is shown as information.",
            ),
            (
                "five_answers_needed",
                "Jawaban dengan kurang dari 5 dari 9 unsur ditolak.",
                "A response with fewer than 5 of 9 answers is refused.",
            ),
            (
                "missing_answers",
                "Jawaban kosong hanya mengurangi pembagi unsurnya.",
                "A missing answer lowers its own element's count only.",
            ),
        ],
        Formula::InstitutionCount {} => &[
            (
                "active_means_in_force",
                "\"Ditetapkan\" dibaca sebagai: keputusannya berlaku pada tanggal itu. Masa lima tahun bila keputusan tidak menyebut lain.",
                "\"Established\" is read as: a decree is in force on that day. Five years unless the decree says otherwise.",
            ),
            (
                "stock_on_the_last_day",
                "Dihitung per hari terakhir periode, atau hari ini bila lebih dahulu.",
                "Counted on the period's last day, or today when that is earlier.",
            ),
        ],
        Formula::CaseHandling {} => &[
            (
                "not_rejected_counts",
                "Pembagi: gangguan yang terjadi dalam periode dan tidak ditolak, sudah diverifikasi atau belum.",
                "Denominator: cases that occurred in the period and are not rejected, verified or not.",
            ),
            (
                "referred_is_handled",
                "Pembilang: yang diselesaikan atau dirujuk, sebagaimana diketahui pada saat ditanyakan.",
                "Numerator: those resolved or referred, as known at the instant asked about.",
            ),
        ],
        Formula::ReportDelivery { .. } => &[
            (
                "due_in_the_year",
                "Kewajiban suatu tahun adalah laporan yang jatuh tempo pada tahun itu.",
                "The obligations of a year are the reports falling due in it.",
            ),
            (
                "late_reports_count",
                "Laporan yang terlambat tetap dihitung; ketepatan waktu ditampilkan terpisah. Laporan yang dikembalikan tidak dihitung.",
                "Late reports count; punctuality is shown separately. Returned reports do not count.",
            ),
            (
                "list_of_kinds_is_ours",
                "Keputusan hanya menyebut 2 dan 7 laporan per desa; daftar jenisnya adalah data dan dapat diubah.",
                "The decree names only 2 and 7 reports per desa; the list of kinds is data and can be changed.",
            ),
        ],
    };
    let every = (
        "year_to_date",
        "Nilai suatu periode dihitung sejak 1 Januari sampai hari terakhir periode.",
        "A period's value runs from 1 January to the period's last day.",
    );
    [every]
        .iter()
        .chain(own)
        .map(|(code, id, en)| (*code, Text::new(*id, *en)))
        .collect()
}
