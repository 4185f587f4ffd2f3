//! The list and one conversation beside it.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::clinic::Clinic;
use crate::clock::{Civil, Timestamp};
use crate::conversations::{ConversationId, WAITING};
use crate::i18n::{Language, dates};
use crate::ids::StaffId;
use crate::inbox::model::{Conversation, Counts, Filter, QuickReply, has_window};
use crate::inbox::{self, Entry, InboxError, Listed, Talk};
use crate::messaging::text::{Land, clinical_word};
use crate::messaging::{self, Channel, setup, staff};
use crate::money::Money;
use crate::pages::Chrome;
use crate::vault::Grant;
use crate::vault::permission::{Book, EditTexts, ReadInbox, RegisterPatient, WriteInbox};
use crate::web::{Page, Problem, see_other};

const MINUTE_MS: i64 = 60 * 1000;

/// Minutes of waiting after which it is shown so.
const LONG: i64 = 15;
const TOO_LONG: i64 = 60;

#[derive(Debug, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub struct InboxPage {
    pub(super) show: Filter,
    pub(super) counts: Counts,
    pub(super) rows: Vec<Row>,
    /// What was looked for; empty: nothing.
    pub(super) query: String,
    pub(super) talk: Option<TalkView>,
    pub(super) may_write: bool,
    /// Whether quick replies may be changed.
    pub(super) may_edit: bool,
    pub(super) may_book: bool,
    pub(super) may_register: bool,
}

/// A conversation on the list.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    #[serde(flatten)]
    pub talk: Conversation,
    /// `14:30` today, else `23.11`.
    pub at: String,
    pub waits: Option<Waits>,
}

/// How long somebody waits.
#[derive(Debug, Serialize)]
pub(super) struct Waits {
    pub minutes: i64,
    /// `bad`, `warn` or empty.
    pub level: &'static str,
}

#[derive(Debug, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a question that the template asks")]
pub(super) struct TalkView {
    #[serde(flatten)]
    pub row: Row,
    pub entries: Vec<EntryView>,
    pub candidates: Vec<inbox::Candidate>,
    pub made_lead: Option<inbox::Lead>,
    pub ways: Vec<WayView>,
    /// The 24 hours of its channel are over.
    pub shut: bool,
    /// They can be asked to write again.
    pub invites: bool,
    pub colleagues: Vec<inbox::Colleague>,
    pub me: Option<StaffId>,
    pub quick: Vec<QuickReply>,
    /// A dialogue is silent because a person speaks.
    pub silent: bool,
    /// Whether the address is a telephone.
    pub is_phone: bool,
    /// Or what a messenger calls somebody.
    pub is_handle: bool,
    /// What was typed and not taken, and why.
    pub draft: String,
    pub error: &'static str,
}

#[derive(Debug, Serialize)]
pub(super) struct EntryView {
    #[serde(flatten)]
    pub entry: Entry,
    /// The day, where one begins.
    pub day: Option<String>,
    pub at: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct WayView {
    pub channel: Channel,
    /// `14:32`, or with the day; empty: for good.
    pub until: String,
    /// Its servers are in another country.
    pub abroad: bool,
}

/// How a text would leave.
#[derive(Debug, Serialize)]
pub struct SegmentsView {
    pub(super) parts: usize,
    pub(super) room: usize,
    pub(super) price: Option<Money>,
    /// The Fluent key of what is wrong; empty: nothing.
    pub(super) error: &'static str,
    /// Whether it goes as an SMS.
    pub(super) is_sms: bool,
    /// A word that tells of health, on its way abroad; empty: none.
    pub(super) tells: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    show: String,
}

impl Asked {
    pub fn filter(&self) -> Filter {
        Filter::named(&self.show).unwrap_or(Filter::All)
    }

    pub fn path(&self, id: ConversationId) -> String {
        format!("/inbox/{id}?show={}", self.filter().name())
    }

