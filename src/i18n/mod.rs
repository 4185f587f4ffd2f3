//! The words of the interface: Fluent messages in `locales/`, one file per
//! capability and language.

pub mod dates;

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use rust_embed::RustEmbed;
use serde::{Deserialize, Serialize};

#[derive(RustEmbed)]
#[folder = "locales"]
struct Locales;

/// A language of the interface and of what is sent to patients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Language {
    #[default]
    Ru,
    Kk,
    En,
}

/// All messages in all languages.
pub struct Words(HashMap<Language, FluentBundle<FluentResource>>);

impl Language {
    pub const ALL: [Self; 3] = [Self::Ru, Self::Kk, Self::En];

    /// BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ru => "ru",
            Self::Kk => "kk",
            Self::En => "en",
        }
    }

    /// The first of an `Accept-Language` header (RFC 9110 12.5.4) that we speak.
    pub fn accepted(header: &str) -> Option<Self> {
        header.split(',').find_map(|part| part.trim().get(..2)?.parse().ok())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("not a language of the interface")]
pub struct UnknownLanguage;

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.tag() == tag).ok_or(UnknownLanguage)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl Words {
    /// # Panics
    /// When a file does not parse: a mistake in this program, seen by every test.
    pub fn load() -> Self {
        let bundles = Language::ALL.map(|language| (language, bundle(language)));
        Self(bundles.into_iter().collect())
    }

    /// The message in that language, else in Russian. None when there is no such key.
    pub fn say(&self, language: Language, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        [language, Language::Ru].into_iter().find_map(|language| {
            let bundle = &self.0[&language];
            let pattern = bundle.get_message(key)?.value()?;
            Some(bundle.format_pattern(pattern, Some(args), &mut Vec::new()).into_owned())
        })
    }

    /// A message without arguments; the key itself when there is none, which
    /// the suite's walk over all keys keeps from happening.
    pub fn plain(&self, language: Language, key: &str) -> String {
        self.say(language, key, &FluentArgs::new()).unwrap_or_else(|| key.to_owned())
    }

    /// A message with arguments, such as `&[("count", 3.into())]`.
    pub fn with(
        &self,
        language: Language,
        key: &str,
        args: &[(&str, fluent_bundle::FluentValue<'_>)],
    ) -> String {
        let mut list = FluentArgs::new();
        for (name, value) in args {
            list.set(*name, value.clone());
        }
        self.say(language, key, &list).unwrap_or_else(|| key.to_owned())
    }

    /// Every key of a language, sorted: the suite compares the three.
    pub fn keys(language: Language) -> Vec<String> {
        let mut keys: Vec<String> = sources(language)
            .flat_map(|source| {
                source
                    .lines()
                    .filter_map(|line| line.split_once(" ="))
                    .map(|(key, _)| key.to_owned())
                    .filter(|key| key.starts_with(|c: char| c.is_ascii_lowercase()))
                    .collect::<Vec<_>>()
            })
            .collect();
        keys.sort();
        keys
    }
}

fn sources(language: Language) -> impl Iterator<Item = String> {
    let folder = format!("{}/", language.tag());
    Locales::iter().filter(move |path| path.starts_with(&folder)).map(|path| {
        let file = Locales::get(&path).expect("it was listed");
        String::from_utf8(file.data.into_owned()).expect("locales are UTF-8")
    })
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let tag = language.tag().parse().expect("a language tag");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Isolation marks are for mixed writing directions; in SMS they cost money.
    bundle.set_use_isolating(false);
    for source in sources(language) {
        let resource = match FluentResource::try_new(source) {
            Ok(resource) => resource,
            Err((_, errors)) => panic!("locales/{language}: {errors:?}"),
        };
        if let Err(errors) = bundle.add_resource(resource) {
            panic!("locales/{language}: {errors:?}");
        }
    }
    bundle
}
