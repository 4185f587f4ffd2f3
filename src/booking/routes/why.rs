//! The page that says why a time is not offered.

use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};

use crate::booking::day::{self, Furniture};
use crate::booking::making::now;
use crate::booking::routes::Choice;
use crate::booking::routes::panel::{pieces, typed_time};
use crate::booking::routes::words::Say;
use crate::booking::slots::Span;
use crate::booking::why::{Question, Reasons, Rule, why};
use crate::booking::{BookingError, Piece};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day, Timestamp};
use crate::i18n::dates;
use crate::ids::ResourceId;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::{Book, ViewSchedule};
use crate::web::{FieldErrors, Page, Problem};

/// The question, and the answer once something was asked.
#[derive(Debug, Serialize)]
pub struct WhyView {
    errors: FieldErrors,
    form: WhyQuery,
    services: Vec<Choice>,
    doctors: Vec<Choice>,
    chairs: Vec<Choice>,
    answer: Option<Answer>,
    can_book: bool,
}

#[derive(Debug, Serialize)]
struct Answer {
    when: String,
    day: Day,
    starts: Civil,
    past: bool,
    doctors: Vec<Verdict>,
    nearest: Vec<Nearest>,
}

#[derive(Debug, Serialize)]
struct Verdict {
    id: ResourceId,
    name: String,
    /// Whether it can be booked.
    free: bool,
    sentences: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Nearest {
    starts: Civil,
    doctor: ResourceId,
    label: String,
}

/// What is asked, as typed. Nothing of a patient.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct WhyQuery {
    service: String,
    doctor: String,
    chair: String,
    day: String,
    time: String,
    minutes: String,
}

impl WhyQuery {
    /// None: nothing was asked yet.
    fn understood(&self) -> Option<Result<Question, FieldErrors>> {
        if self.time.trim().is_empty() {
            return None;
        }
        let mut errors = FieldErrors::new();
        let mut wrong = |field, key: &str| {
            errors.insert(field, format!("booking-error-{key}"));
        };
        let service_id = self.service.parse().ok();
        if service_id.is_none() {
            wrong("service", "service");
        }
        let starts = typed_time(&self.day, &self.time);
        if starts.is_none() {
            wrong("time", "time");
        }
        let asked = service_id.zip(starts).map(|(service_id, starts)| Question {
            service_id,
            doctor_id: self.doctor.parse().ok(),
            place_id: self.chair.parse().ok(),
            starts,
            minutes: self.minutes.trim().parse().ok(),
        });
        Some(asked.ok_or(errors))
    }
}

pub(super) async fn page(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Query(mut form): Query<WhyQuery>,
) -> Result<Page, Problem> {
    let furniture = day::furniture(&clinic, &grant.also()?, chrome.language).await?;
    let typed = dates::read(&form.day).unwrap_or_else(|| now(&clinic).day());
    form.day = dates::numeric(typed);
    let say = Say::to(&clinic, &chrome);
    let mut errors = FieldErrors::new();
    let answer = match form.understood() {
        None => None,
        Some(Err(wrong)) => {
            errors = wrong;
            None
        }
        Some(Ok(asked)) => match why(&clinic, &grant.also()?, &asked).await {
            Ok(reasons) => Some(answer(&clinic, &say, &furniture, &asked, &reasons)),
            Err(BookingError::NoSuch) => {
                errors.insert("service", "booking-error-service".to_owned());
                None
            }
            Err(error) => return Err(error.into()),
        },
    };
    let service = |offer: &crate::booking::Offer| Choice {
        value: offer.id.to_string(),
        label: offer.name.clone(),
    };
    let view = WhyView {
        errors,
        services: furniture.services.iter().map(service).collect(),
        doctors: pieces(&furniture, Piece::is_doctor),
        chairs: pieces(&furniture, Piece::is_place),
        answer,
        can_book: grant.actor().may::<Book>(),
        form,
    };
    Page::of(&clinic, &chrome.active("schedule"), &view)
}

