//! Panels for the tests of templates.

use super::form::PanelForm;
use super::{Panel, PanelPatient, PanelView, SlotChoice};
use crate::booking::Advised;
use crate::booking::routes::Choice;
use crate::booking::routes::beside::Beside;
use crate::clock::{Civil, Timestamp};
use crate::ids::PatientId;
use crate::pages::View;
use crate::web::FieldErrors;

impl View for PanelView {
    const TEMPLATE: &'static str = "booking/panel.html";

    fn samples() -> Vec<Self> {
        let now = Timestamp::from_unix_ms(1_795_402_800_000);
        let starts: Civil = "2026-11-23T15:45".parse().expect("a time");
        let choice = || vec![Choice { value: "1".to_owned(), label: "—".to_owned() }];
        let blank = || Panel {
            errors: FieldErrors::new(),
            notice: String::new(),
            patient: None,
            beside: None,
            new_patient: false,
            form: PanelForm { service: "1".to_owned(), ..PanelForm::default() },
            services: choice(),
            doctors: choice(),
            not_performed: String::new(),
            performers: Vec::new(),
            advised: None,
            chairs: choice(),
            sources: choice(),
            minutes: 30,
            minutes_of: "/".to_owned(),
            slots: Vec::new(),
            day: starts.day(),
            wait_until: starts.day().plus_days(30),
            can_wait: true,
            can_book: true,
            can_overbook: false,
        };
        let patient = PanelPatient {
            id: PatientId::new(now),
            name: "Мусин Ержан".to_owned(),
            phone: "+77012345678".to_owned(),
            born: "1984".to_owned(),
            flags: vec!["allergy"],
            alert: "лидокаин".to_owned(),
        };
        let fields =
            ["query", "name", "phone", "service", "starts", "time", "minutes", "note", "reason"];
        let errors: FieldErrors =
            fields.into_iter().map(|field| (field, "booking-error-starts".to_owned())).collect();
        let slots = vec![SlotChoice { starts, label: "15:45".to_owned() }];
        let known = Panel {
            patient: Some(patient),
            beside: Some(Beside::sample(&["Ким Дана"])),
            slots,
            can_overbook: true,
            notice: "—".to_owned(),
            advised: Some(Advised { text: "—".to_owned(), services: choice() }),
            not_performed: "—".to_owned(),
            performers: choice(),
            errors: errors.clone(),
            ..blank()
        };
        let nothing = Panel {
            patient: known.patient.clone(),
            notice: String::new(),
            form: known.form.clone(),
            ..blank()
        };
        let new = Panel { new_patient: true, errors: errors.clone(), ..blank() };
        let wrong = Panel { errors, ..blank() };
        let reader = Panel { can_book: false, ..blank() };
        [blank(), known, nothing, new, wrong, reader].map(|panel| Self { panel }).into()
    }
}
