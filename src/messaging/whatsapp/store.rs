//! WhatsApp in the database: the app, templates, choices, buttons, and what the
//! door heard.

use super::app::App;
use super::speech::{Speech, SpeechState};
use super::template::Template;
use super::webhook::Source;
use crate::clock::Timestamp;
use crate::contact::Phone;
use crate::crypto::hash::Digest;
use crate::i18n::Language;
use crate::ids::{MessageId, PatientId};
use crate::messaging::Channel;
use crate::messaging::buttons;
use crate::messaging::text::Purpose;
use crate::vault::{Disclosure, Reader, Tx, VaultError};

const APP: &str = "
    SELECT business_account_id, app_secret, verify_token, wait_minutes, to_all, talks, greets
    FROM whatsapp_app WHERE id = 1";

const SET_APP: &str = "
    INSERT INTO whatsapp_app (id, business_account_id, app_secret, verify_token, wait_minutes,
        to_all, talks, greets, changed_at)
    VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (id) DO UPDATE SET business_account_id = ?1, app_secret = ?2, verify_token = ?3,
        wait_minutes = ?4, to_all = ?5, talks = ?6, greets = ?7, changed_at = ?8";

const TEMPLATES: &str = "
    SELECT purpose, language, name, code, category, parameters, buttons FROM whatsapp_template
    ORDER BY purpose, language";

const SET_TEMPLATE: &str = "
    INSERT INTO whatsapp_template (purpose, language, name, code, category, parameters, buttons)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (purpose, language) DO UPDATE SET name = ?3, code = ?4, category = ?5,
        parameters = ?6, buttons = ?7";

const REMOVE_TEMPLATE: &str = "DELETE FROM whatsapp_template WHERE purpose = ?1 AND language = ?2";

const CHOICE: &str = "SELECT channel FROM channel_choice WHERE patient_id = ?1";

const CHOOSE: &str = "
    INSERT INTO channel_choice (patient_id, channel, at) VALUES (?1, ?2, ?3)
    ON CONFLICT (patient_id) DO UPDATE SET channel = ?2, at = ?3";

const CHOOSE_NOTHING: &str = "DELETE FROM channel_choice WHERE patient_id = ?1";

/// A choice of the card that stays is kept.
const HAND_OVER: &str = "
    UPDATE OR IGNORE channel_choice SET patient_id = ?2 WHERE patient_id = ?1 RETURNING channel";

const OVER: &str = "UPDATE message SET whatsapp_over = 1 WHERE id = ?1";

const KEEP: &str = "
    INSERT INTO webhook_event (source, sha256, body, received_at, state)
    VALUES (?1, ?2, ?3, ?4, 'waiting')
    ON CONFLICT (source, sha256) DO NOTHING RETURNING id";

const TRY: &str = "
    UPDATE webhook_event SET attempts = attempts + 1 WHERE id = ?1 AND state = 'waiting'
    RETURNING source, body, attempts";

const DONE: &str = "UPDATE webhook_event SET state = 'done', body = '' WHERE id = ?1";

const ASIDE: &str = "UPDATE webhook_event SET state = 'aside', reason = ?2 WHERE id = ?1";

const FORGET: &str = "
    DELETE FROM webhook_event WHERE received_at <= ?1 AND state <> 'waiting'";

/// Each thing that was heard is answered once.
const PUT_SPEECH: &str = "
    INSERT INTO whatsapp_speech (heard, phone, body, state, made_at)
    VALUES (?1, ?2, ?3, 'waiting', ?4)
    ON CONFLICT (heard) DO NOTHING RETURNING id";

const IS_ANSWERED: &str = "SELECT EXISTS (SELECT 1 FROM whatsapp_speech WHERE heard = ?1)";

const SPEECH: &str = "
    SELECT heard, phone, body, state, attempts, made_at FROM whatsapp_speech WHERE id = ?1";

/// An earlier answer to the same person is on its way.
const IS_BEHIND: &str = "
    SELECT EXISTS (SELECT 1 FROM whatsapp_speech AS one
        JOIN whatsapp_speech AS earlier ON earlier.phone = one.phone AND earlier.id < one.id
        WHERE one.id = ?1 AND earlier.state IN ('waiting', 'sending'))";

/// What was said, or will not be, is no longer kept.
const STEP_SPEECH: &str = "
    UPDATE whatsapp_speech SET state = ?2, attempts = attempts + (?2 = 'sending'),
        body = iif(?2 IN ('waiting', 'sending'), body, '')
    WHERE id = ?1";

const FORGET_SPEECHES: &str = "DELETE FROM whatsapp_speech WHERE made_at <= ?1";

const PHONE_OF: &str = "
    SELECT phone, hidden_at IS NOT NULL FROM whatsapp_person WHERE number_id = ?1 AND user_id = ?2";

const HIDE_NUMBER: &str = "
    UPDATE whatsapp_person SET hidden_at = ?3
    WHERE number_id = ?1 AND user_id = ?2 AND told_at <= ?3 AND hidden_at IS NULL";

