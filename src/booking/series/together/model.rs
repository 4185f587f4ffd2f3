//! What is planned together: the parts of one errand to the clinic. Pure.

use crate::booking::slots::Span;
use crate::clock::Civil;
use crate::ids::{PatientId, ResourceId, ServiceId, words};

/// How many visits are added to the open one at most.
pub const MOST: usize = 5;

words! {
    /// When a part begins.
    Placing {
        /// When the one before it is over, or as soon after as it can.
        After = "after",
        /// At the same time as the open visit.
        Beside = "beside",
    }
}

/// One visit more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// The open visit is number one.
    pub number: i64,
    pub patient_id: PatientId,
    pub service_id: ServiceId,
    /// None: any who does it.
    pub doctor_id: Option<ResourceId>,
    pub placing: Placing,
}

/// Where people are: nobody is in two places at one time.
#[derive(Clone, Debug, Default)]
pub struct Whereabouts(Vec<(PatientId, Span)>);

impl Whereabouts {
    pub fn add(&mut self, patient_id: PatientId, span: Span) {
        self.0.push((patient_id, span));
    }

    pub fn free(&self, patient_id: PatientId, span: Span) -> bool {
        !self.0.iter().any(|(who, taken)| *who == patient_id && taken.overlaps(span))
    }
}

/// Of some free times the nearest to one, none that begins while another would
/// still go on, earliest first.
pub fn closest(mut times: Vec<(Civil, i64)>, to: Civil, limit: usize) -> Vec<Civil> {
    times.sort_by_key(|(starts, _)| starts.minutes_since(to).abs());
    let mut kept: Vec<Civil> = Vec::new();
    for (starts, minutes) in times {
        let apart = |other: &Civil| minutes <= starts.minutes_since(*other).abs();
        if kept.len() < limit && kept.iter().all(apart) {
            kept.push(starts);
        }
    }
    kept.sort();
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn at(text: &str) -> Civil {
        format!("2026-11-23T{text}").parse().unwrap()
    }

    fn span(starts: &str, ends: &str) -> Span {
        Span { starts: at(starts), ends: at(ends) }
    }

    #[test]
    fn nobody_is_in_two_places_and_two_people_may_be_at_one_time() {
        let [mother, child] = [1, 2].map(|ms| PatientId::new(Timestamp::from_unix_ms(ms)));
        let mut people = Whereabouts::default();
        people.add(mother, span("10:00", "10:30"));
        assert!(!people.free(mother, span("10:15", "10:45")));
        assert!(people.free(mother, span("10:30", "11:00")));
        assert!(people.free(child, span("10:00", "10:30")));
    }

    #[test]
    fn the_nearest_times_are_offered_in_order_and_apart() {
        let free = ["09:00", "10:00", "10:05", "10:30", "15:00"].map(|text| (at(text), 30));
        let [nine, ten, half] = ["09:00", "10:00", "10:30"].map(at);
        assert_eq!(closest(free.to_vec(), at("10:00"), 3), [nine, ten, half]);
    }
}
