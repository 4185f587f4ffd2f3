//! Passkeys of the people who work here: made, listed and taken away by their
//! owners, and given in place of password and code (W3C Web Authentication;
//! SECURITY.md 5.3). The password and the recovery codes go on working, so a
//! lost key locks nobody out.

mod model;
pub(super) mod store;

use crate::access::door::{by_id, enter};
use crate::access::{AccessError, Progress};
use crate::clinic::Clinic;
use crate::crypto::passkeys::{Answer, Home, KnownKey, PasskeyError};
use crate::ids::StaffId;
use crate::vault::permission::{OwnAccount, Permission, SignIn};
use crate::vault::{Actor, DeskHash, Event, Factors, Grant, SessionToken, Subject};

pub use model::{Passkey, PasskeyId, named};
use store::Stored;

/// Where passkeys of this server work.
///
/// # Errors
/// The host's name, when they cannot.
pub fn home(clinic: &Clinic) -> Result<Home, String> {
    Home::of(&clinic.places.staff_url)
}

/// One's own keys, the newest first.
pub async fn own(clinic: &Clinic, grant: &Grant<OwnAccount>) -> Result<Vec<Passkey>, AccessError> {
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    Ok(store::of(&mut clinic.vault.read(grant).await?, staff).await?)
}

/// What the browser needs to make a key for whoever asks, as JSON.
pub async fn ask_to_make(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
) -> Result<String, AccessError> {
    let home = home(clinic).map_err(|_| PasskeyError::NoHome)?;
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    let person = grant.actor().person().ok_or(AccessError::NoSuchPerson)?;
    let known = store::known(&mut clinic.vault.read(grant).await?, staff).await?;
    let (from, now) = (grant.actor().origin().ip, clinic.clock().now());
    let called = (person.login.as_str(), person.name.as_str());
    Ok(clinic.passkeys.ask_to_make(&home, staff.as_uuid(), called, known, (from, now))?)
}

/// Keeps the key that the browser made.
///
/// # Errors
/// [`AccessError::BadKeyName`] before anything else, so that the question is
/// not spent; [`AccessError::Passkey`].
pub async fn register(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    name: &str,
    answer: &str,
) -> Result<PasskeyId, AccessError> {
    let home = home(clinic).map_err(|_| PasskeyError::NoHome)?;
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    let name = named(name).ok_or(AccessError::BadKeyName)?;
    let now = clinic.clock().now();
    let made = clinic.passkeys.made(&home, staff.as_uuid(), answer, now)?;
    clinic
        .vault
        .change(grant, async |tx| {
            let id = PasskeyId::new(tx.now());
            store::insert(tx, (id, staff), &made, (&home.host, name)).await?;
            let event = Event::new("passkey.registered", Subject::Clinic).on("staff", staff);
            Ok((id, event.with_detail(serde_json::json!({ "passkey": id }))))
        })
        .await
}

/// Takes one's own key away.
pub async fn remove(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    id: PasskeyId,
) -> Result<(), AccessError> {
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    clinic
        .vault
        .change(grant, async |tx| {
            if !store::remove(tx, staff, id).await? {
                return Err(AccessError::NoSuchRole);
            }
            let event = Event::new("passkey.removed", Subject::Clinic).on("staff", staff);
            Ok(((), event.with_detail(serde_json::json!({ "passkey": id }))))
        })
        .await
}

/// What the browser needs to use a key at the door, as JSON.
pub fn ask_at_door(clinic: &Clinic, grant: &Grant<SignIn>) -> Result<String, AccessError> {
    ask(clinic, grant, None)
}

/// The same of somebody who is in, to show that it is them.
pub fn ask_for_proof<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
) -> Result<String, AccessError> {
    ask(clinic, grant, Some(grant.staff().ok_or(AccessError::NoSuchPerson)?))
}

/// The same of somebody whose screen is locked.
pub fn ask_to_unlock(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
) -> Result<String, AccessError> {
    ask(clinic, grant, Some(staff))
}

/// Whether a key of theirs opens their locked screen here.
pub async fn unlocks(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
) -> Result<bool, AccessError> {
    if home(clinic).is_err() {
        return Ok(false);
    }
    let keys = store::of(&mut clinic.vault.read(grant).await?, staff).await?;
    Ok(keys.iter().any(|key| !key.suspect))
}

fn ask<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    of: Option<StaffId>,
) -> Result<String, AccessError> {
    let home = home(clinic).map_err(|_| PasskeyError::NoHome)?;
    let (from, now) = (grant.actor().origin().ip, clinic.clock().now());
    Ok(clinic.passkeys.ask_to_use(&home, of.map(StaffId::as_uuid), (from, now))?)
}

