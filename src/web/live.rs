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

use crate::clinic::{Clinic, Waiting};
use crate::i18n::dates;
use crate::vault::Grant;
use crate::vault::permission::OwnAccount;

/// How often a stream says that it is alive. Pages call the link lost after ten
/// seconds without it (`web/src/live.ts`).
const PING: Duration = Duration::from_secs(4);

#[derive(Deserialize)]
pub(super) struct Watched {
    /// Topics, by commas: `schedule:2026-11-23,today`; `message:*` for all that
    /// begin so.
    topics: String,
}

/// `GET /live?topics=a,b,c:*`: an event named after each topic that changed
/// (`c` for `c:1`, with `1` as its data), and
/// `ping` with the clinic's time, `09:30`; `waiting` when a number of the rail
/// changed, asked for or not; an event `lagged` when the page must ask for
/// everything.
pub(super) async fn stream(
    State(clinic): State<Clinic>,
    _grant: Grant<OwnAccount>,
    Query(watched): Query<Watched>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let topics: Vec<Arc<str>> =
        watched.topics.split(',').chain([Waiting::TOPIC]).map(Arc::from).collect();
    let beside = BroadcastStream::new(clinic.presence.watch())
        .merge(BroadcastStream::new(clinic.waiting.watch()));
    let changes =
        BroadcastStream::new(clinic.vault.watch()).merge(beside).filter_map(move |change| {
            let Ok(topic) = change else { return Some(Ok(event("lagged", "changed"))) };
            let (name, what) = topics.iter().find_map(|watched| told(watched, &topic))?;
            Some(Ok(event(name, what)))
        });
    let pings = IntervalStream::new(tokio::time::interval(PING)).map(move |_| {
        let now = clinic.profile.get().zone.civil(clinic.clock().now());
        Ok(Event::default().event("ping").data(dates::time(now)))
    });
    Sse::new(changes.merge(pings))
}

fn event(name: &str, data: &str) -> Event {
    Event::default().event(name).data(data)
}

/// What whoever watches this is told of a change of that topic: the event's
/// name and data.
fn told<'a>(watched: &'a str, topic: &'a str) -> Option<(&'a str, &'a str)> {
    if watched == topic {
        return Some((topic, "changed"));
    }
    let family = watched.strip_suffix(":*")?;
    Some((family, topic.strip_prefix(family)?.strip_prefix(':')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_watched_by_its_name_or_by_its_family() {
        assert_eq!(told("today", "today"), Some(("today", "changed")));
        assert_eq!(told("message:a:*", "message:a:7"), Some(("message:a", "7")));
        assert_eq!(told("message:a:*", "message:ab:7"), None);
        assert_eq!(told("message", "message:a:7"), None);
    }
}
