//! "Why is this time not offered?", asked over HTTP on a real day.

use axum::http::StatusCode;

use tirkeu::vault::permission::Role;

use crate::booking::Day1;

async fn asked(day: &Day1, role: Role, question: &str) -> String {
    let desk = day.clinic.sign_in(role).await;
    let answer = desk.get(&format!("/schedule/why?{question}")).await;
    assert_eq!(answer.status, StatusCode::OK);
    answer.body
}

fn question(day: &Day1, rest: &str) -> String {
    format!("service={}&day=23.11.2026&{rest}", day.filling)
}

#[tokio::test]
async fn each_doctor_is_told_with_the_rule_that_refuses_the_time() {
    let day = Day1::open().await;
    day.booked("10:00").await;

    let page = asked(&day, Role::Reception, &question(&day, "time=10:15")).await;

    assert!(page.contains("Сейтова А. Н. · нельзя записать"), "{page}");
    assert!(page.contains("Врач занят 10:00–10:30."));
    assert!(page.contains("Оспанов Б. М. · можно записать"));
    assert!(page.contains("Свободно и предлагается."));
}

#[tokio::test]
async fn lunch_and_the_end_of_the_shift_are_named() {
    let day = Day1::open().await;
    let anna = format!("doctor={}", day.anna);

    let lunch = asked(&day, Role::Reception, &question(&day, &format!("{anna}&time=13:10"))).await;
    let late = asked(&day, Role::Reception, &question(&day, &format!("{anna}&time=1745"))).await;

    assert!(lunch.contains("Перерыв 13:00–14:00."), "{lunch}");
    assert!(late.contains("Не помещается в часы работы: 09:00–13:00, 14:00–18:00."), "{late}");
}

#[tokio::test]
async fn a_question_that_is_not_understood_keeps_what_was_typed_and_says_what_to_do() {
    let day = Day1::open().await;

    let page = asked(&day, Role::Reception, "service=&day=23.11.2026&time=27:90").await;

    assert!(page.contains("value=\"27:90\"") && page.contains("aria-invalid"), "{page}");
}

#[tokio::test]
async fn whoever_asks_sees_no_patient_and_leaves_no_look_at_one() {
    let day = Day1::open().await;
    day.booked("10:00").await;
    let before = day.clinic.audited().await.len();

    let page = asked(&day, Role::Doctor, &question(&day, "time=10:15")).await;

    assert!(!page.contains("Мусин"));
    let after = day.clinic.audited().await;
    assert!(!after[before..].iter().any(|act| act.contains("viewed")), "{after:?}");
}
