//! First or repeated: the panel offers the other of two services, and the
//! owner says which two belong together.

use axum::http::StatusCode;

use tirkeu::ids::ServiceId;
use tirkeu::money::Money;
use tirkeu::schedule::{self, ServiceDraft};
use tirkeu::vault::permission::{Role, SetUpClinic};

use crate::booking::Day1;

/// The filling has a shorter and cheaper one for who was here within 30 days.
pub async fn repeated(day: &Day1) -> ServiceId {
    let setup = day.clinic.grant::<SetUpClinic>(Role::Owner).await;
    let vault = day.clinic.vault();
    let mut draft = ServiceDraft::named("Повторный осмотр");
    draft.duration_minutes = 15;
    draft.price = Some(Money::from_tenge(3_000));
    let repeated = schedule::add_service(vault, &setup, &draft).await.unwrap();
    let to = Some((repeated, 30));
    schedule::set_repeat(vault, &setup, day.filling, to).await.unwrap();
    repeated
}

/// A visit with Anna that took place, on that day.
pub async fn completed(day: &Day1, on: &str) {
    let made = day.booked("10:00").await;
    let past = format!(
        "UPDATE appointment SET status = 'completed', starts = '{on}T10:00' WHERE id = '{}'",
        made.id
    );
    day.clinic.write(&past).await.unwrap();
}

#[tokio::test]
async fn whoever_was_with_the_doctor_lately_is_offered_the_repeated_visit_with_its_price() {
    let day = Day1::open().await;
    let repeated = repeated(&day).await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let asked = |service: ServiceId, doctor: String| {
        format!(
            "/appointments/new?day=2026-11-23&patient={}&service={service}&doctor={doctor}",
            day.patient
        )
    };
    let anna = day.anna.to_string();

    let first = desk.get(&asked(day.filling, anna.clone())).await;
    assert!(!first.body.contains("id=\"advised\""), "never here: the first one fits");
    let early = desk.get(&asked(repeated, anna.clone())).await;
    assert!(early.body.contains("Подходит первичный"), "{}", early.body);

    completed(&day, "2026-11-10").await;
    let again = desk.get(&asked(day.filling, anna.clone())).await;
    assert!(again.body.contains("10.11.2026") && again.body.contains("Сейтова А. Н."));
    assert!(again.body.contains("Повторный осмотр · 15 мин · 3\u{a0}000\u{a0}₸"), "{}", again.body);
    assert!(!desk.get(&asked(repeated, anna)).await.body.contains("id=\"advised\""));
    let any = desk.get(&asked(day.filling, String::new())).await;
    assert!(any.body.contains("id=\"advised\""), "with any doctor, by the service");
    let other = desk.get(&asked(day.filling, day.bolat.to_string())).await;
    assert!(!other.body.contains("id=\"advised\""), "not with Bolat, whose specialty is not said");

    let same = "UPDATE resource SET specialty = 'терапевт' WHERE kind = 'doctor'";
    day.clinic.write(same).await.unwrap();
    let colleague = desk.get(&asked(day.filling, day.bolat.to_string())).await;
    assert!(colleague.body.contains("id=\"advised\""), "of Anna's specialty");
}

#[tokio::test]
async fn a_visit_longer_ago_than_the_clinic_says_or_one_that_did_not_take_place_counts_for_nothing()
{
    let day = Day1::open().await;
    repeated(&day).await;
    let desk = day.clinic.sign_in(Role::Reception).await;
    let asked = format!(
        "/appointments/new?day=2026-11-23&patient={}&service={}&doctor={}",
        day.patient, day.filling, day.anna
    );

    completed(&day, "2026-10-23").await;
    assert!(!desk.get(&asked).await.body.contains("id=\"advised\""), "31 days ago");
    let missed = "UPDATE appointment SET status = 'no_show', starts = '2026-11-10T10:00'";
    day.clinic.write(missed).await.unwrap();
    assert!(!desk.get(&asked).await.body.contains("id=\"advised\""), "they did not come");
}

#[tokio::test]
async fn the_owner_joins_two_services_and_parts_them_again_and_nonsense_is_kept_as_typed() {
    let day = Day1::open().await;
    let owner = day.clinic.sign_in(Role::Owner).await;
    let page = format!("/settings/services/{}/repeat", day.filling);
    let rules = "SELECT repeat_id || days FROM service_repeat";

    let odd = owner.post(&page, &format!("repeat={}&days=триста", day.talk)).await;
    assert_eq!(odd.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(odd.body.contains("value=\"триста\"") && odd.body.contains("от 1 до 1100"));
    let itself = owner.post(&page, &format!("repeat={}&days=30", day.filling)).await;
    assert_eq!(itself.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(day.clinic.rows(rules).await.is_empty());

    owner.post(&page, &format!("repeat={}&days=14", day.talk)).await;
    assert_eq!(day.clinic.rows(rules).await, [format!("{}14", day.talk)]);
    assert!(owner.get(&page).await.body.contains("value=\"14\""));
    owner.post(&page, "repeat=&days=14").await;
    assert!(day.clinic.rows(rules).await.is_empty());
    assert_eq!(day.clinic.audited().await.last().unwrap(), "service.repeat_set");

    let doctor = day.clinic.sign_in(Role::Doctor).await;
    assert_eq!(doctor.get(&page).await.status, StatusCode::FORBIDDEN);
}
