//! The answer to a request on paper, in Russian or Kazakh.

use crate::clock::{Civil, Timestamp};
use crate::contact::Iin;
use crate::i18n::{Language, dates};
use crate::incidents::papers::{Letterhead, Speech, printable};
use crate::paper::{Block as Part, Paper, SignatureLine};
use crate::patients::blocking::Block;
use crate::retention::{Fate, OfPatient};
use crate::subject_requests::extract::{Extract, MOST_ACCESSES};
use crate::subject_requests::model::{Kind, State};
use crate::subject_requests::store::AccessRow;
use crate::subject_requests::{Whole, answered_at};

/// What an answer is made from.
pub struct Reply<'a> {
    pub head: &'a Letterhead,
    pub whole: &'a Whole,
    /// Of whoever has a card here.
    pub extract: Option<&'a Extract>,
    pub kept: Option<&'a OfPatient>,
    pub block: Option<&'a Block>,
    pub now: Timestamp,
}

type Rows = Vec<(String, String)>;

impl Reply<'_> {
    pub fn paper(&self, speech: &Speech<'_>) -> Paper {
        let row = &self.whole.row;
        let number = [("number", row.number.into())];
        let title = speech.with("requests-paper-title", &number);
        let mut paper = Paper::new(&title, speech.language.tag(), self.now);
        paper.header_left.clone_from(&self.head.lines);
        paper.header_right = vec![speech.moment(answered_at(row).unwrap_or(self.now))];
        paper.footer.clone_from(&title);
        let name = [("name", printable(self.name()).into())];
        paper.blocks = vec![
            Part::Title(title),
            Part::Paragraph(speech.with("requests-paper-dear", &name).into()),
            Part::Table(self.facts(speech)),
        ];
        if self.whole.act.is_some() && self.whole.row.patient_id.is_none() {
            // Their name is destroyed: nobody is left to be addressed by it.
            paper.blocks.remove(1);
        }
        paper.blocks.extend(self.outcome(speech));
        if row.kind.blocks() {
            paper.blocks.extend(self.kept(speech));
        }
        if let Some(extract) = self.extract.filter(|_| self.tells_all()) {
            paper.blocks.extend(sections(speech, extract));
        }
        paper.blocks.push(Part::Heading(speech.say("requests-paper-contacts")));
        paper.blocks.push(Part::Paragraph(printable(&self.head.responsible).into()));
        let caption = speech.say("requests-paper-signature");
        let line = SignatureLine { description: caption.clone(), caption, drawing: None };
        paper.blocks.push(Part::Signatures(vec![line]));
        paper
    }

    fn name(&self) -> &str {
        if !self.whole.applicant.is_empty() {
            return &self.whole.applicant;
        }
        self.extract.map_or("", |extract| extract.patient.name.as_str())
    }

    /// Only an access that was granted tells what the clinic holds.
    fn tells_all(&self) -> bool {
        self.whole.row.kind == Kind::Access && self.whole.row.state == State::Answered
    }

    fn facts(&self, speech: &Speech<'_>) -> Rows {
        let row = &self.whole.row;
        let said = |key: &str, value: String| (speech.say(key), printable(&value));
        let kind = speech.say(&format!("requests-kind-{}", row.kind.name()));
        let mut rows = vec![
            said("requests-paper-kind", kind),
            said("requests-paper-received", speech.moment(row.received_at)),
        ];
        let document = self.whole.steps.iter().find_map(|step| step.document);
        rows.extend(document.map(|document| {
            let word = speech.say(&format!("requests-document-{}", document.name()));
            said("requests-paper-identity", word)
        }));
        rows.extend(answered_at(row).map(|at| said("requests-paper-answered", speech.moment(at))));
        rows
    }

    fn outcome(&self, speech: &Speech<'_>) -> Vec<Part> {
        let row = &self.whole.row;
        let mut parts = Vec::new();
        let last = self.whole.steps.last();
        match (row.state, last.and_then(|step| step.refusal)) {
            (State::Refused, Some(refusal)) => {
                let why = speech.say(&format!("requests-refusal-{}", refusal.name()));
                let basis = last.map(|step| match speech.language {
                    Language::Kk if !step.basis_kk.is_empty() => step.basis_kk.clone(),
                    _ => step.basis.clone(),
                });
                let basis = basis.unwrap_or_default();
                parts.push(Part::Paragraph(
                    speech.with("requests-paper-refused", &[("why", why.into())]).into(),
                ));
                let basis = [("basis", printable(&basis).into())];
                parts.push(Part::Paragraph(speech.with("requests-paper-basis", &basis).into()));
                parts.push(Part::Paragraph(speech.say("requests-paper-appeal").into()));
            }
            (State::Answered, _) if self.whole.act.is_some() => {
                let number = [("number", self.whole.act.unwrap_or_default().into())];
                // Of somebody whose card is still here only a part was destroyed.
                let rest = if self.kept.is_some() { "-rest" } else { "" };
                let text = speech.with(&format!("requests-paper-destroyed{rest}"), &number);
                parts.push(Part::Paragraph(text.into()));
            }
            (State::Answered, _) => {
                let text = speech.say(&format!("requests-paper-done-{}", row.kind.name()));
                parts.push(Part::Paragraph(text.into()));
            }
            _ => parts.push(Part::Paragraph(speech.say("requests-paper-in-work").into())),
        }
        let note = last.map(|step| match speech.language {
            Language::Kk => step.note_kk.as_str(),
            _ => step.note_ru.as_str(),
        });
        let note = note.filter(|note| !note.is_empty());
        parts.extend(note.map(|note| Part::Paragraph(printable(note).into())));
        parts
    }

    /// What a law keeps: blocked, until when, by which rule. Nothing is destroyed.
    fn kept(&self, speech: &Speech<'_>) -> Vec<Part> {
        let Some(kept) = self.kept else { return Vec::new() };
        let mut parts = vec![
            Part::Heading(speech.say("requests-paper-kept")),
            Part::Paragraph(speech.say("requests-paper-kept-why").into()),
            Part::Table(kept_rows(speech, kept)),
        ];
        if let Some(block) = self.block {
            let at = [("at", speech.moment(block.blocked_at).into())];
            parts.push(Part::Paragraph(speech.with("requests-paper-blocked", &at).into()));
            let basis = [("basis", printable(&block.basis).into())];
            parts.push(Part::Paragraph(speech.with("requests-paper-basis", &basis).into()));
        }
        parts
    }
}

