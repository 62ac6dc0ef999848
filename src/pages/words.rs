//! The texts of the pages. Each screen has a struct of its own: a text that misses a language does not compile.

use crate::platform::text::Lang;

/// Declares a struct of texts, Indonesian first:
///
/// ```ignore
/// words! { struct Words { title: "Laporan desa" / "Village reports", } }
/// let t = Words::of(lang);
/// ```
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($field:ident: $id:literal / $en:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug)]
        $vis struct $name { $(pub $field: &'static str),+ }

        impl $name {
            const ID: Self = Self { $($field: $id),+ };
            const EN: Self = Self { $($field: $en),+ };

            /// Returns the texts of a language.
            pub fn of(lang: $crate::platform::text::Lang) -> &'static Self {
                match lang {
                    $crate::platform::text::Lang::Id => &Self::ID,
                    $crate::platform::text::Lang::En => &Self::EN,
                }
            }
        }
    };
}
pub(super) use words;

words! {
    /// The texts of every page.
    pub struct Common {
        product: "Indikator Kinerja Utama" / "Key performance indicators",
        whole_regency: "Seluruh kabupaten" / "Whole regency",
        skip: "Langsung ke isi" / "Skip to content",
        navigation: "Menu utama" / "Main menu",
        home: "Beranda" / "Overview",
        reports: "Laporan" / "Reports",
        institutions: "Lembaga" / "Institutions",
        cases: "Kasus" / "Cases",
        surveys: "Survei" / "Surveys",
        targets: "Target" / "Targets",
        sheets: "Impor dan ekspor" / "Import and export",
        closings: "Tutup periode" / "Closing",
        journal: "Jejak audit" / "Audit trail",
        users: "Pengguna dan gawai" / "Users and devices",
        account: "Akun" / "Account",
        sign_in: "Masuk" / "Sign in",
        sign_out: "Keluar" / "Sign out",
        other_language: "English" / "Bahasa Indonesia",
        api: "API dan dokumentasi" / "API and documentation",
        times: "Semua waktu dalam WITA" / "All times in WITA",
        save: "Simpan" / "Save",
        cancel: "Batal" / "Cancel",
        back: "Kembali" / "Back",
        optional: "boleh kosong" / "optional",
        next_page: "Halaman berikutnya" / "Next page",
        first_page: "Halaman pertama" / "First page",
        none: "tidak ada" / "none",
        faults: "Ada yang perlu diperbaiki" / "Something needs to be corrected",
        reason: "Alasan" / "Reason",
        year: "Tahun" / "Year",
        village: "Desa" / "Village",
        period: "Periode" / "Period",
        choose: "Pilih" / "Choose",
    }
}

/// Returns the language that is not shown.
pub fn other(lang: Lang) -> Lang {
    match lang {
        Lang::Id => Lang::En,
        Lang::En => Lang::Id,
    }
}
