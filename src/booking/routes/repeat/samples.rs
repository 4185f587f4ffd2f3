//! The screen in each of its states, for those who render every view.

use crate::booking::routes::Choice;
use crate::booking::routes::repeat::RepeatView;
use crate::booking::routes::repeat::form::Typed;
use crate::booking::routes::repeat::rows::Row;
use crate::clock::{Civil, Timestamp};
use crate::ids::AppointmentId;
use crate::pages::View;
use crate::web::FieldErrors;

impl View for RepeatView {
    const TEMPLATE: &'static str = "booking/repeat.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let starts: Civil = "2026-11-23T10:00".parse().expect("a time");
        let choice = |value: &str| Choice { value: value.to_owned(), label: "—".to_owned() };
        let blank = || Self {
            id: AppointmentId::new(at),
            day: starts.day(),
            starts,
            minutes: 30,
            patient: "Мусин Ержан".to_owned(),
            service: "Лечение".to_owned(),
            doctor: "Сейтова А. Н.".to_owned(),
            errors: FieldErrors::new(),
            notice: "",
            form: Typed { count: "12".to_owned(), every: "4".to_owned(), ..Typed::default() },
            most: 52,
            units: vec![choice("weeks")],
            doctors: vec![choice("same")],
            rows: Vec::new(),
            chosen: 0,
        };
        let errors =
            ["count", "every"].map(|field| (field, "booking-repeat-error-count".to_owned()));
        let rows =
            || vec![Row::sample(2, true, ""), Row::sample(3, false, "booking-repeat-row-lost")];
        vec![
            blank(),
            Self { errors: errors.into(), ..blank() },
            Self { rows: rows(), chosen: 1, ..blank() },
            Self { rows: rows(), notice: "booking-repeat-lost", ..blank() },
        ]
    }
}
