//! Sums of money: numbers, `12 000 тг`, `15 тыс`, `от 5000`, `5000–7000`,
//! and words («двадцать тысяч», «бес мың», «бесплатно»).

use super::{Read, is_blank_mark};
use crate::interop::reading::Cell;
use crate::money::Money;

/// A price or a payment. `to` is the upper end when a range is written; equal
/// ends are one sum. `at_least` says that only the lower end is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sum {
    pub from: Money,
    pub to: Option<Money>,
    pub at_least: bool,
}

pub fn sum(cell: &Cell) -> Read<Sum> {
    match cell {
        Cell::Empty | Cell::Bool(_) => Read::Blank,
        Cell::Number(number) => from_number(*number),
        Cell::Date(_) | Cell::Time(_) | Cell::DateTime(..) => Read::Unreadable,
        Cell::Text(text) if is_blank_mark(text) => Read::Blank,
        Cell::Text(text) => from_text(&text.to_lowercase()),
    }
}

fn from_number(number: f64) -> Read<Sum> {
    if !(0.0..1e11).contains(&number) {
        return Read::Impossible;
    }
    exactly(tiyn(number))
}

fn exactly(from: Money) -> Read<Sum> {
    Read::Value(Sum { from, to: None, at_least: false })
}

#[expect(clippy::cast_possible_truncation, reason = "callers keep it below 1e11 tenge")]
fn tiyn(tenge: f64) -> Money {
    Money::from_tiyn((tenge * 100.0).round() as i64)
}

fn from_text(text: &str) -> Read<Sum> {
    let free = ["бесплат", "тегін", "free", "даром", "б/п", "в подарок"];
    if free.iter().any(|word| text.contains(word)) {
        return exactly(Money::default());
    }
    let numbers = numbers(text);
    let starts = ["от ", "от", "from", "с "].iter().any(|word| text.trim_start().starts_with(word))
        || ["бастап", "басталады", " и выше", "+"]
            .iter()
            .any(|word| text.trim_end().ends_with(word));
    let range = text.contains(['-', '–', '—']) || text.contains(" до ") || text.contains("дейін");
    match numbers[..] {
        [] => in_words(text).map_or(Read::Unreadable, |sum| exactly(Money::from_tenge(sum))),
        [one] => Read::Value(Sum { from: tiyn(one), to: None, at_least: starts }),
        [from, to] if range && to >= from => {
            Read::Value(Sum { from: tiyn(from), to: Some(tiyn(to)), at_least: false })
        }
        [one, ..] if text.contains('=') => {
            numbers.last().map_or(exactly(tiyn(one)), |last| exactly(tiyn(*last)))
        }
        [first, second] if text.contains('+') => exactly(tiyn(first + second)),
        _ => Read::Unreadable,
    }
}

/// The numbers of a text, with spaces, dots and commas between thousands gone
/// and `тыс`/`к`/`мың`/`млн` multiplied in.
fn numbers(text: &str) -> Vec<f64> {
    let chars: Vec<char> = text.chars().collect();
    let mut numbers = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        if !chars[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let (value, next) = number(&chars, at);
        let rest: String = chars[next..].iter().take(6).collect();
        let rest = rest.trim_start();
        let factor = if rest.starts_with("тыс")
            || rest.starts_with("мың")
            || rest.starts_with("т.т")
            || is_k(rest)
        {
            1000.0
        } else if rest.starts_with("млн") {
            1_000_000.0
        } else {
            1.0
        };
        if value * factor < 1e11 {
            numbers.push(value * factor);
        }
        at = next;
    }
    numbers
}

fn is_k(rest: &str) -> bool {
    let mut chars = rest.chars();
    matches!(chars.next(), Some('к' | 'k')) && !chars.next().is_some_and(char::is_alphabetic)
}

fn number(chars: &[char], start: usize) -> (f64, usize) {
    let digits = |from: usize| {
        chars[from.min(chars.len())..].iter().take_while(|c| c.is_ascii_digit()).count()
    };
    let mut end = start + digits(start);
    let mut value: String = chars[start..end].iter().collect();
    loop {
        let separator = chars.get(end).copied();
        let group = digits(end + 1);
        match separator {
            Some(' ' | '\u{a0}' | '\u{202f}' | '\'' | '’' | '.' | ',') if group == 3 => {
                value.extend(&chars[end + 1..end + 4]);
                end += 4;
            }
            Some('.' | ',') if group == 1 || group == 2 => {
                value.push('.');
                value.extend(&chars[end + 1..=end + group]);
                end += group + 1;
                break;
            }
            _ => break,
        }
    }
    (value.parse().unwrap_or_default(), end)
}

