//! Sums in tenge.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// A sum in tiyn, the hundredth of a tenge (ISO 4217 KZT, exponent 2).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    sqlx::Type,
)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct Money(i64);

impl Money {
    pub fn from_tiyn(tiyn: i64) -> Self {
        Self(tiyn)
    }

    pub fn from_tenge(tenge: i64) -> Self {
        Self(tenge * 100)
    }

    pub fn tiyn(self) -> i64 {
        self.0
    }

    /// Reads what people type: `12 000`, `12000,50`, `12 000 ₸`, `12 000 тг`.
    /// None when it is no sum.
    pub fn parse(text: &str) -> Option<Self> {
        let kept: String = text
            .trim_end_matches(|c: char| !c.is_ascii_digit())
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| if c == ',' { '.' } else { c })
            .collect();
        let (tenge, tiyn) = kept.split_once('.').unwrap_or((&kept, ""));
        if tiyn.len() > 2 || !tiyn.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let hundredths: i64 = format!("{tiyn:0<2}").parse().ok()?;
        let sum: i64 = tenge.parse().ok()?;
        sum.checked_mul(100)?.checked_add(hundredths).map(Self)
    }
}

impl fmt::Display for Money {
    /// `185 000 ₸` with no-break spaces; tiyn only when there are any (CLDR ru-KZ).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = (self.0 / 100).unsigned_abs().to_string();
        if self.0 < 0 {
            f.write_str("−")?;
        }
        for (index, digit) in digits.char_indices() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                f.write_str("\u{a0}")?;
            }
            write!(f, "{digit}")?;
        }
        match (self.0 % 100).abs() {
            0 => f.write_str("\u{a0}₸"),
            tiyn => write!(f, ",{tiyn:02}\u{a0}₸"),
        }
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        Self(sums.map(|sum| sum.0).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read_as_people_type_them_and_shown_in_groups() {
        for text in ["185 000", "185000,00", "185\u{a0}000 ₸", "185000 тг"] {
            assert_eq!(Money::parse(text), Some(Money::from_tenge(185_000)), "{text}");
        }
        assert_eq!(Money::parse("много"), None);
        assert_eq!(Money::from_tenge(185_000).to_string(), "185\u{a0}000\u{a0}₸");
        assert_eq!(Money::from_tiyn(-150).to_string(), "−1,50\u{a0}₸");
    }
}
