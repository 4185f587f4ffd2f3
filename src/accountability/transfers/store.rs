//! The log of transfers as it is read.

use crate::accountability::transfers::{Filter, Party, Transfer};
use crate::vault::{Listing, VaultError};

const ROWS: &str = "
    SELECT at, patient_id, patient.number AS card, purpose, party, country, classes
    FROM transfer LEFT JOIN patient ON patient.id = patient_id
    WHERE (?1 IS NULL OR patient_id =
            (SELECT coalesce(merged_into, id) FROM patient WHERE number = ?1))
        AND (?2 IS NULL OR party = ?2) AND (?3 IS NULL OR ?3 <= at) AND (?4 IS NULL OR at < ?4)
    ORDER BY at DESC, transfer.id DESC LIMIT ?5 OFFSET ?6";

const PARTIES: &str = "
    SELECT party, country, count(*) AS times, count(DISTINCT patient_id) AS people,
        max(at) AS last_at
    FROM transfer
    WHERE (?1 IS NULL OR patient_id =
            (SELECT coalesce(merged_into, id) FROM patient WHERE number = ?1))
        AND (?2 IS NULL OR party = ?2) AND (?3 IS NULL OR ?3 <= at) AND (?4 IS NULL OR at < ?4)
    GROUP BY party, country ORDER BY times DESC, party, country";

pub async fn rows(
    listing: &mut Listing,
    filter: &Filter,
    most: i64,
    skip: i64,
) -> Result<Vec<Transfer>, VaultError> {
    let query = sqlx::query_as(ROWS).bind(filter.card).bind(&filter.party);
    let query = query.bind(filter.from).bind(filter.until).bind(most).bind(skip);
    Ok(query.fetch_all(listing.sql()).await?)
}

pub async fn parties(listing: &mut Listing, filter: &Filter) -> Result<Vec<Party>, VaultError> {
    let query = sqlx::query_as(PARTIES).bind(filter.card).bind(&filter.party);
    let query = query.bind(filter.from).bind(filter.until);
    Ok(query.fetch_all(listing.sql()).await?)
}
