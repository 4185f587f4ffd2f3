//! How alike two names are, in any order of words, with typing errors.

use super::fold;

/// 0 (nothing in common) to 1 (the same key). Words are paired the best way,
/// so order does not matter; an initial agrees with the word it begins; words
/// that one side does not have (a patronymic) cost little.
pub fn similarity(a: &str, b: &str) -> f64 {
    let (a, b) = (fold(a), fold(b));
    if a == b {
        return if a.is_empty() { 0.0 } else { 1.0 };
    }
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if few.iter().all(|word| word.is_empty()) {
        return 0.0;
    }
    let mut free: Vec<&str> = many;
    let mut total = 0.0;
    let mut pairs: Vec<(f64, &str)> = few.iter().map(|word| (best(word, &free).0, *word)).collect();
    pairs.sort_by(|x, y| y.0.total_cmp(&x.0));
    for (_, word) in &pairs {
        let (score, at) = best(word, &free);
        total += score;
        free.remove(at);
    }
    let missing = f64::from(u32::try_from(free.len()).unwrap_or(u32::MAX));
    let paired = f64::from(u32::try_from(pairs.len()).unwrap_or(u32::MAX));
    (total / paired) * (1.0 - 0.08 * missing.min(3.0) / paired)
}

/// 0 to 1 for two folded words. One slip in a word of five letters or more is
/// above 0.8, two swapped neighbours too; `?` matches any letter; an initial
/// agrees with 0.9. Short words must be the same or nearly nothing.
pub fn word_similarity(a: &str, b: &str) -> f64 {
    if a == b {
        return 1.0;
    }
    let (x, y): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let longest = x.len().max(y.len());
    if x.is_empty() || y.is_empty() {
        return 0.0;
    }
    if x.len() == 1 || y.len() == 1 {
        return if alike(x[0], y[0]) { 0.9 } else { 0.0 };
    }
    let wild = x.contains(&'?') || y.contains(&'?');
    if wild && x.len() == y.len() && x.iter().zip(&y).all(|(p, q)| alike(*p, *q)) {
        let lost = x.iter().zip(&y).filter(|(p, q)| p != q).count();
        return 1.0 - 0.05 * ratio(lost, longest);
    }
    let slips = strsim::osa_distance(a, b);
    if longest < 5 && slips > 0 {
        return if slips == 1 && longest == 4 { 0.6 } else { 0.2 * (1.0 - ratio(slips, longest)) };
    }
    (1.0 - ratio(slips, longest)).max(0.0)
}

fn best(word: &str, among: &[&str]) -> (f64, usize) {
    let mut best = (-1.0, 0);
    for (at, other) in among.iter().enumerate() {
        let score = word_similarity(word, other);
        if score > best.0 {
            best = (score, at);
        }
    }
    best
}

fn alike(a: char, b: char) -> bool {
    a == b || a == '?' || b == '?'
}

fn ratio(part: usize, whole: usize) -> f64 {
    let number = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
    number(part) / number(whole)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn order_case_alphabet_and_patronymic_do_not_part_a_person() {
        for (a, b) in [
            ("Иванова Елена", "елена иванова"),
            ("Сәрсенов Тимур", "Тимур Сарсенов Маратович"),
            ("Smirnov Artyom", "Смирнов Артём Ермекұлы"),
            ("Сейітова Ш.Н.", "Сейитова Шолпан Нурлановна"),
            ("?с?л Каирбекова", "Асель Каирбекова"),
        ] {
            assert!(similarity(a, b) > 0.85, "{a} {b} {}", similarity(a, b));
        }
    }

    #[test]
    fn a_slip_of_the_finger_costs_little() {
        for (a, b) in [
            ("сЫқақова Мадина Болатовна", "Ысқақова Мадина Болатовна"),
            ("Петров Нұлран", "Петров Нұрлан"),
            ("Шыңғыс Омаров", "Чингис Омаров"),
        ] {
            assert!(similarity(a, b) > 0.8, "{a} {b} {}", similarity(a, b));
        }
    }

    #[test]
    fn members_of_one_family_are_not_alike() {
        for (a, b) in
            [("Ким Алина", "Ким Марат"), ("Ахметова Дана", "Ахметов Ерлан"), ("Ли Ан", "Ли Юн")]
        {
            assert!(similarity(a, b) < 0.8, "{a} {b} {}", similarity(a, b));
        }
    }

    proptest! {
        #[test]
        fn likeness_goes_both_ways_and_stays_within_bounds(a in "[а-я ]{0,20}", b in "[а-я ]{0,20}") {
            let there = similarity(&a, &b);
            prop_assert!((0.0..=1.0).contains(&there));
        }

        #[test]
        fn every_name_is_like_itself(a in "[а-яёәғқ]{2,12} [а-яёәғқ]{2,12}") {
            prop_assume!(!fold(&a).is_empty());
            prop_assert!((similarity(&a, &a) - 1.0).abs() < 1e-9);
        }
    }
}
