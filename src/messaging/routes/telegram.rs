//! The page of the Telegram bot: its token, its name, how to find it, who writes
//! to it, and how listening goes.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::gateway::Done;
use super::gateways::Row;
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::crypto::qr;
use crate::messaging::setup::{self, GatewayError, GatewayKind};
use crate::messaging::telegram::{self, Bot, BotChange, Counts, Hearing};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::SetUpGateways;
use crate::web::{FieldErrors, Page, Problem, see_other};

#[derive(Debug, Serialize)]
pub struct TelegramPage {
    /// The gateway that the bot is; none while there is none.
    row: Option<Row>,
    /// Without the `@`; empty until Telegram said it.
    username: String,
    /// `https://t.me/name`; empty like the name.
    link: String,
    /// The same to be photographed: an `<svg>` element.
    qr: Option<String>,
    to_all: bool,
    counts: Counts,
    /// When Telegram last answered the listening.
    heard_at: Option<Timestamp>,
    /// A code of what is in its way.
    trouble: Option<&'static str>,
    errors: FieldErrors,
    /// `saved`, `tested` or empty: what was just done.
    done: String,
}

pub(super) async fn show(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Query(Done { done }): Query<Done>,
) -> Result<Page, Problem> {
    let page = TelegramPage { done, ..TelegramPage::load(&clinic, &grant).await? };
    Page::of(&clinic, &chrome.active("messages"), &page)
}

/// Keeps the token, and asks Telegram whose it is.
pub(super) async fn save(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
    chrome: Chrome,
    Form(change): Form<BotChange>,
) -> Result<Response, Problem> {
    let wrong = match telegram::save(&clinic, &grant, &change).await {
        Ok(()) => {
            if !change.token.trim().is_empty() {
                telegram::test(&clinic, &grant).await?;
            }
            setup::count_waiting(&clinic, &grant).await?;
            return Ok(see_other("/messages/telegram?done=saved"));
        }
        Err(GatewayError::Fields(wrong)) => wrong,
        Err(other) => return Err(other.into()),
    };
    let errors = wrong.into_iter().map(|(field, key)| (field, key.to_owned())).collect();
    let page = TelegramPage::load(&clinic, &grant).await?;
    let page = TelegramPage { to_all: change.to_all, errors, ..page };
    Ok(Page::of(&clinic, &chrome.active("messages"), &page)?.refused().into_response())
}

/// Asks Telegram who the bot is, now.
pub(super) async fn test(
    State(clinic): State<Clinic>,
    grant: Grant<SetUpGateways>,
) -> Result<Response, Problem> {
    telegram::test(&clinic, &grant).await?.ok_or(Problem::NotFound)?;
    Ok(see_other("/messages/telegram?done=tested"))
}

impl TelegramPage {
    async fn load(clinic: &Clinic, grant: &Grant<SetUpGateways>) -> Result<Self, Problem> {
        let all = setup::gateways(&clinic.vault, grant).await?;
        let is_bot = |kind| kind == GatewayKind::Telegram;
        let own = all.iter().find(|one| is_bot(one.account.settings.kind));
        let row = own.map(|one| Row::of(clinic, one));
        let bot = telegram::bot(clinic, grant).await?;
        let bot = bot.filter(|_| row.is_some());
        let counts = telegram::counts(clinic, grant).await?;
        Ok(Self { counts, ..Self::of(row, bot, Hearing::of(clinic).now()) })
    }

    fn of(
        row: Option<Row>,
        bot: Option<Bot>,
        (heard_at, trouble): (Option<Timestamp>, Option<&'static str>),
    ) -> Self {
        let to_all = bot.as_ref().is_some_and(|bot| bot.to_all);
        let username = bot.map(|bot| bot.username).unwrap_or_default();
        let link =
            if username.is_empty() { String::new() } else { format!("https://t.me/{username}") };
        Self {
            row,
            qr: (!link.is_empty()).then(|| qr::svg(&link)).flatten(),
            username,
            link,
            to_all,
            counts: Counts::default(),
            heard_at,
            trouble,
            errors: FieldErrors::new(),
            done: String::new(),
        }
    }
}

impl View for TelegramPage {
    const TEMPLATE: &'static str = "messaging/telegram.html";

    fn samples() -> Vec<Self> {
        let at = Some(Timestamp::from_unix_ms(1_790_000_000_000));
        let bot =
            |username: &str| Some(Bot { bot_id: 7, username: username.to_owned(), to_all: true });
        let row = || Row::samples().into_iter().next();
        let mut wrong = Self::of(None, None, (None, None));
        wrong.errors.insert("token", "messaging-error-bot-token".to_owned());
        let counts = Counts { linked: 12, wanted: 9, blocked: 1 };
        let done = |done: &str| Self {
            counts,
            done: done.to_owned(),
            ..Self::of(row(), bot("arai_bot"), (at, None))
        };
        vec![
            Self::of(None, None, (None, None)),
            wrong,
            Self::of(row(), bot(""), (None, Some("gateway_credentials"))),
            Self::of(row(), bot("arai_bot"), (at, Some("gateway_taken"))),
            done("saved"),
            done("tested"),
        ]
    }
}
