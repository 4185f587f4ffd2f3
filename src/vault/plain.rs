//! What may stand in the ledger: codes, ids, hashes, numbers, instants. It
//! outlives the records it tells about (SECURITY.md 4.1, 94-V article 18), so a
//! name, a telephone number or a sentence that got into a detail by mistake is
//! left out here, whoever made the mistake.

use serde_json::Value;

/// Stands where something was left out.
pub const WITHHELD: &str = "withheld";

/// The longest code.
const LONGEST: usize = 64;

/// A detail without anything but codes and numbers.
pub(super) fn only(value: Value) -> Value {
    match value {
        Value::String(string) => Value::String(text(string)),
        Value::Array(items) => Value::Array(items.into_iter().map(only).collect()),
        Value::Object(fields) => Value::Object(
            fields.into_iter().map(|(name, value)| (text(name), only(value))).collect(),
        ),
        plain => plain,
    }
}

/// The same for one text.
pub(super) fn text(text: String) -> String {
    if is_plain(&text) {
        return text;
    }
    tracing::error!("a text that is no code was left out of the ledger");
    WITHHELD.to_owned()
}

/// Whether a text is an id, a hash, an instant or a code; and not the number of
/// a telephone or of a person, however it is written.
pub(super) fn is_plain(text: &str) -> bool {
    is_code(text)
        || is_uuid(text)
        || is_hash(text)
        || is_instant(text)
        || is_mark(text)
        || is_weekdays(text)
}

/// `booking.made`, `job:backup`, `tablet:01900000-…`, `disk_full`, `patronymic`.
fn is_code(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.len() <= LONGEST
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| letter(byte) || b"._:-".contains(&byte))
}

/// `A`, `L2`, `K27`: how kits, levels and columns are called.
fn is_mark(text: &str) -> bool {
    (1..=4).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text[1..].bytes().all(|byte| byte.is_ascii_digit())
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36 && text.parse::<uuid::Uuid>().is_ok()
}

/// 8 (a session), 16, 32 or 64 hex digits; an IIN has 12 and a number with its country 11.
fn is_hash(text: &str) -> bool {
    matches!(text.len(), 8 | 16 | 32 | 64)
        && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// `12345`: Monday to Friday.
fn is_weekdays(text: &str) -> bool {
    let days = text.as_bytes();
    !days.is_empty()
        && days.iter().all(|day| (b'1'..=b'7').contains(day))
        && days.is_sorted_by(|one, next| one < next)
}

/// `2026-11-27`, `2026-11-27T09:30`, RFC 3339 in UTC, `09:30`.
fn is_instant(text: &str) -> bool {
    let shapes = [
        "0000-00-00",
        "0000-00-00T00:00",
        "0000-00-00T00:00:00",
        "0000-00-00T00:00:00Z",
        "0000-00-00T00:00:00.000Z",
        "00:00",
    ];
    let shape: String =
        text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).take(LONGEST).collect();
    shapes.contains(&shape.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn codes_ids_hashes_and_instants_pass() {
        for plain in [
            "disk_full",
            "job:backup",
            "patients.found",
            "ru",
            "L2",
            "A",
            "2026-11-27",
            "2026-11-27T09:30:00.000Z",
            "09:30",
            "01900000-0000-7000-8000-000000000000",
            "tablet:01900000-0000-7000-8000-000000000000",
            "0123456789abcdef",
            "01234567",
            "123456",
        ] {
            assert!(is_plain(plain), "{plain}");
        }
    }

    #[test]
    fn names_numbers_and_sentences_do_not() {
        for personal in [
            "Бекова",
            "Bekova",
            "+77011234567",
            "77011234567",
            "8 701 123-45-67",
            "850101300005",
            "a word",
            "",
            "no, thanks",
            "a@b.kz",
            "/mnt/usb",
            "987-65-41",
            "9876541",
            "7012345",
        ] {
            assert!(!is_plain(personal), "{personal}");
        }
        let detail = json!({ "count": 3, "names": ["Бекова", "surname"], "Бекова": true });
        let left = json!({ "count": 3, "names": [WITHHELD, "surname"], WITHHELD: true });
        assert_eq!(only(detail), left);
    }
}
