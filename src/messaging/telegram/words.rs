//! What the bot says. Messages of the outbox are made of neutral values only, in
//! the program's own words: no wording of a clinic's can carry more abroad.

use std::collections::BTreeMap;

use crate::i18n::{Language, Words};
use crate::messaging::text::{NEUTRAL, Purpose, Variable};
use crate::messaging::whatsapp::may_go;

/// A message of this purpose with its link. None when it may not go this way, or
/// its values cannot be read.
pub fn text(words: &Words, purpose: Purpose, language: Language, neutral: &str) -> Option<String> {
    let text = said(words, purpose, language, neutral)?;
    let values: BTreeMap<String, String> = serde_json::from_str(neutral).ok()?;
    let link = values.get(Variable::Link.name()).map(String::as_str).unwrap_or_default();
    if link.is_empty() || !purpose.takes_link() {
        return Some(text);
    }
    let link = words.with(language, "telegram-link", &[("link", link.into())]);
    Some(format!("{text}\n\n{link}"))
}

/// The same without its link, which a letter has behind a button.
pub fn said(words: &Words, purpose: Purpose, language: Language, neutral: &str) -> Option<String> {
    if !may_go(purpose) {
        return None;
    }
    let values: BTreeMap<String, String> = serde_json::from_str(neutral).ok()?;
    let value = |one: Variable| values.get(one.name()).cloned().unwrap_or_default();
    let named: Vec<(&str, String)> = NEUTRAL.iter().map(|one| (one.name(), value(*one))).collect();
    let args: Vec<_> = named.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
    let key = format!("telegram-text-{}", purpose.name().replace('_', "-"));
    Some(words.with(language, &key, &args))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messaging::text::Values;
    use crate::messaging::whatsapp::neutral_of;

    #[test]
    fn no_message_of_any_purpose_says_more_than_neutral_values() {
        let words = Words::load();
        let mut values = Values::new();
        for one in Variable::ALL {
            values = values.with(one, format!("<{}>", one.name()));
        }
        let neutral = neutral_of(&values);
        for purpose in Purpose::ALL {
            for language in Language::ALL {
                let said = text(&words, purpose, language, &neutral);
                assert_eq!(said.is_some(), may_go(purpose), "{purpose:?}");
                let Some(said) = said else { continue };
                assert!(said.contains("<clinic>"), "{said}");
                for one in Variable::ALL.into_iter().filter(|one| !NEUTRAL.contains(one)) {
                    assert!(!said.contains(&format!("<{}>", one.name())), "{said}");
                }
                let plain = |it: char| it != '{' && it != '}' && it != '\u{2068}';
                assert!(said.chars().all(plain), "{said}");
            }
        }
    }
}
