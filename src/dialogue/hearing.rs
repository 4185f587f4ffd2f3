//! What words begin a conversation or change its language, and in which language
//! somebody writes. Like `replies::reading` it is what people say, in whatever
//! language and spelling: no words of the interface, which stand in `locales/`.

use crate::i18n::Language;

/// With these and nothing else somebody asks to book.
const BOOK_RU: &[&str] = &[
    "запись",
    "записаться",
    "запишите",
    "запишите меня",
    "запись на прием",
    "записаться на прием",
    "хочу записаться",
    "хочу записаться на прием",
    "можно записаться",
    "можно записаться на прием",
];
const BOOK_KK: &[&str] = &[
    "жазылу",
    "жазылғым келеді",
    "жазылгым келеди",
    "қабылдауға жазылу",
    "кабылдауга жазылу",
    "қабылдауға жазылғым келеді",
];

const TO_RU: &[&str] = &["русский", "на русском", "по русски", "орысша"];
const TO_KK: &[&str] = &["қазақша", "казакша", "казахский", "на казахском", "по казахски"];

/// Words that change nothing.
const POLITE: &[&str] = &[
    "здравствуйте",
    "добрый",
    "день",
    "вечер",
    "доброе",
    "утро",
    "пожалуйста",
    "сәлеметсіз",
    "салеметсиз",
    "бе",
    "сәлем",
    "өтінемін",
];

/// Whether this and nothing else asks to book; the language it is in.
pub fn asks_to_book(text: &str) -> Option<Language> {
    let said = words(text);
    let rest: Vec<&str> =
        said.iter().map(String::as_str).filter(|word| !POLITE.contains(word)).collect();
    let rest = rest.join(" ");
    if BOOK_KK.contains(&rest.as_str()) {
        return Some(Language::Kk);
    }
    BOOK_RU.contains(&rest.as_str()).then_some(Language::Ru)
}

/// The language that these words ask for.
pub fn asks_for_language(text: &str) -> Option<Language> {
    let said = words(text).join(" ");
    if TO_KK.contains(&said.as_str()) {
        return Some(Language::Kk);
    }
    TO_RU.contains(&said.as_str()).then_some(Language::Ru)
}

/// The language that somebody writes in: Kazakh has letters of its own, and a
/// few words are written without them.
pub fn language_of(text: &str) -> Language {
    let own = |letter: char| "әғқңөұүһі".contains(letter);
    let is_kazakh = text.chars().flat_map(char::to_lowercase).any(own)
        || words(text)
            .iter()
            .any(|word| matches!(word.as_str(), "салем" | "салеметсиз" | "рахмет"));
    if is_kazakh { Language::Kk } else { Language::Ru }
}

fn words(text: &str) -> Vec<String> {
    let letter = |it: char| if it == 'ё' { 'е' } else { it };
    let small: String = text.to_lowercase().chars().map(letter).collect();
    let parts = small.split(|it: char| !it.is_alphanumeric());
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_asks_to_book_and_nothing_else_begins() {
        for text in [
            "Запись",
            "записаться!",
            "Здравствуйте, хочу записаться на приём",
            "ЗАПИШИТЕ меня пожалуйста",
        ] {
            assert_eq!(asks_to_book(text), Some(Language::Ru), "{text}");
        }
        for text in ["Жазылу", "Сәлеметсіз бе! Қабылдауға жазылғым келеді"]
        {
            assert_eq!(asks_to_book(text), Some(Language::Kk), "{text}");
        }
        for text in
            ["", "отменить запись", "запись на завтра есть?", "перенесите запись", "жазылмаймын"]
        {
            assert_eq!(asks_to_book(text), None, "{text}");
        }
    }

    #[test]
    fn kazakh_is_told_by_its_letters() {
        assert_eq!(language_of("Сәлеметсіз бе"), Language::Kk);
        assert_eq!(language_of("Салеметсиз бе"), Language::Kk);
        assert_eq!(language_of("Здравствуйте"), Language::Ru);
        assert_eq!(asks_for_language("По-казахски"), Some(Language::Kk));
        assert_eq!(asks_for_language("орысша"), Some(Language::Ru));
    }
}
