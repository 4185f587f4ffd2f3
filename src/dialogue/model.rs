//! A booking as a conversation: what was chosen so far, what may be chosen next,
//! and what a choice leads to. Knows no messenger, no database and no clock; a
//! person can be asked for at every step.

use serde::{Deserialize, Serialize};

use crate::clock::{Civil, Day};
use crate::ids::{AppointmentId, ResourceId, ServiceId};
use crate::online::Birth;

/// How choices look, which says how many are shown at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Keys under a message, as many as are wanted.
    Keys,
    /// Up to three buttons, or a list of up to ten rows with the ways out.
    Rows,
}

/// Beside so many choices there is room for the way to say no.
const ROOM_FOR_NO: usize = 1;

/// The longest name that is taken, in characters.
const LONGEST: usize = 120;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Whether personal data may be processed, and go through a messenger abroad.
    Agree,
    Service,
    Doctor,
    Day,
    Time,
    /// Typed: who comes.
    Name,
    /// Typed, or left out.
    Birth,
    Confirm,
    /// Where to a visit moves that stands already.
    Move,
}

/// What was chosen so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talk {
    pub step: Step,
    /// Of the list that is asked about.
    pub page: usize,
    /// The version of what they agreed to, or are asked to agree to.
    pub consent: i64,
    pub service: Option<ServiceId>,
    /// None: any.
    pub doctor: Option<ResourceId>,
    pub day: Option<Day>,
    pub starts: Option<Civil>,
    pub name: String,
    /// As [`Birth::text`] writes it; empty where it was not said.
    pub birth: String,
    /// The visit that is to be moved.
    #[serde(default)]
    pub visit: Option<AppointmentId>,
}

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    Agree,
    Service(ServiceId),
    /// None: any.
    Doctor(Option<ResourceId>),
    Day(Day),
    Time(Civil),
    /// The day of birth is not said.
    Skip,
    Confirm,
    /// Another time for a visit.
    Moment(Civil),
    /// All other times, on a page of the clinic's.
    Link,
    /// The visit stays where it is.
    Leave,
    /// The next page of the list, or the first again.
    Page(usize),
    Back,
    /// The other of the two languages.
    Language,
    Person,
    /// Nothing is to be booked.
    Stop,
    /// From the beginning.
    Begin,
}

/// What somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    Pick(&'a Pick),
    Text(&'a str),
}

/// What follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    Ask(Talk),
    /// The same is asked again: what was typed is not understood.
    Again(Talk),
    /// All is chosen.
    Book(Talk),
    /// Another time is chosen.
    Move(Talk),
    Link(Talk),
    Person,
    Stop,
    Leave,
    Begin,
    /// The same, in the other language.
    Translate(Talk),
    /// Nothing that this step asks for.
    Not,
}

/// What may be chosen just now, from what the clinic offers.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub services: Vec<ServiceId>,
    pub doctors: Vec<ResourceId>,
    /// With free times.
    pub days: Vec<Day>,
    /// Free, of the chosen day.
    pub times: Vec<Civil>,
    /// To which a visit may move.
    pub moments: Vec<Civil>,
    /// Whether a link leads to all of them.
    pub link: bool,
}

impl Look {
    /// Choices of a list that are shown at once; more are a page further.
    pub fn shown(self) -> usize {
        match self {
            Self::Keys => 8,
            Self::Rows => 7,
        }
    }
}

impl Talk {
    pub fn new(consent: i64) -> Self {
        Self {
            step: Step::Agree,
            page: 0,
            consent,
            service: None,
            doctor: None,
            day: None,
            starts: None,
            name: String::new(),
            birth: String::new(),
            visit: None,
        }
    }

    /// About another time for a visit: nothing else is asked.
    pub fn moving(visit: AppointmentId) -> Self {
        Self { visit: Some(visit), ..Self::new(0) }.at(Step::Move)
    }

    #[must_use]
    pub fn at(self, step: Step) -> Self {
        Self { step, page: 0, ..self }
    }

    /// The step before; none before the first.
    fn before(&self) -> Option<Step> {
        Some(match self.step {
            Step::Agree | Step::Service | Step::Move => return None,
            Step::Doctor => Step::Service,
            Step::Day => Step::Doctor,
            Step::Time => Step::Day,
            Step::Name => Step::Time,
            Step::Birth => Step::Name,
            Step::Confirm => Step::Birth,
        })
    }

