//! Branches, what an appointment takes up, and what is done.

use serde::{Deserialize, Serialize};

use crate::contact::{Phone, name};
use crate::i18n::Language;
use crate::ids::{BranchId, ResourceId, ServiceId, StaffId};
use crate::money::Money;

/// Where the clinic works.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Branch {
    pub id: BranchId,
    pub name: String,
    pub address: String,
    /// None where the clinic's own serves.
    pub phone: Option<Phone>,
    /// tzdata name.
    pub zone: String,
    /// Whether it is closed for good.
    pub ended: bool,
}

/// What is entered of a branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchDraft {
    pub name: String,
    pub address: String,
    pub phone: Option<Phone>,
    /// tzdata name.
    pub zone: String,
}

/// What an appointment can take up.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum ResourceKind {
    Doctor,
    Chair,
    Room,
    Device,
    Assistant,
}

/// A doctor, chair, room, device or assistant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Resource {
    pub id: ResourceId,
    pub branch_id: BranchId,
    pub kind: ResourceKind,
    /// «Сейтова Айгуль Нурлановна», «Кресло 2».
    pub name: String,
    /// «Сейтова А. Н.», «Кр. 2».
    pub short_name: String,
    /// Empty where there is none.
    pub specialty: String,
    /// Who signs in as this doctor; None for most.
    pub staff_id: Option<StaffId>,
    /// Order of the columns.
    pub position: i64,
    /// Whether they left or it is gone. Old appointments still name them.
    pub ended: bool,
}

/// What is entered of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceDraft {
    pub branch_id: BranchId,
    pub kind: ResourceKind,
    pub name: String,
    pub short_name: String,
    pub specialty: String,
    pub staff_id: Option<StaffId>,
}

/// Something the clinic does for a price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Service {
    pub id: ServiceId,
    pub name: String,
    /// In Kazakh; empty where it is the same.
    pub name_kk: String,
    /// In English; empty where nobody has said.
    pub name_en: String,
    /// Empty where there is none.
    pub category: String,
    pub duration_minutes: u16,
    /// Kept free before it, to prepare; 0 for most.
    pub before_minutes: u16,
    /// Kept free after it, to clean.
    pub after_minutes: u16,
    /// None while nobody has said.
    pub price: Option<Money>,
    /// Whether the price is the lowest one: «от 5 000 ₸».
    pub price_from: bool,
    /// Whether patients may choose it themselves.
    pub online: bool,
    /// Whether it is no longer done.
    pub ended: bool,
    /// Who does it; empty: every doctor.
    #[sqlx(skip)]
    pub performers: Vec<Performer>,
    /// What it takes up besides who does it: any one of each kind.
    #[sqlx(skip)]
    pub needs: Vec<ResourceKind>,
}

/// Somebody who does a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Performer {
    pub resource_id: ResourceId,
    /// None: as long as the service says.
    pub duration_minutes: Option<u16>,
}

/// What is entered of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceDraft {
    pub name: String,
    pub name_kk: String,
    pub name_en: String,
    pub category: String,
    /// 5 to 720, in steps of 5.
    pub duration_minutes: u16,
    /// 0 to 120, in steps of 5.
    pub before_minutes: u16,
    /// 0 to 120, in steps of 5.
    pub after_minutes: u16,
    pub price: Option<Money>,
    pub price_from: bool,
    pub online: bool,
    pub performers: Vec<Performer>,
    pub needs: Vec<ResourceKind>,
}

/// All the clinic is made of, ended things included, each list in the order of
/// pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Catalog {
    pub branches: Vec<Branch>,
    pub resources: Vec<Resource>,
    pub services: Vec<Service>,
}

/// A row of the wizard: somebody or something to enter, rename or, with an
/// empty name, end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRow {
    /// None for a new one.
    pub id: Option<ResourceId>,
    pub kind: ResourceKind,
    pub name: String,
    pub specialty: String,
}

