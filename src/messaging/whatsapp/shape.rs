//! How an answer looks in WhatsApp: words alone, up to three buttons, or a list,
//! whose words are cut to the limits and stay tellable apart.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use crate::messaging::gateway::whatsapp::{
    Button, LONGEST_BUTTON, LONGEST_DESCRIPTION, LONGEST_OVER_BUTTONS, LONGEST_ROW, MOST_BUTTONS,
    MOST_ROWS, Row,
};
use crate::messaging::speaking::{self, Answered};

/// A message as WhatsApp takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    Text { text: String },
    Buttons { text: String, buttons: Vec<Button> },
    List { text: String, button: String, rows: Vec<Row> },
}

/// Stands on the button of a list that nobody named.
const UNNAMED: &str = "…";

/// Long words above and many choices below make a list; none is left out, because
/// whoever asks offers no more than [`MOST_ROWS`].
pub fn shaped(answered: &Answered) -> Shape {
    let choices: Vec<&speaking::Button> = answered.rows.iter().flatten().collect();
    let text = answered.text.clone();
    if choices.is_empty() {
        return Shape::Text { text };
    }
    let fits = choices.len() <= MOST_BUTTONS && text.chars().count() <= LONGEST_OVER_BUTTONS;
    if answered.list.is_none() && fits {
        let titles = titles(&choices, LONGEST_BUTTON);
        let button =
            |(one, title): (&&speaking::Button, String)| Button { id: one.data.clone(), title };
        return Shape::Buttons { text, buttons: choices.iter().zip(titles).map(button).collect() };
    }
    let titles = titles(&choices, LONGEST_ROW);
    let row = |(one, title): (&&speaking::Button, String)| Row {
        id: one.data.clone(),
        description: if title == one.text {
            String::new()
        } else {
            cut(&one.text, LONGEST_DESCRIPTION)
        },
        title,
    };
    let rows = choices.iter().zip(titles).take(MOST_ROWS).map(row).collect();
    let button = cut(answered.list.as_deref().unwrap_or(UNNAMED), LONGEST_BUTTON);
    Shape::List { text, button, rows }
}

/// The words of each choice within so many letters; numbered where cutting made
/// two alike.
fn titles(choices: &[&speaking::Button], most: usize) -> Vec<String> {
    let short: Vec<String> = choices.iter().map(|one| cut(&one.text, most)).collect();
    let is_clear = short.iter().collect::<HashSet<_>>().len() == short.len();
    if is_clear {
        return short;
    }
    let numbered = |(index, one): (usize, &&speaking::Button)| {
        cut(&format!("{}. {}", index + 1, one.text), most)
    };
    choices.iter().enumerate().map(numbered).collect()
}

fn cut(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().count() <= most {
        return if text.is_empty() { UNNAMED.to_owned() } else { text.to_owned() };
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answered(text: &str, words: &[String], list: Option<&str>) -> Answered {
        let button = |(at, text): (usize, &String)| {
            vec![speaking::Button { text: text.clone(), data: format!("d:x:{at}") }]
        };
        let rows = words.iter().enumerate().map(button).collect();
        Answered { text: text.to_owned(), rows, list: list.map(str::to_owned), hand: None }
    }

    proptest! {
        #[test]
        fn whatever_is_asked_fits_and_each_choice_has_words_of_its_own(
            text in ".{1,2000}",
            words in prop::collection::vec("[абв ]{0,80}|[а-яәі ]{1,70}", 0..=10),
            list in prop::option::of(".{0,40}"),
        ) {
            let letters = |text: &str| text.chars().count();
            match shaped(&answered(&text, &words, list.as_deref())) {
                Shape::Text { .. } => prop_assert!(words.is_empty()),
                Shape::Buttons { text, buttons } => {
                    prop_assert!(letters(&text) <= 1024 && (1..=3).contains(&buttons.len()));
                    prop_assert_eq!(buttons.len(), words.len());
                    let titles: HashSet<_> = buttons.iter().map(|one| &one.title).collect();
                    prop_assert_eq!(titles.len(), words.len(), "{:?}", buttons);
                    prop_assert!(buttons.iter().all(|one| (1..=20).contains(&letters(&one.title))));
                }
                Shape::List { button, rows, .. } => {
                    prop_assert!((1..=20).contains(&letters(&button)));
                    prop_assert_eq!(rows.len(), words.len());
                    let titles: HashSet<_> = rows.iter().map(|one| &one.title).collect();
                    prop_assert_eq!(titles.len(), words.len(), "{:?}", rows);
                    prop_assert!(rows.iter().all(|one| (1..=24).contains(&letters(&one.title))
                        && letters(&one.description) <= 72));
                }
            }
        }
    }

    #[test]
    fn what_a_title_cannot_hold_stands_below_it() {
        let long = "Лечение среднего кариеса, 1 поверхность".to_owned();
        let other = "Лечение среднего кариеса, 2 поверхности".to_owned();
        let Shape::List { rows, .. } = shaped(&answered("?", &[long.clone(), other], Some("+")))
        else {
            panic!("no list");
        };
        assert_eq!(rows[0].title, "1. Лечение среднего кар…");
        assert_eq!(
            (rows[0].description.as_str(), rows[1].title.as_str()),
            (long.as_str(), "2. Лечение среднего кар…")
        );
    }
}
