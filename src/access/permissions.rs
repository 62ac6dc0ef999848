//! One line per scope: its marker type, its name, and what it allows (as the OpenAPI document says it).

/// A scope as a type, so that a guard names it and the document repeats it.
pub trait Permission: 'static {
    const SCOPE: &'static str;
}

/// A list of scopes. A caller needs one of them.
pub trait Permissions: 'static {
    const SCOPES: &'static [&'static str];
}

macro_rules! permissions {
    ($($name:ident = $scope:literal: $text:literal;)*) => {
        $(
            #[derive(Debug)]
            pub enum $name {}
            impl Permission for $name { const SCOPE: &'static str = $scope; }
        )*
        /// Every scope with its description.
        pub const SCOPES: &[(&str, &str)] = &[$(($scope, $text)),*];
    };
}

permissions! {
    ReferencesRead = "references:read": "Membaca kuesioner dan daftar kode / read the questionnaire and the code lists";
    ReferencesWrite = "references:write": "Mengubah daftar kode / change the code lists";
    DistrictsRead = "districts:read": "Membaca kecamatan / read districts";
    DistrictsWrite = "districts:write": "Menyatakan sejak tahun berapa kecamatan mencatat / say from which year a district records";
    VillagesRead = "villages:read": "Membaca desa dan kelurahan / read villages";
    VillagesWrite = "villages:write": "Mengubah desa dan kelurahan / change villages";
    DecreesRead = "decrees:read": "Membaca keputusan / read decrees";
    DecreesWrite = "decrees:write": "Mencatat keputusan / record decrees";
    IndicatorsRead = "indicators:read": "Membaca indikator / read indicators";
    IndicatorsWrite = "indicators:write": "Mencatat indikator / record indicators";
    TargetsRead = "targets:read": "Membaca target / read targets";
    TargetsWrite = "targets:write": "Menetapkan target / set targets";
    NotesWrite = "notes:write": "Mencatat kendala dan tindak lanjut / record obstacles and follow-ups";
    ReportKindsRead = "report-kinds:read": "Membaca jenis laporan / read report kinds";
    ReportKindsWrite = "report-kinds:write": "Mengubah jenis laporan / change report kinds";
    ReportsRead = "reports:read": "Membaca laporan desa / read village reports";
    ReportsWrite = "reports:write": "Mencatat laporan desa / record village reports";
    ReportsCheck = "reports:check": "Memeriksa laporan desa: mengubah statusnya / check village reports: change their status";
    ReportsDeliver = "reports:deliver": "Menyerahkan laporan desa sendiri dan membacanya / hand in the reports of one's own village and read them";
    CompletenessRead = "completeness:read": "Membaca kelengkapan laporan / read the completeness of reports";
    InstitutionsRead = "institutions:read": "Membaca LKD / read village institutions";
    InstitutionsWrite = "institutions:write": "Mencatat LKD / record village institutions";
    CasesRead = "cases:read": "Membaca gangguan trantibum / read public-order cases";
    CasesWrite = "cases:write": "Mencatat gangguan trantibum / record public-order cases";
    SurveysRead = "surveys:read": "Membaca survei / read surveys";
    SurveysWrite = "surveys:write": "Mengelola survei / manage surveys";
    SurveyIndexRead = "survey-index:read": "Membaca indeks survei / read survey indices";
    ResponsesRead = "responses:read": "Membaca jawaban survei / read survey answers";
    ResponsesWrite = "responses:write": "Mengirim jawaban survei / send survey answers";
    ResponsesQuarantine = "responses:quarantine": "Mengirim jawaban survei ke karantina / send survey answers to the quarantine";
    HeldResponsesRead = "held-responses:read": "Membaca jawaban yang ditahan / read held answers";
    HeldResponsesWrite = "held-responses:write": "Memutuskan jawaban yang ditahan / decide on held answers";
    EvidenceRead = "evidence:read": "Membaca bukti dukung / read evidence";
    RealisationsRead = "realisations:read": "Membaca realisasi dan penutupan periode / read realisations and the closings of periods";
    ClosingsWrite = "closings:write": "Menutup periode / close periods";
    UsersRead = "users:read": "Membaca pengguna / read users";
    UsersWrite = "users:write": "Mengelola pengguna / manage users";
    ClientsRead = "clients:read": "Membaca klien / read clients";
    ClientsWrite = "clients:write": "Mengelola klien / manage clients";
    AuditRead = "audit:read": "Membaca jejak audit / read the audit trail";
    MeRead = "me:read": "Membaca data sendiri / read one's own account";
    MeWrite = "me:write": "Mengganti kata sandi dan mengakhiri sesi sendiri / change one's own password, end one's own sessions";
}
