//! What, with whom, when: three pages of links, without a form.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::booking::FreeSlot;
use crate::clock::{Civil, Day};
use crate::ids::{ResourceId, ServiceId};
use crate::online::island;
use crate::online::offer::{Offer, OfferedDoctor, OfferedService};
use crate::online::routes::visitor::{Frame, Visitor};
use crate::pages::View;
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/", home)
        .get("/book", services)
        .get("/book/{service}", doctors)
        .get("/book/{service}/{doctor}", times)
}

/// Days that one page of times shows.
const DAYS: i64 = 21;

/// Whom a link names where it names nobody.
pub const ANY: &str = "any";

/// "What is to be done?"
#[derive(Debug, Serialize)]
pub struct ServicesPage {
    frame: Frame,
    urgent: Vec<Pick>,
    groups: Vec<Group>,
    /// Whose services these are, when the link names a doctor.
    doctor: Option<OfferedDoctor>,
    /// What search engines read.
    island: String,
}

#[derive(Debug, Serialize)]
struct Group {
    /// Empty for services without a category.
    name: String,
    picks: Vec<Pick>,
}

#[derive(Debug, Serialize)]
struct Pick {
    service: OfferedService,
    href: String,
    /// The nearest time, of urgent ones.
    near: Option<Near>,
}

/// A time, and whether it is today or tomorrow.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Near {
    at: Civil,
    /// `today`, `tomorrow` or `later`.
    day: &'static str,
}

/// "With whom?"
#[derive(Debug, Serialize)]
pub struct DoctorsPage {
    frame: Frame,
    service: OfferedService,
    any: Option<Near>,
    doctors: Vec<DoctorPick>,
}

#[derive(Debug, Serialize)]
struct DoctorPick {
    doctor: OfferedDoctor,
    near: Option<Near>,
    /// The colour of the initials, 1 to 5.
    tone: usize,
}

/// "When?"
#[derive(Debug, Serialize)]
pub struct TimesPage {
    frame: Frame,
    service: OfferedService,
    /// None: any.
    doctor: Option<OfferedDoctor>,
    /// As it stands in the address.
    who: String,
    days: Vec<DayChip>,
    chosen: Option<Day>,
    parts: Vec<DayPart>,
    /// The first day of the next page, if there is one.
    later: Option<Day>,
    earlier: Option<Day>,
    /// Whether the time just chosen was given to somebody else meanwhile.
    taken: bool,
}

#[derive(Clone, Debug, Serialize)]
struct DayChip {
    day: Day,
    number: i8,
    /// Monday is 1.
    weekday: i8,
    free: usize,
}

#[derive(Clone, Debug, Serialize)]
struct DayPart {
    /// `morning`, `day` or `evening`.
    name: &'static str,
    times: Vec<Civil>,
}

impl Near {
    pub fn of(at: Civil, now: Civil) -> Self {
        let day = match at.day().days_since(now.day()) {
            0 => "today",
            1 => "tomorrow",
            _ => "later",
        };
        Self { at, day }
    }
}

