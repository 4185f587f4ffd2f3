//! Rights: roles of the clinic's own, rights for a time, whom a system
//! administrator's accounts wait for, and whose cards doctors open.
//!
//! Nobody gives rights to themselves while somebody else could, and each change
//! is in force at once for whoever is signed in (SECURITY.md 5.1).

pub(in crate::access) mod model;
pub(in crate::access) mod store;

use serde_json::json;

use crate::access::AccessError;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::vault::permission::{GiveRights, Right, Rights, Role, ViewStaff};
use crate::vault::{Event, Grant, Subject, Tx, VaultError, Violation};

pub use model::{
    CustomRole, Deputation, DeputationId, Given, Held, Member, NewDeputation, Person, ReachRule,
    RoleId,
};

/// The longest time that rights are lent for, in milliseconds.
pub const LONGEST_DEPUTATION_MS: i64 = 92 * 24 * 60 * 60 * 1000;

/// Writes a role of the clinic's own, new or in a new version.
///
/// # Errors
/// [`AccessError::NameTaken`]; [`AccessError::NoRights`] when none is chosen.
pub async fn define(
    clinic: &Clinic,
    grant: &Grant<GiveRights>,
    id: Option<RoleId>,
    name: &str,
    rights: Rights,
) -> Result<RoleId, AccessError> {
    let rights = rights.within(assignable());
    if rights.is_empty() {
        return Err(AccessError::NoRights);
    }
    let by = grant.staff();
    let id = clinic
        .vault
        .change(grant, async |tx| {
            let new = id.is_none();
            let id = id.unwrap_or_else(|| RoleId::new(tx.now()));
            let version = store::put_role(tx, id, name, new, by).await.map_err(taken)?;
            let version = version.ok_or(AccessError::NoSuchRole)?;
            for right in rights.iter() {
                store::put_right(tx, id, version, right).await?;
            }
            let named: Vec<&str> = rights.iter().map(Right::name).collect();
            let event = Event::new("role.defined", Subject::Clinic).on("role", id);
            Ok::<_, AccessError>((
                id,
                event.with_detail(json!({ "version": version, "rights": named })),
            ))
        })
        .await?;
    clinic.vault.rights_changed(grant).await?;
    Ok(id)
}

/// What a role of the clinic's own may consist of: what members of staff may do.
pub fn assignable() -> Rights {
    Role::STAFF.into_iter().fold(Rights::default(), |all, role| all.and(Rights::of(role)))
}

/// Every role of the clinic's own, by name.
pub async fn roles(
    clinic: &Clinic,
    grant: &Grant<ViewStaff>,
) -> Result<Vec<CustomRole>, VaultError> {
    store::roles(&mut clinic.vault.read(grant).await?).await
}

/// Everybody with what they hold beside their role, by name.
pub async fn members(clinic: &Clinic, grant: &Grant<ViewStaff>) -> Result<Vec<Member>, VaultError> {
    let now = clinic.clock().now();
    let mut reader = clinic.vault.read(grant).await?;
    let (people, lent) = (store::people(&mut reader).await?, store::lent(&mut reader, now).await?);
    let held = store::held(&mut reader).await?;
    Ok(model::members(people, &lent, &held))
}

/// Gives somebody another role, or one of the clinic's own on top of it.
///
/// # Errors
/// [`AccessError::LastOwner`], [`AccessError::OwnRights`].
pub async fn give(
    clinic: &Clinic,
    grant: &Grant<GiveRights>,
    whom: StaffId,
    given: Given,
) -> Result<(), AccessError> {
    clinic
        .vault
        .change(grant, async |tx| {
            not_to_oneself(tx, grant, whom).await?;
            if given.role != Role::Owner && super::store::is_last_owner(tx, whom).await? {
                return Err(AccessError::LastOwner);
            }
            if !store::give(tx, whom, given).await? {
                return Err(AccessError::NoSuchPerson);
            }
            let detail = json!({ "role": given.role.name(), "custom": given.custom });
            let event = Event::new("staff.role_given", Subject::Clinic).on("staff", whom);
            Ok(((), event.with_detail(detail)))
        })
        .await?;
    Ok(clinic.vault.rights_changed(grant).await?)
}

