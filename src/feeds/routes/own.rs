//! A doctor's own calendar: its address, once; when a program last asked; its end.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::booking::MY_DAY;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::feeds::{self, Feed, FeedId, Own};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::KeepFeed;
use crate::web::{Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct OwnFeedPage {
    /// Whether whoever asks is a doctor of the schedule.
    doctor: bool,
    feed: Option<Feed>,
    names: bool,
    /// Nobody asked for a week: it is not in a phone, or the clinic is not reached.
    silent: bool,
    /// The address, when it was just made; shown this once.
    address: String,
    /// The same, as phones open it in their calendar: without the scheme.
    subscribe: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<KeepFeed>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let own = feeds::own(&clinic, &grant).await?;
    let page = OwnFeedPage::of(own, String::new(), clinic.clock().now());
    Page::of(&clinic, &chrome.active(MY_DAY), &page)
}

/// Answers with the page itself: the address must not stand in one of ours.
pub(super) async fn make(
    State(clinic): State<Clinic>,
    grant: Grant<KeepFeed>,
    chrome: Chrome,
) -> Result<Response, Problem> {
    let token = feeds::make(&clinic, &grant).await?;
    let address = format!("{}/c/{}.ics", clinic.places.public_url, token.as_str());
    let own = feeds::own(&clinic, &grant).await?;
    let page = OwnFeedPage::of(own, address, clinic.clock().now());
    let chrome = chrome.active(MY_DAY);
    Ok(Page::of(&clinic, &chrome, &page)?.into_response())
}

pub(super) async fn end(
    State(clinic): State<Clinic>,
    grant: Grant<KeepFeed>,
) -> Result<Response, Problem> {
    feeds::end_own(&clinic, &grant).await?;
    Ok(see_other("/my-day/calendar"))
}

impl OwnFeedPage {
    fn of(own: Own, address: String, now: Timestamp) -> Self {
        let Own { doctor, feed, names } = own;
        let silent = feed
            .as_ref()
            .is_some_and(|feed| feeds::is_silent(Some(feed.read_at.unwrap_or(feed.made_at)), now));
        let bare = address.split_once("://").map_or("", |(_, rest)| rest);
        Self { doctor, feed, names, silent, subscribe: bare.to_owned(), address }
    }
}

impl View for OwnFeedPage {
    const TEMPLATE: &'static str = "feeds/own.html";

    fn samples() -> Vec<Self> {
        let now = Timestamp::from_unix_ms(1_795_402_800_000);
        let feed = |read_at| Some(Feed { id: FeedId::new(now), made_at: now, read_at });
        let own = |doctor, feed, names| Own { doctor, feed, names };
        let address = || format!("https://clinic.example/c/{}.ics", "A".repeat(22));
        let later = now.plus_ms(30 * 24 * 3_600_000);
        vec![
            Self::of(own(false, None, false), String::new(), now),
            Self::of(own(true, None, true), String::new(), now),
            Self::of(own(true, feed(None), false), address(), now),
            Self::of(own(true, feed(Some(now)), true), String::new(), now),
            Self::of(own(true, feed(Some(now)), false), String::new(), later),
        ]
    }
}
