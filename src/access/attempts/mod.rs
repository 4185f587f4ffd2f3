//! Guessing is slowed down (SECURITY.md 5.5), and only for whoever guesses.
//!
//! Failures are counted by person and place: a browser on which they signed in
//! before, one of their sessions, or anywhere else. A stranger's guesses use up
//! the budget of strangers; nobody is locked out of their own desk by them. Of
//! guesses that come at the same moment each waits for the one before, so that
//! a thousand at once are no more than a thousand in a row.

mod store;

use crate::access::AccessError;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::turns::Turn;
use crate::vault::permission::SignIn;
use crate::vault::{DeskHash, Event, Grant, Subject, Tx, VaultError};

pub use store::forget;

/// Where somebody tries to prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a browser on which they signed in before.
    Known(DeskHash),
    /// From a session of their own.
    Inside,
    Elsewhere,
}

/// One attempt, alone until it is dropped.
pub struct Attempt {
    staff: StaffId,
    place: Place,
    _turn: Turn,
}

/// Failures that cost nothing: everybody mistypes.
const FREE_FAILURES: i64 = 5;
const FIRST_DELAY_MS: i64 = 2_000;
const LAST_DELAY_MS: i64 = 15 * 60 * 1000;

impl Place {
    /// As stored: nothing, one byte, or the hash of a browser.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Known(desk) => desk,
            Self::Inside => &[1],
            Self::Elsewhere => &[],
        }
    }
}

/// Begins an attempt, once those before it from the same place are through.
///
/// # Errors
/// [`AccessError::TooSoon`]: there were too many, and this one is not looked at.
pub async fn begin(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
    place: Place,
) -> Result<Attempt, AccessError> {
    let turn = clinic.attempts.wait((staff, place.bytes().to_vec())).await;
    let before = store::failures(&mut clinic.vault.read(grant).await?, staff, place).await?;
    let now = clinic.clock().now();
    let wait_ms = before.map_or(0, |(failures, last)| throttle_ms(failures, Some(last), now));
    if wait_ms > 0 {
        return Err(AccessError::TooSoon { wait_ms });
    }
    Ok(Attempt { staff, place, _turn: turn })
}

impl Attempt {
    /// It was right, to the last factor.
    pub async fn succeeded(&self, tx: &mut Tx) -> Result<(), VaultError> {
        store::clear(tx, self.staff, self.place).await
    }

    /// Writes the failure down and gives the error to answer with.
    pub async fn failed(
        &self,
        clinic: &Clinic,
        grant: &Grant<SignIn>,
    ) -> Result<AccessError, VaultError> {
        let (staff, place) = (self.staff, self.place);
        clinic
            .vault
            .change(grant, async |tx| {
                store::count(tx, staff, place).await?;
                let event = Event::new("sign_in.failed", Subject::Clinic);
                Ok::<_, VaultError>(((), event.on("staff", staff)))
            })
            .await?;
        Ok(AccessError::Wrong)
    }
}

/// Nobody has this login: the guess is in the ledger all the same.
pub async fn failed_for_nobody(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
) -> Result<AccessError, VaultError> {
    clinic.vault.record(grant, Event::new("sign_in.failed", Subject::Clinic)).await?;
    Ok(AccessError::Wrong)
}

/// How long until the next try is looked at: after five failures 2 s, doubling
/// up to 15 minutes (SECURITY.md 5.5). Zero when at once.
pub fn throttle_ms(failures: i64, last: Option<Timestamp>, now: Timestamp) -> i64 {
    let Some(last) = last.filter(|_| FREE_FAILURES <= failures) else { return 0 };
    let delay = FIRST_DELAY_MS << (failures - FREE_FAILURES).clamp(0, 20);
    (last.unix_ms() + delay.min(LAST_DELAY_MS) - now.unix_ms()).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_are_free_and_the_wait_doubles_up_to_a_quarter_of_an_hour() {
        let last = Timestamp::from_unix_ms(1_000_000);
        let throttle_ms = |failures, now| throttle_ms(failures, Some(last), now);
        assert_eq!(throttle_ms(4, last), 0);
        assert_eq!(throttle_ms(5, last), 2_000);
        assert_eq!(throttle_ms(7, last), 8_000);
        assert_eq!(throttle_ms(500, last), 15 * 60 * 1000);
        assert_eq!(throttle_ms(500, last.plus_ms(16 * 60 * 1000)), 0);
    }
}
