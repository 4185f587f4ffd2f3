//! SMPP 3.4 to an operator's or aggregator's centre (SMPP v3.4 issue 1.2;
//! KAZAKHSTAN.md 2.4).
//!
//! The PDUs are our own: eight of them are needed, and the crate that was
//! looked at (`rusmpp` 0.4) ends the connection at the first PDU it cannot read
//! and marks each message as a delivery acknowledgement unless told otherwise;
//! its client brings a name resolver that knows nothing of
//! [`reach`](super::reach).
//!
//! A centre that has the message but whose answer was lost cannot be asked by a
//! number of ours: only its receipt clears that up, by the reference it tells
//! again. Until then the message is uncertain.

mod address;
mod pdu;
mod pool;
mod receipt;
mod session;
mod text;

use std::time::Duration;

use rustls::RootCertStore;

use super::{Health, Outcome, Reason, Sms, Trouble};

pub use address::Address;
pub use pdu::Deliver;
pub use pool::{Heard, Pool, Said};
pub use receipt::{Receipt, spellings};
use session::{Session, Silence};

/// How long a centre may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// An account at a centre. No `Debug`: the password stays out of logs.
#[derive(Clone)]
pub struct Smpp {
    /// Which connection of the pool is this gateway's.
    line: i64,
    account: Account,
    /// A name or a number. None: what the centre is set to.
    sender: Option<String>,
    pool: Pool,
    patience: Duration,
}

/// What a connection is made with.
#[derive(Clone)]
pub struct Account {
    pub address: Address,
    pub system_id: String,
    pub password: String,
    /// In place of the system's: for tests.
    pub roots: Option<RootCertStore>,
}

impl Account {
    fn is_same(&self, other: &Self) -> bool {
        let told = |it: &Self| (it.address.clone(), it.system_id.clone(), it.password.clone());
        told(self) == told(other)
    }
}

impl Smpp {
    pub fn new(line: i64, account: Account, sender: Option<String>, pool: Pool) -> Self {
        Self { line, account, sender, pool, patience: PATIENCE }
    }

    /// Waits less long for answers: for tests of what happens then.
    #[must_use]
    pub fn with_timeout(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    async fn session(&self) -> Result<Session, Trouble> {
        self.pool.session(self.line, &self.account, self.patience).await
    }

    pub(super) async fn send(&self, sms: Sms<'_>) -> Outcome {
        let session = match self.session().await {
            Ok(session) => session,
            Err(trouble) => return retry(trouble),
        };
        let number = sms.reference.low();
        let parts = text::parts(sms.text, number.to_be_bytes()[1]);
        let count = parts.parts.len();
        let mut provider_id = String::new();
        for (index, part) in parts.parts.iter().enumerate() {
            let submit = pdu::Submit {
                source: self.sender.as_deref().unwrap_or_default(),
                destination: sms.to.digits(),
                data_coding: parts.data_coding,
                has_header: parts.has_headers(),
                // The receipt of the last part is the message's.
                wants_receipt: index + 1 == count,
                reference: number,
                text: part,
            };
            let answer = match session.submit(submit.body(), self.patience).await {
                Ok(answer) => answer,
                Err(Silence::NotSent) if index == 0 => return retry(Trouble::Unreachable),
                Err(_) => return Outcome::Uncertain,
            };
            match refusal(&answer) {
                None => provider_id = pdu::message_id(&answer.body),
                Some(refusal) if index == 0 => return refusal,
                // The first part is on its way: the whole is neither sent nor unsent.
                Some(_) => return Outcome::Uncertain,
            }
        }
        let provider_id = Some(provider_id).filter(|id| !id.is_empty());
        Outcome::Accepted { provider_id, parts: count, cost: None }
    }

    /// Bound, or why not: nothing is sent.
    pub(super) async fn health(&self) -> Health {
        match self.session().await {
            Ok(_) => Health::Well { balance: None },
            Err(trouble) => Health::Ill(trouble),
        }
    }
}

/// What a centre's negative answer means (5.1.3). None when it took the part.
fn refusal(answer: &pdu::Pdu) -> Option<Outcome> {
    Some(match answer.status {
        pdu::OK if answer.command == pdu::SUBMIT_SM | pdu::ANSWER => return None,
        pdu::OK => Outcome::Uncertain,
        // Throttled, its queue is full, or it has an error of its own.
        0x58 | 0x14 | 0x08 => retry(Trouble::Busy),
        // Not bound any more.
        0x04 | 0x0d..=0x0f => retry(Trouble::Credentials),
        0x0b => Outcome::Rejected(Reason::BadNumber),
        0x01..=0x03 | 0x06..=0x07 | 0x0a | 0x33..=0x50 | 0x61..=0x63 => {
            Outcome::Rejected(Reason::Parameters)
        }
        _ => Outcome::Rejected(Reason::Other),
    })
}

fn retry(trouble: Trouble) -> Outcome {
    let seconds = match trouble {
        Trouble::Busy => 5,
        Trouble::Unreachable | Trouble::Silent => 30,
        _ => 15 * 60,
    };
    Outcome::Retry { after: Duration::from_secs(seconds), trouble }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_centres_answer_decides_whether_trying_again_makes_sense() {
        let said = |status| {
            let command = pdu::SUBMIT_SM | pdu::ANSWER;
            refusal(&pdu::Pdu { command, status, sequence: 1, body: Vec::new() })
        };
        assert_eq!(said(0), None);
        assert_eq!(said(0x58), Some(retry(Trouble::Busy)));
        assert_eq!(said(0x0b), Some(Outcome::Rejected(Reason::BadNumber)));
        assert_eq!(said(0x0a), Some(Outcome::Rejected(Reason::Parameters)));
        assert_eq!(said(0x0400), Some(Outcome::Rejected(Reason::Other)));
        let other = pdu::Pdu { command: pdu::GENERIC_NACK, status: 0, sequence: 1, body: vec![] };
        assert_eq!(refusal(&other), Some(Outcome::Uncertain));
    }
}
