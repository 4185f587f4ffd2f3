//! The screen in each of its states, for those who render every view.

use crate::booking::routes::Choice;
use crate::booking::routes::repeat::rows::Row;
use crate::booking::routes::together::TogetherView;
use crate::booking::routes::together::form::{Line, Typed};
use crate::clock::{Civil, Timestamp};
use crate::ids::AppointmentId;
use crate::pages::View;

impl View for TogetherView {
    const TEMPLATE: &'static str = "booking/together.html";

    fn samples() -> Vec<Self> {
        let starts: Civil = "2026-11-23T10:00".parse().expect("a time");
        let choice = || vec![Choice { value: "1".to_owned(), label: "—".to_owned() }];
        let line = |number| Line { number, ..Line::default() };
        let blank = || Self {
            id: AppointmentId::new(Timestamp::from_unix_ms(1_795_402_800_000)),
            day: starts.day(),
            starts,
            ends: starts.plus_minutes(30),
            patient: "Мусин Ержан".to_owned(),
            service: "Лечение".to_owned(),
            doctor: "Сейтова А. Н.".to_owned(),
            notice: "",
            form: Typed { lines: vec![line(2), line(3)], ..Typed::default() },
            people: choice(),
            services: choice(),
            doctors: choice(),
            placings: choice(),
            rows: Vec::new(),
            chosen: 0,
        };
        let rows =
            || vec![Row::sample(2, true, ""), Row::sample(3, false, "booking-repeat-row-lost")];
        vec![
            blank(),
            Self { notice: "booking-together-none", ..blank() },
            Self { rows: rows(), chosen: 1, ..blank() },
            Self { rows: rows(), notice: "booking-repeat-lost", ..blank() },
        ]
    }
}
