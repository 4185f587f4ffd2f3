//! The wording of messages: a list, and an editor with a live preview.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::messaging::segments::{Alphabet, Segments};
use crate::messaging::setup::{self, Way};
use crate::messaging::text::{Class, Purpose, TextError, Variable, Worded, Wording, lint};
use crate::messaging::{self, MessagingError};
use crate::money::Money;
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::EditTexts;
use crate::web::{Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct TextsPage {
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    purpose: Purpose,
    languages: Vec<Cell>,
}

#[derive(Debug, Serialize)]
struct Cell {
    language: Language,
    /// Whether the clinic has its own wording.
    own: bool,
    text: String,
    /// None when the text cannot be sent any more.
    parts: Option<usize>,
}

#[derive(Debug, Serialize)]
pub struct TextPage {
    purpose: Purpose,
    language: Language,
    source: String,
    own: bool,
    variables: Vec<Named>,
    /// Why it was refused; empty when it was not.
    error: String,
    preview: Preview,
}

#[derive(Debug, Serialize)]
pub struct Named {
    name: &'static str,
    /// As it is written in a text, with its braces.
    written: String,
    needed: bool,
    /// What it gives away: `neutral` to `clinical`.
    class: Class,
}

impl Named {
    /// What a purpose's text may name.
    pub fn of(purpose: Purpose) -> Vec<Self> {
        let each = purpose.variables().iter().map(|(variable, needed)| Self {
            name: variable.name(),
            written: format!("{{{{ {} }}}}", variable.name()),
            needed: *needed,
            class: variable.class(),
        });
        each.collect()
    }
}

/// How texts leave, as far as a preview shows it.
#[derive(Clone, Copy, Debug)]
pub struct Sending {
    /// What one SMS costs, where that is known.
    pub part: Option<Money>,
    pub way: Way,
}

impl Sending {
    /// At the price the gateway told last.
    pub async fn of(clinic: &Clinic, grant: &Grant<EditTexts>) -> Result<Self, Problem> {
        let part = messaging::last_price(&clinic.vault, grant).await?;
        Ok(Self { part, way: setup::way(clinic, grant).await? })
    }
}

/// How a text would arrive, or why not.
#[derive(Debug, Default, Serialize)]
pub struct Preview {
    text: Option<String>,
    /// What it costs, where that is known.
    price: Option<Money>,
    segments: Option<Segments>,
    problem: Option<String>,
    /// What the text names and has no room for, in words.
    left_out: Option<String>,
    /// What goes in its place through a gateway abroad, where there is one.
    abroad: Option<String>,
    /// It names what must not leave by that gateway, so it cannot be saved.
    refused: Option<String>,
}

#[derive(Debug, Serialize)]
pub struct PreviewPage {
    pub preview: Preview,
}

#[derive(Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    source: String,
    /// Present when the program's own wording is wanted back.
    standard: Option<String>,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
) -> Result<Page, Problem> {
    let way = setup::way(&clinic, &grant).await?;
    let mut rows = Vec::new();
    for purpose in Purpose::ALL {
        // Its texts stand with the steps of the chain.
        if purpose == Purpose::VisitReminder {
            continue;
        }
        let mut languages = Vec::new();
        for language in Language::ALL {
            let version = setup::wording(&clinic, &grant, purpose, language).await?;
            let wording = setup::preview(&clinic, purpose, language, &version.source, way);
            let wording = wording.map(|worded| worded.home);
            languages.push(Cell {
                language,
                own: version.own,
                parts: wording.as_ref().ok().map(|wording| wording.segments.parts),
                text: wording.map_or(version.source, |wording| wording.text),
            });
        }
        rows.push(Row { purpose, languages });
    }
    Page::of(&clinic, &chrome.active("messages"), &TextsPage { rows })
}

pub(super) async fn edit(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
    Path((purpose, language)): Path<(String, String)>,
) -> Result<Page, Problem> {
    let (purpose, language) = named(&purpose, &language)?;
    let version = setup::wording(&clinic, &grant, purpose, language).await?;
    let sending = Sending::of(&clinic, &grant).await?;
    let page =
        TextPage::of(&clinic, &chrome, (purpose, language), version.source, version.own, sending);
    Page::of(&clinic, &chrome.active("messages"), &page)
}

pub(super) async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
    Path((purpose, language)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let (purpose, language) = named(&purpose, &language)?;
    let source = Some(typed.source.as_str()).filter(|_| typed.standard.is_none());
    match setup::set_wording(&clinic, &grant, purpose, language, source).await {
        Ok(()) => Ok(see_other("/messages/texts")),
        Err(MessagingError::Text(error)) => {
            let text = explained(&clinic, &chrome, &error);
            let sending = Sending::of(&clinic, &grant).await?;
            let named = (purpose, language);
            let mut page = TextPage::of(&clinic, &chrome, named, typed.source, true, sending);
            page.error = text;
            Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.refused().into_response())
        }
        Err(other) => Err(other.into()),
    }
}

