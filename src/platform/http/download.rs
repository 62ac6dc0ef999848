//! Files as responses: tables for spreadsheets.

use std::collections::BTreeMap;

use actix_web::body::BoxBody;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, Responder};
use bytes::Bytes;
use futures_util::stream::LocalBoxStream;
use utoipa::IntoResponses;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Content, Header, KnownFormat, RefOr, SchemaFormat};

use super::response::cache_control;
use crate::platform::error::Error;
use crate::platform::text::Lang;

pub const CSV: &str = "text/csv";
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The media types of sheets, for `Accept-Post`.
pub const SHEETS: &str = "text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// 200 with a file, which a browser saves under its name. Its words are Indonesian.
pub struct Download {
    /// ASCII letters, digits, points and hyphens.
    pub name: String,
    pub body: FileBody,
}

/// The content of a file.
pub enum FileBody {
    /// A CSV, part by part. An error ends the connection, so that no caller takes a part for the whole.
    Csv(LocalBoxStream<'static, Result<Bytes, Error>>),
    Xlsx(Bytes),
}

/// A [`Download`] that is always a CSV.
pub struct CsvDownload(pub Download);

/// A [`Download`] that is always a workbook.
pub struct WorkbookDownload(pub Download);

impl Responder for Download {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        let media = match &self.body {
            FileBody::Csv(_) => "text/csv; charset=utf-8; header=present",
            FileBody::Xlsx(_) => XLSX,
        };
        let mut response = HttpResponse::Ok();
        response
            .insert_header((CONTENT_TYPE, media))
            .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", self.name)))
            .insert_header((CONTENT_LANGUAGE, Lang::Id.tag()))
            .insert_header((CACHE_CONTROL, cache_control(req)));
        match self.body {
            FileBody::Csv(parts) => response.streaming(parts),
            FileBody::Xlsx(bytes) => response.body(bytes),
        }
    }
}

impl Responder for WorkbookDownload {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.0.respond_to(req)
    }
}

impl IntoResponses for Download {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(&[(CSV, None), (XLSX, Some(KnownFormat::Binary))])
    }
}

impl Responder for CsvDownload {
    type Body = BoxBody;

    fn respond_to(self, req: &HttpRequest) -> HttpResponse {
        self.0.respond_to(req)
    }
}

impl IntoResponses for CsvDownload {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(&[(CSV, None)])
    }
}

impl IntoResponses for WorkbookDownload {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(&[(XLSX, Some(KnownFormat::Binary))])
    }
}

fn documented(contents: &[(&str, Option<KnownFormat>)]) -> BTreeMap<String, RefOr<Response>> {
    let response = ResponseBuilder::new()
        .description("The file")
        .header("Content-Disposition", Header::default())
        .header("Content-Language", Header::default());
    let response = contents.iter().fold(response, |response, (media, format)| {
        let schema = ObjectBuilder::new()
            .schema_type(SchemaType::new(Type::String))
            .format(format.clone().map(SchemaFormat::KnownFormat));
        response.content(*media, Content::new(Some(schema)))
    });
    BTreeMap::from([("200".to_owned(), response.build().into())])
}
