//! One turn of a conversation: what somebody did becomes the next question, a
//! booking, or a matter for a person. The turn is stored before anything is said,
//! and said again when the same is heard again.

use serde_json::json;
use sqlx::types::Json;

use super::asking::{Shown, shown};
use super::model::{Input, Pick, Step, Talk, Turn};
use super::store::{self, Kept, Row, Whose};
use super::words::{self, Before};
use super::{FORGET, KEPT_MS, RESTS_MS};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::conversations;
use crate::i18n::Language;
use crate::jobs;
use crate::messaging::setup::GatewayKind;
use crate::messaging::telegram::{Answered, BEGIN, Button, Said, Spoken};
use crate::messaging::text::{Class, Classes};
use crate::messaging::{self, Channel};
use crate::online::{self, Asked, Birth, Campaign, OnlineError, State};
use crate::patients;
use crate::reminders::Token;
use crate::vault::permission::BookOnline;
use crate::vault::{Actor, Event, Grant, Subject, VaultError};

/// What the buttons of a conversation begin with.
const OURS: &str = "d:";

/// The step of a conversation that is over.
const OVER: &str = "over";

/// What was heard, and where.
struct Hearing<'a> {
    clinic: &'a Clinic,
    grant: Grant<BookOnline>,
    spoken: &'a Spoken,
    chat: String,
    now: Timestamp,
}

/// What is stored and said.
struct Next {
    talk: Option<Talk>,
    text: String,
    picks: Vec<Pick>,
    /// The words of the choices, in rows.
    rows: Vec<Vec<String>>,
    /// What a person is told.
    hand: Option<String>,
    step: &'static str,
}

/// Takes what belongs to a conversation; None for what does not.
///
/// # Errors
/// Those of the database: then it is heard again.
pub async fn spoken(clinic: &Clinic, spoken: &Spoken) -> Result<Option<Answered>, VaultError> {
    let grant = Actor::job("dialogue").grant().map_err(|_| VaultError::NotStaff)?;
    let now = clinic.clock().now();
    let hearing = Hearing { clinic, grant, spoken, chat: spoken.chat.to_string(), now };
    hearing.turn().await
}

