//! The register of processing: for what purposes, on what basis, which data of
//! whom, how long (law 94-V art. 7(8), 12(2), 25(2)). Shipped for a clinic,
//! edited by it in versions.

mod form;
pub(in crate::accountability) mod routes;
mod store;

use serde::Serialize;
use serde_json::json;

use crate::accountability::{AccountabilityError, DataClass, Whose, told};
use crate::clinic::Clinic;
use crate::clock::{Day, Timestamp};
use crate::incidents::papers::Speech;
use crate::retention::{self, Code, Rules};
use crate::vault::permission::{KeepRegisters, Permission};
use crate::vault::{Event, Grant, Subject, Vault, VaultError};

pub use form::PurposeForm;
pub(in crate::accountability) use routes::class_rows;
pub use routes::{PurposePage, PurposesPage, routes};

/// One version of a purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Purpose {
    pub code: String,
    pub version: i64,
    pub title_ru: String,
    pub title_kk: String,
    /// The law, for people.
    pub basis_ru: String,
    pub basis_kk: String,
    #[sqlx(json)]
    pub classes: Vec<DataClass>,
    #[sqlx(json)]
    pub people: Vec<Whose>,
    /// The retention rules that say how long; none: until the purpose is reached.
    #[sqlx(json)]
    pub kept: Vec<Code>,
    pub source: String,
    pub checked_on: Day,
    /// By the clinic's lawyer.
    pub confirmed: bool,
    pub effective_from: Day,
    /// The purpose is over from that day on.
    pub ended: bool,
    pub made_at: Timestamp,
    /// The name; None for those shipped.
    pub made_by: Option<String>,
}

/// A version to be put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPurpose {
    pub title: [String; 2],
    /// Russian, Kazakh; so is the title.
    pub basis: [String; 2],
    pub classes: Vec<DataClass>,
    pub people: Vec<Whose>,
    pub kept: Vec<Code>,
    pub source: String,
    pub checked_on: Day,
    pub confirmed: bool,
    pub effective_from: Day,
    pub ended: bool,
}

/// A purpose in words, for a page, a paper or the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PurposeRow {
    pub code: String,
    pub title: String,
    pub basis: String,
    pub classes: String,
    pub people: String,
    /// Computed from the retention rules of the day.
    pub terms: Vec<String>,
    pub confirmed: bool,
    pub version: i64,
    pub effective_from: Day,
}

/// Every purpose with every version, by code, the newest first.
pub async fn all<P: Permission>(
    vault: &Vault,
    grant: &Grant<P>,
) -> Result<Vec<Purpose>, VaultError> {
    store::all(&mut vault.read(grant).await?).await
}

/// Those that count on a day: the newest version of each that has begun, the
/// ended ones left out.
pub fn in_force(all: &[Purpose], on: Day) -> Vec<&Purpose> {
    let mut newest: Vec<&Purpose> = Vec::new();
    for purpose in all.iter().filter(|one| one.effective_from <= on) {
        match newest.iter_mut().find(|other| other.code == purpose.code) {
            Some(other) if other.version < purpose.version => *other = purpose,
            Some(_) => {}
            None => newest.push(purpose),
        }
    }
    newest.retain(|purpose| !purpose.ended);
    newest
}

/// The classes of data for which no purpose is in force: held for nothing.
pub fn without_purpose(in_force: &[&Purpose]) -> Vec<DataClass> {
    let used = |class: &DataClass| in_force.iter().any(|one| one.classes.contains(class));
    DataClass::ALL.iter().copied().filter(|class| !used(class)).collect()
}

/// The register of today in words.
pub async fn rows<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    speech: &Speech<'_>,
) -> Result<Vec<PurposeRow>, VaultError> {
    let today = super::today(clinic);
    let all = all(&clinic.vault, grant).await?;
    let rules = retention::rules(&clinic.vault, grant).await?;
    let row = |purpose: &&Purpose| PurposeRow::of(purpose, &rules, speech, today);
    Ok(in_force(&all, today).iter().map(row).collect())
}

/// Puts a new version in the place of a purpose; with no code, a new purpose.
///
/// # Errors
/// [`AccountabilityError::Changed`] when `seen` is no longer its last version.
pub async fn replace(
    vault: &Vault,
    grant: &Grant<KeepRegisters>,
    code: Option<&str>,
    seen: i64,
    new: &NewPurpose,
) -> Result<String, AccountabilityError> {
    vault
        .change(grant, async |tx| {
            let code = match code {
                Some(code) => code.to_owned(),
                None => store::free_code(tx).await?,
            };
            if store::last_version(tx, &code).await? != seen {
                return Err(AccountabilityError::Changed);
            }
            let version = seen + 1;
            store::insert(tx, &code, version, new, grant.staff()).await?;
            let event = Event::new("accountability.purpose_changed", Subject::Clinic);
            let detail = json!({ "code": code, "version": version, "ended": new.ended,
                "effective_from": new.effective_from });
            Ok((code, event.with_detail(detail)))
        })
        .await
}

