//! The access log in the database. Only the vault writes it.

use crate::audit::model::{Entry, Filter, Found, Origin, start};
use crate::clock::{Day, Timestamp, Zone};
use crate::vault::{Reader, VaultError};

// Each way of asking goes down its own index from the newest entry and stops at
// the limit. Where one cannot be followed in order (several actions, several
// places), a window of the newest entries is looked through first, then a
// larger one: a page costs the same in a ledger of a year and of seventy.

/// Any entry.
const ALL: &str = "
    SELECT seq FROM audit_event WHERE seq >= ?1 AND seq < ?2
    ORDER BY seq DESC LIMIT ?3";

const BY_ACTOR: &str = "
    SELECT seq FROM audit_event
    WHERE actor = ?4 AND seq >= ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3";

/// `audit_event_by_act` knows all of it.
const BY_ACT: &str = "
    SELECT seq FROM audit_event INDEXED BY audit_event_by_act
    WHERE act IN (SELECT value FROM json_each(?5)) AND actor IN (SELECT value FROM json_each(?4))
        AND seq >= ?1 AND seq < ?2
    ORDER BY seq DESC LIMIT ?3";

/// `audit_event_by_place` knows all of it but the reason; every action is named, so
/// that a rare one is gone to and not looked for.
const BY_PLACE: &str = "
    SELECT seq FROM audit_event INDEXED BY audit_event_by_place
    WHERE place IN (SELECT value FROM json_each(?6)) AND place <> '|'
        AND act IN (SELECT value FROM json_each(?5)) AND seq >= ?1 AND seq < ?2
        AND (?4 IS NULL OR actor = ?4)
        AND (?7 IS NULL OR why = ?7)
    ORDER BY seq DESC LIMIT ?3";

const BY_WHY: &str = "
    SELECT seq FROM audit_event INDEXED BY audit_event_by_why
    WHERE why = ?7 AND seq >= ?1 AND seq < ?2
        AND (?4 IS NULL OR actor = ?4)
        AND (?5 IS NULL OR act IN (SELECT value FROM json_each(?5)))
    ORDER BY seq DESC LIMIT ?3";

/// One session is twelve hours of one person.
const BY_SESSION: &str = "
    SELECT seq FROM audit_event
    WHERE actor = ?4 AND sess = ?8 AND seq >= ?1 AND seq < ?2
        AND (?5 IS NULL OR act IN (SELECT value FROM json_each(?5)))
        AND (?7 IS NULL OR why = ?7)
    ORDER BY seq DESC LIMIT ?3";

const BY_CARD: &str = "
    SELECT audit_event.seq FROM audit_patient
    JOIN audit_event ON audit_event.seq = audit_patient.seq
    WHERE patient_id = (SELECT id FROM patient WHERE number = ?9)
        AND audit_patient.seq >= ?1 AND audit_patient.seq < ?2
        AND (?4 IS NULL OR actor = ?4)
        AND (?5 IS NULL OR act IN (SELECT value FROM json_each(?5)))
        AND (?6 IS NULL OR place IN (SELECT value FROM json_each(?6)))
        AND (?7 IS NULL OR why = ?7)
        AND (?8 IS NULL OR sess = ?8)
    ORDER BY audit_patient.seq DESC LIMIT ?3";

const FLAGGED: &str = "
    SELECT DISTINCT audit_event.seq FROM audit_finding_entry
    JOIN audit_finding ON audit_finding.id = finding_id AND state <> 'lapsed'
    JOIN audit_event ON audit_event.seq = audit_finding_entry.seq
    WHERE audit_finding_entry.seq >= ?1 AND audit_finding_entry.seq < ?2
        AND (?4 IS NULL OR audit_event.actor = ?4)
        AND (?5 IS NULL OR act IN (SELECT value FROM json_each(?5)))
        AND (?6 IS NULL OR place IN (SELECT value FROM json_each(?6)))
        AND (?7 IS NULL OR why = ?7)
        AND (?8 IS NULL OR sess = ?8)
        AND (?9 IS NULL OR EXISTS (SELECT 1 FROM audit_patient
            WHERE patient_id = (SELECT id FROM patient WHERE number = ?9)
                AND audit_patient.seq = audit_event.seq))
    ORDER BY audit_event.seq DESC LIMIT ?3";

/// The entries of a list, with what is shown of them.
const SHOWN: &str = "
    SELECT audit_event.seq, ts, coalesce(act, '') AS act, coalesce(actor, '') AS actor,
        staff.name, body ->> '$.role' AS role, body ->> '$.ip' AS ip, body ->> '$.dev' AS device,
        sess AS session, why, body ->> '$.obj' AS object, patient.number AS card,
        json_array_length(body, '$.pats') AS people, lower(hex(leaf)) AS leaf,
        (SELECT rule FROM audit_finding_entry JOIN audit_finding
            ON audit_finding.id = finding_id AND state <> 'lapsed'
            WHERE audit_finding_entry.seq = audit_event.seq ORDER BY severity DESC LIMIT 1) AS rule,
        (SELECT max(severity) FROM audit_finding_entry JOIN audit_finding
            ON audit_finding.id = finding_id AND state <> 'lapsed'
            WHERE audit_finding_entry.seq = audit_event.seq) AS severity
    FROM json_each(?1) AS chosen JOIN audit_event ON audit_event.seq = chosen.value
    LEFT JOIN staff ON staff.id = actor
    LEFT JOIN patient ON patient.id = pat
    WHERE body IS NOT NULL
    ORDER BY audit_event.seq DESC";