impl Hearing<'_> {
    fn whose(&self) -> Whose<'_> {
        Whose { channel: Channel::Telegram, chat: &self.chat, phone: &self.spoken.phone }
    }

    async fn turn(&self) -> Result<Option<Answered>, VaultError> {
        let mut reader = self.clinic.vault.read(&self.grant).await?;
        let row = store::found(&mut reader, self.whose()).await?;
        let address = self.spoken.phone.as_str();
        let silent =
            conversations::is_silent(&mut reader, Channel::Telegram, address, self.now).await?;
        drop(reader);
        if let Some(Row { kept: Json(kept), .. }) = &row
            && kept.heard == self.spoken.id
        {
            return Ok(Some(answered(kept)));
        }
        let rests = |row: &&Row| row.turned_at.plus_ms(RESTS_MS) <= self.now;
        let kept = row.as_ref().filter(|row| !rests(row)).map(|row| row.kept.0.clone());
        let kept = kept.unwrap_or_default();
        let next = match &self.spoken.said {
            Said::Text(text) if is_book(text) => self.begin().await?,
            // A person was asked for: it goes to them.
            Said::Text(_) if silent => return Ok(None),
            Said::Text(text) => match &kept.talk {
                Some(talk) => match self.take(talk, &Input::Text(text), &kept).await? {
                    Some(next) => next,
                    None => return Ok(None),
                },
                None => return Ok(None),
            },
            Said::Pressed(data) if data == BEGIN => self.begin().await?,
            Said::Pressed(data) if data.starts_with(OURS) => {
                match (pressed(&kept, data), &kept.talk) {
                    (Some(Pick::Begin), _) => self.begin().await?,
                    (Some(pick), Some(talk)) => {
                        let next = self.take(talk, &Input::Pick(&pick), &kept).await?;
                        next.unwrap_or_else(|| self.over())
                    }
                    _ => self.over(),
                }
            }
            Said::Pressed(_) => return Ok(None),
        };
        self.keep(next).await.map(Some)
    }

    fn say(&self, key: &str) -> String {
        self.clinic.pages.words().plain(self.spoken.language, key)
    }

    async fn begin(&self) -> Result<Next, VaultError> {
        let fresh = Talk::new(0);
        let shown = self.shown(&fresh).await?;
        if !shown.offer.settings.enabled || shown.facts.services.is_empty() {
            return Ok(self.end("off", self.say("dialogue-off"), Vec::new()));
        }
        let talk = Talk { consent: shown.consent.version, ..fresh };
        Ok(self.ask(talk, &shown, Before::Nothing))
    }

    async fn shown(&self, talk: &Talk) -> Result<Shown, VaultError> {
        let view = self.grant.actor().grant().map_err(|_| VaultError::NotStaff)?;
        shown(self.clinic, &view, self.spoken.language, talk).await
    }

    fn ask(&self, talk: Talk, shown: &Shown, before: Before) -> Next {
        let language = self.spoken.language;
        let picks = talk.picks(&shown.facts);
        let text = words::question(self.clinic, language, &talk, shown, before);
        let rows = self.rows(&picks, language, shown);
        let step = name(talk.step);
        let talk = Some(talk);
        Next { talk, text, picks, rows, hand: None, step }
    }

    fn rows(&self, picks: &[Pick], language: Language, shown: &Shown) -> Vec<Vec<String>> {
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut room = 0;
        let mut last = 0;
        for pick in picks {
            let wide = words::beside(pick);
            if room == 0 || wide != last {
                rows.push(Vec::new());
                room = wide;
                last = wide;
            }
            room -= 1;
            let label = words::label(self.clinic, language, pick, shown);
            rows.last_mut().expect("one was pushed").push(label);
        }
        rows
    }

    /// Nothing is being booked any more.
    fn end(&self, step: &'static str, text: String, picks: Vec<Pick>) -> Next {
        let rows =
            if picks.is_empty() { Vec::new() } else { vec![vec![self.say("dialogue-begin")]] };
        Next { talk: None, text, picks, rows, hand: None, step }
    }

    /// A button from before.
    fn over(&self) -> Next {
        self.end(OVER, self.say("dialogue-over"), vec![Pick::Begin])
    }

    /// None for words that this step does not ask for.
    async fn take(
        &self,
        talk: &Talk,
        input: &Input<'_>,
        kept: &Kept,
    ) -> Result<Option<Next>, VaultError> {
        let today = self.clinic.profile.get().zone.today(self.now);
        Ok(Some(match talk.take(input, today) {
            Turn::Ask(next) => {
                let shown = self.shown(&next).await?;
                self.ask(next, &shown, Before::Nothing)
            }
            Turn::Again(same) => {
                let shown = self.shown(&same).await?;
                self.ask(same, &shown, Before::Again)
            }
            Turn::Begin => self.begin().await?,
            Turn::Stop => self.end("stop", self.say("dialogue-stopped"), vec![Pick::Begin]),
            Turn::Person => Next {
                hand: Some(self.say("dialogue-hand")),
                ..self.end("person", self.say("dialogue-handed"), Vec::new())
            },
            Turn::Book(whole) => self.book(whole, kept).await?,
            Turn::Not => return Ok(None),
        }))
    }

    /// Books, once for each turn: whoever presses twice has booked once.
    async fn book(&self, talk: Talk, kept: &Kept) -> Result<Next, VaultError> {
        let (Some(service_id), Some(starts), Some(link)) =
            (talk.service, talk.starts, Token::parse(&kept.turn))
        else {
            return Ok(self.over());
        };
        let today = self.clinic.profile.get().zone.today(self.now);
        let asked = Asked {
            service_id,
            doctor_id: talk.doctor,
            starts,
            language: self.spoken.language,
            phone: self.spoken.phone.clone(),
            name: talk.name.clone(),
            birth: Birth::read(&talk.birth, today),
            for_other: false,
            campaign: Campaign { source: "telegram".to_owned(), ..Campaign::default() },
        };
        let booked =
            online::book_known(self.clinic, &self.grant, &link, &asked, talk.consent).await;
        match booked {
            Ok(State::Lost) | Err(OnlineError::Lost(_)) => {
                let shown = self.shown(&talk).await?;
                let talk = talk.lost(&shown.facts);
                let shown = self.shown(&talk).await?;
                Ok(self.ask(talk, &shown, Before::Lost))
            }
            Ok(state) => {
                let text = words::end(self.clinic, self.spoken.language, &talk, state);
                Ok(self.end(state.name(), text, Vec::new()))
            }
            Err(OnlineError::Vault(error)) => Err(error),
            // It is no longer offered, or the name is none.
            Err(_) => Ok(self.end("off", self.say("dialogue-off"), vec![Pick::Begin])),
        }
    }

    async fn keep(&self, next: Next) -> Result<Answered, VaultError> {
        let turn = Token::generate(&self.clinic.random);
        let kept = Kept {
            talk: next.talk,
            turn: turn.as_str().to_owned(),
            picks: next.picks,
            heard: self.spoken.id.clone(),
            text: next.text,
            rows: next.rows,
            hand: next.hand,
        };
        let step = next.step;
        let address = self.spoken.phone.as_str();
        self.clinic
            .vault
            .change(&self.grant, async |tx| {
                store::put(tx, self.whose(), &kept).await?;
                let mut people = patients::by_phone(tx, &self.spoken.phone).await?;
                let only = people.pop().filter(|_| people.is_empty());
                let classes = classes(kept.talk.as_ref());
                messaging::transfers::note_said_in(tx, only, GatewayKind::Telegram, &classes)
                    .await?;
                match &kept.hand {
                    Some(_) => conversations::silence_in(tx, Channel::Telegram, address).await?,
                    // An old button does not break the silence; all else asks the bot to speak.
                    None if step == OVER => {}
                    None => conversations::speak_in(tx, Channel::Telegram, address).await?,
                }
                let due = tx.now().plus_ms(KEPT_MS);
                jobs::enqueue(tx, FORGET, &json!({}), due).await?;
                let event = Event::new("dialogue.turned", Subject::Clinic);
                Ok::<_, VaultError>(((), event.with_detail(json!({ "step": step }))))
            })
            .await?;
        Ok(answered(&kept))
    }
}

