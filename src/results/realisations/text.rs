//! The sentences of a realisation in both languages: the reason for a missing value, the formula with its figures, and
//! the choices that the decree leaves to us.

use crate::core::achievement::Polarity;
use crate::core::formula::gap::{Gap, Need};
use crate::core::formula::{Breakdown, CountedObligations, Exclusion, Formula, Frame, KindList, Measured, Reason};
use crate::platform::text::{Text, quantity};

/// Returns the reason why a formula has no value, and the remedy.
pub fn reason(reason: Reason, formula: Formula) -> Text {
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
            "An active element has no answers. Collect answers to it, or declare it inactive.",
        ),
        Reason::NoCases => Text::new(
            "Tidak ada gangguan yang terjadi dalam periode ini, sehingga persentasenya tidak dapat dihitung.",
            "No case occurred in this period, so there is no share to compute.",
        ),
        Reason::NoVillages => Text::new(
            "Tidak ada desa atau jenis laporan pada tanggal ini. Periksa data desa dan jenis laporan.",
            "There is no desa or no report kind on this date. Check the villages and the report kinds.",
        ),
        Reason::NotRecorded => match formula {
            Formula::InstitutionCount {} => Text::new(
                "Belum ada lembaga yang dicatat di kecamatan ini. Catat lembaga dan Keputusan Kepala Desa-nya.",
                "No institution of this district was ever recorded. Record the institutions and their village decrees.",
            ),
            Formula::SurveyIndex { .. } | Formula::CaseHandling {} | Formula::ReportDelivery { .. } => Text::new(
                "Laporan tahun ini tidak dicatat. Catat laporannya; atau, bila tahun ini memang dicatat dan tidak ada laporan \
                 yang masuk, Camat menyatakannya dengan records_from pada data kecamatan.",
                "The reports of this year were not recorded. Record them; or, if the office did record this year and no report \
                 came in, the Camat says so with records_from of the district.",
            ),
        },
        Reason::PeriodNotStarted => Text::new("Periode ini belum dimulai.", "This period has not begun."),
    }
}

/// Returns the formula with its figures.
pub fn formula(measured: &Measured, frame: &Frame) -> Text {
    match &measured.breakdown {
        Breakdown::Surveys(surveys) => {
            let counted = surveys.iter().filter(|s| s.ikm.is_ok()).count();
            Text::new(
                format!("rata-rata IKM dari {counted} survei"),
                format!("mean IKM of {}", quantity(counted as u64, "survey")),
            )
        }
        Breakdown::Institutions(_) => {
            let (count, date) = (measured.numerator.unwrap_or(0), frame.measuring_date());
            Text::new(
                format!("{count} lembaga dengan Keputusan Kepala Desa yang berlaku pada {date}"),
                format!(
                    "{} with a village decree in force on {date}",
                    quantity(count, "institution")
                ),
            )
        }
        Breakdown::Cases(cells) => {
            let occurred: u64 = cells.iter().map(|c| c.occurred).sum();
            let handled: u64 = cells.iter().map(|c| c.handled).sum();
            Text::new(
                format!("{handled} gangguan ditangani / {occurred} gangguan terjadi x 100%"),
                format!(
                    "{} handled / {} occurred x 100%",
                    quantity(handled, "case"),
                    quantity(occurred, "case")
                ),
            )
        }
        Breakdown::Obligations(counted) => deliveries(measured.numerator.unwrap_or(0), counted),
    }
}

fn deliveries(delivered: u64, counted: &CountedObligations) -> Text {
    let (kinds, villages, not_due) = (counted.list.listed, counted.villages, counted.not_due);
    let (less_id, less_en) = match not_due {
        0 => (String::new(), String::new()),
        n => (
            format!(" - {n} yang jatuh tempo sebelum desanya ada"),
            format!(" - {n} due before the desa existed"),
        ),
    };
    let (reports, listed) = (quantity(delivered, "report"), quantity(kinds, "report"));
    Text::new(
        format!("{delivered} laporan disampaikan / ({kinds} laporan x {villages} desa{less_id}) x 100%"),
        format!("{reports} delivered / ({listed} x {villages} desa{less_en}) x 100%"),
    )
}

