//! Samples of the pages, for the tests that draw every page.

use super::PeriodForm;
use super::rule::{CapacityRulePage, RuleForm};
use super::views::{CapacityPage, StretchView};
use crate::capacity::model::Tally;
use crate::capacity::price::Sold;
use crate::capacity::{Load, Rate};
use crate::clock::{Day, Timestamp};
use crate::ids::{AppointmentId, ResourceId};
use crate::pages::View;
use crate::web::FieldErrors;

fn load(name: &str, is_doctor: bool, own: Sold, set: Option<i64>) -> Load {
    let mut tally = Tally { used: 300, ..Tally::default() };
    tally.idle = [(60, 0), (0, 0), (30, 800_000), (15, 0), (15, 400_000), (0, 0), (75, 1)];
    Load {
        id: ResourceId::new(Timestamp::from_unix_ms(0)),
        name: name.to_owned(),
        is_doctor,
        rate: Rate::of(own, Sold { visits: 0, minutes: 60, tiyn: 1_000_000 }, set),
        tally,
        stretches: Vec::new(),
    }
}

fn period(first: &str, last: &str) -> PeriodForm {
    PeriodForm { first: first.to_owned(), last: last.to_owned() }
}

fn day(text: &str) -> Day {
    text.parse().expect("a day")
}

impl View for CapacityPage {
    const TEMPLATE: &'static str = "capacity/index.html";

    fn samples() -> Vec<Self> {
        let own = Sold { visits: 8, minutes: 300, tiyn: 6_000_000 };
        let loads = [
            load("Сейтова А. Н.", true, own, None),
            load("Оспанов Д. М.", true, Sold::default(), None),
            load("Кресло 1", false, own, Some(900_000)),
        ];
        let monday = day("2026-11-23");
        let form = period("23.11.2026", "23.11.2026");
        let mut one_day = Self::of(form, &loads, (monday, monday), monday, true);
        let stretch = |cause| StretchView {
            whose: "Сейтова А. Н.".to_owned(),
            from: "09:00".to_owned(),
            until: "09:30".to_owned(),
            cause,
            tiyn: 400_000,
            visit: Some(AppointmentId::new(Timestamp::from_unix_ms(0))),
        };
        one_day.stretches = vec![stretch(None), stretch(Some("no-show"))];
        let errors = FieldErrors::from([("first", "capacity-bad-day".to_owned())]);
        let refused = Self::refused(period("soon", "01.12.2026"), errors, false);
        let form = period("23.11.2026", "29.11.2026");
        let empty = Self::of(form, &[], (monday, day("2026-11-29")), day("2026-12-01"), false);
        vec![one_day, refused, empty]
    }
}

impl View for CapacityRulePage {
    const TEMPLATE: &'static str = "capacity/rule.html";

    fn samples() -> Vec<Self> {
        let form = |late: &str, hour: &str| RuleForm {
            late_hours: late.to_owned(),
            chair_hour: hour.to_owned(),
        };
        let errors = [("late_hours", "capacity-bad-late"), ("chair_hour", "capacity-bad-hour")];
        let errors = errors.map(|(field, key)| (field, key.to_owned()));
        vec![
            Self { form: form("24", "15000"), errors: FieldErrors::new(), done: true },
            Self { form: form("soon", "-1"), errors: FieldErrors::from(errors), done: false },
        ]
    }
}
