//! Somebody's keys, as their owner sees them.

use crate::clock::Timestamp;
use crate::ids::id;

id! {
    /// A passkey.
    PasskeyId
}

/// The longest name of a key, in characters.
const LONGEST_NAME: usize = 60;

/// One of somebody's keys.
#[derive(Clone, Debug, serde::Serialize, sqlx::FromRow)]
pub struct Passkey {
    pub id: PasskeyId,
    pub name: String,
    /// The name of the server it was made for; it works with no other.
    pub host: String,
    pub made_at: Timestamp,
    pub used_at: Option<Timestamp>,
    /// Whether its counter went back: somebody may have copied it.
    pub suspect: bool,
}

/// A key's name as typed; None when it is none.
pub fn named(typed: &str) -> Option<&str> {
    let name = typed.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    (fits && !name.chars().any(char::is_control)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_a_name_that_fits_a_line() {
        assert_eq!(named("  Ключ на связке "), Some("Ключ на связке"));
        assert_eq!((named("  "), named("a\nb")), (None, None));
        assert_eq!(named(&"я".repeat(61)), None);
        assert!(named(&"я".repeat(60)).is_some());
    }
}
