//! Matching of persons, on invented people.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::contact::name::split;
use crate::contact::{Iin, Phone};

fn person(name: &str, phones: &str) -> Person {
    let mut person = Person { name: split(name), written: name.to_owned(), ..Person::default() };
    for phone in phones.split(" / ").filter(|phone| !phone.is_empty()) {
        match Phone::parse(phone) {
            Ok(phone) => person.phones.push(phone),
            Err(_) => person.odd_phones.push(phone.to_owned()),
        }
    }
    person
}

fn result(people: &[Person]) -> Matched {
    let mentions: Vec<Mention> =
        people.iter().map(|person| Mention { person, known: None }).collect();
    matched(&mentions)
}

pub(super) fn cards(rows: &[(&str, &str)]) -> (Vec<usize>, Vec<(usize, usize)>) {
    let people: Vec<Person> = rows.iter().map(|(name, phone)| person(name, phone)).collect();
    let matched = result(&people);
    (matched.card_of, matched.duplicates.iter().map(|pair| (pair.a, pair.b)).collect())
}

#[test]
fn every_way_to_write_one_person_with_one_number_is_one_card() {
    let phone = "8 778 237 70 79";
    let (cards, offered) = cards(&[
        ("Сәрсенова Шолпан Нұрланқызы", phone),
        ("Сарсенова Шолпан Нурлановна", phone),
        ("Шолпан Сәрсенова", phone),
        ("сәрсенова шолпан", phone),
        ("Sarsenova Sholpan", phone),
        ("Сәрсенова Ш.Н.", phone),
        ("Шолпан С.", phone),
        ("Сәрсенова Шлопан Нұрланқызы", phone),
        ("аСрсенова Шолпан", phone),
        ("СәрсеноваШ олпан Нұрланқызы", phone),
        ("С?рсенова Шолпан", phone),
        ("Сәрсенова Шолпан", "8 (778) 237-70-"),
    ]);
    assert_eq!(cards, [0; 12]);
    assert!(offered.is_empty());
}

#[test]
fn a_family_with_one_number_is_as_many_cards() {
    let phone = "87782377079";
    let (cards, offered) = cards(&[
        ("Ким Алина Сергеевна", phone),
        ("Ким Марат Сергеевич", phone),
        ("Ким Мурат Сергеевич", phone),
        ("Ахметов Ерлан", phone),
        ("Ахметова Ержан", phone),
        ("Ким М.С.", phone),
    ]);
    assert_eq!(cards, [0, 1, 2, 3, 4, 5]);
    // Marat and Murat look alike, and К. М. may be either: people are asked.
    assert!(offered.contains(&(1, 2)) && offered.contains(&(1, 5)) && offered.contains(&(2, 5)));
    assert!(!offered.contains(&(0, 1)) && !offered.contains(&(0, 5)));
}

#[test]
fn namesakes_with_different_numbers_stay_apart_and_are_offered() {
    let (cards, offered) = cards(&[
        ("Ыскаков Дмитрий Петрович", "87056923717"),
        ("Исқақов Дмитрий Петрович", "87008928595"),
    ]);
    assert_eq!((cards, offered), (vec![0, 1], vec![(0, 1)]));
}

#[test]
fn different_birth_dates_or_iins_part_namesakes_for_good() {
    let mut a = person("Ыскаков Дмитрий Петрович", "87056923717");
    let mut b = person("Ыскаков Дмитрий Петрович", "87056923717");
    a.birth_date = Some(date(1977, 1, 19));
    b.birth_date = Some(date(1966, 10, 24));
    let parted = result(&[a.clone(), b.clone()]);
    assert_eq!(parted.card_of, [0, 1]);
    b.birth_date = None;
    a.iin = Some(Iin::parse("850101300005").unwrap());
    b.iin = Some(Iin::parse("051231500000").unwrap());
    assert_eq!(result(&[a, b]).card_of, [0, 1]);
}

#[test]
fn an_iin_joins_what_a_new_number_parted() {
    let mut a = person("Каирбеков М.", "87771936250");
    let mut b = person("Каирбеков Мухтар Нурланович", "87001112233");
    a.iin = Some(Iin::parse("850101300005").unwrap());
    b.iin.clone_from(&a.iin);
    assert_eq!(result(&[a.clone(), b.clone()]).card_of, [0, 0]);
    // A slip in one of two numbers: the names decide, people are asked.
    b.name = split("Омарова Алия");
    b.written = "Омарова Алия".to_owned();
    let other = result(&[a, b]);
    assert_eq!((other.card_of, other.duplicates.len()), (vec![0, 1], 1));
}

#[test]
fn a_name_without_a_number_is_offered_not_merged() {
    let (cards, offered) = cards(&[
        ("Ахметова Шолпан Маратовна", "87029832747"),
        ("Ахметова Шолпан Маратовна", ""),
        ("Ахметова Шоплан", ""),
        ("Пак Анна", "87029832748"),
        ("Ли Олег", "87029832749"),
    ]);
    assert_eq!(cards, [0, 1, 2, 3, 4]);
    assert!(offered.contains(&(0, 1)) && offered.contains(&(0, 2)), "{offered:?}");
    assert!(!offered.iter().any(|pair| pair.1 >= 3));
}

#[test]
fn a_clinic_without_numbers_knows_people_by_their_names() {
    let (cards, _) = cards(&[
        ("Ахметова Шолпан", ""),
        ("Пак Анна", ""),
        ("ахметова шолпан", ""),
        ("Шолпан Ахметова", ""),
    ]);
    assert_eq!(cards, [0, 1, 0, 0]);
}

#[test]
fn a_whole_name_and_a_birthday_are_enough() {
    let mut a = person("Ахметова Айгул Муратовна", "87000338371");
    let mut b = person("Ахметова Айгуль Мұратқызы", "87770001122");
    a.birth_date = Some(date(1985, 12, 2));
    b.birth_date = a.birth_date;
    assert_eq!(result(&[a, b]).card_of, [0, 0]);
}

#[test]
fn cards_that_exist_are_kept_apart_but_offered() {
    let people = [
        person("Ким Вера", "87012345678"),
        person("Ким Вера", "87012345678"),
        person("Ким В.", "87012345678"),
    ];
    let mentions = [
        Mention { person: &people[0], known: Some(7) },
        Mention { person: &people[1], known: Some(9) },
        Mention { person: &people[2], known: None },
    ];
    let matched = matched(&mentions);
    assert_eq!(matched.card_of, [0, 1, 2]);
    assert_eq!(matched.duplicates.len(), 3);
}

proptest! {
    #[test]
    fn the_order_of_rows_does_not_change_who_is_one_person(order in Just((0..8usize).collect::<Vec<_>>()).prop_shuffle()) {
        let rows = [
            ("Ким Алина Сергеевна", "87782377079"), ("Ким А.С.", "87782377079"), ("Алина Ким", "87782377079"),
            ("Ким Марат", "87782377079"), ("Пак Анна", "87012345678"), ("Анна П.", "87012345678"),
            ("Пак Анна", "87770001122"), ("Пкак Анна", "87012345678"),
        ];
        let shuffled: Vec<(&str, &str)> = order.iter().map(|at| rows[*at]).collect();
        let (shuffled, _) = cards(&shuffled);
        let (plain, _) = cards(&rows);
        for i in 0..8 {
            for j in 0..8 {
                let (x, y) = (order[i], order[j]);
                prop_assert_eq!(shuffled[i] == shuffled[j], plain[x] == plain[y]);
            }
        }
    }
}
