//! Forms: what a browser posts, and what is wrong with it.
//!
//! A posted form becomes the request body that a program would send, is validated by the same schema, and goes to the same
//! service. The error of either names fields, and the form shows each sentence beside its field.

use std::collections::BTreeMap;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number, Value};
use utoipa::ToSchema;

use crate::access::auth::origin::{ensure_own_page, ensure_same_origin};
use crate::platform::error::{Code, Error};
use crate::platform::http::Contract;
use crate::platform::http::body::{contract_of, read_text, typed};
use crate::platform::http::etag::IfMatch;
use crate::platform::http::patch::Patch;
use crate::platform::http::upload::Bounds;
use crate::platform::text::Lang;

/// The most fields of one form.
const MOST_FIELDS: usize = 64;

/// A posted form, from a page of this service. Every handler of a POST takes one, but for the open form.
#[derive(Clone, Debug)]
pub struct Posted {
    values: BTreeMap<String, String>,
    contract: web::Data<Contract>,
}

/// How a field becomes a member of a request.
#[derive(Clone, Copy, Debug)]
pub enum Member {
    /// Empty: absent.
    Text(&'static str),
    /// Digits become a number; everything else stays a text, which the schema refuses.
    Number(&'static str),
    /// A decimal with a comma or a point becomes a number; everything else stays a text, which the schema refuses.
    Decimal(&'static str),
    /// An object: its name, and its members with the fields that have them. A member with an empty field is absent.
    Group(&'static str, &'static [(&'static str, &'static str)]),
    /// A day and a time of a day in WITA, as a browser writes them; any other text stays as it is.
    Instant(&'static str),
    /// Empty: null, which removes in a patch.
    OrNull(&'static str),
    /// As it was typed: a password. Empty: absent.
    Raw(&'static str),
    /// `true` becomes true, everything else false.
    Flag(&'static str),
    /// A list of what follows `NAME-` in the names of the boxes that are ticked.
    Ticks(&'static str),
}

impl Posted {
    fn of(bytes: &[u8], contract: web::Data<Contract>) -> Result<Self, Error> {
        let pairs = std::str::from_utf8(bytes)
            .ok()
            .filter(|text| text.split('&').nth(MOST_FIELDS).is_none())
            .and_then(|text| web::Query::<Vec<(String, String)>>::from_query(text).ok());
        let pairs = pairs.ok_or_else(|| Error::new(Code::BadRequest))?.into_inner();
        // A browser ends the lines of a text area with CR LF.
        let lines = |(name, value): (String, String)| (name, value.replace("\r\n", "\n"));
        Ok(Self {
            values: pairs.into_iter().map(lines).collect(),
            contract,
        })
    }

    /// Returns the text of a field without blanks around it; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).map_or("", |value| value.trim())
    }

    /// Returns the text of a field as it was typed: a password may begin with a blank.
    pub fn raw(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }

    /// Returns what follows `prefix` in the names of the boxes that are ticked.
    pub fn ticked(&self, prefix: &str) -> Vec<&str> {
        let names = self.values.keys().filter_map(|name| name.strip_prefix(prefix));
        names.collect()
    }

    /// Sets a field, whatever was posted: what the path says counts.
    pub fn set(&mut self, name: &str, value: impl ToString) {
        self.values.insert(name.to_owned(), value.to_string());
    }

    fn members(&self, members: &[Member]) -> Value {
        let member = |member: &Member| match *member {
            Member::Text(name) => Some((name, self.text(name).into())).filter(|_| !self.text(name).is_empty()),
            Member::Instant(name) => match self.text(name) {
                "" => None,
                // `2025-03-15T09:00`
                text if text.len() == 16 => Some((name, format!("{text}:00+08:00").into())),
                text => Some((name, text.into())),
            },
            Member::OrNull(name) => match self.text(name) {
                "" => Some((name, Value::Null)),
                text => Some((name, text.into())),
            },
            Member::Raw(name) => Some((name, self.raw(name).into())).filter(|_| !self.raw(name).is_empty()),
            Member::Flag(name) => Some((name, (self.text(name) == "true").into())),
            Member::Ticks(name) => {
                let ticked = self.ticked(&format!("{name}-")).into_iter().map(Value::from);
                Some((name, Value::Array(ticked.collect())))
            }
            Member::Decimal(name) => match self.text(name) {
                "" => None,
                text => {
                    let number = serde_json::from_str::<Number>(&text.replace(',', "."));
                    Some((name, number.map_or_else(|_| text.into(), Value::Number)))
                }
            },
            Member::Group(name, members) => {
                let filled = members.iter().filter(|(_, field)| !self.text(field).is_empty());
                let filled = filled.map(|(member, field)| ((*member).to_owned(), self.text(field).into()));
                Some((name, Value::Object(filled.collect())))
            }
            Member::Number(name) => match self.text(name) {
                "" => None,
                text => Some((name, text.parse::<i64>().map_or_else(|_| text.into(), Value::from))),
            },
        };
        let members = members.iter().filter_map(member);
        Value::Object(Map::from_iter(members.map(|(name, value)| (name.to_owned(), value))))
    }

    /// Returns the request that these fields make.
    pub fn body<T: DeserializeOwned + ToSchema>(&self, members: &[Member]) -> Result<T, Error> {
        let value = self.members(members);
        self.contract.check_body(&T::name(), &value)?;
        typed(value)
    }

    /// Returns the correction that these fields make.
    pub fn patch<P: ToSchema>(&self, members: &[Member]) -> Result<Patch<P>, Error> {
        Patch::of(self.members(members), self.contract.clone())
    }

    /// Returns the version that the form was made from, in its field `etag`.
    pub fn if_match(&self) -> Result<IfMatch, Error> {
        IfMatch::required(IfMatch::of(self.text("etag")))
    }
}

impl FromRequest for Posted {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let own = ensure_same_origin(req);
        let bytes = read_text(req, payload, &["application/x-www-form-urlencoded"], Bounds::OF_ANYBODY);
        let contract = contract_of(req);
        Box::pin(async move {
            own?;
            Self::of(&bytes.await?, contract?)
        })
    }
}

/// A posted form of a page that needs no sign-in and has no cookie: also of a browser that says nothing about its page. A page of
/// another site is refused.
#[derive(Debug)]
pub struct OpenPosted(pub Posted);

impl FromRequest for OpenPosted {
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let own = ensure_own_page(req);
        let bytes = read_text(req, payload, &["application/x-www-form-urlencoded"], Bounds::OF_ANYBODY);
        let contract = contract_of(req);
        Box::pin(async move {
            own?;
            Posted::of(&bytes.await?, contract?).map(Self)
        })
    }
}

/// What is wrong with a form.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    status: Option<StatusCode>,
    /// Not beside a field.
    pub general: Vec<String>,
    fields: BTreeMap<String, String>,
}

impl Faults {
    /// Returns one fault of the whole form.
    pub fn about(text: &str) -> Self {
        Self {
            status: Some(StatusCode::UNPROCESSABLE_ENTITY),
            general: vec![text.to_owned()],
            fields: BTreeMap::new(),
        }
    }

    /// Returns the faults that a form can show; any other error goes on to its own page. `names`: the fields of the form.
    pub fn of(error: Error, lang: Lang, names: &[&str]) -> Result<Self, Error> {
        let status = error.code.status();
        if !matches!(status.as_u16(), 400 | 409 | 412 | 413 | 415 | 422 | 429) {
            return Err(error);
        }
        let (mut general, mut fields) = (Vec::new(), BTreeMap::new());
        for field in &error.errors {
            let name = field.pointer.strip_prefix("#/").unwrap_or(&field.pointer);
            let name = name.split('/').next().unwrap_or_default();
            let text = field.detail.in_lang(lang).to_owned();
            match names.contains(&name) {
                true => {
                    fields.entry(name.to_owned()).or_insert(text);
                }
                false => general.push(text),
            }
        }
        if error.errors.is_empty() {
            let text = error.detail.clone().unwrap_or_else(|| error.code.title());
            general.push(text.in_lang(lang).to_owned());
        }
        Ok(Self {
            status: Some(status),
            general,
            fields,
        })
    }

    /// Returns the sentence about a field.
    pub fn at(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    pub fn any(&self) -> bool {
        self.status.is_some()
    }

    /// The status of the page: 200 for a form without faults.
    pub fn status(&self) -> StatusCode {
        self.status.unwrap_or(StatusCode::OK)
    }
}
