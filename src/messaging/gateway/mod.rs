//! Gateways: who carries a message to a phone, into a chat or a mailbox, and what
//! they answered. People know them as channels.
//!
//! An answer is one of four ([`Outcome`]), and the difference decides whether a
//! person gets one message, two or none: a request that left and was not
//! answered is [`Outcome::Uncertain`], which nobody may send again before the
//! gateway was asked about it. (KAZAKHSTAN.md 2.2 and 2.5 hold the protocols.)

mod demo;
mod endpoint;
mod email;
mod http;
mod instagram;
mod kannel;
mod meta;
mod mobizon;
mod modem;
mod replies;
pub mod smpp;
mod smsc;
pub mod telegram;
pub mod whatsapp;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::messaging::model::Due;
use crate::money::Money;

pub use demo::{Demo, DemoSms};
pub use email::Mailer;
pub use endpoint::{Endpoint, EndpointError};
pub use instagram::{Instagram, Renewed};
pub use kannel::{Kannel, Report};
pub use mobizon::Mobizon;
pub use modem::Modem;
pub use replies::Written;
pub use smpp::Smpp;
pub use smsc::Smsc;
pub use telegram::Telegram;
pub use whatsapp::Whatsapp;

/// A carrier of text messages.
#[derive(Clone)]
pub enum Gateway {
    /// SMSC.kz, over the internet.
    Smsc(Smsc),
    /// Mobizon.kz, over the internet.
    Mobizon(Mobizon),
    /// An operator's centre, over SMPP.
    Smpp(Smpp),
    /// A Kannel in the clinic or at its operator.
    Kannel(Kannel),
    /// The clinic's own GSM modem, by way of gammu-smsd.
    Modem(Modem),
    /// A WhatsApp number, over the internet: templates, not texts.
    Whatsapp(Whatsapp),
    /// A Telegram bot, over the internet: chats, not telephones.
    Telegram(Telegram),
    /// An Instagram account, over the internet: answers to whoever wrote.
    Instagram(Instagram),
    /// The clinic's mail server: letters, not telephones.
    Email(Mailer),
    /// A list on this machine, for trying the program out.
    Demo(Demo),
}

/// One text message, ready to leave.
#[derive(Clone, Copy)]
pub struct Sms<'a> {
    pub to: &'a Phone,
    pub text: &'a str,
    pub reference: Reference,
    /// Where the gateway may tell what became of it. None: it is asked.
    pub report_url: Option<&'a str>,
}

/// Our number of a message, the same on every attempt: what a gateway knows
/// it by. 1 to 2147483647 (SMSC's `id`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Reference(i64);

impl Reference {
    /// Takes 31 of the bits; zero, which means "none" to SMSC, becomes one.
    pub fn from_random(bits: u32) -> Self {
        Self(i64::from((bits >> 1).max(1)))
    }

    /// As a gateway says it back: it is nobody's when it is out of range.
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    /// The part of it that fits where 16 bits are all there is.
    pub(super) fn low(self) -> u16 {
        u16::try_from(self.0 & 0xffff).unwrap_or_default()
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// How a gateway lets itself be asked what became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// By our reference: also about a message whose answer was lost.
    ByReference,
    /// By its own number of the message only, so about one it certainly took;
    /// and seldom, because receipts come by themselves.
    ByItsNumber,
    /// Not at all: it reports.
    Never,
}

/// What became of one attempt to hand a message over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Accepted {
        /// The gateway's number of it. None when it gives none (Kannel).
        provider_id: Option<String>,
        /// SMS billed.
        parts: usize,
        /// None when the gateway does not say.
        cost: Option<Money>,
    },
    /// It will never be taken, however often it is tried.
    Rejected(Reason),
    /// It was not taken now, for certain.
    Retry { after: Duration, trouble: Trouble },
    /// This one was not taken now, for certain, and others are: a mail server that
    /// wants to see a stranger twice.
    PutOff { after: Duration },
    /// The request left; whether it was taken is unknown. Never sent again
    /// before [`Gateway::status`] says [`Delivery::NotFound`].
    Uncertain,
}

/// Why a message can never arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The gateway did not understand us: an error of this program or of its
    /// settings, such as an unregistered sender.
    Parameters,
    /// The text or the sender is not allowed.
    Forbidden,
    BadNumber,
    /// The mail server knows no such mailbox.
    NoMailbox,
    /// No such subscriber, or the operator cannot reach it.
    Unreachable,
    /// The operator, or somebody at the gateway, stopped it.
    Stopped,
    NoMoney,
    /// Too long after the person wrote.
    Window,
    /// Refused with a code we do not know.
    Other,
}

/// Why the gateway takes nothing at the moment: shown as its health.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// Nobody answers at its address.
    Unreachable,
    /// Somebody answers, but not a gateway.
    WrongAddress,
    /// Its certificate is of no authority that is trusted, or of another name, or over.
    Untrusted,
    Credentials,
    NoMoney,
    /// It blocked this machine for a while.
    Blocked,
    Busy,
    /// This program may not go there: a folder of somebody else's.
    NoEntry,
    /// It takes requests and does not answer them.
    Silent,
}

/// What the gateway knows about a message it took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    OnTheWay,
    /// On the phone, at the gateway's time when it tells one.
    Delivered(Option<Timestamp>),
    Failed(Reason),
    /// The phone stayed off for as long as the operator keeps messages.
    Expired,
    /// The gateway never got it.
    NotFound,
    /// The gateway did not say, or cannot: ask again later.
    Unknown,
}

