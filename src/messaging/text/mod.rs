//! The wording of messages: templates a clinic edits, one for each purpose and
//! language.
//!
//! A template holds words, `{{ name }}` of a variable its purpose knows, and
//! `{% if name %}…{% else %}…{% endif %}`; nothing else is taken. Each variable
//! has a class ([`Class`]), which decides whether its value may leave the country;
//! each message is worded twice, the second time in neutral words ([`Worded`]).
//! A message is at most three SMS of the dear alphabet.

mod class;
mod grammar;
mod purpose;
mod telling;
mod values;

use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use crate::i18n::{Language, Words};
use crate::messaging::segments::Segments;

pub use class::{Class, Classes, Land, NEUTRAL, lint};
pub use purpose::{Purpose, standard};
pub use telling::clinical_word;
pub use values::{Values, Variable, plain};

/// SMS that one message may cost.
pub const MOST_PARTS: usize = 3;

/// Letters a template may have.
const LONGEST_SOURCE: usize = 1000;

/// Steps the template engine may take: a template of the longest kind needs a
/// few hundred.
const FUEL: u64 = 10_000;

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    #[error("the text is empty")]
    Empty,
    #[error("the text is longer than a template may be")]
    LongSource,
    /// Something in braces that is neither a variable nor `if`, `else`, `endif`.
    #[error("this part of the text is not understood: {0}")]
    NotUnderstood(String),
    #[error("this text knows no {0}")]
    UnknownVariable(String),
    /// In every case: with and without all that it asks for by `if`.
    #[error("this text has to name {}", .0.name())]
    Missing(Variable),
    /// With the clinic's own name and address it needs so many SMS.
    #[error("the message would take {0} SMS")]
    TooLong(usize),
    /// The clinic sends no links, and the text does not say how else to answer.
    #[error("the text says nothing where there is no link")]
    Linkless,
    /// It tells of health, and would leave the country.
    #[error("{} must not leave the country", .0.name())]
    Clinical(Variable),
    /// A word of the text itself does.
    #[error("{0:?} must not leave the country")]
    ClinicalWord(String),
    #[error("the template engine did not take the text")]
    Engine,
}

/// A message as the patient gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wording {
    pub text: String,
    pub segments: Segments,
    /// What the text names and has no room for.
    pub left_out: Vec<Variable>,
}

impl Wording {
    /// Of a text that is whole.
    pub fn of(text: String) -> Self {
        let segments = Segments::of(&text);
        Self { text, segments, left_out: Vec::new() }
    }
}

/// What a text that is too long is tried without, one after another.
const LEFT_OUT: [&[Variable]; 4] = [
    &[Variable::Address],
    &[Variable::Entrance],
    &[Variable::Address, Variable::Entrance],
    &[Variable::Address, Variable::Entrance, Variable::Preparation],
];

/// Puts values into a template. Used for previews and for sending alike.
///
/// # Errors
/// Says what is wrong with the template; a text that is too long is tried without
/// the address, the entrance and the preparation first.
pub fn word(
    purpose: Purpose,
    language: Language,
    source: &str,
    values: &Values,
) -> Result<Wording, TextError> {
    check(purpose, source)?;
    let needs_link = purpose.variables().contains(&(Variable::Link, true));
    if needs_link && !values.has(Variable::Link) && !grammar::tests(source, Variable::Link.name()) {
        return Err(TextError::Linkless);
    }
    let wording = fill(language, source, values)?;
    if wording.segments.parts <= MOST_PARTS {
        return Ok(wording);
    }
    let mut parts = wording.segments.parts;
    for left_out in LEFT_OUT {
        let fewer = left_out.iter().fold(values.clone(), |fewer, one| fewer.without(*one));
        let shorter = fill(language, source, &fewer)?;
        parts = shorter.segments.parts;
        if parts <= MOST_PARTS {
            let named = class::named(source)?;
            let is_gone = |one: &Variable| values.has(*one) && named.contains(one);
            let left_out = left_out.iter().copied().filter(is_gone).collect();
            return Ok(Wording { left_out, ..shorter });
        }
    }
    Err(TextError::TooLong(parts))
}

