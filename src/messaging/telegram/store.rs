//! Telegram in the database: bots, what they were told, and chats.

use super::bot::Bot;
use super::chats::{Chat, Counts};
use super::talk::MOST_TRIES;
use super::update::read;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::i18n::Language;
use crate::ids::MessageId;
use crate::messaging::buttons;
use crate::vault::{Reader, Tx, VaultError};

const BOT: &str = "SELECT bot_id, username, to_all FROM telegram_bot WHERE current = 1";

const LEAVE_BOT: &str = "UPDATE telegram_bot SET current = NULL WHERE current = 1 AND bot_id <> ?1";

const USE_BOT: &str = "
    INSERT INTO telegram_bot (bot_id, current, username, to_all, changed_at)
    VALUES (?1, 1, '', 0, ?2)
    ON CONFLICT (bot_id) DO UPDATE SET current = 1";

const SET_TO_ALL: &str = "
    UPDATE telegram_bot SET to_all = ?2, changed_at = ?3 WHERE bot_id = ?1";

const NAME_BOT: &str = "UPDATE telegram_bot SET username = ?2 WHERE bot_id = ?1";

const NEXT: &str = "SELECT next_id, next_at FROM telegram_bot WHERE bot_id = ?1";

const SET_NEXT: &str = "UPDATE telegram_bot SET next_id = ?2, next_at = ?3 WHERE bot_id = ?1";

const KEEP: &str = "
    INSERT INTO telegram_update (bot_id, update_id, body, received_at, state)
    VALUES (?1, ?2, ?3, ?4, 'waiting')
    ON CONFLICT (bot_id, update_id) DO NOTHING";

const WAITING: &str = "
    SELECT update_id, body, attempts FROM telegram_update
    WHERE bot_id = ?1 AND state = 'waiting' ORDER BY update_id LIMIT 1";

const TRY: &str = "
    UPDATE telegram_update SET attempts = attempts + 1 WHERE bot_id = ?1 AND update_id = ?2";

const UNTRY: &str = "
    UPDATE telegram_update SET attempts = attempts - 1 WHERE bot_id = ?1 AND update_id = ?2";

const END: &str = "
    UPDATE telegram_update SET state = iif(?3 IS NULL, 'done', 'aside'), reason = ?3,
        body = iif(?3 IS NULL, '', body)
    WHERE bot_id = ?1 AND update_id = ?2 AND state = 'waiting'";

const FORGET: &str = "
    DELETE FROM telegram_update WHERE received_at <= ?1 AND state = 'done'";

/// What was put aside may still be taken up.
const FORGET_ASIDE: &str = "
    DELETE FROM telegram_update WHERE received_at <= ?1 AND state = 'aside'";

/// Who never said whose number it is, or took it back.
/// Who wants no more words is remembered for as long as any may be written.
const FORGET_STRANGERS: &str = "
    DELETE FROM telegram_chat
    WHERE phone IS NULL
        AND (met_at <= ?2 OR met_at <= ?1 AND blocked_at IS NULL AND stopped_at IS NULL)";

const CHAT: &str = "
    SELECT chat_id, phone, language, wanted_at IS NOT NULL AS wanted,
        blocked_at IS NOT NULL AS blocked, asked_at,
        stopped_at IS NOT NULL AS stopped
    FROM telegram_chat WHERE bot_id = ?1 AND chat_id = ?2";

const CHAT_OF: &str = "
    SELECT chat.chat_id FROM telegram_chat AS chat
        JOIN telegram_bot AS bot ON bot.current = 1 AND bot.bot_id = chat.bot_id
    WHERE chat.phone = ?1 AND chat.blocked_at IS NULL";

