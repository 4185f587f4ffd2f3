//! The clinic's chain, or a service's own: its steps, and the rule for all.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::ids::ServiceId;
use crate::messaging::{Channel, Preview, Sending, setup};
use crate::money::Money;
use crate::pages::{Chrome, View};
use crate::reminders::chain::model::{Rule, Step, StepId, Unit};
use crate::reminders::chain::routes::{Choice, Ways, previewed, units, when};
use crate::reminders::chain::{self, BEFORE, ChainError};
use crate::schedule::{self, minute_text, read_minute};
use crate::vault::Grant;
use crate::vault::permission::EditTexts;
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct ChainPage {
    /// Empty: the clinic's chain.
    service: String,
    service_name: String,
    /// Whether the service has a chain of its own.
    own: bool,
    steps: Vec<Row>,
    /// Whether a step at booking is missing.
    no_booking: bool,
    services: Vec<Choice>,
    /// Services with chains of their own.
    others: Vec<Choice>,
    units: Vec<Choice>,
    new: NewStep,
    rule: RuleForm,
    errors: FieldErrors,
    done: bool,
}

#[derive(Debug, Serialize)]
struct Row {
    id: StepId,
    when: String,
    confirmed_too: bool,
    /// Tried first; none: as the clinic's gateways stand.
    channel: Option<Channel>,
    /// What that lacks, so that another takes its place: `gateway` or `template`.
    lacks: &'static str,
    texts: Vec<Cell>,
}

#[derive(Debug, Serialize)]
struct Cell {
    language: Language,
    own: bool,
    preview: Preview,
}

/// A step to be added, as it is typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct NewStep {
    service: String,
    amount: String,
    unit: String,
    /// Present for the step at booking.
    booking: String,
}

/// The rule as it is typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RuleForm {
    running: String,
    quiet_from: String,
    quiet_until: String,
    late_minutes: String,
    part: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    service: String,
    done: String,
}

type Refused = (NewStep, RuleForm, FieldErrors);

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
    Query(asked): Query<Asked>,
) -> Result<Page, Problem> {
    let mut view = ChainPage::of(&clinic, &grant, &chrome, &asked.service, None).await?;
    view.done = !asked.done.is_empty();
    Page::of(&clinic, &chrome.active("messages"), &view)
}

pub(super) async fn set_rule(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
    Form(form): Form<RuleForm>,
) -> Result<Response, Problem> {
    match form.understand() {
        Ok(rule) => {
            chain::set_rule(&clinic, &grant, rule).await?;
            Ok(see_other("/messages/reminders?done=1"))
        }
        Err(errors) => {
            let refused = Some((NewStep::default(), form, errors));
            refuse(&clinic, &grant, chrome, "", refused).await
        }
    }
}

