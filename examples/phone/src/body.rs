//! Request and response bodies, compressed if that makes them shorter.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::reply::Fault;

/// Compression does not make a shorter body smaller.
const MIN_GZIP: usize = 600;
/// Upper bound of a reply after decompression.
const LONGEST_REPLY: u64 = 4 << 20;

/// A request body as it is sent.
#[derive(Clone, Debug)]
pub struct Body {
    pub bytes: Vec<u8>,
    pub gzip: bool,
}

impl Body {
    pub fn new(text: String) -> Self {
        if text.len() >= MIN_GZIP
            && let Ok(packed) = gzip(text.as_bytes())
            && packed.len() + 24 < text.len()
        {
            return Self {
                bytes: packed,
                gzip: true,
            };
        }
        Self {
            bytes: text.into_bytes(),
            gzip: false,
        }
    }

    /// Returns the number of bytes that are sent, without the head of the request.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes)?;
    packer.finish()
}

pub fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut whole = Vec::new();
    GzDecoder::new(bytes)
        .take(LONGEST_REPLY)
        .read_to_end(&mut whole)
        .map_err(|e| Fault::Lost(format!("the reply is cut: {e}")))?;
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_bodies_are_compressed() {
        let short = Body::new("{}".to_owned());
        let long = Body::new("abcdef".repeat(1000));
        assert!(!short.gzip && short.len() == 2);
        assert!(long.gzip && long.len() < 200);
        assert_eq!(unpacked(&long.bytes).unwrap().len(), 6000);
        assert!(unpacked(&long.bytes[..long.len() - 1]).is_err());
    }
}