const MEET: &str = "
    INSERT INTO telegram_chat (bot_id, chat_id, language, met_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (bot_id, chat_id) DO UPDATE SET blocked_at = NULL, stopped_at = NULL";

const SPEAK: &str = "
    UPDATE telegram_chat SET language = ?3 WHERE bot_id = ?1 AND chat_id = ?2";

const ASKED: &str = "
    UPDATE telegram_chat SET asked_at = ?3 WHERE bot_id = ?1 AND chat_id = ?2";

const LINK: &str = "
    UPDATE telegram_chat SET phone = ?3, linked_at = ?4,
        wanted_at = iif(phone IS ?3, wanted_at, NULL)
    WHERE bot_id = ?1 AND chat_id = ?2";

const IS_SHUT: &str = "
    SELECT EXISTS (SELECT 1 FROM telegram_chat
        WHERE bot_id = ?1 AND chat_id = ?2 AND (blocked_at IS NOT NULL OR stopped_at IS NOT NULL))";

const ASIDE: &str = "
    SELECT told.bot_id, told.update_id, told.body FROM telegram_update AS told
        JOIN telegram_bot AS bot ON bot.current = 1 AND bot.bot_id = told.bot_id
    WHERE told.state = 'aside'";

/// It is tried once: what fails again keeps nothing new from being heard.
const TAKE_UP: &str = "
    UPDATE telegram_update SET state = 'waiting', reason = NULL, attempts = ?3
    WHERE bot_id = ?1 AND update_id = ?2";

const DROP_ASIDE: &str = "
    UPDATE telegram_update SET state = 'done', body = '' WHERE bot_id = ?1 AND update_id = ?2";

/// A number that passed to somebody else is theirs now.
const LEAVE_OTHERS: &str = "
    UPDATE telegram_chat SET phone = NULL, linked_at = NULL, wanted_at = NULL
    WHERE phone = ?3 AND bot_id = ?1 AND chat_id <> ?2";

const UNLINK: &str = "
    UPDATE telegram_chat SET phone = NULL, linked_at = NULL, wanted_at = NULL, met_at = ?3,
        asked_at = NULL, stopped_at = ?3
    WHERE bot_id = ?1 AND chat_id = ?2";

const WANT: &str = "
    UPDATE telegram_chat SET wanted_at = ?3 WHERE bot_id = ?1 AND chat_id = ?2 AND phone IS NOT NULL";

const BLOCK: &str = "
    UPDATE telegram_chat SET blocked_at = ?3 WHERE bot_id = ?1 AND chat_id = ?2";

const COUNTS: &str = "
    SELECT coalesce(sum(phone IS NOT NULL), 0) AS linked,
        coalesce(sum(wanted_at IS NOT NULL), 0) AS wanted,
        coalesce(sum(blocked_at IS NOT NULL), 0) AS blocked
    FROM telegram_chat WHERE bot_id = (SELECT bot_id FROM telegram_bot WHERE current = 1)";

const OVER: &str = "UPDATE message SET telegram_over = 1 WHERE id = ?1";

pub async fn bot(reader: &mut Reader) -> Result<Option<Bot>, VaultError> {
    Ok(sqlx::query_as(BOT).fetch_optional(reader.sql()).await?)
}

/// This one is in use now, and no other.
pub async fn use_bot(tx: &mut Tx, bot: i64) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(LEAVE_BOT).bind(bot).execute(tx.sql()).await?;
    sqlx::query(USE_BOT).bind(bot).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn set_to_all(tx: &mut Tx, bot: i64, to_all: bool) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(SET_TO_ALL).bind(bot).bind(to_all).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn name_bot(tx: &mut Tx, bot: i64, username: &str) -> Result<(), VaultError> {
    sqlx::query(NAME_BOT).bind(bot).bind(username).execute(tx.sql()).await?;
    Ok(())
}

/// Up to which update everything is kept, and since when.
pub async fn next(reader: &mut Reader, bot: i64) -> Result<Option<(i64, Timestamp)>, VaultError> {
    type Next = (Option<i64>, Option<Timestamp>);
    let found: Option<Next> = sqlx::query_as(NEXT).bind(bot).fetch_optional(reader.sql()).await?;
    Ok(found.and_then(|(next, at)| next.zip(at)))
}

pub async fn set_next(tx: &mut Tx, bot: i64, next: i64) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(SET_NEXT).bind(bot).bind(next).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// False when the same was kept before.
pub async fn keep(tx: &mut Tx, bot: i64, id: i64, body: &str) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(KEEP).bind(bot).bind(id).bind(body).bind(now);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

/// The first of those that wait, with how often it was tried.
pub async fn waiting(
    reader: &mut Reader,
    bot: i64,
) -> Result<Option<(i64, String, i64)>, VaultError> {
    Ok(sqlx::query_as(WAITING).bind(bot).fetch_optional(reader.sql()).await?)
}

pub async fn try_update(tx: &mut Tx, bot: i64, id: i64) -> Result<(), VaultError> {
    sqlx::query(TRY).bind(bot).bind(id).execute(tx.sql()).await?;
    Ok(())
}

/// It was no fault of its own.
pub async fn untry_update(tx: &mut Tx, bot: i64, id: i64) -> Result<(), VaultError> {
    sqlx::query(UNTRY).bind(bot).bind(id).execute(tx.sql()).await?;
    Ok(())
}

/// It was worked through, or is put aside for this reason.
pub async fn end_update(
    tx: &mut Tx,
    bot: i64,
    id: i64,
    aside: Option<&str>,
) -> Result<(), VaultError> {
    sqlx::query(END).bind(bot).bind(id).bind(aside).execute(tx.sql()).await?;
    Ok(())
}

/// Forgets what was worked through, buttons that are over, and strangers.
pub async fn forget(
    tx: &mut Tx,
    (updates, aside): (Timestamp, Timestamp),
    (strangers, shut): (Timestamp, Timestamp),
) -> Result<(), VaultError> {
    sqlx::query(FORGET).bind(updates).execute(tx.sql()).await?;
    sqlx::query(FORGET_ASIDE).bind(aside).execute(tx.sql()).await?;
    buttons::forget_in(tx).await?;
    sqlx::query(FORGET_STRANGERS).bind(strangers).bind(shut).execute(tx.sql()).await?;
    Ok(())
}

pub async fn chat(reader: &mut Reader, bot: i64, chat: i64) -> Result<Option<Chat>, VaultError> {
    Ok(sqlx::query_as(CHAT).bind(bot).bind(chat).fetch_optional(reader.sql()).await?)
}

/// The conversation of a telephone with the bot in use.
pub async fn chat_of(reader: &mut Reader, phone: &Phone) -> Result<Option<i64>, VaultError> {
    Ok(sqlx::query_scalar(CHAT_OF).bind(phone).fetch_optional(reader.sql()).await?)
}

/// Somebody writes: whoever blocked the bot has let it write again.
pub async fn meet(tx: &mut Tx, bot: i64, chat: i64, language: Language) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(MEET).bind(bot).bind(chat).bind(language).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn speak(tx: &mut Tx, bot: i64, chat: i64, language: Language) -> Result<(), VaultError> {
    sqlx::query(SPEAK).bind(bot).bind(chat).bind(language).execute(tx.sql()).await?;
    Ok(())
}

/// Whether a chat is not to be written to: its person blocked the bot, or said so.
pub async fn is_shut_in(tx: &mut Tx, bot: i64, chat: i64) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(IS_SHUT).bind(bot).bind(chat).fetch_one(tx.sql()).await?)
}

