//! The rules that decide whether a time is offered, each with its word.
//!
//! Pure: it reads the same supply as the search for free slots, so the two
//! cannot disagree. A property test holds them together.

use serde::Serialize;

use crate::booking::slots::Span;
use crate::booking::store::Terms;
use crate::booking::supply::{Supply, Wish, on_day};
use crate::clock::{Civil, Day};
use crate::ids::ResourceId;
use crate::schedule::{Closure, DayPlan};

/// A rule that has a say in a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "rule", rename_all = "snake_case")]
pub enum Rule {
    /// That doctor does not do that service.
    NotPerformed,
    /// The clinic rests; the code of the holiday's name.
    Holiday {
        name: String,
    },
    /// Hours of theirs were taken out of the schedule.
    Absent,
    /// No hours on that day.
    NoHours,
    /// Not within the hours, which are these.
    Outside {
        hours: Vec<Span>,
    },
    Break {
        span: Span,
    },
    /// Somebody is treated by them.
    DoctorTaken {
        span: Span,
    },
    /// They would be free, were it not for the minutes around a visit.
    DoctorBuffer {
        span: Span,
        before: i64,
        after: i64,
    },
    /// That is no chair or room.
    NoPlace,
    PlaceTaken {
        span: Span,
    },
    PlaceBuffer {
        span: Span,
        before: i64,
        after: i64,
    },
    /// Out of order.
    PlaceClosed {
        span: Span,
    },
    /// The branch has nothing of a kind that the service needs.
    Missing {
        kind: String,
    },
    /// All of a kind are taken.
    AllTaken {
        kind: String,
        of: usize,
    },
    /// Free, though not offered: offers begin at whole quarters, or when a gap begins.
    OffGrid,
    /// Free, though not offered: the minutes around it reach out of the shift.
    Edge {
        before: i64,
        after: i64,
    },
    /// It is offered; lists name the nearest times only.
    Offered,
}

/// What is known of a day besides who works and what is taken.
#[derive(Clone, Debug)]
pub struct DayFacts {
    pub day: Day,
    /// Code of the holiday's name, whether or not the clinic works on it.
    pub holiday: Option<String>,
    /// The doctor's hours that were taken out.
    pub absent: Vec<Span>,
    pub closures: Vec<Closure>,
}

impl Rule {
    /// Whether nothing can be booked then without overbooking.
    pub fn refuses(&self) -> bool {
        !matches!(self, Self::OffGrid | Self::Edge { .. } | Self::Offered)
    }
}

impl DayFacts {
    pub fn of(plan: &DayPlan, absent: Vec<Span>) -> Self {
        Self {
            day: plan.day,
            holiday: plan.holiday.clone(),
            absent,
            closures: plan.closures.clone(),
        }
    }

    fn closed(&self, resource_id: ResourceId, taken: Span) -> bool {
        let mut own = self.closures.iter().filter(|closure| closure.resource == resource_id);
        own.any(|closure| on_day(self.day, closure.span).overlaps(taken))
    }
}

/// All that speaks against a time with a doctor, or how it is offered.
/// `wish.doctor_id` is not looked at.
pub fn rules(
    supply: &Supply,
    terms: &Terms,
    wish: &Wish,
    doctor_id: ResourceId,
    facts: &DayFacts,
) -> Vec<Rule> {
    let doctor = terms.present(doctor_id).filter(|one| one.kind == "doctor");
    let Some((doctor, usual)) = doctor.zip(terms.minutes_with(doctor_id)) else {
        return vec![Rule::NotPerformed];
    };
    let asked = Asked::new(terms, wish.starts, wish.minutes.unwrap_or(usual));
    let shifts = supply.shifts(doctor_id);
    let mut rules = off_hours(&shifts, &asked, facts);
    for taken in supply.taken(doctor_id, asked.span) {
        rules.push(if taken.overlaps(asked.treatment) {
            Rule::DoctorTaken { span: taken }
        } else {
            Rule::DoctorBuffer { span: taken, before: asked.before, after: asked.after }
        });
    }
    let exact = wish.place_id.map(|id| terms.present(id).filter(|one| one.is_place()));
    match exact {
        Some(None) => rules.push(Rule::NoPlace),
        Some(Some(place)) => rules.extend(place_rules(supply, &asked, place.id, facts)),
        None => {}
    }
    let given = exact.flatten().map(|place| place.kind.as_str());
    for kind in terms.needs.iter().filter(|kind| given != Some(kind.as_str())) {
        let all = terms.of_kind(kind, doctor.branch_id);
        if all.is_empty() {
            rules.push(Rule::Missing { kind: kind.clone() });
        } else if all.iter().all(|id| supply.is_taken(*id, asked.span)) {
            rules.push(Rule::AllTaken { kind: kind.clone(), of: all.len() });
        }
    }
    if rules.is_empty() {
        rules.push(how_offered(supply, &shifts, doctor_id, &asked));
    }
    rules
}

