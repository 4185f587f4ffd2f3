//! Roles of the clinic's own, rights for a time, and who waits to be let in.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::ids::{StaffId, id};
use crate::vault::permission::{Right, Role};

id! {
    /// A role of the clinic's own.
    RoleId
}
id! {
    /// Rights lent for a time.
    DeputationId
}

/// A role of the clinic's own: a name and what it may do.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct CustomRole {
    pub id: RoleId,
    pub name: String,
    pub version: i64,
    /// Names of permissions, by a space.
    pub names: String,
    /// How many people hold it.
    pub holders: i64,
}

impl CustomRole {
    pub fn holds(&self, right: Right) -> bool {
        self.names.split(' ').any(|name| name == right.name())
    }
}

/// A role to give: a built-in one, or one of the clinic's own for somebody whose
/// work is of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Given {
    pub role: Role,
    pub custom: Option<RoleId>,
}

/// Rights to lend.
#[derive(Clone, Debug)]
pub struct NewDeputation {
    pub staff: StaffId,
    /// For whom; None: an errand.
    pub instead_of: Option<StaffId>,
    pub given: Given,
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
    /// In words; not in the ledger.
    pub reason: String,
}

/// Rights that are lent, now or later.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Deputation {
    pub id: DeputationId,
    pub staff_id: StaffId,
    /// The colleague's name.
    pub instead_of: Option<String>,
    pub role: Option<String>,
    /// The name of the clinic's own role.
    pub custom: Option<String>,
    pub from_at: Timestamp,
    /// The last moment of it.
    pub last_at: Timestamp,
    pub reason: String,
}

/// An account that waits for somebody's yes.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Held {
    pub staff_id: StaffId,
    /// `added` or `reset`.
    pub cause: String,
    pub proposed_at: Timestamp,
    /// Who proposed it.
    pub proposer_id: StaffId,
    pub proposer: String,
}

/// Somebody who works or worked here.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct Person {
    pub id: StaffId,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub custom_id: Option<RoleId>,
    pub custom: Option<String>,
    pub since: Timestamp,
    pub left_at: Option<Timestamp>,
    /// Whether a second factor is set up.
    pub second_factor: bool,
}

/// Somebody, with what they hold for a time and whether they wait.
#[derive(Clone, Debug, Serialize)]
pub struct Member {
    #[serde(flatten)]
    pub person: Person,
    pub lent: Vec<Deputation>,
    pub held: Option<Held>,
}

/// Whose cards those open who do not reach everybody.
#[derive(Clone, Debug, Serialize, sqlx::FromRow)]
pub struct ReachRule {
    pub version: i64,
    pub everybody: bool,
    /// Days before and after a visit.
    pub days: i64,
    pub changed_at: Timestamp,
    /// None: as delivered.
    pub changed_by: Option<String>,
}

pub fn members(people: Vec<Person>, lent: &[Deputation], held: &[Held]) -> Vec<Member> {
    let with = |person: Person| Member {
        lent: lent.iter().filter(|one| one.staff_id == person.id).cloned().collect(),
        held: held.iter().find(|one| one.staff_id == person.id).cloned(),
        person,
    };
    people.into_iter().map(with).collect()
}
