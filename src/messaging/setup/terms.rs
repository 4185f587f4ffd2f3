//! What the clinic agreed with a gateway, and how the gateway has been.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::model::{Account, GatewayId, GatewayKind};
use super::token::Token;
use crate::clock::Timestamp;
use crate::contact::Country;
use crate::messaging::gateway::smpp::Pool;
use crate::messaging::gateway::{EndpointError, Gateway};
use crate::messaging::model::Channel;
use crate::messaging::text::Land;
use crate::money::Money;
use crate::post::StoredServer;

/// Limits and prices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Terms {
    /// Messages handed over in a minute, at most.
    pub per_minute: u32,
    /// Of one SMS, for gateways that do not say.
    pub price: Option<Money>,
    /// A warning is due when the balance is below.
    pub low_balance: Option<Money>,
    /// Where its servers keep what it is given.
    pub country: Country,
}

/// How a gateway was when it was last used or asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Record {
    /// When it last took a message, or said that it would.
    pub well_at: Option<Timestamp>,
    /// When it last failed, and with what.
    pub ill_at: Option<Timestamp>,
    pub trouble: Option<String>,
    /// It has not got over it.
    pub is_ill: bool,
    pub balance: Option<Money>,
    pub checked_at: Option<Timestamp>,
}

/// A gateway of the clinic's.
#[derive(Clone, sqlx::FromRow)]
pub struct StoredGateway {
    pub id: GatewayId,
    /// 1 is tried first.
    pub rank: i64,
    #[sqlx(flatten)]
    pub account: Account,
    #[sqlx(flatten)]
    pub terms: Terms,
    #[sqlx(flatten)]
    pub record: Record,
    #[sqlx(flatten)]
    pub token: Token,
    /// What it told that could not be worked through.
    pub aside: i64,
}

/// A gateway ready for use.
#[derive(Clone)]
pub struct InUse {
    pub id: GatewayId,
    pub rank: i64,
    pub kind: GatewayKind,
    /// A WhatsApp number's id with Meta is one.
    pub username: String,
    pub gateway: Gateway,
    /// Where it reaches this machine, when not by the public address.
    pub report_url: Option<String>,
    pub terms: Terms,
    pub record: Record,
}

impl InUse {
    /// Whether it carries letters.
    pub fn is_letters(&self) -> bool {
        self.kind.channel() == Channel::Email
    }

    /// Whether it carries SMS, and so reaches every telephone.
    pub fn is_sms(&self) -> bool {
        self.kind.channel() == Channel::Sms
    }
}

/// Limits and prices as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsTyped {
    #[serde(default)]
    pub per_minute: String,
    #[serde(default)]
    pub price: String,
    #[serde(default)]
    pub low_balance: String,
    /// Empty: as usual.
    #[serde(default)]
    pub country: String,
}

/// Less is left than this, and nobody said when to warn.
const USUAL_LOW_TENGE: i64 = 1000;

/// As the table says.
const FASTEST: u32 = 60_000;

impl Terms {
    pub fn usual(kind: GatewayKind) -> Self {
        let low_balance = kind.tells_balance().then(|| Money::from_tenge(USUAL_LOW_TENGE));
        let country = kind.usual_country();
        Self { per_minute: kind.usual_pace(), price: None, low_balance, country }
    }

    /// What may go there.
    pub fn land(self) -> Land {
        if self.country.is_abroad() { Land::Abroad } else { Land::Home }
    }

    pub fn typed(self) -> TermsTyped {
        let said = |sum: Option<Money>| {
            let plain = |sum: Money| match sum.tiyn() % 100 {
                0 => (sum.tiyn() / 100).to_string(),
                tiyn => format!("{},{tiyn:02}", sum.tiyn() / 100),
            };
            sum.map(plain).unwrap_or_default()
        };
        TermsTyped {
            per_minute: self.per_minute.to_string(),
            price: said(self.price),
            low_balance: said(self.low_balance),
            country: self.country.name().to_owned(),
        }
    }
}

