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
use crate::vault::session::Factors;

#[derive(Clone, Debug)]
pub(super) struct Holding {
    pub role: Role,
    always: Rights,
    terms: Vec<Term>,
    /// Whether the clinic lets whoever holds this do with the password alone.
    one_factor_will_do: bool,
    /// After so many idle milliseconds the screen is locked.
    pub idle_lock_ms: i64,
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
    optional: bool,
    idle_lock_s: i64,
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
        WHERE custom_role.id = staff.custom_role_id), '') AS names,
        coalesce(
            (SELECT second_factor FROM sign_in_rule_now WHERE holder = custom_role_id),
            (SELECT second_factor FROM sign_in_rule_now WHERE holder = role),
            'required') = 'optional' AS optional,
        (SELECT min(idle_lock_s) FROM sign_in_rule_now
            WHERE holder IN ('clinic', role, custom_role_id)) AS idle_lock_s
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
        Ok(Some(Self {
            role: base.role,
            always,
            terms: terms.collect(),
            one_factor_will_do: base.optional,
            idle_lock_ms: base.idle_lock_s * 1000,
        }))
    }

    /// Whether whoever holds this has to sign in with two factors: unless the
    /// clinic said otherwise for their role, and always with rights that must
    /// never hang on a password alone, be they lent and begin later.
    pub(super) fn needs_two_factors(&self) -> bool {
        let all = self.terms.iter().fold(self.always, |all, term| all.and(term.rights));
        !self.one_factor_will_do || self.role.always_two_factors() || all.any_guarded()
    }

    pub(super) fn at(&self, now: Timestamp, factors: Factors) -> Rights {
        let current = self.terms.iter().filter(|term| term.from <= now && now < term.until);
        let all = current.fold(self.always, |all, term| all.and(term.rights));
        let all = all.and([OwnAccount::RIGHT].into_iter().collect()).lawful_for(self.role);
        if factors == Factors::Two { all } else { all.without(Rights::guarded()) }
    }
}

/// A right that this program does not know any more is none.
fn named(names: &str) -> Rights {
    names.split(' ').filter_map(Right::named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::permission::{Book, GiveRights, ManageStaff, SetUpGateways, ViewPatient};

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    fn plain(role: Role, always: Rights) -> Holding {
        let (one_factor_will_do, idle_lock_ms) = (true, 300_000);
        Holding { role, always, terms: Vec::new(), one_factor_will_do, idle_lock_ms }
    }

    fn standing_in(role: Role, rights: Rights) -> Holding {
        let term = Term { rights, from: at(10), until: at(20) };
        Holding { terms: vec![term], ..plain(role, Rights::of(role)) }
    }

    #[test]
    fn a_right_given_for_a_time_begins_and_ends_on_the_millisecond() {
        let holding = standing_in(Role::Marketer, Rights::of(Role::Reception));
        assert!(!holding.at(at(9), Factors::Two).contains(Book::RIGHT));
        assert!(holding.at(at(10), Factors::Two).contains(Book::RIGHT));
        assert!(holding.at(at(19), Factors::Two).contains(Book::RIGHT));
        assert!(!holding.at(at(20), Factors::Two).contains(Book::RIGHT));
    }

    #[test]
    fn whoever_keeps_the_machine_running_sees_no_patient_whatever_is_given() {
        let holding = standing_in(Role::Sysadmin, Rights::of(Role::Owner));
        let rights = holding.at(at(15), Factors::Two);
        assert!(!rights.contains(ViewPatient::RIGHT));
        assert!(rights.contains(SetUpGateways::RIGHT) && rights.contains(ManageStaff::RIGHT));
    }

    #[test]
    fn a_role_that_lost_all_its_rights_still_opens_ones_own_account() {
        let holding = plain(Role::Doctor, named("no.such"));
        assert_eq!(holding.at(at(0), Factors::Two), [OwnAccount::RIGHT].into_iter().collect());
    }
    #[test]
    fn what_must_not_hang_on_a_password_asks_for_two_factors_whatever_the_rule() {
        assert!(!plain(Role::Cashier, Rights::of(Role::Cashier)).needs_two_factors());
        for role in [Role::Owner, Role::Sysadmin, Role::Compliance] {
            assert!(plain(role, Rights::default()).needs_two_factors(), "{role:?}");
        }
        let lent = standing_in(Role::Cashier, Rights::of(Role::Owner));
        assert!(lent.needs_two_factors(), "also before what is lent begins");
        assert!(lent.at(at(15), Factors::Two).contains(GiveRights::RIGHT));
        assert!(!lent.at(at(15), Factors::One).contains(GiveRights::RIGHT));
        assert!(lent.at(at(15), Factors::One).contains(ViewPatient::RIGHT));
    }
}
