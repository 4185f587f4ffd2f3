//! What the rules look at: the entries of one day and what the clinic knows
//! about the people in them. Plain data, gathered by SQL or made up by a test.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::audit::kind::{Kind, kind_of};
use crate::clock::{Day, Timestamp, Zone};
use crate::ids::PatientId;
use crate::schedule::Span;

/// One entry of the ledger, as far as the rules need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    pub seq: i64,
    pub at: Timestamp,
    /// A staff id, `visitor`, `job:backup` …
    pub actor: String,
    pub role: String,
    pub act: String,
    pub why: Option<String>,
    pub ip: Option<String>,
    pub device: Option<String>,
    /// Id of the thing it was done to.
    pub object: Option<String>,
    pub patients: Vec<PatientId>,
}

/// A day of the clinic.
#[derive(Clone, Debug, Default)]
pub struct DayFacts {
    /// In the order of the ledger.
    pub entries: Vec<Trace>,
    /// Exports and changes of rights of the day before, for what spans midnight.
    pub eve: Vec<Trace>,
    pub roster: Roster,
    pub visits: HashMap<PatientId, Vec<Visit>>,
    pub people: HashMap<String, Person>,
    pub watched: HashSet<PatientId>,
    /// Whose cards they are to whom: by person, then by patient.
    pub kin: HashMap<String, HashMap<PatientId, Kin>>,
    /// What is usual for each person: medians of their last 30 days at work.
    pub usual: HashMap<String, Measures>,
    pub places: Places,
}

/// Who works when on the day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// Whether the clinic has entered hours at all: else nothing is late.
    pub known: bool,
    /// From the first shift to the last; None on a day of rest.
    pub clinic: Option<Span>,
    /// The shifts of those who have shifts of their own; an empty list on their day off.
    pub shifts: HashMap<String, Vec<Span>>,
}

/// An appointment of a patient near the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub day: Day,
    /// Minute of the day.
    pub starts: u16,
    pub minutes: u16,
    /// The staff id of whoever treats, when that person signs in.
    pub doctor: Option<String>,
}

/// Somebody who works or worked here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    pub role: String,
    /// The first day, for whom everything is new.
    pub since: Option<Day>,
    pub left_at: Option<Timestamp>,
    /// The last day at work, when it is known.
    pub leaving_on: Option<Day>,
}

/// What a card is to somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kin {
    Own,
    Relative,
}

/// What somebody did on a day, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measures {
    pub opened: i64,
    pub strangers: i64,
    pub listed: i64,
    pub unmasked: i64,
    pub exported: i64,
}

/// A browser in a network.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    pub device: String,
    pub network: String,
}

/// Where people have signed in before the day.
#[derive(Clone, Debug, Default)]
pub struct Places {
    pub of: HashMap<String, HashSet<Place>>,
    /// Networks that at least two people have used: the clinic's own.
    pub clinic: BTreeSet<String>,
}

/// Facts that do not belong to one day.
#[derive(Clone, Debug, Default)]
pub struct StandingFacts {
    pub emergencies: Vec<Emergency>,
    pub codes: Vec<CodePhone>,
    /// When the ledger's head last left the house; None: it never has, or
    /// nobody here keeps it outside.
    pub anchored: Option<Timestamp>,
}

/// A record opened in an emergency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    pub seq: i64,
    pub id: String,
    pub actor: String,
    pub opened: Timestamp,
    pub day: Day,
    /// The last working day for its review.
    pub due: Day,
    pub reviewed: bool,
}

/// A phone that codes for consents went to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodePhone {
    /// Not the number: a code that tells phones apart.
    pub tag: String,
    /// Folded surnames of the patients, one for each patient.
    pub surnames: Vec<String>,
    /// Whether somebody who works here has it.
    pub staff: bool,
    pub last: Timestamp,
    pub day: Day,
    pub entries: Vec<i64>,
}

impl Trace {
    pub fn kind(&self) -> Kind {
        kind_of(&self.act)
    }

    /// Whether one person's data was opened.
    pub fn opens(&self) -> bool {
        matches!(self.act.as_str(), "patient.viewed" | "appointment.viewed" | "patient.iin_shown")
    }

    /// Whether many people's rows were released, the schedule's aside: it hangs
    /// on everybody's screen.
    pub fn lists(&self) -> bool {
        self.kind() == Kind::Look && !self.opens() && self.act != "schedule.viewed"
    }

    pub fn place(&self) -> Option<Place> {
        let network = network(self.ip.as_deref()?);
        Some(Place { device: self.device.clone().unwrap_or_default(), network })
    }
}

/// `10.0.4.21` lies in `10.0.4.0/24`; of IPv6, the first 64 bits.
pub fn network(ip: &str) -> String {
    match ip.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(v4)) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Ok(std::net::IpAddr::V6(v6)) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Err(_) => ip.to_owned(),
    }
}

impl DayFacts {
    /// Everybody of the staff who did something, with what they did, by id.
    pub fn by_person(&self) -> BTreeMap<&str, Vec<&Trace>> {
        let mut found: BTreeMap<&str, Vec<&Trace>> = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| self.people.contains_key(&entry.actor)) {
            found.entry(&entry.actor).or_default().push(entry);
        }
        found
    }

    pub fn usual(&self, actor: &str) -> Measures {
        self.usual.get(actor).copied().unwrap_or_default()
    }

    pub fn role(&self, actor: &str) -> &str {
        self.people.get(actor).map_or("", |person| person.role.as_str())
    }
}

/// The middle of the values; of an even number, the lower of the two.
pub fn median(values: impl IntoIterator<Item = i64>) -> i64 {
    let mut values: Vec<i64> = values.into_iter().collect();
    values.sort_unstable();
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

impl Measures {
    /// The medians of days at work; nothing usual is known from fewer than five.
    pub fn usual(days: &[Self]) -> Self {
        if days.len() < 5 {
            return Self::default();
        }
        let of = |field: fn(&Self) -> i64| median(days.iter().map(field));
        Self {
            opened: of(|day| day.opened),
            strangers: of(|day| day.strangers),
            listed: of(|day| day.listed),
            unmasked: of(|day| day.unmasked),
            exported: of(|day| day.exported),
        }
    }
}

/// The clock on the wall, for the rules.
#[derive(Clone, Debug)]
pub struct Wall {
    pub day: Day,
    pub zone: Zone,
    pub now: Timestamp,
}

impl Wall {
    /// Minute of the clinic's day.
    pub fn minute(&self, at: Timestamp) -> i64 {
        i64::from(self.zone.civil(at).minute_of_day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_is_the_middle_and_nothing_is_usual_yet_in_the_first_week() {
        let day = |opened| Measures { opened, ..Measures::default() };
        let days = [day(3), day(900), day(5), day(4), day(6)];
        assert_eq!(Measures::usual(&days).opened, 5, "one wild day changes little");
        assert_eq!(Measures::usual(&days[..4]).opened, 0);
    }

    #[test]
    fn neighbours_share_a_network() {
        assert_eq!(network("10.0.4.21"), network("10.0.4.99"));
        assert_ne!(network("10.0.4.21"), network("10.0.5.21"));
        assert_eq!(network("2001:db8:1:2::5"), "2001:db8:1:2::/64");
    }
}
