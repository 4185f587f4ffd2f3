//! The kinds of gateways, and what is usual with each.

use serde::{Deserialize, Serialize};

use crate::contact::Country;
use crate::messaging::gateway::smpp::Address;
use crate::messaging::gateway::{Endpoint, EndpointError, Modem};
use crate::messaging::model::Channel;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum GatewayKind {
    Smsc,
    Mobizon,
    Smpp,
    Kannel,
    Modem,
    Whatsapp,
    Telegram,
    Instagram,
    Email,
    Demo,
}

impl GatewayKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Smsc => "smsc",
            Self::Mobizon => "mobizon",
            Self::Smpp => "smpp",
            Self::Kannel => "kannel",
            Self::Modem => "modem",
            Self::Whatsapp => "whatsapp",
            Self::Telegram => "telegram",
            Self::Instagram => "instagram",
            Self::Email => "email",
            Self::Demo => "demo",
        }
    }

    /// Those a clinic can set up.
    pub const OFFERED: [Self; 9] = [
        Self::Smsc,
        Self::Mobizon,
        Self::Smpp,
        Self::Kannel,
        Self::Modem,
        Self::Whatsapp,
        Self::Telegram,
        Self::Instagram,
        Self::Email,
    ];

    /// An address as it is stored.
    pub(super) fn address(self, typed: &str) -> Result<String, EndpointError> {
        match self {
            // It has none of its own: letters go through the clinic's mail server.
            Self::Email => Ok(String::new()),
            Self::Modem => Modem::parse(typed).map(|modem| modem.folder().display().to_string()),
            Self::Smpp => Address::parse(typed).map(|address| address.to_string()),
            _ => Endpoint::parse(typed).map(|endpoint| endpoint.as_str().to_owned()),
        }
    }

    /// The way a message takes through it.
    pub fn channel(self) -> Channel {
        match self {
            Self::Whatsapp => Channel::Whatsapp,
            Self::Telegram => Channel::Telegram,
            Self::Instagram => Channel::Instagram,
            Self::Email => Channel::Email,
            Self::Smsc | Self::Mobizon | Self::Smpp | Self::Kannel | Self::Modem | Self::Demo => {
                Channel::Sms
            }
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::OFFERED.into_iter().find(|kind| kind.name() == name)
    }

    /// Messages in a minute, unless the clinic says otherwise.
    pub fn usual_pace(self) -> u32 {
        match self {
            Self::Smsc => 3000,
            Self::Mobizon | Self::Smpp | Self::Whatsapp | Self::Instagram => 300,
            Self::Kannel => 1200,
            // Thirty in a second, as the document says.
            Self::Telegram => 1800,
            Self::Modem => 6,
            // What the providers of mailboxes let a small sender have.
            Self::Email => 60,
            Self::Demo => 60_000,
        }
    }

    /// Where its servers are, unless the clinic says otherwise.
    pub fn usual_country(self) -> Country {
        match self {
            Self::Smsc | Self::Mobizon | Self::Smpp | Self::Kannel | Self::Modem | Self::Demo => {
                Country::Kz
            }
            // Where the largest provider of mailboxes is: whoever reads letters keeps them there.
            Self::Whatsapp | Self::Instagram | Self::Email => Country::Us,
            // Where its machines for this part of the world stand.
            Self::Telegram => Country::Nl,
        }
    }

    /// Whether its servers can be in the country: those of messengers never are.
    pub fn may_be_at_home(self) -> bool {
        !self.usual_country().is_abroad()
    }

    /// Whether it tells what is left on the account.
    pub fn tells_balance(self) -> bool {
        matches!(self, Self::Smsc | Self::Mobizon)
    }

    /// The address it usually has.
    pub fn usual_endpoint(self) -> &'static str {
        match self {
            Self::Smsc => "https://smsc.kz/",
            Self::Mobizon => "https://api.mobizon.kz/",
            Self::Smpp => "smpps://",
            Self::Kannel => "http://127.0.0.1:13013/cgi-bin/sendsms",
            Self::Modem => "/var/spool/gammu",
            Self::Whatsapp => "https://graph.facebook.com/v24.0",
            Self::Telegram => "https://api.telegram.org/",
            Self::Instagram => "https://graph.instagram.com/v24.0",
            Self::Email | Self::Demo => "",
        }
    }
}
