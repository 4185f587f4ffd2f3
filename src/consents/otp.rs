//! Codes by SMS: bound to what is signed, short-lived, few.
//!
//! A code proves that somebody held the phone; only the binding proves what
//! they said yes to. So what is stored is a keyed digest over the consent, the
//! document's bytes, the drawing, the phone, the tablet session and the code:
//! a code is worthless for anything else, and nobody, not even we, can put
//! another document under it afterwards. The code itself is stored nowhere.
//!
//! The numbers follow NIST SP 800-63B and OWASP ASVS 5.0, 6.5.

use crate::clock::Timestamp;
use crate::consents::model::ConsentId;
use crate::crypto::hash::Digest;
use crate::crypto::{HmacKey, Random};

/// How long a code is good, in milliseconds.
pub const LIFETIME_MS: i64 = 5 * 60 * 1000;
/// How often a code may be typed wrongly.
pub const ATTEMPTS: u8 = 5;
/// How long after a code the next may be sent, in milliseconds.
pub const RESEND_MS: i64 = 60 * 1000;
/// How many codes one consent may have; after that staff start again.
pub const CODES_PER_CONSENT: usize = 3;
/// How many codes one phone may get within [`DAY_MS`].
pub const CODES_PER_PHONE: u32 = 5;
/// How many codes the clinic sends within [`DAY_MS`]: whoever gets hold of a
/// tablet cannot empty the account with the gateway (SECURITY.md 6.2).
pub const CODES_PER_CLINIC: u32 = 300;
/// From so many on, staff are told.
pub const MANY_CODES: u32 = CODES_PER_CLINIC / 10 * 7;
pub const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What a code says yes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub consent: ConsentId,
    /// Of `document.pdf`.
    pub document: Digest,
    /// Of `signature.svg`; None where the level asks for no drawing.
    pub signature: Option<Digest>,
    /// E.164.
    pub phone: String,
    /// The tablet session, so that a code read out over the phone cannot be
    /// typed elsewhere.
    pub session: String,
}

/// A code that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    pub mac: Digest,
    pub nonce: [u8; 16],
    /// The document it was sent for, to tell "another document" from "wrong".
    pub document: Digest,
    pub sent_at: Timestamp,
    /// How often it was typed wrongly.
    pub wrong: u8,
    /// None until it was typed correctly; a code works once.
    pub used_at: Option<Timestamp>,
    /// None while it is the newest of its consent.
    pub replaced_at: Option<Timestamp>,
}

/// Why no code was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendRefusal {
    #[error("the last code was sent less than a minute ago")]
    TooSoon {
        /// Until the next may be sent, in whole seconds, rounded up.
        seconds: i64,
    },
    #[error("this consent has had all its codes")]
    ConsentSpent,
    #[error("this phone has had all its codes for today")]
    PhoneSpent,
    #[error("the clinic has sent all its codes for today")]
    ClinicSpent,
}

/// Codes that were sent within [`DAY_MS`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Today {
    /// To this phone.
    pub phone: u32,
    /// By the whole clinic.
    pub clinic: u32,
}

/// What came of typing a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Right,
    Wrong {
        /// How many more may be tried.
        left: u8,
    },
    /// Typed wrongly too often.
    Dead,
    /// Older than [`LIFETIME_MS`], used, or a newer one was sent.
    Gone,
    /// The document is not the one the code was sent for.
    DocumentChanged,
}

impl Binding {
    /// Each part with its length, so that no two bindings give one text.
    fn parts<'a>(&'a self, nonce: &'a [u8; 16], code: &'a str) -> Vec<Vec<u8>> {
        let consent = self.consent.to_string();
        let signature: &[u8] = self.signature.as_ref().map_or(&[], |digest| digest);
        let parts: [&[u8]; 8] = [
            b"otp1",
            consent.as_bytes(),
            &self.document,
            signature,
            self.phone.as_bytes(),
            self.session.as_bytes(),
            nonce,
            code.as_bytes(),
        ];
        let framed = |part: &[u8]| {
            let length = u32::try_from(part.len()).expect("short texts and digests");
            [&length.to_be_bytes()[..], part].concat()
        };
        parts.into_iter().map(framed).collect()
    }

    fn mac(&self, pepper: &HmacKey, nonce: &[u8; 16], code: &str) -> Digest {
        let parts = self.parts(nonce, code);
        pepper.sign(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }
}

/// Makes a code for a binding: what to store, and the digits for the SMS.
pub fn issue(
    binding: &Binding,
    pepper: &HmacKey,
    random: &Random,
    now: Timestamp,
) -> (Issued, String) {
    let (nonce, code) = (random.bytes::<16>(), random.six_digits());
    let issued = Issued {
        mac: binding.mac(pepper, &nonce, &code),
        nonce,
        document: binding.document,
        sent_at: now,
        wrong: 0,
        used_at: None,
        replaced_at: None,
    };
    (issued, code)
}

/// Whether another code may be sent: `sent` are this consent's codes so far.
pub fn may_send(sent: &[Timestamp], today: Today, now: Timestamp) -> Result<(), SendRefusal> {
    if sent.len() >= CODES_PER_CONSENT {
        return Err(SendRefusal::ConsentSpent);
    }
    if today.phone >= CODES_PER_PHONE {
        return Err(SendRefusal::PhoneSpent);
    }
    if today.clinic >= CODES_PER_CLINIC {
        return Err(SendRefusal::ClinicSpent);
    }
    let wait = sent.iter().max().map_or(0, |last| last.unix_ms() + RESEND_MS - now.unix_ms());
    if wait > 0 {
        return Err(SendRefusal::TooSoon { seconds: (wait + 999) / 1000 });
    }
    Ok(())
}

/// Judges a typed code. The caller stores one more wrong try after
/// [`Verdict::Wrong`], in the same transaction.
pub fn check(
    issued: &Issued,
    binding: &Binding,
    pepper: &HmacKey,
    typed: &str,
    now: Timestamp,
) -> Verdict {
    if issued.wrong >= ATTEMPTS {
        return Verdict::Dead;
    }
    let age = now.unix_ms() - issued.sent_at.unix_ms();
    if issued.used_at.is_some() || issued.replaced_at.is_some() || age > LIFETIME_MS {
        return Verdict::Gone;
    }
    if issued.document != binding.document {
        return Verdict::DocumentChanged;
    }
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let mac = binding.mac(pepper, &issued.nonce, &digits);
    if crate::crypto::hash::equal(&mac, &issued.mac) {
        return Verdict::Right;
    }
    Verdict::Wrong { left: ATTEMPTS - issued.wrong - 1 }
}

#[cfg(test)]
mod tests;