/// Lends rights for a time.
///
/// # Errors
/// [`AccessError::BadTime`] when it ends before it begins or now, or is longer
/// than three months; [`AccessError::OwnRights`].
pub async fn depute(
    clinic: &Clinic,
    grant: &Grant<GiveRights>,
    new: &NewDeputation,
) -> Result<DeputationId, AccessError> {
    let now = clinic.clock().now();
    let lasts = new.until.unix_ms() - new.from.unix_ms();
    if lasts <= 0 || LONGEST_DEPUTATION_MS < lasts || new.until <= now {
        return Err(AccessError::BadTime);
    }
    let by = grant.staff();
    let id = clinic
        .vault
        .change(grant, async |tx| {
            not_to_oneself(tx, grant, new.staff).await?;
            let id = DeputationId::new(tx.now());
            store::insert_deputation(tx, id, new, by).await.map_err(|error| {
                let broken = error.violation() == Some(Violation::Reference);
                if broken { AccessError::NoSuchPerson } else { error.into() }
            })?;
            let detail = json!({
                "deputation": id, "role": new.given.role.name(), "custom": new.given.custom,
                "from": new.from.rfc3339(), "until": new.until.rfc3339(), "for": new.instead_of,
            });
            let event = Event::new("staff.deputed", Subject::Clinic).on("staff", new.staff);
            Ok::<_, AccessError>((id, event.with_detail(detail)))
        })
        .await?;
    clinic.vault.rights_changed(grant).await?;
    Ok(id)
}

/// Takes lent rights back before their time.
pub async fn end_deputation(
    clinic: &Clinic,
    grant: &Grant<GiveRights>,
    id: DeputationId,
) -> Result<(), AccessError> {
    clinic
        .vault
        .change(grant, async |tx| {
            let whose = store::end_deputation(tx, id).await?.ok_or(AccessError::NoSuchRole)?;
            let event = Event::new("staff.deputation_ended", Subject::Clinic).on("staff", whose);
            Ok::<_, AccessError>(((), event.with_detail(json!({ "deputation": id }))))
        })
        .await?;
    Ok(clinic.vault.rights_changed(grant).await?)
}

/// Lets somebody sign in whom a system administrator entered or reset.
///
/// # Errors
/// [`AccessError::NoSuchPerson`] when nobody waits, or whoever lets in is the
/// one who proposed.
pub async fn let_in(
    clinic: &Clinic,
    grant: &Grant<GiveRights>,
    whom: StaffId,
) -> Result<(), AccessError> {
    let by = grant.staff().ok_or(AccessError::NoSuchPerson)?;
    clinic
        .vault
        .change(grant, async |tx| {
            if !store::release(tx, whom, by).await? {
                return Err(AccessError::NoSuchPerson);
            }
            Ok(((), Event::new("staff.let_in", Subject::Clinic).on("staff", whom)))
        })
        .await
}

/// Whose cards those open who do not reach everybody.
pub async fn reach(clinic: &Clinic, grant: &Grant<ViewStaff>) -> Result<ReachRule, VaultError> {
    store::reach(&mut clinic.vault.read(grant).await?).await
}

/// Writes a new version of that rule; the old ones stay.
pub async fn set_reach(
    clinic: &Clinic,
    grant: &Grant<GiveRights>,
    everybody: bool,
    days: i64,
) -> Result<(), VaultError> {
    let by = grant.staff();
    clinic
        .vault
        .change(grant, async |tx| {
            store::put_reach(tx, everybody, days, by).await?;
            let scope = if everybody { "everybody" } else { "own" };
            let event = Event::new("reach.changed", Subject::Clinic);
            Ok(((), event.with_detail(json!({ "scope": scope, "days": days }))))
        })
        .await
}

/// Fails when whoever gives would give to themselves although somebody else
/// could do it.
async fn not_to_oneself(
    tx: &mut Tx,
    grant: &Grant<GiveRights>,
    whom: StaffId,
) -> Result<(), AccessError> {
    if grant.staff() == Some(whom) && 0 < store::other_owners(tx, whom).await? {
        return Err(AccessError::OwnRights);
    }
    Ok(())
}

fn taken(error: VaultError) -> AccessError {
    match error.violation() {
        Some(Violation::Unique) => AccessError::NameTaken,
        _ => error.into(),
    }
}

/// When the day of a form begins or, of its end, is over, by the clinic's clock.
pub(in crate::access) fn instant(clinic: &Clinic, day: crate::clock::Day) -> Timestamp {
    let midnight = crate::clock::Civil::new(day, 0).expect("every day has a midnight");
    clinic.profile.get().zone.instant(midnight)
}
