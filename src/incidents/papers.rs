//! The papers of an incident: the notice to the authority (no names), the list
//! of people for it, and the letter to each. In Russian or Kazakh.

use std::collections::BTreeSet;

use fluent_bundle::FluentValue;

use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp, Zone};
use crate::i18n::{Language, Words, dates};
use crate::incidents::fields::Field;
use crate::incidents::model::{Listed, Named, Story};
use crate::incidents::{FrozenList, Incident, Whole};
use crate::paper::{self, Block, Paper, PaperError, SignatureLine, Text, covers};
use crate::schedule::ClinicFacts;

/// The words of one language, for papers.
pub struct Speech<'a> {
    pub words: &'a Words,
    pub language: Language,
    pub zone: Zone,
}

impl<'a> Speech<'a> {
    pub fn of(clinic: &'a Clinic, language: Language) -> Self {
        let zone = clinic.profile.get().zone.clone();
        Self { words: clinic.pages.words(), language, zone }
    }

    pub fn say(&self, key: &str) -> String {
        self.words.plain(self.language, key)
    }

    pub fn with(&self, key: &str, args: &[(&str, FluentValue<'_>)]) -> String {
        self.words.with(self.language, key, args)
    }

    /// `27.11.2026 17:00` by the clinic's clock.
    pub fn moment(&self, at: Timestamp) -> String {
        self.civil(self.zone.civil(at))
    }

    pub fn civil(&self, at: Civil) -> String {
        format!("{} {}", dates::numeric(at.day()), dates::time(at))
    }

    /// The classes of fields, in words.
    pub fn fields<'f>(&self, fields: impl IntoIterator<Item = &'f Field>) -> String {
        let said =
            fields.into_iter().map(|field| self.say(&format!("incidents-field-{}", field.name())));
        said.collect::<Vec<_>>().join(", ")
    }
}

/// What the clinic is, for the top of a paper and for whoever wants to answer.
pub struct Letterhead {
    /// The legal name, or the name on the sign.
    pub name: String,
    pub lines: Vec<String>,
    /// Who answers for personal data, with what reaches them.
    pub responsible: String,
}

impl Letterhead {
    pub fn of(facts: Option<&ClinicFacts>, sign: &str, speech: &Speech<'_>) -> Self {
        let missing = || speech.say("incidents-paper-not-given");
        let Some(facts) = facts else {
            return Self {
                name: sign.to_owned(),
                lines: vec![sign.to_owned()],
                responsible: missing(),
            };
        };
        let own = &facts.requisites;
        let name =
            if own.legal_name.is_empty() { facts.name.clone() } else { own.legal_name.clone() };
        let bin = own.bin.as_ref().map(|bin| {
            speech.with("incidents-paper-bin", &[("bin", bin.as_str().to_owned().into())])
        });
        let address =
            if own.legal_address.is_empty() { &facts.address_ru } else { &own.legal_address };
        let phone = facts.phone.as_ref().map(ToString::to_string);
        let reach = [phone.clone(), Some(own.email.clone())];
        let reach: Vec<String> =
            reach.into_iter().flatten().filter(|text| !text.is_empty()).collect();
        let who = if own.responsible.is_empty() { missing() } else { own.responsible.clone() };
        let responsible = [vec![who], reach.clone()].concat().join(", ");
        let lines = [Some(name.clone()), bin, Some(address.clone()), Some(reach.join(", "))];
        let lines = lines.into_iter().flatten().filter(|line| !line.is_empty());
        Self { name, lines: lines.map(|line| printable(&line)).collect(), responsible }
    }
}

/// What no font has is printed as a question mark, so that one odd letter in a
/// note does not stop a notice that is due today.
pub fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter == '\n' || covers(letter) { letter } else { '?' }).collect()
}

/// What the papers of an incident are made from.
pub struct Case<'a> {
    pub incident: &'a Incident,
    pub list: &'a FrozenList,
    pub story: &'a Story,
    pub head: &'a Letterhead,
}

impl<'a> Case<'a> {
    /// None when the incident has no list, which the schema forbids.
    pub fn of(whole: &'a Whole, story: &'a Story, head: &'a Letterhead) -> Option<Self> {
        let list = whole.lists.first()?;
        Some(Self { incident: &whole.incident, list, story, head })
    }

