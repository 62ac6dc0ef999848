//! One survey: its index, the nine elements, the sample, the respondents, the held answers, and the steps of its life.

use actix_web::{HttpResponse, web};
use askama::Template;
use uuid::Uuid;

use super::{Words as List, days, held, links, new, profile, status};
use crate::access::permissions::{HeldResponsesRead, HeldResponsesWrite, ResponsesRead, SurveyIndexRead, SurveysWrite};
use crate::core::decimal::Hundredths;
use crate::core::formula::Status;
use crate::core::formula::survey_index::SurveyStatus;
use crate::evidence::record::Record;
use crate::facts::responses::bulk;
use crate::facts::responses::bulk::dto::NewBulkDecision;
use crate::facts::responses::quarantine;
use crate::facts::responses::quarantine::dto::{HeldResponse, HeldResponseFilter};
use crate::facts::surveys;
use crate::facts::surveys::dto::{Survey, SurveyPatch};
use crate::pages::charts;
use crate::pages::evidence::Evidence;
use crate::pages::field::{Action, Field, Kind};
use crate::pages::form::{Faults, Member, Posted};
use crate::pages::marks::Mark;
use crate::pages::reader::Reader;
use crate::pages::shell::Shell;
use crate::pages::words::{Common, words};
use crate::pages::{answer, format, people};
use crate::plan::code_lists::{dto::Questionnaire, questionnaires};
use crate::platform::db::Db;
use crate::platform::error::{Code, Error};
use crate::platform::http::{Resource, Slug};
use crate::results::facts::FactReader;
use crate::results::query::Query;
use crate::results::response_cache::ResponseCache;
use crate::results::survey_index;
use crate::results::survey_index::dto::SurveyIndex;

words! {
    struct Words {
        index: "Indeks Kepuasan Masyarakat" / "Index of citizens' satisfaction",
        none: "Belum ada indeks" / "No index yet",
        provisional: "Sementara, selama survei belum selesai" / "Provisional while the survey goes on",
        respondents: "Responden" / "Respondents",
        voided: "Jawaban dibatalkan" / "Voided answers",
        held: "Jawaban ditahan" / "Held answers",
        sample: "Sampel yang diperlukan" / "Required sample",
        reached: "tercapai" / "reached",
        not_reached: "belum tercapai" / "not reached yet",
        no_population: "Jumlah penerima layanan belum diisi" / "The number of people served is not known",
        elements: "Sembilan unsur" / "The nine elements",
        element: "Unsur" / "Element",
        inactive: "tidak dihitung" / "not counted",
        grade: "Mutu" / "Grade",
        profile: "Responden menurut profil" / "Respondents by profile",
        profile_about: "Jumlah yang kecil tidak ditampilkan, agar tidak ada responden yang dikenali." / "Small counts are not shown, so that nobody is recognised.",
        no_profile: "Profil ditampilkan setelah survei ditutup." / "The profile is shown once the survey is closed.",
        others: "yang lain" / "others",
        not_shown: "tidak ditampilkan" / "not shown",
        held_about: "Jawaban ini menunggu keputusan: dihitung atau tidak." / "These answers wait for a decision: whether they count.",
        received: "Diterima" / "Received",
        why: "Sebab" / "Reason",
        modes: "Cara menjawab" / "Ways of answering",
        by_device: "gawai petugas" / "officers' devices",
        by_paper: "kertas" / "paper",
        by_self: "mandiri lewat tautan" / "self-service by a link",
        more: "Masih ada lagi." / "There are more.",
        open: "Buka survei" / "Open the survey",
        close: "Tutup survei" / "Close the survey",
        reopen: "Buka kembali" / "Open again",
        correct: "Perbaiki data survei" / "Correct the survey",
        withdraw: "Tarik survei" / "Withdraw the survey",
        release: "Hitung semua jawaban yang ditahan" / "Count all held answers",
        discard: "Jangan hitung jawaban yang ditahan" / "Do not count the held answers",
    }
}

#[derive(Template)]
#[template(path = "survey.html")]
struct Page {
    shell: Shell,
    t: &'static Words,
    list: &'static List,
    survey: Survey,
    days: String,
    section: &'static str,
    mark: Mark,
    index: SurveyIndex,
    ikm: Option<String>,
    is_provisional: bool,
    elements: Vec<Element>,
    profile: Option<[profile::List; 4]>,
    held: Vec<Held>,
    is_more_held: bool,
    links: Vec<links::Row>,
    is_more_links: bool,
    link_words: &'static links::Words,
    may_add_link: bool,
    evidence: Option<Evidence>,
    actions: Vec<Action>,
    faults: Faults,
}

