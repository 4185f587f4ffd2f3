//! One step: when it goes out, to whom, and its wording in each language with a
//! live preview.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::messaging::{Channel, Named, Preview, PreviewPage, Sending, explained};
use crate::pages::{Chrome, View};
use crate::reminders::chain::model::{Step, StepId, Unit};
use crate::reminders::chain::routes::settings::{read_before, sending};
use crate::reminders::chain::routes::{Choice, Ways, previewed, units, when};
use crate::reminders::chain::{self, ChainError, StepChange};
use crate::schedule;
use crate::vault::Grant;
use crate::vault::permission::EditTexts;
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct StepPage {
    id: StepId,
    /// Empty: of the clinic's chain.
    service: String,
    service_name: String,
    at_booking: bool,
    when: String,
    form: StepForm,
    errors: FieldErrors,
    units: Vec<Choice>,
    /// Channels to try first; the first is none.
    channels: Vec<Choice>,
    variables: Vec<Named>,
    texts: Vec<Text>,
}

#[derive(Debug, Serialize)]
struct Text {
    language: Language,
    source: String,
    own: bool,
    /// Why it was refused; empty when it was not.
    error: String,
    preview: Preview,
}

/// A step as it is typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct StepForm {
    amount: String,
    unit: String,
    confirmed_too: String,
    /// Empty: as the clinic's gateways stand.
    channel: String,
    source_ru: String,
    source_kk: String,
    source_en: String,
}

impl StepForm {
    fn of(step: &Step) -> Self {
        let (amount, unit) = step.before_minutes.map_or((0, Unit::Hours), Unit::of);
        Self {
            amount: amount.to_string(),
            unit: unit.name().to_owned(),
            confirmed_too: if step.confirmed_too { "on" } else { "" }.to_owned(),
            channel: step.channel.map(Channel::name).unwrap_or_default().to_owned(),
            ..Self::default()
        }
    }

    fn source(&self, language: Language) -> &str {
        match language {
            Language::Ru => &self.source_ru,
            Language::Kk => &self.source_kk,
            Language::En => &self.source_en,
        }
    }
}

pub(super) async fn edit(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
    Path(id): Path<StepId>,
) -> Result<Page, Problem> {
    let step = chain::step(&clinic, &grant, id).await?.ok_or(Problem::NotFound)?;
    let view = StepPage::of(&clinic, &grant, &chrome, &step, None).await?;
    Page::of(&clinic, &chrome.active("messages"), &view)
}

