//! One visit as a calendar file (RFC 5545), for any phone's calendar. Taken
//! again after the visit was moved or cancelled, it changes the entry that is
//! there: the same UID, a higher SEQUENCE (3.8.7.4).

use chrono::{DateTime, Duration, Utc};
use icalendar::{Alarm, Calendar, Component, Event, EventLike, EventStatus, Property};

use crate::booking::Status;
use crate::clock::Timestamp;

/// What made the file (RFC 5545 3.7.3).
const PRODUCT: &str = "-//Tirkeu//Online booking//EN";

/// What a calendar shows of a visit.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Unique for good; no patient's id.
    pub uid: String,
    pub made_at: Timestamp,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// How often it was changed.
    pub sequence: u32,
    pub standing: Standing,
    pub starts: Timestamp,
    pub ends: Timestamp,
    pub summary: String,
    pub location: String,
    pub description: String,
    /// Minutes before it that the phone reminds.
    pub alarm_minutes: i64,
}

/// How a visit stands, as a calendar knows it (RFC 5545 3.8.1.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The clinic has not said its word.
    Tentative,
    Confirmed,
    Cancelled,
}

impl Standing {
    /// `held`: waits for the desk.
    pub fn of(status: Status, held: bool) -> Self {
        match status {
            Status::Cancelled | Status::NoShow | Status::Moved => Self::Cancelled,
            _ if held => Self::Tentative,
            _ => Self::Confirmed,
        }
    }
}

impl Visit {
    /// The file. Times are in UTC, so that no calendar's idea of the clinic's
    /// zone counts (Kazakhstan changed it on 1 March 2024): the phone shows its own.
    pub fn file(&self) -> String {
        let mut event = Event::new();
        event
            .uid(&self.uid)
            .timestamp(utc(self.made_at))
            .last_modified(utc(self.changed_at))
            .sequence(self.sequence)
            .starts(utc(self.starts))
            .ends(utc(self.ends))
            .summary(&plain(&self.summary))
            .location(&plain(&self.location));
        event.status(match self.standing {
            Standing::Tentative => EventStatus::Tentative,
            Standing::Confirmed => EventStatus::Confirmed,
            Standing::Cancelled => EventStatus::Cancelled,
        });
        if !self.description.is_empty() {
            event.description(&plain(&self.description));
        }
        if self.standing != Standing::Cancelled {
            let before = -Duration::minutes(self.alarm_minutes);
            event.alarm(Alarm::display(&plain(&self.summary), before));
        }
        let mut file = Calendar::empty();
        file.append_property(Property::new("VERSION", "2.0"))
            .append_property(Property::new("PRODID", PRODUCT))
            .append_property(Property::new("CALSCALE", "GREGORIAN"))
            .append_property(Property::new("METHOD", "PUBLISH"));
        file.push(event.done());
        file.to_string()
    }
}

fn utc(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.unix_ms()).unwrap_or_default()
}

/// A text without what no calendar takes (RFC 5545 3.1: control characters but
/// for the end of a line).
fn plain(text: &str) -> String {
    text.chars().filter(|letter| *letter == '\n' || !letter.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use icalendar::parser::{read_calendar, unfold};
    use proptest::prelude::*;

    use super::*;
    use crate::clock::{Civil, Zone};

    fn visit() -> Visit {
        let starts = Timestamp::from_unix_ms(1_795_498_200_000);
        Visit {
            uid: "a@tirkeu".to_owned(),
            made_at: Timestamp::from_unix_ms(1_795_402_800_000),
            changed_at: Timestamp::from_unix_ms(1_795_402_900_000),
            sequence: 3,
            standing: Standing::Confirmed,
            starts,
            ends: starts.plus_ms(30 * 60_000),
            summary: "Арай Дент: приём; 30 мин, кабинет".to_owned(),
            location: "Алматы, Абая, 52".to_owned(),
            description: "Возьмите снимки\nи удостоверение, если они есть; приходите раньше"
                .to_owned(),
            alarm_minutes: 120,
        }
    }

    /// Read by the library's parser, which refuses what is no RFC 5545.
    fn property(file: &str, name: &str) -> String {
        let unfolded = unfold(file);
        let calendar = read_calendar(&unfolded).unwrap();
        let event = calendar.components.iter().find(|one| one.name == "VEVENT").unwrap();
        event.find_prop(name).unwrap_or_else(|| panic!("{name} in {file}")).val.to_string()
    }

    #[test]
    fn a_file_is_read_by_a_parser_and_says_how_the_visit_stands() {
        let file = visit().file();
        assert!(file.ends_with("END:VCALENDAR\r\n"));
        for line in file.split_terminator("\r\n") {
            assert!(line.len() <= 75 && !line.contains('\n'), "{line}");
        }
        assert_eq!(property(&file, "DTSTART"), "20261124T053000Z");
        assert_eq!(property(&file, "DTEND"), "20261124T060000Z");
        assert_eq!(property(&file, "SEQUENCE"), "3");
        assert_eq!(property(&file, "STATUS"), "CONFIRMED");
        assert_eq!(property(&file, "LAST-MODIFIED"), "20261123T030140Z");
        assert_eq!(property(&file, "UID"), "a@tirkeu");
        let unfolded = unfold(&file);
        assert!(unfolded.contains("SUMMARY:Арай Дент: приём\\; 30 мин\\, кабинет"), "{unfolded}");
        assert!(unfolded.contains("снимки\\nи удостоверение\\, если"), "{unfolded}");
        assert!(unfolded.contains("TRIGGER:-PT") && unfolded.contains("METHOD:PUBLISH"));
    }

    #[test]
    fn a_cancelled_visit_rings_nowhere_and_a_held_one_is_tentative() {
        let gone = Visit { standing: Standing::of(Status::Cancelled, false), ..visit() }.file();
        assert_eq!(property(&gone, "STATUS"), "CANCELLED");
        assert!(!gone.contains("VALARM"));
        let held = Visit { standing: Standing::of(Status::Booked, true), ..visit() }.file();
        assert_eq!(property(&held, "STATUS"), "TENTATIVE");
    }

    /// Almaty went from UTC+6 to UTC+5 on 1 March 2024.
    #[test]
    fn a_visit_is_at_its_own_hour_on_both_sides_of_the_change_of_the_clocks() {
        let zone = Zone::named("Asia/Almaty").unwrap();
        for (wall, expected) in
            [("2024-02-29T10:00", "20240229T040000Z"), ("2024-03-01T10:00", "20240301T050000Z")]
        {
            let starts = zone.instant(wall.parse::<Civil>().unwrap());
            let ends = starts.plus_ms(30 * 60_000);
            let file = Visit { starts, ends, ..visit() }.file();
            assert_eq!(property(&file, "DTSTART"), expected);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_the_file_is_read_and_has_one_event(
            summary in "\\PC{0,200}",
            description in any::<String>(),
        ) {
            let file = Visit { summary, description, ..visit() }.file();
            let unfolded = unfold(&file);
            let calendar = read_calendar(&unfolded).unwrap();
            prop_assert_eq!(calendar.components.len(), 1);
            // RFC 5545 3.1: lines SHOULD have 75 octets; the library's last piece may have one more.
            prop_assert!(file.split_terminator("\r\n").all(|line| line.len() <= 76));
        }
    }
}
