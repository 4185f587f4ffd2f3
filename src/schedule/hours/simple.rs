//! A usual week that can be said in one line: working days alike, Saturday,
//! Sunday. What the wizard asks for; most doctors need no more.

use crate::ids::ResourceId;
use crate::schedule::hours::model::{Pattern, PatternDraft, Span};

/// Hours of the working days, of Saturday and of Sunday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SimpleWeek {
    /// Monday to Friday; None: not there.
    pub workdays: Option<Span>,
    /// On working days.
    pub lunch: Option<Span>,
    pub saturday: Option<Span>,
    pub sunday: Option<Span>,
    /// The chair or room, the same all week.
    pub place_id: Option<ResourceId>,
}

impl SimpleWeek {
    /// What most clinics have: Monday to Friday 9 to 18 with an hour for lunch,
    /// Saturday 10 to 15.
    pub fn usual(place_id: Option<ResourceId>) -> Self {
        Self {
            workdays: Span::new(9 * 60, 18 * 60),
            lunch: Span::new(13 * 60, 14 * 60),
            saturday: Span::new(10 * 60, 15 * 60),
            sunday: None,
            place_id,
        }
    }

    pub fn drafts(&self) -> Vec<PatternDraft> {
        let day = |weekday, hours: Option<Span>, lunch| {
            let (hours, place_id) = (hours?, self.place_id);
            Some(PatternDraft { weekday, hours, lunch, place_id, alternate_from: None })
        };
        let workdays = (1..=5).filter_map(|weekday| day(weekday, self.workdays, self.lunch));
        let weekend = [day(6, self.saturday, None), day(7, self.sunday, None)];
        workdays.chain(weekend.into_iter().flatten()).collect()
    }

    /// A week said in one line; None when it cannot be.
    pub fn of(patterns: &[Pattern]) -> Option<Self> {
        let on = |weekday| patterns.iter().find(|pattern| pattern.weekday == weekday);
        let (monday, saturday, sunday) = (on(1), on(6), on(7));
        let simple = Self {
            workdays: monday.map(Pattern::hours),
            lunch: monday.and_then(Pattern::lunch),
            saturday: saturday.map(Pattern::hours),
            sunday: sunday.map(Pattern::hours),
            place_id: monday.or(saturday).or(sunday).and_then(|pattern| pattern.place_id),
        };
        let said = simple.drafts();
        let mut stored: Vec<PatternDraft> = patterns.iter().map(Pattern::draft).collect();
        stored.sort_by_key(|draft| draft.weekday);
        (said == stored).then_some(simple)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::ids::ShiftId;

    fn stored(week: &SimpleWeek) -> Vec<Pattern> {
        let now = Timestamp::from_unix_ms(1);
        let who = ResourceId::new(now);
        let pattern = |draft: PatternDraft| Pattern {
            id: ShiftId::new(now),
            resource_id: who,
            place_id: draft.place_id,
            weekday: draft.weekday,
            starts: draft.hours.starts,
            ends: draft.hours.ends,
            break_starts: draft.lunch.map(|lunch| lunch.starts),
            break_ends: draft.lunch.map(|lunch| lunch.ends),
            valid_from: "2026-11-23".parse().unwrap(),
            valid_until: None,
            alternate_from: None,
        };
        week.drafts().into_iter().map(pattern).collect()
    }

    #[test]
    fn a_simple_week_is_read_back_as_it_was_entered() {
        let usual = SimpleWeek::usual(None);
        assert_eq!(usual.drafts().len(), 6);
        assert_eq!(SimpleWeek::of(&stored(&usual)), Some(usual));
        let weekend = SimpleWeek { workdays: None, lunch: None, ..usual };
        assert_eq!(SimpleWeek::of(&stored(&weekend)), Some(weekend));
    }

    #[test]
    fn a_week_whose_days_differ_is_not_simple() {
        let mut patterns = stored(&SimpleWeek::usual(None));
        patterns[2].ends -= 60;
        assert_eq!(SimpleWeek::of(&patterns), None);
        patterns[2].ends += 60;
        patterns[2].alternate_from = Some("2026-11-23".parse().unwrap());
        assert_eq!(SimpleWeek::of(&patterns), None, "every second Wednesday");
        assert_eq!(SimpleWeek::of(&patterns[1..]), None);
    }
}
