//! The shipped data is compared with the transcript of the decree and with the lists of the domain.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use iku::core::achievement::Polarity;
use iku::core::formula::Formula;
use iku::core::obligation::ReportGroup;
use iku::core::place::VillageKind;
use iku::core::section::Section;
use iku::shipped::*;

const PARINGIN: &str = "63.11.06";

/// Replaces markup, tabs, line breaks and runs of blanks by one blank.
fn fold(text: &str) -> String {
    let plain = ["<p>", "</p>", "**"]
        .iter()
        .fold(text.to_owned(), |t, mark| t.replace(mark, " "));
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unique<'a>(codes: impl IntoIterator<Item = &'a str>) -> usize {
    let codes: Vec<_> = codes.into_iter().collect();
    let set: BTreeSet<_> = codes.iter().collect();
    assert_eq!(set.len(), codes.len(), "a code occurs twice: {codes:?}");
    for code in &codes {
        assert!(
            code.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b)),
            "{code:?}"
        );
    }
    codes.len()
}

fn desa_of_paringin() -> usize {
    villages_of(PARINGIN).filter(|v| v.kind == VillageKind::Desa).count()
}

#[test]
fn decree_text_is_the_transcript_byte_for_byte() {
    let sum = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, decree_text().as_bytes());
    let hex: String = sum.as_ref().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(hex, "ac6efb73d559b6add96ec2dfa8e8e5fe88bfd8f7ecfd335b266e9b6e77222300");
}

#[test]
fn decree_has_only_sentences_of_its_transcript() {
    let text = fold(decree_text());
    let d = decree();
    let occurs = |s: &str| assert!(text.contains(s), "not in the decree: {s:?}");

    occurs(&format!("Keputusan Camat Paringin Tentang {}", d.title));
    occurs(&format!("Tujuan SKPD : {} NO KINERJA UTAMA", d.goal));
    occurs(&format!(
        "Ditetapkan di : {} Pada tanggal : 02 Oktober 2023",
        d.issued_at
    ));
    occurs(&format!("{}, {}", d.signatory.position, d.signatory.name));
    assert_eq!(d.issued_on, NaiveDate::from_ymd_opt(2023, 10, 2).unwrap());
    assert!(text.replace(' ', "").contains(&format!("NOMOR:{}TENTANG", d.number)));
    assert_eq!((d.first_year, d.last_year), (2023, 2026));
    assert_eq!((d.id.get_version_num(), d.district_code.as_str()), (4, PARINGIN));

    assert_eq!(d.legal_bases.len(), 7);
    for (n, basis) in d.legal_bases.iter().enumerate() {
        occurs(&format!("{}. {basis};", n + 1));
    }
    assert_eq!(
        d.dictums.iter().map(|x| x.number.as_str()).collect::<Vec<_>>(),
        ["KESATU", "KEDUA", "KETIGA"]
    );
    for Dictum { number, text } in &d.dictums {
        occurs(&format!("- {number} : {text};"));
    }
}

/// Returns the row of the annex that starts with this number, folded.
fn annex_row(number: i32) -> String {
    let text = decree_text();
    let start = text.find(&format!("\n{number}\tMeningkatnya")).unwrap();
    let rest = &text[start + 1..];
    let end = rest
        .find(&format!("\n{}\tMeningkatnya", number + 1))
        .or_else(|| rest.find("\nCAMAT PARINGIN"))
        .unwrap();
    fold(&rest[..end])
}

/// Returns the two parts of a cell that the table splits over two pages, and every other text as one part.
fn parts(text: &str) -> Vec<&str> {
    let split_before = [
        ("Meningkatnya Fasilitasi Pemberdayaan Masyarakat", "Pemberdayaan"),
        ("Jumlah Lembaga Kemasyarakan Desa (LKD) yang Aktif", "Kemasyarakan"),
        (
            "Lembaga Kemasyarakatan Desa (LKD) yang ditetapkan dengan Keputusan Kepala Desa",
            "Desa (LKD)",
        ),
        ("Persentase Desa yang Tertib Administrasi Pemerintahan", "Pemerintahan"),
    ];
    match split_before.iter().find(|(whole, _)| *whole == text) {
        Some((whole, second)) => {
            let (a, b) = whole.split_at(whole.find(second).unwrap());
            vec![a.trim_end(), b]
        }
        None => vec![text],
    }
}

