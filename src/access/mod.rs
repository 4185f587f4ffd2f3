//! Access: who works here, and how they prove who they are.
//!
//! Argon2id for passwords, TOTP (RFC 6238) as the second factor for everybody,
//! throttling that slows a guesser down and cannot lock the clinic out
//! (SECURITY.md 5.3–5.5).

mod challenge;
pub mod devices;
mod model;
pub mod pin;
mod proof;
pub mod recovery_codes;
pub mod rights;
mod routes;
mod store;
mod trust;
mod views;

use crate::clinic::Clinic;
use crate::crypto::password::weakness;
use crate::crypto::totp::TotpSecret;
use crate::crypto::{PasswordError, Verdict, Weakness};
use crate::ids::StaffId;
use crate::vault::permission::{GiveRights, ManageStaff, OwnAccount, Role, SignIn, ViewStaff};
use crate::vault::{DeskHash, Event, Grant, SessionToken, Subject, Tx, VaultError, Violation};

pub use challenge::{Challenge, Step};
use model::Credential;
pub use model::{NewStaff, StaffMember, login_fault, throttle_ms};
pub use proof::prove;
pub use routes::{
    AccessList, AccountPage, CodesPage, EnrolPage, PasswordPage, PersonPage, ProvePage, RolePage,
    RolesPage, SignInPage, StaffPage, UnlockPage, public_routes, routes,
};
pub use trust::TrustPage;

/// What this program is called, in the spellings people know.
const PRODUCT: &str = "tirkeu Тіркеу Тиркеу";

/// Why somebody was not added or not signed in.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    #[error("there is somebody with this login already")]
    LoginTaken,
    /// Latin letters, digits, dots and dashes only.
    #[error("this cannot be a login")]
    BadLogin,
    /// Login, password or code: which of them is not said.
    #[error("the login, the password or the code is wrong")]
    Wrong,
    /// Until the next try is looked at.
    #[error("too many attempts")]
    TooSoon { wait_ms: i64 },
    /// The steps took too long or were tampered with.
    #[error("sign in from the beginning")]
    StartOver,
    #[error("the password is too weak")]
    Weak(Weakness),
    #[error("there is nobody like that")]
    NoSuchPerson,
    /// Somebody must be able to let others in.
    #[error("the last owner stays")]
    LastOwner,
    /// Only who gives rights touches an owner's account.
    #[error("an owner's account is another owner's to change")]
    OwnersOnly,
    /// Somebody who does not give rights entered or reset the account.
    #[error("the account waits for an owner's yes")]
    Held,
    /// Not six digits, or the first that anybody tries.
    #[error("this cannot be a PIN")]
    BadPin,
    #[error("nobody gives rights to themselves")]
    OwnRights,
    #[error("there is a role with this name already")]
    NameTaken,
    #[error("a role without rights")]
    NoRights,
    #[error("there is no such role, or it has ended")]
    NoSuchRole,
    #[error("the time is over, ends before it begins or is too long")]
    BadTime,
    #[error(transparent)]
    Password(#[from] PasswordError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// How far signing in has come.
pub enum Progress {
    Done(SessionToken),
    /// Another step, to be taken with this sealed challenge.
    Next {
        step: Step,
        challenge: String,
    },
}

/// Enters a member of staff.
///
/// # Errors
/// [`AccessError::LoginTaken`] when the login is somebody's.
pub async fn add(
    clinic: &Clinic,
    grant: &Grant<ManageStaff>,
    new: &NewStaff,
) -> Result<StaffId, AccessError> {
    if login_fault(&new.login) {
        return Err(AccessError::BadLogin);
    }
    if new.role == Role::Owner && !lets_in(grant) {
        return Err(AccessError::OwnersOnly);
    }
    let hash = clinic.passwords.hash(&new.password).await?;
    clinic
        .vault
        .change(grant, async |tx| {
            let id = StaffId::new(tx.now());
            store::insert_staff(tx, id, new).await.map_err(|error| match error.violation() {
                Some(Violation::Unique) => AccessError::LoginTaken,
                _ => error.into(),
            })?;
            store::insert_credential(tx, id, &hash, new).await?;
            hold(tx, grant, id, "added").await?;
            let added = Event::new("staff.added", Subject::Clinic)
                .on("staff", id)
                .with_detail(serde_json::json!({ "role": new.role }));
            Ok((id, added))
        })
        .await
}

/// Everybody who works or worked here, by name.
pub async fn staff(
    clinic: &Clinic,
    grant: &Grant<ViewStaff>,
) -> Result<Vec<StaffMember>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::staff(&mut reader).await
}