async fn home(visitor: Visitor) -> Result<Response, Problem> {
    let offer = visitor.offer().await?;
    if offer.settings.enabled {
        Ok(see_other(&format!("/book{}", visitor.carry())))
    } else {
        visitor.off(&offer)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Deep {
    doctor: String,
    service: String,
}

async fn services(visitor: Visitor, Query(deep): Query<Deep>) -> Result<Response, Problem> {
    let offer = visitor.offer().await?;
    if !offer.settings.enabled {
        return visitor.off(&offer);
    }
    let doctor = deep.doctor.parse().ok().and_then(|id| offer.doctor(id)).cloned();
    let service: Option<ServiceId> = deep.service.parse().ok();
    if let Some(service) = service.and_then(|id| offer.service(id)) {
        let who = doctor.filter(|doctor| offer.does(doctor.id, service.id));
        let who = who.map(|doctor| format!("/{}", doctor.id)).unwrap_or_default();
        return Ok(see_other(&format!("/book/{}{who}{}", service.id, visitor.carry())));
    }
    let view = ServicesPage::of(&visitor, &offer, doctor).await?;
    visitor.page(&offer, &view)
}

async fn doctors(visitor: Visitor, Path(id): Path<String>) -> Result<Response, Problem> {
    let offer = visitor.offer().await?;
    let service = id.parse().ok().and_then(|id| offer.service(id));
    let Some(service) = service.filter(|_| offer.settings.enabled) else {
        return visitor.off(&offer);
    };
    let now = visitor.now();
    let near = offer.nearest(&visitor.clinic, &visitor.view, service).await?;
    let pick = |(at, doctor): (usize, &OfferedDoctor)| DoctorPick {
        doctor: doctor.clone(),
        near: near.get(&doctor.id).map(|at| Near::of(*at, now)),
        tone: at % 5 + 1,
    };
    let view = DoctorsPage {
        frame: visitor.frame(&offer, Some(&format!("/book/{}", service.id))),
        service: service.clone(),
        any: near.values().min().map(|at| Near::of(*at, now)),
        doctors: offer.who(service.id).enumerate().map(pick).collect(),
    };
    visitor.page(&offer, &view)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct When {
    day: String,
    from: String,
}

async fn times(
    visitor: Visitor,
    Path((service, doctor)): Path<(String, String)>,
    Query(when): Query<When>,
) -> Result<Response, Problem> {
    let offer = visitor.offer().await?;
    let Some((service, doctor)) = chosen(&offer, &service, &doctor) else {
        return visitor.off(&offer);
    };
    let days = (when.from.parse().ok(), when.day.parse().ok());
    let view = TimesPage::of(&visitor, &offer, service, doctor, days).await?;
    visitor.page(&offer, &view)
}

/// What an address names, if patients may choose it; None for any doctor.
pub fn chosen<'a>(
    offer: &'a Offer,
    service: &str,
    doctor: &str,
) -> Option<(&'a OfferedService, Option<&'a OfferedDoctor>)> {
    let service = service.parse().ok().and_then(|id| offer.service(id))?;
    if !offer.settings.enabled {
        return None;
    }
    if doctor == ANY {
        return Some((service, None));
    }
    let id: ResourceId = doctor.parse().ok()?;
    let doctor = offer.doctor(id).filter(|_| offer.does(id, service.id))?;
    Some((service, Some(doctor)))
}

impl ServicesPage {
    async fn of(
        visitor: &Visitor,
        offer: &Offer,
        doctor: Option<OfferedDoctor>,
    ) -> Result<Self, Problem> {
        let now = visitor.now();
        let (mut urgent, mut groups): (Vec<Pick>, Vec<Group>) = (Vec::new(), Vec::new());
        for service in &offer.services {
            if doctor.as_ref().is_some_and(|doctor| !offer.does(doctor.id, service.id)) {
                continue;
            }
            let who = doctor.as_ref().map(|doctor| format!("/{}", doctor.id));
            // Pain chooses no doctor.
            let who = who.or_else(|| service.urgent.then(|| format!("/{ANY}")));
            let href = format!("/book/{}{}", service.id, who.unwrap_or_default());
            let mut pick = Pick { service: service.clone(), href, near: None };
            if service.urgent {
                let near = offer.nearest(&visitor.clinic, &visitor.view, service).await?;
                pick.near = near.values().min().map(|at| Near::of(*at, now));
                urgent.push(pick);
            } else if let Some(group) = groups.iter_mut().find(|one| one.name == service.category) {
                group.picks.push(pick);
            } else {
                groups.push(Group { name: service.category.clone(), picks: vec![pick] });
            }
        }
        let page = doctor.as_ref().map(|doctor| format!("/book?doctor={}", doctor.id));
        let frame = visitor.frame(offer, Some(page.as_deref().unwrap_or("/book")));
        let url = &visitor.clinic.places.public_url;
        let chrome = &visitor.chrome;
        let island = island::clinic(offer, &chrome.clinic_name, url, chrome.language);
        Ok(Self { frame, urgent, groups, doctor, island })
    }
}

impl TimesPage {
    pub async fn of(
        visitor: &Visitor,
        offer: &Offer,
        service: &OfferedService,
        doctor: Option<&OfferedDoctor>,
        (from, day): (Option<Day>, Option<Day>),
    ) -> Result<Self, Problem> {
        let today = visitor.now().day();
        let window = offer.window(service, visitor.now());
        let first = from.or(day.filter(|day| today.plus_days(DAYS) <= *day)).unwrap_or(today);
        let first = first.max(today).min(window.last);
        let last = first.plus_days(DAYS - 1).min(window.last);
        let start = Civil::new(first, 0).ok_or(Problem::NotFound)?;
        let who = doctor.map(|doctor| doctor.id);
        let free = offer.free(&visitor.clinic, &visitor.view, service, who, (start, last)).await?;
        let days = DayChip::of(&free, first, last);
        let open = |day: Day| days.iter().any(|chip| chip.day == day && 0 < chip.free);
        let soonest = days.iter().find(|chip| 0 < chip.free).map(|chip| chip.day);
        let chosen = day.filter(|day| open(*day)).or(soonest);
        let frame = visitor.frame(offer, None);
        Ok(Self {
            frame,
            service: service.clone(),
            doctor: doctor.cloned(),
            who: doctor.map_or(ANY.to_owned(), |doctor| doctor.id.to_string()),
            parts: chosen.map(|day| DayPart::of(&free, day)).unwrap_or_default(),
            days,
            chosen,
            later: (last < window.last).then(|| last.plus_days(1)),
            earlier: (today < first).then(|| first.plus_days(-DAYS).max(today)),
            taken: false,
        })
    }

    /// As the answer to somebody who was slower: what is free, beginning with
    /// the day they wanted.
    pub async fn lost(
        visitor: &Visitor,
        offer: &Offer,
        service: &OfferedService,
        doctor: Option<&OfferedDoctor>,
        day: Day,
    ) -> Result<Response, Problem> {
        let view = Self::of(visitor, offer, service, doctor, (None, Some(day))).await?;
        let page = Page::of(&visitor.clinic, &visitor.chrome, &Self { taken: true, ..view })?;
        Ok(visitor.drawn(offer, page.status(StatusCode::CONFLICT)))
    }
}

impl DayChip {
    /// Each day from the first that has something to the last.
    fn of(free: &[FreeSlot], first: Day, last: Day) -> Vec<Self> {
        let days = (0..=last.days_since(first)).map(|after| first.plus_days(after));
        let chip = |day: Day| {
            let mut times: Vec<Civil> =
                free.iter().map(|slot| slot.starts).filter(|at| at.day() == day).collect();
            times.dedup();
            let number = day.to_jiff().day();
            Self { day, number, weekday: day.weekday(), free: times.len() }
        };
        days.map(chip).collect()
    }
}

impl DayPart {
    fn of(free: &[FreeSlot], day: Day) -> Vec<Self> {
        let mut times: Vec<Civil> =
            free.iter().map(|slot| slot.starts).filter(|at| at.day() == day).collect();
        times.dedup();
        let within = |from: u16, until: u16| {
            let inside = |at: &&Civil| (from..until).contains(&at.minute_of_day());
            times.iter().filter(inside).copied().collect()
        };
        [("morning", 0, 12 * 60), ("day", 12 * 60, 17 * 60), ("evening", 17 * 60, 24 * 60)]
            .into_iter()
            .map(|(name, from, until)| Self { name, times: within(from, until) })
            .filter(|part| !part.times.is_empty())
            .collect()
    }
}

/// For samples of several pages.
pub fn sample() -> (OfferedService, OfferedDoctor) {
    let at = crate::clock::Timestamp::from_unix_ms(0);
    let service = OfferedService {
        id: ServiceId::new(at),
        name: "Профгигиена".to_owned(),
        category: "Терапия".to_owned(),
        minutes: 60,
        price: Some(crate::money::Money::from_tenge(25_000)),
        price_from: true,
        moderated: true,
        urgent: false,
        prepare: "Возьмите снимки.".to_owned(),
    };
    let doctor = OfferedDoctor {
        id: ResourceId::new(at),
        name: "Сейтова Айгуль Нурлановна".to_owned(),
        specialty: "Терапевт".to_owned(),
        years: Some(14),
        about: "Лечит взрослых.".to_owned(),
    };
    (service, doctor)
}

/// For samples.
pub fn sample_time() -> Civil {
    "2026-12-01T09:30".parse().expect("a civil time")
}

impl View for ServicesPage {
    const TEMPLATE: &'static str = "online/services.html";

    fn samples() -> Vec<Self> {
        let (service, doctor) = sample();
        let near = Some(Near { at: sample_time(), day: "later" });
        let pick = |near| Pick { service: service.clone(), href: "/book/1".to_owned(), near };
        let bare = OfferedService { price: None, moderated: false, ..service.clone() };
        let bare = Pick { service: bare, href: "/book/2".to_owned(), near: None };
        let whole = Self {
            frame: Frame::sample(),
            urgent: vec![pick(near), pick(None)],
            groups: vec![
                Group { name: String::new(), picks: vec![bare] },
                Group { name: "Терапия".to_owned(), picks: vec![pick(None)] },
            ],
            doctor: Some(doctor),
            island: "{}".to_owned(),
        };
        let (urgent, groups) = (Vec::new(), Vec::new());
        let empty =
            Self { frame: Frame::sample(), urgent, groups, doctor: None, island: "{}".to_owned() };
        vec![whole, empty]
    }
}

impl View for DoctorsPage {
    const TEMPLATE: &'static str = "online/doctors.html";

    fn samples() -> Vec<Self> {
        let (service, doctor) = sample();
        let near = Some(Near { at: sample_time(), day: "tomorrow" });
        let bare = OfferedDoctor {
            specialty: String::new(),
            years: None,
            about: String::new(),
            ..doctor.clone()
        };
        let doctors = vec![
            DoctorPick { doctor, near, tone: 1 },
            DoctorPick { doctor: bare, near: None, tone: 2 },
        ];
        let page =
            |any, doctors| Self { frame: Frame::sample(), service: service.clone(), any, doctors };
        vec![page(near, doctors), page(None, Vec::new())]
    }
}

impl View for TimesPage {
    const TEMPLATE: &'static str = "online/times.html";

    fn samples() -> Vec<Self> {
        let (service, doctor) = sample();
        let day = sample_time().day();
        let chip = |day: Day, free| DayChip { day, number: 1, weekday: day.weekday(), free };
        let whole = Self {
            frame: Frame::sample(),
            service: service.clone(),
            doctor: Some(doctor),
            who: ANY.to_owned(),
            days: vec![chip(day, 2), chip(day.plus_days(1), 0)],
            chosen: Some(day),
            parts: vec![DayPart { name: "morning", times: vec![sample_time()] }],
            later: Some(day),
            earlier: Some(day),
            taken: true,
        };
        let empty = Self {
            frame: Frame::sample(),
            service,
            doctor: None,
            who: ANY.to_owned(),
            days: Vec::new(),
            chosen: None,
            parts: Vec::new(),
            later: None,
            earlier: None,
            taken: false,
        };
        vec![whole, empty]
    }
}