/// The first entry that is not before an instant, or the ledger's size.
const FIRST_SINCE: &str = "
    SELECT coalesce((SELECT seq FROM audit_event WHERE ts >= ?1 ORDER BY ts, seq LIMIT 1),
        (SELECT size FROM audit_head WHERE id = 1))";

const SIZE: &str = "SELECT size FROM audit_head WHERE id = 1";

/// Steps from one place to the next by the index, as the lists below.
const PLACES: &str = "
    WITH RECURSIVE one(place) AS (
        SELECT (SELECT min(place) FROM audit_event
            WHERE place >= ?1 AND place < ?2 AND place <> '|')
        UNION ALL
        SELECT (SELECT min(place) FROM audit_event
            WHERE place > one.place AND place < ?2 AND place <> '|')
        FROM one WHERE one.place IS NOT NULL)
    SELECT place FROM one WHERE place IS NOT NULL";

const DEVICES: &str = "SELECT DISTINCT device FROM audit_place WHERE device <> '' ORDER BY device";

const SESSION: &str = "
    SELECT seq, actor, ts FROM audit_event
    WHERE sess = ?1 AND act = 'session.started' ORDER BY seq DESC LIMIT 1";

const BY_HOUR: &str = "
    SELECT substr(ts, 1, 13) AS hour, count(*) FROM audit_event
    WHERE ts >= ?1 AND ts < ?2
        AND act IN ('patient.viewed', 'appointment.viewed', 'patient.iin_shown')
    GROUP BY hour";

/// Steps from one action to the next by the index: `DISTINCT` would walk it all.
const ACTIONS: &str = "
    WITH RECURSIVE one(act) AS (
        SELECT min(act) FROM audit_event
        UNION ALL
        SELECT (SELECT min(act) FROM audit_event WHERE act > one.act) FROM one
            WHERE one.act IS NOT NULL)
    SELECT act FROM one WHERE act IS NOT NULL";

const ACTORS: &str = "
    WITH RECURSIVE one(actor) AS (
        SELECT min(actor) FROM audit_event
        UNION ALL
        SELECT (SELECT min(actor) FROM audit_event WHERE actor > one.actor) FROM one
            WHERE one.actor IS NOT NULL)
    SELECT actor FROM one WHERE actor IS NOT NULL";

const REASONS: &str = "
    WITH RECURSIVE one(why) AS (
        SELECT (SELECT min(why) FROM audit_event WHERE why IS NOT NULL)
        UNION ALL
        SELECT (SELECT min(why) FROM audit_event WHERE why > one.why) FROM one
            WHERE one.why IS NOT NULL)
    SELECT why FROM one WHERE why IS NOT NULL";

const PEOPLE: &str = "SELECT id, name FROM staff ORDER BY name";

/// How many entries the first window holds, and how much larger each next is.
const WINDOW: i64 = 4_000;
const GROWTH: i64 = 6;

