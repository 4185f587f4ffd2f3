//! A turn as it is stored, before it is said: who speaks from now, what went to
//! whom, and what is said again when the same is heard again.

use serde_json::json;

use super::model::{Step, Talk};
use super::store::{self, Kept};
use super::turning::{GREET, Hearing, LEFT, LINK, MOVED, Next, OVER, PERSON};
use super::words;
use super::{FORGET, KEPT_MS};
use crate::conversations;
use crate::jobs;
use crate::messaging::setup::GatewayKind;
use crate::messaging::speaking::{self, Answered, Button, NewLine, OURS};
use crate::messaging::text::{Class, Classes};
use crate::messaging::{self, Channel};
use crate::patients;
use crate::reminders::Token;
use crate::vault::{Event, Subject, VaultError};

/// What stands in the conversation where something that opens was said.
const TAKEN_OUT: &str = "•••";

impl Hearing<'_> {
    pub(super) async fn keep(&self, next: Next) -> Result<Answered, VaultError> {
        let turn = Token::generate(&self.clinic.random);
        let kept = Kept {
            talk: next.talk,
            turn: turn.as_str().to_owned(),
            heard: self.spoken.id.clone(),
            text: next.text,
            list: words::list(&next.picks).map(|key| self.say(key)),
            picks: next.picks,
            rows: next.rows,
            hand: next.hand,
            language: Some(self.language),
        };
        let step = next.step;
        let line = next.secret.as_ref().map_or_else(
            || kept.text.clone(),
            |secret| kept.text.replace(secret.as_str(), TAKEN_OUT),
        );
        let choices = words::offered(&kept.picks, &kept.rows);
        let (channel, address) = (self.spoken.channel, self.spoken.phone.as_str());
        self.clinic
            .vault
            .change(&self.grant, async |tx| {
                store::put(tx, self.whose(), &kept).await?;
                let mut people = patients::by_phone(tx, &self.spoken.phone).await?;
                let only = people.pop().filter(|_| people.is_empty());
                let classes = classes(kept.talk.as_ref(), step);
                messaging::transfers::note_said_in(tx, only, party(channel), &classes).await?;
                let spoken_at = self.spoken.at;
                let id = conversations::spoken_in(tx, channel, address, spoken_at).await?;
                let line = NewLine {
                    conversation: &id.to_string(),
                    heard: &self.spoken.id,
                    text: &line,
                    choices: &choices,
                    about: next.about.as_ref(),
                };
                speaking::put_in(tx, line).await?;
                match step {
                    PERSON => conversations::silence_in(tx, channel, address).await?,
                    // An old button does not break the silence; all else asks the bot to speak.
                    OVER | MOVED | LINK | LEFT => {}
                    _ if kept.talk.as_ref().is_some_and(|talk| talk.visit.is_some()) => {}
                    _ => conversations::speak_in(tx, channel, address).await?,
                }
                let due = tx.now().plus_ms(KEPT_MS);
                jobs::enqueue(tx, FORGET, &json!({}), due).await?;
                let event = Event::new("dialogue.turned", Subject::Clinic);
                let event = event.with_detail(json!({ "step": step }));
                Ok::<_, VaultError>(((), event.touching(conversations::TOPIC)))
            })
            .await?;
        Ok(answered(&kept))
    }
}

/// What is said, as it was stored: place in the list after the turn.
pub fn answered(kept: &Kept) -> Answered {
    let mut places = 0..;
    let mut button = |text: &String| {
        let place = places.next().unwrap_or_default();
        Button { text: text.clone(), data: format!("{OURS}{}:{place}", kept.turn) }
    };
    let rows = kept.rows.iter().map(|row| row.iter().map(&mut button).collect()).collect();
    let (text, list, hand) = (kept.text.clone(), kept.list.clone(), kept.hand.clone());
    Answered { text, rows, list, hand }
}

/// Who carries what is said by this channel.
fn party(channel: Channel) -> GatewayKind {
    match channel {
        Channel::Whatsapp => GatewayKind::Whatsapp,
        Channel::Telegram | Channel::Instagram | Channel::Email | Channel::Sms | Channel::Site => {
            GatewayKind::Telegram
        }
    }
}

/// What the words of a turn give away: what is chosen stands in them.
fn classes(talk: Option<&Talk>, step: &str) -> Classes {
    let Classes(mut classes) = Classes::leaving();
    let is_neutral = matches!(step, MOVED | LINK | LEFT | GREET);
    if !is_neutral && talk.is_none_or(|talk| talk.service.is_some()) {
        classes.insert(Class::Clinical);
    }
    Classes(classes)
}

/// A code for the ledger.
pub fn name(step: Step) -> &'static str {
    match step {
        Step::Agree => "agree",
        Step::Service => "service",
        Step::Doctor => "doctor",
        Step::Day => "day",
        Step::Time => "time",
        Step::Name => "name",
        Step::Birth => "birth",
        Step::Confirm => "confirm",
        Step::Move => "move",
    }
}