/// Gives somebody a new one-time password and takes their second factor away:
/// both are set up anew at the next sign-in. Ends their sessions.
pub async fn reset(
    clinic: &Clinic,
    grant: &Grant<ManageStaff>,
    login: &str,
    password: &str,
) -> Result<StaffId, AccessError> {
    let hash = clinic.passwords.hash(password).await?;
    let id = clinic
        .vault
        .change(grant, async |tx| {
            let id = store::id_of(tx, login).await?.ok_or(AccessError::NoSuchPerson)?;
            not_an_owner(tx, grant, id).await?;
            store::reset(tx, id, &hash).await?;
            hold(tx, grant, id, "reset").await?;
            let reset = Event::new("staff.reset", Subject::Clinic).on("staff", id);
            Ok::<_, AccessError>((id, reset))
        })
        .await?;
    clinic.vault.end_sessions_of(grant, id).await?;
    Ok(id)
}

/// Somebody leaves: no more sign-ins, sessions over at once, the name stays in
/// what they did.
///
/// # Errors
/// [`AccessError::LastOwner`] when nobody could let others in any more.
pub async fn leave(
    clinic: &Clinic,
    grant: &Grant<ManageStaff>,
    id: StaffId,
) -> Result<(), AccessError> {
    clinic
        .vault
        .change(grant, async |tx| {
            not_an_owner(tx, grant, id).await?;
            if store::is_last_owner(tx, id).await? {
                return Err(AccessError::LastOwner);
            }
            if !store::leave(tx, id).await? {
                return Err(AccessError::NoSuchPerson);
            }
            Ok(((), Event::new("staff.left", Subject::Clinic).on("staff", id)))
        })
        .await?;
    Ok(clinic.vault.end_sessions_of(grant, id).await?)
}

/// Whether what this actor opens is open at once: an owner's and the console's.
/// A system administrator's never is, whatever they are lent.
fn lets_in(grant: &Grant<ManageStaff>) -> bool {
    grant.actor().may::<GiveRights>() && grant.actor().role() != Role::Sysadmin
}

/// What others open stays shut until somebody else says yes: otherwise whoever
/// keeps the machine running, or the list of staff, could let themselves in.
async fn hold(
    tx: &mut Tx,
    grant: &Grant<ManageStaff>,
    whom: StaffId,
    cause: &'static str,
) -> Result<(), VaultError> {
    match grant.staff().filter(|_| !lets_in(grant)) {
        Some(by) => rights::store::hold(tx, whom, by, cause).await,
        None => Ok(()),
    }
}

async fn not_an_owner(
    tx: &mut Tx,
    grant: &Grant<ManageStaff>,
    whom: StaffId,
) -> Result<(), AccessError> {
    if !lets_in(grant) && store::is_owner(tx, whom).await? {
        return Err(AccessError::OwnersOnly);
    }
    Ok(())
}

