//! Identifiers: one type per kind of thing, so that a patient's id can never
//! be passed where a consent's is meant.

use crate::clock::Timestamp;

/// Makes a version 7 UUID, whose text sorts by the time it was made.
#[expect(clippy::disallowed_methods, reason = "the one place that may")]
pub(crate) fn uuid_v7(now: Timestamp) -> uuid::fmt::Hyphenated {
    let unix_ms = u64::try_from(now.unix_ms()).expect("ids are made after 1970");
    let random = uuid::Uuid::new_v4().into_bytes()[6..].try_into().expect("16 - 6 bytes");
    uuid::Builder::from_unix_timestamp_millis(unix_ms, &random).into_uuid().hyphenated()
}

/// Declares an id type, stored and shown as hyphenated lower-case text.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, sqlx::Type,
        )]
        #[serde(transparent)]
        #[sqlx(transparent)]
        pub struct $name(uuid::fmt::Hyphenated);

        impl $name {
            pub fn new(now: $crate::clock::Timestamp) -> Self {
                Self($crate::ids::uuid_v7(now))
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}
pub(crate) use id;

/// Declares an enum whose variants are words of the database, the form and the
/// Fluent key alike.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, sqlx::Type)]
        #[serde(rename_all = "snake_case")]
        #[sqlx(rename_all = "snake_case")]
        pub enum $name { $($(#[$each])* $variant),* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }

            pub fn named(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == name)
            }
        }
    };
}
pub(crate) use words;

id! {
    /// A person the clinic treats, or may come to treat.
    PatientId
}
id! {
    /// A person who works at the clinic and can sign in.
    StaffId
}
impl StaffId {
    /// For formats that know ids as 16 bytes.
    pub fn as_uuid(self) -> uuid::Uuid {
        self.0.into_uuid()
    }
}

id! {
    /// A tablet that patients read and sign on.
    TabletId
}
id! {
    /// A piece of work for later.
    JobId
}
id! {
    /// One treatment slot agreed with a patient.
    AppointmentId
}
id! {
    /// Visits that were booked together, every so many weeks.
    SeriesId
}
id! {
    /// A doctor, chair, room or device that an appointment takes up.
    ResourceId
}
id! {
    /// Something the clinic does for a price.
    ServiceId
}
id! {
    /// A place where the clinic works.
    BranchId
}
id! {
    /// A message to a patient.
    MessageId
}
id! {
    /// A doctor's hours on one weekday of the usual week.
    ShiftId
}
id! {
    /// One day that is unlike the usual week.
    ShiftExceptionId
}
