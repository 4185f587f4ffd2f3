//! The chain in the database: rule, steps, wordings, visits and touches.

use sqlx::SqliteConnection;

use crate::clock::{Civil, Day, Timestamp};
use crate::contact::Phone;
use crate::i18n::Language;
use crate::ids::{AppointmentId, MessageId, PatientId, ServiceId, StaffId};
use crate::messaging::Channel;
use crate::reminders::chain::model::{Outcome, Placed, Reason, Rule, Step, StepId, Touch, Visit};
use crate::vault::{Reader, Tx, VaultError};

const RULE: &str = "
    SELECT running, quiet_from, quiet_until, late_minutes, part_tiyn
    FROM reminder_rule WHERE id = 1";

const SET_RULE: &str = "
    UPDATE reminder_rule SET running = ?1, quiet_from = ?2, quiet_until = ?3, late_minutes = ?4,
        part_tiyn = ?5, changed_at = ?6, changed_by = ?7
    WHERE id = 1";

/// All steps that hold, of every chain, the first to go out first.
const STEPS: &str = "
    SELECT id, service_id, before_minutes, confirmed_too, channel FROM reminder_step
    WHERE ended_at IS NULL ORDER BY before_minutes IS NOT NULL, before_minutes DESC";

/// Steps that touches name, ended ones too.
const EVERY_STEP: &str = "
    SELECT id, service_id, before_minutes, confirmed_too, channel FROM reminder_step";

const OWN: &str = "SELECT service_id FROM reminder_own";

const INSERT_OWN: &str = "
    INSERT INTO reminder_own (service_id, made_at, made_by) VALUES (?1, ?2, ?3)
    ON CONFLICT DO NOTHING";

const DELETE_OWN: &str = "DELETE FROM reminder_own WHERE service_id = ?1";

