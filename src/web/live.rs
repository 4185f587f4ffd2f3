//! Pages that follow changes: server-sent events (WHATWG HTML 9.2) that say
//! what changed, never what it now is; the page asks again, as itself.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::sse::{Event, Sse};
use futures_util::Stream;
use serde::Deserialize;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::{BroadcastStream, IntervalStream};

use crate::clinic::Clinic;
use crate::i18n::dates;
use crate::vault::Grant;
use crate::vault::permission::OwnAccount;

/// How often a stream says that it is alive. Pages call the link lost after ten
/// seconds without it (`web/src/live.ts`).
const PING: Duration = Duration::from_secs(4);

#[derive(Deserialize)]
pub(super) struct Watched {
    /// Topics, by commas: `schedule:2026-11-23,today`.
    topics: String,
}

/// `GET /live?topics=a,b`: an event named after each topic that changed, and
/// `ping` with the clinic's time, `09:30`; an event `lagged` when the page must
/// ask for everything.
pub(super) async fn stream(
    State(clinic): State<Clinic>,
    _grant: Grant<OwnAccount>,
    Query(watched): Query<Watched>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let topics: Vec<Arc<str>> = watched.topics.split(',').map(Arc::from).collect();
    let changes = BroadcastStream::new(clinic.vault.watch()).filter_map(move |change| {
        let name = match change {
            Ok(topic) if topics.contains(&topic) => topic,
            Ok(_) => return None,
            Err(_) => Arc::from("lagged"),
        };
        Some(Ok(Event::default().event(&*name).data("changed")))
    });
    let pings = IntervalStream::new(tokio::time::interval(PING)).map(move |_| {
        let now = clinic.profile.get().zone.civil(clinic.clock().now());
        Ok(Event::default().event("ping").data(dates::time(now)))
    });
    Sse::new(changes.merge(pings))
}
