//! Times of a day as people type and read them.

/// Reads what people type for a time of day: `9`, `9:00`, `9.30`, `0930`,
/// `24:00`. Minutes since midnight; None when it is no time in steps of five.
pub fn read_minute(text: &str) -> Option<u16> {
    let text = text.trim();
    let (hours, minutes) = match text.split_once([':', '.', '-', ' ']) {
        Some((hours, minutes)) => (hours, minutes),
        None if text.len() <= 2 => (text, "00"),
        None => text.split_at_checked(text.len().checked_sub(2)?)?,
    };
    let digits =
        |part: &str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(hours) || !digits(minutes) || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= 1440 && minute.is_multiple_of(5)).then_some(minute)
}

/// `09:30`; `24:00` at the end of the day.
pub fn minute_text(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_as_people_type_them() {
        for (typed, minute) in [
            ("9", 540),
            ("09", 540),
            (" 9:30 ", 570),
            ("9.30", 570),
            ("0930", 570),
            ("930", 570),
            ("9-30", 570),
            ("24:00", 1440),
            ("0:00", 0),
        ] {
            assert_eq!(read_minute(typed), Some(minute), "{typed}");
        }
        for typed in
            ["", "9:", ":30", "25", "24:05", "9:60", "9:33", "9:3", "abc", "+9:00", "09300", "нет"]
        {
            assert_eq!(read_minute(typed), None, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn a_time_is_read_as_it_is_shown(five in 0u16..=288) {
            prop_assert_eq!(read_minute(&minute_text(five * 5)), Some(five * 5));
        }
    }
}
