//! One turn of a conversation: what somebody did becomes the next question, a
//! booking, or a matter for a person. The turn is stored before anything is said,
//! and said again when the same is heard again.

use sqlx::types::Json;

use super::RESTS_MS;
use super::asking::{Shown, shown};
use super::hearing::{asks_for_language, asks_to_book, language_of};
use super::keeping::{answered, name};
use super::model::{Input, Look, Pick, Step, Talk, Turn};
use super::store::{self, Kept, Row, Whose};
use super::words::{self, Before};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::conversations;
use crate::i18n::Language;
use crate::messaging::speaking::{Answered, BEGIN, OURS, Said, Spoken};
use crate::messaging::{About, Channel};
use crate::online::{self, Asked, Birth, Campaign, OnlineError, State};
use crate::reminders::Token;
use crate::replies::{self, Meaning};
use crate::vault::permission::BookOnline;
use crate::vault::{Actor, Grant, VaultError};

/// The step of a conversation that is over, and of one that a person goes on with.
pub(super) const OVER: &str = "over";
pub(super) const PERSON: &str = "person";

/// What is said of a visit that stands already names no service, and changes
/// nothing about who speaks.
pub(super) const MOVED: &str = "moved";
pub(super) const LINK: &str = "link";
pub(super) const LEFT: &str = "left";
pub(super) const GREET: &str = "greet";

/// What was heard, and where.
pub(super) struct Hearing<'a> {
    pub(super) clinic: &'a Clinic,
    pub(super) grant: Grant<BookOnline>,
    pub(super) spoken: &'a Spoken,
    now: Timestamp,
    pub(super) language: Language,
}

/// What is stored and said.
pub(super) struct Next {
    pub talk: Option<Talk>,
    pub text: String,
    pub picks: Vec<Pick>,
    /// The words of the choices, in rows.
    pub rows: Vec<Vec<String>>,
    /// What a person is told.
    pub hand: Option<String>,
    /// A part of the text that opens something: it is not kept in the conversation.
    pub secret: Option<String>,
    /// What it tells of, so that no message tells it again.
    pub about: Option<About>,
    pub step: &'static str,
}

/// Takes what belongs to a conversation; None for what does not.
///
/// # Errors
/// Those of the database: then it is heard again.
pub async fn spoken(clinic: &Clinic, spoken: &Spoken) -> Result<Option<Answered>, VaultError> {
    let grant = Actor::job("dialogue").grant().map_err(|_| VaultError::NotStaff)?;
    let now = clinic.clock().now();
    let language = spoken.language.unwrap_or_default();
    Hearing { clinic, grant, spoken, now, language }.turn().await
}

