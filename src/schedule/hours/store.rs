//! Shifts, exceptions and holidays in the database.

use sqlx::SqliteConnection;

use crate::clock::Day;
use crate::ids::{ResourceId, ShiftExceptionId, ShiftId};
use crate::schedule::ResourceKind;
use crate::schedule::hours::holidays::{HolidayKind, HolidayRule, LawDay, OwnDay};
use crate::schedule::hours::model::{
    Exception, ExceptionKind, ExceptionReason, Pattern, PatternDraft, Span,
};
use crate::vault::{Reader, Tx, VaultError};

const PATTERNS: &str = "
    SELECT id, resource_id, place_id, weekday, starts, ends, break_starts, break_ends,
        valid_from, valid_until, alternate_from
    FROM shift_pattern
    WHERE withdrawn_at IS NULL AND valid_from <= ?2 AND (valid_until IS NULL OR ?1 <= valid_until)
    ORDER BY resource_id, weekday, starts, id";

const EXCEPTIONS: &str = "
    SELECT id, resource_id, day, kind, starts, ends, place_id, reason
    FROM shift_exception
    WHERE withdrawn_at IS NULL AND day BETWEEN ?1 AND ?2
    ORDER BY day, id";

const EXCEPTIONS_OF: &str = "
    SELECT id, resource_id, day, kind, starts, ends, place_id, reason
    FROM shift_exception
    WHERE withdrawn_at IS NULL AND resource_id = ?1 AND ?2 <= day
    ORDER BY day, id";

const KINDS: &str = "
    SELECT id, kind FROM resource";

const RULES: &str = "
    SELECT name, month, day, first_year, last_year, moves
    FROM holiday_rule ORDER BY month, day";

/// The newest word of the law on each single day.
const LAW_DAYS: &str = "
    SELECT day, kind, name, estimated FROM legal_day
    WHERE id IN (SELECT max(id) FROM legal_day GROUP BY day) AND kind <> 'by_rule' ORDER BY day";

const OWN_DAYS: &str = "
    SELECT day, kind FROM holiday ORDER BY day";

const SHORTEN_PATTERNS: &str = "
    UPDATE shift_pattern SET valid_until = ?2
    WHERE resource_id = ?1 AND withdrawn_at IS NULL AND valid_from <= ?2
        AND (valid_until IS NULL OR ?2 < valid_until)";

const WITHDRAW_PATTERNS: &str = "
    UPDATE shift_pattern SET withdrawn_at = ?3
    WHERE resource_id = ?1 AND withdrawn_at IS NULL AND ?2 < valid_from";

const INSERT_PATTERN: &str = "
    INSERT INTO shift_pattern
        (id, resource_id, place_id, weekday, starts, ends, break_starts, break_ends, valid_from,
            alternate_from)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

const INSERT_EXCEPTION: &str = "
    INSERT INTO shift_exception (id, resource_id, day, kind, starts, ends, place_id, reason)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const WITHDRAW_EXCEPTION: &str = "
    UPDATE shift_exception SET withdrawn_at = ?2 WHERE id = ?1 AND withdrawn_at IS NULL
    RETURNING resource_id, day, starts, ends";

const WITHDRAW_EXCEPTIONS_AFTER: &str = "
    UPDATE shift_exception SET withdrawn_at = ?3
    WHERE resource_id = ?1 AND ?2 < day AND withdrawn_at IS NULL";

const PUT_HOLIDAY: &str = "
    INSERT INTO holiday (day, kind) VALUES (?1, ?2)
    ON CONFLICT (day) DO UPDATE SET kind = ?2";

const DROP_HOLIDAY: &str = "
    DELETE FROM holiday WHERE day = ?1";

/// Patterns that hold on some day from the first to the last.
pub async fn patterns(
    reader: &mut Reader,
    first: Day,
    last: Day,
) -> Result<Vec<Pattern>, VaultError> {
    Ok(sqlx::query_as(PATTERNS).bind(first).bind(last).fetch_all(reader.sql()).await?)
}

pub async fn exceptions_of(
    reader: &mut Reader,
    resource_id: ResourceId,
    first: Day,
) -> Result<Vec<Exception>, VaultError> {
    Ok(sqlx::query_as(EXCEPTIONS_OF).bind(resource_id).bind(first).fetch_all(reader.sql()).await?)
}

/// What the law says of holidays: its rules, and single days.
pub async fn law(reader: &mut Reader) -> Result<(Vec<HolidayRule>, Vec<LawDay>), VaultError> {
    let rules = sqlx::query_as(RULES).fetch_all(reader.sql()).await?;
    Ok((rules, sqlx::query_as(LAW_DAYS).fetch_all(reader.sql()).await?))
}