/// Returns the choices of a formula that DOMAIN marks as ours, with the figures of this value.
pub fn choices(formula: Formula, breakdown: &Breakdown) -> Vec<(&'static str, Text)> {
    let list = match breakdown {
        Breakdown::Obligations(counted) => Some(("list_of_kinds_is_ours", list_of_kinds(&counted.list))),
        Breakdown::Surveys(_) | Breakdown::Institutions(_) | Breakdown::Cases(_) => None,
    };
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
                "\"Established\" means that a decree is in force on that day. The term is five years unless the decree names another.",
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
                "Pembilang: gangguan yang diselesaikan atau dirujuk, sebagaimana diketahui pada saat yang diminta.",
                "Numerator: cases that were resolved or referred, as known at the requested instant.",
            ),
        ],
        Formula::ReportDelivery { .. } => &[
            (
                "share_of_reports",
                "Nama indikator menyebut persentase desa, rumusnya menghitung laporan; rumusnya yang diikuti.",
                "The indicator's name speaks of villages, its formula of reports; the formula is followed.",
            ),
            (
                "due_in_the_year",
                "Kewajiban suatu tahun adalah laporan yang jatuh tempo pada tahun itu.",
                "The obligations of a year are the reports that fall due in that year.",
            ),
            (
                "late_reports_count",
                "Laporan yang terlambat tetap dihitung; ketepatan waktu ditampilkan terpisah. Laporan yang dikembalikan tidak dihitung.",
                "Late reports count; punctuality is shown separately. Returned reports do not count.",
            ),
            (
                "owed_from_the_first_day",
                "Desa wajib menyampaikan laporan yang jatuh tempo sejak hari pertamanya; yang jatuh tempo sebelumnya tidak masuk pembagi.",
                "A desa owes the reports that fall due from its first day on; those due before are not in the denominator.",
            ),
            (
                "year_without_records",
                "Tahun tanpa catatan tidak dihitung sebagai 0, kecuali kecamatan menyatakan bahwa tahun itu dicatat.",
                "A year without records does not count as 0, unless the office says that it recorded the year.",
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
        .chain(list)
        .collect()
}

/// Returns the choice of a formula that has another value by the other reading of the decree, and that reading.
pub fn other_reading(formula: Formula) -> (&'static str, Text) {
    match formula {
        Formula::SurveyIndex { .. } => (
            "mean_of_surveys",
            Text::new(
                "Semua responden dari survei itu digabung menjadi satu survei.",
                "The respondents of these surveys are pooled into one survey.",
            ),
        ),
        Formula::InstitutionCount {} => (
            "active_means_in_force",
            Text::new(
                "Semua lembaga yang tercatat, berlaku atau tidak keputusannya.",
                "Every institution of the register, in force or not.",
            ),
        ),
        Formula::CaseHandling {} => (
            "not_rejected_counts",
            Text::new(
                "Pembagi: hanya gangguan yang sudah diverifikasi.",
                "Denominator: the verified cases only.",
            ),
        ),
        Formula::ReportDelivery { .. } => (
            "share_of_reports",
            Text::new(
                "Desa yang menyampaikan semua laporannya / desa yang wajib x 100%.",
                "Villages that delivered all their reports / villages that owe reports x 100%.",
            ),
        ),
    }
}

/// Returns what would bring a value to its target.
pub fn gap(formula: Formula, polarity: Polarity, gap: &Gap) -> Text {
    let open = gap.open.len() as u64;
    let (id, en) = match (formula, polarity) {
        (Formula::SurveyIndex { .. }, _) => ("survei yang belum selesai", "unfinished survey"),
        (Formula::InstitutionCount {}, Polarity::HigherIsBetter) => (
            "lembaga yang keputusannya tidak berlaku",
            "institution without a decree in force",
        ),
        (Formula::InstitutionCount {}, Polarity::LowerIsBetter) => ("lembaga yang dihitung", "counted institution"),
        (Formula::CaseHandling {}, Polarity::HigherIsBetter) => ("gangguan yang belum ditangani", "unhandled case"),
        (Formula::CaseHandling {}, Polarity::LowerIsBetter) => ("gangguan yang sudah ditangani", "handled case"),
        (Formula::ReportDelivery { .. }, Polarity::HigherIsBetter) => {
            ("laporan yang belum disampaikan", "undelivered report")
        }
        (Formula::ReportDelivery { .. }, Polarity::LowerIsBetter) => {
            ("laporan yang sudah disampaikan", "delivered report")
        }
    };
    let of = quantity(open, en);
    match &gap.need {
        Need::Nothing => Text::new("Target sudah tercapai.", "The target is reached."),
        Need::Candidates(n) => match polarity {
            Polarity::HigherIsBetter => Text::new(
                format!("{n} dari {open} {id} harus terhitung."),
                format!("{n} of {of} must count."),
            ),
            Polarity::LowerIsBetter => Text::new(
                format!("{n} dari {open} {id} tidak boleh terhitung."),
                format!("{n} of {of} must not count."),
            ),
        },
        Need::Mean(_) => Text::new(
            format!("{open} {id} harus mempunyai IKM rata-rata seperti di needed_mean."),
            format!("{of} must have the mean IKM of needed_mean."),
        ),
        Need::Unreachable(Some(n)) => match formula {
            Formula::InstitutionCount {} => Text::new(
                format!("Kurang {n} lembaga, sedangkan hanya ada {open} {id}; sisanya harus lembaga baru."),
                format!("{n} more are needed, but there are only {of}; the others must be new."),
            ),
            Formula::SurveyIndex { .. } | Formula::CaseHandling {} | Formula::ReportDelivery { .. } => Text::new(
                format!("Target tidak dapat dicapai: kurang {n}, sedangkan hanya ada {open} {id}."),
                format!("The target cannot be reached: {n} more are needed, but there are only {of}."),
            ),
        },
        Need::Unreachable(None) => Text::new("Target tidak dapat dicapai.", "The target cannot be reached."),
    }
}

/// Returns the reason why a candidate does not contribute.
pub fn exclusion(reason: Exclusion) -> Text {
    let (id, en) = match reason {
        Exclusion::OutsidePeriod => (
            "Di luar periode ini, atau desanya bukan desa yang wajib pada tanggal itu.",
            "Outside this period, or its village is not a desa that owes it on that day.",
        ),
        Exclusion::NotHandled => (
            "Gangguan terjadi, tetapi belum diselesaikan atau dirujuk.",
            "The case occurred, but is neither resolved nor referred.",
        ),
        Exclusion::Returned => (
            "Laporan dikembalikan ke desa.",
            "The report was returned to the village.",
        ),
        Exclusion::Rejected => ("Gangguan ditolak.", "The case was rejected."),
        Exclusion::Revoked => ("Keputusannya dicabut.", "Its decree was revoked."),
        Exclusion::Lapsed => (
            "Masa berlaku keputusannya sudah berakhir.",
            "The term of its decree has ended.",
        ),
        Exclusion::NotStarted => (
            "Belum ada keputusannya yang mulai berlaku.",
            "None of its decrees has come into force.",
        ),
        Exclusion::Draft => ("Survei masih draf.", "The survey is a draft."),
        Exclusion::NoResponses => ("Survei belum mempunyai jawaban.", "The survey has no answers."),
        Exclusion::ElementUnanswered => (
            "Ada unsur aktif survei yang tidak dijawab seorang pun.",
            "An active element of the survey has no answers.",
        ),
        Exclusion::Deleted => ("Catatan dihapus.", "The record was deleted."),
        Exclusion::Duplicate => (
            "Laporan lain sudah memenuhi kewajiban yang sama.",
            "Another report meets the same obligation.",
        ),
        Exclusion::Missing => ("Laporan belum dicatat.", "No report was recorded."),
    };
    Text::new(id, en)
}

/// Compares the list of kinds with the number in the decree.
fn list_of_kinds(list: &KindList) -> Text {
    let KindList {
        listed,
        in_decree,
        unconfirmed,
    } = *list;
    let (decree_id, decree_en) = match in_decree {
        Some(n) => (
            format!("Keputusan hanya menyebut jumlahnya: {n} laporan per desa. "),
            format!(
                "The decree names only their number: {} per desa. ",
                quantity(n, "report")
            ),
        ),
        None => (String::new(), String::new()),
    };
    let kinds = quantity(listed, "kind");
    let are = if unconfirmed == 1 { "is" } else { "are" };
    Text::new(
        format!(
            "{decree_id}Daftar yang berlaku memuat {listed} jenis, {unconfirmed} di antaranya belum dikonfirmasi kecamatan; \
             daftar itu adalah data dan dapat diubah."
        ),
        format!(
            "{decree_en}The list in force has {kinds}, of which {unconfirmed} {are} not confirmed by the kecamatan; \
             the list is data and can be changed."
        ),
    )
}