/// Removes each text of an indicator from its row of the annex. Only the captions and the number may remain, so the shipped
/// indicator has neither more nor less text than the decree.
#[test]
fn indicators_are_exactly_the_rows_of_the_annex() {
    assert_eq!(unique(indicators().iter().map(|i| i.code.as_str())), 5);
    for (n, i) in (1..).zip(indicators()) {
        assert_eq!(
            (i.number, i.from_year, i.code.as_str()),
            (n, decree().first_year, &*format!("paringin-iku-{n}"))
        );
        let mut row = annex_row(n);
        let texts = [
            &i.objective,
            &i.name,
            &i.meaning,
            &i.selection_reason,
            &i.formula_text,
            &i.reference,
            &i.responsible,
            &i.source,
        ];
        let mut pieces: Vec<_> = texts.iter().flat_map(|t| parts(t)).collect();
        pieces.sort_by_key(|p| std::cmp::Reverse(p.len())); // a longer piece may contain a shorter one
        for piece in pieces {
            assert!(row.contains(piece), "IKU {n}: {piece:?} is not in {row:?}");
            row = row.replacen(piece, " ", 1);
        }
        for caption in ["Makna Indikator :", "Alasan Pemilihan :", "Formulasi Perhitungan :"] {
            row = row.replacen(caption, " ", 1);
        }
        row = row
            .replace("Sumber/ Referensi Indikator :", " ")
            .replace("Sumber/Referensi Indikator :", " ");
        assert_eq!(
            row.trim(),
            n.to_string(),
            "IKU {n}: a part of the row is not in indicators.toml"
        );
    }
}

#[test]
fn formulas_follow_the_decree_and_refer_to_shipped_codes() {
    let units = indicators().iter().map(|i| i.unit.as_str()).collect::<Vec<_>>();
    assert_eq!(units, ["index", "count", "percent", "percent", "percent"]);
    assert!(indicators().iter().all(|i| i.polarity == Polarity::HigherIsBetter));
    let kinds = indicators().iter().map(|i| i.formula.kind()).collect::<Vec<_>>();
    assert_eq!(
        kinds,
        [
            "survey_index",
            "institution_count",
            "case_handling",
            "report_delivery",
            "report_delivery"
        ]
    );

    assert_eq!(
        indicators()[0].formula,
        Formula::SurveyIndex {
            section: Section::PelayananKessos
        }
    );
    assert!(sections().iter().any(|s| s.code == "pelayanan-kessos"));
    assert_eq!(
        indicators()[3].formula,
        Formula::ReportDelivery {
            group: ReportGroup::Administration,
            per_village: Some(2),
        }
    );
    assert_eq!(
        indicators()[4].formula,
        Formula::ReportDelivery {
            group: ReportGroup::Finance,
            per_village: Some(7),
        }
    );
    assert_eq!(indicators()[3].objective, indicators()[4].objective);
}

#[test]
fn places_are_the_8_districts_and_157_villages_of_balangan() {
    assert_eq!((districts().len(), villages().len()), (8, 157));
    assert!(districts().is_sorted_by(|a, b| a.code < b.code));
    assert!(villages().is_sorted_by(|a, b| a.code < b.code));
    for d in districts() {
        assert!(
            d.code.len() == 8 && d.code.starts_with("63.11.") && !d.name.is_empty(),
            "{d:?}"
        );
        assert!(villages_of(&d.code).count() > 0, "{d:?}");
    }
    for v in villages() {
        let (district, number) = v.code.rsplit_once('.').unwrap();
        let kind = if number.starts_with('1') {
            VillageKind::Kelurahan
        } else {
            VillageKind::Desa
        };
        assert!(
            number.len() == 4 && (number.starts_with('1') || number.starts_with('2')),
            "{v:?}"
        );
        assert_eq!((v.district_code.as_str(), v.kind), (district, kind), "{v:?}");
        assert!(
            districts().iter().any(|d| d.code == district) && v.name.trim() == v.name && !v.name.is_empty(),
            "{v:?}"
        );
    }
    assert_eq!((villages_of(PARINGIN).count(), desa_of_paringin()), (16, 14));
    assert_eq!(villages_of("63.11.99").count(), 0);
    assert_eq!(
        (VillageKind::Desa.as_str(), VillageKind::Kelurahan.as_str()),
        ("desa", "kelurahan")
    );
}

