//! The form on the public listener, on a page of its own and inside the clinic's
//! own sites.

use axum::Form;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::contact::Phone;
use crate::enquiries::{self, Enquiry, EnquiryError};
use crate::online::settings::{self, Errors};
use crate::online::{self, Capped, FormKey, Frame, Offer, Visitor};
use crate::pages::View;
use crate::web::{Page, Problem, Routes, see_other};

/// The public listener's.
pub fn public_routes() -> Routes {
    Routes::new().get("/ask", show).post("/ask", send).get("/ask/done", done)
}

/// The longest that are taken, in characters.
const LONGEST_NAME: usize = 80;
const LONGEST_ABOUT: usize = 500;

/// What was typed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct AskForm {
    name: String,
    phone: String,
    about: String,
    consent: String,
    /// The key of the form, and the proof of work for it.
    #[serde(skip_serializing)]
    key: String,
    #[serde(skip_serializing)]
    work: String,
}

/// "Call me back."
#[derive(Debug, Serialize)]
pub struct AskPage {
    frame: Frame,
    form: AskForm,
    errors: Errors,
    /// Too many came; the clinic is to be called.
    capped: bool,
    consent_text: String,
    consent_version: i64,
    key: String,
    bits: i64,
}

/// "We will call you."
#[derive(Debug, Serialize)]
pub struct AskedPage {
    frame: Frame,
}

async fn show(visitor: Visitor) -> Result<Response, Problem> {
    let offer = visitor.offer().await?;
    if !offer.settings.asks {
        return visitor.off(&offer);
    }
    let page = AskPage::of(&visitor, &offer, AskForm::default()).await?;
    visitor.page(&offer, &page)
}

async fn send(visitor: Visitor, Form(form): Form<AskForm>) -> Result<Response, Problem> {
    let offer = visitor.offer().await?;
    let clinic = &visitor.clinic;
    let mut page = AskPage::of(&visitor, &offer, form.clone()).await?;
    let key = FormKey::read(&form.key, &clinic.keys.get().otp_pepper(), clinic.clock().now());
    let understood = form.understand(&visitor);
    let (key, enquiry) = match (key, understood) {
        (Ok(key), Ok(enquiry)) => (key, enquiry),
        (key, understood) => {
            page.errors = understood.err().unwrap_or_default();
            if key.is_err() {
                page.errors.insert("key", "enquiry-error-old");
            }
            return page.refused(&visitor, &offer, StatusCode::UNPROCESSABLE_ENTITY);
        }
    };
    match enquiries::leave(clinic, &visitor.grant, &key, &form.work, &enquiry).await {
        // Whoever presses twice a moment later is thanked, not scolded.
        Ok(()) | Err(EnquiryError::Capped(Capped::TooSoon { .. })) => {
            Ok(see_other(&format!("/ask/done{}", visitor.carry())))
        }
        Err(EnquiryError::Off) => visitor.off(&offer),
        Err(EnquiryError::Capped(_)) => {
            page.capped = true;
            page.refused(&visitor, &offer, StatusCode::TOO_MANY_REQUESTS)
        }
        Err(EnquiryError::Vault(error)) => Err(error.into()),
    }
}

async fn done(visitor: Visitor) -> Result<Response, Problem> {
    let offer = visitor.offer().await?;
    let page = AskedPage { frame: visitor.frame(&offer, None) };
    visitor.page(&offer, &page)
}

impl AskForm {
    fn understand(&self, visitor: &Visitor) -> Result<Enquiry, Errors> {
        let mut errors = Errors::new();
        let name = self.name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.chars().filter(|letter| letter.is_alphabetic()).count() < 2 {
            errors.insert("name", "enquiry-error-name");
        } else if LONGEST_NAME < name.chars().count() {
            errors.insert("name", "enquiry-error-long");
        }
        let about = self.about.trim();
        if LONGEST_ABOUT < about.chars().count() {
            errors.insert("about", "enquiry-error-long");
        }
        let phone = Phone::parse(&self.phone).ok();
        if phone.is_none() {
            errors.insert("phone", "online-error-phone");
        }
        if self.consent.is_empty() {
            errors.insert("consent", "enquiry-error-consent");
        }
        let Some(phone) = phone.filter(|_| errors.is_empty()) else { return Err(errors) };
        Ok(Enquiry {
            name,
            phone,
            about: about.to_owned(),
            language: visitor.chrome.language,
            campaign: visitor.campaign.clone(),
        })
    }
}

impl AskPage {
    async fn of(visitor: &Visitor, offer: &Offer, form: AskForm) -> Result<Self, Problem> {
        let clinic = &visitor.clinic;
        let mut reader = clinic.vault.read(&visitor.view).await?;
        let consent = settings::newest_consent(&mut reader).await?;
        let pepper = clinic.keys.get().otp_pepper();
        Ok(Self {
            frame: visitor.frame(offer, Some("/ask")),
            form,
            errors: Errors::new(),
            capped: false,
            consent_version: consent.version,
            consent_text: consent.said_in(visitor.chrome.language),
            key: online::issue_form(&pepper, &clinic.random, clinic.clock().now()),
            bits: offer.settings.work_bits,
        })
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

impl View for AskPage {
    const TEMPLATE: &'static str = "enquiries/ask.html";

    fn samples() -> Vec<Self> {
        let page = |form, errors, capped| Self {
            frame: Frame::sample(),
            form,
            errors,
            capped,
            consent_text: "…".to_owned(),
            consent_version: 1,
            key: "A".repeat(54),
            bits: 18,
        };
        let typed = AskForm {
            name: "А".to_owned(),
            phone: "8 701".to_owned(),
            about: "Чистка".to_owned(),
            ..AskForm::default()
        };
        let errors = Errors::from([
            ("name", "enquiry-error-name"),
            ("phone", "online-error-phone"),
            ("about", "enquiry-error-long"),
            ("consent", "enquiry-error-consent"),
            ("key", "enquiry-error-old"),
        ]);
        let mut bare = page(AskForm::default(), Errors::new(), true);
        bare.frame.phone.clear();
        vec![page(AskForm::default(), Errors::new(), false), page(typed, errors, true), bare]
    }
}

impl View for AskedPage {
    const TEMPLATE: &'static str = "enquiries/asked.html";

    fn samples() -> Vec<Self> {
        let frame = Frame::sample();
        let bare = Frame { phone: String::new(), ..frame.clone() };
        vec![Self { frame }, Self { frame: bare }]
    }
}
