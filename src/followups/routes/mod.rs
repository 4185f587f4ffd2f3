//! Follow-ups on the web: the desk's list, the form, a section of the card.

mod card;
mod form;
mod list;
mod samples;

use serde::Serialize;

use crate::clock::{Civil, Day};
use crate::followups::model::{CloseReason, State};
use crate::followups::{AHEAD, FollowUpError, FollowUpLine};
use crate::web::{Problem, Routes};

pub use card::CardFollowUpsView;
pub use form::FollowUpPage;
pub use list::FollowUpsPage;

pub fn routes() -> Routes {
    Routes::new()
        .get("/follow-ups", list::list)
        .get("/follow-ups/new", form::blank)
        .post("/follow-ups", form::set)
        .post("/follow-ups/{follow_up_id}/close", list::close)
        .post("/follow-ups/{follow_up_id}/reopen", list::reopen)
        .get("/patients/{patient_id}/follow-ups", card::show)
}

/// One of several to choose from.
#[derive(Clone, Debug, Serialize)]
struct Choice {
    value: String,
    label: String,
}

/// A follow-up with how urgent it is and the way to book it.
#[derive(Debug, Serialize)]
struct Line {
    #[serde(flatten)]
    follow_up: FollowUpLine,
    /// Days since they should have come; negative before it.
    late: i64,
    /// Whether they are to be called now.
    now: bool,
    open: bool,
    /// The booking panel with the nearest time of the same doctor chosen.
    book: String,
}

impl Line {
    fn of(follow_up: FollowUpLine, now: Civil) -> Self {
        let late = now.day().days_since(follow_up.due);
        let open = follow_up.state == State::Open;
        Self { late, now: open && -AHEAD <= late, open, book: book(&follow_up, now), follow_up }
    }
}

/// From the day they should come, or from now on when that is over.
fn book(follow_up: &FollowUpLine, now: Civil) -> String {
    let FollowUpLine { patient_id, service_id, doctor_id, due, .. } = follow_up;
    let after = morning(*due).map_or(now, |morning| morning.max(now));
    format!(
        "/appointments/new?patient={patient_id}&service={service_id}&doctor={doctor_id}&after={after}&nearest=1"
    )
}

fn morning(day: Day) -> Option<Civil> {
    Civil::new(day, 0)
}

fn reasons() -> Vec<&'static str> {
    CloseReason::ALL.map(CloseReason::name).into()
}

impl From<FollowUpError> for Problem {
    fn from(error: FollowUpError) -> Self {
        match error {
            FollowUpError::NoSuch => Self::NotFound,
            FollowUpError::Impossible => Self::Invalid("followups-impossible"),
            FollowUpError::Changed => Self::Conflict("followups-changed"),
            FollowUpError::Blocked => Self::Conflict("requests-card-blocked"),
            FollowUpError::Vault(cause) => cause.into(),
        }
    }
}
