//! Standard output.

use std::io::Write;

/// Prints a text. Returns an error for a closed pipe, and does not panic.
pub fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|e| format!("Cannot write to standard output: {e}."))
}