fn answer(
    clinic: &Clinic,
    say: &Say<'_>,
    furniture: &Furniture,
    asked: &Question,
    reasons: &Reasons,
) -> Answer {
    let today = now(clinic).day();
    let verdict = |(id, rules): &(ResourceId, Vec<Rule>)| Verdict {
        id: *id,
        name: furniture.name(Some(*id)).to_owned(),
        free: !rules.iter().any(Rule::refuses),
        sentences: rules.iter().map(|rule| sentence(say, rule)).collect(),
    };
    let nearest = reasons.nearest.iter().map(|slot| Nearest {
        starts: slot.starts,
        doctor: slot.doctor_id,
        label: say.slot(today, slot, Some(furniture)),
    });
    Answer {
        when: format!("{}, {}", say.day(asked.starts.day()), dates::time(asked.starts)),
        day: asked.starts.day(),
        starts: asked.starts,
        past: reasons.past,
        doctors: reasons.doctors.iter().map(verdict).collect(),
        nearest: nearest.collect(),
    }
}

/// A rule in the words of whoever reads.
pub(super) fn sentence(say: &Say<'_>, rule: &Rule) -> String {
    let hours = |span: Span| ("hours", Say::hours(span.starts, span.ends));
    let around =
        |before: i64, after: i64| [("before", before.to_string()), ("after", after.to_string())];
    match rule {
        Rule::NotPerformed => say.key("booking-why-not-performed"),
        Rule::Holiday { name } => {
            let name = say.key(&format!("schedule-holiday-{name}"));
            say.with("booking-why-holiday", &[("name", name)])
        }
        Rule::Absent => say.key("booking-why-absent"),
        Rule::NoHours => say.key("booking-why-no-hours"),
        Rule::Outside { hours } => {
            let all: Vec<String> =
                hours.iter().map(|span| Say::hours(span.starts, span.ends)).collect();
            say.with("booking-why-outside", &[("hours", all.join(", "))])
        }
        Rule::Break { span } => say.with("booking-why-break", &[hours(*span)]),
        Rule::DoctorTaken { span } => say.with("booking-why-doctor-taken", &[hours(*span)]),
        Rule::DoctorBuffer { span, before, after } => {
            let [before, after] = around(*before, *after);
            say.with("booking-why-doctor-buffer", &[hours(*span), before, after])
        }
        Rule::NoPlace => say.key("booking-why-no-place"),
        Rule::PlaceTaken { span } => say.with("booking-why-place-taken", &[hours(*span)]),
        Rule::PlaceBuffer { span, before, after } => {
            let [before, after] = around(*before, *after);
            say.with("booking-why-place-buffer", &[hours(*span), before, after])
        }
        Rule::PlaceClosed { span } => say.with("booking-why-place-closed", &[hours(*span)]),
        Rule::Missing { kind } => say.key(&format!("booking-why-missing-{kind}")),
        Rule::AllTaken { kind, of } => {
            say.with(&format!("booking-why-all-taken-{kind}"), &[("of", of.to_string())])
        }
        Rule::OffGrid => say.key("booking-why-off-grid"),
        Rule::Edge { before, after } => say.with("booking-why-edge", &around(*before, *after)),
        Rule::Offered => say.key("booking-why-offered"),
    }
}

impl View for WhyView {
    const TEMPLATE: &'static str = "booking/why.html";

    fn samples() -> Vec<Self> {
        let made = Timestamp::from_unix_ms(1_795_402_800_000);
        let starts: Civil = "2026-11-23T10:00".parse().expect("a time");
        let choice = || vec![Choice { value: "1".to_owned(), label: "—".to_owned() }];
        let id = ResourceId::new(made);
        let verdict = |free| Verdict {
            id,
            name: "Сейтова А. Н.".to_owned(),
            free,
            sentences: vec!["—".to_owned(), "—".to_owned()],
        };
        let blank = || Self {
            errors: FieldErrors::new(),
            form: WhyQuery::default(),
            services: choice(),
            doctors: choice(),
            chairs: choice(),
            answer: None,
            can_book: true,
        };
        let answer = |past, nearest| Answer {
            when: "—".to_owned(),
            day: starts.day(),
            starts,
            past,
            doctors: vec![verdict(true), verdict(false)],
            nearest,
        };
        let nearest = vec![Nearest { starts, doctor: id, label: "—".to_owned() }];
        let nobody = Answer { doctors: Vec::new(), ..answer(false, Vec::new()) };
        let errors: FieldErrors =
            ["service", "time"].map(|field| (field, "booking-error-time".to_owned())).into();
        vec![
            blank(),
            Self { errors, ..blank() },
            Self { answer: Some(answer(false, nearest)), ..blank() },
            Self { answer: Some(answer(true, Vec::new())), can_book: false, ..blank() },
            Self { answer: Some(nobody), ..blank() },
        ]
    }
}
