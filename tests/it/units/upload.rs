//! Reads the bytes of a body. The limit applies before and after decompression.

use iku::platform::error::Code;
use iku::platform::http::upload::*;

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_limit_applies_after_decompression() {
    let fits = vec![b' '; LARGEST_BODY];
    assert_eq!(unpack(&packed(&fits)).unwrap(), fits);
    let bomb = packed(&vec![b' '; LARGEST_BODY + 1]);
    assert!(bomb.len() < 2000);
    assert_eq!(unpack(&bomb).unwrap_err().code, Code::BodyTooLarge);
    // Two members are one stream; the limit applies to their sum.
    let twice = [packed(&fits), packed(b"x")].concat();
    assert_eq!(unpack(&twice).unwrap_err().code, Code::BodyTooLarge);
}

#[test]
fn invalid_gzip_is_refused() {
    let mut cut = packed(b"[1,2,3]");
    cut.truncate(cut.len() - 3);
    for bad in [cut, b"[1,2,3]".to_vec(), Vec::new()] {
        assert_eq!(unpack(&bad).unwrap_err().code, Code::BadRequest);
    }
}
