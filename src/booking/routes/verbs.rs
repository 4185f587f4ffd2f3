//! What the buttons of an appointment's panel do: the steps of its way, a word
//! to the doctor.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;

use crate::booking::course::{go, take_back};
use crate::booking::moving::{edit_comment, move_back};
use crate::booking::routes::appointment::panel_after;
use crate::booking::routes::conflict;
use crate::booking::routes::words::Say;
use crate::booking::series::cancel_from;
use crate::booking::{Appointment, BookingError, CancelReason, Status};
use crate::clinic::Clinic;
use crate::i18n::dates;
use crate::ids::AppointmentId;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{Attend, Book};
use crate::web::{Problem, Toast, local_path, see_other, wants_fragment};

/// What can be done to an appointment by a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verb {
    Confirm,
    Arrive,
    Start,
    Complete,
    NoShow,
    Cancel,
    Undo,
    /// Back to the place it was moved from last.
    MoveBack,
}

impl Verb {
    /// The button that leads to a status.
    pub(super) fn leading_to(status: Status) -> Option<&'static str> {
        Some(match status {
            Status::Confirmed => "confirm",
            Status::Arrived => "arrive",
            Status::InTreatment => "start",
            Status::Completed => "complete",
            Status::NoShow => "no_show",
            Status::Cancelled => "cancel",
            Status::Booked | Status::Moved => return None,
        })
    }
}

/// The scope of a cancellation that goes for the rest of a series too.
const AFTER: &str = "after";

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct VerbForm {
    reason: String,
    /// `after`: what is cancelled is this visit and all of its series after it.
    scope: String,
    /// The version that the button stood on; None in a toast.
    version: Option<i64>,
    back: String,
}

pub(super) async fn go_on(
    State(clinic): State<Clinic>,
    grant: Grant<Attend>,
    chrome: Chrome,
    headers: HeaderMap,
    Path((id, verb)): Path<(AppointmentId, Verb)>,
    Form(form): Form<VerbForm>,
) -> Result<Response, Problem> {
    let (now, more) = match done(&clinic, &grant, id, verb, &form).await {
        Err(BookingError::Changed(changed)) => {
            return conflict::stale(&clinic, &grant.also()?, &chrome, &changed);
        }
        outcome => outcome?,
    };
    if !wants_fragment(&headers) {
        let day = format!("/schedule?day={}&open={id}", now.place.day());
        return Ok(see_other(local_path(&form.back).unwrap_or(&day)));
    }
    let say = Say::to(&clinic, &chrome);
    let status = say.key(&format!("shell-status-{}", now.status.name()));
    let text = match more {
        0 => format!("{}: {status}", dates::time(now.place.starts)),
        _ => say.with("booking-toast-series-cancelled", &[("count", (more + 1).to_string())]),
    };
    // Of several that were cancelled at once, one would come back.
    let takes_back = matches!(verb, Verb::Undo | Verb::MoveBack) || 0 < more;
    let undo = (!takes_back && !now.status.undo_needs_reason())
        .then(|| format!("/appointments/{id}/undo"));
    panel_after(&clinic, &grant.also()?, &chrome, id, Some(Toast { text, undo })).await
}

/// Does it. Gives the appointment, and how many others went with it.
async fn done(
    clinic: &Clinic,
    grant: &Grant<Attend>,
    id: AppointmentId,
    verb: Verb,
    form: &VerbForm,
) -> Result<(Appointment, usize), BookingError> {
    let seen = form.version;
    let to = match verb {
        Verb::Confirm => Status::Confirmed,
        Verb::Arrive => Status::Arrived,
        Verb::Start => Status::InTreatment,
        Verb::Complete => Status::Completed,
        Verb::NoShow => Status::NoShow,
        Verb::Cancel => {
            let known = CancelReason::ALL.into_iter().find(|one| one.code() == form.reason);
            let reason = known.unwrap_or(CancelReason::Mistake);
            let grant: Grant<Book> = grant.also()?;
            if form.scope == AFTER {
                return cancel_from(clinic, &grant, id, seen, reason).await;
            }
            let gone = go(clinic, &grant, id, seen, Status::Cancelled, reason.code()).await?;
            return Ok((gone, 0));
        }
        Verb::Undo => return Ok((take_back(clinic, grant, id, seen, &form.reason).await?, 0)),
        Verb::MoveBack => return Ok((move_back(clinic, &grant.also()?, id).await?.now, 0)),
    };
    Ok((go(clinic, grant, id, seen, to, "").await?, 0))
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CommentForm {
    note: String,
    version: i64,
}

pub(super) async fn comment(
    State(clinic): State<Clinic>,
    grant: Grant<Book>,
    chrome: Chrome,
    headers: HeaderMap,
    Path(id): Path<AppointmentId>,
    Form(form): Form<CommentForm>,
) -> Result<Response, Problem> {
    let short: String = form.note.chars().take(500).collect();
    edit_comment(&clinic, &grant, id, form.version, &short).await?;
    if !wants_fragment(&headers) {
        return Ok(see_other(&format!("/appointments/{id}")));
    }
    let text = Say::to(&clinic, &chrome).key("booking-toast-comment");
    panel_after(&clinic, &grant.also()?, &chrome, id, Some(Toast { text, undo: None })).await
}
