//! Calendars of clinics, and what they tell.

use super::*;
use crate::interop::guess::Kind;
use crate::interop::interpret::{Content, Known, interpret, open};

/// What a calendar comes to: row, when, doctor, person, service, reasons.
fn told(text: &str) -> Vec<String> {
    let today = jiff::civil::date(2026, 11, 22);
    let file = open("journal.csv", text.as_bytes(), None, today).unwrap();
    assert!(file.layouts.iter().all(|layout| layout.kind == Kind::Journal), "{:?}", file.layouts);
    let outcome = interpret(&[file], &Known::default(), today);
    let mut told = Vec::new();
    for line in &outcome.lines {
        let Content::Visit(visit) = &line.content else { continue };
        let when = [
            visit.day.map(|day| day.to_string()).unwrap_or_default(),
            visit.start.map(|at| at.strftime("%H:%M").to_string()).unwrap_or_default(),
        ];
        let card = visit.card.map(|at| {
            let phones = outcome.cards[at].phones.iter().map(|phone| phone.as_str().to_owned());
            phones.collect::<Vec<_>>().join(",")
        });
        let codes: Vec<_> = line.reasons.iter().map(|reason| reason.code()).collect();
        told.push(format!(
            "{} {} {} | {} | {} {} | {} {}",
            line.row,
            when[0],
            when[1],
            visit.doctor.clone().unwrap_or_default(),
            visit.patient,
            card.unwrap_or_default(),
            visit.service.clone().unwrap_or_default(),
            codes.join(",")
        ));
    }
    told
}

#[test]
fn columns_are_doctors_and_the_day_stands_above() {
    let rows = told(
        "Запись на 12 января 2026 г.;;\n\
         Время;Иванова А.О.;Пак Олег Петрович\n\
         9:00;Ахметова Айгуль 87011234567 кариес;\n\
         9:30;;Ким Вера, 8 702 123 45 67, чистка\n\
         10:00;обед;-\n\
         10:30;87031234567;Цой О.\n",
    );
    assert_eq!(
        rows,
        [
            "3 2026-01-12 09:00 | Иванова А.О. | Ахметова Айгуль +77011234567 | кариес ",
            "4 2026-01-12 09:30 | Пак Олег Петрович | Ким Вера +77021234567 | чистка ",
            "6 2026-01-12 10:30 | Иванова А.О. |   |  no_patient",
            "6 2026-01-12 10:30 | Пак Олег Петрович | Цой О.  |  no_phone,partial_name",
        ]
    );
}

#[test]
fn columns_are_days_of_the_doctor_above() {
    let rows = told(
        "Врач: Пак Олег Петрович;;;\n\
         Время;Пн 12.01.2026;Вт 13.01.2026;Ср 14.01.2026\n\
         9-10;Ахметова Айгуль 87011234567;;\n\
         10-11;;Ким Вера 87021234567;\n\
         11-12;;;Ким Вера 87021234567\n",
    );
    assert_eq!(
        rows,
        [
            "3 2026-01-12 09:00 | Пак Олег Петрович | Ахметова Айгуль +77011234567 |  ",
            "4 2026-01-13 10:00 | Пак Олег Петрович | Ким Вера +77021234567 |  ",
            "5 2026-01-14 11:00 | Пак Олег Петрович | Ким Вера +77021234567 |  ",
        ]
    );
}

#[test]
fn a_week_without_days_is_refused_and_never_guessed() {
    let rows = told(
        "Неделя 12.01-18.01.2026;;\n\
         Время;Иванова А.О.;Пак О.П.\n\
         9:00;Ахметова Айгуль 87011234567;\n\
         9:30;;Ким Вера 87021234567\n\
         10:00;;\n10:30;;\n",
    );
    assert!(rows.len() == 2 && rows.iter().all(|row| row.ends_with("no_date")), "{rows:?}");
}

#[test]
fn a_cell_over_several_times_is_one_visit_and_lines_below_belong_to_it() {
    let rows = told(
        "12.01.2026;;\n\
         Время;Иванова А.О.;Пак О.П.\n\
         9:00;Ахметова Айгуль;Ким Вера 87021234567\n\
         ;87011234567;\n\
         ;лечение;\n\
         9:30;Цой Тимур 87031234567;Ким Вера 87021234567\n\
         10:00;;Ли Марина 87041234567\n\
         ;Омаров Серик 87051234567;\n\
         13.01.2026;;\n\
         9:00;Цой Тимур 87031234567;\n",
    );
    assert_eq!(
        rows,
        [
            "3 2026-01-12 09:00 | Иванова А.О. | Ахметова Айгуль +77011234567 | лечение ",
            "3 2026-01-12 09:00 | Пак О.П. | Ким Вера +77021234567 |  ",
            "6 2026-01-12 09:30 | Иванова А.О. | Цой Тимур +77031234567 |  ",
            "7 2026-01-12 10:00 | Пак О.П. | Ли Марина +77041234567 |  ",
            "8 2026-01-12  | Иванова А.О. | Омаров Серик  |  no_time",
            "10 2026-01-13 09:00 | Иванова А.О. | Цой Тимур +77031234567 |  ",
        ]
    );
}

#[test]
fn two_people_in_one_cell_are_two_visits_on_two_cards() {
    let rows = told(
        "12 қаңтар 2026;;\n\
         Уақыты;Иванова А.О.;Пак О.П.\n\
         9:00;Ахметова Айгуль 87011234567, Ким Вера 87021234567;\n\
         9:30;;Ли Марина 87041234567 пришла\n\
         10:00;;\n10:30;;\n",
    );
    assert_eq!(
        rows,
        [
            "3 2026-01-12 09:00 | Иванова А.О. | Ахметова Айгуль +77011234567 |  ",
            "3 2026-01-12 09:00 | Иванова А.О. | Ким Вера +77021234567 |  ",
            "4 2026-01-12 09:30 | Пак О.П. | Ли Марина +77041234567 |  ",
        ]
    );
}

#[test]
fn each_doctor_may_have_columns_of_their_own_for_each_part() {
    let rows = told(
        "12.01.2026;;;;;;\n\
         ;Иванова А.О.;;;Пак О.П.;;\n\
         Время;ФИО;Телефон;Услуга;ФИО;Телефон;Услуга\n\
         9:00;Ахметова Айгуль;87011234567;Кариес;Ким Вера;87021234567;Чистка\n\
         9:30;;;;Цой Тимур;87031234567;\n\
         10:00;;;;;;\n",
    );
    assert_eq!(
        rows,
        [
            "4 2026-01-12 09:00 | Иванова А.О. | Ахметова Айгуль +77011234567 | Кариес ",
            "4 2026-01-12 09:00 | Пак О.П. | Ким Вера +77021234567 | Чистка ",
            "5 2026-01-12 09:30 | Пак О.П. | Цой Тимур +77031234567 |  ",
        ]
    );
}

#[test]
fn a_plain_journal_is_no_calendar() {
    for text in [
        "Дата;Время;ФИО;Врач;Телефон\n06.01.2025;9.30;Ким Вера;Пак А.;87012345678\n;10:15;Цой Анна;Пак А.;87012345679\n;11:15;Цой Анна;Пак А.;87012345679\n",
        "Время;ФИО;Врач;Телефон\n9.30;Ким Вера;Пак А.;87012345678\n10:15;Цой Анна;Пак А.;87012345679\n11:15;Цой Анна;Пак А.;87012345679\n",
    ] {
        let sheets = crate::interop::reading::read(text.as_bytes()).unwrap();
        assert_eq!(unfold(&sheets[0]), None, "{text}");
    }
}