impl TermsTyped {
    /// # Errors
    /// Field name to a Fluent key.
    pub fn read(&self, kind: GatewayKind) -> Result<Terms, BTreeMap<&'static str, &'static str>> {
        let mut wrong = BTreeMap::new();
        let per_minute = match self.per_minute.trim() {
            "" => Some(kind.usual_pace()),
            typed => typed.parse().ok().filter(|pace| (1..=FASTEST).contains(pace)),
        };
        if per_minute.is_none() {
            wrong.insert("per_minute", "messaging-error-pace");
        }
        let mut sum = |field, typed: &str| {
            let sum = Money::parse(typed).filter(|sum| (0..=100_000_000).contains(&sum.tiyn()));
            if sum.is_none() && !typed.trim().is_empty() {
                wrong.insert(field, "messaging-error-sum");
            }
            sum
        };
        let (price, low) = (sum("price", &self.price), sum("low_balance", &self.low_balance));
        let country = match self.country.as_str() {
            "" => Some(kind.usual_country()),
            typed => Country::named(typed),
        };
        let country = country.filter(|one| one.is_abroad() || kind.may_be_at_home());
        if country.is_none() {
            wrong.insert("country", "messaging-error-country");
        }
        match (per_minute, country) {
            (Some(per_minute), Some(country)) if wrong.is_empty() => {
                Ok(Terms { per_minute, price, low_balance: low, country })
            }
            _ => Err(wrong),
        }
    }
}

impl StoredGateway {
    /// # Errors
    /// As [`Account::connect`].
    pub fn connect(self, pool: &Pool, post: Option<&StoredServer>) -> Result<InUse, EndpointError> {
        let gateway = self.account.connect(self.id, pool, post)?;
        let settings = self.account.settings;
        let (kind, username, report_url) = (settings.kind, settings.username, settings.report_url);
        let Self { id, rank, terms, record, .. } = self;
        Ok(InUse { id, rank, kind, username, gateway, report_url, terms, record })
    }

    pub fn is_low(&self) -> bool {
        matches!((self.record.balance, self.terms.low_balance), (Some(left), Some(low)) if left < low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_as_people_type_them_and_said_again_alike() {
        let typed = TermsTyped {
            per_minute: " 30 ".to_owned(),
            price: "18,50 ₸".to_owned(),
            low_balance: "2 000".to_owned(),
            country: String::new(),
        };
        let terms = typed.read(GatewayKind::Kannel).unwrap();
        assert_eq!((terms.per_minute, terms.price), (30, Some(Money::from_tiyn(1850))));
        assert_eq!(terms.typed().read(GatewayKind::Kannel), Ok(terms));
        let empty = TermsTyped::default().read(GatewayKind::Smsc).unwrap();
        assert_eq!((empty.per_minute, empty.price, empty.low_balance), (3000, None, None));
    }

    #[test]
    fn each_wrong_term_is_named() {
        let typed = TermsTyped {
            per_minute: "0".to_owned(),
            price: "cheap".to_owned(),
            low_balance: "-5".to_owned(),
            country: "xx".to_owned(),
        };
        let wrong = typed.read(GatewayKind::Smsc).unwrap_err();
        let wrong: Vec<_> = wrong.into_keys().collect();
        assert_eq!(wrong, ["country", "low_balance", "per_minute", "price"]);
    }

    #[test]
    fn a_gateway_for_texts_may_be_anywhere_and_a_messenger_only_abroad() {
        let read = |kind: GatewayKind, country: &str| {
            let typed = TermsTyped { country: country.to_owned(), ..TermsTyped::default() };
            typed.read(kind).map(Terms::land)
        };
        for kind in GatewayKind::OFFERED {
            let usual = if kind.may_be_at_home() { Land::Home } else { Land::Abroad };
            assert_eq!(read(kind, ""), Ok(usual), "{kind:?}");
            assert_eq!(read(kind, "de"), Ok(Land::Abroad), "{kind:?}");
            assert_eq!(read(kind, "kz").is_ok(), kind.may_be_at_home(), "{kind:?}");
        }
    }
}