/// A time with the minutes around it.
struct Asked {
    treatment: Span,
    /// Buffers included.
    span: Span,
    before: i64,
    after: i64,
}

impl Asked {
    fn new(terms: &Terms, starts: Civil, minutes: i64) -> Self {
        let buffer = terms.buffer();
        Self {
            treatment: Span { starts, ends: starts.plus_minutes(minutes) },
            span: buffer.around(starts, minutes),
            before: buffer.before_minutes,
            after: buffer.after_minutes,
        }
    }
}

fn off_hours(shifts: &[Span], asked: &Asked, facts: &DayFacts) -> Vec<Rule> {
    let treatment = asked.treatment;
    if shifts.iter().any(|shift| shift.contains(treatment)) {
        return Vec::new();
    }
    if facts.absent.iter().any(|absent| absent.overlaps(treatment)) {
        return vec![Rule::Absent];
    }
    let (Some(first), Some(last)) = (shifts.first(), shifts.last()) else {
        let holiday = facts.holiday.clone().map(|name| Rule::Holiday { name });
        return vec![holiday.unwrap_or(Rule::NoHours)];
    };
    let between = shifts.windows(2).map(|two| Span { starts: two[0].ends, ends: two[1].starts });
    let mut rules: Vec<Rule> =
        between.filter(|span| span.overlaps(treatment)).map(|span| Rule::Break { span }).collect();
    if treatment.starts < first.starts || last.ends < treatment.ends {
        rules.push(Rule::Outside { hours: shifts.to_vec() });
    }
    rules
}

fn place_rules(supply: &Supply, asked: &Asked, place: ResourceId, facts: &DayFacts) -> Vec<Rule> {
    let word = |taken: Span| {
        if facts.closed(place, taken) {
            Rule::PlaceClosed { span: taken }
        } else if taken.overlaps(asked.treatment) {
            Rule::PlaceTaken { span: taken }
        } else {
            Rule::PlaceBuffer { span: taken, before: asked.before, after: asked.after }
        }
    };
    supply.taken(place, asked.span).into_iter().map(word).collect()
}

