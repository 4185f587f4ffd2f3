//! The search key of a word: one spelling for all the ways a name is written.
//!
//! Kazakh letters have no decomposition in Unicode, so stripping accents does
//! nothing for them; the table of KAZAKHSTAN 1.9 does. Latin spellings (passport,
//! ICAO, common, the Kazakh alphabet of 2021) go to the same Cyrillic key.

use unicode_normalization::UnicodeNormalization;

/// The key of a text: words in lower case, parted by one space, letters merged
/// (Қанат = Канат = Kanat, Әсел = Асель, ё = е). Digits stay; `?`, which a
/// lost code page puts in place of a letter, stays and matches any letter in
/// `word_similarity`. Folding a key again changes nothing.
pub fn fold(text: &str) -> String {
    let composed: String = text.nfc().collect();
    let words = composed.split(|c: char| !c.is_alphanumeric() && !is_kept(c));
    let keys = words.map(fold_word).filter(|key| !key.is_empty());
    keys.collect::<Vec<_>>().join(" ")
}

/// The key of a patronymic without its ending, so that Нұрланұлы, Нурланулы
/// and Нурланович are one (and Нурлановна, Нұрланқызы of the sister).
pub fn fold_patronymic(word: &str) -> String {
    let plain = letters(&word.nfc().collect::<String>());
    let plain: String = plain.chars().filter(|c| c.is_alphanumeric() || *c == '?').collect();
    let stem = PATRONYMIC_ENDINGS
        .iter()
        .find_map(|ending| plain.strip_suffix(ending).filter(|stem| stem.chars().count() >= 2))
        .unwrap_or(&plain);
    squeeze(stem).trim_end_matches('и').to_owned()
}

/// The text as it would have come out with the other keyboard layout:
/// `;fyfh` → `жанар`, `фтфк` → `anar`. Kazakh letters are on the digit row.
pub fn keyboard_swap(text: &str) -> String {
    let latin = text.chars().filter(char::is_ascii_alphabetic).count();
    let cyrillic = text.chars().filter(|c| is_cyrillic(*c)).count();
    let swap = |c: char| -> char {
        let lower = c.to_lowercase().next().unwrap_or(c);
        let pair = LAYOUT
            .iter()
            .find(|(key, letter)| if latin >= cyrillic { *key == lower } else { *letter == lower });
        match pair {
            Some((_, letter)) if latin >= cyrillic => *letter,
            Some((key, _)) => *key,
            None => lower,
        }
    };
    text.chars().map(swap).collect()
}

/// Repairs letters of the other alphabet that look the same (`Cерик` typed
/// with a Latin C): each word takes the alphabet that most of its letters have.
pub fn unmix(word: &str) -> String {
    let latin = word.chars().filter(char::is_ascii_alphabetic).count();
    let cyrillic = word.chars().filter(|c| is_cyrillic(*c)).count();
    if latin == 0 || cyrillic == 0 {
        return word.to_owned();
    }
    let only_alike = word
        .chars()
        .filter(char::is_ascii_alphabetic)
        .all(|c| ALIKE.iter().any(|(latin, _)| *latin == c));
    let to_cyrillic = cyrillic > latin || only_alike;
    let swap = |c: char| {
        let pair = ALIKE.iter().find(|(l, k)| if to_cyrillic { *l == c } else { *k == c });
        pair.map_or(c, |(l, k)| if to_cyrillic { *k } else { *l })
    };
    word.chars().map(swap).collect()
}

fn is_kept(c: char) -> bool {
    matches!(c, '?' | '\'' | '’' | '`' | 'ʼ')
}

fn is_cyrillic(c: char) -> bool {
    ('\u{400}'..='\u{52f}').contains(&c)
}

fn fold_word(word: &str) -> String {
    squeeze(&letters(word))
}

/// Lower case, one alphabet, letters merged; doubles still there.
fn letters(word: &str) -> String {
    let word = unmix(word).to_lowercase();
    let mut merged: String = from_latin(&word).chars().filter_map(merge).collect();
    // Doubles are still there: Хадджи.
    while merged.contains("дж") {
        merged = merged.replace("дж", "ж");
    }
    merged
}

/// One letter of each run: мм → м. Runs of digits and `?` stay.
fn squeeze(word: &str) -> String {
    let mut last = None;
    let keep = |c: &char| {
        let double = last == Some(*c) && c.is_alphabetic();
        last = Some(*c);
        !double
    };
    word.chars().filter(keep).collect()
}

/// None for letters that carry no sound.
fn merge(c: char) -> Option<char> {
    Some(match c {
        'ә' | 'я' => 'а',
        'ғ' | 'ґ' => 'г',
        'қ' => 'к',
        'ң' => 'н',
        'ө' => 'о',
        'ұ' | 'ү' | 'ю' | 'ў' => 'у',
        'һ' => 'х',
        'і' | 'ї' | 'й' | 'ы' => 'и',
        'ё' | 'э' | 'є' => 'е',
        'щ' => 'ш',
        'ь' | 'ъ' | '\'' | '’' | '`' | 'ʼ' => return None,
        other => other,
    })
}

