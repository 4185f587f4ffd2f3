//! The PIN of a shared desk: six digits that open one's own locked session on
//! the browser it was started on, so that the person in the ledger is always the
//! one at the keyboard. It starts no session, and five wrong ones end it.

mod store;

use crate::access::AccessError;
use crate::access::door::by_id;
use crate::clinic::Clinic;
use crate::crypto::Verdict;
use crate::ids::StaffId;
use crate::vault::permission::{OwnAccount, SignIn};
use crate::vault::{DeskHash, Event, Grant, SessionToken, Subject, VaultError};

/// Digits of a PIN.
const DIGITS: usize = 6;

/// After so many wrong ones in a row the PIN is gone and the password is asked.
pub const MOST_FAILURES: i64 = 5;

/// Somebody whose session on this browser waits, locked.
#[derive(Clone, Debug, serde::Serialize)]
pub struct AtDesk {
    pub staff: StaffId,
    pub name: String,
    pub has_pin: bool,
}

/// Sets one's own PIN.
///
/// # Errors
/// [`AccessError::BadPin`] when it is not six digits or one of the first that
/// anybody tries.
pub async fn set(clinic: &Clinic, grant: &Grant<OwnAccount>, pin: &str) -> Result<(), AccessError> {
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    if !is_pin(pin) || is_guessable(pin) {
        return Err(AccessError::BadPin);
    }
    let hash = clinic.passwords.hash(&peppered(clinic, staff, pin)).await?;
    clinic
        .vault
        .change(grant, async |tx| {
            store::set(tx, staff, &hash).await?;
            Ok(((), Event::new("pin.set", Subject::Clinic).on("staff", staff)))
        })
        .await
}

/// Whose sessions wait on this browser beside the one that asks.
pub async fn at_desk(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    desk: &DeskHash,
    but: Option<StaffId>,
) -> Result<Vec<AtDesk>, VaultError> {
    let waiting = clinic.vault.at_desk(desk);
    let mut reader = clinic.vault.read(grant).await?;
    let mut found = Vec::new();
    for (staff, name) in waiting.into_iter().filter(|(staff, _)| Some(*staff) != but) {
        let stored = store::of(&mut reader, staff).await?;
        let has_pin = stored.is_some_and(|(_, failures)| failures < MOST_FAILURES);
        found.push(AtDesk { staff, name, has_pin });
    }
    Ok(found)
}

/// Opens somebody's waiting session on this browser, under a new cookie.
///
/// # Errors
/// [`AccessError::Wrong`]; [`AccessError::StartOver`] when there is no PIN or
/// session any more.
pub async fn switch(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    desk: &DeskHash,
    staff: StaffId,
    pin: &str,
) -> Result<SessionToken, AccessError> {
    let hash = count(clinic, grant, staff).await?;
    let typed = peppered(clinic, staff, pin);
    if clinic.passwords.verify(&typed, Some(&hash)).await? == Verdict::Wrong {
        let event = Event::new("sign_in.failed", Subject::Clinic).on("staff", staff);
        clinic.vault.record(grant, event.because("pin")).await?;
        return Err(AccessError::Wrong);
    }
    // Whoever left or was reset meanwhile has no session to open.
    by_id(clinic, grant, staff).await?;
    let token = clinic.vault.switch_session(grant, desk, staff).await?;
    let token = token.ok_or(AccessError::StartOver)?;
    clinic
        .vault
        .change(grant, async |tx| {
            store::succeeded(tx, staff).await?;
            Ok::<_, AccessError>(((), Event::new("pin.used", Subject::Clinic).on("staff", staff)))
        })
        .await?;
    Ok(token)
}

/// Counts a try before it is looked at: of many that come at the same moment
/// no more than [`MOST_FAILURES`] are. Gives what to compare with.
async fn count(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
) -> Result<String, AccessError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let hash = store::count(tx, staff, MOST_FAILURES).await?;
            let hash = hash.ok_or(AccessError::StartOver)?;
            Ok((hash, Event::new("pin.tried", Subject::Clinic).on("staff", staff)))
        })
        .await
}

fn is_pin(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// All alike, or each one more or less than the one before, or two that repeat.
fn is_guessable(pin: &str) -> bool {
    let digits = pin.as_bytes();
    let steps: Vec<i16> = digits.windows(2).map(|w| i16::from(w[1]) - i16::from(w[0])).collect();
    let runs = steps.iter().all(|step| *step == steps[0] && step.abs() <= 1);
    runs || digits[..2] == digits[2..4] && digits[2..4] == digits[4..6]
        || digits[..3] == digits[3..]
}

/// What is hashed: without the key ring a stolen table of six digits is worth
/// nothing.
fn peppered(clinic: &Clinic, staff: StaffId, pin: &str) -> String {
    let tag = clinic.keys.get().pin_pepper().sign(&[
        b"pin",
        staff.to_string().as_bytes(),
        pin.as_bytes(),
    ]);
    data_encoding::HEXLOWER.encode(&tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_pins_that_anybody_tries_are_none() {
        for pin in ["000000", "123456", "654321", "121212", "123123"] {
            assert!(is_guessable(pin), "{pin}");
        }
        assert!(!is_guessable("204816") && is_pin("204816"));
        assert!(!is_pin("12345") && !is_pin("12345a") && !is_pin("１２３４５６"));
    }
}