pub(super) async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
    Path(id): Path<StepId>,
    Form(form): Form<StepForm>,
) -> Result<Response, Problem> {
    let step = chain::step(&clinic, &grant, id).await?.ok_or(Problem::NotFound)?;
    let before = read_before(&form.amount, &form.unit);
    let mut wrong = None;
    if step.before_minutes.is_some() && before.is_none() {
        wrong = Some(Wrong::Before("reminders-error-before"));
    }
    if wrong.is_none() {
        let change = change(&clinic, &grant, &step, &form, before).await?;
        match chain::change_step(&clinic, &grant, id, &change).await {
            Ok(()) => return Ok(see_other(&back(&step))),
            Err(ChainError::Twice) => wrong = Some(Wrong::Before("reminders-error-twice")),
            Err(ChainError::Text(language, error)) => {
                wrong = Some(Wrong::Text(language, explained(&clinic, &chrome, &error)));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let view = StepPage::of(&clinic, &grant, &chrome, &step, Some((form, wrong))).await?;
    Ok(Page::of(&clinic, &chrome.active("messages"), &view)?.refused().into_response())
}

pub(super) async fn remove(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    Path(id): Path<StepId>,
) -> Result<Response, Problem> {
    let step = chain::step(&clinic, &grant, id).await?.ok_or(Problem::NotFound)?;
    chain::remove_step(&clinic, &grant, id).await?;
    Ok(see_other(&back(&step)))
}

pub(super) async fn preview(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
    Path((id, language)): Path<(StepId, String)>,
    Form(form): Form<StepForm>,
) -> Result<Page, Problem> {
    let step = chain::step(&clinic, &grant, id).await?.ok_or(Problem::NotFound)?;
    let language = language.parse().map_err(|_| Problem::NotFound)?;
    let sending = sending(&clinic, &grant, Channel::of_patients(&form.channel)).await?;
    let (_, standard) = chain::wording(&clinic, &grant, &step, language).await?;
    let words = (form.source(language), &*standard);
    let preview = previewed(&clinic, &chrome, (&step, language), words, sending);
    Page::of(&clinic, &chrome.active("messages"), &PreviewPage { preview })
}

/// What is wrong with a form.
enum Wrong {
    Before(&'static str),
    Text(Language, String),
}

fn back(step: &Step) -> String {
    let service = step.service_id.map(|id| id.to_string()).unwrap_or_default();
    format!("/messages/reminders?service={service}&done=1")
}

/// A wording that is empty or the program's own is no wording of the clinic's.
async fn change(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    step: &Step,
    form: &StepForm,
    before_minutes: Option<i64>,
) -> Result<StepChange, Problem> {
    let mut texts = Vec::new();
    for language in Language::ALL {
        let (_, standard) = chain::wording(clinic, grant, step, language).await?;
        let typed = form.source(language).replace("\r\n", "\n");
        let own = !typed.trim().is_empty() && typed.trim() != standard.trim();
        texts.push((language, own.then_some(typed)));
    }
    let confirmed_too = !form.confirmed_too.is_empty() || step.before_minutes.is_none();
    let channel = Channel::of_patients(&form.channel);
    Ok(StepChange { before_minutes, confirmed_too, channel, texts })
}

impl StepPage {
    async fn of(
        clinic: &Clinic,
        grant: &Grant<EditTexts>,
        chrome: &Chrome,
        step: &Step,
        refused: Option<(StepForm, Option<Wrong>)>,
    ) -> Result<Self, Problem> {
        let (typed, wrong) = refused.unzip();
        let wrong = wrong.flatten();
        let ways = Ways::read(clinic, grant).await?;
        let by = match &typed {
            Some(typed) => Channel::of_patients(&typed.channel),
            None => step.channel,
        };
        let sending = sending(clinic, grant, by).await?;
        let catalog = schedule::setup(&mut clinic.vault.read(grant).await?).await?;
        let service = step.service_id.and_then(|id| catalog.service(id));
        let mut texts = Vec::new();
        for language in Language::ALL {
            let (own, standard) = chain::wording(clinic, grant, step, language).await?;
            let source = match &typed {
                Some(typed) => typed.source(language).to_owned(),
                None => own.clone().unwrap_or_else(|| standard.clone()),
            };
            let error = match &wrong {
                Some(Wrong::Text(of, error)) if *of == language => error.clone(),
                _ => String::new(),
            };
            texts.push(Text::of(
                clinic,
                chrome,
                step,
                (language, source),
                (own, &standard),
                error,
                sending,
            ));
        }
        let errors = match wrong {
            Some(Wrong::Before(key)) => FieldErrors::from([("amount", key.to_owned())]),
            _ => FieldErrors::new(),
        };
        Ok(Self {
            id: step.id,
            service: step.service_id.map(|id| id.to_string()).unwrap_or_default(),
            service_name: service.map(|service| service.name.clone()).unwrap_or_default(),
            at_booking: step.before_minutes.is_none(),
            when: when(clinic, chrome.language, step.before_minutes),
            form: typed.unwrap_or_else(|| StepForm::of(step)),
            errors,
            units: units(clinic, chrome.language),
            channels: ways.choices(clinic, chrome.language, chain::purpose(step)),
            variables: Named::of(chain::purpose(step)),
            texts,
        })
    }
}

impl Text {
    fn of(
        clinic: &Clinic,
        chrome: &Chrome,
        step: &Step,
        (language, source): (Language, String),
        (own, standard): (Option<String>, &str),
        error: String,
        sending: Sending,
    ) -> Self {
        let words = (&*source, standard);
        let preview = previewed(clinic, chrome, (step, language), words, sending);
        Self { language, source, own: own.is_some(), error, preview }
    }
}

impl View for StepPage {
    const TEMPLATE: &'static str = "reminders/step.html";

    fn samples() -> Vec<Self> {
        let id = StepId::new(crate::clock::Timestamp::from_unix_ms(1_790_000_000_000));
        let text = |preview| Text {
            language: Language::Kk,
            source: "{{ link }}".to_owned(),
            own: true,
            error: "?".to_owned(),
            preview,
        };
        let sample = |at_booking, service: &str| Self {
            id,
            service: service.to_owned(),
            service_name: service.to_owned(),
            at_booking,
            when: "A".to_owned(),
            form: StepForm::default(),
            errors: FieldErrors::from([("amount", "reminders-error-before".to_owned())]),
            units: vec![Choice { value: "days".to_owned(), label: "A".to_owned() }],
            channels: vec![Choice { value: "sms".to_owned(), label: "A".to_owned() }],
            variables: Named::of(crate::messaging::text::Purpose::VisitReminder),
            texts: Preview::samples().into_iter().map(text).collect(),
        };
        vec![sample(true, ""), sample(false, "A")]
    }
}
