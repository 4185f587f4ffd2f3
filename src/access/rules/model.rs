//! Rules of signing in, and their bounds.

use std::collections::HashMap;

use crate::access::AccessError;
use crate::access::rights::{CustomRole, RoleId};
use crate::access::rules::store::Stored;
use crate::clock::Timestamp;
use crate::vault::permission::{Right, Rights, Role};

/// The bounds of the time until an untouched screen is locked, in minutes: shorter
/// and people write their password on paper, longer and a desk in a corridor is
/// open to whoever passes (SECURITY.md 5.4: 5 minutes, 3 at the reception; PCI DSS
/// 4.0.1, 8.2.8: 15 at most). A session ends after 30 anyhow.
pub const SHORTEST_LOCK_MIN: i64 = 1;
pub const LONGEST_LOCK_MIN: i64 = 15;

/// Whose rule it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Clinic,
    Role(Role),
    Custom(RoleId),
}

impl Holder {
    /// As stored, and as a form names it.
    pub fn name(self) -> String {
        match self {
            Self::Clinic => "clinic".to_owned(),
            Self::Role(role) => role.name().to_owned(),
            Self::Custom(id) => id.to_string(),
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        match name {
            "clinic" => Some(Self::Clinic),
            _ => Role::staff(name).map(Self::Role).or_else(|| name.parse().ok().map(Self::Custom)),
        }
    }
}

/// What a rule is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Whether the password alone will do.
    pub optional: bool,
    /// None: as the clinic's.
    pub lock_min: Option<i64>,
}

impl Wish {
    pub fn lock_s(self) -> Option<i64> {
        self.lock_min.map(|minutes| minutes * 60)
    }

    pub(super) fn check(self, holder: &Holder, now: &Rules) -> Result<(), AccessError> {
        let row = now.roles.iter().find(|row| row.holder == holder.name());
        let is_clinic = *holder == Holder::Clinic;
        if !is_clinic && row.is_none() {
            return Err(AccessError::NoSuchRole);
        }
        if self.optional && (is_clinic || row.is_some_and(|row| row.always)) {
            return Err(AccessError::FactorNeeded);
        }
        let most = if is_clinic { LONGEST_LOCK_MIN } else { now.lock_min };
        match self.lock_min {
            Some(minutes) if (SHORTEST_LOCK_MIN..=most).contains(&minutes) => Ok(()),
            None if !is_clinic => Ok(()),
            _ => Err(AccessError::BadRule),
        }
    }
}

/// What holds now.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Rules {
    /// Minutes until an untouched screen is locked.
    pub lock_min: i64,
    pub version: i64,
    pub changed_at: Timestamp,
    /// None: as delivered, or the console.
    pub changed_by: Option<String>,
    pub roles: Vec<RoleRule>,
}

/// The rule of one role.
#[derive(Clone, Debug, serde::Serialize)]
pub struct RoleRule {
    pub holder: String,
    /// The name of a role of the clinic's own.
    pub custom: Option<String>,
    pub optional: bool,
    /// Whether it cannot be optional.
    pub always: bool,
    /// None: as the clinic's.
    pub lock_min: Option<i64>,
    pub changed_at: Option<Timestamp>,
    pub changed_by: Option<String>,
}

pub(super) fn rules(stored: &HashMap<String, Stored>, customs: &[CustomRole]) -> Rules {
    let clinic = &stored["clinic"];
    let row = |holder: String, custom: Option<String>, always: bool| {
        let own = stored.get(&holder);
        RoleRule {
            optional: !always && own.is_some_and(|own| own.optional),
            lock_min: own.and_then(|own| own.idle_lock_s).map(|seconds| seconds / 60),
            changed_at: own.map(|own| own.changed_at),
            changed_by: own.and_then(|own| own.changed_by.clone()),
            holder,
            custom,
            always,
        }
    };
    let built_in = Role::STAFF.into_iter().map(|role| {
        let always = role.always_two_factors() || Rights::of(role).any_guarded();
        row(role.name().to_owned(), None, always)
    });
    let own = customs.iter().map(|one| {
        let rights: Rights = Right::all().filter(|right| one.holds(*right)).collect();
        row(one.id.to_string(), Some(one.name.clone()), rights.any_guarded())
    });
    Rules {
        lock_min: clinic.idle_lock_s.unwrap_or_default() / 60,
        version: clinic.version,
        changed_at: clinic.changed_at,
        changed_by: clinic.changed_by.clone(),
        roles: built_in.chain(own).collect(),
    }
}

/// Minutes as typed; `""` is none of one's own.
///
/// # Errors
/// [`AccessError::BadRule`] for what is no number.
pub fn minutes(typed: &str) -> Result<Option<i64>, AccessError> {
    match typed.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| AccessError::BadRule),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Rules {
        let at = Timestamp::from_unix_ms(0);
        let clinic = Stored {
            holder: "clinic".to_owned(),
            optional: false,
            idle_lock_s: Some(300),
            version: 1,
            changed_at: at,
            changed_by: None,
        };
        rules(&HashMap::from([("clinic".to_owned(), clinic)]), &[])
    }

    fn wish(optional: bool, lock_min: Option<i64>) -> Wish {
        Wish { optional, lock_min }
    }

    #[test]
    fn as_delivered_everybody_needs_two_factors_and_is_locked_after_five_minutes() {
        let now = now();
        assert_eq!(now.lock_min, 5);
        assert!(now.roles.iter().all(|role| !role.optional && role.lock_min.is_none()));
        let always: Vec<&str> =
            now.roles.iter().filter(|role| role.always).map(|role| role.holder.as_str()).collect();
        assert_eq!(always, ["owner", "compliance", "sysadmin"]);
    }

    #[test]
    fn the_clinic_may_choose_from_one_to_fifteen_minutes_and_a_role_no_more_than_that() {
        let now = now();
        for (minutes, fits) in [(0, false), (1, true), (15, true), (16, false)] {
            assert_eq!(wish(false, Some(minutes)).check(&Holder::Clinic, &now).is_ok(), fits);
        }
        let reception = Holder::Role(Role::Reception);
        assert!(wish(true, Some(3)).check(&reception, &now).is_ok());
        assert!(wish(true, None).check(&reception, &now).is_ok());
        assert!(wish(true, Some(6)).check(&reception, &now).is_err(), "longer than the clinic's");
        assert!(wish(false, None).check(&Holder::Clinic, &now).is_err());
    }

    #[test]
    fn nobody_who_could_let_themselves_in_everywhere_does_with_a_password() {
        for role in [Role::Owner, Role::Sysadmin, Role::Compliance] {
            let refused = wish(true, None).check(&Holder::Role(role), &now());
            assert!(matches!(refused, Err(AccessError::FactorNeeded)), "{role:?}");
        }
        assert!(wish(true, Some(5)).check(&Holder::Clinic, &now()).is_err());
    }
}