struct Element {
    name: String,
    /// `None`: it does not count, or has no answers.
    index: Option<String>,
    grade: Option<String>,
    is_active: bool,
    bar: String,
}

struct Held {
    received: String,
    why: String,
}

/// A survey with everything that its page shows.
struct Found {
    survey: Survey,
    index: SurveyIndex,
    form: Questionnaire,
    held: Vec<HeldResponse>,
    is_more_held: bool,
    links: (Vec<links::Row>, bool),
    evidence: Option<Evidence>,
}

async fn find(reader: &Reader, db: &Db, cache: &ResponseCache, id: Uuid) -> Result<Found, Error> {
    let query = Query {
        sees_answers: reader.may::<ResponsesRead>(),
        ..reader.query()
    };
    let read = async |facts: FactReader<'_>| survey_index::service::index(facts, &query, id).await;
    let index = cache.compute_for_page(&query, read).await?;
    let filter = HeldResponseFilter {
        district_code: None,
        survey_id: Some(id),
        reason: None,
        client_id: None,
        decided: Some(false),
        restored: None,
        flagged: None,
    };
    let (paging, year) = (reader.paging(25, None), chrono::Datelike::year(&reader.today()));
    let may_see_held = reader.may::<HeldResponsesRead>();
    let read = db.read(async |tx| {
        let survey = surveys::service::get(tx, &reader.actor, id).await?;
        let form: Slug = "skm-9".parse().map_err(|_| Error::not_found())?;
        let form = questionnaires::get(tx, &form, year).await?;
        let (held, is_more_held) = match may_see_held {
            true => {
                let page = quarantine::service::list(tx, &reader.actor, &filter, &paging).await?;
                (page.items, page.next_cursor.is_some())
            }
            false => (Vec::new(), false),
        };
        let links = links::of_survey(tx, reader, id).await?;
        Ok((survey, form, held, is_more_held, links))
    });
    let (survey, form, held, is_more_held, links) = read.await?;
    Ok(Found {
        survey,
        index,
        form,
        held,
        is_more_held,
        links,
        evidence: Evidence::of(reader, db, &Record::Survey(id)).await?,
    })
}