/// How the gateway is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It takes messages. The balance is none when it keeps none.
    Well {
        balance: Option<Money>,
    },
    Ill(Trouble),
}

impl Reason {
    /// The stable name, as stored and as in the keys of `locales/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Parameters => "parameters",
            Self::Forbidden => "forbidden",
            Self::BadNumber => "bad_number",
            Self::NoMailbox => "no_mailbox",
            Self::Unreachable => "unreachable",
            Self::Stopped => "stopped",
            Self::NoMoney => "no_money",
            Self::Window => "window_shut",
            Self::Other => "other",
        }
    }

    /// Whether another gateway to telephones may take what this one refused: a
    /// number that does not exist exists nowhere.
    pub fn is_the_gateways_own(self) -> bool {
        self != Self::BadNumber
    }
}

impl Trouble {
    /// The stable name, as stored and as in the keys of `locales/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "gateway_unreachable",
            Self::WrongAddress => "gateway_wrong_address",
            Self::Untrusted => "gateway_untrusted",
            Self::Credentials => "gateway_credentials",
            Self::NoMoney => "gateway_no_money",
            Self::Blocked => "gateway_blocked",
            Self::Busy => "gateway_busy",
            Self::Silent => "gateway_silent",
            Self::NoEntry => "gateway_no_entry",
        }
    }
}

impl Gateway {
    /// Hands a message over, once.
    pub async fn send(&self, sms: Sms<'_>) -> Outcome {
        match self {
            Self::Smsc(smsc) => smsc.send(sms).await,
            Self::Mobizon(mobizon) => mobizon.send(sms).await,
            Self::Smpp(smpp) => smpp.send(sms).await,
            Self::Modem(modem) => modem.send(sms).await,
            Self::Kannel(kannel) => kannel.send(sms).await,
            // They take templates, chats and letters: the worker knows them.
            Self::Whatsapp(_) | Self::Telegram(_) | Self::Instagram(_) | Self::Email(_) => {
                Outcome::Rejected(Reason::Parameters)
            }
            Self::Demo(demo) => demo.send(sms).await,
        }
    }

    /// Asks what became of a message, by our reference alone.
    pub async fn status(&self, to: &Phone, reference: Reference) -> Delivery {
        self.status_of(to, reference, None).await
    }

    /// Asks what became of a message, by the gateway's own number of it where
    /// it gave one. Kannel cannot be asked: it reports.
    pub async fn status_of(
        &self,
        to: &Phone,
        reference: Reference,
        provider_id: Option<&str>,
    ) -> Delivery {
        match self {
            Self::Smsc(smsc) => smsc.status(to, reference).await,
            Self::Mobizon(mobizon) => mobizon.status(to, reference, provider_id).await,
            Self::Smpp(smpp) => smpp.status(provider_id).await,
            Self::Modem(modem) => modem.status(reference).await,
            Self::Kannel(_)
            | Self::Whatsapp(_)
            | Self::Telegram(_)
            | Self::Instagram(_)
            | Self::Email(_) => Delivery::Unknown,
            Self::Demo(demo) => demo.status(reference).await,
        }
    }

    /// The same of a message in the outbox. Nobody can be asked about one that went
    /// to no telephone.
    pub(super) async fn fate_of(&self, due: &Due) -> Delivery {
        let Some(phone) = due.to.phone() else { return Delivery::Unknown };
        self.status_of(phone, due.reference, due.provider_id.as_deref()).await
    }

    /// What people wrote back, where the gateway keeps it until it is asked: what
    /// followed `after`, or came in the last hours while nothing is known.
    ///
    /// # Errors
    /// Why the gateway could not be asked.
    pub async fn replies(&self, after: Option<&str>, hours: i64) -> Result<Vec<Written>, Trouble> {
        match self {
            Self::Smsc(smsc) => smsc.replies(after, hours).await,
            Self::Modem(modem) => Ok(modem.replies().await),
            _ => Ok(Vec::new()),
        }
    }

    /// It is kept here now.
    pub async fn forget(&self, written: &Written) {
        replies::forget(written).await;
    }

    pub fn asking(&self) -> Asking {
        match self {
            Self::Smpp(_) => Asking::ByItsNumber,
            Self::Kannel(_)
            | Self::Whatsapp(_)
            | Self::Telegram(_)
            | Self::Instagram(_)
            | Self::Email(_) => Asking::Never,
            _ => Asking::ByReference,
        }
    }

    /// Whether a lost answer can be cleared up by asking.
    pub fn can_be_asked(&self) -> bool {
        self.asking() == Asking::ByReference
    }

    /// Sees whether messages would be taken, without sending one.
    pub async fn health(&self) -> Health {
        match self {
            Self::Smsc(smsc) => smsc.health().await,
            Self::Mobizon(mobizon) => mobizon.health().await,
            Self::Smpp(smpp) => smpp.health().await,
            Self::Modem(modem) => modem.health().await,
            Self::Kannel(kannel) => kannel.health().await,
            Self::Whatsapp(whatsapp) => whatsapp.health().await,
            Self::Telegram(telegram) => telegram.health().await,
            Self::Instagram(instagram) => instagram.health().await,
            Self::Email(mailer) => mailer.health().await,
            Self::Demo(demo) => demo.health().await,
        }
    }
}
