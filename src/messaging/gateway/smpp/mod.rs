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
//! number of ours (`query_sm` wants the centre's own): only its receipt clears
//! that up, by the reference it tells again. Until then the message is
//! uncertain. One that was taken and of which no receipt came is asked about by
//! `query_sm`, where the centre knows it.
//!
//! Long texts travel in parts with user data headers; to a centre that refuses
//! those, whole, as `message_payload`.

mod address;
mod pdu;
mod pool;
mod receipt;
mod session;
mod text;

use std::time::Duration;

use rustls::RootCertStore;

use super::{Delivery, Health, Outcome, Reason, Sms, Trouble};

pub use address::Address;
pub use pdu::Deliver;
pub use pool::{Heard, Pool, Said};
pub use receipt::{Receipt, spellings};
use session::{Session, Silence};

/// How long a centre may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A later part that is too much for the centre now is offered again after so
/// long, then after twice as long: without it the phone would show nothing.
const PART_AGAIN: Duration = Duration::from_millis(250);

/// "Throttled", "queue full", and an error of the centre's own (5.1.3).
const BUSY: [u32; 3] = [0x58, 0x14, 0x08];
/// "Invalid `esm_class`": no headers here.
const NO_HEADERS: u32 = 0x43;

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
    /// In place of the system's.
    pub roots: Option<RootCertStore>,
}

impl Account {
    fn is_same(&self, other: &Self) -> bool {
        let told = |it: &Self| (it.address.clone(), it.system_id.clone(), it.password.clone());
        let trusted = |it: &Self| it.roots.as_ref().map(|roots| roots.roots.clone());
        told(self) == told(other) && trusted(self) == trusted(other)
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
        let reference = sms.reference.low();
        let parts = text::parts(sms.text, reference.to_be_bytes()[1]);
        let cut = if parts.has_headers() { pdu::Form::Part } else { pdu::Form::Alone };
        let submit = pdu::Submit {
            source: self.sender.as_deref().unwrap_or_default(),
            destination: sms.to.digits(),
            data_coding: parts.data_coding,
            form: cut,
            wants_receipt: true,
            reference,
            text: &[],
        };
        if cut == pdu::Form::Alone || session.takes_headers() {
            match self.send_parts(&session, submit, &parts.parts).await {
                Some(outcome) => return outcome,
                None => session.never_headers(),
            }
        }
        let (_, whole) = text::whole(sms.text);
        let submit = pdu::Submit { form: pdu::Form::Payload, text: &whole, ..submit };
        match self.submit(&session, &submit).await {
            Ok(answer) => refusal(&answer).unwrap_or_else(|| accepted(&answer, parts.parts.len())),
            Err(silence) => unanswered(silence),
        }
    }

    async fn submit(
        &self,
        session: &Session,
        submit: &pdu::Submit<'_>,
    ) -> Result<pdu::Pdu, Silence> {
        session.ask(pdu::SUBMIT_SM, submit.body(), self.patience).await
    }

    /// None when the centre refused the first part for its header.
    async fn send_parts(
        &self,
        session: &Session,
        submit: pdu::Submit<'_>,
        parts: &[Vec<u8>],
    ) -> Option<Outcome> {
        let count = parts.len();
        for (index, part) in parts.iter().enumerate() {
            // The receipt of the last part is the message's.
            let submit = pdu::Submit { wants_receipt: index + 1 == count, text: part, ..submit };
            let mut wait = PART_AGAIN;
            let answer = loop {
                let answer = match self.submit(session, &submit).await {
                    Ok(answer) => answer,
                    Err(silence) if index == 0 => return Some(unanswered(silence)),
                    Err(_) => return Some(Outcome::Uncertain),
                };
                let again = index > 0 && BUSY.contains(&answer.status) && wait < self.patience;
                if !again {
                    break answer;
                }
                tokio::time::sleep(wait).await;
                wait *= 2;
            };
            if index == 0 && submit.form == pdu::Form::Part && answer.status == NO_HEADERS {
                return None;
            }
            match refusal(&answer) {
                None if index + 1 == count => return Some(accepted(&answer, count)),
                None => {}
                Some(refusal) if index == 0 => return Some(refusal),
                // The first part is on its way: the whole is neither sent nor unsent.
                Some(_) => return Some(Outcome::Uncertain),
            }
        }
        Some(Outcome::Uncertain)
    }

    /// Asks by the centre's own number of the message, where the centre can be
    /// asked. It forgets soon: what it does not know tells nothing.
    pub(super) async fn status(&self, provider_id: Option<&str>) -> Delivery {
        let Some(id) = provider_id else { return Delivery::Unknown };
        let Ok(session) = self.session().await else { return Delivery::Unknown };
        if !session.takes_queries() {
            return Delivery::Unknown;
        }
        let query = pdu::query(id, self.sender.as_deref().unwrap_or_default());
        match session.ask(pdu::QUERY_SM, query, self.patience).await {
            Ok(answer) if answer.command != pdu::QUERY_SM | pdu::ANSWER => session.never_queries(),
            Ok(answer) if answer.status == pdu::UNKNOWN_COMMAND => session.never_queries(),
            Ok(answer) if answer.status == pdu::OK => {
                return pdu::state_of(&answer.body).map_or(Delivery::Unknown, receipt::by_number);
            }
            _ => {}
        }
        Delivery::Unknown
    }

    /// Bound, or why not: nothing is sent.
    pub(super) async fn health(&self) -> Health {
        match self.session().await {
            Ok(_) => Health::Well { balance: None },
            Err(trouble) => Health::Ill(trouble),
        }
    }
}

fn accepted(answer: &pdu::Pdu, parts: usize) -> Outcome {
    let provider_id = Some(pdu::message_id(&answer.body)).filter(|id| !id.is_empty());
    Outcome::Accepted { provider_id, parts, cost: None }
}

fn unanswered(silence: Silence) -> Outcome {
    match silence {
        Silence::NotSent => retry(Trouble::Unreachable),
        Silence::Lost => Outcome::Uncertain,
    }
}

/// What a centre's negative answer means (5.1.3). None when it took the part.
fn refusal(answer: &pdu::Pdu) -> Option<Outcome> {
    Some(match answer.status {
        pdu::OK if answer.command == pdu::SUBMIT_SM | pdu::ANSWER => return None,
        pdu::OK => Outcome::Uncertain,
        status if BUSY.contains(&status) => retry(Trouble::Busy),
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
