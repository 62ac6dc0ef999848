//! Which passwords are refused: those that an attacker tries first (NIST SP 800-63B).

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;

use super::password::{LONGEST, SHORTEST};
use crate::platform::error::{Code, Error};
use crate::platform::text::Text;

/// Common passwords that are long enough, in lower case and sorted. Shorter ones are refused for their length.
static COMMON: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let lines = include_str!("common_passwords.txt").lines();
    lines.filter(|line| !line.starts_with("# ")).collect()
});

/// 422 at `pointer` unless a person with this user name may choose the password.
pub fn ensure_strong(password: &str, username: &str, pointer: &str) -> Result<(), Error> {
    match weakness(password, username) {
        None => Ok(()),
        Some(Text { id, en }) => Err(Error::new(Code::WeakPassword).detail(id, en).at(pointer)),
    }
}

/// Returns what is wrong with a password, in a sentence that completes "the password".
fn weakness(password: &str, username: &str) -> Option<Text> {
    let folded = password.nfkc().collect::<String>().to_lowercase();
    let length = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&length) {
        return Some(Text::new(
            format!("Kata sandi harus {SHORTEST} sampai {LONGEST} karakter."),
            format!("A password has {SHORTEST} to {LONGEST} characters."),
        ));
    }
    let mut characters = folded.chars();
    let first = characters.next();
    if characters.all(|c| Some(c) == first) {
        return Some(Text::new(
            "Kata sandi ini hanya satu karakter yang diulang.",
            "This password is one repeated character.",
        ));
    }
    if is_around(&folded, &username.to_lowercase()) {
        return Some(Text::new(
            "Kata sandi ini adalah nama penggunanya.",
            "This password is the user name.",
        ));
    }
    COMMON.binary_search(&folded.as_str()).is_ok().then(|| {
        Text::new(
            "Kata sandi ini termasuk yang paling sering dipakai, sehingga paling dahulu ditebak.",
            "This password is one of the commonest, which are guessed first.",
        )
    })
}

/// Returns whether a password is a user name, once or several times, with nothing but digits and signs around it.
fn is_around(password: &str, username: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
    let (password_letters, name) = (letters(password), letters(username));
    if name.is_empty() {
        return !username.is_empty() && password.contains(username);
    }
    !password_letters.is_empty() && password_letters.replace(&name, "").is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_are_guessed_first_are_refused() {
        for (password, username) in [
            ("pendek", "camat"),
            ("1234567890", "camat"),
            ("Password123", "camat"),
            ("PASSWORD123", "camat"),
            ("qwertyuiop", "camat"),
            ("bismillah123", "camat"),
            ("aaaaaaaaaaaa", "camat"),
            ("          ", "camat"),
            ("kasi.pemerintahan", "kasi.pemerintahan"),
            ("Kasi.Pemerintahan1", "kasi.pemerintahan"),
            ("2026KasiPemerintahan!", "kasi.pemerintahan"),
            ("adminadmin", "admin"),
            ("admin-2026-admin", "admin"),
            ("6311060001", "6311060001"),
        ] {
            let error = ensure_strong(password, username, "#/password").unwrap_err();
            assert_eq!(error.code, Code::WeakPassword, "{password}");
        }
        for (password, username) in [
            ("kata sandi admin", "admin"),
            ("rahasia-sekali", "camat"),
            ("Sungai Balangan jernih", "camat"),
        ] {
            ensure_strong(password, username, "#/password").unwrap();
        }
    }

    #[test]
    fn the_list_is_sorted_in_lower_case_and_long_enough() {
        assert_eq!(COMMON.len(), 10_000);
        assert!(COMMON.is_sorted());
        assert!(COMMON.iter().all(|p| p.len() >= SHORTEST && *p == p.to_lowercase()));
    }
}