/// Each kind of record with its date and the law behind it.
pub fn kept_rows(speech: &Speech<'_>, kept: &OfPatient) -> Rows {
    let mut rows = vec![(
        speech.say(&format!("retention-code-{}", kept.code.name())),
        fate(speech, &kept.card),
    )];
    // The newest visit goes last: its date is the end of them all.
    rows.extend(kept.visits.first().map(|(_, _, visit)| {
        let count = [("n", kept.totals.0.into())];
        (speech.with("requests-paper-visits", &count), fate(speech, visit))
    }));
    if !kept.consents.is_empty() {
        let count = [("n", kept.totals.1.into())];
        rows.push((speech.with("requests-paper-consents", &count), fate(speech, &kept.consent)));
    }
    rows
}

fn fate(speech: &Speech<'_>, fate: &Fate) -> String {
    let date = match fate.due {
        Some(due) => speech.with("requests-paper-until", &[("date", dates::numeric(due).into())]),
        None => speech.say("requests-paper-no-date"),
    };
    if fate.basis.is_empty() { date } else { format!("{date}. {}", printable(&fate.basis)) }
}

/// What the clinic holds, section by section.
fn sections(speech: &Speech<'_>, extract: &Extract) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut section = |key: &str, rows: Rows| {
        parts.push(Part::Heading(speech.say(key)));
        if rows.is_empty() {
            parts.push(Part::Paragraph(speech.say("requests-paper-nothing").into()));
        } else {
            parts.push(Part::Table(rows));
        }
    };
    section("requests-paper-card", card(speech, extract));
    section("requests-paper-all-visits", visits(speech, extract));
    section("followups-title", follow_ups(speech, extract));
    section("requests-paper-all-wishes", wishes(speech, extract));
    section("requests-paper-all-consents", consents(speech, extract));
    section("requests-paper-all-messages", messages(speech, extract));
    section("wanted-of-patient", wanted(speech, extract));
    section("requests-paper-transfers", transfers(speech, extract));
    section("requests-paper-all-online", online(speech, extract));
    section("requests-paper-accesses", accesses(speech, &extract.accesses));
    let full = i64::try_from(extract.accesses.len()) == Ok(MOST_ACCESSES);
    if full {
        parts.push(Part::Note(speech.say("requests-paper-accesses-more")));
    }
    parts
}

