//! Notes: what hindered an indicator in a period (kendala), and what is done about it (tindak lanjut). SAKIP and the LKjIP ask
//! for both beside the value. Periods with the same last day share one note, as they share one target.

use utoipa_actix_web::service_config::ServiceConfig;

pub mod dto;
pub mod handlers;
pub mod service;

pub fn configure(c: &mut ServiceConfig) {
    c.service(handlers::list)
        .service(handlers::get)
        .service(handlers::put)
        .service(handlers::delete)
        .service(handlers::versions);
}
