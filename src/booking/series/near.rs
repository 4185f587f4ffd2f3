//! Times instead of a refused one. What a course keeps is its hour, so the same
//! hour on a near day comes before a nearer time.

use crate::booking::BookingError;
use crate::booking::series::plan::Look;
use crate::booking::slots::FreeSlot;
use crate::clock::Civil;

/// How far from its date a visit is looked for at the same hour, in days, the
/// nearest first.
const NEAR: [i64; 6] = [1, -1, 2, -2, 3, -3];

/// How many days after the last date are looked through, when all days between
/// belong to other visits.
const BEYOND: i64 = 14;

/// Times at the same hour that are offered: near, and after the last date.
const SAME_HOUR: usize = 2;
const AT_THE_END: usize = 3;

const DAY: i64 = 24 * 60;

/// Other times for a visit, none on the day of another visit, earliest first.
/// `nearest` is what else is free about that time.
pub(super) async fn instead(
    look: &Look<'_>,
    starts: Civil,
    nearest: Vec<FreeSlot>,
) -> Result<Vec<FreeSlot>, BookingError> {
    let taken = look.course.taken();
    let doctor_id = look.course.what.doctor_id;
    let open = |time: &Civil| !taken.contains(&time.day());
    let near: Vec<Civil> =
        NEAR.iter().map(|days| starts.plus_minutes(days * DAY)).filter(open).collect();
    let mut found = look.first_free(&near, doctor_id, SAME_HOUR).await?;
    for slot in nearest {
        let own_day = slot.starts.day() == starts.day();
        let known = |one: &FreeSlot| (one.starts, one.doctor_id) == (slot.starts, slot.doctor_id);
        if (own_day || open(&slot.starts)) && !found.iter().any(known) {
            found.push(slot);
        }
    }
    if found.is_empty() {
        let last = look.course.dates.last().map_or(starts, |(_, last)| *last);
        let beyond: Vec<Civil> =
            (1..=BEYOND).map(|days| last.plus_minutes(days * DAY)).filter(open).collect();
        found = look.first_free(&beyond, doctor_id, AT_THE_END).await?;
    }
    found.sort_by_key(|slot| slot.starts);
    Ok(found)
}