/// Lets somebody in by their key: two factors, for the authenticator has looked
/// who holds it.
///
/// # Errors
/// [`AccessError::Passkey`], [`AccessError::Held`].
pub async fn sign_in(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    answer: &str,
    desk: Option<DeskHash>,
) -> Result<Progress, AccessError> {
    let staff = believe(clinic, grant, None, answer).await?;
    enter(clinic, grant, staff, desk, Factors::Two).await
}

/// Proves by a key that it is still whoever signed in.
///
/// # Errors
/// [`AccessError::Passkey`], also when the key is a colleague's.
pub async fn prove<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    token: &SessionToken,
    answer: &str,
) -> Result<(), AccessError> {
    let visitor = Actor::visitor(grant.actor().origin().clone());
    let door: Grant<SignIn> = visitor.grant().map_err(|_| AccessError::Wrong)?;
    let staff = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    believe(clinic, &door, Some(staff), answer).await?;
    clinic.vault.mark_proven(token);
    Ok(())
}

/// Opens a locked screen for its owner, by their key.
///
/// # Errors
/// [`AccessError::Passkey`], also when the key is a colleague's.
pub async fn unlock(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
    token: &SessionToken,
    answer: &str,
) -> Result<(), AccessError> {
    believe(clinic, grant, Some(staff), answer).await?;
    Ok(clinic.vault.unlock_session(grant, token).await?)
}

/// Whose key it was, once everything about it is right, and what it was for is
/// in the ledger.
async fn believe(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    of: Option<StaffId>,
    answer: &str,
) -> Result<StaffId, AccessError> {
    let home = home(clinic).map_err(|_| PasskeyError::NoHome)?;
    let Some((answer, found)) = recognise(clinic, grant, of, answer).await? else {
        let event = Event::new("sign_in.failed", Subject::Clinic).because("passkey");
        clinic.vault.record(grant, event).await?;
        return Err(PasskeyError::Wrong.into());
    };
    let held = by_id(clinic, grant, found.staff_id).await?.held;
    let known = KnownKey { public: found.public_key, state: found.state };
    let whose = of.map(StaffId::as_uuid);
    let now = clinic.clock().now();
    let used = match clinic.passkeys.used(&home, whose, &answer, &known, now) {
        Ok(_) if found.suspect => Err(PasskeyError::CounterWentBack),
        other => other,
    };
    match used {
        Ok(_) if held => Err(AccessError::Held),
        Ok(state) => {
            let act = if of.is_some() { "session.proven" } else { "sign_in.passkey_used" };
            keep(clinic, grant, (found.id, found.staff_id), (&known.state, &state), act).await
        }
        Err(error) => Err(refuse(clinic, grant, found.id, found.staff_id, error).await?),
    }
}

/// The answer and the key that it says it comes from; None when it is of no key
/// of ours, or of another's.
async fn recognise(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    of: Option<StaffId>,
    answer: &str,
) -> Result<Option<(Answer, Stored)>, AccessError> {
    let Ok(answer) = Answer::read(answer) else { return Ok(None) };
    let found = store::find(&mut clinic.vault.read(grant).await?, &answer.key).await?;
    let found = found.filter(|found| found.staff_id.as_uuid() == answer.owner);
    let found = found.filter(|found| of.is_none_or(|staff| found.staff_id == staff));
    Ok(found.map(|found| (answer, found)))
}

/// Keeps what the key counted. Of two answers that were right at the same
/// moment, the second finds another state than it was compared with.
async fn keep(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    (id, staff): (PasskeyId, StaffId),
    (old, new): (&[u8], &[u8]),
    act: &'static str,
) -> Result<StaffId, AccessError> {
    clinic
        .vault
        .change(grant, async |tx| {
            if !store::used(tx, id, old, new).await? {
                return Err(PasskeyError::Wrong.into());
            }
            let event = Event::new(act, Subject::Clinic).on("staff", staff).because("passkey");
            Ok((staff, event.with_detail(serde_json::json!({ "passkey": id }))))
        })
        .await
}

/// Writes down what was wrong. A key whose counter went back may have been
/// copied: it opens nothing more, whoever holds which of the two.
async fn refuse(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    id: PasskeyId,
    staff: StaffId,
    error: PasskeyError,
) -> Result<AccessError, AccessError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let copied = error == PasskeyError::CounterWentBack;
            if copied {
                store::suspect(tx, id).await?;
            }
            let act = if copied { "passkey.counter_went_back" } else { "sign_in.failed" };
            let event = Event::new(act, Subject::Clinic).on("staff", staff).because("passkey");
            let detail = serde_json::json!({ "passkey": id });
            Ok::<_, AccessError>(((), event.with_detail(detail)))
        })
        .await?;
    Ok(error.into())
}
