//! Buttons as Telegram shows them, under a message about a visit.

use crate::clock::Timestamp;
use crate::i18n::{Language, Words};
use crate::messaging::buttons::{Action, Tokens};
use crate::messaging::gateway::telegram::{Button, Markup};
use crate::messaging::model::Due;
use crate::messaging::whatsapp;

/// How long buttons mean something, in milliseconds: whoever comes later is told
/// by a newer message.
const GOOD_FOR_MS: i64 = 15 * 24 * 60 * 60 * 1000;

/// Until when buttons of a message that leaves now mean something.
pub fn good_until(now: Timestamp) -> Timestamp {
    now.plus_ms(GOOD_FOR_MS)
}

pub fn markup(tokens: &Tokens, words: &Words, language: Language) -> Markup {
    let button = |(action, token): &(Action, String)| Button {
        text: words.plain(language, &format!("telegram-button-{}", action.name())),
        data: token.clone(),
    };
    let [confirm, other, cancel] = &tokens.0;
    Markup::Buttons(vec![vec![button(confirm)], vec![button(other), button(cancel)]])
}

/// Whether a message is about one visit that can be answered for.
pub fn may_have_buttons(due: &Due) -> bool {
    whatsapp::may_have_buttons(due.purpose) && due.about.kind == "appointment"
}