pub(super) async fn add_step(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
    Form(form): Form<NewStep>,
) -> Result<Response, Problem> {
    let service = form.service.parse().ok();
    let before = match read_before(&form.amount, &form.unit) {
        _ if !form.booking.is_empty() => Ok(None),
        Some(before) => Ok(Some(before)),
        None => Err("reminders-error-before"),
    };
    let added = match before {
        Ok(before) => chain::add_step(&clinic, &grant, service, before).await,
        Err(key) => return refuse_step(&clinic, &grant, chrome, form, key).await,
    };
    match added {
        Ok(id) => Ok(see_other(&format!("/messages/reminders/steps/{id}"))),
        Err(ChainError::Twice) => {
            refuse_step(&clinic, &grant, chrome, form, "reminders-error-twice").await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
pub(super) struct Named {
    service: String,
}

pub(super) async fn make_own(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    Form(named): Form<Named>,
) -> Result<Response, Problem> {
    let service: ServiceId = named.service.parse().map_err(|_| Problem::NotFound)?;
    chain::make_own(&clinic, &grant, service).await?;
    Ok(see_other(&format!("/messages/reminders?service={service}")))
}

pub(super) async fn drop_own(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    Form(named): Form<Named>,
) -> Result<Response, Problem> {
    let service: ServiceId = named.service.parse().map_err(|_| Problem::NotFound)?;
    chain::drop_own(&clinic, &grant, service).await?;
    Ok(see_other(&format!("/messages/reminders?service={service}")))
}

async fn refuse_step(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    chrome: Chrome,
    form: NewStep,
    key: &str,
) -> Result<Response, Problem> {
    let errors = FieldErrors::from([("amount", key.to_owned())]);
    let service = form.service.clone();
    let rule = RuleForm::of(chain::rule(clinic, grant).await?);
    refuse(clinic, grant, chrome, &service, Some((form, rule, errors))).await
}

async fn refuse(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    chrome: Chrome,
    service: &str,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let view = ChainPage::of(clinic, grant, &chrome, service, refused).await?;
    Ok(Page::of(clinic, &chrome.active("messages"), &view)?.refused().into_response())
}

/// Minutes before the visit, as typed. None when they are none, or out of bounds.
pub(super) fn read_before(amount: &str, unit: &str) -> Option<i64> {
    let unit = Unit::ALL.into_iter().find(|known| known.name() == unit)?;
    let amount: i64 = amount.trim().parse().ok().filter(|amount| *amount <= *BEFORE.end())?;
    Some(amount * unit.minutes()).filter(|minutes| BEFORE.contains(minutes))
}

/// How texts leave that try this channel first, at the price that the clinic says,
/// else the gateway's last.
pub(super) async fn sending(
    clinic: &Clinic,
    grant: &Grant<EditTexts>,
    first: Option<Channel>,
) -> Result<Sending, Problem> {
    let own = chain::rule(clinic, grant).await?.part();
    let sending = Sending::of(clinic, grant).await?;
    let way = setup::way_by(clinic, grant, first).await?;
    Ok(Sending { part: own.or(sending.part), way })
}

impl ChainPage {
    async fn of(
        clinic: &Clinic,
        grant: &Grant<EditTexts>,
        chrome: &Chrome,
        service: &str,
        refused: Option<Refused>,
    ) -> Result<Self, Problem> {
        let catalog = schedule::setup(&mut clinic.vault.read(grant).await?).await?;
        let own = chain::own(clinic, grant).await?;
        let wanted: Option<ServiceId> = service.parse().ok();
        let wanted = wanted.and_then(|id| catalog.service(id));
        let choice =
            |one: &schedule::Service| Choice { value: one.id.to_string(), label: one.name.clone() };
        let has_own = wanted.is_some_and(|service| own.contains(&service.id));
        let shown = wanted.map(|service| service.id).filter(|_| has_own);
        let steps = chain::steps(clinic, grant, shown).await?;
        let ways = Ways::read(clinic, grant).await?;
        let mut rows = Vec::new();
        for step in &steps {
            rows.push(Row::of(clinic, grant, chrome, step, &ways).await?);
        }
        let standing = chain::rule(clinic, grant).await?;
        let (new, rule, errors) = refused
            .unwrap_or_else(|| (NewStep::hours(), RuleForm::of(standing), FieldErrors::new()));
        Ok(Self {
            service: wanted.map(|service| service.id.to_string()).unwrap_or_default(),
            service_name: wanted.map(|service| service.name.clone()).unwrap_or_default(),
            own: has_own,
            no_booking: steps.iter().all(|step| step.before_minutes.is_some()),
            steps: rows,
            services: catalog.offered().map(choice).collect(),
            others: catalog
                .services
                .iter()
                .filter(|one| own.contains(&one.id))
                .map(choice)
                .collect(),
            units: units(clinic, chrome.language),
            new,
            rule,
            errors,
            done: false,
        })
    }
}

impl Row {
    async fn of(
        clinic: &Clinic,
        grant: &Grant<EditTexts>,
        chrome: &Chrome,
        step: &Step,
        ways: &Ways,
    ) -> Result<Self, Problem> {
        let sending = sending(clinic, grant, step.channel).await?;
        let lacks = step.channel.map_or("", |one| ways.lacks(chain::purpose(step), one));
        let mut texts = Vec::new();
        for language in Language::ALL {
            let (own, standard) = chain::wording(clinic, grant, step, language).await?;
            let words = (own.as_ref().unwrap_or(&standard).as_str(), &*standard);
            let preview = previewed(clinic, chrome, (step, language), words, sending);
            texts.push(Cell { language, own: own.is_some(), preview });
        }
        let when = when(clinic, chrome.language, step.before_minutes);
        let (confirmed_too, channel) = (step.confirmed_too, step.channel);
        Ok(Self { id: step.id, when, confirmed_too, channel, lacks, texts })
    }
}

impl NewStep {
    fn hours() -> Self {
        Self { unit: Unit::Hours.name().to_owned(), ..Self::default() }
    }
}

impl RuleForm {
    fn of(rule: Rule) -> Self {
        Self {
            running: if rule.running { "on" } else { "" }.to_owned(),
            quiet_from: minute_text(rule.quiet_from),
            quiet_until: minute_text(rule.quiet_until),
            late_minutes: rule.late_minutes.to_string(),
            part: rule.part().map(typed).unwrap_or_default(),
        }
    }

    fn understand(&self) -> Result<Rule, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut hour = |field, typed: &str| {
            let read = read_minute(typed).map(|minute| minute % 1440);
            if read.is_none() {
                errors.insert(field, "reminders-error-time".to_owned());
            }
            read.unwrap_or_default()
        };
        let quiet_from = hour("quiet_from", &self.quiet_from);
        let quiet_until = hour("quiet_until", &self.quiet_until);
        let loud = (i64::from(quiet_from) - i64::from(quiet_until)).rem_euclid(1440);
        if errors.is_empty() && loud != 0 && loud < LEAST_LOUD {
            errors.insert("quiet_until", "reminders-error-quiet".to_owned());
        }
        let late = self.late_minutes.trim().parse().ok();
        let late = late.filter(|late| (15..=1440).contains(late));
        if late.is_none() {
            errors.insert("late_minutes", "reminders-error-late".to_owned());
        }
        let part = Money::parse(&self.part).map(Money::tiyn);
        let part = part.filter(|tiyn| (1..=1_000_000).contains(tiyn));
        if part.is_none() && !self.part.trim().is_empty() {
            errors.insert("part", "reminders-error-part".to_owned());
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(Rule {
            running: !self.running.is_empty(),
            quiet_from,
            quiet_until,
            late_minutes: late.unwrap_or_default(),
            part_tiyn: part,
        })
    }
}

/// Minutes of a day that are left to write in.
const LEAST_LOUD: i64 = 120;

/// A price as it is typed: «12,50».
fn typed(money: Money) -> String {
    match (money.tiyn() / 100, money.tiyn() % 100) {
        (tenge, 0) => tenge.to_string(),
        (tenge, tiyn) => format!("{tenge},{tiyn:02}"),
    }
}

impl View for ChainPage {
    const TEMPLATE: &'static str = "reminders/chain.html";

    fn samples() -> Vec<Self> {
        let id = StepId::new(crate::clock::Timestamp::from_unix_ms(1_790_000_000_000));
        let cell = |preview| Cell { language: Language::Ru, own: true, preview };
        let row = |confirmed_too| Row {
            id,
            when: "A".to_owned(),
            confirmed_too,
            channel: confirmed_too.then_some(Channel::Telegram),
            lacks: if confirmed_too { "gateway" } else { "" },
            texts: Preview::samples().into_iter().map(cell).collect(),
        };
        let choice = || Choice { value: "days".to_owned(), label: "A".to_owned() };
        let sample = |service: &str, own, errors| Self {
            service: service.to_owned(),
            service_name: service.to_owned(),
            own,
            steps: if own { Vec::new() } else { vec![row(true), row(false)] },
            no_booking: own,
            services: vec![choice()],
            others: if own { vec![choice()] } else { Vec::new() },
            units: vec![choice()],
            new: NewStep::hours(),
            rule: RuleForm::default(),
            errors,
            done: own,
        };
        let wrong = [("amount", "reminders-error-before"), ("part", "reminders-error-part")];
        let wrong = wrong.map(|(field, key)| (field, key.to_owned()));
        vec![
            sample("", false, FieldErrors::new()),
            sample("A", true, FieldErrors::new()),
            sample("A", false, FieldErrors::from(wrong)),
        ]
    }
}
