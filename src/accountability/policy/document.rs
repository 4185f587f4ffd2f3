//! The text of the policy, written from the registers.

use serde::{Deserialize, Serialize};

use crate::accountability::{purposes, recipients};
use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::incidents::papers::{Letterhead, Speech};
use crate::schedule;
use crate::vault::permission::Permission;
use crate::vault::{Grant, VaultError};
use crate::workdays::{self, TermCode};

/// A text of headings, paragraphs and points.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub title: String,
    pub sections: Vec<Section>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    pub heading: String,
    pub paragraphs: Vec<String>,
    pub points: Vec<String>,
}

/// What patients may ask for, with the term of each.
const RIGHTS: [TermCode; 6] = [
    TermCode::Access,
    TermCode::Correction,
    TermCode::Blocking,
    TermCode::Destruction,
    TermCode::Withdrawal,
    TermCode::Objection,
];

pub async fn write<P: Permission>(
    clinic: &Clinic,
    grant: &Grant<P>,
    language: Language,
) -> Result<Document, VaultError> {
    let speech = Speech::of(clinic, language);
    let facts = schedule::facts(&mut clinic.vault.read(grant).await?).await?;
    let head = Letterhead::of(facts.as_ref(), &clinic.profile.get().name, &speech);
    let purposes = purposes::rows(clinic, grant, &speech).await?;
    let recipients = recipients::rows(clinic, grant, &speech).await?;
    let terms = workdays::terms(&clinic.vault, grant).await?;
    let mut sections = vec![
        section(&speech, "operator", head.lines.clone()),
        section(&speech, "principles", Vec::new()),
        section(&speech, "purposes", Vec::new()),
    ];
    sections.extend(purposes.into_iter().map(|purpose| Section {
        points: vec![
            said(&speech, "data", &purpose.classes),
            said(&speech, "whose", &purpose.people),
            said(&speech, "basis", &purpose.basis),
            said(&speech, "term", &purpose.terms.join("; ")),
        ],
        heading: purpose.title,
        paragraphs: Vec::new(),
    }));
    sections.push(third_parties(&speech, &recipients));
    sections.push(section(&speech, "measures", Vec::new()));
    let today = super::super::today(clinic);
    let rights = RIGHTS.into_iter().filter_map(|code| {
        let term = terms.in_force(code, today)?;
        let days = speech.with("workdays-n-days", &[("n", term.working_days.into())]);
        Some(format!("{} — {days}", speech.say(&format!("accountability-policy-{}", code.name()))))
    });
    sections.push(section(&speech, "rights", rights.collect()));
    sections.push(section(&speech, "contacts", vec![head.responsible]));
    let name = [("clinic", head.name.into())];
    Ok(Document { title: speech.with("accountability-policy-title", &name), sections })
}

/// A heading, what the words say under it, and points.
fn section(speech: &Speech<'_>, name: &str, points: Vec<String>) -> Section {
    let heading = speech.say(&format!("accountability-policy-{name}"));
    let text = speech.say(&format!("accountability-policy-{name}-text"));
    let paragraphs = text.lines().map(str::to_owned).collect();
    Section { heading, paragraphs, points }
}

fn said(speech: &Speech<'_>, key: &str, value: &str) -> String {
    format!("{}: {value}", speech.say(&format!("accountability-{key}")))
}

/// Who else receives data; that nobody does is said too, and so is whether
/// anything goes abroad.
fn third_parties(speech: &Speech<'_>, rows: &[recipients::RecipientRow]) -> Section {
    let points = rows.iter().map(|row| {
        let country = row
            .country
            .map(|country| speech.say(&format!("accountability-country-{}", country.name())));
        let who = match country {
            Some(country) => format!("{} ({country})", row.name),
            None => row.name.clone(),
        };
        format!("{who}: {}. {}. {}", row.purpose, row.classes, row.basis)
    });
    let points: Vec<String> = points.collect();
    let abroad = rows.iter().any(|row| row.abroad);
    let mut section = section(speech, "recipients", points);
    if rows.is_empty() {
        section.paragraphs = vec![speech.say("accountability-policy-nobody")];
    }
    let key = if abroad { "accountability-policy-abroad" } else { "accountability-policy-home" };
    section.paragraphs.push(speech.say(key));
    section
}