/// The first step: login and password. `known` is whether this browser has
/// signed this login in before; an outsider's guesses do not slow it down.
pub async fn give_password(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    login: &str,
    password: &str,
    known: bool,
) -> Result<Progress, AccessError> {
    let found = credential(clinic, grant, login).await?;
    let now = clinic.clock().now();
    if let Some(found) = found.as_ref().filter(|_| !known) {
        let wait_ms = throttle_ms(found.failures, found.last_failed_at, now);
        if wait_ms > 0 {
            return Err(AccessError::TooSoon { wait_ms });
        }
    }
    let stored = found.as_ref().map(|found| found.password_hash.as_str());
    let right = clinic.passwords.verify(password, stored).await? != Verdict::Wrong;
    let Some(found) = found.filter(|_| right) else {
        return Err(failed(clinic, grant, login).await?);
    };
    if found.held {
        return Err(AccessError::Held);
    }
    let step = match (found.must_change, found.totp_secret) {
        (true, _) => Step::NewPassword,
        (false, None) => enrol_step(clinic),
        (false, Some(_)) => Step::Code,
    };
    Ok(next(clinic, found.staff_id, step))
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
    let found = by_id(clinic, grant, challenge.staff).await?;
    let now = clinic.clock().now();
    let wait_ms = throttle_ms(found.failures, found.last_failed_at, now);
    if wait_ms > 0 {
        return Err(AccessError::TooSoon { wait_ms });
    }
    let (secret, enrolling) = match (&challenge.next, &found.totp_secret) {
        (Step::Code, Some(secret)) => (TotpSecret::from_bytes(secret.clone()), false),
        (Step::Enrol(secret), None) => {
            (TotpSecret::from_base32(secret).ok_or(AccessError::StartOver)?, true)
        }
        _ => return Err(AccessError::StartOver),
    };
    if let Some(hash) = recovery_codes::understand(code).filter(|_| !enrolling) {
        return spend(clinic, grant, &found, hash, desk).await;
    }
    let digits: String = code.chars().filter(char::is_ascii_digit).collect();
    let step = secret.check(&digits, now.unix_seconds());
    let Some(step) = step.filter(|step| found.totp_last_step < *step) else {
        return Err(failed(clinic, grant, &found.login).await?);
    };
    clinic
        .vault
        .change(grant, async |tx| {
            if enrolling {
                store::enrol(tx, found.staff_id, secret.bytes()).await?;
            }
            store::succeeded(tx, found.staff_id, step).await?;
            let event = Event::new("sign_in.succeeded", Subject::Clinic);
            Ok::<_, VaultError>(((), event.on("staff", found.staff_id)))
        })
        .await?;
    Ok(Progress::Done(entered(clinic, grant, found.staff_id, desk).await?))
}

/// Lets somebody in with a recovery code in place of the second factor.
async fn spend(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    found: &Credential,
    hash: [u8; 32],
    desk: Option<DeskHash>,
) -> Result<Progress, AccessError> {
    let spent = clinic
        .vault
        .change(grant, async |tx| {
            if !recovery_codes::store::spend(tx, found.staff_id, &hash).await? {
                return Err(AccessError::Wrong);
            }
            store::succeeded(tx, found.staff_id, found.totp_last_step).await?;
            let event = Event::new("sign_in.recovery_code_used", Subject::Clinic);
            Ok(((), event.on("staff", found.staff_id)))
        })
        .await;
    match spent {
        Ok(()) => Ok(Progress::Done(entered(clinic, grant, found.staff_id, desk).await?)),
        Err(AccessError::Wrong) => Err(failed(clinic, grant, &found.login).await?),
        Err(other) => Err(other),
    }
}

/// A session of somebody who has just given both factors: as good as a proof.
async fn entered(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
    desk: Option<DeskHash>,
) -> Result<SessionToken, AccessError> {
    let token = clinic.vault.start_session(grant, staff, desk).await?;
    clinic.vault.mark_proven(&token);
    Ok(token)
}

/// A later step: a password of one's own in place of the one-time one.
pub async fn give_new_password(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    challenge: &str,
    password: &str,
) -> Result<Progress, AccessError> {
    let opened = Challenge::open(clinic, challenge).ok_or(AccessError::StartOver)?;
    let found = by_id(clinic, grant, opened.staff).await?;
    if opened.next != Step::NewPassword || !found.must_change {
        return Err(AccessError::StartOver);
    }
    set_password(clinic, grant, &found, password).await?;
    let step = if found.totp_secret.is_some() { Step::Code } else { enrol_step(clinic) };
    Ok(next(clinic, found.staff_id, step))
}

