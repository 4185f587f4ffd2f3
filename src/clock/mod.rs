//! The only source of "now", and the three kinds of time the clinic has.
//!
//! What has happened is a [`Timestamp`]; what is agreed with a person is
//! [`Civil`] time in the branch's zone, so that an appointment stays at 09:30
//! when the law moves the clock (as it did in Kazakhstan on 2024-03-01); a
//! whole day is a [`Day`].

mod civil;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize, Serializer};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::sqlite::{Sqlite, SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Decode, Encode, Type};

pub use civil::{Civil, Day, Zone, ZoneUnknown};

/// A past instant, to the millisecond.
///
/// Stored as an SQL `INTEGER`: milliseconds since 1970-01-01T00:00:00Z. Text
/// would sort wrongly (`…00Z` after `…00.5Z`) wherever fractions are trimmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "i64")]
pub struct Timestamp(i64);

impl TryFrom<i64> for Timestamp {
    type Error = jiff::Error;

    fn try_from(unix_ms: i64) -> Result<Self, jiff::Error> {
        jiff::Timestamp::from_millisecond(unix_ms).map(|_| Self(unix_ms))
    }
}

impl Timestamp {
    /// # Panics
    /// When `unix_ms` lies outside the years -9999 to 9999.
    pub fn from_unix_ms(unix_ms: i64) -> Self {
        assert!(jiff::Timestamp::from_millisecond(unix_ms).is_ok());
        Self(unix_ms)
    }

    pub fn unix_ms(self) -> i64 {
        self.0
    }

    /// This instant moved by so many milliseconds, back when negative.
    #[must_use]
    pub fn plus_ms(self, by: i64) -> Self {
        Self::from_unix_ms(self.0 + by)
    }

    /// Whole seconds since 1970.
    pub fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// RFC 3339 in UTC with milliseconds, always of one width.
    pub fn rfc3339(self) -> String {
        let instant = jiff::Timestamp::from_millisecond(self.0).expect("checked on construction");
        instant.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
    }
}

/// Tells the time: the machine's in production, a fixed one in tests.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    Machine,
    /// The machine's, so many milliseconds later.
    Shifted(i64),
    Fixed(Arc<AtomicI64>),
}

impl Clock {
    pub fn machine() -> Self {
        Self(Source::Machine)
    }

    /// A clock that shows this now and goes on like the machine's: a demo at
    /// the same hour of the same day, whenever it is opened.
    pub fn beginning_at(at: Timestamp) -> Self {
        Self(Source::Shifted(at.0 - Self::machine().now().0))
    }

    /// How far it is ahead of the machine's, in milliseconds.
    pub fn ahead_ms(&self) -> i64 {
        self.now().0 - Self::machine().now().0
    }

    /// A clock that stands still until [`advance_ms`](Self::advance_ms).
    pub fn fixed(at: Timestamp) -> Self {
        Self(Source::Fixed(Arc::new(AtomicI64::new(at.0))))
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that may")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::Machine => Timestamp(jiff::Timestamp::now().as_millisecond()),
            Source::Shifted(by) => Self::machine().now().plus_ms(*by),
            Source::Fixed(ms) => Timestamp(ms.load(Ordering::SeqCst)),
        }
    }

    /// Moves a fixed clock forward. Others ignore it.
    pub fn advance_ms(&self, by: i64) {
        if let Source::Fixed(ms) = &self.0 {
            ms.fetch_add(by, Ordering::SeqCst);
        }
    }
}

impl Serialize for Timestamp {
    /// Unix milliseconds; templates show it through the filter `instant`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl Type<Sqlite> for Timestamp {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Timestamp {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.0, buffer)
    }
}

impl Decode<'_, Sqlite> for Timestamp {
    fn decode(value: SqliteValueRef<'_>) -> Result<Self, BoxDynError> {
        let unix_ms = <i64 as Decode<Sqlite>>::decode(value)?;
        jiff::Timestamp::from_millisecond(unix_ms)?;
        Ok(Self(unix_ms))
    }
}
