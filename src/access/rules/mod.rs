//! The clinic's rules of signing in: which roles need a second factor, and how
//! long an untouched screen stays open (SECURITY.md 5.3, 5.4; ASVS 5.0 6.3.3,
//! 7.1.1, 7.3.1). Each change is a new version, asks for a proof of who makes it,
//! and holds at once for whoever is signed in.

mod model;
mod store;

use std::collections::HashMap;

use serde_json::json;

use crate::access::{AccessError, rights};
use crate::clinic::Clinic;
use crate::vault::permission::{GiveRights, ViewStaff};
use crate::vault::{Event, Grant, Subject, VaultError};

pub use model::{Holder, LONGEST_LOCK_MIN, RoleRule, Rules, SHORTEST_LOCK_MIN, Wish, minutes};

/// The rules as they are, of the clinic and of every role.
pub async fn rules(clinic: &Clinic, grant: &Grant<ViewStaff>) -> Result<Rules, VaultError> {
    let customs = rights::roles(clinic, grant).await?;
    let stored = store::now(&mut clinic.vault.read(grant).await?).await?;
    let stored: HashMap<String, store::Stored> =
        stored.into_iter().map(|rule| (rule.holder.clone(), rule)).collect();
    Ok(model::rules(&stored, &customs))
}

/// Writes a new version of a rule.
///
/// # Errors
/// [`AccessError::BadRule`] out of the bounds, or longer than the clinic's;
/// [`AccessError::FactorNeeded`] where a password alone is never enough;
/// [`AccessError::NoSuchRole`].
pub async fn set(
    clinic: &Clinic,
    grant: &Grant<GiveRights>,
    holder: Holder,
    wish: Wish,
) -> Result<(), AccessError> {
    let now = rules(clinic, &grant.also().map_err(|_| AccessError::NoSuchRole)?).await?;
    wish.check(&holder, &now)?;
    let by = grant.staff();
    let name = holder.name();
    clinic
        .vault
        .change(grant, async |tx| {
            let version = store::put(tx, &name, wish, by).await?;
            let detail = json!({
                "version": version, "holder": name, "idle_lock_s": wish.lock_s(),
                "second_factor": if wish.optional { "optional" } else { "required" },
            });
            Ok::<_, AccessError>((
                (),
                Event::new("sign_in_rule.changed", Subject::Clinic).with_detail(detail),
            ))
        })
        .await?;
    Ok(clinic.vault.rights_changed(grant).await?)
}
