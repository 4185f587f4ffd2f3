//! The wording of messages: templates a clinic edits, one for each purpose and
//! language.
//!
//! A template holds words, `{{ name }}` of a variable its purpose knows, and
//! `{% if name %}…{% else %}…{% endif %}`; nothing else is taken. No variable
//! carries anything clinical (94-V on health data; KAZAKHSTAN.md 3.5): not the
//! service, not the doctor's speciality, not a sum. A message is at most three
//! SMS of the dear alphabet.

mod grammar;
mod values;

use minijinja::{Environment, UndefinedBehavior};
use serde::{Deserialize, Serialize};

use crate::i18n::{Language, Words};
use crate::messaging::segments::Segments;

pub use values::{Values, Variable, plain};

/// SMS that one message may cost.
pub const MOST_PARTS: usize = 3;

/// Letters a template may have.
const LONGEST_SOURCE: usize = 1000;

/// Steps the template engine may take: a template of the longest kind needs a
/// few hundred.
const FUEL: u64 = 10_000;

/// Why a message goes out. Each has its text.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type,
)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum Purpose {
    /// "You are booked": at once, with the link to answer by.
    BookingMade,
    /// "You are booked for so many visits": once for a whole series.
    SeriesMade,
    BookingMoved,
    BookingCancelled,
    /// "The doctor is away": choose another time by the link.
    DoctorAway,
    /// "The doctor runs late": come, and know that it begins later.
    DoctorLate,
    /// "In time after all": to whoever was told of a wait.
    DoctorOnTime,
    /// "You are expected": a step of the reminder chain, whose wordings stand there.
    VisitReminder,
    /// The same about several visits of one telephone on one day.
    FamilyReminder,
    /// "A time is free": to somebody on the waiting list.
    WaitlistOffer,
    /// "You said that you will come": to whoever wrote back.
    ReplyConfirmed,
    ReplyCancelled,
    /// The link to other times, to whoever asked for one by SMS.
    ReplyMove,
    /// "Somebody will see to it": what could not be done at once.
    ReplyHanded,
    /// The code that signs a consent.
    ConsentCode,
    /// The code that proves a phone before somebody books online.
    BookingCode,
    /// The test button of the gateway's page.
    Trial,
    /// What somebody at the desk wrote.
    StaffText,
}

impl Purpose {
    /// All that have a wording: what the desk writes has none.
    pub const ALL: [Self; 17] = [
        Self::BookingMade,
        Self::SeriesMade,
        Self::BookingMoved,
        Self::BookingCancelled,
        Self::DoctorAway,
        Self::DoctorLate,
        Self::DoctorOnTime,
        Self::VisitReminder,
        Self::FamilyReminder,
        Self::WaitlistOffer,
        Self::ReplyConfirmed,
        Self::ReplyCancelled,
        Self::ReplyMove,
        Self::ReplyHanded,
        Self::ConsentCode,
        Self::BookingCode,
        Self::Trial,
    ];

