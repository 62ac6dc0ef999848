//! Names of institutions in the forms in which they are compared (DOMAIN section 5).

use std::collections::BTreeSet;

use iku::core::institution_name::{ComparedName, form};
use proptest::prelude::*;

#[test]
fn a_number_is_written_in_many_ways() {
    for name in [
        "RT 01",
        "RT01",
        "RT.01",
        "RT 1",
        "RT 001",
        "RT. 01",
        "RT-01",
        "Rukun Tetangga 01",
        " rt  1 ",
        "RT No. 01",
        "Rukun Tetangga (RT) 1",
    ] {
        assert_eq!(form("rt", name), "rt=1", "{name}");
    }
    for name in [
        "RT 01 RW 01",
        "RT 01/RW 01",
        "RT.001/RW.001",
        "RW 1 RT 1",
        "RT/RW 001/001",
        "rukun warga 1, rukun tetangga 1",
    ] {
        assert_eq!(form("rt", name), "rt=1 rw=1", "{name}");
    }
}

#[test]
fn every_other_word_stays() {
    for (kind, name, expected) in [
        ("rt", "RT 01A", "rt=1a"),
        ("rt", "RT 1 B", "rt=1b"),
        ("rt", "RT 1 Dusun Melati", "dusun melati rt=1"),
        ("rt", "Dusun Mawar RT.01", "dusun mawar rt=1"),
        ("rt", "RT I", "i rt="),
        ("rt", "No. 1", "no=1"),
        ("rt", "01", "1"),
        ("rt", "RT 1/2", "2 rt=1"),
        ("rt", "RT 000", "rt=0"),
        ("rw", "RW 02", "rw=2"),
        ("rt", "rukun RT 1 tetangga", "rt=1"),
        ("posyandu", "Posyandu MELATI-01", "posyandu melati 1"),
        ("posyandu", "RT 01", "rt 1"),
        (
            "karang-taruna",
            "Karang Taruna \"Bina Muda\"",
            "karang taruna bina muda",
        ),
        ("lpm", " --  !! ", "-- !!"),
    ] {
        assert_eq!(form(kind, name), expected, "{kind} {name}");
    }
    let different = [
        "RT 1",
        "RT 1A",
        "RT 1B",
        "RT 1 RW 2",
        "RT 2 RW 1",
        "RT 1A RW 2",
        "RT 1 RW 2A",
        "RT 11",
    ];
    let forms: BTreeSet<String> = different.iter().map(|name| form("rt", name)).collect();
    assert_eq!(forms.len(), different.len(), "{forms:?}");
}

#[test]
fn likely_doubles_are_suspected_and_neighbours_are_not() {
    let is_like =
        |kind: &str, one: &str, other: &str| ComparedName::new(kind, one).is_like(&ComparedName::new(kind, other));
    for (kind, one, other) in [
        ("rt", "RT 1", "RT 1 RW 1"),
        ("rt", "RT IV", "RT 04"),
        ("rt", "RT II RW I", "RT 2/RW 1"),
        ("rt", "R.T. 01", "RT 1"),
        ("rt", "01", "RT 1"),
        ("rt", "No. 1", "RT 1"),
        ("rt", "RT 01/02", "RT 1 RW 2"),
        ("rt", "RT 1 Dusun Melati", "RT 1 Dusun Mellati RW 1"),
        ("rw", "RW 1", "RW I"),
        ("posyandu", "Posyandu Melati 1", "Posyandu Melati I"),
        ("posyandu", "Posyandu Melati", "Melati"),
        ("posyandu", "Posyandu Melati", "Posyandu Mellati"),
        ("posyandu", "Posyandu Melati", "Posyandu Malati"),
        ("karang-taruna", "Karang Taruna Mekar Sari", "Karang Taruna Mekarsari"),
        ("posyandu", "Taroena Djaya", "Taruna Jaya"),
        ("pkk", "PKK", "P.K.K."),
    ] {
        assert!(is_like(kind, one, other), "{kind}: {one}, {other}");
    }
    for (kind, one, other) in [
        ("rt", "RT 1 RW 1", "RT 1 RW 2"),
        ("rt", "RT 1", "RT 2"),
        ("rt", "RT 1", "RT 11"),
        ("rt", "RT 1A", "RT 1B"),
        ("rt", "RT 1 Dusun Melati", "RT 1 Dusun Mawar"),
        ("posyandu", "Posyandu Melati 1", "Posyandu Melati 2"),
        ("posyandu", "Posyandu Melati A", "Posyandu Melati B"),
        ("posyandu", "Posyandu Melati", "Posyandu Mawar"),
    ] {
        assert!(!is_like(kind, one, other), "{kind}: {one}, {other}");
    }
}

fn kinds() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("rt"), Just("rw"), Just("posyandu"), Just("karang-taruna")]
}

/// Names made of the words that have a meaning, and of anything else.
fn names() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("RT".to_owned()),
        Just("rw".to_owned()),
        Just("No".to_owned()),
        Just("Rukun".to_owned()),
        Just("TETANGGA".to_owned()),
        Just("warga".to_owned()),
        Just("a".to_owned()),
        Just("melati".to_owned()),
        "[0-9]{1,3}",
        "\\PC{0,3}",
    ];
    let gap = prop_oneof![Just(""), Just(" "), Just("."), Just("/"), Just("  - ")];
    prop::collection::vec((word, gap), 0..8).prop_map(|parts| {
        let parts = parts.into_iter().map(|(word, gap)| word + gap);
        parts.collect::<String>()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn the_form_of_a_form_is_the_form(kind in kinds(), name in names()) {
        let once = form(kind, &name);
        prop_assert_eq!(form(kind, &once), once.clone(), "{}", name);
    }

    #[test]
    fn case_spaces_and_leading_zeros_do_not_matter(kind in kinds(), name in "[a-z ./]{0,9}( 0{0,3}[1-9][0-9]{0,2}[ ./][a-z]{2,5}){0,3}") {
        let upper = name.to_uppercase();
        let spaced = format!("  {}  ", name.replace(' ', "   "));
        let zeros = name.replace(" 0", " 000");
        for other in [upper, spaced, zeros] {
            // A name without words is its own form.
            if name.chars().any(char::is_alphanumeric) {
                prop_assert_eq!(form(kind, &other), form(kind, &name), "{} {}", name, other);
            }
        }
    }

    #[test]
    fn labels_stand_in_any_order(rt in 0u32..999, rw in 0u32..999, words in prop::collection::vec("[b-z]{4,8}", 0..3), zeros in 0usize..3) {
        let (rt_label, rw_label) = (format!("RT.{}{rt}", "0".repeat(zeros)), format!("Rukun Warga {rw}"));
        let words = words.join(" ");
        let expected = form("rt", &format!("RT {rt} RW {rw} {words}"));
        for name in [
            format!("{rt_label} {rw_label} {words}"),
            format!("{rw_label}/{rt_label}, {words}"),
            format!("{words} {rw_label} {rt_label}"),
            format!("{rt_label} {words} {rw_label}"),
            format!("{rw_label} {words} {rt_label}"),
        ] {
            for kind in ["rt", "rw"] {
                prop_assert_eq!(form(kind, &name), expected.clone(), "{}", name);
            }
        }
    }

    #[test]
    fn the_same_form_is_always_suspected(kind in kinds(), name in names()) {
        let one = ComparedName::new(kind, &name);
        let other = ComparedName::new(kind, &one.form);
        prop_assert_eq!(&one, &other);
        prop_assert!(one.is_like(&other));
    }
}
