//! What a mail server answers, and what that means for a letter.

use lettre::transport::smtp::Error;

/// Why a letter was not taken, as a code for tables and words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Why {
    /// Nobody answers at the server's address.
    Unreachable,
    /// The name leads to an address that no mail server can have.
    Nobodys,
    /// Somebody answers, but does not speak SMTP.
    NotSmtp,
    /// The server offers no encryption, or a broken one.
    NoTls,
    /// Its certificate is not to be trusted.
    Certificate,
    Credentials,
    /// It does not ask for a password in a way that we know.
    NoAuth,
    /// The server does not want to speak with us at all.
    Unwelcome,
    /// It does not take letters from this sender.
    Sender,
    /// It knows no such recipient.
    Recipient,
    /// It took the letter's text and refused it.
    Content,
    /// Not now.
    Busy,
    /// This letter not now: it wants to be asked a second time (greylisting, RFC
    /// 6647), or the mailbox is full.
    PutOff,
    /// It stopped answering before it was given the letter.
    Silent,
}

impl Why {
    pub const ALL: [Self; 14] = [
        Self::Unreachable,
        Self::Nobodys,
        Self::NotSmtp,
        Self::NoTls,
        Self::Certificate,
        Self::Credentials,
        Self::NoAuth,
        Self::Unwelcome,
        Self::Sender,
        Self::Recipient,
        Self::Content,
        Self::Busy,
        Self::PutOff,
        Self::Silent,
    ];

    /// The stable name, as stored and as in the keys of `locales/`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Nobodys => "nobodys",
            Self::NotSmtp => "not_smtp",
            Self::NoTls => "no_tls",
            Self::Certificate => "certificate",
            Self::Credentials => "credentials",
            Self::NoAuth => "no_auth",
            Self::Unwelcome => "unwelcome",
            Self::Sender => "sender",
            Self::Recipient => "recipient",
            Self::Content => "content",
            Self::Busy => "busy",
            Self::PutOff => "put_off",
            Self::Silent => "silent",
        }
    }
}

/// What became of one attempt to hand a letter over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The server has it.
    Accepted,
    /// It will never be taken, however often it is tried.
    Refused(Why),
    /// It was not taken now, for certain.
    Later(Why),
    /// The text had left; whether it was taken is unknown. SMTP cannot be asked,
    /// so nobody sends it again but a person.
    Uncertain,
}

/// What became of it, and what the server said to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub answer: Answer,
    /// As the server wrote it, in one line.
    pub words: Option<String>,
}

/// More of what a server says is not kept.
const LONGEST_WORDS: usize = 300;

pub(super) fn later(why: Why) -> Said {
    Said { answer: Answer::Later(why), words: None }
}

/// What an error before or instead of a yes means. `stage` is what was asked.
pub(super) fn judged(error: &Error, stage: Why) -> Said {
    if error.status().is_some() {
        let words = std::error::Error::source(error).map(ToString::to_string);
        let words = words_of(words.iter().map(String::as_str));
        let code = error.status().map(|code| code.to_string()).unwrap_or_default();
        let said = words.as_deref().unwrap_or_default();
        let words = Some(format!("{code} {said}").trim().to_owned());
        let answer = match stage {
            // The letter is not at fault: when the settings are right it may go.
            Why::Credentials if error.is_permanent() => Answer::Later(Why::Credentials),
            Why::Unwelcome | Why::NoTls if error.is_permanent() => Answer::Later(stage),
            // Relays that are not ours to use say so here, too.
            Why::Recipient if error.is_permanent() && !is_nobodys(&code, said) => {
                Answer::Refused(Why::Unwelcome)
            }
            _ if error.is_permanent() => Answer::Refused(stage),
            Why::Recipient | Why::Content if !is_closing(&code) => Answer::Later(Why::PutOff),
            _ => Answer::Later(Why::Busy),
        };
        return Said { answer, words };
    }
    match tls_trouble(error) {
        Some(rustls::Error::InvalidCertificate(_)) => later(Why::Certificate),
        Some(_) => later(Why::NoTls),
        None if error.is_timeout() => later(Why::Silent),
        None if error.is_response() => later(Why::NotSmtp),
        None => later(Why::Unreachable),
    }
}

/// Whether there is no such mailbox (RFC 3463 3.2 and 3.3, RFC 7505), and not
/// something else that the server has against the letter.
fn is_nobodys(code: &str, said: &str) -> bool {
    let first = said.split_whitespace().next().unwrap_or_default();
    let enhanced = first.split('.').filter(|part| part.parse::<u16>().is_ok()).count() == 3;
    match first {
        "5.1.1" | "5.1.2" | "5.1.3" | "5.1.6" | "5.1.10" | "5.2.1" => true,
        _ => !enhanced && code == "550",
    }
}

/// 421: it is going away, and would say so to any letter (RFC 5321 3.8).
fn is_closing(code: &str) -> bool {
    code == "421"
}

/// What rustls had against the server, however deep it is wrapped.
fn tls_trouble(error: &Error) -> Option<&rustls::Error> {
    let mut cause = std::error::Error::source(error);
    while let Some(at) = cause {
        if let Some(found) = at.downcast_ref::<rustls::Error>() {
            return Some(found);
        }
        if let Some(io) = at.downcast_ref::<std::io::Error>()
            && let Some(found) =
                io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>())
        {
            return Some(found);
        }
        cause = at.source();
    }
    None
}

/// In one line, without what would draw on a terminal, not too long.
pub(super) fn words_of<'a>(lines: impl Iterator<Item = &'a str>) -> Option<String> {
    let joined = lines.collect::<Vec<_>>().join(" ");
    let plain: String = joined
        .chars()
        .map(|c| if c.is_control() || c == '\u{fffd}' { ' ' } else { c })
        .take(LONGEST_WORDS)
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(plain).filter(|plain| !plain.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_one_short_plain_line() {
        let said = words_of(["5.1.1\u{1b}[31m no\r\n such", &"x".repeat(999)].into_iter()).unwrap();
        assert!(said.starts_with("5.1.1 [31m no such x"), "{said}");
        assert!(said.chars().all(|c| !c.is_control()) && said.chars().count() <= LONGEST_WORDS);
        assert_eq!(words_of(std::iter::once(" \r\n")), None);
    }

    #[test]
    fn only_a_mailbox_that_is_not_there_is_nobodys() {
        for (code, said) in
            [("550", "5.1.1 No such user"), ("550", "User unknown"), ("556", "5.1.10 Null MX")]
        {
            assert!(is_nobodys(code, said), "{code} {said}");
        }
        for (code, said) in [
            ("554", "5.7.1 Relay access denied"),
            ("553", "5.7.1 Sender address rejected"),
            ("550", "5.7.1 Service unavailable; client blocked"),
            ("554", "Relay access denied"),
        ] {
            assert!(!is_nobodys(code, said), "{code} {said}");
        }
    }

    #[test]
    fn every_reason_has_a_name_of_its_own() {
        let reasons: std::collections::HashSet<_> = Why::ALL.map(Why::code).into();
        assert_eq!(reasons.len(), Why::ALL.len());
    }
}
