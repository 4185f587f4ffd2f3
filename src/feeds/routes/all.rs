//! Everybody's calendars, for whoever answers for the data in them.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::feeds::{self, Feed, FeedId, FeedLine};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::SetFeeds;
use crate::web::{Page, Problem, see_other};

const PATH: &str = "/settings/calendars";

#[derive(Debug, Serialize)]
pub struct FeedsPage {
    feeds: Vec<Line>,
    names: bool,
    /// `saved`, `ended` or nothing.
    done: &'static str,
}

#[derive(Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    line: FeedLine,
    silent: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    done: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    names: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetFeeds>,
    chrome: Chrome,
    Query(asked): Query<Asked>,
) -> Result<Page, Problem> {
    let (lines, names) = feeds::all(&clinic, &grant).await?;
    let now = clinic.clock().now();
    let done = ["saved", "ended"].into_iter().find(|word| *word == asked.done).unwrap_or_default();
    let feeds = lines.into_iter().map(|line| Line::of(line, now)).collect();
    Page::of(&clinic, &chrome.active("settings"), &FeedsPage { feeds, names, done })
}

pub(super) async fn set_names(
    State(clinic): State<Clinic>,
    grant: Grant<SetFeeds>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    feeds::set_names(&clinic, &grant, !typed.names.is_empty()).await?;
    Ok(see_other(&format!("{PATH}?done=saved")))
}

pub(super) async fn end(
    State(clinic): State<Clinic>,
    grant: Grant<SetFeeds>,
    Path(id): Path<FeedId>,
) -> Result<Response, Problem> {
    feeds::end(&clinic, &grant, id).await?;
    Ok(see_other(&format!("{PATH}?done=ended")))
}

impl Line {
    fn of(line: FeedLine, now: Timestamp) -> Self {
        let asked = line.feed.read_at.unwrap_or(line.feed.made_at);
        Self { silent: feeds::is_silent(Some(asked), now), line }
    }
}

impl View for FeedsPage {
    const TEMPLATE: &'static str = "feeds/all.html";

    fn samples() -> Vec<Self> {
        let made_at = Timestamp::from_unix_ms(1_795_402_800_000);
        let line = |read_at, silent| {
            let feed = Feed { id: FeedId::new(made_at), made_at, read_at };
            Line {
                line: FeedLine { feed, staff: "Сейтова Айгуль".to_owned() }, silent
            }
        };
        let some = vec![line(None, true), line(Some(made_at), false)];
        vec![
            Self { feeds: Vec::new(), names: false, done: "" },
            Self { feeds: some, names: true, done: "saved" },
            Self { feeds: Vec::new(), names: false, done: "ended" },
        ]
    }
}
