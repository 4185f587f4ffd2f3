//! Which rows become visits, and what is read of them.

use jiff::civil::date as day;

use super::*;
use crate::interop::guess::{Kind, guess};

fn read_text(text: &str) -> Vec<(u32, String, String, String)> {
    let today = day(2026, 11, 22);
    let sheets = crate::interop::reading::read(text.as_bytes()).unwrap();
    let layout = guess(&sheets, Some(Kind::Journal), today).remove(0);
    let rows = read(&sheets[0], &layout, today);
    rows.into_iter()
        .map(|visit| {
            let codes: Vec<_> = visit.reasons.iter().map(|reason| reason.code()).collect();
            let when = visit.day.map(|day| day.to_string()).unwrap_or_default()
                + &visit
                    .start
                    .map(|at| format!(" {:02}:{:02}", at.hour(), at.minute()))
                    .unwrap_or_default();
            (visit.row, when, visit.doctor, codes.join(","))
        })
        .collect()
}

fn whens(text: &str) -> Vec<(String, String)> {
    read_text(text).into_iter().map(|(_, when, _, codes)| (when, codes)).collect()
}

fn is(rows: &[(String, String)], expected: &[(&str, &str)]) {
    let shown: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(shown, expected);
}

#[test]
fn the_date_of_the_first_row_stands_for_the_day() {
    let rows = whens(
        "Дата;Время;ФИО;Врач;Телефон\n06.01.2025;9.30;Ким Вера;Пак А.;87012345678\n;10-15;Цой Анна;Пак А.;87012345679\n\
         ;;Ли Олег;Пак А.;87012345670\n07.01.2025;900;;Пак А.;87012345671\n;;Итого:;2;\n31.02.2025;11:00;Югай Инна;Пак А.;87012345672\n\
         Дата;Время;ФИО;Врач;Телефон\n;12:00;Тен Яна;Пак А.;87012345673\n",
    );
    is(
        &rows,
        &[
            ("", "header"),
            ("2025-01-06 09:30", ""),
            ("2025-01-06 10:15", ""),
            ("2025-01-06", "no_time"),
            ("2025-01-07 09:00", "no_patient"),
            ("", "total"),
            (" 11:00", "impossible_date"),
            ("", "header"),
            ("2025-01-07 12:00", "uncertain_date"),
        ],
    );
}

#[test]
fn after_an_impossible_first_date_the_day_is_not_guessed() {
    let rows = whens(
        "Дата;Время;ФИО;Врач\n06.01.2025;17:30;Ким Вера;Пак\n31.02.2025;9:00;Цой Анна;Пак\n;9:30;Ли Олег;Пак\n",
    );
    is(
        &rows[1..],
        &[("2025-01-06 17:30", ""), (" 09:00", "impossible_date"), (" 09:30", "no_date")],
    );
}

#[test]
fn the_day_and_the_doctor_may_stand_on_lines_of_their_own() {
    let rows = read_text(
        "Время;Пациент;Телефон;Услуга\n6 января 2025 г.;;;\nВрач: Омарова Динара;;;\n9:00;Ким Вера;87012345678;Осмотр\n\
         Петров Андрей Иванович;;;\n9-30;Пак Анна;87012345679;Осмотр\n7 января;;;\n10:00;Цой Тимур;87012345670;Осмотр\n",
    );
    let shown: Vec<_> =
        rows.iter().map(|row| (row.1.as_str(), row.2.as_str(), row.3.as_str())).collect();
    assert_eq!(
        shown[1..],
        [
            ("", "", "day_line"),
            ("", "", "doctor_line"),
            ("2025-01-06 09:00", "Омарова Динара", ""),
            ("", "", "doctor_line"),
            ("2025-01-06 09:30", "Петров Андрей Иванович", ""),
            ("", "", "day_line"),
            ("2025-01-07 10:00", "Петров Андрей Иванович", ""),
        ]
    );
}

#[test]
fn empty_slots_and_lunch_are_no_visits() {
    let rows = whens(
        "Дата;Время;ФИО;Врач;Услуга\n06.01.2025;9:00;;Пак;\n;10:00;Ким Вера;Пак;Осмотр\n;13:00;ОБЕД;Пак;\n;14:00;;Пак;Осмотр\n",
    );
    is(
        &rows[1..],
        &[
            ("2025-01-06 09:00", "empty_slot"),
            ("2025-01-06 10:00", ""),
            ("2025-01-06 13:00", "not_a_visit"),
            ("2025-01-06 14:00", "no_patient"),
        ],
    );
}

#[test]
fn american_dates_and_hour_intervals_are_habits_of_a_column() {
    let rows = whens(
        "Date;Time;Patient;Doctor\n1/5/2025;9-10;Kim Vera;Pak\n1/31/2025;10-11;Tsoy Anna;Pak\n",
    );
    is(&rows[1..], &[("2025-01-05 09:00", ""), ("2025-01-31 10:00", "")]);
}

#[test]
fn a_sheet_for_each_day_has_its_day_on_it() {
    let today = day(2026, 11, 22);
    let mut sheets = crate::interop::reading::read(
        "Время;Врач;Пациент;Телефон\n9:00;Ким В.С.;Пак Анна;87012345678\n".as_bytes(),
    )
    .unwrap();
    sheets[0].name = "пн 03.03.2025".to_owned();
    let layout = guess(&sheets, Some(Kind::Journal), today).remove(0);
    let rows = read(&sheets[0], &layout, today);
    assert_eq!(rows[1].day, Some(day(2025, 3, 3)));
}

#[test]
fn a_clinics_name_over_the_table_is_no_doctor() {
    let rows = read_text(
        "«Жұлдыз» емханасы;;;\nТОО Айгерим Дент;;;\nДата;Время;Пациент;Услуга\n06.01.2025;9:00;Ким Вера;Осмотр\n",
    );
    assert_eq!(rows[3].2, "");
}

#[test]
fn a_note_among_the_patients_is_no_visit_but_a_lone_name_is_asked_about() {
    let rows = whens(
        "Дата;Время;ФИО;Телефон;Врач\n06.01.2025;9:00;Ким Вера;87012345678;Пак\n;;отключили свет;;\n;;Цой Анна;;\n",
    );
    is(&rows[1..], &[("2025-01-06 09:00", ""), ("", "title"), ("2025-01-06", "no_time,no_phone")]);
}

#[test]
fn a_date_that_nobody_can_read_never_becomes_the_day_above() {
    let rows = whens(
        "Дата;Время;ФИО;Врач\n06.01.2025;9:00;Ким Вера;Пак\n7 янвря;9:30;Ли Олег;Пак\n45664;10:00;Цой Анна;Пак\nпя 10.01.25;10:00;Тен Яна;Пак\n",
    );
    is(
        &rows[1..],
        &[
            ("2025-01-06 09:00", ""),
            (" 09:30", "no_date"),
            ("2025-01-07 10:00", ""),
            ("2025-01-10 10:00", ""),
        ],
    );
}

#[test]
fn midnight_beside_a_date_is_no_time() {
    let rows = whens(
        "Дата;Время;ФИО;Врач\n2025-01-06 00:00:00;;Ким Вера;Пак\n2025-01-06 00:00:00;9:30;Ли Олег;Пак\n",
    );
    is(&rows[1..], &[("2025-01-06", "no_time"), ("2025-01-06 09:30", "")]);
    let rows = whens("Дата и время;ФИО;Врач\n06.01.25, 9:30;Ли Олег;Пак\n");
    is(&rows[1..], &[("2025-01-06 09:30", "")]);
}
