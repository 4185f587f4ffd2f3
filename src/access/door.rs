//! The door: signing in, step by step.
//!
//! Password, then the second factor, unless the clinic lets a role do with the
//! password alone ([`rules`](crate::access::rules)); or a passkey in place of
//! both ([`passkeys`](crate::access::passkeys)).

use crate::access::attempts::{self, Attempt};
use crate::access::challenge::{Challenge, Step};
use crate::access::model::Credential;
use crate::access::{AccessError, devices, passwords, recovery_codes, store};
use crate::clinic::Clinic;
use crate::crypto::Verdict;
use crate::crypto::totp::TotpSecret;
use crate::ids::StaffId;
use crate::vault::permission::SignIn;
use crate::vault::{DeskHash, Event, Factors, Grant, SessionToken, Subject, VaultError};

/// How far signing in has come.
pub enum Progress {
    Done(Entered),
    /// Another step, to be taken with this sealed challenge.
    Next {
        step: Step,
        challenge: String,
    },
}

/// Somebody is in.
pub struct Entered {
    pub token: SessionToken,
    pub staff: StaffId,
}

/// The first step: login and password. `desk` is the browser; whether it was here
/// before decides whose guesses slow it down ([`attempts`]).
pub async fn give_password(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    login: &str,
    password: &str,
    desk: Option<DeskHash>,
) -> Result<Progress, AccessError> {
    let found = credential(clinic, grant, login).await?;
    let Some(found) = found else {
        clinic.passwords.verify(password, None).await?;
        return Err(attempts::failed_for_nobody(clinic, grant).await?);
    };
    let attempt = begin(clinic, grant, found.staff_id, desk).await?;
    let stored = Some(found.password_hash.as_str());
    if clinic.passwords.verify(password, stored).await? == Verdict::Wrong {
        return Err(attempt.failed(clinic, grant).await?);
    }
    if found.held {
        return Err(AccessError::Held);
    }
    if found.must_change {
        return Ok(next(clinic, found.staff_id, Step::NewPassword));
    }
    after_password(clinic, grant, (&found, &attempt), desk).await
}

/// The second factor; or in, where none is set up and the clinic asks for none.
async fn after_password(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    (found, attempt): (&Credential, &Attempt),
    desk: Option<DeskHash>,
) -> Result<Progress, AccessError> {
    if found.totp_secret.is_some() {
        return Ok(next(clinic, found.staff_id, Step::Code));
    }
    if clinic.vault.needs_two_factors(grant, found.staff_id).await? {
        return Ok(next(clinic, found.staff_id, enrol_step(clinic)));
    }
    clinic
        .vault
        .change(grant, async |tx| {
            attempt.succeeded(tx).await?;
            let event = Event::new("sign_in.succeeded", Subject::Clinic);
            Ok::<_, VaultError>(((), event.on("staff", found.staff_id).because("password")))
        })
        .await?;
    enter(clinic, grant, found.staff_id, desk, Factors::One).await
}

/// A later step: the code, whether of a factor in use or of one being set up.
pub async fn give_code(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    challenge: &str,
    code: &str,
    desk: Option<DeskHash>,
) -> Result<Progress, AccessError> {
    let challenge = Challenge::open(clinic, challenge).ok_or(AccessError::StartOver)?;
    let attempt = begin(clinic, grant, challenge.staff, desk).await?;
    let found = by_id(clinic, grant, challenge.staff).await?;
    let now = clinic.clock().now();
    let (secret, enrolling) = match (&challenge.next, &found.totp_secret) {
        (Step::Code, Some(secret)) => (TotpSecret::from_bytes(secret.clone()), false),
        (Step::Enrol(secret), None) => {
            (TotpSecret::from_base32(secret).ok_or(AccessError::StartOver)?, true)
        }
        _ => return Err(AccessError::StartOver),
    };
    if let Some(hash) = recovery_codes::understand(code).filter(|_| !enrolling) {
        return spend(clinic, grant, &attempt, (found.staff_id, hash), desk).await;
    }
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let step = secret.check(&digits, now.unix_seconds());
    let Some(step) = step.filter(|step| found.totp_last_step < *step) else {
        return Err(attempt.failed(clinic, grant).await?);
    };
    let spent = clinic
        .vault
        .change(grant, async |tx| {
            if enrolling {
                store::enrol(tx, found.staff_id, secret.bytes()).await?;
            }
            if !store::spend_step(tx, found.staff_id, step).await? {
                return Err(AccessError::Wrong);
            }
            attempt.succeeded(tx).await?;
            let event = Event::new("sign_in.succeeded", Subject::Clinic);
            Ok(((), event.on("staff", found.staff_id)))
        })
        .await;
    finish(clinic, grant, &attempt, (found.staff_id, desk), spent).await
}

