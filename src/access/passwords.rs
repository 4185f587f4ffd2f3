//! Passwords: set by their owners, by the rules of NIST SP 800-63B, and given
//! once more to open a locked screen.

use crate::access::attempts::{self, Place};
use crate::access::door::by_id;
use crate::access::model::{Credential, words_of};
use crate::access::{AccessError, store};
use crate::clinic::Clinic;
use crate::crypto::Verdict;
use crate::crypto::password::weakness;
use crate::ids::StaffId;
use crate::vault::permission::{OwnAccount, Permission, SignIn};
use crate::vault::{Actor, Event, Grant, SessionToken, Subject};

/// What this program is called, in the spellings people know.
const PRODUCT: &str = "tirkeu Тіркеу Тиркеу";

/// Changes one's own password, given the present one.
pub async fn change_password(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    present: &str,
    password: &str,
) -> Result<(), AccessError> {
    let door: Grant<SignIn> =
        Actor::visitor(grant.actor().origin().clone()).grant().map_err(|_| AccessError::Wrong)?;
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    let attempt = attempts::begin(clinic, &door, staff, Place::Inside).await?;
    let found = by_id(clinic, &door, staff).await?;
    if clinic.passwords.verify(present, Some(&found.password_hash)).await? == Verdict::Wrong {
        return Err(attempt.failed(clinic, &door).await?);
    }
    set(clinic, grant, &found, password).await
}

/// Opens a locked screen for its owner.
///
/// # Errors
/// [`AccessError::Wrong`]; [`AccessError::TooSoon`].
pub async fn unlock(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
    token: &SessionToken,
    password: &str,
) -> Result<(), AccessError> {
    let attempt = attempts::begin(clinic, grant, staff, Place::Inside).await?;
    let found = by_id(clinic, grant, staff).await?;
    if clinic.passwords.verify(password, Some(&found.password_hash)).await? == Verdict::Wrong {
        return Err(attempt.failed(clinic, grant).await?);
    }
    Ok(clinic.vault.unlock_session(grant, token).await?)
}

/// Any password of somebody's own, once it is good enough.
pub(super) async fn set<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    found: &Credential,
    password: &str,
) -> Result<(), AccessError> {
    let clinic_name = clinic.profile.get().name.clone();
    let known = words_of(&[&found.login, &found.name, &clinic_name, PRODUCT]);
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    if let Some(weakness) = weakness(password, &known) {
        return Err(AccessError::Weak(weakness));
    }
    let hash = clinic.passwords.hash(password).await?;
    clinic
        .vault
        .change(grant, async |tx| {
            store::set_password(tx, found.staff_id, &hash).await?;
            let event = Event::new("password.changed", Subject::Clinic);
            Ok::<_, AccessError>(((), event.on("staff", found.staff_id)))
        })
        .await
}