pub(super) async fn preview(
    State(clinic): State<Clinic>,
    grant: Grant<EditTexts>,
    chrome: Chrome,
    Path((purpose, language)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Page, Problem> {
    let (purpose, language) = named(&purpose, &language)?;
    let sending = Sending::of(&clinic, &grant).await?;
    let preview = Preview::of(&clinic, &chrome, (purpose, language), &typed.source, sending);
    Page::of(&clinic, &chrome.active("messages"), &PreviewPage { preview })
}

fn named(purpose: &str, language: &str) -> Result<(Purpose, Language), Problem> {
    let known = Purpose::ALL.into_iter().filter(|known| *known != Purpose::VisitReminder);
    let purpose = known.into_iter().find(|known| known.name() == purpose);
    let language = language.parse().map_err(|_| Problem::NotFound)?;
    Ok((purpose.ok_or(Problem::NotFound)?, language))
}

/// What is wrong with a text, in words.
pub fn explained(clinic: &Clinic, chrome: &Chrome, error: &TextError) -> String {
    let say = |key: &str, what: String| {
        clinic.pages.words().with(chrome.language, key, &[("what", what.into())])
    };
    match error {
        TextError::Empty => say("messaging-text-empty", String::new()),
        TextError::LongSource => say("messaging-text-long-source", String::new()),
        TextError::NotUnderstood(part) => say("messaging-text-not-understood", part.clone()),
        TextError::UnknownVariable(name) => say("messaging-text-unknown", name.clone()),
        TextError::Missing(variable) => {
            say("messaging-text-missing", format!("{{{{ {} }}}}", variable.name()))
        }
        TextError::TooLong(parts) => say("messaging-text-too-long", parts.to_string()),
        TextError::Clinical(variable) => {
            say("messaging-text-clinical", format!("{{{{ {} }}}}", variable.name()))
        }
        TextError::ClinicalWord(word) => say("messaging-text-clinical-word", word.clone()),
        TextError::Linkless => say("messaging-text-linkless", String::new()),
        TextError::Engine => say("messaging-text-engine", String::new()),
    }
}

/// That a text has no room for these; nothing where it has.
fn in_words(clinic: &Clinic, chrome: &Chrome, left_out: &[Variable]) -> Option<String> {
    let words = clinic.pages.words();
    let name = |one: &Variable| format!("messaging-variable-{}", one.name());
    let names = left_out.iter().map(|one| words.plain(chrome.language, &name(one)));
    let names: Vec<String> = names.collect();
    let said = [("what", names.join("; ").into())];
    let told = || words.with(chrome.language, "messaging-preview-left-out", &said);
    (!names.is_empty()).then(told)
}

impl Preview {
    pub fn of(
        clinic: &Clinic,
        chrome: &Chrome,
        (purpose, language): (Purpose, Language),
        source: &str,
        sending: Sending,
    ) -> Self {
        match setup::preview(clinic, purpose, language, source, sending.way) {
            Ok(Worded { home: Wording { text, segments, left_out }, abroad, .. }) => {
                let parts = i64::try_from(segments.parts).unwrap_or_default();
                let price = sending.part.map(|part| Money::from_tiyn(part.tiyn() * parts));
                let refused = lint(source, sending.way.land()).err();
                let refused = refused.map(|error| explained(clinic, chrome, &error));
                let goes = sending.way.abroad.is_some() && abroad.text != text;
                let abroad = goes.then_some(abroad.text);
                let left_out = in_words(clinic, chrome, &left_out);
                let (text, segments) = (Some(text), Some(segments));
                Self { text, price, segments, left_out, abroad, refused, problem: None }
            }
            Err(error) => {
                let problem = Some(explained(clinic, chrome, &error));
                Self { problem, ..Self::default() }
            }
        }
    }

    /// Of the program's own wording: where it tells too much, its neutral words leave
    /// in its place, and there is nothing to refuse.
    #[must_use]
    pub fn of_own(self) -> Self {
        Self { refused: None, ..self }
    }

    /// For samples of pages that show one.
    pub fn samples() -> Vec<Self> {
        let text = Some("A".to_owned());
        let segments = Some(Segments { alphabet: Alphabet::Ucs2, parts: 2, units: 71, room: 63 });
        vec![
            Self {
                text,
                segments,
                price: Some(Money::from_tenge(31)),
                left_out: Some("C".to_owned()),
                abroad: Some("B".to_owned()),
                refused: Some("?".to_owned()),
                ..Self::default()
            },
            Self { problem: Some("?".to_owned()), ..Self::default() },
        ]
    }
}

impl TextPage {
    fn of(
        clinic: &Clinic,
        chrome: &Chrome,
        (purpose, language): (Purpose, Language),
        source: String,
        own: bool,
        sending: Sending,
    ) -> Self {
        Self {
            purpose,
            language,
            own,
            variables: Named::of(purpose),
            error: String::new(),
            preview: Preview::of(clinic, chrome, (purpose, language), &source, sending),
            source,
        }
    }
}

impl View for TextsPage {
    const TEMPLATE: &'static str = "messaging/texts.html";

    fn samples() -> Vec<Self> {
        let cell = |language, parts| Cell { language, own: true, text: "A".to_owned(), parts };
        let languages = vec![cell(Language::Ru, Some(2)), cell(Language::Kk, None)];
        vec![Self { rows: vec![Row { purpose: Purpose::BookingMade, languages }] }]
    }
}

impl View for TextPage {
    const TEMPLATE: &'static str = "messaging/text.html";

    fn samples() -> Vec<Self> {
        let sample = |preview| Self {
            purpose: Purpose::ConsentCode,
            language: Language::Kk,
            source: "{{ code }}".to_owned(),
            own: true,
            variables: Named::of(Purpose::BookingMade),
            error: "?".to_owned(),
            preview,
        };
        Preview::samples().into_iter().map(sample).collect()
    }
}

impl View for PreviewPage {
    const TEMPLATE: &'static str = "messaging/preview.html";

    fn samples() -> Vec<Self> {
        Preview::samples().into_iter().map(|preview| Self { preview }).collect()
    }
}