impl PurposeRow {
    pub fn of(purpose: &Purpose, rules: &Rules, speech: &Speech<'_>, today: Day) -> Self {
        let language = speech.language;
        let joined = |kind: &str, codes: Vec<&str>| {
            let say = |code: &str| speech.say(&format!("accountability-{kind}-{code}"));
            codes.into_iter().map(say).collect::<Vec<_>>().join(", ")
        };
        let terms = purpose.kept.iter().map(|code| term(*code, rules, speech, today));
        let mut terms: Vec<String> = terms.collect();
        if terms.is_empty() {
            terms.push(speech.say("accountability-until-reached"));
        }
        Self {
            code: purpose.code.clone(),
            title: told(language, &purpose.title_ru, &purpose.title_kk).to_owned(),
            basis: told(language, &purpose.basis_ru, &purpose.basis_kk).to_owned(),
            classes: joined("class", purpose.classes.iter().map(|one| one.name()).collect()),
            people: joined("whose", purpose.people.iter().map(|one| one.name()).collect()),
            terms,
            confirmed: purpose.confirmed,
            version: purpose.version,
            effective_from: purpose.effective_from,
        }
    }
}

/// `Стоматологическая карта: 75 лет с последней записи в карте или до 75-летия,
/// что позже`, by the rule of the day.
fn term(code: Code, rules: &Rules, speech: &Speech<'_>, today: Day) -> String {
    let name = speech.say(&format!("retention-code-{}", code.name()));
    let Some(rule) = rules.in_force(code, today) else {
        return format!("{name}: {}", speech.say("accountability-no-rule"));
    };
    if code == Code::Consent && rule.years == 0 {
        return format!("{name}: {}", speech.say("retention-as-card"));
    }
    let years = speech.with("retention-years", &[("n", rule.years.into())]);
    let start = match code {
        Code::InpatientCard => "discharge",
        Code::UntreatedCard => "registered",
        Code::VisitJournal => "visit",
        Code::Consent => "card_end",
        Code::DentalCard | Code::OutpatientCard => "last_entry",
    };
    let start = speech.say(&format!("retention-start-{start}"));
    let age = rule.until_age.zip(rule.combine).map(|(age, combine)| {
        let which = match combine {
            retention::Combine::Later => "later",
            retention::Combine::Earlier => "earlier",
        };
        speech.with(&format!("retention-combine-{which}"), &[("age", age.into())])
    });
    let said = [Some(years), Some(start), age].into_iter().flatten().collect::<Vec<_>>();
    format!("{name}: {}", said.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn purpose(code: &str, version: i64, from: &str, ended: bool) -> Purpose {
        Purpose {
            code: code.to_owned(),
            version,
            title_ru: "Запись".to_owned(),
            title_kk: "Жазылу".to_owned(),
            basis_ru: "Закон".to_owned(),
            basis_kk: "Заң".to_owned(),
            classes: vec![DataClass::Name],
            people: vec![Whose::Patients],
            kept: Vec::new(),
            source: String::new(),
            checked_on: from.parse().unwrap(),
            confirmed: false,
            effective_from: from.parse().unwrap(),
            ended,
            made_at: Timestamp::from_unix_ms(0),
            made_by: None,
        }
    }

    #[test]
    fn the_newest_version_that_has_begun_counts_and_an_ended_purpose_does_not() {
        let all = [
            purpose("care", 2, "2026-12-01", false),
            purpose("care", 1, "2026-01-01", false),
            purpose("old", 1, "2020-01-01", false),
            purpose("old", 2, "2026-11-01", true),
        ];
        let on = |day: &str| {
            let found = in_force(&all, day.parse().unwrap());
            found.iter().map(|one| format!("{} {}", one.code, one.version)).collect::<Vec<_>>()
        };
        assert_eq!(on("2026-10-01"), ["care 1", "old 1"]);
        assert_eq!(on("2026-11-27"), ["care 1"]);
        assert_eq!(on("2026-12-01"), ["care 2"]);
        let one = in_force(&all, "2026-12-01".parse().unwrap());
        assert!(!without_purpose(&one).contains(&DataClass::Name));
        assert!(without_purpose(&one).contains(&DataClass::Health));
    }
}
