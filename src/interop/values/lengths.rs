//! How long a service takes: `30 мин`, `1 ч`, `1 час 30 минут`, `1:30`.

use super::{Read, groups, is_blank_mark};
use crate::interop::reading::Cell;

/// Minutes, 1 to 1440. A bare number is minutes, or hours when the header says
/// so or it is below five.
pub fn minutes(cell: &Cell, header_says_hours: bool) -> Read<u16> {
    match cell {
        Cell::Empty | Cell::Bool(_) | Cell::Date(_) => Read::Blank,
        Cell::Time(time) | Cell::DateTime(_, time) => {
            bounded(f64::from(time.hour()) * 60.0 + f64::from(time.minute()))
        }
        Cell::Number(number) => bare(*number, header_says_hours),
        Cell::Text(text) if is_blank_mark(text) => Read::Blank,
        Cell::Text(text) => from_text(&text.to_lowercase(), header_says_hours),
    }
}

fn bare(number: f64, hours: bool) -> Read<u16> {
    bounded(if hours || number < 5.0 { number * 60.0 } else { number })
}

fn from_text(text: &str, header_says_hours: bool) -> Read<u16> {
    let groups = groups(text);
    let number = |at: usize| groups[at].0.parse::<f64>().unwrap_or_default();
    let unit = |at: usize| groups[at].1.trim().trim_start_matches('.').trim();
    let is_hour = |unit: &str| ["ч", "час", "сағ", "h"].iter().any(|word| unit.starts_with(word));
    let is_minute = |unit: &str| ["м", "min", "'"].iter().any(|word| unit.starts_with(word));
    match groups.len() {
        1 if is_hour(unit(0)) => bounded(number(0) * 60.0),
        1 if is_minute(unit(0)) => bounded(number(0)),
        1 if unit(0).is_empty() => bare(number(0), header_says_hours),
        2 if is_hour(unit(0)) => bounded(number(0) * 60.0 + number(1)),
        2 if groups[0].1 == ":" => bounded(number(0) * 60.0 + number(1)),
        2 if matches!(groups[0].1.as_str(), "," | ".") => {
            let whole: f64 = format!("{}.{}", groups[0].0, groups[1].0).parse().unwrap_or_default();
            if is_minute(unit(1)) { bounded(whole) } else { bounded(whole * 60.0) }
        }
        // A range: the longer end keeps the next patient from waiting.
        2 if groups[0].1.contains(['-', '–']) && is_hour(unit(1)) => bounded(number(1) * 60.0),
        2 if groups[0].1.contains(['-', '–']) => bare(number(1), header_says_hours),
        0 if text.contains("полчаса") || text.contains("жарты сағат") => {
            Read::Value(30)
        }
        0 if is_hour(text.trim()) => Read::Value(60),
        _ => Read::Unreadable,
    }
}

fn bounded(minutes: f64) -> Read<u16> {
    if !(1.0..=1440.0).contains(&minutes) {
        return Read::Impossible;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "within 1..=1440")]
    let whole = minutes.round() as u16;
    Read::Value(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_and_a_half_is_written_in_many_ways() {
        for text in [
            "90",
            "90 мин",
            "90 минут",
            "1 ч 30 мин",
            "1 час 30 минут",
            "1:30",
            "1,5 ч",
            "1.5 часа",
            "60-90 мин",
        ] {
            assert_eq!(minutes(&Cell::text(text), false), Read::Value(90), "{text}");
        }
        assert_eq!(minutes(&Cell::Number(1.5), false), Read::Value(90));
        assert_eq!(minutes(&Cell::text("1 ч"), false), Read::Value(60));
        assert_eq!(minutes(&Cell::text("полчаса"), false), Read::Value(30));
        assert_eq!(minutes(&Cell::text("долго"), false), Read::Unreadable);
    }
}
