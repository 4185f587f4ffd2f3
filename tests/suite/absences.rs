//! A doctor who is away: nothing is cancelled by itself, and nobody who was
//! booked is overlooked.

use axum::http::StatusCode;

use tirkeu::booking::{self, NewAppointment};
use tirkeu::schedule::{self, ExceptionDraft, ExceptionReason, OneDay};
use tirkeu::vault::permission::{Role, SetUpClinic};

use crate::booking::time;
use crate::support::Browser;
use crate::waitlist::Hall;

/// Says at the desk that Anna is away on a day; gives the page of it.
async fn away(desk: &Browser<'_>, hall: &Hall, more: &str) -> String {
    let form = format!("doctor={}&reason=sick&{more}", hall.day.anna);
    let answer = desk.post("/absences", &form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("location").to_owned()
}

async fn status(hall: &Hall, id: impl std::fmt::Display) -> Vec<String> {
    let sql = format!(
        "SELECT status || ' ' || starts || ' ' || doctor_id FROM appointment WHERE id = '{id}'"
    );
    hall.day.clinic.rows(&sql).await
}

#[tokio::test]
async fn one_action_takes_the_hours_out_and_lists_each_patient_with_the_nearest_equal_times() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let tomorrow = hall.day.booked("2026-11-24T10:00").await;
    let desk = hall.reception().await;

    let path = away(&desk, &hall, "first_day=23.11.2026").await;

    let page = desk.get(&path).await.body;
    assert!(page.contains("Мусин") && page.contains("Лечение кариеса"), "{page}");
    assert!(page.contains(&made.id.to_string()) && !page.contains(&tomorrow.id.to_string()));
    let same = format!("name=\"doctor\" value=\"{}\"", hall.day.anna);
    let other = format!("name=\"doctor\" value=\"{}\"", hall.day.bolat);
    assert!(page.contains(&same) && page.contains(&other), "the same doctor later, and another");
    assert!(!page.contains(&format!(
        "name=\"starts\" value=\"2026-11-23T16:00\"><input type=\"hidden\" {same}"
    )));
    assert_eq!(
        status(&hall, made.id).await,
        [format!("booked 2026-11-23T15:00 {}", hall.day.anna)]
    );
    let now_refused = hall.day.try_book(&hall.day.at("16:00")).await;
    assert!(matches!(now_refused, Err(booking::BookingError::OffShift(_))));
    assert!(desk.get("/").await.body.contains("1 запись у врача, которого не будет"));
    assert!(hall.day.clinic.audited().await.contains(&"absence.opened".to_owned()));
}

#[tokio::test]
async fn what_is_proposed_first_to_one_patient_is_not_proposed_to_the_next() {
    let hall = Hall::open().await;
    for starts in ["15:00", "15:30", "16:00"] {
        hall.day.booked(starts).await;
    }
    let desk = hall.reception().await;
    let path = away(&desk, &hall, "first_day=23.11.2026").await;

    let page = desk.get(&path).await.body;
    let first = |visit: &str| {
        let (_, form) = visit.split_once("name=\"starts\" value=\"").expect(visit);
        form.split_once('"').unwrap().0.to_owned()
    };
    let mut proposed: Vec<String> = page.split("<li id=\"v-").skip(1).map(first).collect();
    assert_eq!(proposed.len(), 3, "{page}");
    proposed.dedup();
    assert_eq!(proposed, ["2026-11-24T09:00", "2026-11-24T09:30", "2026-11-24T10:00"]);
}

