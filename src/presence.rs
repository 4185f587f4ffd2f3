//! Who else has the same thing open: an appointment's panel, or the booking
//! form of one patient. Two people at two desks see each other before one of
//! them overwrites or books twice; the version check decides if both go on.
//!
//! In memory: there is one process, and nobody needs it tomorrow. The events
//! say of what somebody is or is no longer alone, never who: names are asked
//! for by whoever may see the thing itself.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use tokio::sync::broadcast;

use crate::clock::Timestamp;
use crate::ids::{AppointmentId, PatientId, StaffId};

/// How long somebody is shown after the last sign of their page. A page gives
/// one every eight seconds (`templates/booking/_beside.html`): two may be lost.
pub const SHOWN_MS: i64 = 20_000;

/// How long a page that was silent may go on where it was: a computer that
/// slept, a tab that nobody looked at.
pub const KEPT_MS: i64 = 60 * 60 * 1000;

const BACKLOG: usize = 256;

/// What somebody has open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Open {
    Appointment(AppointmentId),
    /// The form that books for this patient.
    Booking(PatientId),
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Appointment(id) => write!(f, "appointment:{id}"),
            Self::Booking(id) => write!(f, "booking:{id}"),
        }
    }
}

/// One of those who have it open.
#[derive(Clone, Debug)]
struct Seat {
    staff: StaffId,
    name: String,
    last_ms: i64,
}

impl Seat {
    fn is_shown(&self, now: i64) -> bool {
        now - self.last_ms < SHOWN_MS
    }
}

/// Everything that is open anywhere. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Presence {
    open: Arc<Mutex<HashMap<Open, Vec<Seat>>>>,
    changes: broadcast::Sender<Arc<str>>,
}

impl Default for Presence {
    fn default() -> Self {
        Self { open: Arc::default(), changes: broadcast::channel(BACKLOG).0 }
    }
}

impl Presence {
    /// Topics, `presence:appointment:{id}`, of what somebody came to.
    pub fn watch(&self) -> broadcast::Receiver<Arc<str>> {
        self.changes.subscribe()
    }

    /// Somebody has opened it, and was allowed to. Gives the names of the others.
    pub fn enter(&self, what: Open, staff: StaffId, name: &str, now: Timestamp) -> Vec<String> {
        let now = now.unix_ms();
        let mut open = self.open.lock().expect("no panic while it is held");
        open.retain(|_, seats| {
            seats.retain(|seat| now - seat.last_ms < KEPT_MS);
            !seats.is_empty()
        });
        let seats = open.entry(what).or_default();
        if !seats.iter().any(|seat| seat.staff == staff) {
            seats.push(Seat { staff, name: name.to_owned(), last_ms: now - SHOWN_MS });
        }
        self.seen(what, seats, staff, now)
    }

    /// Somebody still has it open. None when they did not open it, or long ago:
    /// nobody learns by guessing an id who works on it.
    pub fn stay(&self, what: Open, staff: StaffId, now: Timestamp) -> Option<Vec<String>> {
        let now = now.unix_ms();
        let mut open = self.open.lock().expect("no panic while it is held");
        let seats = open.get_mut(&what)?;
        seats.retain(|seat| now - seat.last_ms < KEPT_MS);
        seats.iter().any(|seat| seat.staff == staff).then(|| self.seen(what, seats, staff, now))
    }

    /// A sign of life; who was not shown before is told of. The others' names.
    fn seen(&self, what: Open, seats: &mut [Seat], staff: StaffId, now: i64) -> Vec<String> {
        if let Some(own) = seats.iter_mut().find(|seat| seat.staff == staff) {
            let is_new = !own.is_shown(now);
            own.last_ms = now;
            if is_new {
                // Nobody watches: nobody has to be told.
                let _ = self.changes.send(format!("presence:{what}").into());
            }
        }
        let others = seats.iter().filter(|seat| seat.staff != staff && seat.is_shown(now));
        others.map(|seat| seat.name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_ms(1_795_402_800_000 + seconds * 1000)
    }

    fn people() -> (StaffId, StaffId, Open) {
        let thing = Open::Appointment(AppointmentId::new(at(0)));
        (StaffId::new(at(0)), StaffId::new(at(0)), thing)
    }

    #[test]
    fn two_who_have_the_same_open_see_each_other_and_nobody_themselves() {
        let presence = Presence::default();
        let (aigul, dana, thing) = people();
        assert!(presence.enter(thing, aigul, "Aigul", at(0)).is_empty());
        assert_eq!(presence.enter(thing, dana, "Dana", at(1)), ["Aigul"]);
        assert_eq!(presence.stay(thing, aigul, at(8)).unwrap(), ["Dana"]);
        let other = Open::Booking(PatientId::new(at(0)));
        assert!(presence.enter(other, dana, "Dana", at(8)).is_empty());
    }

    #[test]
    fn whoever_gives_no_sign_is_gone_after_twenty_seconds_and_back_with_the_next_one() {
        let presence = Presence::default();
        let (aigul, dana, thing) = people();
        presence.enter(thing, aigul, "Aigul", at(0));
        assert_eq!(presence.enter(thing, dana, "Dana", at(19)), ["Aigul"]);
        assert!(presence.stay(thing, dana, at(20)).unwrap().is_empty());
        assert_eq!(presence.stay(thing, aigul, at(30)).unwrap(), ["Dana"]);
        assert_eq!(presence.stay(thing, dana, at(31)).unwrap(), ["Aigul"]);
    }

    #[test]
    fn nobody_stays_where_they_did_not_enter_or_after_an_hour() {
        let presence = Presence::default();
        let (aigul, dana, thing) = people();
        presence.enter(thing, aigul, "Aigul", at(0));
        assert_eq!(presence.stay(thing, dana, at(1)), None);
        assert!(presence.stay(thing, aigul, at(3599)).is_some());
        assert_eq!(presence.stay(thing, aigul, at(3599 + 3600)), None);
        presence.enter(Open::Booking(PatientId::new(at(0))), dana, "Dana", at(9000));
        assert_eq!(presence.open.lock().unwrap().len(), 1, "nothing is kept of those who left");
    }

    #[test]
    fn the_event_comes_once_for_an_arrival_and_names_nobody() {
        let presence = Presence::default();
        let mut told = presence.watch();
        let (aigul, _, thing) = people();
        presence.enter(thing, aigul, "Aigul", at(0));
        presence.stay(thing, aigul, at(8));
        presence.enter(thing, aigul, "Aigul", at(9));
        assert_eq!(*told.try_recv().unwrap(), *format!("presence:{thing}"));
        assert!(told.try_recv().is_err());
    }
}