/// A message in the clinic's words and in neutral ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worded {
    pub home: Wording,
    /// Classes of what that holds.
    pub classes: Classes,
    /// For channels whose servers are abroad.
    pub abroad: Wording,
}

impl Worded {
    /// # Errors
    /// As [`word`].
    pub fn new(
        words: &Words,
        (purpose, language): (Purpose, Language),
        source: &str,
        values: &Values,
    ) -> Result<Self, TextError> {
        let home = word(purpose, language, source, values)?;
        let named = class::named(source)?.into_iter().filter(|one| values.has(*one));
        let abroad = abroad(words, (purpose, language), source, values)?;
        Ok(Self { home, classes: Classes::of(named), abroad })
    }

    /// What is handed over to a gateway there, and which classes that holds.
    pub fn for_land(&self, land: Land) -> (&Wording, Classes) {
        match land {
            Land::Home => (&self.home, self.classes.clone()),
            Land::Abroad => (&self.abroad, Classes::leaving()),
        }
    }
}

/// The same message without anything that must not leave: in the clinic's words
/// where they stand without it, else in the program's.
fn abroad(
    words: &Words,
    (purpose, language): (Purpose, Language),
    source: &str,
    values: &Values,
) -> Result<Wording, TextError> {
    let values = values.leaving();
    if class::stands_abroad(source) {
        let own = fill(language, source, &values)?;
        if own.segments.parts <= MOST_PARTS {
            return Ok(own);
        }
    }
    fill(language, &purpose.neutral(words, language), &values)
}

fn check(purpose: Purpose, source: &str) -> Result<(), TextError> {
    if source.trim().is_empty() {
        return Err(TextError::Empty);
    }
    if LONGEST_SOURCE < source.chars().count() {
        return Err(TextError::LongSource);
    }
    let named = grammar::named(source)?;
    let known = purpose.variables();
    for name in &named {
        if !known.iter().any(|(variable, _)| variable.name() == name) {
            return Err(TextError::UnknownVariable(name.clone()));
        }
    }
    let missing = known
        .iter()
        .find(|(variable, needed)| *needed && !grammar::always_says(source, variable.name()));
    missing.map_or(Ok(()), |(variable, _)| Err(TextError::Missing(*variable)))
}

