//! Times, places and refusals in the words of whoever reads.

use fluent_bundle::{FluentArgs, FluentValue};

use crate::booking::series::SERIES;
use crate::booking::slots::FreeSlot;
use crate::booking::{Act, BookingError, Details, Furniture, Refusal, Status, Step, WAITLIST};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::i18n::{Language, dates};
use crate::messaging;
use crate::pages::Chrome;

/// From so many days away on, a slot is named by its date.
const A_WEEK: i64 = 7;

/// The words of one reader.
pub struct Say<'a> {
    pub clinic: &'a Clinic,
    pub language: Language,
}

impl<'a> Say<'a> {
    pub fn to(clinic: &'a Clinic, chrome: &Chrome) -> Self {
        Self { clinic, language: chrome.language }
    }

    pub fn key(&self, key: &str) -> String {
        self.clinic.pages.words().plain(self.language, key)
    }

    pub fn with(&self, key: &str, args: &[(&str, String)]) -> String {
        let args: Vec<(&str, FluentValue<'_>)> =
            args.iter().map(|(name, value)| (*name, FluentValue::from(value.as_str()))).collect();
        self.clinic.pages.words().with(self.language, key, &args)
    }

    pub fn day(&self, day: Day) -> String {
        self.clinic.pages.words().day(self.language, day)
    }

    /// `09:30–10:00`.
    pub fn hours(starts: Civil, ends: Civil) -> String {
        format!("{}–{}", dates::time(starts), dates::time(ends))
    }

    /// `Сегодня 15:45`, `Завтра 09:30`, `Ср 10:15`, `3 декабря 10:15`.
    pub fn when(&self, today: Day, at: Civil) -> String {
        let away = at.day().days_since(today);
        let day = match away {
            0 => self.key("booking-today"),
            1 => self.key("booking-tomorrow"),
            2..A_WEEK => {
                let short = self.key(&format!("date-weekday-short-{}", at.day().weekday()));
                capital(&short)
            }
            _ => self.clinic.pages.words().day_of_month(self.language, at.day()),
        };
        format!("{day} {}", dates::time(at))
    }

    /// A free slot, with its doctor when that may be anybody.
    pub fn slot(&self, today: Day, slot: &FreeSlot, named: Option<&Furniture>) -> String {
        let when = self.when(today, slot.starts);
        match named {
            Some(furniture) => format!("{when} · {}", furniture.name(Some(slot.doctor_id))),
            None => when,
        }
    }

    /// Why a wish was refused: who is busy and until when.
    pub fn refusal(&self, refusal: &Refusal, furniture: &Furniture) -> String {
        let Some(clash) = refusal.clashes.first() else {
            let who = furniture.name(refusal.doctor_id);
            if who.is_empty() {
                return self.key("booking-off-shift");
            }
            let at = dates::time(refusal.starts);
            return self.with("booking-off-shift-at", &[("name", who.to_owned()), ("time", at)]);
        };
        let name = furniture.name(Some(clash.resource_id)).to_owned();
        let hours = Self::hours(clash.starts, clash.ends);
        self.with("booking-busy", &[("name", name), ("hours", hours)])
    }

    /// Why something was not done, in one sentence.
    pub fn why_not(&self, error: &BookingError, furniture: &Furniture) -> Option<String> {
        let key = match error {
            BookingError::Taken(refusal) if refusal.clashes.is_empty() => "booking-taken",
            BookingError::Taken(refusal) | BookingError::OffShift(refusal) => {
                return Some(self.refusal(refusal, furniture));
            }
            BookingError::Past => "booking-past",
            BookingError::OddTime => "booking-odd-time",
            BookingError::Impossible => "booking-impossible",
            BookingError::Settled(_) => "booking-settled",
            BookingError::NotAllowed { .. } => "booking-not-allowed",
            BookingError::TooEarly => "booking-too-early",
            BookingError::NothingToUndo => "booking-nothing-to-undo",
            BookingError::ReasonNeeded => "booking-reason-needed",
            BookingError::LateChanged => "booking-late-changed",
            BookingError::Changed(_) => "booking-changed",
            BookingError::Blocked => "requests-card-blocked",
            BookingError::NoSuch
            | BookingError::NoName
            | BookingError::Denied(_)
            | BookingError::Vault(_) => return None,
        };
        Some(self.key(key))
    }

    /// What happened, for the history.
    pub fn step(&self, step: &Step, before: Option<&Step>, furniture: &Furniture) -> String {
        let status = |status: Status| self.key(&format!("shell-status-{}", status.name()));
        let place = |step: &Step| {
            let hours = Self::hours(step.place.starts, step.place.ends());
            let names = [step.place.doctor_id, step.place.place_id].map(|id| furniture.name(id));
            let day = dates::numeric(step.place.day());
            let parts = [day.as_str(), &hours, names[0], names[1]];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
        };
        let mut text = match step.act {
            Act::Booked | Act::Overbooked | Act::Recorded => {
                let key = format!("booking-act-{}", act(step.act));
                format!("{}: {}", self.key(&key), place(step))
            }
            Act::Status => status(step.to_status),
            Act::Undone => {
                let from = step.from_status.map(status).unwrap_or_default();
                format!("{}: {from} → {}", self.key("booking-act-undone"), status(step.to_status))
            }
            Act::Moved | Act::Changed => {
                let key = format!("booking-act-{}", act(step.act));
                match before {
                    Some(before) if before.place != step.place => {
                        format!("{}: {} → {}", self.key(&key), place(before), place(step))
                    }
                    _ => self.key(&key),
                }
            }
        };
        let reason = self.reason(step);
        if !reason.is_empty() {
            text = format!("{text} ({reason})");
        }
        text
    }

    /// A reason as words: codes have theirs, free text stands as it is.
    fn reason(&self, step: &Step) -> String {
        match (step.to_status, step.act) {
            _ if step.reason.is_empty() => String::new(),
            (_, Act::Changed) if step.reason != WAITLIST => self.key("booking-reason-comment"),
            (Status::Cancelled, Act::Status) => {
                self.key(&format!("booking-reason-{}", step.reason.replace('_', "-")))
            }
            _ if step.reason == WAITLIST => self.key("booking-reason-waitlist"),
            _ if step.reason == SERIES => self.key("booking-reason-series"),
            (_, Act::Status) if step.reason == "link" => self.key("booking-reason-link"),
            (_, Act::Status) if step.reason == "reply" => self.key("booking-reason-reply"),
            _ => step.reason.clone(),
        }
    }

    /// Why a message is in a state; the code itself when it has no words.
    pub fn reason_of(&self, code: &str) -> String {
        let key = format!("messaging-reason-{code}");
        let said = self.clinic.pages.words().say(self.language, &key, &FluentArgs::new());
        said.unwrap_or_else(|| code.to_owned())
    }

    /// Who did it: a name, or the patient, a job, the console.
    pub fn who(&self, step: &Step) -> String {
        let name = step.staff_name.clone();
        name.unwrap_or_else(|| self.key(&format!("booking-by-{}", step.actor)))
    }
}

fn act(act: Act) -> &'static str {
    match act {
        Act::Booked => "booked",
        Act::Overbooked => "overbooked",
        Act::Recorded => "recorded",
        Act::Status => "status",
        Act::Undone => "undone",
        Act::Moved => "moved",
        Act::Changed => "changed",
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The state of a message as pages show it, by the shared names; "" for none.
pub fn delivery(state: Option<messaging::State>) -> &'static str {
    use messaging::State;
    match state {
        None | Some(State::Withheld) => "",
        Some(State::Queued) => "queued",
        Some(State::Sending | State::Accepted) => "sent",
        Some(State::Delivered) => "delivered",
        Some(State::Failed | State::Expired) => "failed",
        Some(State::Uncertain) => "uncertain",
    }
}

/// What a patient's card would call them out for, by the shared names.
pub fn flags_of(details: &Details) -> Vec<&'static str> {
    let day = details.starts.day();
    let young = |born: Day| born.years_until(day).is_some_and(|age| age < 18);
    let all = [
        (!details.allergy.is_empty(), "allergy"),
        (!details.known, "new"),
        (0 < details.no_shows, "no_shows"),
        (details.birth_date.is_some_and(young), "child"),
    ];
    all.into_iter().filter(|(holds, _)| *holds).map(|(_, name)| name).collect()
}