/// Shows a survey.
pub async fn show(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Error> {
    reader.require::<SurveyIndexRead>()?;
    let found = find(&reader, &db, &cache, *id).await?;
    page(&reader, found, None, Faults::default())
}

fn page(reader: &Reader, found: Found, posted: Option<&Posted>, faults: Faults) -> Result<HttpResponse, Error> {
    let (t, lang) = (Words::of(reader.lang), reader.lang);
    let actions = actions(reader, &found, t)
        .into_iter()
        .map(|action| action.after(posted, &faults));
    let actions = actions.collect();
    let Found {
        survey,
        index,
        form,
        held,
        is_more_held,
        links: (links, is_more_links),
        evidence,
    } = found;
    let elements = index.elements.iter().map(|element| {
        let named = form.elements.iter().find(|named| named.code == element.code);
        Element {
            name: named.map_or_else(|| element.code.code().to_owned(), |named| named.name.clone()),
            index: element.index.map(|index| format::decimal(index, lang)),
            grade: element
                .grade
                .as_ref()
                .map(|grade| format!("{} · {}", grade.letter, grade.label)),
            is_active: element.active,
            bar: charts::bar(
                element.index.map(Hundredths::from),
                Hundredths(2_500),
                Hundredths(10_000),
            ),
        }
    });
    let profile = index.profile.as_ref();
    let profile = profile.map(|profile| profile::lists(profile, &form.profile, lang));
    let page = Page {
        shell: reader.shell(survey.title.clone()),
        t,
        list: List::of(lang),
        days: days(survey.starts_on, survey.ends_on, lang),
        section: people::section(survey.section),
        mark: status(survey.status, lang),
        is_provisional: index.status == Status::Provisional,
        ikm: index.ikm.map(|ikm| format::decimal(ikm, lang)),
        elements: elements.collect(),
        profile,
        held: held.iter().map(|one| shown(one, reader)).collect(),
        is_more_held,
        links,
        is_more_links,
        link_words: links::Words::of(lang),
        may_add_link: reader.may::<SurveysWrite>() && reader.actor.ensure_section(survey.section).is_ok(),
        evidence,
        actions,
        faults,
        survey,
        index,
    };
    answer::page(page.faults.status(), lang, &page)
}

fn shown(held: &HeldResponse, reader: &Reader) -> Held {
    Held {
        received: format::instant(held.received_at, reader.lang),
        why: held::why(held, reader.lang),
    }
}

/// Returns the forms that are open to the person, the next step first.
fn actions(reader: &Reader, found: &Found, t: &'static Words) -> Vec<Action> {
    let survey = &found.survey;
    let reason = || Field::new("reason", Common::of(reader.lang).reason, Kind::Line("off")).longest(300);
    let is_own = reader.actor.ensure_section(survey.section).is_ok();
    let mut actions = Vec::new();
    if reader.may::<HeldResponsesWrite>() && is_own && !found.held.is_empty() {
        actions.push(Action::new("hitung", t.release, vec![reason().required()]).main());
        actions.push(Action::new("abaikan", t.discard, vec![reason().required()]).danger());
    }
    if !reader.may::<SurveysWrite>() || !is_own {
        return actions;
    }
    let etag = survey.etag();
    let correction = new::fields(reader).into_iter().map(|field| {
        let value = match field.name {
            "title" => survey.title.clone(),
            "section" => survey.section.as_str().to_owned(),
            "starts_on" => survey.starts_on.to_string(),
            "ends_on" => survey.ends_on.to_string(),
            _ => survey.population.map(|count| count.to_string()).unwrap_or_default(),
        };
        field.value(value)
    });
    let correction = correction.chain([reason()]).collect();
    let of_life = match survey.status {
        SurveyStatus::Draft => Action::new("buka", t.open, Vec::new()).main(),
        SurveyStatus::Open => Action::new("tutup", t.close, Vec::new()).main(),
        SurveyStatus::Closed => Action::new("buka", t.reopen, vec![reason().required()]),
    };
    let own = [
        of_life,
        Action::new("perbaiki", t.correct, correction),
        Action::new("tarik", t.withdraw, vec![reason().required()]).danger(),
    ];
    actions.extend(own.map(|action| action.of_version(&etag)));
    actions
}

/// Opens, closes, corrects or withdraws a survey, or decides on its held answers.
pub async fn change(
    reader: Reader,
    db: web::Data<Db>,
    cache: web::Data<ResponseCache>,
    id: web::Path<Uuid>,
    posted: Posted,
) -> Result<HttpResponse, Error> {
    reader.require::<SurveyIndexRead>()?;
    let found = find(&reader, &db, &cache, *id).await?;
    match apply(&reader, &db, found.survey.id, posted.clone()).await {
        Ok(()) if posted.text("aksi") == "tarik" => answer::see_other("/survei"),
        Ok(()) => answer::see_other(&format!("/survei/{id}")),
        Err(error) => {
            let names: Vec<&str> = new::NAMES.into_iter().chain(["reason"]).collect();
            let faults = Faults::of(error, reader.lang, &names)?;
            page(&reader, found, Some(&posted), faults)
        }
    }
}

async fn apply(reader: &Reader, db: &Db, id: Uuid, mut posted: Posted) -> Result<(), Error> {
    let action = posted.text("aksi").to_owned();
    let mut members = vec![Member::Text("reason")];
    match action.as_str() {
        "hitung" | "abaikan" => return decide(reader, db, id, posted).await,
        "tarik" => {
            reader.require::<SurveysWrite>()?;
            let body: crate::platform::http::Restoration = posted.body(&members)?;
            let if_match = posted.if_match()?;
            let done =
                db.write(async |tx| surveys::service::delete(tx, &reader.actor, id, &if_match, body.reason).await);
            return done.await.map(|_| ());
        }
        "buka" => posted.set("status", SurveyStatus::Open.as_str()),
        "tutup" => posted.set("status", SurveyStatus::Closed.as_str()),
        "perbaiki" => {
            members.extend(["title", "section", "starts_on", "ends_on"].map(Member::Text));
            members.push(match posted.text("population") {
                "" => Member::OrNull("population"),
                _ => Member::Number("population"),
            });
        }
        _ => return Err(Error::new(Code::BadRequest)),
    }
    reader.require::<SurveysWrite>()?;
    if matches!(action.as_str(), "buka" | "tutup") {
        members.push(Member::Text("status"));
    }
    let (if_match, patch) = (posted.if_match()?, posted.patch::<SurveyPatch>(&members)?);
    db.write(async |tx| surveys::service::patch(tx, &reader.actor, id, &if_match, patch).await)
        .await?;
    Ok(())
}

async fn decide(reader: &Reader, db: &Db, id: Uuid, mut posted: Posted) -> Result<(), Error> {
    reader.require::<HeldResponsesWrite>()?;
    posted.set("survey_id", id);
    posted.set(
        "decision",
        if posted.text("aksi") == "hitung" {
            "released"
        } else {
            "discarded"
        },
    );
    let new: NewBulkDecision = posted.body(&["decision", "survey_id", "reason"].map(Member::Text))?;
    db.write(async |tx| bulk::service::decide(tx, &reader.actor, new).await)
        .await?;
    Ok(())
}
