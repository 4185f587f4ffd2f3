//! The key of a form: signed, good for an hour, taken once. It is the challenge
//! of the proof of work, too, and what the link of the booking is made from, so
//! that a double tap leads to the same booking.
//!
//! Proof of work instead of somebody else's picture puzzle (SECURITY.md 7.3):
//! a number for which SHA-256 of `key:number` begins with so many zero bits.

use data_encoding::BASE64URL_NOPAD;

use crate::clock::Timestamp;
use crate::crypto::hash::{Digest, equal, sha256};
use crate::crypto::{HmacKey, Random};
use crate::online::model::FORM_MS;
use crate::reminders::Token;

/// What each digest is for: a key is no link and a link is no answer.
const FORM: &[u8] = b"online-form-1:";
const LINK: &[u8] = b"online-link-1:";
const ANSWER: &[u8] = b"online-answer-1:";

/// Bytes of a key: 16 at random, 8 of time, 16 of the signature.
const BYTES: usize = 40;

/// Why a form is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormFault {
    #[error("not a key of ours")]
    Forged,
    #[error("the form lay open for too long")]
    Old,
}

/// A key that was read and found good.
#[derive(Clone, Debug)]
pub struct FormKey(String);

/// A fresh key for a form.
pub fn issue(key: &HmacKey, random: &Random, now: Timestamp) -> String {
    let mut bytes = Vec::with_capacity(BYTES);
    bytes.extend(random.bytes::<16>());
    bytes.extend(now.unix_ms().to_be_bytes());
    let signature = key.sign(&[FORM, &bytes]);
    bytes.extend(&signature[..16]);
    BASE64URL_NOPAD.encode(&bytes)
}

impl FormKey {
    /// # Errors
    /// [`FormFault`].
    pub fn read(text: &str, key: &HmacKey, now: Timestamp) -> Result<Self, FormFault> {
        let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| FormFault::Forged)?;
        let (signed, signature) = bytes.split_at_checked(24).ok_or(FormFault::Forged)?;
        if bytes.len() != BYTES || !equal(&key.sign(&[FORM, signed])[..16], signature) {
            return Err(FormFault::Forged);
        }
        let at = signed[16..].try_into().map(i64::from_be_bytes).map_err(|_| FormFault::Forged)?;
        let age = now.unix_ms() - at;
        if (0..=FORM_MS).contains(&age) { Ok(Self(text.to_owned())) } else { Err(FormFault::Old) }
    }

    pub fn hash(&self) -> Digest {
        sha256(self.0.as_bytes())
    }

    /// The link of the booking that this form makes.
    pub fn link(&self, key: &HmacKey) -> Token {
        derived(key, LINK, self.0.as_bytes())
    }

    /// Whether that number solves the challenge. Zero bits are solved by anything.
    pub fn is_solved_by(&self, number: &str, bits: i64) -> bool {
        let bits = u32::try_from(bits).unwrap_or(u32::MAX);
        let digits = !number.is_empty() && number.len() <= 20;
        let digits = digits && number.bytes().all(|byte| byte.is_ascii_digit());
        bits == 0 || (digits && bits <= zeros(&sha256(format!("{}:{number}", self.0).as_bytes())))
    }
}

/// The link that opens the appointment which a booking led to.
pub fn answer(key: &HmacKey, link: &Token) -> Token {
    derived(key, ANSWER, link.as_str().as_bytes())
}

fn derived(key: &HmacKey, what: &[u8], from: &[u8]) -> Token {
    let digest = key.sign(&[what, from]);
    Token::parse(&BASE64URL_NOPAD.encode(&digest[..16])).expect("sixteen bytes are 22 letters")
}

/// Leading zero bits.
fn zeros(digest: &Digest) -> u32 {
    let whole = digest.iter().take_while(|byte| **byte == 0).count();
    let rest = digest.get(whole).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(whole).unwrap_or(0) * 8 + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_unix_ms(1_790_000_000_000)
    }

    #[test]
    fn a_key_is_good_for_an_hour_and_only_as_it_was_signed() {
        let key = HmacKey::new(&[1; 32]);
        let text = issue(&key, &Random::fixed(1), now());
        assert!(FormKey::read(&text, &key, now().plus_ms(FORM_MS)).is_ok());
        let read = |text: &str, key: &HmacKey, at| FormKey::read(text, key, at).unwrap_err();
        assert_eq!(read(&text, &key, now().plus_ms(FORM_MS + 1)), FormFault::Old);
        assert_eq!(read(&text, &HmacKey::new(&[2; 32]), now()), FormFault::Forged);
        let mut other = text.into_bytes();
        other[30] = if other[30] == b'A' { b'B' } else { b'A' };
        let other = String::from_utf8(other).unwrap();
        for forged in [other.as_str(), "", "A", &"A".repeat(54), "я"] {
            assert_eq!(read(forged, &key, now()), FormFault::Forged, "{forged}");
        }
    }

    #[test]
    fn one_form_leads_to_one_link_which_is_not_its_answer() {
        let key = HmacKey::new(&[1; 32]);
        let form = |seed| FormKey::read(&issue(&key, &Random::fixed(seed), now()), &key, now());
        let (one, other) = (form(1).unwrap(), form(2).unwrap());
        assert_eq!(one.link(&key).as_str(), one.link(&key).as_str());
        assert_ne!(one.link(&key).as_str(), other.link(&key).as_str());
        assert_ne!(answer(&key, &one.link(&key)).as_str(), one.link(&key).as_str());
    }

    #[test]
    fn work_is_shown_by_a_number_that_was_looked_for() {
        let key = HmacKey::new(&[1; 32]);
        let form = FormKey::read(&issue(&key, &Random::fixed(1), now()), &key, now()).unwrap();
        let found =
            (0..u64::MAX).find(|number| form.is_solved_by(&number.to_string(), 10)).unwrap();
        assert!(form.is_solved_by(&found.to_string(), 9));
        assert!(form.is_solved_by("", 0), "none was asked for");
        for odd in ["", "abc", "-1", "1e3", &"1".repeat(21)] {
            assert!(!form.is_solved_by(odd, 1), "{odd}");
        }
        assert!(!form.is_solved_by(&found.to_string(), 200));
    }
}
