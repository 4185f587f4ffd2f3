//! Step-up: somebody who is signed in proves once more that it is them, before
//! what cannot lightly be taken back (SECURITY.md 5.4).

use crate::access::attempts::{self, Place};
use crate::access::door::by_id;
use crate::access::{AccessError, store};
use crate::clinic::Clinic;
use crate::crypto::Verdict;
use crate::crypto::totp::TotpSecret;
use crate::vault::permission::{Permission, SignIn};
use crate::vault::{Actor, Event, Grant, Subject};

/// Takes the password and, where a second factor is set up, its code, which
/// must not have been used. Guessing is slowed down as at the door, and by nothing
/// that happens there.
///
/// # Errors
/// [`AccessError::Wrong`] whatever is wrong; [`AccessError::TooSoon`].
pub async fn prove<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    password: &str,
    code: &str,
) -> Result<(), AccessError> {
    let visitor = Actor::visitor(grant.actor().origin().clone());
    let door: Grant<SignIn> = visitor.grant().map_err(|_| AccessError::Wrong)?;
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    let attempt = attempts::begin(clinic, &door, staff, Place::Inside).await?;
    let found = by_id(clinic, &door, staff).await?;
    let now = clinic.clock().now();
    if clinic.passwords.verify(password, Some(&found.password_hash)).await? == Verdict::Wrong {
        return Err(attempt.failed(clinic, &door).await?);
    }
    let mut step = None;
    if let Some(secret) = &found.totp_secret {
        let checked = TotpSecret::from_bytes(secret.clone()).check(code.trim(), now.unix_seconds());
        let Some(new) = checked.filter(|new| found.totp_last_step < *new) else {
            return Err(attempt.failed(clinic, &door).await?);
        };
        step = Some(new);
    }
    let proven = clinic
        .vault
        .change(&door, async |tx| {
            if let Some(step) = step
                && !store::spend_step(tx, found.staff_id, step).await?
            {
                return Err(AccessError::Wrong);
            }
            attempt.succeeded(tx).await?;
            let proven = Event::new("session.proven", Subject::Clinic);
            Ok(((), proven.on("staff", found.staff_id)))
        })
        .await;
    match proven {
        Err(AccessError::Wrong) => Err(attempt.failed(clinic, &door).await?),
        other => other,
    }
}
