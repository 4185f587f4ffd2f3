//! Until when records are kept, on a real database.

use axum::body::Body;
use axum::http::Request;
use sqlx::ConnectOptions;
use tirkeu::clock::Day;
use tirkeu::contact::Name;
use tirkeu::i18n::Language;
use tirkeu::ids::{AppointmentId, PatientId};
use tirkeu::patients::{self, NewPatient};
use tirkeu::retention::{self, Code, Law, RetentionError, RuleForm, Why};
use tirkeu::vault::connect_options;
use tirkeu::vault::permission::{EditRetention, RegisterPatient, Role, ViewRetention};

use crate::support::{PASSWORD, TestClinic};

async fn enter(clinic: &TestClinic) -> PatientId {
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new =
        NewPatient { name: Name::new("Мусин", "Ержан", ""), ..NewPatient::default() };
    patients::register(clinic.vault(), &grant, &new).await.unwrap()
}

/// A visit past the capability that makes them.
async fn visit(clinic: &TestClinic, patient: PatientId, starts: &str, status: &str) {
    let key = TestClinic::database_key();
    let options = connect_options(&clinic.database(), &key).foreign_keys(false);
    let mut sql = options.connect().await.unwrap();
    let insert = "INSERT INTO appointment (id, branch_id, patient_id, starts, minutes, status,
                                           source, comment, notify, version, created_at)
                  VALUES (?1, 'b', ?2, ?3, 30, ?4, 'import', '', 0, 1, 0)";
    let id = AppointmentId::new(clinic.clinic.clock().now());
    let query = sqlx::query(insert).bind(id).bind(patient).bind(starts).bind(status);
    query.execute(&mut sql).await.unwrap();
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

#[tokio::test]
async fn the_last_treatment_starts_the_years_of_a_card_and_a_missed_visit_does_not() {
    let clinic = TestClinic::open().await;
    let patient = enter(&clinic).await;
    visit(&clinic, patient, "2024-03-01T09:30", "completed").await;
    visit(&clinic, patient, "2025-07-01T09:30", "no_show").await;
    visit(&clinic, patient, "2030-01-10T09:30", "booked").await;
    let grant = clinic.grant::<ViewRetention>(Role::Reception).await;
    let found = retention::of_patient(&clinic.clinic, &grant, patient).await.unwrap();

    assert_eq!(found.code, Code::DentalCard);
    assert_eq!((found.card.due, found.card.from), (Some(day("2100-01-01")), day("2024-03-01")));
    assert_eq!(found.consent.due, found.card.due);
    let due: Vec<_> = found.visits.iter().map(|(_, _, fate)| fate.due.unwrap().year()).collect();
    assert_eq!(due, [2036, 2031, 2030]);
    assert!(clinic.audited().await.contains(&"patient.viewed".to_owned()));
}

#[tokio::test]
async fn nothing_of_a_held_patient_has_an_end_until_the_ban_is_released() {
    let clinic = TestClinic::open().await;
    let patient = enter(&clinic).await;
    visit(&clinic, patient, "2024-03-01T09:30", "completed").await;
    let edit = clinic.grant::<EditRetention>(Role::Compliance).await;
    let view = clinic.grant::<ViewRetention>(Role::Compliance).await;
    retention::hold(clinic.vault(), &edit, patient, "court").await.unwrap();
    let again = retention::hold(clinic.vault(), &edit, patient, "court").await;
    assert!(matches!(again, Err(RetentionError::AlreadyHeld)));

    let found = retention::of_patient(&clinic.clinic, &view, patient).await.unwrap();
    assert_eq!((found.card.due, found.card.why), (None, Why::Held));
    assert_eq!((found.consent.due, found.visits[0].2.due), (None, None));
    retention::release(clinic.vault(), &edit, patient).await.unwrap();
    let found = retention::of_patient(&clinic.clinic, &view, patient).await.unwrap();
    assert!(found.card.due.is_some());
    let gone = retention::release(clinic.vault(), &edit, patient).await;
    assert!(matches!(gone, Err(RetentionError::NotHeld)));
}

