//! The rail by itself: what a page asks for when the number of things that wait
//! has changed.

use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::OwnAccount;
use crate::web::{Page, Problem};

/// All that it shows is in the chrome.
#[derive(Debug, Serialize)]
pub struct RailView {}

#[derive(Deserialize)]
pub(super) struct Asked {
    /// The entry the asking page belongs to.
    at: String,
}

impl View for RailView {
    const TEMPLATE: &'static str = "web/rail.html";

    fn samples() -> Vec<Self> {
        vec![Self {}]
    }
}

/// `GET /rail?at=inbox`.
pub(super) async fn rail(
    State(clinic): State<Clinic>,
    mut chrome: Chrome,
    _grant: Grant<OwnAccount>,
    Query(asked): Query<Asked>,
) -> Result<Page, Problem> {
    let at = chrome.nav.iter().find(|entry| entry.id == asked.at);
    chrome.active = at.map_or("", |entry| entry.id);
    Page::of(&clinic, &chrome, &RailView {})
}