/// Something that is not kept yet, of what is not older than what is.
const IS_NEWS: &str = "
    SELECT NOT EXISTS (SELECT 1 FROM whatsapp_person
            WHERE number_id = ?1 AND (user_id = ?2 OR phone = ?3) AND ?4 < told_at)
        AND (EXISTS (SELECT 1 FROM whatsapp_person
                WHERE number_id = ?1 AND phone = ?3 AND hidden_at < ?4)
            OR ?2 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM whatsapp_person
                WHERE number_id = ?1 AND user_id = ?2 AND phone = ?3))";

/// Whoever had the number before has it no more.
const PASS_NUMBER: &str = "
    DELETE FROM whatsapp_person WHERE number_id = ?1 AND phone = ?3 AND user_id <> ?2";

const TELL_NUMBER: &str = "
    INSERT INTO whatsapp_person (number_id, user_id, phone, told_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (number_id, user_id) DO UPDATE SET phone = ?3, told_at = ?4, hidden_at = NULL";

const SHOW_NUMBER: &str = "
    UPDATE whatsapp_person SET hidden_at = NULL, told_at = ?3
    WHERE number_id = ?1 AND phone = ?2";

/// Only by the number that the clinic has now.
const HIDDEN_BEHIND: &str = "
    SELECT user_id FROM whatsapp_person AS person
        JOIN gateway ON gateway.kind = 'whatsapp' AND gateway.username = person.number_id
    WHERE person.phone = ?1 AND hidden_at IS NOT NULL ORDER BY hidden_at DESC LIMIT 1";

const FORGET_PEOPLE: &str = "
    DELETE FROM whatsapp_person
    WHERE NOT EXISTS (SELECT 1 FROM patient_phone WHERE patient_phone.phone = whatsapp_person.phone)
        AND NOT EXISTS (SELECT 1 FROM conversation
            WHERE channel = 'whatsapp' AND address = whatsapp_person.phone)";

pub async fn app(reader: &mut Reader) -> Result<Option<App>, VaultError> {
    Ok(sqlx::query_as(APP).fetch_optional(reader.sql()).await?)
}

pub async fn set_app(tx: &mut Tx, app: &App) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(SET_APP)
        .bind(&app.business_account_id)
        .bind(&app.app_secret)
        .bind(&app.verify_token)
        .bind(app.wait_minutes)
        .bind(app.to_all)
        .bind(app.talks)
        .bind(app.greets)
        .bind(now)
        .execute(tx.sql())
        .await?;
    Ok(())
}

pub async fn templates(reader: &mut Reader) -> Result<Vec<Template>, VaultError> {
    Ok(sqlx::query_as(TEMPLATES).fetch_all(reader.sql()).await?)
}

pub async fn set_template(tx: &mut Tx, template: &Template) -> Result<(), VaultError> {
    sqlx::query(SET_TEMPLATE)
        .bind(template.purpose)
        .bind(template.language)
        .bind(&template.name)
        .bind(&template.code)
        .bind(template.category)
        .bind(&template.parameters)
        .bind(template.buttons)
        .execute(tx.sql())
        .await?;
    Ok(())
}

pub async fn remove_template(
    tx: &mut Tx,
    purpose: Purpose,
    language: Language,
) -> Result<(), VaultError> {
    sqlx::query(REMOVE_TEMPLATE).bind(purpose).bind(language).execute(tx.sql()).await?;
    Ok(())
}

pub async fn choice(disclosure: &mut Disclosure) -> Result<Option<Channel>, VaultError> {
    let patient_id = disclosure.patient_id();
    Ok(sqlx::query_scalar(CHOICE).bind(patient_id).fetch_optional(disclosure.sql()).await?)
}

pub async fn choose(
    tx: &mut Tx,
    patient_id: PatientId,
    channel: Option<Channel>,
) -> Result<(), VaultError> {
    let now = tx.now();
    match channel {
        Some(channel) => {
            let query = sqlx::query(CHOOSE).bind(patient_id).bind(channel).bind(now);
            query.execute(tx.sql()).await?;
        }
        None => {
            sqlx::query(CHOOSE_NOTHING).bind(patient_id).execute(tx.sql()).await?;
        }
    }
    Ok(())
}

/// Puts the choice of one card on another that has none.
pub async fn hand_over_in(
    tx: &mut Tx,
    from: PatientId,
    to: PatientId,
) -> Result<Vec<String>, VaultError> {
    let moved = sqlx::query_scalar(HAND_OVER).bind(from).bind(to).fetch_all(tx.sql()).await?;
    sqlx::query(CHOOSE_NOTHING).bind(from).execute(tx.sql()).await?;
    Ok(moved)
}

/// WhatsApp had its turn with this message.
pub async fn mark_over(tx: &mut Tx, id: MessageId) -> Result<(), VaultError> {
    sqlx::query(OVER).bind(id).execute(tx.sql()).await?;
    Ok(())
}

