//! What lists and cards show of wishes and offers.

use serde::Serialize;

use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::schedule::minute_text;
use crate::waitlist::model::DAY_ENDS;
use crate::waitlist::offers::{Asked, OfferState};
use crate::waitlist::wishes::WishLine;

/// A wish with its days and hours as people say them.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    #[serde(flatten)]
    pub wish: WishLine,
    /// Numbers of the weekdays; empty: any.
    pub days: Vec<char>,
    /// `09:00–13:00`; empty: at any hour.
    pub hours: String,
    /// Days until the last one.
    pub days_left: i64,
}

/// An offer with its clock.
#[derive(Debug, Serialize)]
pub(super) struct OfferView {
    #[serde(flatten)]
    pub offer: Asked,
    /// The hour until which an answer counts.
    pub until: Civil,
    /// Minutes until then; 0 when it is over.
    pub left: i64,
    /// The message's badge; "" without one.
    pub sent: &'static str,
}

impl Line {
    pub fn of(wish: WishLine, now: Civil) -> Self {
        let any = (1..=7).all(|day| wish.when.weekdays.contains(&day.to_string()));
        let (from, until) = (wish.when.from_minute, wish.when.until_minute);
        let always = from == 0 && until == DAY_ENDS;
        Self {
            days: if any { Vec::new() } else { wish.when.weekdays.chars().collect() },
            hours: if always {
                String::new()
            } else {
                format!("{}–{}", minute_text(from), minute_text(until))
            },
            days_left: wish.when.last_day.days_since(now.day()),
            wish,
        }
    }
}

impl OfferView {
    pub fn of(clinic: &Clinic, offer: Asked) -> Self {
        let now = clinic.clock().now();
        let until = clinic.profile.get().zone.civil(offer.expires_at);
        let open = offer.state == OfferState::Offered;
        let left = if open { minutes(now, offer.expires_at) } else { 0 };
        let sent = offer.delivery.map(crate::messaging::State::shown).unwrap_or_default();
        Self { offer, until, left, sent }
    }
}

/// Whole minutes from now until then, the one begun counted.
fn minutes(now: Timestamp, then: Timestamp) -> i64 {
    ((then.unix_ms() - now.unix_ms()).max(0) + 59_999) / 60_000
}