#[tokio::test]
async fn whoever_is_written_to_chooses_a_time_with_another_doctor_and_the_desk_sees_it() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    hall.work().await;
    let desk = hall.reception().await;
    let path = away(&desk, &hall, "first_day=23.11.2026").await;
    let told = desk.post(&format!("{path}/tell"), &format!("visit={}", made.id)).await;
    assert_eq!(told.header("location"), format!("{path}?told=1&not=0"));
    hall.work().await;

    let sms = hall.server.taken().last().unwrap().text.clone();
    assert!(sms.contains("врач не сможет принять вас") && sms.contains("15:00"), "{sms}");
    let link = sms.split_once("https://clinic.example").unwrap().1.to_owned();
    let page = hall.get(&link).await.body;
    assert!(page.contains("Врач не сможет вас принять"), "{page}");
    assert!(!page.contains("Подтверждаю, приду"), "there is nothing to confirm");
    hall.post(&format!("{link}/confirm"), "").await;
    assert!(status(&hall, made.id).await[0].starts_with("booked"), "an old link confirms nothing");
    assert!(desk.get(&path).await.body.contains("Написали, ждём ответа"));

    let others = hall.get(&format!("{link}/move")).await.body;
    let chosen = format!("2026-11-23T11:00_{}", hall.day.bolat);
    assert!(others.contains(&chosen) && others.contains("Оспанов"), "{others}");
    let moved = hall.post(&format!("{link}/move"), &format!("starts={chosen}")).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
    let now = format!("confirmed 2026-11-23T11:00 {}", hall.day.bolat);
    assert_eq!(status(&hall, made.id).await, [now]);
    let page = desk.get(&path).await.body;
    assert!(page.contains("Сам выбрал время") && page.contains("все записи разобраны"), "{page}");
    assert!(!desk.get("/").await.body.contains("которого не будет"));
}

#[tokio::test]
async fn only_patients_of_an_absent_doctor_may_choose_another_one_by_their_link() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    hall.work().await;
    let sms = hall.server.taken().last().unwrap().text.clone();
    let link = sms.split_once("https://clinic.example").unwrap().1.to_owned();
    let chosen = format!("starts=2026-11-23T11:00_{}", hall.day.bolat);
    let refused = hall.post(&format!("{link}/move"), &chosen).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(status(&hall, made.id).await[0].contains("15:00"));
}

#[tokio::test]
async fn who_cannot_be_written_to_is_said_with_the_reason_and_stays_to_be_called() {
    let hall = Hall::open().await;
    let silent = NewAppointment { notify: false, ..hall.day.at("15:00") };
    let silent = hall.day.try_book(&silent).await.unwrap();
    let mute = hall.patient("Безномерова", "").await;
    let mute = NewAppointment { patient_id: mute, ..hall.day.at("16:00") };
    let mute = hall.day.try_book(&mute).await.unwrap();
    let desk = hall.reception().await;
    let path = away(&desk, &hall, "first_day=23.11.2026").await;

    let form = format!("visit={}&visit={}", silent.id, mute.id);
    let told = desk.post(&format!("{path}/tell"), &form).await;
    assert_eq!(told.header("location"), format!("{path}?told=0&not=2"));
    let page = desk.get(told.header("location")).await.body;
    for word in ["Просил не писать", "Нет мобильного номера", "Позвоните", "не написали: 2"]
    {
        assert!(page.contains(word), "{word}: {page}");
    }
    desk.post(&format!("{path}/called/{}", mute.id), "").await;
    assert!(desk.get(&path).await.body.contains("Позвонили"));
    assert!(desk.get("/").await.body.contains("2 записи у врачей, которых не будет"));
}

#[tokio::test]
async fn the_desk_moves_a_visit_itself_and_a_time_that_was_taken_meanwhile_is_said() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    let desk = hall.reception().await;
    let path = away(&desk, &hall, "first_day=23.11.2026").await;
    let rival = NewAppointment { doctor_id: Some(hall.day.bolat), ..hall.day.at("15:00") };
    hall.day.try_book(&rival).await.unwrap();
    let to = |starts: &str| format!("starts={}&doctor={}&version=1", time(starts), hall.day.bolat);
    let path_of = format!("{path}/move/{}", made.id);
    let taken = desk.post(&path_of, &to("15:00")).await;
    assert_eq!(taken.status, StatusCode::CONFLICT);
    assert!(taken.body.contains("Это время уже заняли") && taken.body.contains("Мусин"));
    let moved = desk.post(&path_of, &to("15:30")).await;
    assert_eq!(moved.status, StatusCode::SEE_OTHER, "{}", moved.body);
    let now = format!("booked 2026-11-23T15:30 {}", hall.day.bolat);
    assert_eq!(status(&hall, made.id).await, [now]);
    assert!(desk.get(&path).await.body.contains("Перенесён"));
}

