//! Names found by what was typed, slips of the finger forgiven.
//!
//! First the beginnings of words; then words one slip away, which are looked up
//! by equality (migration 0044); and where even that finds nobody, whoever's
//! name shares pieces with what was typed.

pub(super) mod store;

use crate::contact::name;
use crate::patients::MOST_FOUND;
use crate::patients::model::Brief;
use crate::vault::{Listing, VaultError};

/// Rows weighed before the likeliest are shown.
const CANDIDATES: i64 = 60;

/// What counts as near: one slip in a long word, two in a name.
const NEAR_ENOUGH: f64 = 0.72;

/// Shorter words have too many neighbours.
const SHORTEST: usize = 4;

/// By words that are folded and that say something, the likeliest first.
pub(super) async fn find(
    listing: &mut Listing,
    words: &[String],
) -> Result<Vec<Brief>, VaultError> {
    let typed = words.join(" ");
    let mut found = likest(store::by_beginnings(listing, words, CANDIDATES).await?, &typed, 0.0);
    if found.len() < MOST_FOUND {
        let near = store::by_slips(listing, words, CANDIDATES).await?;
        found.extend(likest(near, &typed, NEAR_ENOUGH));
    }
    if found.is_empty() {
        let near = store::by_halves(listing, words, CANDIDATES).await?;
        found = likest(near, &typed, NEAR_ENOUGH);
    }
    if found.is_empty() {
        let near = store::by_grams(listing, words, CANDIDATES).await?;
        found = likest(near, &typed, NEAR_ENOUGH);
    }
    Ok(found)
}

/// Those that are `enough` like what was typed, the likest first.
fn likest(found: Vec<Brief>, typed: &str, enough: f64) -> Vec<Brief> {
    let weighed = found.into_iter().map(|brief| (name::similarity(&brief.name, typed), brief));
    let mut kept: Vec<_> = weighed.filter(|(likeness, _)| enough <= *likeness).collect();
    kept.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    kept.into_iter().map(|(_, brief)| brief).collect()
}

/// A word and what it is with each of its letters left out; nothing for short ones.
fn slips(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    if letters.len() < SHORTEST {
        return Vec::new();
    }
    let without = |at: usize| letters[..at].iter().chain(&letters[at + 1..]).collect();
    let mut slips: Vec<String> = (0..letters.len()).map(without).collect();
    slips.push(word.to_owned());
    slips.sort_unstable();
    slips.dedup();
    slips
}

/// That one slip leads from one word to the other.
fn is_one_slip(typed: &str, word: &str) -> bool {
    strsim::osa_distance(typed, word) == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_one_slip_apart_share_one_without_a_letter() {
        for (typed, word) in [
            ("касимов", "касымов"),
            ("ксымов", "касымов"),
            ("кассымов", "касымов"),
            ("аксымов", "касымов"),
            ("асымов", "касымов"),
            ("жанн", "жанна"),
        ] {
            let (one, other) = (slips(typed), slips(word));
            assert!(one.iter().any(|slip| other.contains(slip)), "{typed} {word}");
            assert!(is_one_slip(typed, word), "{typed} {word}");
        }
        assert!(!is_one_slip("касимав", "касымов"), "two slips");
    }

    #[test]
    fn short_words_have_no_neighbours_and_a_doubled_letter_is_left_out_once() {
        assert!(slips("али").is_empty());
        assert_eq!(slips("анна"), ["ана", "анн", "анна", "нна"]);
    }
}
