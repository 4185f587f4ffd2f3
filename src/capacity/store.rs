//! What the schedule holds of a period: times and outcomes, nobody's name; and
//! the clinic's rule.

use crate::capacity::Rule;
use crate::clock::{Civil, Timestamp};
use crate::ids::{AppointmentId, BranchId, ResourceId, StaffId};
use crate::vault::{Reader, Tx, VaultError};

/// Who left before the period is not in it.
const THINGS: &str = "
    SELECT id, branch_id, kind, short_name FROM resource
    WHERE (ended_at IS NULL OR ?1 <= ended_at) AND kind IN ('doctor', 'chair', 'room')
    ORDER BY position, id";

/// `said_at`: when it came to stand as it does.
const VISITS: &str = "
    SELECT a.id, a.starts, a.minutes, a.status, a.doctor_id, a.place_id, s.price_tiyn,
        (SELECT max(at) FROM appointment_status AS step
            WHERE step.appointment_id = a.id AND step.to_status = a.status) AS said_at
    FROM appointment AS a LEFT JOIN service AS s ON s.id = a.service_id
    WHERE ?1 <= a.starts AND a.starts < ?2 AND a.status <> 'moved'
    ORDER BY a.starts, a.id";

const RESERVED: &str = "
    SELECT r.resource_id, r.starts, r.ends
    FROM appointment AS a JOIN reservation AS r ON r.appointment_id = a.id
    WHERE ?1 <= a.starts AND a.starts < ?2 AND r.live = 1
        AND a.status NOT IN ('no_show', 'cancelled', 'moved')
    ORDER BY r.starts, r.appointment_id";

const PRICE_LIST: &str = "
    SELECT coalesce(sum(price_tiyn), 0) AS tiyn,
        coalesce(sum(iif(price_tiyn IS NULL, 0, duration_minutes)), 0) AS minutes,
        coalesce(min(min(duration_minutes, coalesce((SELECT min(p.duration_minutes)
            FROM service_performer AS p WHERE p.service_id = service.id), 720))), 0) AS shortest
    FROM service WHERE ended_at IS NULL";

const RULE: &str = "
    SELECT late_minutes, chair_hour_tiyn FROM capacity_rule WHERE id = 1";

const SET_RULE: &str = "
    UPDATE capacity_rule
    SET late_minutes = ?1, chair_hour_tiyn = ?2, changed_at = ?3, changed_by = ?4 WHERE id = 1";

/// Who or what takes patients.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Thing {
    pub id: ResourceId,
    pub branch_id: BranchId,
    pub kind: String,
    pub short_name: String,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct VisitRow {
    pub id: AppointmentId,
    pub starts: Civil,
    pub minutes: i64,
    pub status: String,
    pub doctor_id: Option<ResourceId>,
    pub place_id: Option<ResourceId>,
    pub price_tiyn: Option<i64>,
    pub said_at: Option<Timestamp>,
}

/// The price list as it stands: tiyn and minutes of all that has a price, and
/// the shortest service.
#[derive(Clone, Copy, Debug, Default, sqlx::FromRow)]
pub struct PriceList {
    pub tiyn: i64,
    pub minutes: i64,
    pub shortest: i64,
}

impl Thing {
    pub fn is_doctor(&self) -> bool {
        self.kind == "doctor"
    }
}

pub async fn things(reader: &mut Reader, from: Timestamp) -> Result<Vec<Thing>, VaultError> {
    Ok(sqlx::query_as(THINGS).bind(from).fetch_all(reader.sql()).await?)
}

pub async fn visits(
    reader: &mut Reader,
    from: Civil,
    until: Civil,
) -> Result<Vec<VisitRow>, VaultError> {
    Ok(sqlx::query_as(VISITS).bind(from).bind(until).fetch_all(reader.sql()).await?)
}

pub async fn reserved(
    reader: &mut Reader,
    from: Civil,
    until: Civil,
) -> Result<Vec<(ResourceId, Civil, Civil)>, VaultError> {
    Ok(sqlx::query_as(RESERVED).bind(from).bind(until).fetch_all(reader.sql()).await?)
}

pub async fn price_list(reader: &mut Reader) -> Result<PriceList, VaultError> {
    Ok(sqlx::query_as(PRICE_LIST).fetch_one(reader.sql()).await?)
}

pub async fn rule(reader: &mut Reader) -> Result<Rule, VaultError> {
    Ok(sqlx::query_as(RULE).fetch_one(reader.sql()).await?)
}

pub async fn set_rule(tx: &mut Tx, rule: Rule, by: Option<StaffId>) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(SET_RULE).bind(rule.late_minutes).bind(rule.chair_hour_tiyn);
    query.bind(now).bind(by).execute(tx.sql()).await?;
    Ok(())
}