/// Entries that match, newest first, at most `limit`.
pub async fn entries(
    reader: &mut Reader,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Entry>, VaultError> {
    let Found::Seqs(seqs) = seqs(reader, filter, limit).await? else { return Ok(Vec::new()) };
    shown(reader, &seqs).await
}

/// The entries with these numbers.
pub async fn shown(reader: &mut Reader, seqs: &[i64]) -> Result<Vec<Entry>, VaultError> {
    let chosen = serde_json::to_string(seqs).expect("numbers are JSON");
    Ok(sqlx::query_as(SHOWN).bind(chosen).fetch_all(reader.sql()).await?)
}

async fn seqs(reader: &mut Reader, filter: &Filter, limit: i64) -> Result<Found, VaultError> {
    let size: i64 = sqlx::query_scalar(SIZE).fetch_one(reader.sql()).await?;
    let mut first = since(reader, filter.from.as_deref(), 0).await?;
    let mut before = since(reader, filter.until.as_deref(), size).await?;
    before = before.min(filter.before.unwrap_or(i64::MAX));
    let mut actor = filter.actor.clone();
    if let Some(session) = &filter.session {
        let begun: Option<(i64, String, String)> =
            sqlx::query_as(SESSION).bind(session).fetch_optional(reader.sql()).await?;
        let Some((seq, who, ts)) = begun else { return Ok(Found::Nothing) };
        if actor.as_ref().is_some_and(|actor| *actor != who) {
            return Ok(Found::Nothing);
        }
        actor = Some(who);
        first = first.max(seq);
        before = before.min(since(reader, Some(&half_a_day_after(&ts)), size).await?);
    }
    let places = match &filter.origin {
        Some(origin) => Some(places_of(reader, origin).await?),
        None => None,
    };
    let (sql, windowed) = way(filter);
    let acts = match &filter.acts {
        Some(acts) => Some(acts.clone()),
        None if sql == BY_PLACE => Some(actions(reader).await?),
        None => None,
    };
    let acts = acts.map(|acts| serde_json::to_string(&acts).expect("codes are JSON"));
    let mut actors = actor.clone();
    if sql == BY_ACT {
        let all = match &actor {
            Some(actor) => vec![actor.clone()],
            None => sqlx::query_scalar(ACTORS).fetch_all(reader.sql()).await?,
        };
        actors = Some(serde_json::to_string(&all).expect("codes are JSON"));
    }
    let mut window = if windowed { WINDOW } else { i64::MAX };
    loop {
        let from = first.max(before.saturating_sub(window));
        let query = sqlx::query_scalar(sql).bind(from).bind(before).bind(limit).bind(&actors);
        let query = query.bind(&acts).bind(&places).bind(&filter.why).bind(&filter.session);
        let found: Vec<i64> = query.bind(filter.card).fetch_all(reader.sql()).await?;
        let enough = i64::try_from(found.len()).is_ok_and(|found| limit <= found);
        if enough || from <= first {
            return Ok(Found::Seqs(found));
        }
        window = window.saturating_mul(GROWTH);
    }
}

/// Down which index, and whether a window of it at a time.
fn way(filter: &Filter) -> (&'static str, bool) {
    if filter.flagged {
        (FLAGGED, false)
    } else if filter.card.is_some() {
        (BY_CARD, false)
    } else if filter.session.is_some() {
        (BY_SESSION, false)
    } else if filter.origin.is_some() {
        (BY_PLACE, true)
    } else if filter.why.is_some() {
        (BY_WHY, false)
    } else if filter.acts.is_some() {
        (BY_ACT, true)
    } else if filter.actor.is_some() {
        (BY_ACTOR, false)
    } else {
        (ALL, false)
    }
}

async fn since(
    reader: &mut Reader,
    instant: Option<&str>,
    otherwise: i64,
) -> Result<i64, VaultError> {
    let Some(instant) = instant else { return Ok(otherwise) };
    Ok(sqlx::query_scalar(FIRST_SINCE).bind(instant).fetch_one(reader.sql()).await?)
}

/// A session lives no longer than that.
fn half_a_day_after(ts: &str) -> String {
    let at = ts.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
    let ends = at.unwrap_or_default() + crate::vault::LIFETIME_MS + 60_000;
    Timestamp::from_unix_ms(ends).rfc3339()
}

/// All places with this address and this browser, as a list for SQL.
async fn places_of(reader: &mut Reader, origin: &Origin) -> Result<String, VaultError> {
    // `}` follows `|`: an address bounds its places. A browser alone is looked for in all.
    let (from, before) = match &origin.address {
        Some(address) => (format!("{address}|"), format!("{address}}}")),
        None => (String::new(), char::MAX.to_string()),
    };
    let query = sqlx::query_scalar(PLACES).bind(from).bind(before);
    let all: Vec<String> = query.fetch_all(reader.sql()).await?;
    let there = |place: &&String| {
        let device = place.split_once('|').map_or("", |(_, device)| device);
        origin.device.as_deref().is_none_or(|wanted| wanted == device)
    };
    let found: Vec<&String> = all.iter().filter(there).collect();
    Ok(serde_json::to_string(&found).expect("texts are JSON"))
}

/// Every browser that somebody of the staff has signed in with, for the filter.
pub async fn devices(reader: &mut Reader) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(DEVICES).fetch_all(reader.sql()).await?)
}

/// How often, by UTC hour, on a day of the clinic's.
pub async fn looks_by_hour(
    reader: &mut Reader,
    zone: &Zone,
    day: Day,
) -> Result<Vec<(String, i64)>, VaultError> {
    let (from, until) = (start(zone, day), start(zone, day.plus_days(1)));
    let query = sqlx::query_as(BY_HOUR).bind(from.rfc3339()).bind(until.rfc3339());
    Ok(query.fetch_all(reader.sql()).await?)
}

pub async fn actions(reader: &mut Reader) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(ACTIONS).fetch_all(reader.sql()).await?)
}

pub async fn reasons(reader: &mut Reader) -> Result<Vec<String>, VaultError> {
    Ok(sqlx::query_scalar(REASONS).fetch_all(reader.sql()).await?)
}

pub async fn people(reader: &mut Reader) -> Result<Vec<(String, String)>, VaultError> {
    Ok(sqlx::query_as(PEOPLE).fetch_all(reader.sql()).await?)
}
