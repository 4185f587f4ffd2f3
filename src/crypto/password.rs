//! Passwords: Argon2id (RFC 9106) with 64 MiB, three passes and one lane, and
//! the rules of NIST SP 800-63B-4 and OWASP ASVS 5.0, 6.2: length and
//! guessability count, not kinds of characters.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use crate::crypto::Random;

/// Characters, after normalisation.
pub const MIN_LENGTH: usize = 12;
pub const MAX_LENGTH: usize = 128;

/// Hashes at once: four of 64 MiB each.
const AT_ONCE: usize = 4;
/// Callers that may wait for one of the four; the next is turned away.
const MAY_WAIT: usize = 32;

/// Common words and keyboard walks in three languages that staff of a clinic
/// think of first, one a line, lower case.
const BLOCKED: &str = include_str!("blocked_passwords.txt");

/// The letters of a Russian or Kazakh keyboard and the Latin ones on the same
/// keys: `йцукен` is as easy to guess as `qwerty`.
const SAME_KEYS: [(char, char); 42] = [
    ('й', 'q'),
    ('ц', 'w'),
    ('у', 'e'),
    ('к', 'r'),
    ('е', 't'),
    ('н', 'y'),
    ('г', 'u'),
    ('ш', 'i'),
    ('щ', 'o'),
    ('з', 'p'),
    ('х', '['),
    ('ъ', ']'),
    ('ф', 'a'),
    ('ы', 's'),
    ('в', 'd'),
    ('а', 'f'),
    ('п', 'g'),
    ('р', 'h'),
    ('о', 'j'),
    ('л', 'k'),
    ('д', 'l'),
    ('ж', ';'),
    ('э', '\''),
    ('я', 'z'),
    ('ч', 'x'),
    ('с', 'c'),
    ('м', 'v'),
    ('и', 'b'),
    ('т', 'n'),
    ('ь', 'm'),
    ('б', ','),
    ('ю', '.'),
    ('ё', '`'),
    ('ә', '2'),
    ('і', '3'),
    ('ң', '4'),
    ('ғ', '5'),
    ('ү', '8'),
    ('ұ', '9'),
    ('қ', '0'),
    ('ө', '-'),
    ('һ', '='),
];

/// No letter or digit that is mistaken for another on paper.
const READABLE: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";

/// Why a new password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weakness {
    #[error("the password is shorter than 12 characters")]
    TooShort,
    #[error("the password is longer than 128 characters")]
    TooLong,
    #[error("the password is made of common words or neighbouring keys")]
    Common,
    #[error("the password is easy to guess")]
    Guessable,
}

/// Why a password was neither hashed nor compared.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("too many sign-ins at once; try again in a few seconds")]
    Busy,
    #[error("the stored password hash cannot be read")]
    BrokenHash,
}

/// The outcome of comparing a password with a stored hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Right,
    /// Right, but hashed with less than today's cost: hash it anew and store it.
    RightButStale,
    Wrong,
}

/// What one hash costs.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl Cost {
    /// 64 MiB and three passes: about 0.1 s.
    pub const FULL: Self = Self { memory_kib: 64 * 1024, passes: 3 };
    /// For tests and for nothing else.
    pub const TEST: Self = Self { memory_kib: 64, passes: 1 };
}

/// Hashes and compares passwords, a few at a time. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    cost: Cost,
    random: Random,
    running: Semaphore,
    present: AtomicUsize,
    /// Compared with when there is no such user, so that the answer takes as long.
    dummy: OnceLock<String>,
}

impl Passwords {
    pub fn new(random: Random) -> Self {
        Self::with_cost(random, Cost::FULL)
    }

    pub fn with_cost(random: Random, cost: Cost) -> Self {
        Self(Arc::new(Inner {
            cost,
            random,
            running: Semaphore::new(AT_ONCE),
            present: AtomicUsize::new(0),
            dummy: OnceLock::new(),
        }))
    }

    /// A PHC string to store. The password is normalised, not judged: ask
    /// [`weakness`] first.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many wait already.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let password = normal(password);
        self.run(move |inner| Ok(inner.hash(&password))).await
    }

    /// Compares a password with a stored PHC string; None stands for a user
    /// who does not exist and takes as long.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many wait already.
    pub async fn verify(
        &self,
        password: &str,
        stored: Option<&str>,
    ) -> Result<Verdict, PasswordError> {
        let password = normal(password);
        let stored = stored.map(str::to_owned);
        self.run(move |inner| inner.verify(&password, stored.as_deref())).await
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _place = Place::take(&self.0)?;
        let _permit = self.0.running.acquire().await.map_err(|_| PasswordError::Busy)?;
        let inner = Arc::clone(&self.0);
        // A request that is given up still finishes its hash; it holds no place then.
        let done = tokio::task::spawn_blocking(move || work(&inner)).await;
        done.map_err(|_| PasswordError::Busy)?
    }
}

