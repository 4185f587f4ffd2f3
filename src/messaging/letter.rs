//! A message as a letter: neutral words only, because mailboxes lie abroad
//! wherever the clinic's own server is (94-V art. 16), with the link to the
//! clinic's own machine behind a button, and one press to get no more of them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::clinic::Clinic;
use crate::i18n::{Language, Words};
use crate::messaging::gateway::{Mailer, Outcome, Reason};
use crate::messaging::model::{Due, Leaving};
use crate::messaging::store;
use crate::messaging::telegram;
use crate::messaging::text::{Purpose, Variable};
use crate::pages::{Chrome, View};
use crate::post::{self, Letter, List};
use crate::vault::{Event, Subject, Tx, VaultError};

/// What programs that show pages show.
#[derive(Debug, Serialize)]
pub struct LetterPage {
    subject: String,
    clinic: String,
    /// The clinic's; empty without one.
    phone: String,
    paragraphs: Vec<String>,
    /// Where the visit is answered for; empty where there is nothing to answer.
    link: String,
    /// Where no more letters are chosen; empty without one.
    writing: String,
}

/// What a letter says, without how it looks.
struct Said {
    page: LetterPage,
    /// For programs that show no pages.
    text: String,
    /// Where one press ends letters (RFC 8058).
    leave_at: Option<String>,
}

/// Hands a message over as a letter, once.
pub(super) async fn post(
    clinic: &Clinic,
    mailer: &Mailer,
    due: &Due,
    leaving: &Leaving,
) -> Outcome {
    let Some(to) = due.letter_to() else { return Outcome::Rejected(Reason::NoMailbox) };
    let profile = clinic.profile.get();
    let neutral = leaving.neutral.as_deref().unwrap_or_default();
    let words = clinic.pages.words();
    let Some(said) = said(words, due.purpose, due.language, neutral) else {
        return Outcome::Rejected(Reason::Parameters);
    };
    let chrome = Chrome { clinic_name: profile.name.clone(), ..Chrome::plain(due.language) };
    let Ok(page) = clinic.pages.render(&chrome, &said.page) else {
        return Outcome::Rejected(Reason::Parameters);
    };
    let letter = Letter {
        number: &due.id.to_string(),
        from: &profile.name,
        sender: mailer.sender(),
        to: &to,
        written: clinic.clock().now(),
        language: due.language,
        subject: &said.page.subject,
        text: &said.text,
        page: Some(&page),
        attached: None,
        list: Some(List { name: "visits", leave_at: said.leave_at.as_deref() }),
    };
    match post::compose(&letter) {
        Ok(bytes) => mailer.carry(&to, &bytes).await,
        Err(_) => Outcome::Rejected(Reason::Parameters),
    }
}

/// A mailbox that its server does not know is not written to again.
pub(super) async fn refuse_in(
    tx: &mut Tx,
    due: &Due,
    outcome: &Outcome,
) -> Result<Option<Event>, VaultError> {
    let (Some(patient), Some(email)) = (due.patient_id, due.letter_to()) else { return Ok(None) };
    let is_nobodys = *outcome == Outcome::Rejected(Reason::NoMailbox);
    if !is_nobodys || !store::refuse_email(tx, patient, &email).await? {
        return Ok(None);
    }
    let event = Event::new("patient.email_refused", Subject::Patient(patient));
    Ok(Some(event.touching(format!("patient:{patient}"))))
}