    fn told<'s>(speech: &Speech<'_>, russian: &'s str, kazakh: &'s str) -> &'s str {
        if speech.language == Language::Kk { kazakh } else { russian }
    }

    fn paper(&self, speech: &Speech<'_>, title: &str) -> Paper {
        let title = speech.say(title);
        let mut paper = Paper::new(&title, speech.language.tag(), self.incident.opened_at);
        paper.header_left.clone_from(&self.head.lines);
        let number = [("number", self.incident.number.into())];
        paper.header_right = vec![speech.with("incidents-paper-number", &number)];
        paper.footer = speech.with("incidents-paper-number", &number);
        paper
    }

    /// What every notice says: when, what kind, what may come of it.
    fn facts(&self, speech: &Speech<'_>, fields: &BTreeSet<Field>) -> Vec<(String, String)> {
        let row = |key: &str, value: String| {
            (speech.say(&format!("incidents-paper-{key}")), printable(&value))
        };
        let period =
            format!("{} — {}", speech.moment(self.list.from_at), speech.moment(self.list.until_at));
        let story = self.story;
        let nature = speech.say(&format!("incidents-nature-{}", story.nature.name()));
        vec![
            row("detected", speech.moment(self.incident.detected_at)),
            row("period", period),
            row("nature", nature),
            row("categories", speech.fields(fields)),
            row(
                "consequences",
                Self::told(speech, &story.consequences_ru, &story.consequences_kk).to_owned(),
            ),
            row("measures", Self::told(speech, &story.measures_ru, &story.measures_kk).to_owned()),
        ]
    }

    /// To the authority. Names nobody but who answers for personal data.
    pub fn authority(&self, speech: &Speech<'_>, listed: &[Listed]) -> Paper {
        let fields: BTreeSet<Field> =
            listed.iter().flat_map(|one| one.fields.iter().copied()).collect();
        let mut paper = self.paper(speech, "incidents-paper-authority");
        let mut rows = vec![
            (speech.say("incidents-paper-operator"), printable(&self.head.name)),
            (speech.say("incidents-paper-responsible"), printable(&self.head.responsible)),
        ];
        rows.extend(self.facts(speech, &fields));
        rows.push((speech.say("incidents-paper-people"), listed.len().to_string()));
        rows.push((speech.say("incidents-paper-list-hash"), self.list.sha256.clone()));
        let people = [("people", listed.len().into())];
        paper.blocks = vec![
            Block::Paragraph(speech.say("incidents-paper-to").into()),
            Block::Title(speech.say("incidents-paper-authority")),
            Block::Paragraph(speech.say("incidents-paper-authority-basis").into()),
            Block::Table(rows),
            Block::Paragraph(speech.with("incidents-paper-annex", &people).into()),
            Self::signature(speech),
        ];
        paper
    }

    /// The annex to it: by what the people are notified.
    pub fn list(&self, speech: &Speech<'_>, named: &[Named]) -> Paper {
        let mut paper = self.paper(speech, "incidents-paper-list");
        let rows = named.iter().zip(1..).map(|(one, n)| {
            let missing = || speech.say("incidents-paper-none");
            let iin = one.iin.clone().unwrap_or_else(missing);
            let phone = one.phone.clone().unwrap_or_else(missing);
            let value = speech
                .with("incidents-paper-person", &[("iin", iin.into()), ("phone", phone.into())]);
            (format!("{n}. {}", printable(&one.name)), printable(&value))
        });
        paper.blocks = vec![
            Block::Title(speech.say("incidents-paper-list")),
            Block::Paragraph(speech.say("incidents-paper-list-basis").into()),
            Block::Table(rows.collect()),
            Block::Note(speech.say("incidents-paper-list-secret")),
            Self::signature(speech),
        ];
        paper
    }

    /// To one person.
    pub fn letter(&self, speech: &Speech<'_>, named: &Named) -> Paper {
        let mut paper = self.paper(speech, "incidents-paper-subject");
        let fields: BTreeSet<Field> = named.fields.iter().copied().collect();
        let name = [("name", printable(&named.name).into())];
        let advice = Self::told(speech, &self.story.advice_ru, &self.story.advice_kk);
        let seen = named.first_at.zip(named.last_at);
        let seen = seen.map(|(first, last)| {
            let said = format!("{} — {}", speech.moment(first), speech.moment(last));
            (speech.say("incidents-paper-seen"), said)
        });
        let mut rows = self.facts(speech, &fields);
        rows.extend(seen);
        paper.blocks = vec![
            Block::Title(speech.say("incidents-paper-subject")),
            Block::Paragraph(speech.with("incidents-paper-dear", &name).into()),
            Block::Paragraph(speech.say("incidents-paper-subject-basis").into()),
            Block::Table(rows),
            Block::Heading(speech.say("incidents-paper-advice")),
            Block::Paragraph(printable(advice).into()),
            Block::Heading(speech.say("incidents-paper-contacts")),
            Block::Paragraph(printable(&self.head.responsible).into()),
            Self::signature(speech),
        ];
        paper
    }

    fn signature(speech: &Speech<'_>) -> Block {
        let caption = speech.say("incidents-paper-signature");
        let line = SignatureLine { description: caption.clone(), caption, drawing: None };
        Block::Signatures(vec![line])
    }
}

/// Two columns of a register: what, and what about it.
pub fn register(
    speech: &Speech<'_>,
    head: &Letterhead,
    title: &str,
    dated: Timestamp,
    rows: Vec<(String, String)>,
) -> Paper {
    let title = speech.say(title);
    let mut paper = Paper::new(&title, speech.language.tag(), dated);
    paper.header_left.clone_from(&head.lines);
    paper.header_right = vec![speech.moment(dated)];
    paper.footer.clone_from(&title);
    let rows = rows.into_iter().map(|(name, value)| (printable(&name), printable(&value)));
    let rows: Vec<_> = rows.collect();
    let body = if rows.is_empty() {
        Block::Paragraph(Text::from(speech.say("incidents-paper-empty")))
    } else {
        Block::Table(rows)
    };
    paper.blocks = vec![Block::Title(title), body];
    paper
}

/// Prints off the threads that answer others.
pub async fn printed(paper: Paper) -> Result<Vec<u8>, PaperError> {
    let done = tokio::task::spawn_blocking(move || paper::print(&paper)).await;
    done.map_err(|error| PaperError::Pdf(error.to_string()))?.map(|printed| printed.bytes)
}