#[tokio::test]
async fn a_rule_is_replaced_from_a_day_on_and_its_history_stays() {
    let clinic = TestClinic::open().await;
    let compliance = clinic.sign_in(Role::Compliance).await;
    let form = "seen=1&years=7&basis=Order+9&basis_kk=Buiryq+9&source=&checked_on=2026-11-23\
                &effective_from=2026-11-23&confirmed=on";
    let path = "/retention/rules/visit_journal";
    for proof in ["", "&password=guess"] {
        let refused = compliance.post(path, &format!("{form}{proof}")).await;
        assert_eq!(refused.status, 422, "whoever changes a rule proves who they are");
        assert!(refused.body.contains("Пароль или код") && refused.body.contains("Order 9"));
    }
    let form = format!("{form}&password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(compliance.post(path, &form).await.status, 303);
    assert_eq!(compliance.post(path, &form).await.status, 409, "somebody else was first");

    let grant = clinic.grant::<ViewRetention>(Role::Owner).await;
    let rules = retention::rules(clinic.vault(), &grant).await.unwrap();
    let history = rules.history(Code::VisitJournal);
    assert_eq!(history.iter().map(|rule| rule.years).collect::<Vec<_>>(), [7, 5]);
    assert!(history[0].confirmed && history[0].made_by.is_some());
    let before = rules.in_force(Code::VisitJournal, day("2026-11-22")).unwrap();
    assert_eq!(before.version, 1);
    let page = compliance.get(path).await;
    assert!(page.body.contains("Order 9") && page.body.contains("Buiryq 9"));
}

#[tokio::test]
async fn a_wrong_form_is_shown_again_with_what_was_typed() {
    let clinic = TestClinic::open().await;
    let owner = clinic.sign_in(Role::Owner).await;
    let form = "seen=1&years=forever&basis=&checked_on=2026-11-23&effective_from=2020-01-01";
    let answer = owner.post("/retention/rules/dental_card", form).await;

    assert_eq!(answer.status, 422);
    assert!(answer.body.contains("value=\"forever\"") && answer.body.contains("2020-01-01"));
    let reception = clinic.sign_in(Role::Reception).await;
    assert_eq!(reception.post("/retention/rules/dental_card", form).await.status, 403);
    assert_eq!(owner.get("/retention/rules/nothing").await.status, 404);
}

#[tokio::test]
async fn shipped_rules_begin_from_the_form_that_shows_them() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<ViewRetention>(Role::Owner).await;
    let rules = retention::rules(clinic.vault(), &grant).await.unwrap();
    let today = day("2026-11-23");
    for code in Code::ALL {
        let rule = rules.in_force(code, today).unwrap();
        let read = RuleForm::of(rule, today).read(code, today).unwrap();
        assert_eq!((read.years, read.until_age), (rule.years, rule.until_age), "{code:?}");
        assert!(!rule.basis.is_empty() && !rule.basis_kk.is_empty() && !rule.source.is_empty());
    }
}

#[tokio::test]
async fn the_page_lists_every_card_with_its_date_and_why() {
    let clinic = TestClinic::open().await;
    let patient = enter(&clinic).await;
    visit(&clinic, patient, "2024-03-01T09:30", "completed").await;
    let owner = clinic.sign_in(Role::Owner).await;
    let page = owner.get("/retention").await;

    assert_eq!(page.status, 200);
    assert!(page.body.contains("01.01.2100"), "{}", page.body);
    assert!(page.body.contains("01.01.2030"), "the journal's first date");
    let card = owner.get(&format!("/patients/{patient}/retention")).await;
    assert!(card.body.contains("01.01.2100") && card.body.contains("01.01.2030"));
}