#[test]
fn report_kinds_give_28_and_98_obligations() {
    assert_eq!(unique(report_kinds().iter().map(|k| k.code.as_str())), 9);
    let of = |group| report_kinds().iter().filter(move |k| k.group == group);
    assert_eq!(of(ReportGroup::Administration).count() * desa_of_paringin(), 28);
    assert_eq!(of(ReportGroup::Finance).count() * desa_of_paringin(), 98);
    assert!(of(ReportGroup::Administration).all(|k| k.confirmed));
    assert!(of(ReportGroup::Finance).all(|k| !k.confirmed));
    for k in report_kinds() {
        assert!(NaiveDate::from_ymd_opt(2025, k.due_month, k.due_day).is_some(), "{k:?}"); // 2025: no leap day
        assert!(
            [0, -1].contains(&k.fiscal_year_offset) && k.from_year <= decree().first_year,
            "{k:?}"
        );
        assert!(!k.name.is_empty() && !k.legal_basis.is_empty(), "{k:?}");
    }
    let due: Vec<_> = report_kinds()
        .iter()
        .map(|k| (k.code.as_str(), k.due_month, k.due_day, k.fiscal_year_offset))
        .collect();
    let domain = [
        ("lppd", 3, 31, -1),
        ("bpd-kinerja", 4, 30, -1),
        ("apbdes-s1", 7, 14, 0),
        ("kegiatan-s1", 7, 14, 0),
        ("apbdes-s2", 1, 31, -1),
        ("lpj-apbdes", 3, 31, -1),
        ("kegiatan-akhir", 3, 31, -1),
        ("dd-tahap1", 6, 30, 0),
        ("dd-tahunan", 2, 28, -1),
    ];
    assert_eq!(due, domain);
}

#[test]
fn code_lists_are_complete() {
    let codes = |list: &'static [NamedCode]| list.iter().map(|n| n.code.as_str()).collect::<Vec<_>>();
    assert_eq!(
        codes(institution_kinds()),
        ["rt", "rw", "pkk", "karang-taruna", "posyandu", "lpm"]
    );
    assert_eq!(unique(codes(case_categories())), 13);
    assert_eq!(
        codes(sections()),
        [
            "pelayanan-kessos",
            "pmd",
            "trantibum",
            "pemerintahan",
            "pembinaan-pengawasan"
        ]
    );
    assert_eq!(unique(codes(services())), 16);
    assert!(services().iter().all(|s| s.code.len() <= 40));
    for n in [institution_kinds(), case_categories(), services(), sections()]
        .into_iter()
        .flatten()
    {
        assert!(!n.name.is_empty() && n.name.trim() == n.name, "{n:?}");
    }
    let text = fold(decree_text());
    for s in &sections()[..4] {
        assert!(text.contains(&s.name), "not in the decree: {s:?}");
    }
    assert!(text.contains(&sections()[4].name.replace("Pembinaan", "Peminaan")));
}

#[test]
fn questionnaire_has_nine_elements_in_the_form_s_order() {
    let [q] = questionnaires() else {
        panic!("exactly one questionnaire is shipped")
    };
    assert_eq!(
        (q.code.as_str(), q.version, q.source.as_str()),
        ("skm-9", 1, "Permen PANRB 14/2017")
    );
    let order = q.elements.iter().map(|e| e.code.as_str()).collect::<Vec<_>>();
    let form = "persyaratan prosedur waktu biaya produk kompetensi perilaku sarana pengaduan";
    assert_eq!(order.join(" "), form);
    for e in &q.elements {
        assert!(
            e.question.starts_with("Bagaimana ") && e.question.ends_with('?') && !e.name.is_empty(),
            "{e:?}"
        );
        assert_eq!(e.labels.iter().collect::<BTreeSet<_>>().len(), 4, "{e:?}");
        assert!(e.labels.iter().all(|l| !l.is_empty()), "{e:?}");
    }
    let Profile {
        gender,
        education,
        occupation,
    } = &q.profile;
    let sizes = [gender, education, occupation].map(|l| unique(l.iter().map(|n| n.code.as_str())));
    assert_eq!(sizes, [2, 10, 10]);
    let codes = |list: &[NamedCode]| list.iter().map(|n| n.code.clone()).collect::<Vec<_>>().join(" ");
    assert_eq!(codes(gender), "laki_laki perempuan");
    assert_eq!(codes(education), "tidak_sekolah sd smp sma d1_d2 d3 d4 s1 s2 s3");
    let occupations =
        "pns tni polri swasta wirausaha petani_nelayan ibu_rumah_tangga pelajar_mahasiswa tidak_bekerja lainnya";
    assert_eq!(codes(occupation), occupations);
    assert!(
        [gender, education, occupation]
            .into_iter()
            .flatten()
            .all(|n| !n.name.is_empty())
    );
}

#[test]
fn unknown_name_in_a_shipped_file_is_refused() {
    assert!(toml::from_str::<NamedCode>("code = 'x'\nname = 'X'\nnmae = 'Y'").is_err());
    assert!(toml::from_str::<Formula>("kind = 'case_handling'\nsection = 'pmd'").is_err());
    assert!(toml::from_str::<Formula>("kind = 'report_delivery'\ngroup = 'finances'").is_err());
    let rows = csv::Reader::from_reader("code,name,extra\n1,2,3\n".as_bytes())
        .into_deserialize::<District>()
        .next();
    assert!(rows.unwrap().is_err());
}
