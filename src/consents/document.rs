//! The document that one patient reads and signs, and its exact bytes.
//!
//! A document is data: the wording with the patient's and the clinic's facts
//! put in, and the boxes as the patient ticked them. The tablet's page and the
//! PDF are both made from it, the PDF carries it, and the hash of the PDF is
//! what a code and a signature are bound to.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::consents::model::{ConsentId, Language, Level};
use crate::consents::template::{Part, Template, placeholders};
use crate::crypto::hash;
use crate::ids::PatientId;
use crate::paper::{Attachment, Block, Check, Paper, PaperError, Printed, SignatureLine, Text};

/// A document, complete: nothing that is shown or printed comes from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The version of this format: 1.
    pub format: u8,
    pub consent: ConsentId,
    /// For people: `2026-000042`.
    pub number: String,
    pub language: Language,
    pub level: Level,
    pub template: TemplateRef,
    pub title: String,
    pub basis: String,
    pub clinic: ClinicFacts,
    pub patient: PatientFacts,
    /// Beside the text: the service, the doctor, the price.
    pub facts: Vec<Fact>,
    pub parts: Vec<Part>,
    /// The words around the text, in its language.
    pub labels: Labels,
    pub prepared_at: Timestamp,
}

/// Which wording it was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateRef {
    pub key: String,
    pub version: u32,
    pub sha256: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClinicFacts {
    /// As registered; as on the sign until that is given.
    pub name: String,
    /// Empty when the clinic has not said, and so are the others.
    pub bin: String,
    /// `№ 18012345 от 12.03.2018`
    pub licence: String,
    pub address: String,
    pub phone: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// Who answers for the processing of personal data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub responsible: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientFacts {
    pub id: PatientId,
    pub name: String,
    /// `1990-05-17`, or empty.
    pub born: String,
    /// The last four digits, or empty.
    pub iin_last4: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub name: String,
    pub value: String,
}

/// Words of the document's language that are not in its wording.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    pub version: String,
    pub signature: String,
    pub staff: String,
    pub bin: String,
    pub licence: String,
    pub confirmation: String,
    pub confirmed_at: String,
    pub patient: String,
    pub identity: String,
    pub code: String,
    pub read: String,
    pub document_hash: String,
    pub short_id: String,
    pub level: String,
    pub tablet: String,
    /// What the confirmation is, in a sentence.
    pub explanation: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// What stands in place of a detail that the clinic has not given. Empty in
    /// documents of before that was said: they leave the detail out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub missing: String,
}

/// Everything a document is made from.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    pub consent: ConsentId,
    pub number: String,
    pub template: &'a Template,
    pub language: Language,
    pub level: Level,
    pub clinic: ClinicFacts,
    pub patient: PatientFacts,
    pub particulars: Particulars,
    pub facts: Vec<Fact>,
    pub labels: Labels,
    pub now: Timestamp,
}

/// What the wording may name. None leaves out each part that names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Particulars {
    pub service: Option<String>,
    pub doctor: Option<String>,
    pub price: Option<String>,
    pub allergy: Option<String>,
}

/// Why boxes were not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TickError {
    #[error("these must be ticked")]
    Required(Vec<String>),
    #[error("there is no such box")]
    Unknown,
}

impl Document {
    /// Puts the facts into the wording.
    pub fn prepare(order: Order) -> Self {
        let Order { consent, number, template, language, level, .. } = order;
        let Order { clinic, patient, particulars, facts, labels, now, .. } = order;
        let wording = template.wording(language);
        let requisites = clinic.requisites(&labels);
        let value = |name: &str| match name {
            "patient" => Some(patient.name.clone()),
            "requisites" => Some(requisites.clone()),
            "responsible" => labels.or_missing(clinic.responsible.clone()),
            "contacts" => labels.or_missing(clinic.contacts()),
            "service" => particulars.service.clone(),
            "doctor" => particulars.doctor.clone(),
            "price" => particulars.price.clone(),
            "allergy" => particulars.allergy.clone(),
            _ => None,
        };
        let parts = wording.parts.iter().filter_map(|part| fill(part, &value)).collect();
        Self {
            format: 1,
            consent,
            number,
            language,
            level,
            template: TemplateRef {
                key: template.key.clone(),
                version: template.version,
                sha256: template.sha256(),
            },
            title: wording.title.clone(),
            basis: wording.basis.clone(),
            clinic,
            patient,
            facts,
            parts,
            labels,
            prepared_at: now,
        }
    }

    /// Ticks the boxes with these keys and clears all others.
    ///
    /// # Errors
    /// [`TickError::Required`] with the keys that are missing.
    pub fn tick(&mut self, keys: &[String]) -> Result<(), TickError> {
        let known = |key: &String| self.checks().any(|(known, ..)| known == key);
        if !keys.iter().all(known) {
            return Err(TickError::Unknown);
        }
        let missing: Vec<String> = self
            .checks()
            .filter(|(key, _, required, _)| *required && !keys.iter().any(|ticked| ticked == key))
            .map(|(key, ..)| key.to_owned())
            .collect();
        if !missing.is_empty() {
            return Err(TickError::Required(missing));
        }
        for part in &mut self.parts {
            if let Part::Check { key, ticked, .. } = part {
                *ticked = keys.contains(key);
            }
        }
        Ok(())
    }

