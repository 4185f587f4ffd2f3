//! What a member of staff may do at a moment: what their role, built in or the clinic's own, may,
//! and what was given to them for a time (`migrations/0016_rights.sql`).
//!
//! Kept with each session in memory: a right that ends is gone at that moment,
//! whatever page is open.

use sqlx::sqlite::SqlitePool;

use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::vault::VaultError;
use crate::vault::permission::{OwnAccount, Permission, Right, Rights, Role};

#[derive(Clone, Debug)]
pub(super) struct Holding {
    pub role: Role,
    always: Rights,
    terms: Vec<Term>,
}

#[derive(Clone, Debug)]
struct Term {
    rights: Rights,
    from: Timestamp,
    until: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Base {
    role: Role,
    custom: bool,
    names: String,
}

#[derive(sqlx::FromRow)]
struct StoredTerm {
    role: Option<Role>,
    names: String,
    from_at: Timestamp,
    until_at: Timestamp,
}

const BASE: &str = "
    SELECT role, custom_role_id IS NOT NULL AS custom, coalesce((
        SELECT group_concat(custom_role_right.name, ' ') FROM custom_role JOIN custom_role_right
            ON custom_role_right.custom_role_id = custom_role.id AND custom_role_right.version = custom_role.version
        WHERE custom_role.id = staff.custom_role_id), '') AS names
    FROM staff WHERE id = ?1 AND left_at IS NULL";

const TERMS: &str = "
    SELECT role, coalesce((
        SELECT group_concat(custom_role_right.name, ' ') FROM custom_role JOIN custom_role_right
            ON custom_role_right.custom_role_id = custom_role.id AND custom_role_right.version = custom_role.version
        WHERE custom_role.id = deputation.custom_role_id), '') AS names, from_at, until_at
    FROM deputation WHERE staff_id = ?1 AND ended_at IS NULL AND ?2 < until_at";

impl Holding {
    /// None of somebody who does not work here.
    pub(super) async fn of(
        readers: &SqlitePool,
        staff: StaffId,
        now: Timestamp,
    ) -> Result<Option<Self>, VaultError> {
        let base: Option<Base> = sqlx::query_as(BASE).bind(staff).fetch_optional(readers).await?;
        let Some(base) = base else { return Ok(None) };
        let always = if base.custom { named(&base.names) } else { Rights::of(base.role) };
        let query = sqlx::query_as(TERMS).bind(staff).bind(now);
        let stored: Vec<StoredTerm> = query.fetch_all(readers).await?;
        let terms = stored.into_iter().map(|term| Term {
            rights: term.role.map_or_else(|| named(&term.names), Rights::of),
            from: term.from_at,
            until: term.until_at,
        });
        Ok(Some(Self { role: base.role, always, terms: terms.collect() }))
    }

    pub(super) fn at(&self, now: Timestamp) -> Rights {
        let current = self.terms.iter().filter(|term| term.from <= now && now < term.until);
        let all = current.fold(self.always, |all, term| all.and(term.rights));
        all.and([OwnAccount::RIGHT].into_iter().collect()).lawful_for(self.role)
    }
}

/// A right that this program does not know any more is none.
fn named(names: &str) -> Rights {
    names.split(' ').filter_map(Right::named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::permission::{Book, ManageStaff, SetUpGateways, ViewPatient};

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    fn standing_in(role: Role, rights: Rights) -> Holding {
        let term = Term { rights, from: at(10), until: at(20) };
        Holding { role, always: Rights::of(role), terms: vec![term] }
    }

    #[test]
    fn a_right_given_for_a_time_begins_and_ends_on_the_millisecond() {
        let holding = standing_in(Role::Marketer, Rights::of(Role::Reception));
        assert!(!holding.at(at(9)).contains(Book::RIGHT));
        assert!(holding.at(at(10)).contains(Book::RIGHT));
        assert!(holding.at(at(19)).contains(Book::RIGHT));
        assert!(!holding.at(at(20)).contains(Book::RIGHT));
    }

    #[test]
    fn whoever_keeps_the_machine_running_sees_no_patient_whatever_is_given() {
        let holding = standing_in(Role::Sysadmin, Rights::of(Role::Owner));
        let rights = holding.at(at(15));
        assert!(!rights.contains(ViewPatient::RIGHT));
        assert!(rights.contains(SetUpGateways::RIGHT) && rights.contains(ManageStaff::RIGHT));
    }

    #[test]
    fn a_role_that_lost_all_its_rights_still_opens_ones_own_account() {
        let holding = Holding { role: Role::Doctor, always: named("no.such"), terms: Vec::new() };
        assert_eq!(holding.at(at(0)), [OwnAccount::RIGHT].into_iter().collect());
    }
}
