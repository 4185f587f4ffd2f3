//! Buttons as Telegram shows them, under a message about a visit.

use crate::clock::Timestamp;
use crate::i18n::{Language, Words};
use crate::messaging::buttons::{Action, Tokens};
use crate::messaging::gateway::telegram::{Button, Markup};
use crate::messaging::model::Due;
use crate::messaging::text::Purpose;
use crate::messaging::whatsapp;

/// How long buttons mean something, in milliseconds: whoever comes later is told
/// by a newer message.
const GOOD_FOR_MS: i64 = 15 * 24 * 60 * 60 * 1000;

/// Until when buttons of a message that leaves now mean something.
pub fn good_until(now: Timestamp) -> Timestamp {
    now.plus_ms(GOOD_FOR_MS)
}

pub fn markup(tokens: &Tokens, words: &Words, (purpose, language): (Purpose, Language)) -> Markup {
    let family = if purpose == Purpose::FamilyReminder { "-family" } else { "" };
    let button = |(action, token): &(Action, String)| Button {
        text: words.plain(language, &format!("telegram-button-{}{family}", action.name())),
        data: token.clone(),
    };
    let mut rows: Vec<Vec<Button>> =
        tokens.0.chunks(1).take(1).map(|one| one.iter().map(button).collect()).collect();
    rows.extend(tokens.0.get(1..).map(|rest| rest.iter().map(button).collect()));
    Markup::Buttons(rows)
}

/// Whether a message is about visits that can be answered for.
pub fn may_have_buttons(due: &Due) -> bool {
    whatsapp::may_have_buttons(due.purpose) && due.about.kind == "appointment"
}