    /// The boxes: key, text, required, ticked.
    pub fn checks(&self) -> impl Iterator<Item = (&str, &str, bool, bool)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Check { key, text, required, ticked } => {
                Some((key.as_str(), text.as_str(), *required, *ticked))
            }
            _ => None,
        })
    }

    /// Canonical JSON (RFC 8785): one document, one text.
    pub fn canonical(&self) -> String {
        serde_json_canonicalizer::to_string(self).expect("strings, lists and small numbers only")
    }

    /// `document.pdf`: the same bytes for the same document.
    pub fn print(&self) -> Result<Printed, PaperError> {
        let mut paper = self.paper();
        let line = |caption: &str| SignatureLine {
            caption: caption.to_owned(),
            description: String::new(),
            drawing: None,
        };
        let patient = format!("{}: {}", self.labels.signature, self.patient.name);
        paper.blocks.push(Block::Signatures(vec![line(&patient), line(&self.labels.staff)]));
        crate::paper::print(&paper)
    }

    /// The document as a paper, up to where it is signed.
    pub fn paper(&self) -> Paper {
        let mut paper = Paper::new(&self.title, self.language.tag(), self.prepared_at);
        let requisites = [
            self.labels.with(&self.labels.bin, &self.clinic.bin),
            self.labels.with(&self.labels.licence, &self.clinic.licence),
            self.clinic.address_or_missing(&self.labels),
            self.clinic.contacts(),
        ];
        let requisites: Vec<_> = requisites.into_iter().filter(|text| !text.is_empty()).collect();
        paper.header_left = vec![self.clinic.name.clone()];
        if !requisites.is_empty() {
            paper.header_left.push(requisites.join(" · "));
        }
        paper.header_right = vec![
            format!("№ {}", self.number),
            format!("{} {}", self.labels.version, self.template.version),
        ];
        paper.footer = format!("№ {}", self.number);
        paper.blocks.push(Block::Title(self.title.clone()));
        if !self.facts.is_empty() {
            let row = |fact: &Fact| (fact.name.clone(), fact.value.clone());
            paper.blocks.push(Block::Table(self.facts.iter().map(row).collect()));
        }
        paper.blocks.extend(blocks(&self.parts));
        paper.blocks.push(Block::Note(self.basis.clone()));
        paper.attachments = vec![Attachment {
            name: "document.json".to_owned(),
            media_type: "application/json".to_owned(),
            description: "The data this document was printed from (canonical JSON)".to_owned(),
            bytes: self.canonical().into_bytes(),
        }];
        paper
    }
}

/// `A1B2-C3D4`: the first eight hex digits of a document's hash, for people to
/// compare the SMS with the tablet.
pub fn short_id(sha256: &hash::Digest) -> String {
    let hex = hash::hex(&sha256[..4]).to_uppercase();
    format!("{}-{}", &hex[..4], &hex[4..])
}

fn blocks(parts: &[Part]) -> Vec<Block> {
    let mut blocks = Vec::new();
    for part in parts {
        match part {
            Part::Heading { text } => blocks.push(Block::Heading(text.clone())),
            Part::Paragraph { text } => blocks.push(Block::Paragraph(Text::marked(text))),
            Part::Boxed { text } => blocks.push(Block::Boxed(Text::marked(text))),
            Part::List { items } => {
                blocks.push(Block::List(items.iter().map(|item| Text::marked(item)).collect()));
            }
            Part::Check { text, ticked, .. } => {
                let check = Check { ticked: *ticked, text: text.clone() };
                match blocks.last_mut() {
                    Some(Block::Checks(checks)) => checks.push(check),
                    _ => blocks.push(Block::Checks(vec![check])),
                }
            }
        }
    }
    blocks
}

/// None when the part names something that is not there.
fn fill(part: &Part, value: &impl Fn(&str) -> Option<String>) -> Option<Part> {
    let mut part = part.clone();
    for text in part.texts_mut() {
        let mut filled = text.clone();
        for name in placeholders(text) {
            // Two stars would be read as bold.
            let value = value(name)?.replace("**", "*");
            filled = filled.replace(&format!("{{{name}}}"), &value);
        }
        *text = filled;
    }
    Some(part)
}

impl Labels {
    /// `БИН 190340012348`; `БИН: не заполнено` when there is none.
    fn with(&self, label: &str, value: &str) -> String {
        match (value, self.missing.as_str()) {
            ("", "") => String::new(),
            ("", missing) => format!("{label}: {missing}"),
            (value, _) => format!("{label} {value}"),
        }
    }

    /// None when nothing may be said.
    fn or_missing(&self, value: String) -> Option<String> {
        let said = if value.is_empty() { self.missing.clone() } else { value };
        Some(said).filter(|said| !said.is_empty())
    }
}

impl ClinicFacts {
    /// `ТОО «Арай Дент» (БИН 190340012348, г. Алматы, …)`: the operator as 94-V
    /// art. 8(4) wants it named, or what of it is missing.
    fn requisites(&self, labels: &Labels) -> String {
        let facts = [labels.with(&labels.bin, &self.bin), self.address_or_missing(labels)];
        let facts: Vec<_> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
        if facts.is_empty() {
            return self.name.clone();
        }
        format!("{} ({})", self.name, facts.join(", "))
    }

    fn address_or_missing(&self, labels: &Labels) -> String {
        if self.address.is_empty() {
            labels.with(&labels.address, "")
        } else {
            self.address.clone()
        }
    }

    /// Telephone and e-mail, as far as they are known.
    fn contacts(&self) -> String {
        let known = [&self.phone, &self.email].into_iter().filter(|text| !text.is_empty());
        known.cloned().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
pub(super) mod tests;
