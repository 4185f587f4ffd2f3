//! Booking: appointments from the first word to the end of the visit.
//!
//! An appointment takes up its doctor, its chair and whatever else its service
//! needs for its whole time, buffers included. That nobody takes up the same
//! thing twice is kept by the database (a trigger of `0010_booking.sql`), not
//! by the callers; what they add is the friendly word and the way out.
//!
//! Times are civil: an appointment at 09:30 stays at 09:30 when the law moves
//! the clock (Kazakhstan, 2024-03-01).

pub mod again;
mod answer;
pub mod calendar;
mod course;
mod day;
mod grid;
pub mod handover;
pub mod holds;
mod late;
mod making;
mod model;
mod moving;
mod offering;
mod routes;
pub mod series;
mod slots;
mod store;
mod story;
mod stranded;
mod supply;
mod visitors;
mod why;

pub use answer::{
    Answerable, answer_alike, answer_cancel, answer_confirm, answer_move, answer_slots, answering,
};
pub use course::{arrive, cancel, complete, confirm, no_show, start, undo};
pub use day::{
    APPOINTMENT, DayEntry, Details, Furniture, Offer, Piece, Visit, VisitCounts, WholeDay, details,
    entries, furniture, of_patient, resources, whole_day,
};
pub use late::{
    LATE, LateVisit, ToCome, Word, late_in, run_late, said_in, to_come_in, told_if_late_in,
    unsaid_in, word,
};
pub use making::{
    Wanting, book, book_in, book_newcomer, book_once, due_between, find_slots, overbook,
    overbook_once, record_history, set_buffer, told, told_in,
};
pub use model::{
    Act, Appointment, CancelReason, Changed, LENGTHS, Moving, NewAppointment, PastVisit, Place,
    Source, Status, Step, topic,
};
pub use moving::{Moved, edit_comment, move_back, move_to};
pub use offering::{
    Ready, WAITLIST, ahead_in, is_free_in, ready, ready_to_move, slots_by_things, slots_in,
};
pub use routes::{
    Advised, AppointmentView, BesideView, BoardView, ColumnView, ConflictView, FoundView, LateView,
    MY_DAY, MyDayView, PanelView, RepeatView, RestView, ScheduleView, SeriesView, StoryView,
    TodayView, TogetherView, VisitFactsView, VisitsView, WhyView, advised, routes,
};
pub use slots::{Buffer, FreeSlot, Span};
pub use store::{Clash, Due};
pub use stranded::{Stranded, elsewhere, is_stranded_in, stranded, stranded_of};
pub use visitors::{book_fitting_in, fits_in, free_between, no_shows_in, open_online_in};
pub use why::{Question, Reasons, Rule, why};

use crate::clock::{Civil, Day};
use crate::ids::ResourceId;
use crate::patients::PatientError;
use crate::vault::{Denied, VaultError};

/// How many ways out a refusal offers.
pub const ALTERNATIVES: usize = 5;

/// What messaging listens to: the kind of job queued with `{"appointment": id}`.
pub const MADE: &str = "booking.made";
pub const MOVED: &str = "booking.moved";
pub const CANCELLED: &str = "booking.cancelled";

/// The same for a whole series, with `{"series": id}`.
pub const SERIES_MADE: &str = "booking.series_made";

/// What a waiting list listens to: time of a doctor's and of things (chair, room,
/// devices) that was taken and is no longer, `{"doctor": id or null, "things":
/// [id], "starts": …, "ends": …, "cause": "cancelled"}`.
pub const FREED: &str = "booking.freed";

/// Why an appointment was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    /// Somebody or something it needs is taken.
    #[error("it is taken")]
    Taken(Box<Refusal>),
    /// Nobody who may do it works then.
    #[error("nobody works then")]
    OffShift(Box<Refusal>),
    /// Days that are over are read only.
    #[error("that day is over")]
    Past,
    /// Not a whole multiple of five minutes, or too short or long.
    #[error("not a time or a length of an appointment")]
    OddTime,
    /// That doctor does not do that service, or that is no doctor or no place.
    #[error("that doctor or place does not serve for it")]
    Impossible,
    #[error("there is no such appointment, patient or service")]
    NoSuch,
    /// Somebody changed it since the page was shown.
    #[error("the appointment was changed meanwhile")]
    Changed(Box<Changed>),
    #[error("{from:?} does not become {to:?}")]
    NotAllowed { from: Status, to: Status },
    /// It is under way or over, and stays where it is.
    #[error("it no longer moves: {0:?}")]
    Settled(Status),
    /// Nobody is late before their time, or here on another day.
    #[error("it is too early for that")]
    TooEarly,
    #[error("there is nothing to take back")]
    NothingToUndo,
    /// Somebody said otherwise how late the doctor is since the page was shown.
    #[error("how late the doctor is was changed meanwhile")]
    LateChanged,
    #[error("this needs a reason")]
    ReasonNeeded,
    /// The patient's data is blocked: it is kept and not used.
    #[error("the patient's data is blocked")]
    Blocked,
    /// A new patient without a name.
    #[error("a patient without a name")]
    NoName,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

impl From<PatientError> for BookingError {
    fn from(error: PatientError) -> Self {
        match error {
            PatientError::NoName => Self::NoName,
            PatientError::Vault(cause) => Self::Vault(cause),
            PatientError::IinTaken(_)
            | PatientError::NoSuchPatient
            | PatientError::TwoPeople
            | PatientError::Changed(_) => Self::NoSuch,
        }
    }
}

/// A wish that does not fit, and what does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub starts: Civil,
    pub doctor_id: Option<ResourceId>,
    pub place_id: Option<ResourceId>,
    /// What is taken, and until when; empty when nobody works.
    pub clashes: Vec<Clash>,
    /// Nearest first; empty when there is nothing for weeks.
    pub alternatives: Vec<FreeSlot>,
}

/// The topic of one column of a day: what a doctor or a chair has on it.
pub fn column_topic(day: Day, resource_id: ResourceId) -> String {
    format!("column:{day}:{resource_id}")
}