/// One caller that runs or waits.
struct Place<'a>(&'a Inner);

impl<'a> Place<'a> {
    fn take(inner: &'a Inner) -> Result<Self, PasswordError> {
        let before = inner.present.fetch_add(1, Ordering::AcqRel);
        let place = Self(inner);
        if before < AT_ONCE + MAY_WAIT { Ok(place) } else { Err(PasswordError::Busy) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.present.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Inner {
    fn hash(&self, password: &str) -> String {
        let salt: [u8; 16] = self.random.bytes();
        let hash: PasswordHash = self
            .argon2()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .expect("a 16-byte salt and a password of at most 512 bytes can be hashed");
        hash.to_string()
    }

    fn verify(&self, password: &str, stored: Option<&str>) -> Result<Verdict, PasswordError> {
        let Some(stored) = stored else {
            let dummy = self.dummy.get_or_init(|| self.hash("nobody has this password"));
            let _ = self.matches(password, dummy)?;
            return Ok(Verdict::Wrong);
        };
        if !self.matches(password, stored)? {
            return Ok(Verdict::Wrong);
        }
        Ok(if self.is_stale(stored) { Verdict::RightButStale } else { Verdict::Right })
    }

    fn matches(&self, password: &str, stored: &str) -> Result<bool, PasswordError> {
        let hash = PasswordHash::new(stored).map_err(|_| PasswordError::BrokenHash)?;
        Ok(self.argon2().verify_password(password.as_bytes(), &hash).is_ok())
    }

    fn is_stale(&self, stored: &str) -> bool {
        let params = PasswordHash::new(stored).ok().and_then(|hash| Params::try_from(&hash).ok());
        params.is_none_or(|params| {
            params.m_cost() < self.cost.memory_kib || params.t_cost() < self.cost.passes
        })
    }

    fn argon2(&self) -> Argon2<'static> {
        let params = Params::new(self.cost.memory_kib, self.cost.passes, 1, Some(32))
            .expect("the costs are constants within Argon2's bounds");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }
}

/// None when the password may be taken. `personal` are words an attacker would
/// try first: the login, the person's names, the clinic's name.
pub fn weakness(password: &str, personal: &[&str]) -> Option<Weakness> {
    let password = normal(password);
    let length = password.chars().count();
    if length < MIN_LENGTH {
        return Some(Weakness::TooShort);
    }
    if length > MAX_LENGTH {
        return Some(Weakness::TooLong);
    }
    let lower: Zeroizing<String> = Zeroizing::new(password.to_lowercase());
    if is_made_of_blocked_words(&lower, personal) {
        return Some(Weakness::Common);
    }
    let keys = on_latin_keys(&lower);
    let guessable = [password.as_str(), keys.as_str()]
        .iter()
        .any(|text| zxcvbn(text, personal).score() < Score::Three);
    guessable.then_some(Weakness::Guessable)
}

/// A password to hand over on paper and to be changed at once: four groups of
/// four letters and digits that cannot be mistaken for one another (79 bits).
pub fn one_time(random: &Random) -> Zeroizing<String> {
    let size = u32::try_from(READABLE.len()).expect("the alphabet is short");
    let mut text = Zeroizing::new(String::with_capacity(19));
    for position in 0..16 {
        if position > 0 && position % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(READABLE[random.below(size) as usize]));
    }
    text
}

/// Equal on every keyboard and operating system: Unicode NFC.
fn normal(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfc().collect())
}

/// Whether fewer than eight characters remain without words everybody tries.
fn is_made_of_blocked_words(lower: &str, personal: &[&str]) -> bool {
    let personal: Vec<String> = personal.iter().map(|word| word.to_lowercase()).collect();
    let mut rest = Zeroizing::new(lower.to_owned());
    let mut keys = on_latin_keys(lower);
    let blocked = BLOCKED.lines().filter(|line| !line.starts_with('#'));
    for word in blocked.chain(personal.iter().map(String::as_str)) {
        if word.chars().count() >= 4 {
            *rest = rest.replace(word, "");
            *keys = keys.replace(word, "");
        }
    }
    [&rest, &keys].iter().any(|rest| rest.chars().filter(|c| c.is_alphanumeric()).count() < 8)
}

