//! What the program says to whoever started it.

use std::io::Write;

/// To standard output; a reader that went away is no panic.
pub fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| format!("Cannot write to standard output: {e}."))
}
