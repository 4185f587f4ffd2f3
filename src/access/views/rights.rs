//! What the pages of roles and rights show.

use serde::{Deserialize, Serialize};

use crate::access::rights::{self, CustomRole, Member, ReachRule, RoleId};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::ids::StaffId;
use crate::pages::View;
use crate::vault::Grant;
use crate::vault::permission::{GiveRights, ManageStaff, Right, Rights, Role, ViewStaff};
use crate::web::{FieldErrors, Problem};

/// Somebody's rights, and how to change them.
#[derive(Debug, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub struct PersonPage {
    member: Member,
    roles: Vec<&'static str>,
    customs: Vec<CustomRole>,
    /// Others whom they may stand in for: id and name.
    colleagues: Vec<(StaffId, String)>,
    may_give: bool,
    may_manage: bool,
    /// Whether the reader proved a short while ago who they are.
    proven: bool,
    /// Whether the reader proposed the account that waits.
    own_proposal: bool,
    pub form: DeputationForm,
    pub errors: FieldErrors,
}

/// Rights to lend, as typed.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DeputationForm {
    /// A built-in role's name or a custom one's id.
    pub role: String,
    pub instead_of: String,
    pub from: String,
    /// The last day.
    pub until: String,
    pub reason: String,
}

impl PersonPage {
    pub async fn load(
        clinic: &Clinic,
        grant: &Grant<ViewStaff>,
        id: StaffId,
    ) -> Result<Self, Problem> {
        let all = rights::members(clinic, grant).await?;
        let others = all.iter().filter(|one| one.person.id != id && one.person.left_at.is_none());
        let colleagues = others.map(|one| (one.person.id, one.person.name.clone())).collect();
        let member = all.into_iter().find(|one| one.person.id == id).ok_or(Problem::NotFound)?;
        let actor = grant.actor();
        let proposer = member.held.as_ref().map(|held| held.proposer_id);
        Ok(Self {
            roles: names(),
            customs: rights::roles(clinic, grant).await?,
            colleagues,
            may_give: actor.may::<GiveRights>(),
            may_manage: actor.may::<ManageStaff>(),
            proven: actor.is_proven(),
            own_proposal: proposer.is_some() && proposer == grant.staff(),
            form: DeputationForm::default(),
            errors: FieldErrors::new(),
            member,
        })
    }
}

/// Every role with what it may do, and whose cards doctors open.
#[derive(Debug, Serialize)]
pub struct RolesPage {
    roles: Vec<&'static str>,
    customs: Vec<CustomRole>,
    rooms: Vec<Room>,
    reach: ReachRule,
    may_give: bool,
    proven: bool,
}

/// The permissions of one capability, each with yes or no for every role, the
/// built-in ones first.
#[derive(Debug, Serialize)]
struct Room {
    name: &'static str,
    rights: Vec<(&'static str, Vec<bool>)>,
}

impl RolesPage {
    pub async fn load(clinic: &Clinic, grant: &Grant<ViewStaff>) -> Result<Self, Problem> {
        let customs = rights::roles(clinic, grant).await?;
        let actor = grant.actor();
        Ok(Self {
            rooms: rooms(&customs),
            roles: names(),
            customs,
            reach: rights::reach(clinic, grant).await?,
            may_give: actor.may::<GiveRights>(),
            proven: actor.is_proven(),
        })
    }
}

fn rooms(customs: &[CustomRole]) -> Vec<Room> {
    let built_in: Vec<Rights> = Role::STAFF.into_iter().map(Rights::of).collect();
    let row = |right: Right| {
        let built_in = built_in.iter().map(|rights| rights.contains(right));
        (right.name(), built_in.chain(customs.iter().map(|one| one.holds(right))).collect())
    };
    by_room()
        .into_iter()
        .map(|(name, rights)| Room { name, rights: rights.into_iter().map(row).collect() })
        .collect()
}

/// What members of staff may do, by capability.
fn by_room() -> Vec<(&'static str, Vec<Right>)> {
    let mut rooms: Vec<(&'static str, Vec<Right>)> = Vec::new();
    for right in rights::assignable().iter() {
        let room = right.name().split('.').next().unwrap_or_default();
        match rooms.iter_mut().find(|(name, _)| *name == room) {
            Some((_, rights)) => rights.push(right),
            None => rooms.push((room, vec![right])),
        }
    }
    rooms
}

fn names() -> Vec<&'static str> {
    Role::STAFF.iter().map(|role| role.name()).collect()
}

/// The permissions of one capability to choose from: name, whether chosen,
/// whether it shows patients.
type Choices = (&'static str, Vec<(&'static str, bool, bool)>);

/// The form of a role of the clinic's own.
#[derive(Debug, Serialize)]
pub struct RolePage {
    id: Option<RoleId>,
    name: String,
    rooms: Vec<Choices>,
    proven: bool,
    pub errors: FieldErrors,
}

impl RolePage {
    pub fn new(proven: bool, id: Option<RoleId>, name: String, chosen: Rights) -> Self {
        let patients = Rights::showing_patients();
        let row = |right: Right| (right.name(), chosen.contains(right), patients.contains(right));
        let rooms = by_room().into_iter();
        let rooms = rooms.map(|(name, rights)| (name, rights.into_iter().map(row).collect()));
        Self { id, name, rooms: rooms.collect(), proven, errors: FieldErrors::new() }
    }
}

/// A role as typed: one `right` for each that is ticked.
#[derive(Debug, Default)]
pub struct RoleForm {
    pub id: Option<RoleId>,
    pub name: String,
    pub rights: Rights,
}

