//! A move that was refused: who was quicker and what they did, or what is in
//! the way; and other places.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::booking::day::{self, Furniture};
use crate::booking::making::now;
use crate::booking::routes::words::Say;
use crate::booking::{BookingError, Changed, Moving, Place, Refusal};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day, Timestamp};
use crate::i18n::dates;
use crate::ids::{AppointmentId, ResourceId};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{Book, ViewSchedule};
use crate::web::{Page, Problem};

#[derive(Debug, Serialize)]
pub struct ConflictView {
    conflict: Conflict,
}

#[derive(Debug, Serialize)]
struct Conflict {
    id: AppointmentId,
    /// `changed`: somebody saved first; `refused`: it cannot stand there.
    kind: &'static str,
    text: String,
    rows: Vec<Row>,
    alternatives: Vec<Alternative>,
    minutes: i64,
    /// The present one.
    version: i64,
    day: Day,
    /// What was asked for.
    starts: Civil,
    resource: Option<ResourceId>,
    can_force: bool,
    /// Whether a button was stale: there is nothing to weigh, only to look at.
    stale: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    label: String,
    theirs: String,
    yours: String,
}

#[derive(Debug, Serialize)]
struct Alternative {
    starts: Civil,
    resource: ResourceId,
    label: String,
}

/// The answer (409) to a move that was not made.
pub(super) async fn answer(
    clinic: &Clinic,
    grant: &Grant<Book>,
    chrome: &Chrome,
    id: AppointmentId,
    asked: &Moving,
    error: BookingError,
) -> Result<Response, Problem> {
    let say = Say::to(clinic, chrome);
    let furniture = day::resources(clinic, &grant.also()?).await?;
    let Some(why) = say.why_not(&error, &furniture) else { return Err(error.into()) };
    let view: Grant<ViewSchedule> = grant.also()?;
    let details = day::details(clinic, &view, id, chrome.language).await?;
    let present = Place {
        starts: details.starts,
        minutes: details.minutes,
        doctor_id: details.doctor_id,
        place_id: details.place_id,
    };
    let mut conflict = Conflict {
        id,
        kind: "refused",
        text: why,
        rows: Vec::new(),
        alternatives: Vec::new(),
        minutes: asked.minutes.unwrap_or(present.minutes),
        version: details.version,
        day: present.day(),
        starts: asked.starts.unwrap_or(present.starts),
        resource: asked.resource_id.or(present.doctor_id),
        can_force: false,
        stale: false,
    };
    match &error {
        BookingError::Changed(changed) => {
            conflict.kind = "changed";
            conflict.text = who_changed(clinic, &say, changed);
            conflict.rows = rows(&say, present, asked, &furniture);
            conflict.can_force = changed.now.status.may_move();
        }
        BookingError::Taken(refusal) | BookingError::OffShift(refusal) => {
            conflict.alternatives = alternatives(clinic, &say, refusal, &furniture);
        }
        _ => {}
    }
    let page = Page::of(clinic, &chrome.clone().active("schedule"), &ConflictView { conflict })?;
    Ok(page.status(StatusCode::CONFLICT).into_response())
}

/// The answer (409) to a button that stood on an older version: who changed
/// what, and the way to how it is now.
pub(super) fn stale(
    clinic: &Clinic,
    _grant: &Grant<ViewSchedule>,
    chrome: &Chrome,
    changed: &Changed,
) -> Result<Response, Problem> {
    let place = changed.now.place;
    let conflict = Conflict {
        id: changed.now.id,
        kind: "changed",
        text: who_changed(clinic, &Say::to(clinic, chrome), changed),
        rows: Vec::new(),
        alternatives: Vec::new(),
        minutes: place.minutes,
        version: changed.now.version,
        day: place.day(),
        starts: place.starts,
        resource: place.doctor_id,
        can_force: false,
        stale: true,
    };
    let page = Page::of(clinic, &chrome.clone().active("schedule"), &ConflictView { conflict })?;
    Ok(page.status(StatusCode::CONFLICT).into_response())
}

fn who_changed(clinic: &Clinic, say: &Say<'_>, changed: &Changed) -> String {
    let at = clinic.profile.get().zone.civil(changed.last.at);
    let status = say.key(&format!("shell-status-{}", changed.now.status.name()));
    let hours = Say::hours(changed.now.place.starts, changed.now.place.ends());
    let what = format!("{}, {hours}, {status}", say.day(changed.now.place.day()));
    say.with(
        "booking-changed-by",
        &[("who", say.who(&changed.last)), ("time", dates::time(at)), ("what", what)],
    )
}

/// What stands in the schedule now, beside what was asked for.
fn rows(say: &Say<'_>, theirs: Place, asked: &Moving, furniture: &Furniture) -> Vec<Row> {
    let piece = asked.resource_id.and_then(|id| furniture.piece(id));
    let mut yours = theirs;
    yours.starts = asked.starts.unwrap_or(theirs.starts);
    yours.minutes = asked.minutes.unwrap_or(theirs.minutes);
    match piece {
        Some(piece) if piece.is_doctor() => yours.doctor_id = Some(piece.id),
        Some(piece) => yours.place_id = Some(piece.id),
        None => {}
    }
    let when = |place: Place| {
        format!("{} {}", say.day(place.day()), Say::hours(place.starts, place.ends()))
    };
    let name = |id: Option<ResourceId>| furniture.name(id).to_owned();
    vec![
        Row { label: say.key("booking-time"), theirs: when(theirs), yours: when(yours) },
        Row {
            label: say.key("booking-doctor"),
            theirs: name(theirs.doctor_id),
            yours: name(yours.doctor_id),
        },
        Row {
            label: say.key("booking-chair"),
            theirs: name(theirs.place_id),
            yours: name(yours.place_id),
        },
    ]
}

fn alternatives(
    clinic: &Clinic,
    say: &Say<'_>,
    refusal: &Refusal,
    furniture: &Furniture,
) -> Vec<Alternative> {
    let today = now(clinic).day();
    let slots = refusal.alternatives.iter();
    slots
        .map(|slot| Alternative {
            starts: slot.starts,
            resource: slot.doctor_id,
            label: say.slot(today, slot, Some(furniture)),
        })
        .collect()
}

impl View for ConflictView {
    const TEMPLATE: &'static str = "booking/conflict.html";

    fn samples() -> Vec<Self> {
        let made = Timestamp::from_unix_ms(1_795_402_800_000);
        let starts: Civil = "2026-11-23T10:00".parse().expect("a time");
        let text = || "—".to_owned();
        let other =
            Alternative { starts, resource: ResourceId::new(made), label: "10:00".to_owned() };
        let refused = || Conflict {
            id: AppointmentId::new(made),
            kind: "refused",
            text: text(),
            rows: Vec::new(),
            alternatives: Vec::new(),
            minutes: 30,
            version: 2,
            day: starts.day(),
            starts,
            resource: Some(ResourceId::new(made)),
            can_force: false,
            stale: false,
        };
        let row = Row { label: text(), theirs: text(), yours: "10:30".to_owned() };
        let changed = Conflict { kind: "changed", rows: vec![row], can_force: true, ..refused() };
        let stale = Conflict { kind: "changed", stale: true, ..refused() };
        let offered = Conflict { alternatives: vec![other], ..refused() };
        [refused(), offered, changed, stale].map(|conflict| Self { conflict }).into()
    }
}