/// Latin letters made Cyrillic, longest pieces first; the rest as it is.
fn from_latin(word: &str) -> String {
    let mut rest = word;
    let mut cyrillic = String::new();
    if let Some((piece, letters)) = AT_START.iter().find(|(piece, _)| rest.starts_with(piece)) {
        cyrillic.push_str(letters);
        rest = &rest[piece.len()..];
    }
    while let Some(next) = rest.chars().next() {
        if is_cyrillic(next) || next.is_ascii_digit() {
            cyrillic.push(next);
            rest = &rest[next.len_utf8()..];
        } else if let Some((piece, letters)) =
            LATIN.iter().find(|(piece, _)| rest.starts_with(piece))
        {
            cyrillic.push_str(letters);
            rest = &rest[piece.len()..];
        } else {
            cyrillic.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    cyrillic
}

/// Longer before shorter, in merged letters (ы and й are и).
const PATRONYMIC_ENDINGS: [&str; 14] = [
    "овна",
    "евна",
    "инична",
    "ична",
    "ович",
    "евич",
    "кизи",
    "оглу",
    "огли",
    "ули",
    "ич",
    "ова",
    "ева",
    "ов",
];

/// Passport spellings at the start of a word: Iana, Iuliia, Iurii.
const AT_START: [(&str, &str); 2] = [("ia", "я"), ("iu", "ю")];

const LATIN: [(&str, &str); 63] = [
    ("shch", "щ"),
    ("sch", "щ"),
    ("dzh", "дж"),
    ("iia", "ия"),
    ("zh", "ж"),
    ("kh", "х"),
    ("ts", "ц"),
    ("tz", "ц"),
    ("ch", "ч"),
    ("sh", "ш"),
    ("yu", "ю"),
    ("ya", "я"),
    ("yo", "ё"),
    ("ye", "е"),
    ("gh", "ғ"),
    ("ph", "ф"),
    ("th", "т"),
    ("ck", "к"),
    ("oo", "у"),
    ("ee", "и"),
    ("ng", "нг"),
    ("dj", "дж"),
    ("ou", "у"),
    ("a", "а"),
    ("b", "б"),
    ("c", "к"),
    ("d", "д"),
    ("e", "е"),
    ("f", "ф"),
    ("g", "г"),
    ("h", "х"),
    ("i", "и"),
    ("j", "ж"),
    ("k", "к"),
    ("l", "л"),
    ("m", "м"),
    ("n", "н"),
    ("o", "о"),
    ("p", "п"),
    ("q", "қ"),
    ("r", "р"),
    ("s", "с"),
    ("t", "т"),
    ("u", "у"),
    ("v", "в"),
    ("w", "в"),
    ("x", "кс"),
    ("y", "и"),
    ("z", "з"),
    ("ä", "ә"),
    ("ö", "ө"),
    ("ü", "ү"),
    ("ū", "ұ"),
    ("ğ", "ғ"),
    ("ñ", "ң"),
    ("ŋ", "ң"),
    ("ş", "ш"),
    ("ı", "ы"),
    ("ç", "ч"),
    ("ž", "ж"),
    ("š", "ш"),
    ("č", "ч"),
    ("á", "ә"),
];

/// Letters of the two alphabets that look alike.
const ALIKE: [(char, char); 23] = [
    ('A', 'А'),
    ('B', 'В'),
    ('C', 'С'),
    ('E', 'Е'),
    ('H', 'Н'),
    ('I', 'І'),
    ('K', 'К'),
    ('M', 'М'),
    ('O', 'О'),
    ('P', 'Р'),
    ('T', 'Т'),
    ('X', 'Х'),
    ('Y', 'У'),
    ('a', 'а'),
    ('c', 'с'),
    ('e', 'е'),
    ('h', 'һ'),
    ('i', 'і'),
    ('k', 'к'),
    ('o', 'о'),
    ('p', 'р'),
    ('x', 'х'),
    ('y', 'у'),
];

/// Keys of a US keyboard and what they type in Russian, then in Kazakh.
const LAYOUT: [(char, char); 42] = [
    ('q', 'й'),
    ('w', 'ц'),
    ('e', 'у'),
    ('r', 'к'),
    ('t', 'е'),
    ('y', 'н'),
    ('u', 'г'),
    ('i', 'ш'),
    ('o', 'щ'),
    ('p', 'з'),
    ('[', 'х'),
    (']', 'ъ'),
    ('a', 'ф'),
    ('s', 'ы'),
    ('d', 'в'),
    ('f', 'а'),
    ('g', 'п'),
    ('h', 'р'),
    ('j', 'о'),
    ('k', 'л'),
    ('l', 'д'),
    (';', 'ж'),
    ('\'', 'э'),
    ('z', 'я'),
    ('x', 'ч'),
    ('c', 'с'),
    ('v', 'м'),
    ('b', 'и'),
    ('n', 'т'),
    ('m', 'ь'),
    (',', 'б'),
    ('.', 'ю'),
    ('`', 'ё'),
    ('2', 'ә'),
    ('3', 'і'),
    ('4', 'ң'),
    ('5', 'ғ'),
    ('8', 'ү'),
    ('9', 'ұ'),
    ('0', 'қ'),
    ('-', 'ө'),
    ('=', 'һ'),
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn kazakh_russian_and_latin_spellings_have_one_key() {
        for (a, b) in [
            ("Қанат", "Канат"),
            ("Әсел", "Асель"),
            ("Әйгерім", "Айгерим"),
            ("Гүлнұр", "Гульнур"),
            ("Күләш", "Куляш"),
            ("Ержан", "Yerzhan"),
            ("Ержан", "Erzhan"),
            ("Қанат", "Qanat"),
            ("Артём", "Artyom"),
            ("Артём", "Артем"),
            ("Соловьёв", "Solovyov"),
            ("Воробьёв", "Vorobyov"),
            ("Дмитрий", "Dmitriy"),
            ("Дмитрий", "Dmitry"),
            ("Цой", "Tsoy"),
            ("Цой", "Tsoi"),
            ("Сергей", "Sergey"),
            ("Сергей", "Sergei"),
            ("Алексей", "Aleksey"),
            ("Алексей", "Alexey"),
            ("Юлия", "Yuliya"),
            ("Юлия", "Iuliia"),
            ("Мария", "Mariia"),
            ("Мария", "Maria"),
            ("Хусаинов", "Khusainov"),
            ("Айбек", "Aybek"),
            ("Айбек", "Aibek"),
            ("Шыңғыс", "Shynggys"),
            ("Жұмабаева", "Zhumabayeva"),
            ("Жумабаева", "Zhumabaeva"),
            ("Алла", "Ала"),
            ("Ысқақов", "Искаков"),
            ("Джандосов", "Жандосов"),
            ("Хадджи", "Хаджи"),
            ("Хадджи", "Haddji"),
            ("Щукина", "Shchukina"),
            ("Cерик", "Серік"),
            ("Нурлaн", "Нұрлан"),
            ("ӘБДІРАХМАНОВ", "абдирахманов"),
        ] {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
    }

    #[test]
    fn different_names_keep_different_keys() {
        for (a, b) in [
            ("Диана", "Дана"),
            ("Алия", "Алина"),
            ("Ерлан", "Ержан"),
            ("Асель", "Асем"),
            ("Мадина", "Марина"),
            ("Айгуль", "Айгерим"),
            ("Серик", "Берик"),
        ] {
            assert_ne!(fold(a), fold(b), "{a} {b}");
        }
    }

    #[test]
    fn patronymics_of_brother_sister_and_both_languages_have_one_key() {
        for (a, b) in [
            ("Нұрланұлы", "Нурланович"),
            ("Нурланулы", "Нурлановна"),
            ("Қайырбекұлы", "Каирбекович"),
            ("Асқарқызы", "Аскаровна"),
            ("Жұмабайұлы", "Жумабаевич"),
            ("Тілеуұлы", "Тилеуович"),
            ("Сергеевна", "Сергеевич"),
            ("Ильич", "Ильинична"),
            ("Nurlanovich", "Нұрланұлы"),
        ] {
            assert_eq!(fold_patronymic(a), fold_patronymic(b), "{a} {b}");
        }
        assert_ne!(fold_patronymic("Маратович"), fold_patronymic("Муратович"));
    }

    #[test]
    fn the_forgotten_keyboard_layout_is_undone() {
        assert_eq!(keyboard_swap("th;fy"), "ержан");
        assert_eq!(keyboard_swap("Bdfyjd"), "иванов");
        assert_eq!(keyboard_swap("0fyfn"), "қанат");
        assert_eq!(keyboard_swap("фтфк"), "anar");
    }

    #[test]
    fn a_lost_letter_stays_visible() {
        assert_eq!(fold("?с?л Каирбекова"), "?с?л каирбекова");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "[а-яәғқңөұүһіА-Я a-zA-Z?.-]{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn case_never_matters(text in "[а-яәғқңөұүһіё]{0,20} [a-z]{0,20}") {
            prop_assert_eq!(fold(&text.to_uppercase()), fold(&text));
        }

        #[test]
        fn no_text_breaks_the_fold(text in "\\PC{0,60}") {
            let _ = (fold(&text), fold_patronymic(&text), keyboard_swap(&text));
        }
    }
}
