//! Who is acting, from where, and the proof that they may.

use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

use crate::i18n::Language;
use crate::ids::{StaffId, TabletId};
use crate::vault::permission::{Permission, Right, Rights, Role};

/// Somebody or something that acts. Members of staff come only from a live
/// session ([`Vault::authenticate`](crate::vault::Vault::authenticate)).
#[derive(Clone, Debug)]
pub struct Actor {
    pub(super) who: Who,
    pub(super) role: Role,
    pub(super) rights: Rights,
    /// Proved within the last minutes once more who they are.
    pub(super) proven: bool,
    pub(super) origin: Origin,
    pub(super) person: Option<Arc<Person>>,
}

/// What a page shows of whoever is signed in.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Person {
    pub login: String,
    pub name: String,
    pub language: Language,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Who {
    Staff(StaffId),
    Tablet(TabletId),
    Job(&'static str),
    Console,
    Visitor,
}

/// Where a request came from, as far as it is known.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The first 8 hex digits of the session cookie's hash.
    pub session: Option<String>,
    pub ip: Option<IpAddr>,
    /// The browser, in a few words; of the console, the account that typed.
    pub device: Option<String>,
}

/// Proof that an actor holds the permission `P`.
///
/// Functions ask for one instead of checking a role, so that a forgotten check
/// is a type error. There is no way to make one but [`Actor::grant`].
#[derive(Clone, Debug)]
pub struct Grant<P> {
    pub(super) actor: Actor,
    permission: PhantomData<fn() -> P>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this role may not {permission}")]
pub struct Denied {
    pub permission: &'static str,
}

impl Actor {
    /// What runs by the clock, by the name of its capability.
    pub fn job(name: &'static str) -> Self {
        Self::without_person(Who::Job(name), Role::Job, Origin::default())
    }

    /// The `tirkeu` command on the machine itself.
    pub fn console() -> Self {
        Self::without_person(Who::Console, Role::Console, Origin::default())
    }

    /// As [`console`](Self::console), typed by this account of the machine.
    pub fn operator(account: String) -> Self {
        let origin = Origin { device: Some(account), ..Origin::default() };
        Self { origin, ..Self::console() }
    }

    /// Somebody from outside: may only try to sign in, look at what is public
    /// and follow a signed link.
    pub fn visitor(origin: Origin) -> Self {
        Self::without_person(Who::Visitor, Role::Visitor, origin)
    }

    /// A paired tablet. The caller has checked its cookie.
    pub(crate) fn tablet(id: TabletId, origin: Origin) -> Self {
        Self::without_person(Who::Tablet(id), Role::Tablet, origin)
    }

    fn without_person(who: Who, role: Role, origin: Origin) -> Self {
        let rights = Rights::of(role);
        Self { who, role, rights, proven: false, origin, person: None }
    }

    /// # Errors
    /// [`Denied`] when the permission is not among the actor's rights.
    pub fn grant<P: Permission>(&self) -> Result<Grant<P>, Denied> {
        if !self.may::<P>() {
            return Err(Denied { permission: P::NAME });
        }
        Ok(Grant { actor: self.clone(), permission: PhantomData })
    }

    pub fn may<P: Permission>(&self) -> bool {
        self.holds(P::RIGHT)
    }

    pub fn holds(&self, right: Right) -> bool {
        self.rights.contains(right)
    }

    /// Whether they gave password and code once more a short while ago:
    /// [`PROOF_LASTS_MS`](crate::vault::PROOF_LASTS_MS).
    pub fn is_proven(&self) -> bool {
        self.proven
    }

    pub fn role(&self) -> Role {
        self.role
    }

    /// The member of staff, if it is one.
    pub fn staff(&self) -> Option<StaffId> {
        match self.who {
            Who::Staff(id) => Some(id),
            _ => None,
        }
    }

    /// Who is signed in; None for jobs, visitors and tablets.
    pub fn person(&self) -> Option<&Person> {
        self.person.as_deref()
    }

    pub fn tablet_id(&self) -> Option<TabletId> {
        match self.who {
            Who::Tablet(id) => Some(id),
            _ => None,
        }
    }

    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// How the ledger names the actor: a staff id, `job:backup`, `console`, `visitor`.
    pub(super) fn ledger_name(&self) -> String {
        match self.who {
            Who::Staff(id) => id.to_string(),
            Who::Tablet(id) => format!("tablet:{id}"),
            Who::Job(name) => format!("job:{name}"),
            Who::Console => "console".to_owned(),
            Who::Visitor => "visitor".to_owned(),
        }
    }
}

impl<P> Grant<P> {
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    pub fn staff(&self) -> Option<StaffId> {
        self.actor.staff()
    }

    /// The same actor's right to something else, when there is one.
    pub fn also<Q: Permission>(&self) -> Result<Grant<Q>, Denied> {
        self.actor.grant()
    }
}
