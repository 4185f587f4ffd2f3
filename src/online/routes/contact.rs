//! Who comes and on which phone: the one form of booking.

use axum::Form;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::clock::Civil;
use crate::contact::Phone;
use crate::online::model::{Birth, Capped};
use crate::online::offer::{Offer, OfferedDoctor, OfferedService};
use crate::online::routes::choosing::{ANY, chosen};
use crate::online::routes::samples::{sample, sample_time};
use crate::online::routes::times::TimesPage;
use crate::online::routes::visitor::{Frame, Visitor};
use crate::online::settings::{self, Errors};
use crate::online::{self, Asked, FormKey, OnlineError, proof};
use crate::pages::View;
use crate::web::{Page, Problem, Routes, see_other};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/book/{service}/{doctor}/{starts}", show)
        .post("/book/{service}/{doctor}/{starts}", send)
}

/// The longest name that is taken, in characters.
const LONGEST: usize = 120;

/// What was typed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct ContactForm {
    name: String,
    phone: String,
    birth: String,
    other: String,
    consent: String,
    /// The key of the form, and the proof of work for it.
    #[serde(skip_serializing)]
    key: String,
    #[serde(skip_serializing)]
    work: String,
}

/// "Who comes?"
#[derive(Debug, Serialize)]
pub struct ContactPage {
    frame: Frame,
    service: OfferedService,
    /// None: any.
    doctor: Option<OfferedDoctor>,
    who: String,
    starts: Civil,
    form: ContactForm,
    errors: Errors,
    /// Why no code was sent: `soon`, `phone`, `net` …; empty when nothing is wrong.
    capped: &'static str,
    /// Seconds to wait, with `soon`.
    wait: i64,
    /// What they agree to, in their language.
    consent_text: String,
    consent_version: i64,
    key: String,
    bits: i64,
}

/// What an address names.
struct Slot<'a> {
    service: &'a OfferedService,
    doctor: Option<&'a OfferedDoctor>,
    starts: Civil,
}

type Named = Path<(String, String, String)>;

fn slot<'a>(
    offer: &'a Offer,
    (service, doctor, starts): &(String, String, String),
) -> Option<Slot<'a>> {
    let (service, doctor) = chosen(offer, service, doctor)?;
    Some(Slot { service, doctor, starts: starts.parse().ok()? })
}

async fn show(visitor: Visitor, Path(named): Named) -> Result<Response, Problem> {
    let offer = visitor.offer().await?;
    let Some(slot) = slot(&offer, &named) else { return visitor.off(&offer) };
    if !is_free(&visitor, &offer, &slot).await? {
        let Slot { service, doctor, starts } = slot;
        return TimesPage::lost(&visitor, &offer, service, doctor, starts.day()).await;
    }
    let view = ContactPage::of(&visitor, &offer, &slot, ContactForm::default()).await?;
    visitor.page(&offer, &view)
}