/// In, or a failure that is written down.
async fn finish(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    attempt: &Attempt,
    (staff, desk): (StaffId, Option<DeskHash>),
    spent: Result<(), AccessError>,
) -> Result<Progress, AccessError> {
    match spent {
        Ok(()) => enter(clinic, grant, staff, desk, Factors::Two).await,
        Err(AccessError::Wrong) => Err(attempt.failed(clinic, grant).await?),
        Err(other) => Err(other),
    }
}

/// Lets somebody in with a recovery code in place of the second factor.
async fn spend(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    attempt: &Attempt,
    (staff, hash): (StaffId, [u8; 32]),
    desk: Option<DeskHash>,
) -> Result<Progress, AccessError> {
    let spent = clinic
        .vault
        .change(grant, async |tx| {
            if !recovery_codes::store::spend(tx, staff, &hash).await? {
                return Err(AccessError::Wrong);
            }
            attempt.succeeded(tx).await?;
            let event = Event::new("sign_in.recovery_code_used", Subject::Clinic);
            Ok(((), event.on("staff", staff)))
        })
        .await;
    finish(clinic, grant, attempt, (staff, desk), spent).await
}

/// A session of somebody who has just proven who they are: as good as a proof.
pub(super) async fn enter(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
    desk: Option<DeskHash>,
    factors: Factors,
) -> Result<Progress, AccessError> {
    let token = clinic.vault.start_session(grant, staff, desk, factors).await?;
    clinic.vault.mark_proven(&token);
    Ok(Progress::Done(Entered { token, staff }))
}

/// A later step: a password of one's own in place of the one-time one.
pub async fn give_new_password(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    challenge: &str,
    password: &str,
    desk: Option<DeskHash>,
) -> Result<Progress, AccessError> {
    let opened = Challenge::open(clinic, challenge).ok_or(AccessError::StartOver)?;
    let found = by_id(clinic, grant, opened.staff).await?;
    if opened.next != Step::NewPassword || !found.must_change {
        return Err(AccessError::StartOver);
    }
    let attempt = begin(clinic, grant, found.staff_id, desk).await?;
    passwords::set(clinic, grant, &found, password).await?;
    after_password(clinic, grant, (&found, &attempt), desk).await
}

/// Signs somebody in at once, with a code when a second factor is set up: for
/// the suite and for programs.
///
/// # Errors
/// [`AccessError::Wrong`] whatever is wrong.
pub async fn sign_in(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    login: &str,
    password: &str,
    code: Option<&str>,
) -> Result<SessionToken, AccessError> {
    match give_password(clinic, grant, login, password, None).await? {
        Progress::Done(entered) => Ok(entered.token),
        Progress::Next { step: Step::Code, challenge } => {
            match give_code(clinic, grant, &challenge, code.unwrap_or_default(), None).await? {
                Progress::Done(entered) => Ok(entered.token),
                Progress::Next { .. } => Err(AccessError::StartOver),
            }
        }
        Progress::Next { step: Step::Enrol(_), challenge } => {
            let opened = Challenge::open(clinic, &challenge).ok_or(AccessError::StartOver)?;
            let found = by_id(clinic, grant, opened.staff).await?;
            Ok(clinic.vault.start_session(grant, found.staff_id, None, Factors::Two).await?)
        }
        Progress::Next { step: Step::NewPassword, .. } => Err(AccessError::StartOver),
    }
}

async fn credential(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    login: &str,
) -> Result<Option<Credential>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::credential(&mut reader, login).await
}

pub(super) async fn by_id(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
) -> Result<Credential, AccessError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::credential_of(&mut reader, staff).await?.ok_or(AccessError::StartOver)
}

/// An attempt on a browser that may have been here before.
async fn begin(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
    desk: Option<DeskHash>,
) -> Result<Attempt, AccessError> {
    let place = devices::place(clinic, grant, staff, desk).await?;
    attempts::begin(clinic, grant, staff, place).await
}

fn enrol_step(clinic: &Clinic) -> Step {
    Step::Enrol(TotpSecret::generate(&clinic.random).to_base32().to_string())
}

fn next(clinic: &Clinic, staff: StaffId, step: Step) -> Progress {
    let challenge = Challenge::new(staff, step.clone(), clinic.clock().now()).seal(clinic);
    Progress::Next { step, challenge }
}
