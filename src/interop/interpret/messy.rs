//! Other clinics than the shipped one, each with a mess of its own, and the
//! truth about every row: what holds for one must hold for all.

use std::collections::HashMap;
use std::fmt::Write as _;

use jiff::ToSpan;
use jiff::civil::date;

use super::tests::{judge, known_after};
use super::*;

/// How a clinic keeps its journal.
struct Habit {
    name: &'static str,
    header: Option<&'static str>,
    /// Columns in order: d day, t time, p patient, s surname, g given name,
    /// o patronymic, f phone, v doctor, u service, c cost, x status, n note,
    /// k room, # running number, P patient with the phone in one cell.
    columns: &'static str,
    delimiter: char,
    day: fn(Date) -> String,
    time: fn(usize, Time) -> String,
    /// The day stands only where it changes.
    sparse: bool,
    /// The day stands on a line of its own.
    day_lines: bool,
    statuses: [&'static str; 4],
    doctors: &'static [&'static [&'static str]],
    /// An error word for the total line; empty for none.
    total: &'static str,
    repeat_header_every: usize,
    encoding: &'static encoding_rs::Encoding,
    given_first: bool,
    impossible: &'static str,
}

const DOCTORS: &[&[&str]] = &[
    &[
        "Абенова Гульмира Сериковна",
        "Абенова Г.С.",
        "Абенова",
        "Гульмира Сериковна",
        "Абенова Гулмира",
    ],
    &["Шевченко Олег Петрович", "Шевченко О.П.", "Шевченко", "Шевченко О."],
    &["Ли Марина Аркадьевна", "Ли М.А.", "Ли", "др. Ли"],
];

const KAZAKH_DOCTORS: &[&[&str]] = &[
    &["Төлегенов Бақыт Ержанұлы", "Төлегенов Б.Е.", "Толегенов", "Төлегенов"],
    &["Ысқақова Гүлмира Сейтқызы", "Ысқақова Г.С.", "Ыскакова", "Искакова Гульмира"],
];

const SERVICES: [(&str, i64, u16); 6] = [
    ("Первичный приём терапевта", 7000, 30),
    ("УЗИ брюшной полости", 12_000, 40),
    ("ЭКГ", 4000, 15),
    ("Массаж спины", 9000, 45),
    ("Массаж общий", 15_000, 60),
    ("Анализ крови общий", 3500, 10),
];

const SURNAMES: [&str; 16] = [
    "Бекмұхамбет",
    "Тұрсынов",
    "Жакупов",
    "Әлімжанов",
    "Смаилов",
    "Григорьев",
    "Павленко",
    "Ахметжанов",
    "Ким",
    "Қожахметов",
    "Сулейменов",
    "Захаров",
    "Мусин",
    "Тен",
    "Оразбаев",
    "Кравченко",
];

const MEN: [&str; 12] = [
    "Ерлан",
    "Ержан",
    "Марат",
    "Мурат",
    "Олег",
    "Сергей",
    "Дәулет",
    "Қайрат",
    "Тимур",
    "Иван",
    "Нұрсұлтан",
    "Виктор",
];

const WOMEN: [&str; 12] = [
    "Алия",
    "Алина",
    "Айгүл",
    "Гүлнәр",
    "Ольга",
    "Светлана",
    "Динара",
    "Жанар",
    "Мария",
    "Зарина",
    "Әйгерім",
    "Сәуле",
];

const FATHERS: [(&str, &str); 6] = [
    ("Серікұлы", "Серікқызы"),
    ("Маратович", "Маратовна"),
    ("Нұрланұлы", "Нұрланқызы"),
    ("Петрович", "Петровна"),
    ("Болатович", "Болатовна"),
    ("Асқарұлы", "Асқарқызы"),
];

#[derive(Clone)]
struct Someone {
    surname: String,
    given: &'static str,
    patronymic: &'static str,
    phone: u64,
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

#[derive(Clone, Debug, PartialEq)]
struct Truth {
    person: Option<usize>,
    verdict: Verdict,
    reason: &'static str,
    day: Date,
    start: Time,
    doctor: usize,
    service: usize,
}

fn people(dice: &mut Dice) -> Vec<Someone> {
    let mut people: Vec<Someone> = Vec::new();
    while people.len() < 120 {
        let woman = dice.roll(2) == 0;
        let surname = SURNAMES[dice.roll(SURNAMES.len())];
        let ends = surname.ends_with("ов") || surname.ends_with("ев") || surname.ends_with("ин");
        let father = FATHERS[dice.roll(FATHERS.len())];
        let someone = Someone {
            surname: if woman && ends { format!("{surname}а") } else { surname.to_owned() },
            given: if woman { WOMEN[dice.roll(12)] } else { MEN[dice.roll(12)] },
            patronymic: if woman { father.1 } else { father.0 },
            phone: 7_010_000_000 + u64::try_from(people.len()).unwrap() * 31_337 + 1_234_567,
        };
        if people
            .iter()
            .any(|other| (&other.surname, other.given) == (&someone.surname, someone.given))
        {
            continue;
        }
        people.push(someone);
    }
    // Families: a wife, a husband and a child with one number.
    for at in 0..12 {
        people[at * 3 + 1].phone = people[at * 3].phone;
        people[at * 3 + 2].phone = people[at * 3].phone;
    }
    people
}

fn name_of(someone: &Someone, dice: &mut Dice, given_first: bool, alone: bool) -> [String; 3] {
    let (surname, given, patronymic) =
        (someone.surname.clone(), someone.given.to_owned(), someone.patronymic.to_owned());
    let without = |text: &str| {
        text.chars()
            .map(|c| {
                "әғқңөұүһіӘҒҚҢӨҰҮҺІ"
                    .chars()
                    .zip("агкноууhиАГКНОУУHИ".chars())
                    .find(|(k, _)| *k == c)
                    .map_or(c, |(_, r)| r)
            })
            .collect::<String>()
            .replace('h', "х")
            .replace('H', "Х")
    };
    let written = match dice.roll(if alone { 9 } else { 6 }) {
        0 => [without(&surname), without(&given), without(&patronymic)],
        1 => [surname, given, String::new()],
        2 => [surname.to_uppercase(), given.to_uppercase(), patronymic.to_uppercase()],
        3 => [surname.to_lowercase(), given.to_lowercase(), String::new()],
        6 => [
            surname,
            format!("{}.", &given[..given.chars().next().unwrap().len_utf8()]),
            String::new(),
        ],
        7 => [surname, swapped(&given), patronymic],
        8 => [swapped(&surname), given, patronymic],
        _ => [surname, given, patronymic],
    };
    if given_first && written[1].chars().count() > 2 {
        [written[1].clone(), written[2].clone(), written[0].clone()]
    } else {
        written
    }
}

/// Two letters in the middle change places.
fn swapped(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let at = letters.len() / 2;
    letters.swap(at, at - 1);
    letters.into_iter().collect()
}

fn phone_of(phone: u64, dice: &mut Dice) -> String {
    let d = phone.to_string();
    match dice.roll(5) {
        0 => format!("8{d}"),
        1 => format!("+7 ({}) {}-{}-{}", &d[..3], &d[3..6], &d[6..8], &d[8..]),
        2 => d,
        3 => format!("8-{}-{}-{}", &d[..3], &d[3..6], &d[6..]),
        _ => format!("7{d}"),
    }
}

/// A journal of a month and what is true of each of its rows, by row number.
#[expect(clippy::too_many_lines, reason = "one long recipe of a messy journal reads best whole")]
fn journal(habit: &Habit, people: &[Someone], dice: &mut Dice) -> (String, HashMap<u32, Truth>) {
    let shared: Vec<bool> = people
        .iter()
        .map(|one| people.iter().filter(|other| other.phone == one.phone).count() > 1)
        .collect();
    let mut text = String::new();
    let mut truth = HashMap::new();
    let mut row = 0;
    let mut line = |text: &mut String, cells: &str| {
        row += 1;
        let _ = writeln!(text, "{cells}");
        row
    };
    let blank = |word: &str| {
        word.to_owned() + &habit.delimiter.to_string().repeat(habit.columns.chars().count() - 1)
    };
    if let Some(header) = habit.header {
        line(&mut text, &header.replace(';', &habit.delimiter.to_string()));
    }
    let mut last_day = None;
    for n in 0..360 {
        let day = date(2025, 3, 3) + i64::try_from(n / 15).unwrap().days();
        let start = Time::new(
            i8::try_from(8 + (n % 15) / 2).unwrap(),
            if n % 2 == 0 { 0 } else { 30 },
            0,
            0,
        )
        .unwrap();
        if habit.repeat_header_every > 0
            && n > 0
            && n % habit.repeat_header_every == 0
            && let Some(header) = habit.header
        {
            line(&mut text, &header.replace(';', &habit.delimiter.to_string()));
        }
        if habit.day_lines && last_day != Some(day) {
            line(&mut text, &blank(&(habit.day)(day)));
        }
        let who = dice.roll(people.len());
        let mut fact = Truth {
            person: Some(who),
            verdict: Verdict::Taken,
            reason: "",
            day,
            start,
            doctor: dice.roll(habit.doctors.len()),
            service: dice.roll(SERVICES.len()),
        };
        let mut cells: HashMap<char, String> = HashMap::new();
        let name = name_of(&people[who], dice, habit.given_first, !shared[who]);
        cells.insert('p', name.join(" ").trim().to_owned());
        for (column, part) in "sgo".chars().zip(&name) {
            cells.insert(column, part.clone());
        }
        cells.insert('f', phone_of(people[who].phone, dice));
        cells.insert('d', (habit.day)(day));
        cells.insert('t', (habit.time)(n, start));
        let spellings = habit.doctors[fact.doctor];
        cells.insert(
            'v',
            spellings[if dice.roll(2) == 0 { 0 } else { dice.roll(spellings.len()) }].to_owned(),
        );
        let (service, price, _) = SERVICES[fact.service];
        cells.insert(
            'u',
            if dice.roll(3) == 0 { service.to_lowercase() } else { service.to_owned() },
        );
        cells.insert('c', ["{} тг", "{}", "{} ₸"][dice.roll(3)].replace("{}", &price.to_string()));
        cells.insert('x', habit.statuses[dice.roll(4)].to_owned());
        cells.insert('k', (1 + fact.doctor).to_string());
        cells.insert('#', (n + 1).to_string());
        let day_is_told = !(habit.sparse && last_day == Some(day));
        match dice.roll(40) {
            0 => {
                for column in "psgo".chars() {
                    cells.insert(column, String::new());
                }
                (fact.verdict, fact.reason, fact.person) = (Verdict::Refused, "no_patient", None);
            }
            1 => {
                cells.insert('t', String::new());
                (fact.verdict, fact.reason) = (Verdict::Refused, "no_time");
            }
            2 if day_is_told && last_day == Some(day) && !habit.day_lines => {
                cells.insert('d', habit.impossible.to_owned());
                (fact.verdict, fact.reason) = (Verdict::Refused, "impossible_date");
            }
            3 => {
                cells.insert('f', String::new());
                (fact.verdict, fact.reason) = (Verdict::Flagged, "no_phone");
            }
            4 => {
                let cut = people[who].phone.to_string()[..8].to_owned();
                cells.insert('f', format!("8{cut}"));
                (fact.verdict, fact.reason) = (Verdict::Flagged, "short_phone");
            }
            5 => {
                let second = format!("{}, 8 777 {:03} 11 22", cells[&'f'], n);
                cells.insert(
                    'f',
                    if habit.delimiter == ',' { second.replace(',', " /") } else { second },
                );
                (fact.verdict, fact.reason) = (Verdict::Flagged, "two_phones");
            }
            _ => {}
        }
        let with_phone = format!("{} {}", cells[&'p'], cells[&'f']);
        cells.insert('P', with_phone.trim().to_owned());
        if !day_is_told {
            cells.insert('d', String::new());
        }
        last_day = Some(day);
        let shown: Vec<String> = habit
            .columns
            .chars()
            .map(|column| cells.get(&column).cloned().unwrap_or_default())
            .collect();
        let number = line(&mut text, &shown.join(&habit.delimiter.to_string()));
        truth.insert(number, fact);
    }
    if !habit.total.is_empty() {
        line(&mut text, &blank(habit.total));
    }
    (text, truth)
}

fn prices() -> String {
    let mut text = "Наименование;Время, мин;Стоимость\nДиагностика;;\n".to_owned();
    for (name, price, minutes) in SERVICES {
        let _ = writeln!(text, "{name};{minutes} мин;{price} тг");
    }
    text
}

fn dotted(day: Date) -> String {
    day.strftime("%d.%m.%Y").to_string()
}

fn short(day: Date) -> String {
    format!("{}.{}.{}", day.day(), day.month(), day.year() % 100)
}

fn slashed(day: Date) -> String {
    day.strftime("%d/%m/%Y").to_string()
}

fn iso(day: Date) -> String {
    day.strftime("%Y-%m-%d").to_string()
}

fn in_words(day: Date) -> String {
    format!("{} марта 2025 г.", day.day())
}

fn in_kazakh(day: Date) -> String {
    format!("2025 ж. {} наурыз", day.day())
}

fn colon(_: usize, time: Time) -> String {
    time.strftime("%H:%M").to_string()
}

fn mixed(n: usize, time: Time) -> String {
    match n % 4 {
        0 => time.strftime("%-H.%M").to_string(),
        1 => time.strftime("%H-%M").to_string(),
        2 => time.strftime("%H%M").to_string(),
        _ => time.strftime("%-H:%M").to_string(),
    }
}

fn interval(_: usize, time: Time) -> String {
    let end = time + 30.minutes();
    format!("{}-{}", time.strftime("%H:%M"), end.strftime("%H:%M"))
}

fn habits() -> Vec<Habit> {
    let plain = || Habit {
        name: "plain",
        header: Some("Дата;Время;Врач;Пациент;Телефон;Услуга;Стоимость;Статус"),
        columns: "dtvpfucx",
        delimiter: ';',
        day: dotted,
        time: colon,
        sparse: false,
        day_lines: false,
        statuses: ["был", "неявка", "отменён", "подтв."],
        doctors: DOCTORS,
        total: "Всего",
        repeat_header_every: 0,
        encoding: encoding_rs::UTF_8,
        given_first: false,
        impossible: "30.02.2025",
    };
    vec![
        plain(),
        Habit {
            name: "Kazakh headers, tab, sparse days",
            header: Some(
                "№;Күні;Сағаты;Тегі;Аты;Әкесінің аты;Ұялы тел.;Маман;Қызмет түрі;Сомасы;Келді ме",
            ),
            columns: "#dtsgofvucx",
            delimiter: '\t',
            day: in_kazakh,
            time: mixed,
            sparse: true,
            statuses: ["келді", "келмеді", "бас тартты", "ауыстырылды"],
            doctors: KAZAKH_DOCTORS,
            total: "Барлығы",
            impossible: "2025 ж. 30 ақпан",
            ..plain()
        },
        Habit {
            name: "no header, commas",
            header: None,
            columns: "dtpfuvx",
            delimiter: ',',
            day: iso,
            total: "",
            impossible: "2025-02-30",
            ..plain()
        },
        Habit {
            name: "days on lines of their own, phones in the name cell, Windows-1251",
            header: Some("Время;Кабинет;Клиент;Специалист;Процедура;Оплачено"),
            columns: "tkPvuc",
            day: in_words,
            time: mixed,
            day_lines: true,
            encoding: encoding_rs::WINDOWS_1251,
            total: "ИТОГО за месяц",
            ..plain()
        },
        Habit {
            name: "English, given name first, repeated header, intervals",
            header: Some("Patient;Phone;Date;Time;Doctor;Service;Price;Status;Notes"),
            columns: "pfdtvucxn",
            delimiter: ',',
            day: slashed,
            time: interval,
            statuses: ["completed", "no show", "cancelled", "confirmed"],
            repeat_header_every: 40,
            given_first: true,
            impossible: "31/02/2025",
            total: "Total",
            ..plain()
        },
        Habit {
            name: "short years, separate columns, sparse",
            header: Some(
                "Дата приема;Начало;Фамилия;Имя;Отчество;Контактный телефон;Доктор;Вид услуги;Сумма (тг);Явка;Примечание",
            ),
            columns: "dtsgofvucxn",
            day: short,
            time: mixed,
            sparse: true,
            statuses: ["+", "н/я", "отказ", "перенесли"],
            encoding: encoding_rs::WINDOWS_1251,
            impossible: "31.02.25",
            ..plain()
        },
    ]
}

#[test]
fn other_clinics_files_are_read_as_rightly_as_the_shipped_one() {
    let mut wrong = Vec::new();
    for (at, habit) in habits().iter().enumerate() {
        let mut dice = Dice(1000 + u64::try_from(at).unwrap());
        let people = people(&mut dice);
        let (text, truth) = journal(habit, &people, &mut dice);
        let bytes = habit.encoding.encode(&lossless(habit, &text)).0.into_owned();
        let today = date(2026, 11, 22);
        let files = vec![
            open("prices.csv", prices().as_bytes(), None, today).unwrap(),
            open("journal.csv", &bytes, None, today).unwrap(),
        ];
        let outcome = interpret(&files, &Known::default(), today);
        check_rows(habit, &files, &outcome, &truth, &mut wrong);
        let who = |line: &Line| {
            truth.get(&line.row).filter(|_| line.file == 1)?.person.map(|person| person.to_string())
        };
        let report = judge(&outcome, who);
        println!("{}: {report}", habit.name);
        wrong.extend(
            report.wrong_merges.iter().map(|case| format!("{}: WRONG MERGE {case}", habit.name)),
        );
        wrong.extend(
            report.unoffered.iter().map(|case| format!("{}: NOT OFFERED {case}", habit.name)),
        );
        let again = interpret(&files, &known_after(&outcome), today);
        if again.cards.iter().any(|card| card.known.is_none()) {
            wrong.push(format!("{}: new cards on the second run", habit.name));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(60)].join("\n")
    );
}

/// Windows-1251 has no Kazakh letters but і: such a clinic writes without them.
fn lossless(habit: &Habit, text: &str) -> String {
    if habit.encoding == encoding_rs::UTF_8 {
        return text.to_owned();
    }
    let plain = |c: char| {
        "әғқңөұүһӘҒҚҢӨҰҮҺ"
            .chars()
            .zip("агкноуухАГКНОУУХ".chars())
            .find(|(k, _)| *k == c)
            .map_or(c, |(_, r)| r)
    };
    text.chars().map(plain).filter(|c| *c != '₸').collect()
}

fn check_rows(
    habit: &Habit,
    files: &[File],
    outcome: &Outcome,
    truth: &HashMap<u32, Truth>,
    wrong: &mut Vec<String>,
) {
    let before = wrong.len();
    let plain = |text: &str| crate::contact::name::fold(text);
    for line in outcome.lines.iter().filter(|line| line.file == 1) {
        let codes: Vec<&str> = line
            .reasons
            .iter()
            .filter(|reason| !reason.is_remark())
            .map(|reason| reason.code())
            .collect();
        let Some(fact) = truth.get(&line.row) else {
            if line.verdict != Verdict::Skipped {
                wrong.push(format!(
                    "{} row {}: {:?} {codes:?}, not skipped",
                    habit.name, line.row, line.verdict
                ));
            }
            continue;
        };
        if (line.verdict, codes.join(",").as_str()) != (fact.verdict, fact.reason) {
            wrong.push(format!(
                "{} row {}: {:?} {codes:?}, not {:?} {}",
                habit.name, line.row, line.verdict, fact.verdict, fact.reason
            ));
        }
        let (Content::Visit(visit), Verdict::Taken | Verdict::Flagged) =
            (&line.content, line.verdict)
        else {
            continue;
        };
        let doctor = visit.doctor.as_deref().map(plain);
        let service = visit.service.as_deref();
        let right = (visit.day, visit.start) == (Some(fact.day), Some(fact.start))
            && doctor == Some(plain(habit.doctors[fact.doctor][0]))
            && service == Some(SERVICES[fact.service].0);
        if !right {
            wrong.push(format!(
                "{} row {}: {:?} {:?} {:?} {service:?}, not {fact:?}",
                habit.name, line.row, visit.day, visit.start, visit.doctor
            ));
        }
    }
    if wrong.len() > before {
        let layout = &files[1].layouts[0];
        wrong.insert(
            before,
            format!(
                "{}: {:?} header {:?} columns {:?}",
                habit.name, layout.kind, layout.header_row, layout.columns
            ),
        );
    }
    if wrong.len() > before + 12 {
        let more = wrong.len() - before - 12;
        wrong.truncate(before + 12);
        wrong.push(format!("… and {more} more of {}", habit.name));
    }
}
