//! Who works here: people are entered, reset, and leave.

use crate::access::model::{NewStaff, StaffMember, login_fault};
use crate::access::{AccessError, rights, store};
use crate::clinic::Clinic;
use crate::ids::StaffId;
use crate::vault::permission::{GiveRights, ManageStaff, Role, ViewStaff};
use crate::vault::{Event, Grant, Subject, Tx, VaultError, Violation};

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