fn card(speech: &Speech<'_>, extract: &Extract) -> Rows {
    let of = &extract.patient;
    let iin = of.iin.as_ref().map(Iin::as_str).map(ToOwned::to_owned);
    let sex = of.sex.map(|sex| {
        let word = if sex == crate::contact::Sex::Male { "male" } else { "female" };
        speech.say(&format!("patients-sex-{word}"))
    });
    let all = [
        ("patients-number", Some(of.number.to_string())),
        ("patients-name", Some(of.name.clone())),
        ("patients-birth-date", of.birth_date.map(dates::numeric)),
        ("patients-field-sex", sex),
        ("patients-iin", iin.or_else(|| of.iin_unverified.clone())),
        (
            "patients-phone",
            Some([of.phones.clone(), of.other_contacts.clone()].concat().join(", ")),
        ),
        ("patients-field-email", of.email.as_ref().map(ToString::to_string)),
        ("patients-allergy", Some(of.allergy.clone())),
        ("patients-field-source", Some(of.source.clone())),
        ("patients-field-note", Some(of.note.clone())),
        ("requests-paper-registered", Some(speech.moment(of.registered_at))),
    ];
    let given = all.into_iter().filter_map(|(key, value)| Some((key, value?)));
    let given = given.filter(|(_, value)| !value.is_empty());
    given.map(|(key, value)| (speech.say(key), printable(&value))).collect()
}

fn visits(speech: &Speech<'_>, extract: &Extract) -> Rows {
    let rows = extract.visits.iter().map(|visit| {
        let starts: Option<Civil> = visit.starts.parse().ok();
        let when = starts.map(|at| format!("{} {}", dates::numeric(at.day()), dates::time(at)));
        let kazakh = speech.language == Language::Kk && !visit.service_kk.is_empty();
        let service = if kazakh { &visit.service_kk } else { &visit.service };
        let status = speech.say(&format!("shell-status-{}", visit.status));
        let said = [service, &visit.doctor, &status, &visit.comment];
        let said: Vec<&str> =
            said.into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        (when.unwrap_or_default(), printable(&said.join(" · ")))
    });
    rows.collect()
}

fn follow_ups(speech: &Speech<'_>, extract: &Extract) -> Rows {
    let rows = extract.follow_ups.iter().map(|one| {
        let kazakh = speech.language == Language::Kk && !one.service_kk.is_empty();
        let service = if kazakh { &one.service_kk } else { &one.service };
        let state = speech.say(&format!("followups-shown-{}", one.state));
        let note = match one.note.as_str() {
            "" => String::new(),
            note => speech.say(&format!("followups-note-{note}")),
        };
        let due = dates::numeric(one.due);
        let said = [service, &one.doctor, &due, &note, &state];
        let said: Vec<&str> =
            said.into_iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        (speech.moment(one.created_at), printable(&said.join(" · ")))
    });
    rows.collect()
}

fn wishes(speech: &Speech<'_>, extract: &Extract) -> Rows {
    let rows = extract.wishes.iter().map(|wish| {
        let kazakh = speech.language == Language::Kk && !wish.service_kk.is_empty();
        let service = if kazakh { &wish.service_kk } else { &wish.service };
        let state = speech.say(&format!("waitlist-state-{}", wish.state));
        let days =
            format!("{} – {}", dates::numeric(wish.first_day), dates::numeric(wish.last_day));
        (speech.moment(wish.created_at), printable(&format!("{service} · {days} · {state}")))
    });
    rows.collect()
}

