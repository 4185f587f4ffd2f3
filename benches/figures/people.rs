//! Invented patients, as many as wanted, the same in every run.

use tirkeu::contact::{Name, Phone};
use tirkeu::ids::PatientId;
use tirkeu::patients::{self, NewPatient, PatientError};
use tirkeu::vault::permission::{RegisterPatient, Role};
use tirkeu::vault::{Events, Grant};

use crate::support::TestClinic;

const STEMS: [&str; 32] = [
    "Сейтқали",
    "Нұрлан",
    "Әбдірахман",
    "Оспан",
    "Мұса",
    "Байжан",
    "Қасым",
    "Ермек",
    "Жұман",
    "Төлеген",
    "Смағұл",
    "Ахмет",
    "Иван",
    "Петр",
    "Сидор",
    "Кузнец",
    "Попо",
    "Соколо",
    "Лебед",
    "Морозо",
    "Волко",
    "Алексе",
    "Семён",
    "Павл",
    "Досмұхамед",
    "Есенғали",
    "Исабек",
    "Кенже",
    "Рақым",
    "Тілеу",
    "Үсен",
    "Шәріп",
];
const MIDDLES: [&str; 8] = ["", "бай", "бек", "хан", "дар", "мат", "жан", "әлі"];
const ENDINGS: [&str; 4] = ["ов", "ова", "ев", "ева"];
const GIVEN: [&str; 40] = [
    "Асель",
    "Айгерім",
    "Динара",
    "Жанар",
    "Қанат",
    "Ержан",
    "Нұрлан",
    "Болат",
    "Гүлнар",
    "Мадина",
    "Алия",
    "Сауле",
    "Ольга",
    "Елена",
    "Наталья",
    "Сергей",
    "Андрей",
    "Дмитрий",
    "Ирина",
    "Татьяна",
    "Асхат",
    "Бауыржан",
    "Дәурен",
    "Ернар",
    "Жасұлан",
    "Зарина",
    "Индира",
    "Камила",
    "Лаура",
    "Марат",
    "Нартай",
    "Олжас",
    "Перизат",
    "Рүстем",
    "Сабина",
    "Тимур",
    "Ұлжан",
    "Фарида",
    "Шолпан",
    "Әсел",
];

/// Patients in one change while filling.
const BATCH: usize = 500;

pub fn person(number: usize) -> NewPatient {
    let mixed = number.wrapping_mul(2_654_435_761) >> 4;
    let surname = format!(
        "{}{}{}",
        STEMS[mixed % STEMS.len()],
        MIDDLES[mixed / 32 % MIDDLES.len()],
        ENDINGS[mixed / 256 % ENDINGS.len()]
    );
    let given = GIVEN[mixed / 1024 % GIVEN.len()];
    let patronymic = format!("{}ұлы", GIVEN[mixed / 40_960 % GIVEN.len()]);
    NewPatient {
        name: Name::new(&surname, given, &patronymic),
        phones: vec![Phone::parse(&phone(number)).unwrap()],
        ..NewPatient::default()
    }
}

pub fn phone(number: usize) -> String {
    format!("+7701{:07}", number.wrapping_mul(7_919_317) % 10_000_000)
}

/// Enters numbers `from..to` through the verb. Who they are.
pub async fn fill(clinic: &TestClinic, from: usize, to: usize) -> Vec<PatientId> {
    let grant: Grant<RegisterPatient> = clinic.grant(Role::Reception).await;
    let mut ids = Vec::new();
    for start in (from..to).step_by(BATCH) {
        let end = (start + BATCH).min(to);
        let entered = clinic.vault().change(&grant, async |tx| {
            let (first, event) = patients::register_in(tx, &person(start)).await?;
            let (mut made, mut events) = (vec![first], Events::from(event));
            for number in start + 1..end {
                let (id, event) = patients::register_in(tx, &person(number)).await?;
                made.push(id);
                events = events.and(event);
            }
            Ok::<_, PatientError>((made, events))
        });
        ids.extend(entered.await.unwrap());
    }
    ids
}
