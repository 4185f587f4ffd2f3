//! The filters of the log: as typed, as understood, and as a link.

use serde::{Deserialize, Serialize};

use super::PeriodView;
use crate::audit::kind::{Kind, kind_of};
use crate::audit::routes::words::{encoded, read_day};
use crate::audit::{Filter, Origin};
use crate::clinic::Clinic;
use crate::clock::Day;
use crate::web::FieldErrors;

/// Before the name of a kind, where an action is chosen.
const KIND: &str = "kind:";

/// Days of the periods that one click chooses.
const PERIODS: [(&str, i64); 3] = [("today", 1), ("week", 7), ("month", 30)];

/// The filters as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterForm {
    /// `22.11.2026` or ISO 8601.
    pub from: String,
    pub until: String,
    pub actor: String,
    /// An action, or `kind:look`.
    pub act: String,
    pub why: String,
    /// The number of a card; by POST also a name or a phone.
    pub card: String,
    /// An IP address, or the first 8 hex digits of a session.
    pub place: String,
    pub device: String,
    /// `on`: only what a finding rests on.
    pub flagged: String,
    pub before: Option<i64>,
}

/// What the fields mean, and what is wrong with each.
pub(super) struct Understood {
    pub filter: Filter,
    pub errors: FieldErrors,
}

impl FilterForm {
    /// Takes the patient's field away when it is not a number.
    pub(super) fn take_words(&mut self) -> Option<String> {
        let card = self.number().to_owned();
        if card.is_empty() || (card.len() < 8 && card.parse::<i64>().is_ok()) {
            self.card = card;
            return None;
        }
        self.card.clear();
        Some(card)
    }

    fn number(&self) -> &str {
        self.card.trim().trim_start_matches('№').trim()
    }

    /// `actions` are all that ever happened.
    pub(super) fn understand(&self, clinic: &Clinic, actions: &[String]) -> Understood {
        let mut errors = FieldErrors::new();
        let mut day = |field: &'static str, text: &str| {
            let read = read_day(text);
            if read.is_none() && !text.trim().is_empty() {
                errors.insert(field, "audit-error-day".to_owned());
            }
            read
        };
        let (first, last) = (day("from", &self.from), day("until", &self.until));
        let card = self.number();
        if !card.is_empty() && card.parse::<i64>().is_err() {
            errors.insert("card", "audit-error-card".to_owned());
        }
        let place = self.place.trim();
        let address = place.parse::<std::net::IpAddr>().ok().map(|ip| ip.to_string());
        let tag = place.len() == 8 && place.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !place.is_empty() && address.is_none() && !tag {
            errors.insert("place", "audit-error-place".to_owned());
        }
        let origin = Origin { address, device: chosen(&self.device) };
        let filter = Filter {
            actor: chosen(&self.actor),
            acts: self.acts(actions),
            why: chosen(&self.why),
            card: card.parse().ok(),
            origin: (origin != Origin::default()).then_some(origin),
            session: tag.then(|| place.to_lowercase()),
            flagged: !self.flagged.is_empty(),
            before: self.before,
            ..Filter::default()
        };
        let filter = filter.between(&clinic.profile.get().zone, first, last);
        Understood { filter, errors }
    }

    fn acts(&self, actions: &[String]) -> Option<Vec<String>> {
        let chosen = chosen(&self.act)?;
        let Some(kind) = chosen.strip_prefix(KIND).and_then(Kind::named) else {
            return Some(vec![chosen]);
        };
        Some(actions.iter().filter(|act| kind_of(act) == kind).cloned().collect())
    }

    /// The same filters at `path`, older than an entry or from the newest on.
    pub(super) fn link(&self, path: &str, before: Option<i64>) -> String {
        let before = before.map(|seq| seq.to_string()).unwrap_or_default();
        let fields = [
            ("from", &self.from),
            ("until", &self.until),
            ("actor", &self.actor),
            ("act", &self.act),
            ("why", &self.why),
            ("card", &self.card),
            ("place", &self.place),
            ("device", &self.device),
            ("flagged", &self.flagged),
            ("before", &before),
        ];
        let given = fields.iter().filter(|(_, value)| !value.trim().is_empty());
        let pairs: Vec<String> =
            given.map(|(name, value)| format!("{name}={}", encoded(value.trim()))).collect();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }

    pub(super) fn periods(&self, today: Day) -> Vec<PeriodView> {
        let period = |(name, days): (&'static str, i64)| {
            let first = crate::i18n::dates::numeric(today.plus_days(1 - days));
            let last = crate::i18n::dates::numeric(today);
            let chosen = self.from == first && self.until == last;
            let with = Self { from: first, until: last, before: None, ..self.clone() };
            PeriodView { name, href: with.link("/audit", None), chosen }
        };
        PERIODS.into_iter().map(period).collect()
    }
}

fn chosen(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_or_a_phone_never_stays_in_a_link() {
        for text in ["Мусин", "+7 701 123 45 67", "87011234567"] {
            let mut form = FilterForm { card: text.to_owned(), ..FilterForm::default() };
            assert_eq!(form.take_words().as_deref(), Some(text));
            assert_eq!(form.link("/audit", None), "/audit");
        }
        let mut form = FilterForm { card: " № 1482 ".to_owned(), ..FilterForm::default() };
        assert_eq!(form.take_words(), None);
        assert_eq!(form.link("/audit", Some(7)), "/audit?card=1482&before=7");
    }

    #[test]
    fn a_kind_stands_for_its_actions_and_for_none_where_there_are_none() {
        let form = FilterForm { act: "kind:look".to_owned(), ..FilterForm::default() };
        let actions = ["patient.viewed".to_owned(), "patient.edited".to_owned()];
        assert_eq!(form.acts(&actions), Some(vec!["patient.viewed".to_owned()]));
        assert_eq!(form.acts(&[]), Some(Vec::new()));
    }
}
