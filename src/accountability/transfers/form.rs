//! The filters of the log, as typed.

use serde::{Deserialize, Serialize};

use crate::accountability::transfers::Filter;
use crate::clock::{Civil, Day, Timestamp, Zone};
use crate::i18n::dates;
use crate::web::FieldErrors;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TransferForm {
    pub card: String,
    pub party: String,
    pub from: String,
    pub until: String,
    #[serde(skip_serializing)]
    pub page: String,
}

impl TransferForm {
    pub fn is_empty(&self) -> bool {
        [&self.card, &self.party, &self.from, &self.until].iter().all(|text| text.trim().is_empty())
    }

    /// From 1 on.
    pub fn page(&self) -> i64 {
        self.page.parse().ok().filter(|page| (1..=1_000_000).contains(page)).unwrap_or(1)
    }

    /// What is typed and what of it is wrong: that is left out.
    pub fn filter(&self, zone: &Zone) -> (Filter, FieldErrors) {
        let mut errors = FieldErrors::new();
        let mut day = |text: &str, field: &'static str| {
            let day = dates::read(text);
            if day.is_none() && !text.trim().is_empty() {
                errors.insert(field, "accountability-error-day".to_owned());
            }
            day
        };
        let (from, until) = (day(&self.from, "from"), day(&self.until, "until"));
        let card = self.card.trim().trim_start_matches('№').trim();
        let number = card.parse().ok();
        if number.is_none() && !card.is_empty() {
            errors.insert("card", "accountability-error-card".to_owned());
        }
        let filter = Filter {
            card: number,
            party: Some(self.party.trim().to_owned()).filter(|party| !party.is_empty()),
            from: from.and_then(|day| midnight(zone, day)),
            until: until.and_then(|day| midnight(zone, day.plus_days(1))),
        };
        (filter, errors)
    }
}

fn midnight(zone: &Zone, day: Day) -> Option<Timestamp> {
    Some(zone.instant(Civil::new(day, 0)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_days_of_a_span_are_in_it_and_what_is_mistyped_is_named() {
        let zone = Zone::named("Asia/Almaty").unwrap();
        let form = TransferForm {
            card: "№ 12".to_owned(),
            from: "23.11.2026".to_owned(),
            until: "23.11.2026".to_owned(),
            ..TransferForm::default()
        };
        let (filter, errors) = form.filter(&zone);
        assert!(errors.is_empty(), "{errors:?}");
        let ms = |at: Option<Timestamp>| at.unwrap().unix_ms();
        assert_eq!(ms(filter.until) - ms(filter.from), 24 * 60 * 60 * 1000);
        assert_eq!((filter.card, filter.party), (Some(12), None));
        let wrong = TransferForm { card: "x".into(), from: "31.02".into(), ..form };
        let (filter, errors) = wrong.filter(&zone);
        assert_eq!(errors.into_keys().collect::<Vec<_>>(), ["card", "from"]);
        assert_eq!((filter.card, filter.from), (None, None));
    }
}
