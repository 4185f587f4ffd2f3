//! Recovery codes: for somebody whose phone with the authenticator is gone.
//! 120 random bits each, good once, stored as hashes (SECURITY.md 5.3).

pub(super) mod store;

use crate::access::AccessError;
use crate::clinic::Clinic;
use crate::crypto::hash::sha256;
use crate::vault::Grant;
use crate::vault::permission::OwnAccount;
use crate::vault::{Event, Subject};

/// How many are made at a time.
pub const COUNT: usize = 10;

/// Letters and digits of one code.
const LENGTH: usize = 24;

/// New codes in place of all earlier ones: shown this once.
pub async fn renew(clinic: &Clinic, grant: &Grant<OwnAccount>) -> Result<Vec<String>, AccessError> {
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    let codes: Vec<String> = (0..COUNT).map(|_| clinic.random.base32::<15>()).collect();
    clinic
        .vault
        .change(grant, async |tx| {
            store::replace(tx, staff, codes.iter().map(|code| hash_of(code))).await?;
            let event = Event::new("recovery_codes.made", Subject::Clinic).on("staff", staff);
            Ok::<_, AccessError>(((), event))
        })
        .await?;
    Ok(codes.iter().map(|code| grouped(code)).collect())
}

/// How many of one's codes are left.
pub async fn left(clinic: &Clinic, grant: &Grant<OwnAccount>) -> Result<i64, AccessError> {
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    Ok(store::left(&mut clinic.vault.read(grant).await?, staff).await?)
}

/// The hash of what was typed, if it can be a recovery code: letters in either
/// case, with or without spaces and hyphens.
pub fn understand(typed: &str) -> Option<[u8; 32]> {
    let code: String =
        typed.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    (code.len() == LENGTH).then(|| hash_of(&code))
}

fn hash_of(code: &str) -> [u8; 32] {
    sha256(code.as_bytes())
}

/// `ABCD-EFGH-…`, to write down and type.
fn grouped(code: &str) -> String {
    let groups: Vec<&str> =
        code.as_bytes().chunks(4).filter_map(|g| str::from_utf8(g).ok()).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it_and_nothing_else_is_one() {
        let code = "ABCDEFGHIJKLMNOPQRST2345";
        assert_eq!(grouped(code), "ABCD-EFGH-IJKL-MNOP-QRST-2345");
        assert_eq!(understand(&grouped(code).to_lowercase()), Some(hash_of(code)));
        assert_eq!(understand(" ABCD EFGH IJKL MNOP QRST 2345 "), Some(hash_of(code)));
        assert_eq!(understand("482913"), None);
    }
}