impl Hearing<'_> {
    pub(super) fn whose(&self) -> Whose<'_> {
        let Spoken { channel, chat, phone, .. } = self.spoken;
        Whose { channel: *channel, chat, phone }
    }

    fn look(&self) -> Look {
        match self.spoken.channel {
            Channel::Whatsapp => Look::Rows,
            Channel::Telegram
            | Channel::Instagram
            | Channel::Email
            | Channel::Sms
            | Channel::Site => Look::Keys,
        }
    }

    async fn turn(mut self) -> Result<Option<Answered>, VaultError> {
        let (channel, address) = (self.spoken.channel, self.spoken.phone.as_str());
        let mut reader = self.clinic.vault.read(&self.grant).await?;
        let row = store::found(&mut reader, self.whose()).await?;
        let silent = conversations::is_silent(&mut reader, channel, address, self.now).await?;
        let known = conversations::known(&mut reader, channel, address).await?;
        drop(reader);
        if let Some(Row { kept: Json(kept), .. }) = &row
            && kept.heard == self.spoken.id
        {
            return Ok(Some(answered(kept)));
        }
        let before = row.as_ref().and_then(|row| row.kept.0.language);
        self.language = self.spoken.language.or(before).unwrap_or_default();
        let is_stranger = row.is_none() && !known.wrote_before && !known.has_card;
        let rests = |row: &&Row| row.turned_at.plus_ms(RESTS_MS) <= self.now;
        let kept = row.as_ref().filter(|row| !rests(row)).map(|row| row.kept.0.clone());
        let kept = kept.unwrap_or_default();
        let next = match &self.spoken.said {
            Said::Text(text) if is_command(text) && self.spoken.opens => Some(self.begin().await?),
            // A person was asked for: it goes to them.
            Said::Text(_) if silent => None,
            Said::Text(text) => self.text(text, &kept, (known.waits, is_stranger)).await?,
            Said::Pressed(data) if data == BEGIN => Some(self.begin().await?),
            Said::Pressed(data) if data.starts_with(OURS) => Some(self.pressed(data, &kept).await?),
            Said::Pressed(_) => None,
            Said::Move(message) => self.offer(*message).await?,
        };
        match next {
            Some(next) => self.keep(next).await.map(Some),
            None => Ok(None),
        }
    }

    /// None for words that are for a person.
    async fn text(
        &mut self,
        text: &str,
        kept: &Kept,
        (waits, is_stranger): (bool, bool),
    ) -> Result<Option<Next>, VaultError> {
        // Whoever waits for a person's answer is not answered by a bot, unless it has
        // just told them of that word.
        let is_free = self.spoken.opens && (!waits || kept.picks.contains(&Pick::Begin));
        if let Some(language) = asks_to_book(text).filter(|_| is_free) {
            self.language = self.spoken.language.unwrap_or(language);
            return self.begin().await.map(Some);
        }
        let Some(talk) = &kept.talk else {
            if !(is_free && is_stranger && self.spoken.greets) {
                return Ok(None);
            }
            self.language = self.spoken.language.unwrap_or_else(|| language_of(text));
            return Ok(Some(self.greet(text)));
        };
        if let Some(language) = asks_for_language(text).filter(|_| self.look() == Look::Rows) {
            self.language = language;
            return self.again(talk.clone()).await.map(Some);
        }
        match replies::read(text) {
            // These end messages at any question, and are not a name.
            Meaning::Stop | Meaning::Start => Ok(None),
            // A word for a button: it answers this question and no reminder before it.
            Meaning::Yes | Meaning::No | Meaning::Move => self.again(talk.clone()).await.map(Some),
            Meaning::Unclear => self.take(talk, &Input::Text(text), kept).await,
        }
    }

    async fn pressed(&mut self, data: &str, kept: &Kept) -> Result<Next, VaultError> {
        Ok(match (pressed(kept, data), &kept.talk) {
            (Some(Pick::Begin), _) => self.begin().await?,
            (Some(Pick::Person), None) => self.person(),
            (Some(pick), Some(talk)) => {
                let next = self.take(talk, &Input::Pick(&pick), kept).await?;
                next.unwrap_or_else(|| self.over())
            }
            _ => self.over(),
        })
    }

    pub(super) fn say(&self, key: &str) -> String {
        self.clinic.pages.words().plain(self.language, key)
    }

    /// What names the messenger, or how it is spoken with there.
    fn say_here(&self, key: &str) -> String {
        self.say(&words::here(key, self.spoken.channel))
    }

    /// Asks a stranger what they need; what they wrote goes to a person.
    fn greet(&self, text: &str) -> Next {
        let clinic = &self.clinic.profile.get().name;
        let args = [("clinic", clinic.as_str().into())];
        let said = self.clinic.pages.words().with(self.language, "dialogue-greeting", &args);
        let rows = ["dialogue-begin", "dialogue-person"].map(|key| vec![self.say(key)]);
        Next {
            hand: Some(text.to_owned()),
            rows: rows.into(),
            ..self.end(GREET, said, vec![Pick::Begin, Pick::Person])
        }
    }

    pub(super) fn person(&self) -> Next {
        Next {
            hand: Some(self.say_here("dialogue-hand")),
            ..self.end(PERSON, self.say_here("dialogue-handed"), Vec::new())
        }
    }

    /// The same, with what was chosen so far, so that nobody is asked twice.
    async fn handed(&self, talk: &Talk) -> Result<Next, VaultError> {
        let person = self.person();
        let shown = self.shown(talk).await?;
        let chosen = words::chosen(self.clinic, self.language, talk, &shown);
        let more = |hand: String| chosen.map_or(hand.clone(), |chosen| format!("{hand}\n{chosen}"));
        Ok(Next { hand: person.hand.map(more), ..person })
    }

    /// The same question once more.
    async fn again(&self, talk: Talk) -> Result<Next, VaultError> {
        let shown = self.shown(&talk).await?;
        Ok(self.ask(talk, &shown, Before::Nothing))
    }

    async fn begin(&self) -> Result<Next, VaultError> {
        let fresh = Talk::new(0);
        let shown = self.shown(&fresh).await?;
        let is_on = self.spoken.opens && shown.offer.settings.enabled;
        if !is_on || shown.facts.services.is_empty() {
            return Ok(self.end("off", self.say("dialogue-off"), Vec::new()));
        }
        let talk = Talk { consent: shown.consent.version, ..fresh };
        Ok(self.ask(talk, &shown, Before::Nothing))
    }

    pub(super) async fn shown(&self, talk: &Talk) -> Result<Shown, VaultError> {
        let view = self.grant.actor().grant().map_err(|_| VaultError::NotStaff)?;
        let mut shown = shown(self.clinic, &view, self.language, talk).await?;
        if let (Step::Move, Some(visit)) = (talk.step, talk.visit) {
            self.look_around(visit, &mut shown).await?;
        }
        Ok(shown)
    }

    pub(super) fn ask(&self, talk: Talk, shown: &Shown, before: Before) -> Next {
        let language = self.language;
        let picks = talk.picks(&shown.facts, self.look());
        let here = (self.spoken.channel, language);
        let text = words::question(self.clinic, here, &talk, shown, before);
        let rows = self.rows(&picks, language, shown);
        let step = name(talk.step);
        let talk = Some(talk);
        Next { talk, text, picks, rows, hand: None, secret: None, about: None, step }
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
    pub(super) fn end(&self, step: &'static str, text: String, picks: Vec<Pick>) -> Next {
        let rows =
            if picks.is_empty() { Vec::new() } else { vec![vec![self.say("dialogue-begin")]] };
        Next { talk: None, text, picks, rows, hand: None, secret: None, about: None, step }
    }

    /// A button from before.
    fn over(&self) -> Next {
        self.end(OVER, self.say("dialogue-over"), vec![Pick::Begin])
    }

    /// None for words that this step does not ask for.
    async fn take(
        &mut self,
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
            Turn::Person => self.handed(talk).await?,
            Turn::Translate(same) => {
                self.language = words::other(self.language);
                self.again(same).await?
            }
            Turn::Book(whole) => self.book(whole, kept).await?,
            Turn::Move(whole) => self.move_to(whole).await?,
            Turn::Link(talk) => self.link(&talk).await?,
            Turn::Leave => self.end(LEFT, self.say("dialogue-left"), Vec::new()),
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
            language: self.language,
            phone: self.spoken.phone.clone(),
            name: talk.name.clone(),
            birth: Birth::read(&talk.birth, today),
            for_other: false,
            campaign: Campaign {
                source: self.spoken.channel.name().to_owned(),
                ..Campaign::default()
            },
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
                let text = words::end(self.clinic, self.language, &talk, state);
                Ok(self.end(state.name(), text, Vec::new()))
            }
            Err(OnlineError::Vault(error)) => Err(error),
            // It is no longer offered, or the name is none.
            Err(_) => Ok(self.end("off", self.say("dialogue-off"), vec![Pick::Begin])),
        }
    }
}

/// What a button means in the turn that stands.
fn pressed(kept: &Kept, data: &str) -> Option<Pick> {
    let (turn, place) = data.strip_prefix(OURS)?.split_once(':')?;
    let is_now = !kept.turn.is_empty() && turn == kept.turn;
    is_now.then(|| kept.picks.get(place.parse::<usize>().ok()?).cloned()).flatten()
}

fn is_command(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    word.split('@').next().is_some_and(|word| word.eq_ignore_ascii_case("/book"))
}
