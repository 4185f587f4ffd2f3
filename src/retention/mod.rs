//! Retention: how long each record must be kept, when it may be destroyed, and
//! by which rule. Nothing is destroyed here: that takes an act of two people.
//!
//! The years are data with basis, source and history, because orders change
//! (Health Code 360-VI; orders ҚР ДСМ-175/2020 and ҚР ДСМ-244/2020).

pub mod destruction;
mod form;
mod model;
mod routes;
mod store;

use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::{Civil, Day};
use crate::ids::{AppointmentId, PatientId};
use crate::vault::permission::{EditPatient, EditRetention, Permission, ViewRetention};
use crate::vault::{Event, Grant, Subject, Vault, VaultError, Violation};

pub use form::{NewRule, RuleForm};
pub use model::destruction::{Destruction, Extent, Law, Obstacle, What};
pub use model::{
    CardFacts, CardKind, Code, Combine, DischargeId, Fate, HoldId, Rule, Rules, Start, Why,
};
pub use routes::{PatientRetention, RetentionPage, RulePage, routes};
pub use store::{HoldRow, hand_over_discharges_in, hand_over_in};

/// Visits that are listed with a patient.
const VISITS: i64 = 50;
/// Cards on a page.
const CARDS: i64 = 50;

/// Why a rule or a ban was not set.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    #[error("there is no such patient")]
    NoSuchPatient,
    #[error("a ban stands already")]
    AlreadyHeld,
    #[error("no ban stands")]
    NotHeld,
    #[error("somebody has changed the rule meanwhile")]
    Changed,
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// What will become of one patient's records.
#[derive(Clone, Debug)]
pub struct OfPatient {
    pub code: Code,
    pub kind: CardKind,
    /// None while nobody has written a discharge down.
    pub discharged: Option<Day>,
    pub card: Fate,
    /// The newest first, at most fifty.
    pub visits: Vec<(AppointmentId, Day, Fate)>,
    /// Of all visits and all consents, whether listed or not.
    pub totals: (i64, i64),
    /// Of a consent given today: not before the card.
    pub consent: Fate,
    /// By number, the newest first, at most fifty.
    pub consents: Vec<(String, Day, Fate)>,
    pub hold: Option<HoldRow>,
}

/// A card with its fate.
#[derive(Clone, Debug)]
pub struct CardFate {
    pub id: PatientId,
    pub number: i64,
    pub code: Code,
    pub fate: Fate,
}

/// How much there is of each kind, and what is due first.
#[derive(Clone, Debug)]
pub struct Overview {
    pub rules: Rules,
    /// By kind of record; consents are not counted.
    pub counts: Vec<(Code, i64)>,
    /// When the oldest year of the journal may go, and how many visits it has.
    pub first_due: Option<(Day, i64)>,
}

/// When the card, the visits and the consents of a patient may be destroyed.
///
/// # Errors
/// [`RetentionError::NoSuchPatient`].
pub async fn of_patient(
    clinic: &Clinic,
    grant: &Grant<ViewRetention>,
    patient: PatientId,
) -> Result<OfPatient, RetentionError> {
    let rules = rules(&clinic.vault, grant).await?;
    let mut disclosure = clinic.vault.disclose(grant, patient).await?;
    let row = store::card(&mut disclosure).await?.ok_or(RetentionError::NoSuchPatient)?;
    let visits = store::visits(&mut disclosure, VISITS).await?;
    let consents = store::consents(&mut disclosure, VISITS).await?;
    let hold = store::hold(&mut disclosure).await?;
    let totals = store::totals(&mut disclosure).await?;
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let facts = facts(&row, clinic);
    let card = rules.card(&facts, today);
    let visits = visits.iter().filter_map(|visit| {
        let day = visit.starts.parse::<Civil>().ok()?.day();
        Some((visit.id, day, rules.visit(day, facts.held, today)))
    });
    let visits = visits.collect();
    let consent = rules.consent(today, &card, today);
    let consents = consents.into_iter().map(|given| {
        let day = clinic.profile.get().zone.today(given.prepared_at);
        let fate = rules.consent(day, &card, today);
        (given.number, day, fate)
    });
    let consents = consents.collect();
    let (kind, discharged) = (row.card_kind, row.discharged);
    let code = facts.code;
    Ok(OfPatient { code, kind, discharged, card, visits, totals, consent, consents, hold })
}

/// Cards below a number, highest first, each with its fate.
pub async fn cards(
    clinic: &Clinic,
    grant: &Grant<ViewRetention>,
    below: Option<i64>,
) -> Result<Vec<CardFate>, VaultError> {
    let rules = rules(&clinic.vault, grant).await?;
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let below = below.unwrap_or(i64::MAX);
    clinic
        .vault
        .list(grant, "retention.listed", async |listing| {
            let rows = store::cards(listing, below, CARDS).await?;
            let whose = rows.iter().map(|row| row.id).collect();
            let cards = rows.iter().map(|row| {
                let facts = facts(row, clinic);
                let fate = rules.card(&facts, today);
                CardFate { id: row.id, number: row.number, code: facts.code, fate }
            });
            Ok::<_, VaultError>((cards.collect(), whose))
        })
        .await
}

