//! A booking as a conversation: what was chosen so far, what may be chosen next,
//! and what a choice leads to. Knows no messenger, no database and no clock; a
//! person can be asked for at every step.

use serde::{Deserialize, Serialize};

use crate::clock::{Civil, Day};
use crate::ids::{ResourceId, ServiceId};
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
    Person,
    Stop,
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
        }
    }

    #[must_use]
    pub fn at(self, step: Step) -> Self {
        Self { step, page: 0, ..self }
    }

    /// The step before; none before the first.
    fn before(&self) -> Option<Step> {
        Some(match self.step {
            Step::Agree | Step::Service => return None,
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
        let shown = look.shown();
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
        };
        let all = picks.len();
        if shown < all {
            let first = self.page * shown;
            let first = if first < all { first } else { 0 };
            picks = picks.into_iter().skip(first).take(shown).collect();
            let is_last = all <= first + shown;
            picks.push(Pick::Page(if is_last { 0 } else { first / shown + 1 }));
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::Timestamp;

    fn today() -> Day {
        "2026-11-23".parse().unwrap()
    }

    fn facts(services: usize, doctors: usize, days: usize, times: usize) -> Facts {
        let now = Timestamp::from_unix_ms(1_790_000_000_000);
        let day = |after: usize| today().plus_days(i64::try_from(after).unwrap());
        let at = |n: usize| Civil::new(day(1), u16::try_from(480 + 5 * n).unwrap()).unwrap();
        Facts {
            services: (0..services).map(|_| ServiceId::new(now)).collect(),
            doctors: (0..doctors).map(|_| ResourceId::new(now)).collect(),
            days: (0..days).map(day).collect(),
            times: (0..times).map(at).collect(),
        }
    }

    fn is_way_out(pick: &Pick) -> bool {
        matches!(pick, Pick::Person | Pick::Stop | Pick::Back | Pick::Page(_))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_person_can_be_asked_for_at_every_step_and_no_step_is_a_dead_end(
            sizes in (0_usize..20, 0_usize..12, 0_usize..40, 0_usize..60),
            steps in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 1..60),
            look in prop::sample::select(vec![Look::Keys, Look::Rows]),
        ) {
            let facts = facts(sizes.0, sizes.1, sizes.2, sizes.3);
            let mut talk = Talk::new(1);
            for (index, kind) in steps {
                let picks = talk.picks(&facts, look);
                let (person, most) = (picks.contains(&Pick::Person), look.shown() + 4);
                prop_assert!(person && (look == Look::Rows || picks.contains(&Pick::Stop)));
                prop_assert!(picks.len() <= most, "{} of {:?}", picks.len(), talk.step);
                prop_assert!(look == Look::Keys || picks.len() <= 10, "no list has more rows");
                let texts = ["Дана Ахметова", "1990", "нет", "?", "", "17.05.1990", "А Б", "да"];
                let turn = if kind == 0 {
                    talk.take(&Input::Text(texts[index.index(texts.len())]), today())
                } else {
                    let pick = index.get(&picks);
                    let turn = talk.take(&Input::Pick(pick), today());
                    prop_assert_ne!(&turn, &Turn::Not, "{:?} at {:?}", pick, talk.step);
                    turn
                };
                match turn {
                    Turn::Ask(next) | Turn::Again(next) | Turn::Translate(next) => talk = next,
                    Turn::Book(whole) => {
                        prop_assert!(whole.service.is_some() && whole.starts.is_some());
                        prop_assert!(!whole.name.is_empty() && whole.consent == 1);
                        talk = whole.lost(&facts);
                    }
                    Turn::Person | Turn::Stop | Turn::Begin => talk = Talk::new(1),
                    Turn::Not => {}
                }
            }
        }

        #[test]
        fn whoever_takes_the_first_of_everything_has_booked_after_eight_turns(
            sizes in (1_usize..20, 1_usize..12, 1_usize..40, 1_usize..60),
        ) {
            let facts = facts(sizes.0, sizes.1, sizes.2, sizes.3);
            let mut talk = Talk::new(1);
            for turn in 1.. {
                prop_assert!(turn <= 8, "stuck at {:?}", talk.step);
                let pick = talk.picks(&facts, Look::Rows).remove(0);
                let next = match talk.step {
                    Step::Name => talk.take(&Input::Text("Дана Ахметова"), today()),
                    _ => talk.take(&Input::Pick(&pick), today()),
                };
                match next {
                    Turn::Ask(next) => talk = next,
                    Turn::Book(_) => break,
                    other => prop_assert!(false, "{other:?}"),
                }
            }
        }

        #[test]
        fn every_entry_of_a_long_list_is_on_one_of_its_pages(
            count in 0_usize..60,
            look in prop::sample::select(vec![Look::Keys, Look::Rows]),
        ) {
            let facts = facts(1, 1, 1, count);
            let mut talk = Talk::new(1).at(Step::Time);
            let mut seen = Vec::new();
            loop {
                let picks = talk.picks(&facts, look);
                seen.extend(picks.iter().filter(|pick| !is_way_out(pick)).cloned());
                let page = picks.iter().find_map(|pick| match pick {
                    Pick::Page(page) => Some(*page),
                    _ => None,
                });
                match page {
                    Some(page) if page != 0 => talk.page = page,
                    _ => break,
                }
            }
            prop_assert_eq!(seen.len(), count);
        }
    }

    #[test]
    fn what_is_no_name_and_no_birthday_is_asked_for_again() {
        let name = Talk::new(1).at(Step::Name);
        for odd in ["", "Дана", "как записаться?", "87012345678", "Дана Ахметова 1990"]
        {
            assert_eq!(name.take(&Input::Text(odd), today()), Turn::Again(name.clone()), "{odd}");
        }
        let birth = Talk::new(1).at(Step::Birth);
        for odd in ["", "32.01.1990", "2090", "не скажу"] {
            assert_eq!(birth.take(&Input::Text(odd), today()), Turn::Again(birth.clone()), "{odd}");
        }
    }

    #[test]
    fn words_at_a_step_of_choices_are_left_to_a_person() {
        for step in [Step::Agree, Step::Service, Step::Doctor, Step::Day, Step::Time, Step::Confirm]
        {
            let talk = Talk::new(1).at(step);
            assert_eq!(talk.take(&Input::Text("Дана Ахметова"), today()), Turn::Not);
        }
    }

    #[test]
    fn a_lost_time_keeps_all_else_and_a_second_one_needs_no_second_name() {
        let facts = facts(1, 1, 3, 4);
        let talk = Talk { name: "Дана Ахметова".to_owned(), ..Talk::new(1) }.at(Step::Confirm);
        let lost = talk.lost(&facts);
        assert_eq!(
            (lost.step, lost.starts, lost.name.as_str()),
            (Step::Time, None, "Дана Ахметова")
        );
        let again = lost.take(&Input::Pick(&Pick::Time(facts.times[2])), today());
        let Turn::Ask(again) = again else { panic!("{again:?}") };
        assert_eq!((again.step, again.starts), (Step::Confirm, Some(facts.times[2])));
    }
}
