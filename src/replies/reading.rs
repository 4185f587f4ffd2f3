//! What a few words in an SMS mean. Only words this page knows are understood,
//! and only when all of them say the same: anything else is read by a person.

use serde::{Deserialize, Serialize};

/// What somebody wants to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Meaning {
    Yes,
    No,
    /// Another time, please.
    Move,
    /// Do not write to me.
    Stop,
    /// Write to me again.
    Start,
    Unclear,
}

const YES: &[&str] = &[
    "1",
    "+",
    "👍",
    "✅",
    "один",
    "бір",
    "да",
    "ага",
    "угу",
    "иә",
    "ия",
    "иа",
    "иэ",
    "йа",
    "ия",
    "yes",
    "yep",
    "ya",
    "da",
    "ia",
    "iya",
    "ok",
    "okay",
    "ок",
    "окей",
    "хорошо",
    "ладно",
    "согласен",
    "согласна",
    "подтверждаю",
    "подтвердить",
    "подтверждено",
    "приду",
    "придём",
    "буду",
    "будем",
    "confirm",
    "келемін",
    "келеміз",
    "барамын",
    "барамыз",
    "растаймын",
    "мақұл",
    "жарайды",
    "болады",
    "конечно",
    "әрине",
];

const NO: &[&str] = &[
    "2",
    "два",
    "екі",
    "нет",
    "неа",
    "жоқ",
    "no",
    "net",
    "joq",
    "zhok",
    "jok",
    "zhoq",
    "отмена",
    "отменить",
    "отмените",
    "отменяю",
    "отменяем",
    "cancel",
    "отказ",
    "отказываюсь",
    "келмеймін",
    "келмейміз",
    "бармаймын",
    "болмайды",
];

const MOVE: &[&str] = &[
    "3",
    "три",
    "үш",
    "перенести",
    "перенесите",
    "перенос",
    "перезаписать",
    "перезапишите",
    "move",
    "ауыстыру",
    "ауыстырыңыз",
    "көшіру",
    "көшіріңіз",
    "басқа уақыт",
    "другое время",
    "на другое время",
];

const STOP: &[&str] = &[
    "стоп",
    "stop",
    "тоқтат",
    "тоқта",
    "тоқтатыңыз",
    "отписка",
    "отписаться",
    "отпишите",
    "unsubscribe",
    "жазбаңыз",
    "не пишите",
];

/// "Write" alone may be an answer to anything ("may I write to you?", «запишите»):
/// a person reads it.
const START: &[&str] = &[
    "старт",
    "start",
    "бастау",
    "подписка",
    "подписаться",
    "пишите снова",
    "қайта жазыңыз",
    "subscribe",
];

/// Words that say no with the one before them.
const NOT: &[&str] = &[
    "не приду",
    "не придём",
    "не буду",
    "не будем",
    "не смогу",
    "не сможем",
    "не могу",
    "не получится",
    "не получается",
    "келе алмаймын",
    "келе алмаймыз",
    "бара алмаймын",
    "бара алмаймыз",
    "not coming",
];

/// Words that change nothing.
const POLITE: &[&str] = &[
    "спасибо",
    "спс",
    "благодарю",
    "большое",
    "вам",
    "пожалуйста",
    "здравствуйте",
    "здравствуй",
    "привет",
    "добрый",
    "день",
    "вечер",
    "утро",
    "доброе",
    "я",
    "мы",
    "обязательно",
    "рахмет",
    "көп",
    "сізге",
    "сәлем",
    "сәлеметсіз",
    "бе",
    "қайырлы",
    "күн",
    "кеш",
    "мен",
    "біз",
    "міндетті",
    "түрде",
    "thanks",
    "thank",
    "you",
    "please",
    "hello",
    "hi",
    "i",
    "will",
    "запись",
    "визит",
    "приём",
    "жазылу",
];

/// Reads an answer.
pub fn read(text: &str) -> Meaning {
    let words = words(text);
    if words.is_empty() || text.contains(['?', '？']) {
        return Meaning::Unclear;
    }
    let all = [
        (NOT, Meaning::No),
        (STOP, Meaning::Stop),
        (START, Meaning::Start),
        (MOVE, Meaning::Move),
        (YES, Meaning::Yes),
        (NO, Meaning::No),
    ];
    let mut meant = None;
    let mut rest = &words[..];
    while !rest.is_empty() {
        let found = all.iter().find_map(|(list, meaning)| {
            let length = list.iter().filter_map(|phrase| begins(rest, phrase)).max()?;
            Some((length, *meaning))
        });
        match found {
            Some((_, meaning)) if meant.is_some_and(|before| before != meaning) => {
                return Meaning::Unclear;
            }
            Some((length, meaning)) => {
                meant = Some(meaning);
                rest = &rest[length..];
            }
            None if POLITE.iter().any(|word| begins(rest, word).is_some()) => rest = &rest[1..],
            None => return Meaning::Unclear,
        }
    }
    meant.unwrap_or(Meaning::Unclear)
}