/// The same for a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRow {
    /// None for a new one.
    pub id: Option<ServiceId>,
    pub name: String,
    pub duration_minutes: u16,
    pub price: Option<Money>,
}

/// A member of staff who may treat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct TreatingStaff {
    pub id: StaffId,
    pub name: String,
}

impl ResourceKind {
    pub const ALL: [Self; 5] =
        [Self::Doctor, Self::Chair, Self::Room, Self::Device, Self::Assistant];

    pub fn name(self) -> &'static str {
        match self {
            Self::Doctor => "doctor",
            Self::Chair => "chair",
            Self::Room => "room",
            Self::Device => "device",
            Self::Assistant => "assistant",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Where a patient sits or lies: what a shift can be in.
    pub fn is_place(self) -> bool {
        matches!(self, Self::Chair | Self::Room)
    }

    /// Who works by shifts.
    pub fn is_person(self) -> bool {
        matches!(self, Self::Doctor | Self::Assistant)
    }
}

impl Catalog {
    pub fn branch(&self, id: BranchId) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.id == id)
    }

    pub fn resource(&self, id: ResourceId) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.id == id)
    }

    pub fn service(&self, id: ServiceId) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    /// Branches that work.
    pub fn open_branches(&self) -> impl Iterator<Item = &Branch> {
        self.branches.iter().filter(|branch| !branch.ended)
    }

    /// What is there of a kind now.
    pub fn present(&self, kind: ResourceKind) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(move |resource| resource.kind == kind && !resource.ended)
    }

    pub fn doctors(&self) -> impl Iterator<Item = &Resource> {
        self.present(ResourceKind::Doctor)
    }

    /// Chairs and rooms that are there now.
    pub fn places(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(|resource| resource.kind.is_place() && !resource.ended)
    }

    /// Services that are done now.
    pub fn offered(&self) -> impl Iterator<Item = &Service> {
        self.services.iter().filter(|service| !service.ended)
    }

    /// Doctors, here now, who do a service.
    pub fn performers<'a>(&'a self, service: &'a Service) -> impl Iterator<Item = &'a Resource> {
        self.doctors().filter(|doctor| service.minutes_with(doctor.id).is_some())
    }

    /// Who signs in as this doctor.
    pub fn doctor_of_staff(&self, staff_id: StaffId) -> Option<&Resource> {
        self.doctors().find(|doctor| doctor.staff_id == Some(staff_id))
    }
}

impl Service {
    /// The name that somebody of a language reads.
    pub fn name_in(&self, language: Language) -> &str {
        let own = match language {
            Language::Ru => "",
            Language::Kk => &self.name_kk,
            Language::En => &self.name_en,
        };
        if own.is_empty() { &self.name } else { own }
    }

    /// How long it takes with this doctor; None when they do not do it.
    pub fn minutes_with(&self, doctor: ResourceId) -> Option<u16> {
        if self.performers.is_empty() {
            return Some(self.duration_minutes);
        }
        let performer = self.performers.iter().find(|one| one.resource_id == doctor)?;
        Some(performer.duration_minutes.unwrap_or(self.duration_minutes))
    }
}

impl ResourceDraft {
    /// Somebody or something with a name and nothing else known.
    pub fn named(branch_id: BranchId, kind: ResourceKind, name: &str) -> Self {
        let short_name = if kind.is_person() { short_name(name) } else { name.to_owned() };
        Self {
            branch_id,
            kind,
            name: name.to_owned(),
            short_name,
            specialty: String::new(),
            staff_id: None,
        }
    }
}

impl Resource {
    /// What stands in it now, to be changed.
    pub fn draft(&self) -> ResourceDraft {
        ResourceDraft {
            branch_id: self.branch_id,
            kind: self.kind,
            name: self.name.clone(),
            short_name: self.short_name.clone(),
            specialty: self.specialty.clone(),
            staff_id: self.staff_id,
        }
    }
}