/// Takes up what was put aside of the bot in use: words. Whatever else was done there
/// then is over: a button, a number, a command. Gives how many.
pub async fn take_up_in(tx: &mut Tx) -> Result<usize, VaultError> {
    let aside: Vec<(i64, i64, String)> = sqlx::query_as(ASIDE).fetch_all(tx.sql()).await?;
    let mut taken = 0;
    for (bot, id, body) in aside {
        if read(&body).is_some_and(|update| update.is_words()) {
            let query = sqlx::query(TAKE_UP).bind(bot).bind(id).bind(MOST_TRIES - 1);
            query.execute(tx.sql()).await?;
            taken += 1;
        } else {
            sqlx::query(DROP_ASIDE).bind(bot).bind(id).execute(tx.sql()).await?;
        }
    }
    Ok(taken)
}

/// The number was asked for just now.
pub async fn asked(tx: &mut Tx, bot: i64, chat: i64) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(ASKED).bind(bot).bind(chat).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// The number is this chat's, and no other's.
pub async fn link(tx: &mut Tx, bot: i64, chat: i64, phone: &Phone) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(LEAVE_OTHERS).bind(bot).bind(chat).bind(phone).execute(tx.sql()).await?;
    sqlx::query(LINK).bind(bot).bind(chat).bind(phone).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn unlink(tx: &mut Tx, bot: i64, chat: i64) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(UNLINK).bind(bot).bind(chat).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn want(tx: &mut Tx, bot: i64, chat: i64, here: bool) -> Result<(), VaultError> {
    let now = here.then(|| tx.now());
    sqlx::query(WANT).bind(bot).bind(chat).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// The person has blocked the bot, or lets it write again.
pub async fn block_in(tx: &mut Tx, bot: i64, chat: i64, blocked: bool) -> Result<(), VaultError> {
    let now = blocked.then(|| tx.now());
    sqlx::query(BLOCK).bind(bot).bind(chat).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn counts(reader: &mut Reader) -> Result<Counts, VaultError> {
    Ok(sqlx::query_as(COUNTS).fetch_one(reader.sql()).await?)
}

/// Telegram had its turn with this message.
pub async fn mark_over(tx: &mut Tx, id: MessageId) -> Result<(), VaultError> {
    sqlx::query(OVER).bind(id).execute(tx.sql()).await?;
    Ok(())
}
