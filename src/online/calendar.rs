//! One visit as a calendar file (RFC 5545), for any phone's calendar.

use std::fmt::Write;

use crate::clock::Timestamp;

/// Octets of a line before it is folded (RFC 5545 3.1).
const LINE: usize = 75;

/// What a calendar shows of a visit.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Unique for good; no patient's id.
    pub uid: String,
    pub made_at: Timestamp,
    pub starts: Timestamp,
    pub ends: Timestamp,
    pub summary: String,
    pub location: String,
    pub description: String,
    /// Minutes before it that the phone reminds.
    pub alarm_minutes: i64,
}

impl Visit {
    /// The file. Times are in UTC: the phone shows its own.
    pub fn file(&self) -> String {
        let mut lines = vec![
            "BEGIN:VCALENDAR".to_owned(),
            "VERSION:2.0".to_owned(),
            "PRODID:-//Tirkeu//Online booking//EN".to_owned(),
            "CALSCALE:GREGORIAN".to_owned(),
            "METHOD:PUBLISH".to_owned(),
            "BEGIN:VEVENT".to_owned(),
            format!("UID:{}", self.uid),
            format!("DTSTAMP:{}", utc(self.made_at)),
            format!("DTSTART:{}", utc(self.starts)),
            format!("DTEND:{}", utc(self.ends)),
            format!("SUMMARY:{}", escaped(&self.summary)),
            format!("LOCATION:{}", escaped(&self.location)),
        ];
        if !self.description.is_empty() {
            lines.push(format!("DESCRIPTION:{}", escaped(&self.description)));
        }
        lines.extend([
            "BEGIN:VALARM".to_owned(),
            "ACTION:DISPLAY".to_owned(),
            format!("DESCRIPTION:{}", escaped(&self.summary)),
            format!("TRIGGER:-PT{}M", self.alarm_minutes),
            "END:VALARM".to_owned(),
            "END:VEVENT".to_owned(),
            "END:VCALENDAR".to_owned(),
        ]);
        lines.iter().fold(String::new(), |mut file, line| {
            folded(&mut file, line);
            file
        })
    }
}

/// `20261124T093000Z`.
fn utc(at: Timestamp) -> String {
    let text = at.rfc3339();
    let whole = text.split('.').next().unwrap_or_default();
    let digits: String = whole.chars().filter(|c| c.is_ascii_digit() || *c == 'T').collect();
    format!("{digits}Z")
}

/// A text of a property (RFC 5545 3.3.11).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(letter);
            }
            '\n' => out.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
    out
}

/// Adds a line, folded between letters, never within one.
fn folded(file: &mut String, line: &str) {
    let mut room = LINE;
    for letter in line.chars() {
        if room < letter.len_utf8() {
            file.push_str("\r\n ");
            room = LINE - 1;
        }
        room -= letter.len_utf8();
        let _ = write!(file, "{letter}");
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn visit() -> Visit {
        let starts = Timestamp::from_unix_ms(1_795_498_200_000);
        Visit {
            uid: "a@tirkeu".to_owned(),
            made_at: Timestamp::from_unix_ms(1_795_402_800_000),
            starts,
            ends: starts.plus_ms(30 * 60_000),
            summary: "Арай Дент: приём; 30 мин, кабинет".to_owned(),
            location: "Алматы, Абая, 52".to_owned(),
            description: "Возьмите снимки\nи удостоверение, если они есть; приходите раньше"
                .to_owned(),
            alarm_minutes: 120,
        }
    }

    #[test]
    fn a_file_has_short_lines_and_escaped_texts() {
        let file = visit().file();
        assert!(file.ends_with("END:VCALENDAR\r\n"));
        for line in file.split_terminator("\r\n") {
            assert!(line.len() <= LINE && !line.contains('\n'), "{line}");
        }
        let unfolded = file.replace("\r\n ", "");
        assert!(unfolded.contains("DTSTART:20261124T053000Z\r\n"), "{unfolded}");
        assert!(unfolded.contains("SUMMARY:Арай Дент: приём\\; 30 мин\\, кабинет\r\n"));
        assert!(unfolded.contains("снимки\\nи удостоверение\\, если"));
    }
}
