//! Texts in cells of CSV files and spreadsheets (OWASP: CSV injection).

use std::borrow::Cow;

/// The text, led by an apostrophe when a spreadsheet program would take it for a
/// formula. A phone number or a sum is none: `+77012345678`, `-1500.50`.
pub fn inert(text: &str) -> Cow<'_, str> {
    let leads = |first: char| {
        matches!(first, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    };
    let formula = text.starts_with(leads) && !is_number(text);
    if formula { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or_default();
    !digits.is_empty()
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_be_a_formula_is_led_by_an_apostrophe() {
        for formula in [
            "=1+1",
            "@SUM(A1)",
            "+cmd|' /C calc'!A0",
            "-1+cmd|' /C calc'!A0",
            "\t=1",
            "\r=1",
            "-",
            "＝1",
            "+7 701",
        ] {
            assert_eq!(inert(formula), format!("'{formula}"));
        }
        for fine in ["", "Ким Вера", "+77012345678", "-1500.50", "2026-11-27", "a=b"] {
            assert_eq!(inert(fine), fine);
        }
    }

    proptest! {
        #[test]
        fn no_cell_begins_like_a_formula_unless_it_is_a_number(text in "[=+\\-@\t\r]?\\PC{0,20}") {
            let cell = inert(&text);
            let leads = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
            prop_assert!(!leads || cell.parse::<f64>().is_ok() || is_number(&cell));
            prop_assert!(cell == text || cell.strip_prefix('\'') == Some(&text));
        }
    }
}