async fn send(
    visitor: Visitor,
    Path(named): Named,
    Form(form): Form<ContactForm>,
) -> Result<Response, Problem> {
    let offer = visitor.offer().await?;
    let Some(slot) = slot(&offer, &named) else { return visitor.off(&offer) };
    let mut page = ContactPage::of(&visitor, &offer, &slot, form.clone()).await?;
    let pepper = visitor.clinic.keys.get().otp_pepper();
    let key = FormKey::read(&form.key, &pepper, visitor.clinic.clock().now());
    let asked = form.understand(&visitor, &slot);
    let (key, asked) = match (key, asked) {
        (Ok(key), Ok(asked)) => (key, asked),
        (key, asked) => {
            page.errors = asked.err().unwrap_or_default();
            if key.is_err() {
                page.errors.insert("key", "online-error-old");
            }
            return page.refused(&visitor, &offer, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    match online::begin(&visitor.clinic, &visitor.grant, &key, &form.work, &asked).await {
        Ok(link) => Ok(see_other(&format!("/visit/{}{}", link.as_str(), visitor.carry()))),
        Err(OnlineError::Lost(_)) => {
            let Slot { service, doctor, starts } = slot;
            TimesPage::lost(&visitor, &offer, service, doctor, starts.day()).await
        }
        Err(OnlineError::Capped(capped)) => {
            page.cap(capped);
            page.refused(&visitor, &offer, StatusCode::TOO_MANY_REQUESTS)
        }
        Err(OnlineError::NoCodes) => {
            page.errors.insert("phone", "online-error-mobile");
            page.refused(&visitor, &offer, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(error) => Err(error.into()),
    }
}

async fn is_free(visitor: &Visitor, offer: &Offer, slot: &Slot<'_>) -> Result<bool, Problem> {
    let day = slot.starts.day();
    let start = Civil::new(day, 0).ok_or(Problem::NotFound)?;
    let who = slot.doctor.map(|doctor| doctor.id);
    let Visitor { clinic, view, .. } = visitor;
    let free = offer.free(clinic, view, slot.service, who, (start, day)).await?;
    Ok(free.iter().any(|free| free.starts == slot.starts))
}

impl ContactForm {
    fn understand(&self, visitor: &Visitor, slot: &Slot<'_>) -> Result<Asked, Errors> {
        let mut errors = Errors::new();
        let name = self.name.split_whitespace().collect::<Vec<_>>().join(" ");
        let letters = name.chars().filter(|letter| letter.is_alphabetic()).count();
        if letters < 2 {
            errors.insert("name", "online-error-name");
        } else if LONGEST < name.chars().count() {
            errors.insert("name", "online-error-long");
        }
        let phone = Phone::parse(&self.phone).ok();
        match &phone {
            None => _ = errors.insert("phone", "online-error-phone"),
            Some(phone) if !phone.is_mobile() => {
                errors.insert("phone", "online-error-mobile");
            }
            Some(_) => {}
        }
        let birth = Birth::read(&self.birth, visitor.now().day());
        if birth.is_none() && !self.birth.trim().is_empty() {
            errors.insert("birth", "online-error-birth");
        }
        if self.consent.is_empty() {
            errors.insert("consent", "online-error-consent");
        }
        let Some(phone) = phone.filter(|_| errors.is_empty()) else { return Err(errors) };
        Ok(Asked {
            service_id: slot.service.id,
            doctor_id: slot.doctor.map(|doctor| doctor.id),
            starts: slot.starts,
            language: visitor.chrome.language,
            phone,
            name,
            birth,
            for_other: !self.other.is_empty(),
            campaign: visitor.campaign.clone(),
        })
    }
}

impl ContactPage {
    async fn of(
        visitor: &Visitor,
        offer: &Offer,
        slot: &Slot<'_>,
        form: ContactForm,
    ) -> Result<Self, Problem> {
        let clinic = &visitor.clinic;
        let mut reader = clinic.vault.read(&visitor.view).await?;
        let consent = settings::newest_consent(&mut reader).await?;
        let pepper = clinic.keys.get().otp_pepper();
        Ok(Self {
            frame: visitor.frame(offer, None),
            service: slot.service.clone(),
            doctor: slot.doctor.cloned(),
            who: slot.doctor.map_or(ANY.to_owned(), |doctor| doctor.id.to_string()),
            starts: slot.starts,
            form,
            errors: Errors::new(),
            capped: "",
            wait: 0,
            consent_version: consent.version,
            consent_text: consent.said_in(visitor.chrome.language),
            key: proof::issue(&pepper, &clinic.random, clinic.clock().now()),
            bits: offer.settings.work_bits,
        })
    }

    fn cap(&mut self, capped: Capped) {
        self.capped = capped.code();
        if let Capped::TooSoon { seconds } = capped {
            self.wait = seconds;
        }
    }

    fn refused(
        &self,
        visitor: &Visitor,
        offer: &Offer,
        status: StatusCode,
    ) -> Result<Response, Problem> {
        let page = Page::of(&visitor.clinic, &visitor.chrome, self)?;
        Ok(visitor.drawn(offer, page.status(status)))
    }
}

impl View for ContactPage {
    const TEMPLATE: &'static str = "online/contact.html";

    fn samples() -> Vec<Self> {
        let (service, doctor) = sample();
        let page = |form, errors, capped| Self {
            frame: Frame::sample(),
            service: service.clone(),
            doctor: Some(doctor.clone()),
            who: ANY.to_owned(),
            starts: sample_time(),
            form,
            errors,
            capped,
            wait: 42,
            consent_text: "…".to_owned(),
            consent_version: 1,
            key: "A".repeat(54),
            bits: 18,
        };
        let typed = ContactForm {
            name: "А".to_owned(),
            phone: "8 701".to_owned(),
            other: "on".to_owned(),
            ..ContactForm::default()
        };
        let errors = Errors::from([
            ("name", "online-error-name"),
            ("phone", "online-error-mobile"),
            ("birth", "online-error-birth"),
            ("consent", "online-error-consent"),
            ("key", "online-error-old"),
        ]);
        let capped = |capped| page(ContactForm::default(), Errors::new(), capped);
        let mut any = capped("");
        any.doctor = None;
        let caps = ["soon", "phone", "net", "clinic", "request"].map(capped);
        [page(typed, errors, ""), any].into_iter().chain(caps).collect()
    }
}
