//! Civil time: what stands on the wall and in the schedule.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{Sqlite, SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Type};

use crate::clock::Timestamp;

/// A minute of a calendar day, without a zone: `2026-12-01T09:30`.
///
/// Stored as that text, which sorts by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Civil(DateTime);

/// A calendar day: `2026-12-01`, stored as that text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

/// The zone of a branch, from the system's tzdata.
#[derive(Clone, Debug)]
pub struct Zone(TimeZone);

#[derive(Debug, thiserror::Error)]
#[error("the system's time zone data does not know {name}: install the package tzdata")]
pub struct ZoneUnknown {
    name: String,
}

impl Civil {
    pub fn new(day: Day, minute_of_day: u16) -> Option<Self> {
        let (hour, minute) = (i8::try_from(minute_of_day / 60).ok()?, minute_of_day % 60);
        let time = jiff::civil::Time::new(hour, i8::try_from(minute).ok()?, 0, 0).ok()?;
        Some(Self(day.0.to_datetime(time)))
    }

    pub fn day(self) -> Day {
        Day(self.0.date())
    }

    /// Minutes since midnight, 0 to 1439.
    pub fn minute_of_day(self) -> u16 {
        u16::try_from(i32::from(self.0.hour()) * 60 + i32::from(self.0.minute()))
            .expect("a day has 1440 minutes")
    }

    /// This time moved by so many minutes of wall time.
    #[must_use]
    pub fn plus_minutes(self, minutes: i64) -> Self {
        use jiff::ToSpan;
        Self(self.0.saturating_add(minutes.minutes()))
    }

    /// Minutes of wall time from `earlier` to this.
    pub fn minutes_since(self, earlier: Self) -> i64 {
        self.0.duration_since(earlier.0).as_mins()
    }

    pub fn to_jiff(self) -> DateTime {
        self.0
    }
}

impl Day {
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().map(Self)
    }

    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        use jiff::ToSpan;
        Self(self.0.saturating_add(days.days()))
    }

    /// Days from `earlier` to this.
    pub fn days_since(self, earlier: Self) -> i64 {
        self.0.duration_since(earlier.0).as_hours() / 24
    }

    /// 1 for Monday to 7 for Sunday (ISO 8601).
    pub fn weekday(self) -> i8 {
        self.0.weekday().to_monday_one_offset()
    }

    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// Whole years from this day, a birth date, to `on`. None before it.
    pub fn years_until(self, on: Self) -> Option<i16> {
        let had_birthday = (on.0.month(), on.0.day()) >= (self.0.month(), self.0.day());
        let years = on.0.year() - self.0.year() - i16::from(!had_birthday);
        (years >= 0).then_some(years)
    }

    pub fn to_jiff(self) -> Date {
        self.0
    }

    pub fn from_jiff(date: Date) -> Self {
        Self(date)
    }
}

impl Zone {
    /// # Errors
    /// When tzdata is missing or does not know the name.
    pub fn named(name: &str) -> Result<Self, ZoneUnknown> {
        TimeZone::get(name).map(Self).map_err(|_| ZoneUnknown { name: name.to_owned() })
    }

    /// What the wall clock of this zone shows.
    pub fn civil(&self, at: Timestamp) -> Civil {
        let instant = jiff::Timestamp::from_millisecond(at.unix_ms()).expect("a Timestamp");
        let shown = instant.to_zoned(self.0.clone()).datetime();
        let to_minute = shown.with().second(0).subsec_nanosecond(0).build();
        Civil(to_minute.expect("zero seconds are in every minute"))
    }

    pub fn today(&self, at: Timestamp) -> Day {
        self.civil(at).day()
    }

    /// The instant at which the wall clock shows this; in a gap, the later one.
    pub fn instant(&self, civil: Civil) -> Timestamp {
        let zoned = self.0.to_ambiguous_zoned(civil.0).compatible();
        let ms = zoned.map(|zoned| zoned.timestamp().as_millisecond());
        Timestamp::from_unix_ms(ms.unwrap_or_default())
    }
}

impl fmt::Display for Civil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.strftime("%Y-%m-%dT%H:%M").fmt(f)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Civil {
    type Err = jiff::Error;

    /// Reads `2026-12-01T09:30`, with or without seconds, which are dropped.
    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        let parsed: DateTime = text.parse()?;
        parsed.with().second(0).subsec_nanosecond(0).build().map(Self)
    }
}

impl FromStr for Day {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

macro_rules! stored_as_text {
    ($($name:ident),*) => {$(
        impl TryFrom<String> for $name {
            type Error = jiff::Error;

            fn try_from(text: String) -> Result<Self, jiff::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }

        impl Type<Sqlite> for $name {
            fn type_info() -> SqliteTypeInfo {
                <String as Type<Sqlite>>::type_info()
            }
        }

        impl Encode<'_, Sqlite> for $name {
            fn encode_by_ref(
                &self,
                buffer: &mut SqliteArgumentsBuffer,
            ) -> Result<IsNull, BoxDynError> {
                Encode::<Sqlite>::encode(self.to_string(), buffer)
            }
        }

        impl Decode<'_, Sqlite> for $name {
            fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
                Ok(<&str as Decode<Sqlite>>::decode(value)?.parse()?)
            }
        }
    )*};
}
stored_as_text!(Civil, Day);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_agreed_time_stays_when_the_law_moves_the_clock() {
        let almaty = Zone::named("Asia/Almaty").unwrap();
        let before: Civil = "2024-02-29T09:30".parse().unwrap();
        let after: Civil = "2024-03-01T09:30".parse().unwrap();

        let apart = almaty.instant(after).unix_ms() - almaty.instant(before).unix_ms();

        assert_eq!(apart, 25 * 3_600_000, "the night of the change was an hour longer");
        assert_eq!(almaty.civil(almaty.instant(after)), after);
        assert_eq!(after.to_string(), "2024-03-01T09:30");
    }

    #[test]
    fn a_birthday_counts_from_its_own_day() {
        let born: Day = "2000-03-15".parse().unwrap();
        assert_eq!(born.years_until("2026-03-14".parse().unwrap()), Some(25));
        assert_eq!(born.years_until("2026-03-15".parse().unwrap()), Some(26));
        assert_eq!(born.years_until("1999-01-01".parse().unwrap()), None);
    }
}
