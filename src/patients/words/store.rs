//! Words of names in the database.

use std::collections::BTreeSet;

use sqlx::types::Json;

use crate::patients::model::Brief;
use crate::patients::words::{is_one_slip, slips};
use crate::vault::{Listing, Tx, VaultError};

const INDEX: &str = "
    INSERT INTO patient_words (rowid, folded) VALUES (?1, ?2);
    INSERT INTO patient_grams (rowid, folded) VALUES (?1, ?2);
    INSERT INTO name_slip (slip, word)
        SELECT value ->> 0, value ->> 1 FROM json_each(?3) WHERE true ON CONFLICT DO NOTHING";

/// Words that no other card has go with the last one.
const FORGET: &str = "
    DELETE FROM patient_words WHERE rowid = ?1;
    DELETE FROM patient_grams WHERE rowid = ?1;
    DELETE FROM name_slip WHERE (slip, word) IN (
        SELECT value ->> 0, value ->> 1 FROM json_each(?2)
        WHERE NOT EXISTS (
            SELECT 1 FROM patient_words WHERE patient_words MATCH '\"' || (value ->> 1) || '\"'))";

/// Words that share a slip with what was typed: number of the word, and word.
const NEIGHBOURS: &str = "
    SELECT coalesce(json_group_array(json_array(asked.value ->> 0, name_slip.word)), '[]')
    FROM json_each(?1) AS asked JOIN name_slip ON name_slip.slip = asked.value ->> 1";

const BY_WORDS: &str = "
    SELECT patient.id, number, name, birth_date, phone, allergy <> '' AS allergy
    FROM patient_words JOIN patient ON patient.number = patient_words.rowid
    LEFT JOIN patient_phone ON patient_id = patient.id AND position = 0
    WHERE patient_words MATCH ?1 AND merged_into IS NULL LIMIT ?2";

const BY_GRAMS: &str = "
    SELECT patient.id, number, name, birth_date, phone, allergy <> '' AS allergy
    FROM (SELECT rowid FROM patient_grams WHERE patient_grams MATCH ?1 ORDER BY rank LIMIT ?2)
        AS near
    JOIN patient ON patient.number = near.rowid
    LEFT JOIN patient_phone ON patient_id = patient.id AND position = 0
    WHERE merged_into IS NULL";

/// Lets a card be found by its folded name.
pub async fn index(tx: &mut Tx, number: i64, folded: &str) -> Result<(), VaultError> {
    let query = sqlx::query(INDEX).bind(number).bind(folded).bind(Json(slips_of(folded)));
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Nothing finds the card by this name any more, which it was indexed by.
pub async fn forget(tx: &mut Tx, number: i64, folded: &str) -> Result<(), VaultError> {
    let query = sqlx::query(FORGET).bind(number).bind(Json(slips_of(folded)));
    query.execute(tx.sql()).await?;
    Ok(())
}

/// Each slip of each word, with the word.
fn slips_of(folded: &str) -> BTreeSet<(String, &str)> {
    let words = folded.split(' ');
    words.flat_map(|word| slips(word).into_iter().map(move |slip| (slip, word))).collect()
}

/// Those whose names have a word beginning with each of these.
pub async fn by_beginnings(
    listing: &mut Listing,
    words: &[String],
    limit: i64,
) -> Result<Vec<Brief>, VaultError> {
    let pattern: Vec<String> = words.iter().map(|word| format!("\"{word}\"*")).collect();
    by_pattern(listing, &pattern, limit).await
}

/// Those whose names have for each of these words one that begins so or is one
/// slip of the finger away; nobody where no word has such a neighbour.
pub async fn by_slips(
    listing: &mut Listing,
    words: &[String],
    limit: i64,
) -> Result<Vec<Brief>, VaultError> {
    let numbered = words.iter().enumerate();
    let asked: Vec<(usize, String)> = numbered
        .flat_map(|(number, word)| slips(word).into_iter().map(move |slip| (number, slip)))
        .collect();
    let query = sqlx::query_scalar(NEIGHBOURS).bind(Json(asked));
    let Json(near): Json<BTreeSet<(usize, String)>> = query.fetch_one(listing.sql()).await?;
    let mut pattern: Vec<String> = words.iter().map(|word| format!("\"{word}\"*")).collect();
    let mut any = false;
    for (number, word) in near.iter().filter(|(number, word)| is_one_slip(&words[*number], word)) {
        pattern[*number].extend([" OR \"", word, "\""]);
        any = true;
    }
    if !any {
        return Ok(Vec::new());
    }
    let pattern: Vec<String> = pattern.iter().map(|words| format!("({words})")).collect();
    by_pattern(listing, &pattern, limit).await
}

async fn by_pattern(
    listing: &mut Listing,
    all_of: &[String],
    limit: i64,
) -> Result<Vec<Brief>, VaultError> {
    let query = sqlx::query_as(BY_WORDS).bind(all_of.join(" AND ")).bind(limit);
    Ok(query.fetch_all(listing.sql()).await?)
}

/// Those whose names hold half of each of these words: one slip of the finger
/// leaves the other half as it was. Words of one or two letters say nothing.
pub async fn by_halves(
    listing: &mut Listing,
    words: &[String],
    limit: i64,
) -> Result<Vec<Brief>, VaultError> {
    let halves = |word: &String| -> Option<String> {
        let letters: Vec<char> = word.chars().collect();
        let pieces: Vec<&[char]> = match letters.len() {
            0..3 => return None,
            // Too short to halve: any three letters of it.
            3..6 => letters.windows(3).collect(),
            length => letters.chunks(length.div_ceil(2)).collect(),
        };
        let quoted = pieces.iter().map(|piece| format!("\"{}\"", piece.iter().collect::<String>()));
        Some(format!("({})", quoted.collect::<Vec<_>>().join(" OR ")))
    };
    let pattern: Vec<String> = words.iter().filter_map(halves).collect();
    if pattern.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as(BY_GRAMS).bind(pattern.join(" AND ")).bind(limit);
    Ok(query.fetch_all(listing.sql()).await?)
}

/// Those whose names share most three-letter pieces with these words. Weighs
/// everybody who shares one: slow where there are many.
pub async fn by_grams(
    listing: &mut Listing,
    words: &[String],
    limit: i64,
) -> Result<Vec<Brief>, VaultError> {
    let mut grams: Vec<String> = Vec::new();
    for word in words {
        let letters: Vec<char> = word.chars().collect();
        grams.extend(
            letters.windows(3).map(|gram| format!("\"{}\"", gram.iter().collect::<String>())),
        );
    }
    if grams.is_empty() {
        return Ok(Vec::new());
    }
    let query = sqlx::query_as(BY_GRAMS).bind(grams.join(" OR ")).bind(limit);
    Ok(query.fetch_all(listing.sql()).await?)
}
