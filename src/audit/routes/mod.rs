//! The compliance desk on the web, a file for each noun.

mod log;
mod words;

use crate::web::Routes;

pub use log::AuditPage;

pub fn routes() -> Routes {
    Routes::new()
        .get("/audit", log::log)
        .post("/audit/verify", log::verify)
        .get("/audit/export.csv", log::export)
}
