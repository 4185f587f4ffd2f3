//! Who a row speaks of, as people write names and numbers.

use jiff::civil::date;

use super::*;
use crate::interop::guess::{Kind, guess};
use crate::interop::reading;

fn people(text: &str) -> Vec<(Person, BTreeSet<Reason>)> {
    let today = date(2026, 11, 22);
    let sheets = reading::read(text.as_bytes()).unwrap();
    let layout = guess(&sheets, Some(Kind::People), today).remove(0);
    let rows = sheets[0].rows.iter().skip(1);
    rows.map(|row| {
        let mut reasons = BTreeSet::new();
        (read(row, &layout, today, &mut reasons), reasons)
    })
    .collect()
}

#[test]
fn a_number_and_a_remark_are_taken_out_of_the_name() {
    let (person, reasons) =
        people("ФИО;Дата рождения\nАхметова Дана (дочь) 8 701 234 56 78 VIP;1.2.90\n").remove(0);
    assert_eq!(person.written, "Ахметова Дана");
    assert_eq!(person.phones, [Phone::parse("87012345678").unwrap()]);
    assert_eq!(person.comment, "дочь VIP");
    assert_eq!(person.birth_date, Some(date(1990, 2, 1)));
    assert!(reasons.is_empty(), "{reasons:?}");
}

#[test]
fn numbers_are_flagged_for_what_is_wrong_with_them() {
    let rows = people(
        "ФИО;Телефон;ИИН\nКим Вера;870123;850101300005\nПак Анна;87012345678 / 87757726478;850101300004\nЦой Олег;нет тел;\nЛи Ян;;\n",
    );
    let flags = |at: usize| rows[at].1.iter().map(|reason| reason.code()).collect::<Vec<_>>();
    assert_eq!(flags(0), ["short_phone"]);
    assert_eq!(flags(1), ["two_phones", "bad_iin"]);
    assert_eq!(flags(2), ["no_phone"]);
    assert_eq!(rows[0].0.birth_date, Some(date(1985, 1, 1)));
    assert_eq!(rows[0].0.sex, Some(Sex::Male));
}

#[test]
fn the_iin_settles_the_century_or_contradicts() {
    let rows = people(
        "ФИО;Дата рождения;ИИН\nКим Вера;01.01.85;850101300005\nПак Анна;02.01.1985;850101300005\n",
    );
    assert_eq!(rows[0].0.birth_date, Some(date(1985, 1, 1)));
    assert!(!rows[0].0.century_guessed);
    assert!(rows[1].1.contains(&Reason::BirthDateDiffers));
}

#[test]
fn lunch_is_nobody() {
    assert!(is_nobody("Обед") && is_nobody("ОБЕД до 14:00") && is_nobody("түскі ас"));
    assert!(!is_nobody("Обедин Иван") && !is_nobody("Босов Егор"));
}

#[test]
fn what_announces_a_number_or_follows_a_name_is_no_part_of_it() {
    let rows = people(
        "ФИО;Дата рождения\nОспан Эльмира т. 8 701 234 56 78;\nКим Вера тел: 87012345679 ватсап;\nПак Анна мама записала;\nТен Т. 87012345670;\n",
    );
    let names: Vec<&str> = rows.iter().map(|(person, _)| person.written.as_str()).collect();
    assert_eq!(names, ["Оспан Эльмира", "Ким Вера", "Пак Анна", "Тен Т."]);
    assert!(rows.iter().filter(|(person, _)| person.phones.len() == 1).count() == 3);
    assert_eq!(rows[2].0.comment, "мама записала");
}

#[test]
fn an_iin_that_a_spreadsheet_shortened_is_whole_again() {
    let rows = people(
        "ФИО;ИИН\nКим Вера;51231500000\nПак Анна;'850101300005\nЦой Олег;850101300005.0\nЛи Ян;85010130000\n",
    );
    let known: Vec<bool> = rows.iter().map(|(person, _)| person.iin.is_some()).collect();
    assert_eq!(known, [true, true, true, false]);
}
