//! Types of codes accept only well-formed text.

use iku::platform::http::codes::*;

#[test]
fn only_well_formed_codes_become_codes() {
    assert_eq!("63.11.06.2005".parse::<VillageCode>().unwrap().district(), "63.11.06");
    for bad in [
        "",
        "63.11.06",
        "63.11.06.20055",
        "63.11.06.200a",
        "63-11-06-2005",
        "63.11.06.2005\0",
    ] {
        assert!(bad.parse::<VillageCode>().is_err(), "{bad:?}");
    }
    assert!("karang-taruna".parse::<Slug>().is_ok());
    assert!("Karang".parse::<Slug>().is_err());
}