/// None when a message of this purpose may not go this way, or its values cannot
/// be read.
fn said(words: &Words, purpose: Purpose, language: Language, neutral: &str) -> Option<Said> {
    let text = telegram::words(words, purpose, language, neutral)?;
    let values: BTreeMap<String, String> = serde_json::from_str(neutral).ok()?;
    let value = |one: Variable| values.get(one.name()).cloned().unwrap_or_default();
    let (link, clinic, phone) =
        (value(Variable::Link), value(Variable::Clinic), value(Variable::Phone));
    let link = if purpose.takes_link() { link } else { String::new() };
    // A link to a visit leads to what may be written, too; others do not.
    let of_visit = Some(&link).filter(|link| link.contains("/m/"));
    let writing = of_visit.map(|link| format!("{link}/writing")).unwrap_or_default();
    let leave_at = of_visit.map(|link| format!("{link}/leave"));
    let named = [Variable::Clinic, Variable::Weekday, Variable::Date, Variable::Time]
        .map(|one| (one.name(), value(one)));
    let args = named.each_ref().map(|(name, value)| (*name, value.as_str().into()));
    let subject = words.with(language, subject_key(purpose), &args);
    let paragraphs = text.split("\n\n").map(str::to_owned).collect();
    let mut whole = text;
    if !link.is_empty() {
        let answer = words.plain(language, "messaging-letter-answer");
        whole = format!("{whole}\n\n{answer}: {link}");
    }
    whole = format!("{whole}\n\n-- \n{clinic}");
    if !phone.is_empty() {
        whole = format!("{whole}, {phone}");
    }
    if !writing.is_empty() {
        let stop = words.plain(language, "messaging-letter-stop");
        whole = format!("{whole}\n{stop}: {writing}");
    }
    let page = LetterPage { subject, clinic, phone, paragraphs, link, writing };
    Some(Said { page, text: whole, leave_at })
}

fn subject_key(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::BookingMade | Purpose::SeriesMade => "messaging-letter-made",
        Purpose::BookingMoved => "messaging-letter-moved",
        Purpose::BookingCancelled => "messaging-letter-cancelled",
        Purpose::DoctorAway | Purpose::DoctorLate | Purpose::DoctorOnTime => {
            "messaging-letter-changed"
        }
        Purpose::VisitReminder | Purpose::FamilyReminder => "messaging-letter-reminder",
        Purpose::WaitlistOffer => "messaging-letter-free",
        _ => "messaging-letter-other",
    }
}

impl View for LetterPage {
    const TEMPLATE: &'static str = "messaging/letter.html";

    fn samples() -> Vec<Self> {
        let page = |link: &str| Self {
            subject: "A".to_owned(),
            clinic: "Tirkeu".to_owned(),
            phone: if link.is_empty() { String::new() } else { "+77273550000".to_owned() },
            paragraphs: vec!["B".to_owned(), "C".to_owned()],
            link: link.to_owned(),
            writing: if link.is_empty() { String::new() } else { format!("{link}/writing") },
        };
        vec![page("https://tirkeu.example/m/AAAA"), page("")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messaging::text::{NEUTRAL, Values};
    use crate::messaging::whatsapp::{may_go, neutral_of};

    #[test]
    fn no_letter_of_any_purpose_says_more_than_neutral_values() {
        let words = Words::load();
        let mut values = Values::new();
        for one in Variable::ALL {
            values = values.with(one, format!("<{}>", one.name()));
        }
        let neutral = neutral_of(&values);
        for purpose in Purpose::ALL {
            for language in Language::ALL {
                let Some(said) = said(&words, purpose, language, &neutral) else {
                    assert!(!may_go(purpose), "{purpose:?}");
                    continue;
                };
                let all = format!("{}\n{}\n{:?}", said.page.subject, said.text, said.page);
                for one in Variable::ALL.into_iter().filter(|one| !NEUTRAL.contains(one)) {
                    assert!(!all.contains(&format!("<{}>", one.name())), "{purpose:?}: {all}");
                }
                assert!(!all.contains('{') || all.contains("LetterPage {"), "{all}");
            }
        }
    }

    #[test]
    fn a_link_to_a_visit_ends_letters_by_one_press_and_another_does_not() {
        let words = Words::load();
        let of = |link: &str| {
            let values = Values::new().with(Variable::Clinic, "Арай").with(Variable::Link, link);
            said(&words, Purpose::BookingMade, Language::Ru, &neutral_of(&values)).unwrap()
        };
        let visit = of("https://arai.kz/m/AAAA");
        assert_eq!(visit.leave_at.as_deref(), Some("https://arai.kz/m/AAAA/leave"));
        assert!(visit.text.contains("https://arai.kz/m/AAAA/writing"), "{}", visit.text);
        assert_eq!(of("https://arai.kz/w/AAAA").leave_at, None);
        assert_eq!(of("").page.link, "");
    }
}
