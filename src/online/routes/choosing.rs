//! What, and with whom: pages of links, without a form.

use axum::extract::{Path, Query};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::clock::Civil;
use crate::ids::{ResourceId, ServiceId};
use crate::online::island;
use crate::online::offer::{Offer, OfferedDoctor, OfferedService};
use crate::online::routes::visitor::{Frame, Visitor};
use crate::web::{Problem, Routes, see_other};

mod samples;

pub(super) fn routes() -> Routes {
    Routes::new().get("/", home).get("/book", services).get("/book/{service}", doctors)
}

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