/// Of a time that can be booked: whether lists name it.
fn how_offered(supply: &Supply, shifts: &[Span], doctor_id: ResourceId, asked: &Asked) -> Rule {
    let gaps = supply.gaps(doctor_id, shifts);
    let Some(gap) = gaps.iter().find(|gap| gap.contains(asked.span)) else {
        return Rule::Edge { before: asked.before, after: asked.after };
    };
    let on_grid = asked.treatment.starts.minute_of_day().is_multiple_of(15);
    if on_grid || gap.starts == asked.span.starts { Rule::Offered } else { Rule::OffGrid }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::booking::slots::{Busy, Working};
    use crate::booking::supply::Misfit;
    use crate::clock::Timestamp;
    use crate::ids::BranchId;

    const DAY: &str = "2026-11-23";

    fn at(minute: i64) -> Civil {
        Civil::new(DAY.parse().unwrap(), 0).unwrap().plus_minutes(minute)
    }

    fn span(starts: i64, ends: i64) -> Span {
        Span { starts: at(starts), ends: at(ends) }
    }

    fn ids() -> [ResourceId; 5] {
        std::array::from_fn(|_| ResourceId::new(Timestamp::from_unix_ms(1)))
    }

    fn terms(all: &[ResourceId; 5], needs: &[&str], buffer: (i64, i64)) -> Terms {
        let branch = BranchId::new(Timestamp::from_unix_ms(1));
        let kinds = ["doctor", "doctor", "doctor", "chair", "chair"];
        let resources: Vec<_> = all
            .iter()
            .zip(kinds)
            .map(|(id, kind)| serde_json::json!({ "id": id, "kind": kind, "branch_id": branch }))
            .collect();
        serde_json::from_value(serde_json::json!({
            "minutes": 30, "ended": false, "before": buffer.0, "after": buffer.1,
            "performers": [[all[0], 30], [all[1], 45]], "needs": needs, "resources": resources,
        }))
        .unwrap()
    }

    fn facts() -> DayFacts {
        DayFacts {
            day: DAY.parse().unwrap(),
            holiday: None,
            absent: Vec::new(),
            closures: Vec::new(),
        }
    }

    fn wish(starts: i64, place_id: Option<ResourceId>) -> Wish {
        Wish { starts: at(starts), minutes: None, doctor_id: None, place_id, rather: None }
    }

    fn supply(working: Vec<Working>, taken: &[(ResourceId, Span)]) -> Supply {
        let mut busy = Busy::default();
        for (id, span) in taken {
            busy.add(*id, *span);
        }
        busy.settle();
        Supply { working, busy }
    }

    fn shift(doctor_id: ResourceId, starts: i64, ends: i64) -> Working {
        Working { doctor_id, span: span(starts, ends), place_id: None }
    }

    prop_compose! {
        fn stretch()(from in 96_i64..200, length in 1_i64..40) -> Span {
            span(from * 5, (from + length) * 5)
        }
    }

    proptest! {
        #[test]
        fn a_time_is_refused_by_some_rule_exactly_when_it_cannot_be_booked(
            shifts in prop::collection::vec((0_usize..3, stretch()), 0..5),
            taken in prop::collection::vec((0_usize..5, stretch()), 0..14),
            buffer in (0_i64..4, 0_i64..4),
            starts in 90_i64..210,
            who in 0_usize..3,
            needs_chair in any::<bool>(),
            chair in prop::option::of(3_usize..5),
        ) {
            let all = ids();
            let mut working: Vec<Working> = Vec::new();
            for (doctor, span) in shifts {
                let apart = working.iter().all(|shift| shift.doctor_id != all[doctor]
                    || shift.span.ends < span.starts || span.ends < shift.span.starts);
                if apart {
                    working.push(Working { doctor_id: all[doctor], span, place_id: None });
                }
            }
            let taken: Vec<_> = taken.into_iter().map(|(who, span)| (all[who], span)).collect();
            let supply = supply(working, &taken);
            let needs: &[&str] = if needs_chair { &["chair"] } else { &[] };
            let terms = terms(&all, needs, (buffer.0 * 5, buffer.1 * 5));
            let wish = wish(starts * 5, chair.map(|at| all[at]));

            let rules = rules(&supply, &terms, &wish, all[who], &facts());

            let asked = Wish { doctor_id: Some(all[who]), ..wish };
            let fits = supply.fit(&terms, &asked).is_ok();
            prop_assert_eq!(!rules.iter().any(Rule::refuses), fits, "{:?}", rules);
            let listed = supply.slots(&terms, &asked, at(0), 10_000);
            let offered = listed.iter().any(|slot| slot.starts == wish.starts);
            prop_assert_eq!(rules.contains(&Rule::Offered), offered, "{:?}", rules);
        }
    }

    #[test]
    fn every_rule_that_refuses_is_named_not_only_the_first() {
        let all = ids();
        let working = vec![shift(all[0], 540, 720), shift(all[0], 780, 1080)];
        let taken = [(all[0], span(690, 720)), (all[3], span(600, 900)), (all[4], span(600, 900))];
        let supply = supply(working, &taken);
        let terms = terms(&all, &["chair"], (0, 0));

        let rules = rules(&supply, &terms, &wish(705, None), all[0], &facts());

        assert_eq!(
            rules,
            [
                Rule::Break { span: span(720, 780) },
                Rule::DoctorTaken { span: span(690, 720) },
                Rule::AllTaken { kind: "chair".to_owned(), of: 2 },
            ]
        );
        assert_eq!(
            supply.fit(&terms, &Wish { doctor_id: Some(all[0]), ..wish(705, None) }).unwrap_err(),
            Misfit::OffShift
        );
    }

    #[test]
    fn a_holiday_an_absence_and_a_day_without_hours_are_told_apart() {
        let all = ids();
        let none = supply(Vec::new(), &[]);
        let terms = terms(&all, &[], (0, 0));
        let ask = |facts: &DayFacts| rules(&none, &terms, &wish(600, None), all[0], facts);

        assert_eq!(ask(&facts()), [Rule::NoHours]);
        let holiday = DayFacts { holiday: Some("nauryz".to_owned()), ..facts() };
        assert_eq!(ask(&holiday), [Rule::Holiday { name: "nauryz".to_owned() }]);
        let absent = DayFacts { absent: vec![span(0, 1440)], ..holiday };
        assert_eq!(ask(&absent), [Rule::Absent]);
    }

    #[test]
    fn cleaning_that_alone_is_in_the_way_is_called_cleaning() {
        let all = ids();
        let supply = supply(vec![shift(all[0], 540, 1080)], &[(all[0], span(630, 660))]);
        let terms = terms(&all, &[], (0, 10));

        let rules = rules(&supply, &terms, &wish(600, None), all[0], &facts());

        let expected = Rule::DoctorBuffer { span: span(630, 660), before: 0, after: 10 };
        assert_eq!(rules, [expected]);
    }

    #[test]
    fn who_does_not_do_it_is_asked_nothing_else() {
        let all = ids();
        let supply = supply(Vec::new(), &[]);
        let rules = rules(&supply, &terms(&all, &[], (0, 0)), &wish(600, None), all[2], &facts());
        assert_eq!(rules, [Rule::NotPerformed]);
    }
}