/// «Двадцать пять тысяч тенге» → 25,000. None when a word is no number.
fn in_words(text: &str) -> Option<i64> {
    let mut total = 0;
    let mut part = 0;
    let mut any = false;
    for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        if ["тысяч", "мың", "тыс"].iter().any(|stem| word.starts_with(stem)) {
            total += part.max(1) * 1000;
            part = 0;
            any = true;
        } else if let Some((_, value)) = WORDS.iter().find(|(stem, _)| word == *stem) {
            part += if *value == 100 && (1..10).contains(&part) && !word.starts_with("сто") {
                part * 99
            } else {
                *value
            };
            any = true;
        } else if !["тенге", "теңге", "тг", "и"].contains(&word) {
            return None;
        }
    }
    any.then_some(total + part)
}

const WORDS: [(&str, i64); 58] = [
    ("один", 1),
    ("одна", 1),
    ("две", 2),
    ("два", 2),
    ("три", 3),
    ("четыре", 4),
    ("пять", 5),
    ("шесть", 6),
    ("семь", 7),
    ("восемь", 8),
    ("девять", 9),
    ("десять", 10),
    ("одиннадцать", 11),
    ("двенадцать", 12),
    ("тринадцать", 13),
    ("четырнадцать", 14),
    ("пятнадцать", 15),
    ("шестнадцать", 16),
    ("семнадцать", 17),
    ("восемнадцать", 18),
    ("девятнадцать", 19),
    ("двадцать", 20),
    ("тридцать", 30),
    ("сорок", 40),
    ("пятьдесят", 50),
    ("шестьдесят", 60),
    ("семьдесят", 70),
    ("восемьдесят", 80),
    ("девяносто", 90),
    ("сто", 100),
    ("двести", 200),
    ("триста", 300),
    ("четыреста", 400),
    ("пятьсот", 500),
    ("шестьсот", 600),
    ("семьсот", 700),
    ("восемьсот", 800),
    ("девятьсот", 900),
    ("бір", 1),
    ("екі", 2),
    ("үш", 3),
    ("төрт", 4),
    ("бес", 5),
    ("алты", 6),
    ("жеті", 7),
    ("сегіз", 8),
    ("тоғыз", 9),
    ("он", 10),
    ("жиырма", 20),
    ("отыз", 30),
    ("қырық", 40),
    ("елу", 50),
    ("алпыс", 60),
    ("жетпіс", 70),
    ("сексен", 80),
    ("тоқсан", 90),
    ("жүз", 100),
    ("ноль", 0),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn tenge(text: &str) -> Option<i64> {
        sum(&Cell::text(text)).value().map(|sum| sum.from.tiyn() / 100)
    }

    #[test]
    fn twelve_thousand_is_written_in_many_ways() {
        for text in [
            "12000",
            "12 000",
            "12 000 тг",
            "12 000 ₸",
            "12.000",
            "12,000",
            "12000,00",
            "12 000.00",
            "12 тыс",
            "12 тыс. тенге",
            "12к",
            "12 мың",
            "12'000",
            "12\u{a0}000 тенге",
            "двенадцать тысяч",
            "он екі мың теңге",
            "от 12 000",
            "12000-",
            "Kaspi 12000",
            "12 000тг.",
        ] {
            assert_eq!(tenge(text), Some(12_000), "{text}");
        }
        assert_eq!(tenge("1,5 млн"), Some(1_500_000));
        assert_eq!(tenge("двадцать пять тысяч пятьсот"), Some(25_500));
        assert_eq!(tenge("екі жүз мың"), Some(200_000));
        assert_eq!(tenge("бесплатно"), Some(0));
        assert_eq!(
            sum(&Cell::Number(280_000.0)).value().map(|sum| sum.from),
            Some(Money::from_tenge(280_000))
        );
    }

    #[test]
    fn a_range_and_a_lower_end_are_kept() {
        let range = sum(&Cell::text("5 000 - 7 000 тг")).value().unwrap();
        assert_eq!(
            (range.from, range.to),
            (Money::from_tenge(5000), Some(Money::from_tenge(7000)))
        );
        assert!(sum(&Cell::text("от 5000")).value().unwrap().at_least);
    }

    #[test]
    fn nothing_and_another_word_are_not_sums() {
        assert_eq!(sum(&Cell::text("-")), Read::Blank);
        assert_eq!(sum(&Cell::text("позже")), Read::Unreadable);
    }
}