/// Changes one's own password, given the present one.
pub async fn change_password(
    clinic: &Clinic,
    grant: &Grant<OwnAccount>,
    present: &str,
    password: &str,
) -> Result<(), AccessError> {
    let door: Grant<SignIn> = crate::vault::Actor::visitor(grant.actor().origin().clone())
        .grant()
        .map_err(|_| AccessError::Wrong)?;
    let found = by_id(clinic, &door, grant.staff().ok_or(AccessError::NoSuchPerson)?).await?;
    if clinic.passwords.verify(present, Some(&found.password_hash)).await? == Verdict::Wrong {
        return Err(failed(clinic, &door, &found.login).await?);
    }
    set_password(clinic, grant, &found, password).await
}

/// Opens a locked screen for its owner.
pub async fn unlock(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
    token: &SessionToken,
    password: &str,
) -> Result<(), AccessError> {
    let found = by_id(clinic, grant, staff).await?;
    if clinic.passwords.verify(password, Some(&found.password_hash)).await? == Verdict::Wrong {
        return Err(failed(clinic, grant, &found.login).await?);
    }
    Ok(clinic.vault.unlock_session(grant, token).await?)
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
    match give_password(clinic, grant, login, password, false).await? {
        Progress::Done(token) => Ok(token),
        Progress::Next { step: Step::Code, challenge } => {
            match give_code(clinic, grant, &challenge, code.unwrap_or_default(), None).await? {
                Progress::Done(token) => Ok(token),
                Progress::Next { .. } => Err(AccessError::StartOver),
            }
        }
        Progress::Next { step: Step::Enrol(_), challenge } => {
            let opened = Challenge::open(clinic, &challenge).ok_or(AccessError::StartOver)?;
            let found = by_id(clinic, grant, opened.staff).await?;
            Ok(clinic.vault.start_session(grant, found.staff_id, None).await?)
        }
        Progress::Next { step: Step::NewPassword, .. } => Err(AccessError::StartOver),
    }
}

async fn set_password<P: crate::vault::permission::Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    found: &Credential,
    password: &str,
) -> Result<(), AccessError> {
    let clinic_name = clinic.profile.get().name.clone();
    let known = model::words_of(&[&found.login, &found.name, &clinic_name, PRODUCT]);
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

async fn credential(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    login: &str,
) -> Result<Option<Credential>, VaultError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::credential(&mut reader, login).await
}

async fn by_id(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    staff: StaffId,
) -> Result<Credential, AccessError> {
    let mut reader = clinic.vault.read(grant).await?;
    store::credential_of(&mut reader, staff).await?.ok_or(AccessError::StartOver)
}

/// Writes the failure down and gives the error to answer with.
async fn failed(
    clinic: &Clinic,
    grant: &Grant<SignIn>,
    login: &str,
) -> Result<AccessError, VaultError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let event = Event::new("sign_in.failed", Subject::Clinic);
            let Some(id) = store::id_of(tx, login).await? else { return Ok(((), event)) };
            store::failed(tx, id).await?;
            Ok::<_, VaultError>(((), event.on("staff", id)))
        })
        .await?;
    Ok(AccessError::Wrong)
}

fn enrol_step(clinic: &Clinic) -> Step {
    Step::Enrol(TotpSecret::generate(&clinic.random).to_base32().to_string())
}

fn next(clinic: &Clinic, staff: StaffId, step: Step) -> Progress {
    let challenge = Challenge::new(staff, step.clone(), clinic.clock().now()).seal(clinic);
    Progress::Next { step, challenge }
}

/// The staff roles, in the order that lists show them.
pub const ROLES: [Role; 7] = Role::STAFF;
