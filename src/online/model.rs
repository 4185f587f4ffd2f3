//! Online booking apart from storage and the web: limits, who came from where,
//! days of birth as people type them. `now` is always an argument.

use serde::{Deserialize, Serialize};

use crate::clock::{Civil, Day, Timestamp};
use crate::i18n::Language;
use crate::ids::{AppointmentId, PatientId, ResourceId, ServiceId, id};

id! {
    /// One booking on its way, from the form to what became of it.
    RequestId
}

/// How long a form may lie open, in milliseconds: also how long a proof of work
/// may be prepared ahead.
pub const FORM_MS: i64 = 60 * 60 * 1000;

/// How long a link stays good while the phone is not proven, in milliseconds.
pub const UNPROVEN_MS: i64 = 30 * 60 * 1000;

/// How long it stays good afterwards, in milliseconds.
pub const PROVEN_MS: i64 = 24 * 60 * 60 * 1000;

/// Within what span codes are counted, in milliseconds.
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// How the clinic wants it; limits count within [`DAY_MS`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Settings {
    pub enabled: bool,
    /// Nobody books sooner than so many minutes from now.
    pub notice_minutes: i64,
    /// The same with acute pain.
    pub urgent_minutes: i64,
    /// Nor later than so many days.
    pub horizon_days: i64,
    /// How long the desk may think about what needs its word.
    pub hold_minutes: i64,
    /// Appointments ahead, for each phone.
    pub most_open: i64,
    /// From so many missed visits on they have to call.
    pub no_shows: i64,
    pub no_show_days: i64,
    pub cooldown_seconds: i64,
    pub codes_per_request: i64,
    pub codes_per_phone: i64,
    /// For each address (IPv6: each /64).
    pub codes_per_net: i64,
    /// The same without proof of work.
    pub plain_per_net: i64,
    pub plain_per_day: i64,
    pub codes_per_day: i64,
    /// From so many codes a day on staff are told.
    pub alarm_at: i64,
    /// Leading zero bits of the proof of work; 0 asks for none.
    pub work_bits: i64,
    /// Origins that may show the widget: `https://clinic.kz`.
    #[sqlx(json)]
    pub sites: Vec<String>,
    /// Empty: the address is looked for on 2GIS.
    pub map_url: String,
    /// People may leave their number to be called back.
    pub asks: bool,
}

/// Codes that were sent within [`DAY_MS`], and by one request at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Sent {
    /// The last one to this phone.
    pub last: Option<Timestamp>,
    pub request: i64,
    pub phone: i64,
    pub net: i64,
    pub plain_net: i64,
    pub plain: i64,
    pub all: i64,
}

/// Why no code is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Capped {
    #[error("the last code was sent a moment ago")]
    TooSoon {
        /// Until the next may be sent, in whole seconds, rounded up.
        seconds: i64,
    },
    #[error("this booking has had all its codes")]
    Request,
    #[error("this phone has had all its codes for today")]
    Phone,
    #[error("this address has had all its codes for today")]
    Net,
    #[error("the clinic has sent all its codes for today")]
    Clinic,
}

impl Capped {
    /// The end of the Fluent key that says so.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooSoon { .. } => "soon",
            Self::Request => "request",
            Self::Phone => "phone",
            Self::Net => "net",
            Self::Clinic => "clinic",
        }
    }
}

/// Whether one more code may be sent, with proof of work or without.
pub fn may_send(
    settings: &Settings,
    sent: &Sent,
    worked: bool,
    now: Timestamp,
) -> Result<(), Capped> {
    if sent.request >= settings.codes_per_request {
        return Err(Capped::Request);
    }
    if sent.phone >= settings.codes_per_phone {
        return Err(Capped::Phone);
    }
    let plain = !worked && sent.plain_net >= settings.plain_per_net;
    if plain || sent.net >= settings.codes_per_net {
        return Err(Capped::Net);
    }
    let plain = !worked && sent.plain >= settings.plain_per_day;
    if plain || sent.all >= settings.codes_per_day {
        return Err(Capped::Clinic);
    }
    let cooldown = settings.cooldown_seconds * 1000;
    let wait = sent.last.map_or(0, |last| last.unix_ms() + cooldown - now.unix_ms());
    if 0 < wait { Err(Capped::TooSoon { seconds: (wait + 999) / 1000 }) } else { Ok(()) }
}