/// How many words of the text the phrase takes up, when it begins with it.
fn begins(text: &[String], phrase: &str) -> Option<usize> {
    let phrase = words(phrase);
    (text.len() >= phrase.len() && text[..phrase.len()] == phrase[..]).then_some(phrase.len())
}

/// The words of a text, each in one spelling: small letters, no punctuation, and
/// one letter for those that look alike on a telephone.
fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            // What makes a digit a keycap, or an emoji coloured.
            '\u{fe0f}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}' | '\u{200d}' => {}
            '+' | '👍' | '✅' => {
                words.push(letter.to_string());
                words.push(String::new());
            }
            letter if letter.is_alphanumeric() => {
                words.last_mut().expect("never empty").push(alike(letter));
            }
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words.dedup_by(|one, other| one == other && one == "+");
    words
}

/// One letter for those that look alike.
fn alike(letter: char) -> char {
    match letter {
        'а' => 'a',
        'в' => 'b',
        'е' | 'ё' => 'e',
        'к' | 'қ' => 'k',
        'м' => 'm',
        'н' | 'ң' => 'h',
        'о' | 'ө' => 'o',
        'р' => 'p',
        'с' => 'c',
        'т' => 't',
        'у' | 'ү' | 'ұ' => 'y',
        'х' | 'һ' => 'x',
        'і' => 'i',
        'ә' => 'ə',
        'ғ' => 'г',
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        for (meaning, texts) in [
            (
                Meaning::Yes,
                &[
                    "1",
                    " 1.",
                    "1️⃣",
                    "«1»",
                    "Да",
                    "ДА!!!",
                    "да",
                    "дa",
                    "\"да\"",
                    "иә",
                    "Иә.",
                    "ия",
                    "yes",
                    "YES ",
                    "+",
                    "++",
                    "Да, спасибо",
                    "да спасибо!",
                    "Здравствуйте, да",
                    "ок",
                    "oк",
                    "Ok",
                    "👍🏽",
                    "Иә, келемін рахмет",
                    "Хорошо, буду",
                    "подтверждаю",
                    "да да",
                    "Приду",
                ][..],
            ),
            (
                Meaning::No,
                &[
                    "2",
                    "2)",
                    "нет",
                    "НЕТ",
                    "нeт",
                    "жоқ",
                    "жок",
                    "Жоқ, рахмет",
                    "отмена",
                    "Отмена!",
                    "no",
                    "не приду",
                    "Нет, не смогу",
                    "келе алмаймын",
                    "отмените пожалуйста",
                    "Отменить запись",
                ],
            ),
            (
                Meaning::Move,
                &["3", "перенести", "Перенесите пожалуйста", "Другое время", "басқа уақыт"],
            ),
            (
                Meaning::Stop,
                &["СТОП", "stop", "Стоп!", "CTOП", "ТОҚТАТ", "тоқтат", "токтат", "не пишите"],
            ),
            (
                Meaning::Unclear,
                &[
                    "",
                    "  ",
                    "?",
                    "да?",
                    "1?",
                    "12",
                    "1 2",
                    "да нет",
                    "да, но позже",
                    "не",
                    "спасибо",
                    "22",
                    "можно завтра",
                    "я опаздываю",
                    "да не приду",
                    "не отменяйте",
                    "кто это",
                    "нет, буду",
                    "-",
                    "1 и 2",
                    "10",
                    "да или нет",
                    "стоп, приду",
                ],
            ),
        ] {
            for text in texts {
                assert_eq!(read(text), meaning, "{text:?}");
            }
        }
    }

    #[test]
    fn no_word_means_two_things() {
        let lists = [YES, NO, MOVE, STOP, START, NOT, POLITE];
        for (index, list) in lists.iter().enumerate() {
            for phrase in *list {
                for other in &lists[index + 1..] {
                    assert!(!other.iter().any(|word| words(word) == words(phrase)), "{phrase}");
                }
            }
        }
    }
}