#[tokio::test]
async fn closing_hides_nobody_and_an_absence_entered_in_the_hours_is_not_overlooked_either() {
    let hall = Hall::open().await;
    hall.day.booked("15:00").await;
    let desk = hall.reception().await;
    let path = away(&desk, &hall, "first_day=23.11.2026").await;
    assert!(!desk.get("/absences").await.body.contains("Записи у отсутствующих врачей"));
    assert_eq!(desk.post(&format!("{path}/close"), "").await.status, StatusCode::SEE_OTHER);
    assert!(desk.get("/").await.body.contains("1 запись у врача, которого не будет"));
    assert!(desk.get("/absences").await.body.contains("Записи у отсутствующих врачей"));
    let twice = desk.post(&format!("{path}/close"), "").await;
    assert_eq!(twice.status, StatusCode::CONFLICT);

    let other =
        NewAppointment { doctor_id: Some(hall.day.bolat), ..hall.day.at("2026-12-02T10:00") };
    hall.day.try_book(&other).await.unwrap();
    let setup = hall.day.clinic.grant::<SetUpClinic>(Role::Owner).await;
    let day = "2026-12-02".parse().unwrap();
    let vacation = ExceptionDraft {
        resource_id: hall.day.bolat,
        from: day,
        until: day,
        what: OneDay::Off,
        reason: ExceptionReason::Vacation,
    };
    schedule::add_exceptions(hall.day.clinic.vault(), &setup, &vacation).await.unwrap();
    assert!(desk.get("/").await.body.contains("2 записи у врачей, которых не будет"));
    let list = desk.get("/absences").await.body;
    assert!(list.contains("Оспанов") && list.contains("02.12.2026"), "{list}");
}

#[tokio::test]
async fn an_absence_of_some_hours_concerns_the_visits_of_those_hours() {
    let hall = Hall::open().await;
    let morning = hall.day.booked("12:30").await;
    let evening = hall.day.booked("16:00").await;
    let desk = hall.reception().await;
    let path = away(&desk, &hall, "first_day=23.11.2026&from=14:00&until=18:00").await;
    let page = desk.get(&path).await.body;
    assert!(page.contains(&evening.id.to_string()) && !page.contains(&morning.id.to_string()));
    let wrong = desk.post("/absences", "doctor=&first_day=31.02.2026").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("Выберите врача") && wrong.body.contains("31.02.2026"));
}

#[tokio::test]
async fn a_doctor_who_is_back_has_nobody_stranded_and_nobody_is_told_otherwise() {
    let hall = Hall::open().await;
    let made = hall.day.booked("15:00").await;
    hall.work().await;
    let desk = hall.reception().await;
    let path = away(&desk, &hall, "first_day=23.11.2026").await;
    desk.post(&format!("{path}/tell"), &format!("visit={}", made.id)).await;
    let setup = hall.day.clinic.grant::<SetUpClinic>(Role::Owner).await;
    let ids = hall.day.clinic.rows("SELECT id FROM shift_exception").await;
    let ids: Vec<_> = ids.iter().map(|id| id.parse().unwrap()).collect();
    schedule::withdraw_exceptions(hall.day.clinic.vault(), &setup, &ids).await.unwrap();
    assert!(!desk.get("/").await.body.contains("которого не будет"));
    // What waited to leave says what is not so any more.
    hall.work().await;
    let told = "SELECT state || ' ' || reason FROM message WHERE purpose = 'doctor_away'";
    assert_eq!(hall.day.clinic.rows(told).await, ["withheld away_changed"]);
}
