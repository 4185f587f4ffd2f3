//! What is said at each step, and the words of each choice.

use super::asking::Shown;
use super::model::{Pick, Step, Talk};
use crate::clinic::Clinic;
use crate::clock::Civil;
use crate::i18n::{Language, dates};
use crate::messaging::Channel;
use crate::online::State;

/// What stands before the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    Nothing,
    /// Somebody was quicker.
    Lost,
    /// What was typed is not understood.
    Again,
}

/// The question of a step.
pub fn question(
    clinic: &Clinic,
    (channel, language): (Channel, Language),
    talk: &Talk,
    shown: &Shown,
    before: Before,
) -> String {
    let words = clinic.pages.words();
    let say = |key: &str| words.plain(language, key);
    let is_empty = match talk.step {
        Step::Service => shown.facts.services.is_empty(),
        Step::Doctor => shown.facts.doctors.is_empty(),
        Step::Day => shown.facts.days.is_empty(),
        Step::Time => shown.facts.times.is_empty(),
        Step::Move => shown.facts.moments.is_empty(),
        _ => false,
    };
    let text = match talk.step {
        Step::Agree => {
            let consent = match language {
                Language::Ru => &shown.consent.russian,
                Language::Kk => &shown.consent.kazakh,
                Language::En => &shown.consent.english,
            };
            format!("{consent}\n\n{}", say(&here("dialogue-abroad", channel)))
        }
        Step::Confirm => summary(clinic, language, talk, shown),
        Step::Move if is_empty => say("dialogue-move-nothing"),
        _ if is_empty => say("dialogue-nothing-free"),
        Step::Service => say("dialogue-ask-service"),
        Step::Doctor => say("dialogue-ask-doctor"),
        Step::Day => say("dialogue-ask-day"),
        Step::Time => say("dialogue-ask-time"),
        Step::Name => say("dialogue-ask-name"),
        Step::Birth => say("dialogue-ask-birth"),
        Step::Move => when(clinic, language, "dialogue-ask-move", shown.stands),
    };
    match before {
        Before::Nothing => text,
        Before::Lost => format!("{}\n\n{text}", say("dialogue-lost")),
        Before::Again => format!("{}\n\n{text}", say("dialogue-not-understood")),
    }
}

/// All that was chosen, to be said yes to.
fn summary(clinic: &Clinic, language: Language, talk: &Talk, shown: &Shown) -> String {
    let words = clinic.pages.words();
    let service = talk.service.and_then(|id| shown.offer.service(id));
    let service = service.map_or("", |one| one.name.as_str());
    let doctor = talk.doctor.and_then(|id| shown.offer.doctor(id));
    let any = words.plain(language, "dialogue-any-doctor");
    let doctor = doctor.map_or(any.as_str(), |one| one.name.as_str());
    let day = talk.starts.map(|at| words.long_day(language, at.day())).unwrap_or_default();
    let time = talk.starts.map(dates::time).unwrap_or_default();
    let args = [
        ("service", service.into()),
        ("doctor", doctor.into()),
        ("day", day.as_str().into()),
        ("time", time.as_str().into()),
        ("name", talk.name.as_str().into()),
    ];
    words.with(language, "dialogue-ask-confirm", &args)
}

/// What was chosen so far, for the person who goes on. None: nothing.
pub fn chosen(clinic: &Clinic, language: Language, talk: &Talk, shown: &Shown) -> Option<String> {
    let words = clinic.pages.words();
    let service = talk.service.and_then(|id| shown.offer.service(id)).map(|one| one.name.clone());
    let doctor = talk.doctor.and_then(|id| shown.offer.doctor(id)).map(|one| one.name.clone());
    let (at, day) = (talk.starts.or(shown.stands), talk.day);
    let day = at.map(Civil::day).or(day).map(|day| words.long_day(language, day));
    let name = Some(talk.name.clone()).filter(|name| !name.is_empty());
    let all: Vec<String> =
        [service, doctor, day, at.map(dates::time), name].into_iter().flatten().collect();
    let what = all.join(" · ");
    let args = [("what", what.as_str().into())];
    let key = if talk.visit.is_some() { "dialogue-about-visit" } else { "dialogue-chosen" };
    (!all.is_empty()).then(|| words.with(language, key, &args))
}

