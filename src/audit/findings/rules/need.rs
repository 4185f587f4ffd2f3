//! Whether somebody's work needed a look. What is needed is never suspicious:
//! the desk on the people of these days during opening hours, a doctor on the
//! people who come to that doctor, anybody on the card they are just writing.

use std::collections::{BTreeMap, BTreeSet};

use super::Sight;
use crate::audit::findings::facts::{Trace, Visit};
use crate::audit::kind::Kind;
use crate::ids::PatientId;

/// How close the patient was to the work of whoever looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// Nothing ties them together.
    None,
    /// A visit some days away, or treated by this doctor before.
    Near,
    /// The person did something for this patient on this day, or gave a reason.
    Work,
    /// The patient comes today, or so soon that somebody calls.
    Today,
}

/// What a person did on the day for patients, other than looking.
#[derive(Debug, Default)]
pub struct Work {
    changed: BTreeSet<PatientId>,
    reasoned: BTreeSet<PatientId>,
    /// When, by patient, this person opened a card in an emergency.
    emergencies: BTreeMap<PatientId, i64>,
}

impl Work {
    pub fn of(entries: &[&Trace]) -> Self {
        let mut own = Self::default();
        for entry in entries {
            if entry.act == "emergency.opened" {
                let opened = entry.patients.iter().map(|id| (*id, entry.at.unix_ms()));
                own.emergencies.extend(opened);
            }
            let works = matches!(entry.kind(), Kind::Change | Kind::Message);
            if works {
                own.changed.extend(&entry.patients);
            }
            if entry.why.is_some() && entry.kind() == Kind::Look {
                own.reasoned.extend(&entry.patients);
            }
        }
        own
    }

    /// Whether this person wrote on the patient's card.
    pub fn wrote(&self, patient: PatientId) -> bool {
        self.changed.contains(&patient)
    }

    pub fn in_emergency(&self, patient: PatientId) -> bool {
        self.emergencies.contains_key(&patient)
    }
}

impl Sight<'_> {
    /// How much `actor` needed `patient` on this day.
    pub fn need(self, actor: &str, patient: PatientId, own: &Work) -> Need {
        let visits = self.facts.visits.get(&patient).map_or(&[][..], Vec::as_slice);
        let treats = self.facts.role(actor) == "doctor";
        let after = |visit: &Visit| visit.day.days_since(self.wall.day);
        let soon = |visit: &Visit| (-1..=self.limits.call_ahead_days).contains(&after(visit));
        let mine = |visit: &Visit| visit.doctor.as_deref() == Some(actor);
        let today = |visit: &Visit| after(visit) == 0;
        let needed_today = if treats {
            visits.iter().any(|visit| (mine(visit) && soon(visit)) || today(visit))
        } else {
            visits.iter().any(soon)
        };
        if needed_today {
            return Need::Today;
        }
        if own.changed.contains(&patient)
            || own.reasoned.contains(&patient)
            || own.in_emergency(patient)
        {
            return Need::Work;
        }
        let days = self.limits.relation_days;
        let within = |visit: &Visit| (-days..=days).contains(&after(visit));
        let before = |visit: &Visit| (-self.limits.own_patient_days..=0).contains(&after(visit));
        let near = if treats {
            visits.iter().any(|visit| mine(visit) && (within(visit) || before(visit)))
        } else {
            visits.iter().any(within)
        };
        if near { Need::Near } else { Need::None }
    }

    /// Whether the look belonged to the person's own task: a doctor's patients,
    /// those of a colleague who is not there today, the people whom the desk
    /// has before it during opening hours, a card that was being written. For
    /// the rules about whose card it is: a visit to somebody else is no reason.
    pub fn is_task(self, actor: &str, patient: PatientId, entry: &Trace, own: &Work) -> bool {
        if own.in_emergency(patient) || (own.wrote(patient) && self.is_open(entry)) {
            return true;
        }
        let visits = self.facts.visits.get(&patient).map_or(&[][..], Vec::as_slice);
        let after = |visit: &Visit| visit.day.days_since(self.wall.day);
        match self.facts.role(actor) {
            "doctor" => visits.iter().any(|visit| {
                let mine = visit.doctor.as_deref() == Some(actor);
                let own_days = -self.limits.own_patient_days..=self.limits.relation_days;
                (mine && own_days.contains(&after(visit)))
                    || (after(visit) == 0 && self.is_away(visit.doctor.as_deref()))
            }),
            "reception" => {
                let soon =
                    |visit: &Visit| (-1..=self.limits.call_ahead_days).contains(&after(visit));
                self.is_open(entry) && visits.iter().any(soon)
            }
            _ => false,
        }
    }

    /// Whether a doctor who has shifts has none on this day: others treat then.
    fn is_away(self, doctor: Option<&str>) -> bool {
        let shifts = doctor.map(|doctor| self.facts.roster.shifts.get(doctor));
        shifts.is_none_or(|shifts| shifts.is_some_and(Vec::is_empty))
    }

    /// Whether the clinic was open at that moment, or hours are not known.
    pub fn is_open(self, entry: &Trace) -> bool {
        let roster = &self.facts.roster;
        let minute = self.wall.minute(entry.at);
        let slack = self.limits.off_hours_minutes;
        !roster.known
            || roster.clinic.is_some_and(|span| {
                (i64::from(span.starts) - slack..=i64::from(span.ends) + slack).contains(&minute)
            })
    }
}