/// All that says when is worked from the first day to the last.
pub struct Stored {
    pub patterns: Vec<Pattern>,
    pub exceptions: Vec<Exception>,
    pub kinds: Vec<(ResourceId, ResourceKind)>,
    pub rules: Vec<HolidayRule>,
    pub law: Vec<LawDay>,
    pub own: Vec<OwnDay>,
}

pub async fn stored_in(tx: &mut Tx, first: Day, last: Day) -> Result<Stored, VaultError> {
    stored(tx.sql(), first, last).await
}

pub async fn stored(
    sql: &mut SqliteConnection,
    first: Day,
    last: Day,
) -> Result<Stored, VaultError> {
    Ok(Stored {
        patterns: sqlx::query_as(PATTERNS).bind(first).bind(last).fetch_all(&mut *sql).await?,
        exceptions: sqlx::query_as(EXCEPTIONS).bind(first).bind(last).fetch_all(&mut *sql).await?,
        kinds: sqlx::query_as(KINDS).fetch_all(&mut *sql).await?,
        rules: sqlx::query_as(RULES).fetch_all(&mut *sql).await?,
        law: sqlx::query_as(LAW_DAYS).fetch_all(&mut *sql).await?,
        own: sqlx::query_as(OWN_DAYS).fetch_all(&mut *sql).await?,
    })
}

/// No pattern of this person holds after the last day.
pub async fn end_patterns(
    tx: &mut Tx,
    resource_id: ResourceId,
    last: Day,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(WITHDRAW_PATTERNS).bind(resource_id).bind(last);
    query.bind(now).execute(tx.sql()).await?;
    sqlx::query(SHORTEN_PATTERNS).bind(resource_id).bind(last).execute(tx.sql()).await?;
    Ok(())
}

pub async fn insert_pattern(
    tx: &mut Tx,
    resource_id: ResourceId,
    from: Day,
    draft: &PatternDraft,
) -> Result<(), VaultError> {
    let id = ShiftId::new(tx.now());
    let query = sqlx::query(INSERT_PATTERN).bind(id).bind(resource_id).bind(draft.place_id);
    let query = query.bind(draft.weekday).bind(draft.hours.starts).bind(draft.hours.ends);
    let query = query.bind(draft.lunch.map(|lunch| lunch.starts));
    let query = query.bind(draft.lunch.map(|lunch| lunch.ends)).bind(from);
    query.bind(draft.alternate_from).execute(tx.sql()).await?;
    Ok(())
}

/// What an exception says of each of its days.
pub struct ExceptionRow {
    pub kind: ExceptionKind,
    pub span: Option<Span>,
    pub place_id: Option<ResourceId>,
    pub reason: ExceptionReason,
}

pub async fn insert_exception(
    tx: &mut Tx,
    resource_id: ResourceId,
    day: Day,
    row: &ExceptionRow,
) -> Result<(), VaultError> {
    let id = ShiftExceptionId::new(tx.now());
    let query = sqlx::query(INSERT_EXCEPTION).bind(id).bind(resource_id).bind(day);
    let query = query.bind(row.kind).bind(row.span.map(|span| span.starts));
    let query = query.bind(row.span.map(|span| span.ends)).bind(row.place_id).bind(row.reason);
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Whose it was, of which day and of which of its minutes (None: all); None when
/// it did not stand.
pub async fn withdraw_exception(
    tx: &mut Tx,
    id: ShiftExceptionId,
) -> Result<Option<(ResourceId, Day, Option<u16>, Option<u16>)>, VaultError> {
    let now = tx.now();
    let query = sqlx::query_as(WITHDRAW_EXCEPTION).bind(id).bind(now);
    Ok(query.fetch_optional(tx.sql()).await?)
}

pub async fn withdraw_exceptions_after(
    tx: &mut Tx,
    resource_id: ResourceId,
    last: Day,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(WITHDRAW_EXCEPTIONS_AFTER).bind(resource_id).bind(last);
    query.bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn put_holiday(tx: &mut Tx, day: Day, kind: HolidayKind) -> Result<(), VaultError> {
    sqlx::query(PUT_HOLIDAY).bind(day).bind(kind).execute(tx.sql()).await?;
    Ok(())
}

/// Whether the clinic had said anything of that day.
pub async fn drop_holiday(tx: &mut Tx, day: Day) -> Result<bool, VaultError> {
    let gone = sqlx::query(DROP_HOLIDAY).bind(day).execute(tx.sql()).await?;
    Ok(gone.rows_affected() == 1)
}