#[tokio::test]
async fn an_inpatient_card_is_kept_until_the_discharge_is_written_down() {
    let clinic = TestClinic::open().await;
    let patient = enter(&clinic).await;
    visit(&clinic, patient, "2024-03-01T09:30", "completed").await;
    let desk = clinic.sign_in(Role::Reception).await;
    let path = format!("/patients/{patient}/retention/card");
    let grant = clinic.grant::<ViewRetention>(Role::Reception).await;
    let fate = async || {
        let found = retention::of_patient(&clinic.clinic, &grant, patient).await.unwrap();
        (found.code, found.card.due, found.card.why)
    };
    assert_eq!(desk.post(&path, "kind=inpatient&discharged=").await.status, 303);
    assert_eq!(fate().await, (Code::InpatientCard, None, Why::NotDischarged));
    let page = desk.get(&format!("/patients/{patient}/retention")).await.body;
    assert!(page.contains("выписка не внесена"), "{page}");

    let later = desk.post(&path, "kind=inpatient&discharged=2026-11-24").await;
    assert_eq!(later.status, 422, "nobody is discharged tomorrow");
    assert!(later.body.contains("2026-11-24"), "what was typed stays");
    for (day, due) in [("2025-06-01", "2051-01-01"), ("2024-06-01", "2050-01-01")] {
        desk.post(&path, &format!("kind=inpatient&discharged={day}")).await;
        assert_eq!(fate().await.1, Some(self::day(due)));
        clinic.clinic.clock().advance_ms(1000);
    }
    let kept = clinic.rows("SELECT day FROM retention_discharge ORDER BY recorded_at").await;
    assert_eq!(kept, ["2025-06-01", "2024-06-01"], "a correction keeps what it corrects");
    let doctor = clinic.sign_in(Role::Doctor).await;
    assert_eq!(doctor.post(&path, "kind=dental").await.status, 403);
}

/// The seed's table: 25 years for cards, 75 for dental ones or until the
/// patient is 75, five for the journal; a rule says in its basis what it counts.
#[tokio::test]
async fn the_shipped_rules_are_those_of_the_seed_and_name_their_years_in_their_basis() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<ViewRetention>(Role::Owner).await;
    let rules = retention::rules(clinic.vault(), &grant).await.unwrap();
    for (code, years, age) in [
        (Code::OutpatientCard, 25, None),
        (Code::InpatientCard, 25, None),
        (Code::DentalCard, 75, Some(75)),
        (Code::VisitJournal, 5, None),
        (Code::Consent, 0, None),
    ] {
        let rule = rules.in_force(code, day("2026-11-23")).unwrap();
        assert_eq!((rule.years, rule.until_age), (years, age), "{code:?}");
        assert_eq!(rule.start, code.start(), "{code:?}");
        assert!(years == 0 || rule.basis.contains(&format!("{years} лет")), "{}", rule.basis);
        let kazakh = &rule.basis_kk;
        assert!(years == 0 || kazakh.contains(&format!("{years} жыл")), "{kazakh}");
        assert!(!rule.confirmed, "only the clinic's lawyer confirms: {code:?}");
    }
}

/// An answer, a card, an act: each in the reader's language, Russian where the
/// clinic wrote a rule down before Kazakh was asked for.
#[tokio::test]
async fn the_law_is_named_in_the_readers_language() {
    let clinic = TestClinic::open().await;
    let owner = clinic.sign_in(Role::Owner).await;
    let read = async |language: &str| {
        let request = Request::get("/retention").header("cookie", format!("lang={language}"));
        owner.send(request.body(Body::empty()).unwrap()).await.body
    };
    let kazakh = read("kk").await;
    assert!(kazakh.contains("е нысаны, ҚР") && !kazakh.contains("Форма 052"));
    let russian = read("ru").await;
    assert!(russian.contains("Форма 052") && !russian.contains("е нысаны, ҚР"));
    let law = |kk: &str| Law { ru: "закон".to_owned(), kk: kk.to_owned() };
    assert_eq!(law("заң").in_language(Language::Kk), "заң");
    assert_eq!(law("заң").in_language(Language::En), "закон");
    assert_eq!(law("").in_language(Language::Kk), "закон");
}