    /// All that may be chosen, in the order it is shown in; the ways out last.
    pub fn picks(&self, facts: &Facts, look: Look) -> Vec<Pick> {
        // Beside times to move to there is the link.
        let shown = look.shown() - usize::from(self.step == Step::Move);
        let mut picks: Vec<Pick> = match self.step {
            // Who has no settings to choose a language in is asked here.
            Step::Agree if look == Look::Rows => vec![Pick::Agree, Pick::Language],
            Step::Agree => vec![Pick::Agree],
            Step::Service => facts.services.iter().map(|id| Pick::Service(*id)).collect(),
            Step::Doctor => {
                let each = facts.doctors.iter().map(|id| Pick::Doctor(Some(*id)));
                let any = (!facts.doctors.is_empty()).then_some(Pick::Doctor(None));
                any.into_iter().chain(each).collect()
            }
            Step::Day => facts.days.iter().map(|day| Pick::Day(*day)).collect(),
            Step::Time => facts.times.iter().map(|at| Pick::Time(*at)).collect(),
            Step::Name => Vec::new(),
            Step::Birth => vec![Pick::Skip],
            Step::Confirm => vec![Pick::Confirm],
            Step::Move => facts.moments.iter().map(|at| Pick::Moment(*at)).collect(),
        };
        let all = picks.len();
        if shown < all {
            let first = self.page * shown;
            let first = if first < all { first } else { 0 };
            picks = picks.into_iter().skip(first).take(shown).collect();
            let is_last = all <= first + shown;
            picks.push(Pick::Page(if is_last { 0 } else { first / shown + 1 }));
        }
        if self.step == Step::Move {
            picks.extend(facts.link.then_some(Pick::Link));
            picks.extend([Pick::Person, Pick::Leave]);
            return picks;
        }
        picks.extend(self.before().map(|_| Pick::Back));
        let has_room = look == Look::Keys || picks.len() <= ROOM_FOR_NO;
        picks.push(Pick::Person);
        picks.extend(has_room.then_some(Pick::Stop));
        picks
    }

    /// What follows from something somebody did. A pick has been offered: whoever
    /// holds the conversation has seen to that.
    pub fn take(&self, input: &Input<'_>, today: Day) -> Turn {
        let talk = self.clone();
        let pick = match input {
            Input::Text(text) => return self.typed(text, today),
            Input::Pick(pick) => *pick,
        };
        Turn::Ask(match (self.step, pick) {
            (_, Pick::Person) => return Turn::Person,
            (_, Pick::Stop) => return Turn::Stop,
            (_, Pick::Begin) => return Turn::Begin,
            (_, Pick::Language) => return Turn::Translate(talk),
            (_, Pick::Leave) => return Turn::Leave,
            (Step::Move, Pick::Link) => return Turn::Link(talk),
            (Step::Move, Pick::Moment(at)) => {
                return Turn::Move(Self { starts: Some(*at), ..talk });
            }
            (_, Pick::Page(page)) => Self { page: *page, ..talk },
            (_, Pick::Back) => match self.before() {
                Some(step) => talk.at(step),
                None => return Turn::Not,
            },
            (Step::Agree, Pick::Agree) => talk.at(Step::Service),
            (Step::Service, Pick::Service(id)) => {
                Self { service: Some(*id), doctor: None, ..talk }.at(Step::Doctor)
            }
            (Step::Doctor, Pick::Doctor(doctor)) => {
                Self { doctor: *doctor, day: None, ..talk }.at(Step::Day)
            }
            (Step::Day, Pick::Day(day)) => Self { day: Some(*day), ..talk }.at(Step::Time),
            // Who comes was said before a time was lost to somebody else.
            (Step::Time, Pick::Time(at)) if !self.name.is_empty() => {
                Self { starts: Some(*at), ..talk }.at(Step::Confirm)
            }
            (Step::Time, Pick::Time(at)) => Self { starts: Some(*at), ..talk }.at(Step::Name),
            (Step::Birth, Pick::Skip) => Self { birth: String::new(), ..talk }.at(Step::Confirm),
            (Step::Confirm, Pick::Confirm) => return Turn::Book(talk),
            _ => return Turn::Not,
        })
    }

    /// Only a name and a day of birth are typed.
    fn typed(&self, text: &str, today: Day) -> Turn {
        let talk = self.clone();
        match self.step {
            Step::Name => {
                let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let letters = name.chars().filter(|letter| letter.is_alphabetic()).count();
                let odd = |letter: char| letter.is_ascii_digit() || letter == '?';
                let words = name.split(' ').count();
                let is_name = 2 <= letters
                    && (2..=5).contains(&words)
                    && name.chars().count() <= LONGEST
                    && !name.contains(odd);
                if is_name {
                    Turn::Ask(Self { name, ..talk }.at(Step::Birth))
                } else {
                    Turn::Again(talk)
                }
            }
            Step::Birth => match Birth::read(text, today) {
                Some(birth) => Turn::Ask(Self { birth: birth.text(), ..talk }.at(Step::Confirm)),
                None => Turn::Again(talk),
            },
            _ => Turn::Not,
        }
    }

    /// Somebody was quicker: other times of that day, else other days.
    #[must_use]
    pub fn lost(self, facts: &Facts) -> Self {
        let step = if facts.times.is_empty() { Step::Day } else { Step::Time };
        Self { starts: None, ..self }.at(step)
    }
}

#[cfg(test)]
mod tests;
