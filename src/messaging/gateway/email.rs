//! Letters to patients through the clinic's mail server (SMTP; `post`).
//!
//! The server says whether it took a letter and no more: what arrived is not
//! known, and a server that falls silent after the text leaves it uncertain. It
//! cannot be asked, and the `Message-ID` is the same on every attempt.

use std::time::Duration;

use super::{Health, Outcome, Reason, Trouble};
use crate::contact::Email;
use crate::post::{Answer, Patience, Server, StoredServer, Why};

/// The clinic's mail server, for one letter after another.
#[derive(Clone)]
pub struct Mailer {
    server: Server,
    sender: Email,
    patience: Patience,
}

/// A server that is busy (RFC 5321 4.2.1) is tried again after this, and so is a
/// letter that it put off (greylisting, RFC 6647); one that is wrongly set up, after
/// the other.
const BUSY_FOR: Duration = Duration::from_mins(5);
const WRONG_FOR: Duration = Duration::from_mins(10);

/// How long a letter may take; shorter than the lease of a message.
const PATIENCE: Patience =
    Patience { command: Duration::from_secs(10), text: Duration::from_mins(1) };

impl Mailer {
    pub fn new(stored: &StoredServer) -> Self {
        let sender = stored.settings.sender.clone();
        Self { server: stored.server(), sender, patience: PATIENCE }
    }

    /// Whose address letters come from.
    pub fn sender(&self) -> &Email {
        &self.sender
    }

    /// Hands a letter over, once.
    pub async fn carry(&self, to: &Email, bytes: &[u8]) -> Outcome {
        let said = self.server.carry(self.patience, (&self.sender, to), bytes).await;
        outcome(said.answer)
    }

    pub async fn health(&self) -> Health {
        match self.server.health(self.patience).await.answer {
            Answer::Accepted => Health::Well { balance: None },
            Answer::Refused(why) | Answer::Later(why) => Health::Ill(trouble(why)),
            Answer::Uncertain => Health::Ill(Trouble::Silent),
        }
    }
}

fn outcome(answer: Answer) -> Outcome {
    match answer {
        Answer::Accepted => Outcome::Accepted { provider_id: None, parts: 1, cost: None },
        Answer::Refused(Why::Recipient) => Outcome::Rejected(Reason::NoMailbox),
        Answer::Refused(Why::Content | Why::Unwelcome) => Outcome::Rejected(Reason::Forbidden),
        Answer::Refused(_) => Outcome::Rejected(Reason::Parameters),
        Answer::Later(Why::PutOff) => Outcome::PutOff { after: BUSY_FOR },
        Answer::Later(why) => {
            let after = if why == Why::Busy { BUSY_FOR } else { WRONG_FOR };
            Outcome::Retry { after, trouble: trouble(why) }
        }
        Answer::Uncertain => Outcome::Uncertain,
    }
}

fn trouble(why: Why) -> Trouble {
    match why {
        Why::Unreachable => Trouble::Unreachable,
        Why::Nobodys | Why::NotSmtp | Why::NoTls | Why::Certificate => Trouble::WrongAddress,
        Why::Credentials | Why::NoAuth => Trouble::Credentials,
        Why::Unwelcome | Why::Sender => Trouble::Blocked,
        Why::Busy | Why::PutOff | Why::Recipient | Why::Content => Trouble::Busy,
        Why::Silent => Trouble::Silent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_letter_that_certainly_was_not_taken_is_tried_again() {
        assert_eq!(outcome(Answer::Uncertain), Outcome::Uncertain);
        for why in Why::ALL {
            let later = outcome(Answer::Later(why));
            match why {
                Why::PutOff => assert_eq!(later, Outcome::PutOff { after: BUSY_FOR }),
                _ => assert!(matches!(later, Outcome::Retry { .. }), "{why:?}"),
            }
            assert!(matches!(outcome(Answer::Refused(why)), Outcome::Rejected(_)), "{why:?}");
        }
        let nobody = outcome(Answer::Refused(Why::Recipient));
        assert_eq!(nobody, Outcome::Rejected(Reason::NoMailbox));
    }
}
