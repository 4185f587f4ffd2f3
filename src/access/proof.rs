//! Step-up: somebody who is signed in proves once more that it is them, before
//! what cannot lightly be taken back (SECURITY.md 5.4).

use crate::access::door::{by_id, failed};
use crate::access::model::throttle_ms;
use crate::access::{AccessError, store};
use crate::clinic::Clinic;
use crate::crypto::Verdict;
use crate::crypto::totp::TotpSecret;
use crate::vault::permission::{Permission, SignIn};
use crate::vault::{Actor, Event, Grant, Subject};

/// Takes the password and, where a second factor is set up, its code, which
/// must not have been used. Guessing is slowed down as at the door.
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
    let found = by_id(clinic, &door, grant.staff().ok_or(AccessError::NoSuchPerson)?).await?;
    let now = clinic.clock().now();
    let wait_ms = throttle_ms(found.failures, found.last_failed_at, now);
    if wait_ms > 0 {
        return Err(AccessError::TooSoon { wait_ms });
    }
    if clinic.passwords.verify(password, Some(&found.password_hash)).await? == Verdict::Wrong {
        return Err(failed(clinic, &door, &found.login).await?);
    }
    let mut step = None;
    if let Some(secret) = &found.totp_secret {
        let checked = TotpSecret::from_bytes(secret.clone()).check(code.trim(), now.unix_seconds());
        let Some(new) = checked.filter(|new| found.totp_last_step < *new) else {
            return Err(failed(clinic, &door, &found.login).await?);
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
            store::succeeded(tx, found.staff_id).await?;
            let proven = Event::new("session.proven", Subject::Clinic);
            Ok(((), proven.on("staff", found.staff_id)))
        })
        .await;
    match proven {
        Err(AccessError::Wrong) => Err(failed(clinic, &door, &found.login).await?),
        other => other,
    }
}
