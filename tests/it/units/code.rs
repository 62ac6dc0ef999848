//! The enrolment code: 80 random bits as 16 characters of Crockford's base32, which people can read aloud and type.

use iku::access::enrolments::code::*;

#[test]
fn a_code_has_four_groups_of_the_alphabet_and_is_unique() {
    let codes: Vec<String> = (0..200).map(|_| generate().unwrap()).collect();
    for code in &codes {
        let groups: Vec<&str> = code.split('-').collect();
        assert!(groups.iter().all(|g| g.len() == 4) && groups.len() == 4, "{code}");
        assert!(groups.concat().bytes().all(|b| ALPHABET.contains(&b)), "{code}");
    }
    let mut once = codes.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), codes.len());
    // Each character of the alphabet occurs. Among 3,200 random characters none is missing by chance.
    let all = codes.concat();
    assert!(ALPHABET.iter().all(|b| all.contains(char::from(*b))));
}

#[test]
fn a_code_is_the_same_however_it_is_typed() {
    let code = "10AB-CDEF-0123-WXYZ";
    for typed in ["10ABCDEF0123WXYZ", "ioab-cdef-ol23-wxyz", "L0AB-CDEF-O123WXYZ"] {
        assert_eq!(digest_of(typed), digest_of(code), "{typed}");
    }
    assert_ne!(digest_of("10AB-CDEF-0123-WXY0"), digest_of(code));
}