/// What may be booked by oneself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub from: Civil,
    pub last: Day,
}

impl Settings {
    pub fn window(&self, now: Civil, urgent: bool) -> Window {
        let notice = if urgent { self.urgent_minutes } else { self.notice_minutes };
        Window { from: now.plus_minutes(notice), last: now.day().plus_days(self.horizon_days) }
    }
}

impl Window {
    pub fn holds(self, starts: Civil) -> bool {
        self.from <= starts && starts.day() <= self.last
    }
}

/// When somebody was born, as far as they said: a year, or a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Birth {
    pub year: i16,
    pub day: Option<Day>,
}

impl Birth {
    /// Reads `1990`, `17.05.1990`, `17/5/1990`, `1990-05-17`. None when it is no
    /// day, in the future or more than 120 years ago.
    pub fn read(text: &str, today: Day) -> Option<Self> {
        let text = text.trim();
        let parts: Vec<&str> =
            text.split(['.', '/', ',', ' ', '-']).filter(|part| !part.is_empty()).collect();
        let number = |text: &str| text.parse::<i16>().ok();
        let born = match parts.as_slice() {
            [year] if year.len() == 4 => Self { year: number(year)?, day: None },
            [year, month, day] | [day, month, year] if year.len() == 4 => {
                let (month, day) = (month.parse().ok()?, day.parse().ok()?);
                let day = Day::new(number(year)?, month, day)?;
                Self { year: day.year(), day: Some(day) }
            }
            _ => return None,
        };
        let past = born.year <= today.year() && born.day.is_none_or(|day| day <= today);
        (past && today.year() - born.year <= 120).then_some(born)
    }

    /// As [`read`](Self::read) takes it again.
    pub fn text(self) -> String {
        self.day.map_or_else(|| self.year.to_string(), |day| day.to_string())
    }
}

/// Where a visitor came from, as codes; kept with the booking.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Campaign {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub utm_source: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub utm_medium: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub utm_campaign: String,
}

/// The text as a code: small letters, digits, `.`, `_`, `-`, at most forty;
/// empty when it is anything else, so that nothing personal is kept by it.
pub fn code(text: &str) -> String {
    let text = text.trim().to_ascii_lowercase();
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let long_number = text.bytes().filter(u8::is_ascii_digit).count() > 8;
    if text.len() <= 40 && !long_number && text.bytes().all(letter) { text } else { String::new() }
}

/// How far a booking has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum State {
    /// Waits for the code.
    Code,
    /// The phone is proven, but somebody was quicker.
    Lost,
    /// They have missed too many visits and have to call.
    Call,
    /// They have enough appointments ahead.
    Full,
    Booked,
    /// Waits for the desk's word.
    Held,
}

impl State {
    pub fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Lost => "lost",
            Self::Call => "call",
            Self::Full => "full",
            Self::Booked => "booked",
            Self::Held => "held",
        }
    }
}

/// A booking as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Request {
    pub id: RequestId,
    pub state: State,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub proven_at: Option<Timestamp>,
    pub service_id: ServiceId,
    /// None: any.
    pub doctor_id: Option<ResourceId>,
    pub starts: Civil,
    pub language: Language,
    /// E.164; empty once there is a card.
    pub phone: String,
    pub name: String,
    pub birth: String,
    pub for_other: bool,
    pub consent_version: i64,
    pub worked: bool,
    pub source: String,
    pub patient_id: Option<PatientId>,
    pub appointment_id: Option<AppointmentId>,
    /// What they asked for, where another service was booked: whoever was here
    /// lately comes again.
    pub asked_service_id: Option<ServiceId>,
    /// Why the desk has to agree, where the service itself does not ask for it.
    pub held_because: Option<HeldBecause>,
}

/// See [`Request::held_because`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum HeldBecause {
    /// The repeated service, and no visit is known of whoever asks for it.
    NotSeen,
}

#[cfg(test)]
mod tests;