const INSERT_STEP: &str = "
    INSERT INTO reminder_step (id, service_id, before_minutes, confirmed_too, channel, made_at, made_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const CHANGE_STEP: &str = "
    UPDATE reminder_step SET before_minutes = ?2, confirmed_too = ?3, channel = ?4
    WHERE id = ?1 AND ended_at IS NULL RETURNING id";

const END_STEP: &str = "
    UPDATE reminder_step SET ended_at = ?2, ended_by = ?3
    WHERE id = ?1 AND ended_at IS NULL RETURNING id";

const END_STEPS_OF: &str = "
    UPDATE reminder_step SET ended_at = ?2, ended_by = ?3
    WHERE service_id = ?1 AND ended_at IS NULL";

const TEXT: &str = "
    SELECT source FROM reminder_text WHERE step_id = ?1 AND language = ?2
    ORDER BY changed_at DESC, rowid DESC LIMIT 1";

const SET_TEXT: &str = "
    INSERT INTO reminder_text (step_id, language, source, changed_at, changed_by)
    VALUES (?1, ?2, ?3, ?4, ?5)";

const SEEN: &str = "SELECT until FROM reminder_seen WHERE id = 1";
const SET_SEEN: &str = "UPDATE reminder_seen SET until = ?1 WHERE id = 1";

const VISITS_BETWEEN: &str = "
    SELECT id, patient_id, service_id, starts, status, round, since, confirmed,
        notify AND patient_id NOT IN (SELECT patient_id FROM writing_refused
            WHERE patient_id = reminder_visit.patient_id) AS notify
    FROM reminder_visit WHERE starts >= ?1 AND starts < ?2 ORDER BY starts, id";

const VISIT: &str = "
    SELECT id, patient_id, service_id, starts, status, round, since, confirmed,
        notify AND patient_id NOT IN (SELECT patient_id FROM writing_refused
            WHERE patient_id = reminder_visit.patient_id) AS notify
    FROM reminder_visit WHERE id = ?1";

const VISITS_OF: &str = "
    SELECT id, patient_id, service_id, starts, status, round, since, confirmed,
        notify AND patient_id NOT IN (SELECT patient_id FROM writing_refused
            WHERE patient_id = reminder_visit.patient_id) AS notify
    FROM reminder_visit WHERE patient_id = ?1 AND starts >= ?2 ORDER BY starts, id LIMIT ?3";

/// Visits of one day of everybody with this telephone, but those whose data is
/// blocked: nobody writes to them.
const VISITS_OF_PHONE: &str = "
    SELECT id, patient_id, service_id, starts, status, round, since, confirmed,
        notify AND patient_id NOT IN (SELECT patient_id FROM writing_refused
            WHERE patient_id = reminder_visit.patient_id) AS notify
    FROM reminder_visit
    WHERE starts >= ?2 AND starts < ?3
        AND patient_id IN (SELECT patient_id FROM patient_phone WHERE phone = ?1)
        AND NOT EXISTS (SELECT 1 FROM patient_block
            WHERE patient_block.patient_id = reminder_visit.patient_id AND lifted_at IS NULL)
    ORDER BY starts, id";

const TOUCHES_BETWEEN: &str = "
    SELECT t.appointment_id, t.round, t.step_id, t.starts, t.due, t.wanted, t.outcome, t.reason,
        t.message_id, t.decided_at
    FROM appointment AS a JOIN reminder_touch AS t ON t.appointment_id = a.id
    WHERE a.starts >= ?1 AND a.starts < ?2";

const TOUCHES_OF: &str = "
    SELECT appointment_id, round, step_id, starts, due, wanted, outcome, reason, message_id,
        decided_at
    FROM reminder_touch WHERE appointment_id = ?1 ORDER BY round, due, step_id";

const TOUCHES_OF_MESSAGE: &str = "
    SELECT appointment_id, round, step_id, starts, due, wanted, outcome, reason, message_id,
        decided_at
    FROM reminder_touch WHERE message_id = (
        SELECT message_id FROM reminder_touch
        WHERE appointment_id = ?1 AND round = ?2 AND step_id = ?3)";

const TOUCH: &str = "
    INSERT INTO reminder_touch (appointment_id, round, step_id, starts, due, wanted, outcome,
        reason, message_id, decided_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
    ON CONFLICT (appointment_id, round, step_id) DO UPDATE SET due = excluded.due,
        wanted = excluded.wanted, outcome = excluded.outcome, reason = excluded.reason,
        message_id = excluded.message_id, decided_at = excluded.decided_at
    WHERE reminder_touch.outcome <> 'written'";

const AGAIN: &str = "
    UPDATE reminder_touch SET outcome = 'again', message_id = NULL, reason = 'regrouped'
    WHERE message_id = (
        SELECT message_id FROM reminder_touch
        WHERE appointment_id = ?1 AND round = ?2 AND step_id = ?3)";

/// What was done about a step.
pub struct Done<'a> {
    pub visit: &'a Visit,
    pub step: StepId,
    pub placed: Placed,
    pub outcome: Outcome,
    pub reason: Option<Reason>,
    pub message: Option<MessageId>,
}

pub async fn rule(connection: &mut SqliteConnection) -> Result<Rule, VaultError> {
    Ok(sqlx::query_as(RULE).fetch_one(connection).await?)
}

pub async fn set_rule(tx: &mut Tx, rule: Rule, by: Option<StaffId>) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(SET_RULE)
        .bind(rule.running)
        .bind(rule.quiet_from)
        .bind(rule.quiet_until)
        .bind(rule.late_minutes)
        .bind(rule.part_tiyn)
        .bind(now)
        .bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn steps(connection: &mut SqliteConnection) -> Result<Vec<Step>, VaultError> {
    Ok(sqlx::query_as(STEPS).fetch_all(connection).await?)
}

pub async fn every_step(connection: &mut SqliteConnection) -> Result<Vec<Step>, VaultError> {
    Ok(sqlx::query_as(EVERY_STEP).fetch_all(connection).await?)
}

pub async fn own(connection: &mut SqliteConnection) -> Result<Vec<ServiceId>, VaultError> {
    Ok(sqlx::query_scalar(OWN).fetch_all(connection).await?)
}

pub async fn insert_own(
    tx: &mut Tx,
    service: ServiceId,
    by: Option<StaffId>,
) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_OWN).bind(service).bind(now).bind(by);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

/// The service has the clinic's chain again.
pub async fn delete_own(
    tx: &mut Tx,
    service: ServiceId,
    by: Option<StaffId>,
) -> Result<bool, VaultError> {
    let now = tx.now();
    sqlx::query(END_STEPS_OF).bind(service).bind(now).bind(by).execute(tx.sql()).await?;
    let query = sqlx::query(DELETE_OWN).bind(service);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

/// # Errors
/// A [`Unique`](crate::vault::Violation::Unique) violation when the chain has a
/// step at that time.
pub async fn insert_step(tx: &mut Tx, step: &Step, by: Option<StaffId>) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT_STEP)
        .bind(step.id)
        .bind(step.service_id)
        .bind(step.before_minutes)
        .bind(step.confirmed_too)
        .bind(step.channel)
        .bind(now)
        .bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// False when it was removed meanwhile.
///
/// # Errors
/// As [`insert_step`].
pub async fn change_step(
    tx: &mut Tx,
    id: StepId,
    before: Option<i64>,
    confirmed_too: bool,
    channel: Option<Channel>,
) -> Result<bool, VaultError> {
    let query = sqlx::query(CHANGE_STEP).bind(id).bind(before).bind(confirmed_too).bind(channel);
    Ok(query.fetch_optional(tx.sql()).await?.is_some())
}

