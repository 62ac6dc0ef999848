//! Every code of the catalogue comes over HTTP, in both languages, and its address explains it.

mod bounds;
mod catalogue;
mod data;
mod endpoints;
mod pages;
mod together;

use catalogue::Ledger;

/// A code that nothing leads to is dead and goes; a code that is not in the catalogue does not compile.
#[actix_web::test]
async fn every_code_is_met_in_both_languages() {
    let mut ledger = Ledger::default();
    endpoints::signing_in(&mut ledger).await;
    endpoints::carrying_a_token(&mut ledger).await;
    endpoints::speaking_http(&mut ledger).await;
    endpoints::a_service_in_trouble(&mut ledger).await;
    data::fields(&mut ledger).await;
    data::records(&mut ledger).await;
    data::plan_and_accounts(&mut ledger).await;
    data::surveys(&mut ledger).await;
    assert_eq!(ledger.left_over(), [""; 0], "nothing leads to these codes");
}