    /// The name in the database, in addresses and in the keys of `locales/`.
    pub fn name(self) -> &'static str {
        match self {
            Self::BookingMade => "booking_made",
            Self::SeriesMade => "series_made",
            Self::BookingMoved => "booking_moved",
            Self::BookingCancelled => "booking_cancelled",
            Self::DoctorAway => "doctor_away",
            Self::DoctorLate => "doctor_late",
            Self::DoctorOnTime => "doctor_on_time",
            Self::VisitReminder => "visit_reminder",
            Self::FamilyReminder => "family_reminder",
            Self::WaitlistOffer => "waitlist_offer",
            Self::ReplyConfirmed => "reply_confirmed",
            Self::ReplyCancelled => "reply_cancelled",
            Self::ReplyMove => "reply_move",
            Self::ReplyHanded => "reply_handed",
            Self::ConsentCode => "consent_code",
            Self::BookingCode => "booking_code",
            Self::Trial => "trial",
            Self::StaffText => "staff_text",
        }
    }

    /// Whether it can be written anew when it did not arrive. A code cannot: the
    /// tablet sends another.
    pub fn may_be_repeated(self) -> bool {
        matches!(
            self,
            Self::BookingMade | Self::BookingMoved | Self::BookingCancelled | Self::DoctorAway
        )
    }

    /// What its text may name, and whether it has to.
    pub fn variables(self) -> &'static [(Variable, bool)] {
        use Variable::{
            Address, Clinic, Code, Count, Date, Document, Expected, Last, Link, Name, Phone, Time,
            Until, Visits, Weekday,
        };
        match self {
            Self::SeriesMade => &[
                (Clinic, false),
                (Count, true),
                (Weekday, false),
                (Date, true),
                (Time, true),
                (Last, false),
                (Link, true),
                (Name, false),
                (Address, false),
                (Phone, false),
            ],
            Self::WaitlistOffer => &[
                (Clinic, false),
                (Weekday, false),
                (Date, true),
                (Time, true),
                (Until, true),
                (Link, true),
                (Name, false),
                (Phone, false),
            ],
            Self::FamilyReminder => &[
                (Clinic, false),
                (Weekday, false),
                (Date, true),
                (Visits, true),
                (Link, true),
                (Address, false),
                (Phone, false),
            ],
            Self::BookingMade | Self::BookingMoved | Self::DoctorAway | Self::VisitReminder => &[
                (Clinic, false),
                (Weekday, false),
                (Date, true),
                (Time, true),
                (Link, true),
                (Name, false),
                (Address, false),
                (Phone, false),
            ],
            Self::DoctorLate => &[
                (Clinic, false),
                (Weekday, false),
                (Date, false),
                (Time, true),
                (Expected, true),
                (Link, false),
                (Name, false),
                (Phone, false),
            ],
            Self::DoctorOnTime => &[
                (Clinic, false),
                (Weekday, false),
                (Date, false),
                (Time, true),
                (Link, false),
                (Name, false),
                (Phone, false),
            ],
            Self::BookingCancelled => &[
                (Clinic, false),
                (Weekday, false),
                (Date, true),
                (Time, true),
                (Name, false),
                (Phone, false),
            ],
            Self::ReplyConfirmed | Self::ReplyCancelled => {
                &[(Clinic, false), (Weekday, false), (Date, true), (Visits, true), (Phone, false)]
            }
            Self::ReplyMove => &[(Clinic, false), (Link, true), (Phone, false)],
            Self::ReplyHanded => &[(Clinic, false), (Phone, false)],
            Self::ConsentCode => &[(Clinic, true), (Code, true), (Document, false)],
            Self::BookingCode => &[(Clinic, true), (Code, true)],
            Self::Trial => &[(Clinic, true)],
            Self::StaffText => &[],
        }
    }

    /// The text this program comes with, as a template.
    pub fn standard(self, words: &Words, language: Language) -> String {
        standard(words, language, &format!("messaging-text-{}", self.name().replace('_', "-")))
    }
}

/// A text this program comes with, by its key, as a template.
pub fn standard(words: &Words, language: Language, key: &str) -> String {
    let names: Vec<(&str, String)> = Variable::ALL
        .iter()
        .map(|variable| (variable.name(), format!("{{{{ {} }}}}", variable.name())))
        .collect();
    let args: Vec<_> = names.iter().map(|(name, shown)| (*name, shown.as_str().into())).collect();
    words.with(language, key, &args)
}

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
    #[error("this text has to name {}", .0.name())]
    Missing(Variable),
    /// With the clinic's own name and address it needs so many SMS.
    #[error("the message would take {0} SMS")]
    TooLong(usize),
    /// The clinic sends no links, and the text does not say how else to answer.
    #[error("the text says nothing where there is no link")]
    Linkless,
    #[error("the template engine did not take the text")]
    Engine,
}

/// A message as the patient gets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wording {
    pub text: String,
    pub segments: Segments,
}

/// Puts values into a template. Used for previews and for sending alike.
///
/// # Errors
/// Says what is wrong with the template; a text that is too long with its
/// address is tried without it first.
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
    let shorter = fill(language, source, &values.clone().without(Variable::Address))?;
    match shorter.segments.parts {
        parts if parts <= MOST_PARTS => Ok(shorter),
        parts => Err(TextError::TooLong(parts)),
    }
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
        .find(|(variable, needed)| *needed && !named.iter().any(|name| name == variable.name()));
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
    let segments = Segments::of(&text);
    Ok(Wording { text, segments })
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
            .with(Variable::Name, "Әйгерім")
            .with(Variable::Code, "123456")
            .with(Variable::Until, "14:30")
            .with(Variable::Expected, "14:45")
            .with(Variable::Count, "52")
            .with(Variable::Last, "25.10.2027")
            .with(Variable::Visits, "Александра 14:30, Александра 15:00")
            .with(Variable::Document, "A1B2-C3D4")
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
    fn a_text_names_only_what_its_purpose_knows_and_all_it_needs() {
        let say =
            |source: &str| word(Purpose::ConsentCode, Language::Ru, source, &values(Language::Ru));
        assert_eq!(
            say("{{ clinic }}: {{ code }}").unwrap().text,
            "Стоматология «Жемчужина»: 123456"
        );
        assert_eq!(say("{{ clinic }}"), Err(TextError::Missing(Variable::Code)));
        assert_eq!(say(" "), Err(TextError::Empty));
        for stranger in ["service", "diagnosis", "link", "iin"] {
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