fn fill(language: Language, source: &str, values: &Values) -> Result<Wording, TextError> {
    // No loader, no filters, no functions, no globals: words and values only.
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    let template = environment.template_from_str(source).map_err(|_| TextError::Engine)?;
    let text = template.render(values.context()).map_err(|_| TextError::Engine)?;
    let text = values::plain(language, &text);
    Ok(Wording::of(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Civil;

    fn values(language: Language) -> Values {
        let at: Civil = "2026-11-24T14:30".parse().unwrap();
        Values::new()
            .with(Variable::Clinic, "Стоматология «Жемчужина»")
            .with(Variable::Link, "https://clinic.example:8444/m/ABCDEFGHIJKLMNOPQRSTUV")
            .with(Variable::Phone, "+7 727 123 45 67")
            .with(Variable::Address, "Алматы, пр. Абая, 150/230, офис 12")
            .with(Variable::Entrance, "Вход со двора, 2 этаж")
            .with(Variable::Name, "Әйгерім")
            .with(Variable::Code, "123456")
            .with(Variable::Until, "14:30")
            .with(Variable::Expected, "14:45")
            .with(Variable::Count, "52")
            .with(Variable::Last, "25.10.2027")
            .with(Variable::Visits, "Александра 14:30, Александра 15:00")
            .with(Variable::Document, "A1B2-C3D4")
            .with(Variable::Doctor, "Сейтова А. Н.")
            .with(Variable::Service, "Лечение кариеса")
            .with(Variable::Preparation, "Не ешьте 4 часа")
            .at(&Words::load(), language, at)
    }

    #[test]
    fn every_standard_text_fits_three_sms_on_the_longest_day_in_every_language() {
        let words = Words::load();
        let longest: Civil = "2026-09-23T14:30".parse().unwrap();
        for purpose in Purpose::ALL {
            for language in Language::ALL {
                let values = values(language).at(&words, language, longest);
                let source = purpose.standard(&words, language);
                let wording = word(purpose, language, &source, &values);
                let parts = wording.as_ref().map(|wording| wording.segments.parts);
                assert!(parts.is_ok_and(|parts| parts <= MOST_PARTS), "{purpose:?} {wording:?}");
            }
        }
    }

    #[test]
    fn a_text_may_ask_for_everything_its_purpose_knows() {
        for purpose in Purpose::ALL {
            let known = purpose.variables();
            assert!(known.len() <= grammar::MOST_TESTED + 1, "{purpose:?}");
            let asked = known.iter().map(|(variable, _)| {
                let name = variable.name();
                format!("{{% if {name} %}}{{{{ {name} }}}}{{% endif %}}")
            });
            let source: String = asked.collect();
            assert_eq!(check(purpose, &source), Ok(()), "{purpose:?}");
        }
    }

    #[test]
    fn a_text_says_what_it_had_no_room_for() {
        let left_out = |filling: usize, named: &str| {
            let source = format!(
                "{} {{{{ date }}}} {{{{ time }}}} {{{{ link }}}} {named}",
                "ш".repeat(filling)
            );
            let whole = values(Language::Ru);
            word(Purpose::VisitReminder, Language::Ru, &source, &whole).unwrap().left_out
        };
        let both = "{{ entrance }} {{ address }}";
        assert_eq!(left_out(40, both), []);
        assert_eq!(left_out(80, both), [Variable::Address]);
        assert_eq!(left_out(110, both), [Variable::Address, Variable::Entrance]);
        assert_eq!(left_out(110, "{{ entrance }}"), [Variable::Entrance]);
    }

    #[test]
    fn what_stays_here_is_left_out_abroad_where_a_text_asks_for_it_by_if() {
        let words = Words::load();
        let of = (Purpose::VisitReminder, Language::Ru);
        let abroad = |source: &str| {
            let worded = Worded::new(&words, of, source, &values(Language::Ru)).unwrap();
            worded.abroad.text
        };
        let end = "Возьмите удостоверение. {{ date }} {{ time }} {{ link }}";
        let asked =
            abroad(&format!("{{% if preparation %}}{{{{ preparation }}}} {{% endif %}}{end}"));
        assert!(asked.starts_with("Возьмите удостоверение. 24 ноября"), "{asked}");
        let plain = abroad(&format!("{{{{ preparation }}}} {end}"));
        assert!(plain.contains("напоминаем") && !plain.contains("удостоверение"), "{plain}");
        let instead = "{% if preparation %}{{ preparation }}{% else %}Ешьте смело.{% endif %}";
        let instead = abroad(&format!("{instead} {end}"));
        assert!(!instead.contains("смело"), "{instead}");
        let shipped = purpose::standard(&words, Language::Ru, "messaging-text-visit-reminder-day");
        let shipped = abroad(&shipped);
        assert!(shipped.contains("удостоверение") && !shipped.contains("ешьте"), "{shipped}");
    }

    #[test]
    fn a_day_is_named_in_the_patients_language() {
        let say = |language| {
            let source = "{{ weekday }}, {{ date }}, {{ time }} {{ link }}";
            let wording = word(Purpose::BookingMade, language, source, &values(language));
            wording
                .unwrap()
                .text
                .replace(" https://clinic.example:8444/m/ABCDEFGHIJKLMNOPQRSTUV", "")
        };
        assert_eq!(say(Language::Ru), "вторник, 24 ноября 2026 г., 14:30");
        assert_eq!(say(Language::Kk), "сейсенбі, 2026 жылғы 24 қараша, 14:30");
        assert_eq!(say(Language::En), "Tuesday, 24 November 2026, 14:30");
    }

    #[test]
    fn a_value_that_is_a_sentence_ends_with_one_full_stop_wherever_it_stands() {
        let say = |source: &str| {
            let source = format!("{source} {{{{ date }}}} {{{{ time }}}} {{{{ link }}}}");
            let of = values(Language::Ru);
            word(Purpose::BookingMade, Language::Ru, &source, &of).unwrap().text
        };
        assert!(say("{{ preparation }}. Ждём").starts_with("Не ешьте 4 часа. Ждём"));
        assert!(say("{{ preparation }} Ждём").starts_with("Не ешьте 4 часа. Ждём"));
        assert!(say("{{ entrance }}... и").starts_with("Вход со двора, 2 этаж.... и"));
    }

    #[test]
    fn a_text_names_only_what_its_purpose_knows_and_all_it_needs() {
        let say =
            |source: &str| word(Purpose::ConsentCode, Language::Ru, source, &values(Language::Ru));
        assert_eq!(
            say("{{ clinic }}: {{ code }}").unwrap().text,
            "Стоматология «Жемчужина»: 123456"
        );
        assert_eq!(say("{{ clinic }}"), Err(TextError::Missing(Variable::Code)));
        let silent = "{{ clinic }}{% if code %}!{% endif %}";
        assert_eq!(say(silent), Err(TextError::Missing(Variable::Code)), "asked for, not said");
        assert_eq!(say(" "), Err(TextError::Empty));
        for stranger in ["service", "doctor", "diagnosis", "link", "iin"] {
            let source = format!("{{{{ clinic }}}} {{{{ code }}}} {{{{ {stranger} }}}}");
            assert_eq!(say(&source), Err(TextError::UnknownVariable(stranger.to_owned())));
        }
    }

    #[test]
    fn a_template_is_no_program() {
        let say = |source: &str| word(Purpose::Trial, Language::Ru, source, &values(Language::Ru));
        for program in [
            "{{ clinic * 1000000 }}",
            "{{ clinic|upper }}",
            "{% for x in clinic %}{% endfor %}{{ clinic }}",
            "{% include 'layout/page.html' %}{{ clinic }}",
            "{% macro a() %}{% endmacro %}{{ clinic }}",
            "{# hidden #}{{ clinic }}",
            "{{ clinic",
            "{{ clinic }} {% if clinic",
            "{{ clinic }} }}",
        ] {
            assert!(matches!(say(program), Err(TextError::NotUnderstood(_))), "{program}");
        }
        assert_eq!(say("{{ clinic }}{% if clinic %}"), Err(TextError::Engine));
        assert!(say("{% if clinic %}{{ clinic }}{% else %}-{% endif %}").is_ok());
    }

    #[test]
    fn a_text_that_is_too_long_goes_without_its_address_or_not_at_all() {
        let say =
            |source: &str| word(Purpose::BookingMade, Language::Ru, source, &values(Language::Ru));
        let needed = "{{ date }} {{ time }} {{ link }}";
        let nearly = format!("{}{{{{ address }}}}{needed}", "ж".repeat(110));
        assert!(!say(&nearly).unwrap().text.contains("Абая"));
        let hopeless = format!("{}{needed}", "ж".repeat(150));
        assert_eq!(say(&hopeless), Err(TextError::TooLong(4)));
    }

    #[test]
    fn money_and_typography_are_written_so_that_every_phone_shows_them() {
        let source = "12\u{a0}000\u{202f}₸ — {{ clinic }}\u{7}\r\nи ещё";
        let say =
            |language| word(Purpose::Trial, language, source, &values(language)).unwrap().text;
        assert_eq!(say(Language::Ru), "12 000 тг - Стоматология «Жемчужина»\nи ещё");
        assert!(say(Language::En).starts_with("12 000 KZT - "));
    }
}