impl Service {
    /// What stands in it now, to be changed.
    pub fn draft(&self) -> ServiceDraft {
        ServiceDraft {
            name: self.name.clone(),
            name_kk: self.name_kk.clone(),
            name_en: self.name_en.clone(),
            category: self.category.clone(),
            duration_minutes: self.duration_minutes,
            before_minutes: self.before_minutes,
            after_minutes: self.after_minutes,
            price: self.price,
            price_from: self.price_from,
            online: self.online,
            performers: self.performers.clone(),
            needs: self.needs.clone(),
        }
    }
}

impl ServiceDraft {
    /// A service with a name and nothing else known: half an hour, by anybody.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            name_kk: String::new(),
            name_en: String::new(),
            category: String::new(),
            duration_minutes: 30,
            before_minutes: 0,
            after_minutes: 0,
            price: None,
            price_from: false,
            online: false,
            performers: Vec::new(),
            needs: Vec::new(),
        }
    }
}

/// «Сейтова Айгуль Нурлановна» and «Айгуль Нурлановна Сейтова» as «Сейтова А.
/// Н.»; what has initials already stays in its order.
pub fn short_name(name: &str) -> String {
    let parts = name::split(name);
    let written_out = !name.contains('.') && name.split_whitespace().count() <= 4;
    if written_out && !parts.surname.is_empty() && !parts.given.is_empty() {
        let initials =
            [&parts.given, &parts.patronymic].into_iter().filter(|part| !part.is_empty());
        return initials
            .fold(parts.surname.clone(), |short, part| format!("{short} {}", initial(part)));
    }
    let mut words = name.split_whitespace();
    let Some(first) = words.next() else { return String::new() };
    words.take(2).fold(first.to_owned(), |short, word| {
        if word.ends_with('.') {
            format!("{short} {word}")
        } else {
            format!("{short} {}", initial(word))
        }
    })
}

/// The first letter, large, with a dot.
fn initial(word: &str) -> String {
    let first = word.chars().next().into_iter().flat_map(char::to_uppercase);
    first.chain(['.']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    #[test]
    fn a_short_name_keeps_the_surname_and_initials() {
        assert_eq!(short_name("Сейтова Айгуль Нурлановна"), "Сейтова А. Н.");
        assert_eq!(short_name("Айгерим Нурлановна Сейтова"), "Сейтова А. Н.");
        assert_eq!(short_name("Ерлан Маратұлы Досжанов"), "Досжанов Е. М.");
        assert_eq!(short_name("Әлия Серікқызы Оспанова"), "Оспанова Ә. С.");
        assert_eq!(short_name("Айгерим Сейтова"), "Сейтова А.");
        assert_eq!(short_name("  Қасым   әли "), "Қасым Ә.");
        assert_eq!(short_name("Ли Сергей Д."), "Ли С. Д.");
        assert_eq!(short_name("Ким С.В."), "Ким С.В.");
        assert_eq!(short_name("Айгерим"), "Айгерим");
        assert_eq!(short_name(""), "");
    }

    #[test]
    fn a_service_that_names_nobody_is_done_by_every_doctor() {
        let now = Timestamp::from_unix_ms(0);
        let (anna, boris) = (ResourceId::new(now), ResourceId::new(now));
        let draft = ServiceDraft::named("Осмотр");
        let mut service = Service {
            id: ServiceId::new(now),
            name: draft.name,
            name_kk: draft.name_kk,
            name_en: draft.name_en,
            category: draft.category,
            duration_minutes: 30,
            before_minutes: 0,
            after_minutes: 0,
            price: None,
            price_from: false,
            online: false,
            ended: false,
            performers: Vec::new(),
            needs: Vec::new(),
        };
        assert_eq!(service.minutes_with(boris), Some(30));

        service.performers = vec![Performer { resource_id: anna, duration_minutes: Some(45) }];
        assert_eq!(service.minutes_with(anna), Some(45));
        assert_eq!(service.minutes_with(boris), None);
    }
}