fn consents(speech: &Speech<'_>, extract: &Extract) -> Rows {
    let rows = extract.consents.iter().map(|consent| {
        let kazakh = speech.language == Language::Kk;
        let title = if kazakh { &consent.title_kk } else { &consent.title };
        let state = match (consent.withdrawn_at, consent.outcome.as_deref()) {
            (Some(at), _) => {
                format!("{} {}", speech.say("consents-state-withdrawn"), speech.moment(at))
            }
            (None, Some("signed_on_paper")) => speech.say("consents-state-paper-signed"),
            (None, Some(outcome)) => speech.say(&format!("consents-state-{outcome}")),
            (None, None) => speech.say("consents-state-waiting"),
        };
        let said = format!("{} · {state}", title.clone().unwrap_or_default());
        (format!("{} · {}", consent.number, speech.moment(consent.prepared_at)), printable(&said))
    });
    rows.collect()
}

fn messages(speech: &Speech<'_>, extract: &Extract) -> Rows {
    let rows = extract.messages.iter().map(|message| {
        let said = format!("{}: {}", message.phone, message.text);
        (speech.moment(message.created_at), printable(&said))
    });
    rows.collect()
}

/// Each word of the patient's on messages to them, the newest first.
fn wanted(speech: &Speech<'_>, extract: &Extract) -> Rows {
    let rows = extract.wanted.iter().map(|one| {
        let said = [
            speech.say(&format!("wanted-aim-{}", one.aim.name())),
            speech.say(&format!("wanted-channel-{}", one.channel.name())),
            speech.say(if one.allowed { "wanted-yes" } else { "wanted-no" }),
            speech.say(&format!("wanted-source-{}", one.source.name())),
            one.reason.clone(),
        ];
        let said: Vec<_> = said.into_iter().filter(|text| !text.is_empty()).collect();
        (speech.moment(one.at), printable(&said.join(" · ")))
    });
    rows.collect()
}

/// Who got which classes of data, how often and when; law 94-V art. 24(1).
fn transfers(speech: &Speech<'_>, extract: &Extract) -> Rows {
    let rows = extract.transfers.iter().map(|one| {
        let kind = speech.say(&format!("messaging-gateway-{}", one.party));
        let name = if one.name.is_empty() { &kind } else { &one.name };
        let classes = one.classes.iter().map(|class| format!("transfers-class-{}", class.name()));
        let classes: Vec<_> = classes.map(|key| speech.say(&key)).collect();
        let country = speech.say(&format!("accountability-country-{}", one.country.name()));
        let said = speech.with(
            "requests-paper-transfers-row",
            &[
                ("country", country.into()),
                ("n", one.times.into()),
                ("first", speech.moment(one.first_at).into()),
                ("last", speech.moment(one.last_at).into()),
                ("classes", classes.join(", ").into()),
            ],
        );
        (printable(name), printable(&said))
    });
    rows.collect()
}

fn online(speech: &Speech<'_>, extract: &Extract) -> Rows {
    let rows = extract.online.iter().map(|booking| {
        let version = booking.consent_version.to_string();
        let key = "requests-paper-online-consent";
        let consent = speech.with(key, &[("version", version.into())]);
        let said = format!("{consent}, {} {}", speech.moment(booking.consented_at), booking.source);
        (speech.moment(booking.created_at), printable(said.trim()))
    });
    rows.collect()
}

/// Who looked, in words: the name of whoever works or worked here, else what
/// acts without a name.
fn accesses(speech: &Speech<'_>, accesses: &[AccessRow]) -> Rows {
    let rows = accesses.iter().map(|access| {
        let at = access.ts.parse::<jiff::Timestamp>().ok();
        let at = at.map(|at| speech.moment(Timestamp::from_unix_ms(at.as_millisecond())));
        let key = format!("audit-act-{}", access.act.replace(['.', '_'], "-"));
        let kind =
            if access.actor.starts_with("tablet:") { "tablet" } else { access.actor.as_str() };
        let nameless = || speech.say(&format!("audit-actor-{}", kind.replace(':', "-")));
        let who = access.name.clone().unwrap_or_else(nameless);
        let role = access.role.as_deref().unwrap_or_default();
        let staff = crate::vault::permission::Role::staff(role).is_some();
        let office = speech.say(&format!("{}-role-{role}", if staff { "shell" } else { "audit" }));
        let said = format!("{} · {who}, {office}", speech.say(&key));
        (at.unwrap_or_default(), printable(&said))
    });
    rows.collect()
}