impl RoleForm {
    pub fn read(fields: &[(String, String)]) -> Self {
        let value = |name: &str| {
            let found = fields.iter().find(|(field, _)| field == name);
            found.map(|(_, value)| value.trim()).unwrap_or_default()
        };
        let ticked = fields.iter().filter(|(field, _)| field == "right");
        Self {
            id: value("id").parse().ok(),
            name: value("name").to_owned(),
            rights: ticked.filter_map(|(_, name)| Right::named(name)).collect(),
        }
    }
}

/// The list of persons with access to personal data, for paper.
#[derive(Debug, Serialize)]
pub struct AccessList {
    members: Vec<Member>,
    made_at: Timestamp,
    made_by: String,
}

impl AccessList {
    pub async fn load(clinic: &Clinic, grant: &Grant<ViewStaff>) -> Result<Self, Problem> {
        let all = rights::members(clinic, grant).await?;
        let members = all.into_iter().filter(|one| one.person.left_at.is_none()).collect();
        let made_by = grant.actor().person().map(|person| person.name.clone());
        let made_at = clinic.clock().now();
        Ok(Self { members, made_at, made_by: made_by.unwrap_or_default() })
    }
}

pub(super) use samples::member as sample;

mod samples {
    use super::{
        AccessList, CustomRole, DeputationForm, FieldErrors, Member, PersonPage, ReachRule, Rights,
        Role, RoleId, RolePage, RolesPage, StaffId, Timestamp, View, names, rooms,
    };
    use crate::access::rights::{Deputation, DeputationId, Held, Person};

    fn at() -> Timestamp {
        Timestamp::from_unix_ms(1_795_402_800_000)
    }

    fn custom() -> CustomRole {
        CustomRole {
            id: RoleId::new(at()),
            name: "Head nurse".to_owned(),
            version: 2,
            names: "patients.find booking.view".to_owned(),
            holders: 1,
        }
    }

    pub fn member(full: bool) -> Member {
        let id = StaffId::new(at());
        let person = Person {
            id,
            login: "aigul.b".to_owned(),
            name: "Aigul Bekova".to_owned(),
            role: Role::Reception,
            custom_id: full.then(|| RoleId::new(at())),
            custom: full.then(|| "Head nurse".to_owned()),
            since: at(),
            left_at: None,
            second_factor: full,
        };
        let lent = |role: Option<&str>| Deputation {
            id: DeputationId::new(at()),
            staff_id: id,
            instead_of: role.map(|_| "Dana Ospanova".to_owned()),
            role: role.map(ToOwned::to_owned),
            custom: role.is_none().then(|| "Head nurse".to_owned()),
            from_at: at(),
            last_at: at(),
            reason: "vacation".to_owned(),
        };
        let held = Held {
            staff_id: id,
            cause: "added".to_owned(),
            proposed_at: at(),
            proposer_id: id,
            proposer: "Timur".to_owned(),
        };
        let lent = if full { vec![lent(Some("cashier")), lent(None)] } else { Vec::new() };
        Member { person, lent, held: full.then_some(held) }
    }

    impl View for PersonPage {
        const TEMPLATE: &'static str = "access/person.html";

        fn samples() -> Vec<Self> {
            let page = |full: bool| Self {
                member: member(full),
                roles: names(),
                customs: vec![custom()],
                colleagues: vec![(StaffId::new(at()), "Dana Ospanova".to_owned())],
                may_give: true,
                may_manage: true,
                proven: full,
                own_proposal: false,
                form: DeputationForm::default(),
                errors: FieldErrors::new(),
            };
            let mut refused = page(true);
            refused.errors = FieldErrors::from([
                ("from", "access-error-day".to_owned()),
                ("until", "access-error-time".to_owned()),
                ("role", "access-error-role".to_owned()),
                ("reason", "access-error-reason".to_owned()),
            ]);
            let mut own = page(true);
            own.own_proposal = true;
            let mut looked_at = page(false);
            (looked_at.may_give, looked_at.may_manage) = (false, false);
            vec![page(true), page(false), refused, own, looked_at]
        }
    }

    impl View for RolesPage {
        const TEMPLATE: &'static str = "access/roles.html";

        fn samples() -> Vec<Self> {
            let page = |everybody: bool, customs: Vec<CustomRole>| Self {
                roles: names(),
                rooms: rooms(&customs),
                customs,
                reach: ReachRule {
                    version: 2,
                    everybody,
                    days: 30,
                    changed_at: at(),
                    changed_by: everybody.then(|| "Timur".to_owned()),
                },
                may_give: everybody,
                proven: everybody,
            };
            vec![page(true, vec![custom()]), page(false, Vec::new())]
        }
    }

    impl View for RolePage {
        const TEMPLATE: &'static str = "access/role.html";

        fn samples() -> Vec<Self> {
            let chosen = Rights::of(Role::Reception);
            let mut refused = Self::new(true, None, String::new(), Rights::default());
            refused.errors = FieldErrors::from([
                ("name", "access-error-name".to_owned()),
                ("rights", "access-error-no-rights".to_owned()),
            ]);
            let known = Self::new(false, Some(RoleId::new(at())), "Head nurse".to_owned(), chosen);
            vec![known, refused]
        }
    }

    impl View for AccessList {
        const TEMPLATE: &'static str = "access/list.html";

        fn samples() -> Vec<Self> {
            let members = vec![member(true), member(false)];
            vec![Self { members, made_at: at(), made_by: "Timur".to_owned() }]
        }
    }
}