fn on_latin_keys(lower: &str) -> Zeroizing<String> {
    let key = |letter: char| {
        SAME_KEYS.iter().find(|(here, _)| *here == letter).map_or(letter, |(_, latin)| *latin)
    };
    Zeroizing::new(lower.chars().map(key).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cheap() -> Passwords {
        Passwords::with_cost(Random::fixed(1), Cost::TEST)
    }

    #[tokio::test]
    async fn a_password_matches_its_own_hash_only() {
        let passwords = cheap();
        let stored = passwords.hash("бір екі үш төрт").await.unwrap();

        assert!(stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
        let right = passwords.verify("бір екі үш төрт", Some(&stored)).await.unwrap();
        assert_eq!(right, Verdict::Right);
        let wrong = passwords.verify("бір екі үш бес", Some(&stored)).await.unwrap();
        assert_eq!(wrong, Verdict::Wrong);
        assert_eq!(passwords.verify("бір", None).await.unwrap(), Verdict::Wrong);
    }

    #[tokio::test]
    async fn the_same_letters_typed_in_parts_are_the_same_password() {
        let passwords = cheap();
        let stored = passwords.hash("й is one letter").await.unwrap();

        let parts = passwords.verify("и\u{306} is one letter", Some(&stored)).await.unwrap();
        assert_eq!(parts, Verdict::Right);
    }

    #[tokio::test]
    async fn a_hash_of_a_lower_cost_asks_to_be_made_anew() {
        let stored = cheap().hash("correct horse battery").await.unwrap();
        let dearer = Cost { memory_kib: 128, passes: 1 };
        let passwords = Passwords::with_cost(Random::fixed(2), dearer);

        let verdict = passwords.verify("correct horse battery", Some(&stored)).await.unwrap();
        assert_eq!(verdict, Verdict::RightButStale);
    }

    #[tokio::test]
    async fn a_broken_hash_is_an_error_and_not_a_wrong_password() {
        let outcome = cheap().verify("whatever it is", Some("$argon2id$nonsense")).await;

        assert!(matches!(outcome, Err(PasswordError::BrokenHash)));
    }

    #[tokio::test]
    async fn beyond_four_running_and_thirty_two_waiting_callers_are_turned_away() {
        let passwords = cheap();
        let running = passwords.0.running.acquire_many(4).await.unwrap();
        let mut waiting: Vec<_> = (0..36).map(|_| Box::pin(passwords.hash("x"))).collect();
        for hash in &mut waiting {
            assert!(futures_util::poll!(hash.as_mut()).is_pending());
        }

        assert!(matches!(passwords.hash("x").await, Err(PasswordError::Busy)));
        drop(running);
        for hash in waiting {
            assert!(hash.await.is_ok());
        }
        assert!(passwords.hash("x").await.is_ok());
    }

    #[test]
    fn length_is_counted_in_letters() {
        assert_eq!(weakness("әсемсурет7!", &[]), Some(Weakness::TooShort));
        assert_eq!(weakness(&"kq7!".repeat(33), &[]), Some(Weakness::TooLong));
    }

    #[test]
    fn common_words_and_keyboard_walks_are_refused_in_every_layout() {
        for password in [
            "password12345",
            "Пароль123456",
            "йцукен123456",
            "qwertyuiop[]",
            "Клиника2026!",
            "gfhjkm123456",
            "стоматология",
            "құпиясөз1234",
            "111111111111",
        ] {
            assert!(weakness(password, &[]).is_some(), "{password} was taken");
        }
        assert_eq!(weakness("aigul.serikova1", &["aigul", "Serikova"]), Some(Weakness::Common));
    }

    #[test]
    fn long_phrases_are_taken_in_every_language() {
        for password in
            ["верблюд скачет мимо луны", "түйе айдың жанынан өтті", "correct horse battery staple"]
        {
            assert_eq!(weakness(password, &["aigul"]), None, "{password} was refused");
        }
    }

    #[test]
    fn one_time_passwords_are_readable_and_pass_the_rules() {
        let random = Random::fixed(3);
        for _ in 0..50 {
            let password = one_time(&random);
            assert_eq!(password.len(), 19);
            assert!(!password.contains(['0', 'o', '1', 'l', 'i']));
            assert_eq!(weakness(&password, &[]), None, "{}", *password);
        }
    }
}