pub async fn end_step(tx: &mut Tx, id: StepId, by: Option<StaffId>) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(END_STEP).bind(id).bind(now).bind(by);
    Ok(query.fetch_optional(tx.sql()).await?.is_some())
}

/// The clinic's own wording of a step, or none.
pub async fn text(
    connection: &mut SqliteConnection,
    step: StepId,
    language: Language,
) -> Result<Option<String>, VaultError> {
    let query = sqlx::query_scalar(TEXT).bind(step).bind(language);
    let latest: Option<Option<String>> = query.fetch_optional(connection).await?;
    Ok(latest.flatten())
}

pub async fn set_text(
    tx: &mut Tx,
    step: StepId,
    language: Language,
    source: Option<&str>,
    by: Option<StaffId>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(SET_TEXT).bind(step).bind(language).bind(source).bind(now).bind(by);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Until when every step was decided.
pub async fn seen(reader: &mut Reader) -> Result<Timestamp, VaultError> {
    Ok(sqlx::query_scalar(SEEN).fetch_one(reader.sql()).await?)
}

pub async fn set_seen(tx: &mut Tx, until: Timestamp) -> Result<(), VaultError> {
    sqlx::query(SET_SEEN).bind(until).execute(tx.sql()).await?;
    Ok(())
}

pub async fn visits_between(
    connection: &mut SqliteConnection,
    from: Civil,
    until: Civil,
) -> Result<Vec<Visit>, VaultError> {
    Ok(sqlx::query_as(VISITS_BETWEEN).bind(from).bind(until).fetch_all(connection).await?)
}

/// One appointment. None for a place that was left.
pub async fn visit(
    connection: &mut SqliteConnection,
    id: AppointmentId,
) -> Result<Option<Visit>, VaultError> {
    Ok(sqlx::query_as(VISIT).bind(id).fetch_optional(connection).await?)
}

/// A patient's next visits.
pub async fn visits_of(
    connection: &mut SqliteConnection,
    patient: PatientId,
    from: Civil,
    most: i64,
) -> Result<Vec<Visit>, VaultError> {
    let query = sqlx::query_as(VISITS_OF).bind(patient).bind(from).bind(most);
    Ok(query.fetch_all(connection).await?)
}

pub async fn visits_of_phone(
    connection: &mut SqliteConnection,
    phone: &Phone,
    day: Day,
) -> Result<Vec<Visit>, VaultError> {
    let query = sqlx::query_as(VISITS_OF_PHONE).bind(phone).bind(day).bind(day.plus_days(1));
    Ok(query.fetch_all(connection).await?)
}

pub async fn touches_between(
    connection: &mut SqliteConnection,
    from: Civil,
    until: Civil,
) -> Result<Vec<Touch>, VaultError> {
    Ok(sqlx::query_as(TOUCHES_BETWEEN).bind(from).bind(until).fetch_all(connection).await?)
}

pub async fn touches_of(
    connection: &mut SqliteConnection,
    id: AppointmentId,
) -> Result<Vec<Touch>, VaultError> {
    Ok(sqlx::query_as(TOUCHES_OF).bind(id).fetch_all(connection).await?)
}

/// All steps that one message was written for, by one of them.
pub async fn touches_of_message(
    connection: &mut SqliteConnection,
    id: AppointmentId,
    round: i64,
    step: StepId,
) -> Result<Vec<Touch>, VaultError> {
    let query = sqlx::query_as(TOUCHES_OF_MESSAGE).bind(id).bind(round).bind(step);
    Ok(query.fetch_all(connection).await?)
}

/// Writes down what was done about a step. False when it was written before:
/// then this change is undone by whoever asks.
pub async fn touch(tx: &mut Tx, done: &Done<'_>) -> Result<bool, VaultError> {
    let now = tx.now();
    let query = sqlx::query(TOUCH)
        .bind(done.visit.id)
        .bind(done.visit.round)
        .bind(done.step)
        .bind(done.visit.starts)
        .bind(done.placed.due)
        .bind(done.placed.wanted)
        .bind(done.outcome)
        .bind(done.reason)
        .bind(done.message)
        .bind(now);
    Ok(query.execute(tx.sql()).await?.rows_affected() == 1)
}

/// The steps of one message are to be decided anew.
pub async fn decide_again(
    tx: &mut Tx,
    id: AppointmentId,
    round: i64,
    step: StepId,
) -> Result<(), VaultError> {
    sqlx::query(AGAIN).bind(id).bind(round).bind(step).execute(tx.sql()).await?;
    Ok(())
}
