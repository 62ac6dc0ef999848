//! What can be wrong with one field. `errors[].code` is one of these, or the code of a whole problem
//! (`unknown_reference`, `rule_broken` ...).

use super::Code;
use crate::platform::text::Text;

/// One row per fault: Rust name, stable code; then title, cause and cure, each in Indonesian and English.
macro_rules! faults {
    ($($name:ident $code:literal
        $title_id:literal $title_en:literal
        cause $cause_id:literal $cause_en:literal
        cure $cure_id:literal $cure_en:literal;)*) => {
        /// What a value can be refused for by its schema alone.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Fault { $($name),* }

        impl Fault {
            pub const ALL: &[Fault] = &[$(Fault::$name),*];

            pub fn as_str(self) -> &'static str {
                match self { $(Fault::$name => $code),* }
            }

            pub fn title(self) -> Text {
                match self { $(Fault::$name => Text::fixed($title_id, $title_en)),* }
            }

            /// Why it happens.
            pub fn cause(self) -> Text {
                match self { $(Fault::$name => Text::fixed($cause_id, $cause_en)),* }
            }

            /// What to do.
            pub fn cure(self) -> Text {
                match self { $(Fault::$name => Text::fixed($cure_id, $cure_en)),* }
            }
        }
    };
}

faults! {
    Required "required"
        "Wajib diisi" "Is required"
        cause "Isian ini harus ada, dan tidak dikirim atau dikirim kosong."
              "The field must be there, and was not sent or was sent empty."
        cure "Isi, lalu kirim lagi." "Fill it in, then send again.";
    UnknownField "unknown_field"
        "Tidak dikenal" "Is not known"
        cause "Nama isian atau parameter ini salah tulis, atau tidak ada di alamat ini."
              "The name of the field or parameter is misspelt, or does not exist at this address."
        cure "Perbaiki namanya, atau hilangkan." "Mend the name, or leave it out.";
    Repeated "repeated"
        "Diberikan dua kali" "Is given twice"
        cause "Parameter yang sama dikirim lebih dari sekali, dan tidak jelas mana yang berlaku."
              "The same parameter was sent more than once, and it is not clear which one holds."
        cure "Kirim sekali saja." "Send it once.";
    Type "type"
        "Jenis nilai salah" "Has the wrong type"
        cause "Misalnya teks di tempat angka: \"5\" bukan 5."
              "For example a text in the place of a number: \"5\" is not 5."
        cure "Kirim nilai dengan jenis yang disebut di detail." "Send a value of the type that the detail names.";
    Enum "enum"
        "Bukan salah satu pilihan" "Is none of the choices"
        cause "Nilai ini tidak ada dalam daftar pilihan, atau salah tulis (huruf kecil dan besar dibedakan)."
              "The value is not among the choices, or is misspelt (case matters)."
        cure "Pilih salah satu yang disebut di detail." "Take one of those that the detail names.";
    Format "format"
        "Bukan tanggal, waktu, atau UUID yang sah" "Is not a valid date, time or UUID"
        cause "Bentuk atau isinya salah: 30-06-2025 bukan 2025-06-30, dan 2025-02-30 tidak ada."
              "Its form or its content is wrong: 30-06-2025 is not 2025-06-30, and there is no 2025-02-30."
        cure "Tulis seperti contoh di detail." "Write it like the example in the detail.";
    Pattern "pattern"
        "Bentuknya tidak sesuai" "Has the wrong form"
        cause "Kode, periode, atau teks ini tidak ditulis seperti yang ditentukan kontrak."
              "The code, period or text is not written as the contract has it."
        cure "Lihat contoh isian ini di dokumen OpenAPI: kode desa 63.11.06.2005, periode 2025-Q2."
             "See the field's example in the OpenAPI document: a village is 63.11.06.2005, a period 2025-Q2.";
    Minimum "minimum"
        "Terlalu kecil" "Is too small"
        cause "Angka ini di bawah batas." "The number is below its bound."
        cure "Periksa apakah salah ketik; batasnya ada di detail." "See whether it is a slip; the bound is in the detail.";
    Maximum "maximum"
        "Terlalu besar" "Is too large"
        cause "Angka ini di atas batas." "The number is above its bound."
        cure "Periksa apakah salah ketik; batasnya ada di detail." "See whether it is a slip; the bound is in the detail.";
    MinLength "min_length"
        "Terlalu pendek" "Is too short"
        cause "Teks ini lebih pendek dari yang diperlukan, atau kosong." "The text is shorter than it must be, or empty."
        cure "Tulis lebih lengkap; panjang minimalnya ada di detail." "Write more; the least length is in the detail.";
    MaxLength "max_length"
        "Terlalu panjang" "Is too long"
        cause "Teks ini lebih panjang dari yang dapat disimpan." "The text is longer than can be kept."
        cure "Ringkas; panjang maksimalnya ada di detail." "Shorten it; the greatest length is in the detail.";
    MinItems "min_items"
        "Terlalu sedikit butir" "Has too few items"
        cause "Daftar ini kosong, atau kurang dari yang diperlukan." "The list is empty, or has fewer items than it must."
        cure "Tambahkan butir, atau jangan kirim permintaannya." "Add items, or do not send the request.";
    MaxItems "max_items"
        "Terlalu banyak butir" "Has too many items"
        cause "Daftar ini memuat lebih banyak butir daripada yang diterima sekaligus."
              "The list has more items than are taken at once."
        cure "Bagi menjadi beberapa permintaan." "Divide it into several requests.";
    MaxDecimals "max_decimals"
        "Terlalu banyak angka di belakang koma" "Has too many decimals"
        cause "Angka disimpan persis, dengan paling banyak dua angka di belakang koma."
              "Numbers are kept exactly, with two decimals at most."
        cure "Bulatkan sendiri lebih dahulu: 78.57, bukan 78.5714." "Round it yourself first: 78.57, not 78.5714.";
    UniqueItems "unique_items"
        "Ada butir yang berulang" "Has repeated items"
        cause "Butir yang sama ada lebih dari sekali di daftar ini." "The same item is in the list more than once."
        cure "Sebut setiap butir sekali." "Name each item once.";
}

/// The code of one field's fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldCode {
    Fault(Fault),
    Problem(Code),
}

impl FieldCode {
    pub fn as_str(self) -> &'static str {
        match self {
            FieldCode::Fault(fault) => fault.as_str(),
            FieldCode::Problem(code) => code.as_str(),
        }
    }
}

/// One fault of one field. `pointer` is a JSON pointer into the body (`#/delivered_on`), or names where
/// else the value stood: `query:limit`, `path:id`, `header:If-Match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub pointer: String,
    pub code: FieldCode,
    pub detail: Text,
}

impl FieldError {
    pub fn new(pointer: impl Into<String>, fault: Fault, detail: Text) -> Self {
        Self {
            pointer: pointer.into(),
            code: FieldCode::Fault(fault),
            detail,
        }
    }
}
