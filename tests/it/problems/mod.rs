//! Every code of the catalogue occurs in a reply, in both languages, and its address explains it.

mod bounds;
mod catalogue;
mod data;
mod endpoints;
mod pages;
mod together;

use catalogue::Coverage;

/// A code that no request leads to is dead and must go.
#[actix_web::test]
async fn every_code_occurs_in_both_languages() {
    let mut coverage = Coverage::default();
    endpoints::sign_in(&mut coverage).await;
    endpoints::tokens(&mut coverage).await;
    endpoints::http(&mut coverage).await;
    endpoints::failing_service(&mut coverage).await;
    data::fields(&mut coverage).await;
    data::records(&mut coverage).await;
    data::plan_and_accounts(&mut coverage).await;
    data::surveys(&mut coverage).await;
    assert_eq!(coverage.missing(), [""; 0], "nothing leads to these codes");
}
