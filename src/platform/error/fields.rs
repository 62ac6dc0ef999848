//! The errors of single fields. `errors[].code` is a code from this table, or the code of a whole problem
//! (`unknown_reference`, `rule_broken` ...).

use super::Code;
use crate::platform::text::Text;

/// One row per code: Rust name, stable code; then title, cause and remedy, each in Indonesian and English.
macro_rules! field_codes {
    ($($name:ident $code:literal
        $title_id:literal $title_en:literal
        cause $cause_id:literal $cause_en:literal
        remedy $remedy_id:literal $remedy_en:literal;)*) => {
        /// The stable codes of errors that only single fields have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum FieldCode { $($name),* }

        impl FieldCode {
            pub const ALL: &[FieldCode] = &[$(FieldCode::$name),*];

            pub fn as_str(self) -> &'static str {
                match self { $(FieldCode::$name => $code),* }
            }

            pub fn title(self) -> Text {
                match self { $(FieldCode::$name => Text::new($title_id, $title_en)),* }
            }

            /// Returns the cause.
            pub fn cause(self) -> Text {
                match self { $(FieldCode::$name => Text::new($cause_id, $cause_en)),* }
            }

            /// Returns the remedy.
            pub fn remedy(self) -> Text {
                match self { $(FieldCode::$name => Text::new($remedy_id, $remedy_en)),* }
            }
        }
    };
}

field_codes! {
    Required "required"
        "Wajib diisi" "Is required"
        cause "Isian ini harus ada, dan tidak dikirim atau dikirim kosong."
              "The field is required, but was not sent or was empty."
        remedy "Isi, lalu kirim lagi." "Fill in the field, then send the request again.";
    UnknownField "unknown_field"
        "Tidak dikenal" "Unknown field"
        cause "Nama isian atau parameter ini salah tulis, atau tidak ada di alamat ini."
              "The name of the field or parameter is misspelt or does not exist at this address."
        remedy "Perbaiki namanya, atau hilangkan." "Correct the name, or leave out the field.";
    Repeated "repeated"
        "Diberikan dua kali" "Is repeated"
        cause "Parameter atau isian yang sama dikirim lebih dari sekali, dan tidak jelas mana yang berlaku."
              "The same parameter or field was sent more than once, and it is not clear which value applies."
        remedy "Kirim sekali saja." "Send it only once.";
    Type "type"
        "Jenis nilai salah" "Has the wrong type"
        cause "Misalnya teks di tempat angka: \"5\" bukan 5."
              "For example, a text instead of a number: \"5\" is not 5."
        remedy "Kirim nilai dengan jenis yang disebut di detail." "Send a value of the type named in the detail.";
    Enum "enum"
        "Bukan salah satu pilihan" "Is not one of the choices"
        cause "Nilai ini tidak ada dalam daftar pilihan, atau salah tulis (huruf kecil dan besar dibedakan)."
              "The value is not among the choices, or is misspelt (case matters)."
        remedy "Pilih salah satu yang disebut di detail." "Choose a value from the list in the detail.";
    Format "format"
        "Bukan tanggal, waktu, atau UUID yang sah" "Is not a valid date, time or UUID"
        cause "Bentuk atau isinya salah: 30-06-2025 bukan 2025-06-30, dan 2025-02-30 tidak ada."
              "The format or the value is wrong: write 2025-06-30, not 30-06-2025; 2025-02-30 does not exist."
        remedy "Tulis seperti contoh di detail." "Write the value like the example in the detail.";
    Pattern "pattern"
        "Bentuknya tidak sesuai" "Has the wrong format"
        cause "Kode, periode, atau teks ini tidak ditulis seperti yang ditentukan kontrak."
              "The code, period or text is not written as the contract requires."
        remedy "Lihat contoh isian ini di dokumen OpenAPI: kode desa 63.11.06.2005, periode 2025-Q2."
             "See the example of the field in the OpenAPI document: village code 63.11.06.2005, period 2025-Q2.";
    Minimum "minimum"
        "Terlalu kecil" "Is too small"
        cause "Angka ini di bawah batas." "The number is below the limit."
        remedy "Periksa apakah salah ketik; batasnya ada di detail." "Check for a typing mistake; the detail has the limit.";
    Maximum "maximum"
        "Terlalu besar" "Is too large"
        cause "Angka ini di atas batas." "The number is above the limit."
        remedy "Periksa apakah salah ketik; batasnya ada di detail." "Check for a typing mistake; the detail has the limit.";
    MinLength "min_length"
        "Terlalu pendek" "Is too short"
        cause "Teks ini lebih pendek dari yang diperlukan, atau kosong." "The text is shorter than required, or empty."
        remedy "Tulis lebih lengkap; panjang minimalnya ada di detail." "Write more; the detail has the minimum length.";
    MaxLength "max_length"
        "Terlalu panjang" "Is too long"
        cause "Teks ini lebih panjang dari yang dapat disimpan." "The text is longer than the limit."
        remedy "Ringkas; panjang maksimalnya ada di detail." "Shorten it; the detail has the maximum length.";
    MinItems "min_items"
        "Terlalu sedikit butir" "Has too few items"
        cause "Daftar ini kosong, atau kurang dari yang diperlukan." "The list is empty, or has fewer items than required."
        remedy "Tambahkan butir, atau jangan kirim permintaannya." "Add items, or do not send the request.";
    MaxItems "max_items"
        "Terlalu banyak butir" "Has too many items"
        cause "Daftar ini memuat lebih banyak butir daripada yang diterima sekaligus."
              "The list has more items than one request may have."
        remedy "Bagi menjadi beberapa permintaan." "Split it into several requests.";
    MaxDecimals "max_decimals"
        "Terlalu banyak angka di belakang koma" "Has too many decimals"
        cause "Angka disimpan persis, dengan paling banyak dua angka di belakang koma."
              "Numbers are stored exactly, with at most two decimals."
        remedy "Bulatkan sendiri lebih dahulu: 78.57, bukan 78.5714." "Round the number first: 78.57, not 78.5714.";
    UniqueItems "unique_items"
        "Ada butir yang berulang" "Has repeated items"
        cause "Butir yang sama ada lebih dari sekali di daftar ini." "The list contains the same item more than once."
        remedy "Sebut setiap butir sekali." "List each item only once.";
}

/// The code of a field error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldErrorCode {
    Field(FieldCode),
    Problem(Code),
}

impl FieldErrorCode {
    pub fn as_str(self) -> &'static str {
        match self {
            FieldErrorCode::Field(code) => code.as_str(),
            FieldErrorCode::Problem(code) => code.as_str(),
        }
    }
}

/// An error of one field. `pointer` is a JSON pointer into the body (`#/delivered_on`), or names a parameter and its place:
/// `query:limit`, `path:id`, `header:If-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub pointer: String,
    pub code: FieldErrorCode,
    pub detail: Text,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, code: FieldCode, detail: Text) -> Self {
        Self {
            pointer: pointer.into(),
            code: FieldErrorCode::Field(code),
            detail,
        }
    }

    /// Returns the name of the parameter or header that is wrong, empty for the whole query; `None`: the error is in the body.
    pub fn parameter(&self) -> Option<&str> {
        match self.pointer.split_once(':') {
            Some(("query" | "path" | "header", name)) => Some(name),
            _ => None,
        }
    }
}