/// What is said, as it was stored: place in the list after the turn.
fn answered(kept: &Kept) -> Answered {
    let mut places = 0..;
    let mut button = |text: &String| {
        let place = places.next().unwrap_or_default();
        Button { text: text.clone(), data: format!("{OURS}{}:{place}", kept.turn) }
    };
    let rows = kept.rows.iter().map(|row| row.iter().map(&mut button).collect()).collect();
    Answered { text: kept.text.clone(), rows, hand: kept.hand.clone() }
}

/// What a button means in the turn that stands.
fn pressed(kept: &Kept, data: &str) -> Option<Pick> {
    let (turn, place) = data.strip_prefix(OURS)?.split_once(':')?;
    let is_now = !kept.turn.is_empty() && turn == kept.turn;
    is_now.then(|| kept.picks.get(place.parse::<usize>().ok()?).cloned()).flatten()
}

fn is_book(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    word.split('@').next().is_some_and(|word| word.eq_ignore_ascii_case("/book"))
}

/// What the words of a turn give away: what is chosen stands in them.
fn classes(talk: Option<&Talk>) -> Classes {
    let Classes(mut classes) = Classes::leaving();
    if talk.is_none_or(|talk| talk.service.is_some()) {
        classes.insert(Class::Clinical);
    }
    Classes(classes)
}

/// A code for the ledger.
fn name(step: Step) -> &'static str {
    match step {
        Step::Agree => "agree",
        Step::Service => "service",
        Step::Doctor => "doctor",
        Step::Day => "day",
        Step::Time => "time",
        Step::Name => "name",
        Step::Birth => "birth",
        Step::Confirm => "confirm",
    }
}