/// None when the same was heard before.
pub async fn keep(
    tx: &mut Tx,
    source: Source,
    hash: &Digest,
    body: &str,
) -> Result<Option<i64>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(KEEP).bind(source).bind(hash.to_vec()).bind(body).bind(now);
    Ok(query.fetch_optional(tx.sql()).await?)
}

/// What was heard, and how often it was tried with this time. None when it was
/// worked through.
pub async fn try_event(tx: &mut Tx, id: i64) -> Result<Option<(Source, String, i64)>, VaultError> {
    Ok(sqlx::query_as(TRY).bind(id).fetch_optional(tx.sql()).await?)
}

/// It was worked through, or is put aside for this reason.
pub async fn end_event(tx: &mut Tx, id: i64, aside: Option<&str>) -> Result<(), VaultError> {
    match aside {
        None => sqlx::query(DONE).bind(id).execute(tx.sql()).await?,
        Some(reason) => sqlx::query(ASIDE).bind(id).bind(reason).execute(tx.sql()).await?,
    };
    Ok(())
}

/// Forgets what was heard before this, and buttons that are over.
pub async fn forget(tx: &mut Tx, before: Timestamp) -> Result<(), VaultError> {
    sqlx::query(FORGET).bind(before).execute(tx.sql()).await?;
    buttons::forget_in(tx).await
}

/// None when it was answered before.
pub async fn put_speech(
    tx: &mut Tx,
    heard: &str,
    phone: &Phone,
    body: &str,
) -> Result<Option<i64>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_scalar(PUT_SPEECH).bind(heard).bind(phone).bind(body).bind(now);
    Ok(query.fetch_optional(tx.sql()).await?)
}

pub async fn is_answered(reader: &mut Reader, heard: &str) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(IS_ANSWERED).bind(heard).fetch_one(reader.sql()).await?)
}

pub async fn speech(tx: &mut Tx, id: i64) -> Result<Option<Speech>, VaultError> {
    Ok(sqlx::query_as(SPEECH).bind(id).fetch_optional(tx.sql()).await?)
}

pub async fn is_behind(tx: &mut Tx, id: i64) -> Result<bool, VaultError> {
    Ok(sqlx::query_scalar(IS_BEHIND).bind(id).fetch_one(tx.sql()).await?)
}

pub async fn step_speech(tx: &mut Tx, id: i64, state: SpeechState) -> Result<(), VaultError> {
    sqlx::query(STEP_SPEECH).bind(id).bind(state).execute(tx.sql()).await?;
    Ok(())
}

/// Forgets answers of conversations from before this.
pub async fn forget_speeches(tx: &mut Tx, before: Timestamp) -> Result<(), VaultError> {
    sqlx::query(FORGET_SPEECHES).bind(before).execute(tx.sql()).await?;
    Ok(())
}

/// The number behind an id, and whether it is hidden already.
pub async fn phone_of(
    reader: &mut Reader,
    number: &str,
    user: &str,
) -> Result<Option<(Phone, bool)>, VaultError> {
    let query = sqlx::query_as(PHONE_OF).bind(number).bind(user);
    Ok(query.fetch_optional(reader.sql()).await?)
}

/// They write with the id alone since then.
pub async fn hide_number(
    tx: &mut Tx,
    (number, user): (&str, &str),
    at: Timestamp,
) -> Result<(), VaultError> {
    sqlx::query(HIDE_NUMBER).bind(number).bind(user).bind(at).execute(tx.sql()).await?;
    Ok(())
}

/// Whether a number that is shown, with the id or without, changes what is known.
pub async fn is_news(
    reader: &mut Reader,
    (number, user): (&str, Option<&str>),
    phone: &Phone,
    at: Timestamp,
) -> Result<bool, VaultError> {
    let query = sqlx::query_scalar(IS_NEWS).bind(number).bind(user).bind(phone).bind(at);
    Ok(query.fetch_one(reader.sql()).await?)
}

/// The number is shown, as that of this id where it was told.
pub async fn show_number(
    tx: &mut Tx,
    (number, user): (&str, Option<&str>),
    phone: &Phone,
    at: Timestamp,
) -> Result<(), VaultError> {
    let Some(user) = user else {
        let query = sqlx::query(SHOW_NUMBER).bind(number).bind(phone).bind(at);
        query.execute(tx.sql()).await?;
        return Ok(());
    };
    sqlx::query(PASS_NUMBER).bind(number).bind(user).bind(phone).execute(tx.sql()).await?;
    let query = sqlx::query(TELL_NUMBER).bind(number).bind(user).bind(phone).bind(at);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// The id of whoever hides this number now. None: nobody does.
pub async fn hidden_behind_in(tx: &mut Tx, phone: &Phone) -> Result<Option<String>, VaultError> {
    Ok(sqlx::query_scalar(HIDDEN_BEHIND).bind(phone).fetch_optional(tx.sql()).await?)
}

/// Forgets the ids of numbers that are nobody's and with whom nothing is left of
/// what was said.
pub async fn forget_people_in(tx: &mut Tx) -> Result<(), VaultError> {
    sqlx::query(FORGET_PEOPLE).execute(tx.sql()).await?;
    Ok(())
}
