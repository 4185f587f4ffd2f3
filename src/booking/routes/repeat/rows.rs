//! The dates of a series as lines to choose in.

use serde::Serialize;

use crate::booking::day::Furniture;
use crate::booking::routes::Choice;
use crate::booking::routes::why::sentence;
use crate::booking::routes::words::Say;
use crate::booking::series::{self, Pick, Planned, Trouble};
use crate::clock::Day;
use crate::i18n::dates;

#[derive(Debug, Serialize)]
pub(in crate::booking::routes) struct Row {
    /// Name of the field.
    pub(in crate::booking::routes) name: String,
    pub(in crate::booking::routes) number: i64,
    pub(in crate::booking::routes) when: String,
    pub(in crate::booking::routes) free: bool,
    /// What speaks against the time, with the doctor's name where several were asked.
    pub(in crate::booking::routes) sentences: Vec<String>,
    pub(in crate::booking::routes) choices: Vec<Choice>,
    /// Value of the choice; empty while there is none.
    pub(in crate::booking::routes) chosen: String,
    /// Key of what is wrong with the choice; empty when nothing is.
    pub(in crate::booking::routes) error: &'static str,
}

impl Row {
    /// For those who render every view.
    pub(in crate::booking::routes) fn sample(number: i64, free: bool, error: &'static str) -> Self {
        let choice = |value: &str| Choice { value: value.to_owned(), label: "—".to_owned() };
        Self {
            name: format!("row-{number}"),
            number,
            when: "—".to_owned(),
            free,
            sentences: if free { Vec::new() } else { vec!["—".to_owned()] },
            choices: vec![choice("1"), choice("out")],
            chosen: if free { "1".to_owned() } else { String::new() },
            error,
        }
    }
}

/// Whoever writes the lines.
pub(in crate::booking::routes) struct Rows<'a> {
    pub(in crate::booking::routes) say: &'a Say<'a>,
    pub(in crate::booking::routes) furniture: &'a Furniture,
    pub(in crate::booking::routes) today: Day,
    /// Whether somebody asked to go on: what is undecided is said then.
    pub(in crate::booking::routes) sent: bool,
    /// What choosing none of the times means for a number, in words.
    pub(in crate::booking::routes) out: &'a dyn Fn(i64) -> String,
}

impl Rows<'_> {
    pub(in crate::booking::routes) fn of(&self, dates: &[Planned]) -> Vec<Row> {
        dates.iter().map(|date| self.row(date)).collect()
    }

    pub(in crate::booking::routes) fn row(&self, date: &Planned) -> Row {
        let say = self.say;
        let own = date.doctor_id.map(|doctor_id| {
            let pick = series::Choice::At(Pick { starts: date.starts, doctor_id });
            let name = self.furniture.name(Some(doctor_id));
            let label = say.with("booking-repeat-then", &[("doctor", name.to_owned())]);
            Choice { value: pick.to_string(), label }
        });
        let others = date.instead.iter().map(|slot| {
            let pick = Pick { starts: slot.starts, doctor_id: slot.doctor_id };
            let value = series::Choice::At(pick).to_string();
            Choice { value, label: say.slot(self.today, slot, Some(self.furniture)) }
        });
        let out = Choice { value: series::Choice::Out.to_string(), label: (self.out)(date.number) };
        let error = match (date.chosen, date.trouble) {
            (None, Some(Trouble::Lost)) => "booking-repeat-row-lost",
            (None, Some(Trouble::SameDay)) => "booking-repeat-row-same-day",
            (None, None) if self.sent => "booking-repeat-row-open",
            _ => "",
        };
        Row {
            name: format!("row-{}", date.number),
            number: date.number,
            when: format!("{}, {}", say.day(date.starts.day()), dates::time(date.starts)),
            free: date.doctor_id.is_some(),
            sentences: self.sentences(date),
            choices: own.into_iter().chain(others).chain([out]).collect(),
            chosen: date.chosen.map(|choice| choice.to_string()).unwrap_or_default(),
            error,
        }
    }

    /// Every rule that refuses the date.
    fn sentences(&self, date: &Planned) -> Vec<String> {
        if date.past {
            return vec![self.say.key("booking-why-past")];
        }
        let mut said = Vec::new();
        for (id, rules) in &date.refused {
            for rule in rules.iter().filter(|rule| rule.refuses()) {
                let text = sentence(self.say, rule);
                let name = self.furniture.name(Some(*id));
                let several = 1 < date.refused.len();
                said.push(if several { format!("{name}: {text}") } else { text });
            }
        }
        said
    }
}