    pub fn list(&self) -> String {
        format!("/inbox?show={}", self.filter().name())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Search {
    q: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    text: String,
    way: String,
}

pub(super) async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ReadInbox>,
    chrome: Chrome,
    Query(asked): Query<Asked>,
) -> Result<Page, Problem> {
    let listed = inbox::list(&clinic, &grant, asked.filter()).await?;
    let view = InboxPage::of(&clinic, &grant, asked.filter(), listed);
    shown(&clinic, chrome, &view)
}

pub(super) async fn search(
    State(clinic): State<Clinic>,
    grant: Grant<ReadInbox>,
    chrome: Chrome,
    Form(search): Form<Search>,
) -> Result<Page, Problem> {
    let listed = inbox::search(&clinic, &grant, &search.q).await?;
    let mut view = InboxPage::of(&clinic, &grant, Filter::All, listed);
    view.query = search.q;
    shown(&clinic, chrome, &view)
}

pub(super) async fn talk(
    State(clinic): State<Clinic>,
    grant: Grant<ReadInbox>,
    chrome: Chrome,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Asked>,
) -> Result<Page, Problem> {
    let view = opened(&clinic, &grant, &chrome, id, &asked).await?;
    shown(&clinic, chrome, &view)
}

pub(super) async fn write(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    chrome: Chrome,
    Path(id): Path<ConversationId>,
    Query(asked): Query<Asked>,
    Form(typed): Form<Typed>,
) -> Result<Response, Problem> {
    let channel = Channel::named(&typed.way).unwrap_or(Channel::Sms);
    let key = match inbox::write(&clinic, &grant, id, channel, &typed.text).await {
        Ok(_) => return Ok(see_other(&format!("{}#text", asked.path(id)))),
        Err(InboxError::Text(key)) => key,
        Err(InboxError::Shut) => "inbox-shut",
        Err(error) => return Err(error.into()),
    };
    let mut view = opened(&clinic, &grant.also()?, &chrome, id, &asked).await?;
    if let Some(talk) = &mut view.talk {
        talk.draft = typed.text;
        talk.error = key;
    }
    Ok(shown(&clinic, chrome, &view)?.refused().into_response())
}

pub(super) async fn count(
    State(clinic): State<Clinic>,
    grant: Grant<WriteInbox>,
    chrome: Chrome,
    Path(_id): Path<ConversationId>,
    Form(typed): Form<Typed>,
) -> Result<Page, Problem> {
    let channel = Channel::named(&typed.way).unwrap_or(Channel::Sms);
    let price = messaging::last_price(&clinic.vault, &grant).await?;
    let sms = setup::way(&clinic, &grant).await?.land();
    let land = if channel == Channel::Sms { sms } else { Land::Abroad };
    let view = SegmentsView::of((channel, land), &typed.text, price);
    Page::of(&clinic, &chrome, &view)
}

fn shown(clinic: &Clinic, chrome: Chrome, view: &InboxPage) -> Result<Page, Problem> {
    Page::of(clinic, &Chrome { live: true, ..chrome.active(WAITING) }, view)
}

async fn opened(
    clinic: &Clinic,
    grant: &Grant<ReadInbox>,
    chrome: &Chrome,
    id: ConversationId,
    asked: &Asked,
) -> Result<InboxPage, Problem> {
    let talk = inbox::talk(clinic, grant, id, chrome.language).await?;
    let quick = inbox::quick_replies(clinic, grant).await?;
    let listed = inbox::list(clinic, grant, asked.filter()).await?;
    let mut view = InboxPage::of(clinic, grant, asked.filter(), listed);
    let sms = setup::way(clinic, grant).await?.land();
    view.talk = Some(TalkView::of(clinic, chrome.language, talk, grant.staff(), (quick, sms)));
    Ok(view)
}

impl InboxPage {
    fn of(clinic: &Clinic, grant: &Grant<ReadInbox>, show: Filter, listed: Listed) -> Self {
        let now = clinic.clock().now();
        let actor = grant.actor();
        Self {
            show,
            counts: listed.counts,
            rows: listed.conversations.into_iter().map(|it| Row::of(clinic, it, now)).collect(),
            query: String::new(),
            talk: None,
            may_write: actor.may::<WriteInbox>(),
            may_edit: actor.may::<EditTexts>(),
            may_book: actor.may::<Book>(),
            may_register: actor.may::<RegisterPatient>(),
        }
    }
}

impl Row {
    fn of(clinic: &Clinic, talk: Conversation, now: Timestamp) -> Self {
        let civil = |at| clinic.profile.get().zone.civil(at);
        let at = short(civil(talk.last_at), civil(now));
        let waits = talk.waiting_since.map(|since| Waits::of(since, now));
        Self { talk, at, waits }
    }
}

impl Waits {
    fn of(since: Timestamp, now: Timestamp) -> Self {
        let minutes = ((now.unix_ms() - since.unix_ms()) / MINUTE_MS).max(0);
        let level = match minutes {
            TOO_LONG.. => "bad",
            LONG.. => "warn",
            _ => "",
        };
        Self { minutes, level }
    }
}

/// `14:30` on the same day, else `23.11`.
fn short(at: Civil, now: Civil) -> String {
    if at.day() == now.day() {
        return dates::time(at);
    }
    dates::numeric(at.day()).chars().take(5).collect()
}

impl TalkView {
    fn of(
        clinic: &Clinic,
        language: Language,
        talk: Talk,
        me: Option<StaffId>,
        (quick, sms): (Vec<QuickReply>, Land),
    ) -> Self {
        let now = clinic.clock().now();
        let civil = |at| clinic.profile.get().zone.civil(at);
        let mut before = None;
        let entries = talk.entries.into_iter().map(|entry| {
            let at = civil(entry.at());
            let begins = before != Some(at.day());
            before = Some(at.day());
            let day = begins.then(|| clinic.pages.words().long_day(language, at.day()));
            EntryView { entry, day, at: dates::time(at) }
        });
        let ways = talk.ways.iter().map(|way| {
            let until = way.until.map(civil).map(|at| match short(at, civil(now)) {
                day if at.day() != civil(now).day() => format!("{day} {}", dates::time(at)),
                time => time,
            });
            let abroad = way.channel != Channel::Sms || sms == Land::Abroad;
            WayView { channel: way.channel, until: until.unwrap_or_default(), abroad }
        });
        let own = talk.conversation.channel;
        let is_phone = talk.conversation.phone().is_some();
        Self {
            entries: entries.collect(),
            shut: has_window(own) && talk.ways.iter().all(|way| way.channel != own),
            ways: ways.collect(),
            invites: talk.invites,
            candidates: talk.candidates,
            made_lead: talk.lead,
            colleagues: talk.colleagues,
            me,
            quick,
            silent: talk.conversation.silent_until.is_some_and(|until| now < until),
            is_phone,
            is_handle: talk.conversation.has_handle(),
            row: Row::of(clinic, talk.conversation, now),
            draft: String::new(),
            error: "",
        }
    }
}

impl SegmentsView {
    fn of((channel, land): (Channel, Land), typed: &str, price: Option<Money>) -> Self {
        let is_sms = channel == Channel::Sms;
        let (segments, error) = match staff::checked(channel, Language::Ru, typed) {
            Ok((_, segments)) => (segments, ""),
            Err(key) => (messaging::segments::Segments::of(typed.trim()), key),
        };
        let parts = i64::try_from(segments.parts).unwrap_or_default();
        let price = price.map(|part| Money::from_tiyn(part.tiyn() * parts));
        let error = if typed.trim().is_empty() { "" } else { error };
        let tells = clinical_word(typed).filter(|_| land == Land::Abroad).unwrap_or_default();
        let tells = tells.to_owned();
        Self { parts: segments.parts, room: segments.room, price, error, is_sms, tells }
    }
}