/// All rules with all their versions: nobody's personal data, so whoever may do
/// anything may know how long records are kept.
pub async fn rules<P: Permission>(vault: &Vault, grant: &Grant<P>) -> Result<Rules, VaultError> {
    let mut reader = vault.read(grant).await?;
    Ok(Rules::new(store::rules(&mut reader).await?))
}

/// The rules and how much they apply to.
pub async fn overview(
    clinic: &Clinic,
    grant: &Grant<ViewRetention>,
) -> Result<Overview, VaultError> {
    let rules = rules(&clinic.vault, grant).await?;
    let today = clinic.profile.get().zone.today(clinic.clock().now());
    let mut reader = clinic.vault.read(grant).await?;
    let (cards, visits) = store::counts(&mut reader).await?;
    let oldest = store::oldest_visits(&mut reader).await?;
    let mut counts: Vec<(Code, i64)> =
        cards.iter().map(|(kind, count)| (Code::of_card(*kind), *count)).collect();
    counts.push((Code::VisitJournal, visits));
    let first_due = oldest.and_then(|(last_day, count)| {
        let due = rules.visit(last_day, false, today).due?;
        Some((due, count))
    });
    Ok(Overview { rules, counts, first_due })
}

/// Puts a new version in the place of a rule, from a day on.
///
/// # Errors
/// [`RetentionError::Changed`] when `seen` is no longer its last version.
pub async fn replace_rule(
    vault: &Vault,
    grant: &Grant<EditRetention>,
    code: Code,
    seen: i64,
    new: NewRule,
) -> Result<i64, RetentionError> {
    vault
        .change(grant, async |tx| {
            if store::last_version(tx, code).await? != seen {
                return Err(RetentionError::Changed);
            }
            let version = seen + 1;
            let rule = Rule {
                code,
                version,
                years: new.years,
                until_age: new.until_age,
                combine: new.combine,
                start: code.start(),
                basis: new.basis,
                basis_kk: new.basis_kk,
                source: new.source,
                checked_on: new.checked_on,
                confirmed: new.confirmed,
                effective_from: new.effective_from,
                effective_to: None,
                made_at: tx.now(),
                made_by: grant.staff(),
            };
            store::insert_rule(tx, &rule).await?;
            let detail = json!({
                "code": code, "version": version, "years": rule.years,
                "until_age": rule.until_age, "effective_from": rule.effective_from,
            });
            let replaced = Event::new("retention.rule_replaced", Subject::Clinic);
            Ok((version, replaced.with_detail(detail).touching("retention")))
        })
        .await
}

/// Writes down what kind of card a patient has and, for one of the ward, when
/// they were discharged: with it the years of an inpatient card begin. The
/// record before stays.
///
/// # Errors
/// [`RetentionError::NoSuchPatient`].
pub async fn record_card(
    vault: &Vault,
    grant: &Grant<EditPatient>,
    patient: PatientId,
    kind: CardKind,
    discharged: Option<Day>,
) -> Result<(), RetentionError> {
    vault
        .change(grant, async |tx| {
            if !store::set_card_kind(tx, patient, kind).await? {
                return Err(RetentionError::NoSuchPatient);
            }
            if let Some(day) = discharged {
                let id = DischargeId::new(tx.now());
                store::record_discharge(tx, id, patient, day, grant.staff()).await?;
            }
            let detail = json!({ "kind": kind, "discharged": discharged });
            let event = Event::new("retention.card_recorded", Subject::Patient(patient));
            Ok(((), event.with_detail(detail).touching(format!("patient:{patient}"))))
        })
        .await
}

/// Forbids destroying anything of a patient until the ban is released.
///
/// # Errors
/// [`RetentionError::AlreadyHeld`], [`RetentionError::NoSuchPatient`].
pub async fn hold(
    vault: &Vault,
    grant: &Grant<EditRetention>,
    patient: PatientId,
    reason: &str,
) -> Result<HoldId, RetentionError> {
    vault
        .change(grant, async |tx| {
            let id = HoldId::new(tx.now());
            let placed = store::place_hold(tx, id, patient, reason, grant.staff()).await;
            placed.map_err(|error| match error.violation() {
                Some(Violation::Unique) => RetentionError::AlreadyHeld,
                Some(Violation::Reference) => RetentionError::NoSuchPatient,
                _ => error.into(),
            })?;
            let held = Event::new("retention.held", Subject::Patient(patient)).on("hold", id);
            Ok((id, held))
        })
        .await
}

/// Ends a ban.
///
/// # Errors
/// [`RetentionError::NotHeld`].
pub async fn release(
    vault: &Vault,
    grant: &Grant<EditRetention>,
    patient: PatientId,
) -> Result<(), RetentionError> {
    vault
        .change(grant, async |tx| {
            let released = store::release_hold(tx, patient, grant.staff()).await?;
            let id = released.ok_or(RetentionError::NotHeld)?;
            let event = Event::new("retention.released", Subject::Patient(patient)).on("hold", id);
            Ok(((), event))
        })
        .await
}

fn facts(row: &store::CardRow, clinic: &Clinic) -> CardFacts {
    let last = row.last_entry.as_deref().and_then(|starts| starts.parse::<Civil>().ok());
    CardFacts {
        code: Code::of_card(row.card_kind),
        registered: clinic.profile.get().zone.today(row.registered_at),
        last_entry: last.map(Civil::day),
        discharged: row.discharged,
        birth: row.birth_date,
        held: row.held,
    }
}
