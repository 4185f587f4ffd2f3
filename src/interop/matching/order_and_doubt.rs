//! Names in either order, look-alike names and rows that two people answer to.

use super::tests::cards;

const PHONE: &str = "8 747 123 45 67";

#[test]
fn a_given_name_that_no_list_knows_is_found_in_either_order() {
    let (cards, offered) = cards(&[
        ("Кузнецов Жеңіс Мәдиевич", PHONE),
        ("Жеңіс К.", PHONE),
        ("Жеңіс Мәдиевич Кузнецов", PHONE),
        ("Kuznetsov Zhenis", PHONE),
        ("Ж.М. Кузнецов", PHONE),
    ]);
    assert_eq!(cards, [0; 5]);
    assert!(offered.is_empty());
}

#[test]
fn a_surname_that_is_a_given_name_elsewhere_does_not_part_a_person() {
    let rows = ["Серік Еңлік Болатқызы", "Серік Е.Б.", "Еңлік Серік", "Е.Б. Серік", "Еңлік С."];
    let (cards, offered) = cards(&rows.map(|name| (name, PHONE)));
    assert_eq!(cards, [0; 5]);
    assert!(offered.is_empty());
}

#[test]
fn a_row_that_two_people_answer_to_joins_neither_and_no_other_such_row() {
    let (cards, offered) = cards(&[
        ("Ахметов Арман Серікович", PHONE),
        ("Ахметов Айдар Серікович", PHONE),
        ("Ахметов А.", PHONE),
        ("Ахметов А.", PHONE),
        ("А. Ахметов", PHONE),
    ]);
    assert_eq!(cards, [0, 1, 2, 3, 4]);
    for row in 2..5 {
        assert!(offered.contains(&(0, row)) && offered.contains(&(1, row)), "{offered:?}");
    }
    assert!(!offered.contains(&(2, 3)), "{offered:?}");
}

#[test]
fn a_grandson_with_his_grandfathers_name_and_number_gets_his_own_rows_only() {
    let (cards, _) = cards(&[
        ("Юсупов Ильдар Маратович", PHONE),
        ("Юсупов Ильдар Русланович", PHONE),
        ("Юсупов Ильдар", PHONE),
        ("Ильдар Юсупов", PHONE),
        ("Юсупов Ильдар Русланович", PHONE),
    ]);
    assert_eq!(cards, [0, 1, 2, 3, 1]);
}

#[test]
fn look_alike_given_names_on_one_number_are_asked_about() {
    for (one, other) in [
        ("Ниязова Алина Ивановна", "Ниязова Элина Ивановна"),
        ("Белый Ансар Иванович", "Белый Әнуар Иванович"),
        ("Есжанова Эмина", "Есжанова Элина"),
        ("Әбілқасымова Нурай", "Әбілқасымова Нұрия"),
    ] {
        let (cards, offered) = cards(&[(one, PHONE), (other, PHONE)]);
        assert_eq!((cards, offered), (vec![0, 1], vec![(0, 1)]), "{one}, {other}");
    }
}

#[test]
fn letters_that_changed_places_are_a_slip_even_beside_their_like() {
    for (one, other) in [
        ("Ахметова Салтанат", "Ахметова Салтаант"),
        ("Ибраев Семён Петрович", "Ибраев Сеёмн Петрович"),
        ("Қасымов Ілияс Мұратович", "Қасымов лІияс Мұратович"),
        ("Ысқақова Елена", "Ысқақова лЕена"),
    ] {
        assert_eq!(cards(&[(one, PHONE), (other, PHONE)]).0, [0, 0], "{one}, {other}");
    }
}

#[test]
fn a_second_number_may_be_somebody_elses() {
    let (cards, offered) = cards(&[
        ("Кузнецов Глеб", "87782248529"),
        ("Кузнецов Ғабит Маратович", "87764326688"),
        ("Кузнецов Г.М.", "87782248529 / 87764326688"),
        ("Сейітов Әлихан", "87051338942"),
        ("Сейітов Әлихан", "87051338942 / 87767369085"),
        ("Сейітов Әлихан", "87051338942 / 87782953423"),
    ]);
    assert_eq!(cards, [0, 1, 2, 3, 3, 3]);
    assert!(offered.contains(&(0, 2)) && offered.contains(&(1, 2)), "{offered:?}");
}

#[test]
fn latin_letters_may_drop_an_й() {
    assert_eq!(cards(&[("Оспан Айару Әбуқызы", PHONE), ("Ayaru Ospan", PHONE)]).0, [0, 0]);
}

#[test]
fn the_third_spelling_tells_which_of_two_surnames_is_the_slip() {
    let rows = ["сЕенова Диляра Сергеевна", "Есенова Диляра Сергеевна", "Диляра Е."];
    assert_eq!(cards(&rows.map(|name| (name, PHONE))).0, [0, 0, 0]);
}

#[test]
fn a_name_that_a_code_page_tore_is_offered_to_the_whole_one() {
    let (cards, offered) = cards(&[
        ("Өтеулиев Ғабит Иванович", "87772942773"),
        ("?теулиев ?абит Иванович", ""),
        ("Пак Анна", "87029832748"),
    ]);
    assert_eq!((cards, offered), (vec![0, 1, 2], vec![(0, 1)]));
}

#[test]
fn a_new_surname_with_the_old_number_is_asked_about() {
    let (cards, offered) = cards(&[("Петрова Анна Олеговна", PHONE), ("Цой Анна Олеговна", PHONE)]);
    assert_eq!((cards, offered), (vec![0, 1], vec![(0, 1)]));
}