/// The words of a choice.
pub fn label(clinic: &Clinic, language: Language, pick: &Pick, shown: &Shown) -> String {
    let words = clinic.pages.words();
    let say = |key: &str| words.plain(language, key);
    let text = match pick {
        Pick::Service(id) => {
            shown.offer.service(*id).map(|one| one.name.clone()).unwrap_or_default()
        }
        Pick::Doctor(Some(id)) => {
            shown.offer.doctor(*id).map(|one| one.name.clone()).unwrap_or_default()
        }
        Pick::Doctor(None) => say("dialogue-any-doctor"),
        Pick::Day(day) => words.day(language, *day),
        Pick::Time(at) => dates::time(*at),
        Pick::Moment(at) => format!("{}, {}", words.day(language, at.day()), dates::time(*at)),
        Pick::Link => say("dialogue-link"),
        Pick::Leave => say("dialogue-leave"),
        Pick::Agree => say("dialogue-agree"),
        Pick::Skip => say("dialogue-skip"),
        Pick::Confirm => say("dialogue-confirm"),
        Pick::Page(0) => say("dialogue-first"),
        Pick::Page(_) => say("dialogue-more"),
        Pick::Back => say("dialogue-back"),
        // In that language, for whoever reads only that one.
        Pick::Language => words.plain(other(language), "dialogue-language"),
        Pick::Person => say("dialogue-person"),
        Pick::Stop => say("dialogue-stop"),
        Pick::Begin => say("dialogue-begin"),
    };
    if text.is_empty() { "…".to_owned() } else { text.chars().take(64).collect() }
}

/// A text that names the messenger, or how it is spoken with there.
pub fn here(key: &str, channel: Channel) -> String {
    match channel {
        Channel::Whatsapp => format!("{key}-whatsapp"),
        Channel::Telegram | Channel::Instagram | Channel::Email | Channel::Sms | Channel::Site => {
            key.to_owned()
        }
    }
}

/// The other of the two languages that patients are asked in.
pub fn other(language: Language) -> Language {
    match language {
        Language::Kk => Language::Ru,
        Language::Ru | Language::En => Language::Kk,
    }
}

/// The words that open these choices, where they are a list.
pub fn list(picks: &[Pick]) -> Option<&'static str> {
    picks.iter().find_map(|pick| match pick {
        Pick::Service(_) => Some("dialogue-list-service"),
        Pick::Doctor(_) => Some("dialogue-list-doctor"),
        Pick::Day(_) => Some("dialogue-list-day"),
        Pick::Time(_) | Pick::Moment(_) => Some("dialogue-list-time"),
        _ => None,
    })
}

/// What a question offers, without the ways around it that stand under each.
pub fn offered(picks: &[Pick], rows: &[Vec<String>]) -> Vec<String> {
    let around = |pick: &Pick| {
        matches!(pick, Pick::Page(_) | Pick::Back | Pick::Language | Pick::Person | Pick::Stop)
    };
    let words = rows.iter().flatten();
    let all = picks.iter().zip(words).filter(|(pick, _)| !around(pick));
    all.map(|(_, words)| words.clone()).collect()
}

/// Choices side by side: times four, days two, all else one by one.
pub fn beside(pick: &Pick) -> usize {
    match pick {
        Pick::Time(_) => 4,
        Pick::Day(_) | Pick::Moment(_) | Pick::Person | Pick::Stop | Pick::Leave => 2,
        _ => 1,
    }
}

/// What became of a booking.
pub fn end(clinic: &Clinic, language: Language, talk: &Talk, state: State) -> String {
    when(clinic, language, &format!("dialogue-end-{}", state.name()), talk.starts)
}

/// A text with a day and a time in it.
pub fn when(clinic: &Clinic, language: Language, key: &str, at: Option<Civil>) -> String {
    let words = clinic.pages.words();
    let day = at.map(|at| words.long_day(language, at.day())).unwrap_or_default();
    let time = at.map(dates::time).unwrap_or_default();
    words.with(language, key, &[("day", day.as_str().into()), ("time", time.as_str().into())])
}
