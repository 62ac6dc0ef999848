//! Every code of the catalogue occurs in a reply, in both languages, and its address explains it.

mod bounds;
mod catalogue;
mod data;
mod endpoints;
mod pages;
mod together;

use catalogue::Coverage;

use crate::examples;

/// A code that no request can get must be removed.
#[actix_web::test]
async fn every_code_occurs_in_both_languages() {
    let mut coverage = Coverage::default();
    endpoints::sign_in(&mut coverage).await;
    endpoints::old_sign_in(&mut coverage).await;
    endpoints::tokens(&mut coverage).await;
    endpoints::http(&mut coverage).await;
    endpoints::failing_service(&mut coverage).await;
    endpoints::slow_read(&mut coverage).await;
    data::fields(&mut coverage).await;
    data::records(&mut coverage).await;
    data::plan_and_accounts(&mut coverage).await;
    data::surveys(&mut coverage).await;
    data::closings(&mut coverage).await;
    assert!(coverage.missing().is_empty(), "no request got {:?}", coverage.missing());
    examples::compare("problems.json", &coverage.examples());
}
