//! An e-mail address (RFC 5321 4.1.2) as far as mail providers give them out.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The longest that a server has to take (RFC 5321 4.5.3.1, erratum 1690).
const LONGEST: usize = 254;

/// Something at a name with a dot: ASCII, without quotes and comments.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Email(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not an e-mail address")]
pub struct NotAnEmail;

impl Email {
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        let text = text.trim();
        let (name, domain) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        let name_fits = !name.is_empty()
            && name.len() <= 64
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c))
            && name.split('.').all(|part| !part.is_empty());
        let is_label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let last = domain.rsplit('.').next().unwrap_or_default();
        let domain_fits = domain.contains('.')
            && domain.split('.').all(is_label)
            && last.starts_with(|c: char| c.is_ascii_alphabetic());
        if name_fits && domain_fits && text.len() <= LONGEST {
            Ok(Self(format!("{name}@{}", domain.to_ascii_lowercase())))
        } else {
            Err(NotAnEmail)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the `@`, in small letters.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// For whoever need not know all of it: `a•••@clinic.kz`.
    pub fn masked(&self) -> String {
        let first = self.0.chars().next().unwrap_or_default();
        format!("{first}•••@{}", self.domain())
    }

    pub(crate) fn mailbox(&self) -> lettre::Address {
        lettre::Address::from_str(&self.0).expect("ours are stricter than lettre's")
    }
}

impl std::fmt::Display for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_address_is_something_at_a_name_with_a_dot() {
        for fine in ["a@b.kz", "  owner.arai+crm@mail.arai.kz ", "o'neil@xn--80aswg.xn--p1ai"] {
            assert!(Email::parse(fine).is_ok(), "{fine}");
        }
        for odd in [
            "",
            "a",
            "a@",
            "@b.kz",
            "a@b",
            "a b@c.kz",
            "a@b..kz",
            "a@-b.kz",
            ".a@b.kz",
            "a@b.kz\r\nRCPT",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "иван@клиника.рф",
            "a,b@c.kz",
            "<a@b.kz>",
            "\"a b\"@c.kz",
        ] {
            assert_eq!(Email::parse(odd), Err(NotAnEmail), "{odd}");
        }
    }

    #[test]
    fn the_domain_is_read_in_small_letters_and_the_name_is_left_alone() {
        let address = Email::parse("Owner@Arai.KZ").unwrap();
        assert_eq!((address.as_str(), address.domain()), ("Owner@arai.kz", "arai.kz"));
        assert_eq!(address.masked(), "O•••@arai.kz");
    }

    proptest! {
        #[test]
        fn what_is_taken_is_one_line_and_an_address_to_the_library_too(text in "\\PC{0,40}@\\PC{0,40}") {
            if let Ok(address) = Email::parse(&text) {
                prop_assert!(address.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
                prop_assert_eq!(address.mailbox().to_string(), address.as_str());
            }
        }
    }
}
