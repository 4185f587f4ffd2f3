//! Requests of people about their own data, and the blocking of what is kept.

use tirkeu::contact::{Iin, Name, Phone};
use tirkeu::ids::PatientId;
use tirkeu::patients::{self, NewPatient};
use tirkeu::subject_requests::{self, Filter, Kind, RequestRow, State};
use tirkeu::vault::permission::{RegisterPatient, Role, SendMessages, ViewRequests};
use tirkeu::vault::{Actor, Grant};

use crate::support::{Browser, PASSWORD, TestClinic};

const PATH: &str = "/personal-data/requests";

async fn enter(clinic: &TestClinic, name: &str, phone: &str) -> PatientId {
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new = NewPatient {
        name: Name::new(name, "Анна", "Сергеевна"),
        phones: vec![Phone::parse(phone).unwrap()],
        iin: Some(Iin::parse("850101300005").unwrap()).filter(|_| name == "Цойтестова"),
        ..NewPatient::default()
    };
    patients::register(clinic.vault(), &grant, &new).await.unwrap()
}

fn form(kind: &str, document: &str) -> String {
    format!(
        "kind={kind}&card=1&requester=patient&applicant=&contact=&way=in_person\
         &received=23.11.2026+08:00&wish=Please&document={document}"
    )
}

/// Takes a request in and gives its path.
async fn take(officer: &Browser<'_>, kind: &str) -> String {
    let answer = officer.post(PATH, &form(kind, "id_card")).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").to_owned()
}

async fn step(officer: &Browser<'_>, path: &str, seen: &str, state: &str, more: &str) {
    let form = format!("seen={seen}&state={state}&document=&refusal=&note_ru=&note_kk={more}");
    let answer = officer.post(&format!("{path}/steps"), &form).await;
    assert_eq!(answer.status, 303, "{seen} to {state}: {}", answer.body);
}

fn proof(lang: &str) -> String {
    format!("lang={lang}&password={}&code=", PASSWORD.replace(' ', "+"))
}

async fn register(clinic: &TestClinic, filter: &Filter) -> Vec<RequestRow> {
    let grant = clinic.grant::<ViewRequests>(Role::Owner).await;
    subject_requests::register(clinic.vault(), &grant, filter).await.unwrap()
}

/// A visit past the capability that makes them.
async fn visit(clinic: &TestClinic, patient: PatientId, starts: &str) {
    let sql = format!(
        "PRAGMA foreign_keys = OFF; INSERT INTO appointment (id, branch_id, patient_id, starts,
         minutes, status, source, comment, notify, version, created_at)
         VALUES ('01900000-0000-7000-8000-000000000001', 'b', '{patient}', '{starts}', 30,
         'completed', 'import', '', 0, 1, 0)"
    );
    clinic.write(&sql).await.unwrap();
}

#[tokio::test]
async fn reception_takes_a_request_in_and_only_the_officer_goes_on_with_it() {
    let clinic = TestClinic::open().await;
    enter(&clinic, "Цойтестова", "+77010000001").await;
    let desk = clinic.sign_in(Role::Reception).await;
    let at = desk.get("/personal-data").await;
    assert_eq!(at.header("location"), "/personal-data/requests/new");
    let taken = desk.post(PATH, &form("access", "")).await;
    assert_eq!(taken.header("location"), "/personal-data/requests/new?taken=1&kind=access");
    let page = desk.get(taken.header("location")).await.body;
    assert!(page.contains("Обращение № 1 принято"), "{page}");
    assert!(page.contains("26.11.2026, 18:00"), "three working days from Monday");
    for path in [PATH, "/personal-data/blocked", "/personal-data/requests/export.csv"] {
        assert_eq!(desk.get(path).await.status, 403, "{path}");
    }

    let wrong = desk
        .post(PATH, "kind=access&card=77&requester=patient&received=23.11.2026&wish=Keep")
        .await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("Карты с таким номером нет") && wrong.body.contains("Keep"));
    let future = desk.post(PATH, "kind=access&card=1&requester=patient&received=24.11.2026").await;
    assert!(future.status == 422 && future.body.contains("ещё не наступило"));
    let nobody = desk.post(PATH, "kind=access&card=&requester=patient&received=23.11.2026").await;
    assert!(nobody.status == 422 && nobody.body.contains("кто обращается"));

    let officer = clinic.sign_in(Role::Compliance).await;
    assert_eq!(officer.get("/personal-data").await.header("location"), PATH);
    let list = officer.get(PATH).await.body;
    assert!(list.contains("№ 1") && !list.contains("Цойтестова"), "{list}");
    let ledger = clinic.ledger().await;
    let event = ledger.iter().find(|event| event["act"] == "subject_request.taken").unwrap();
    assert!(!event.to_string().contains("Please"), "{event}");
}

#[tokio::test]
async fn nothing_is_answered_before_it_is_known_who_asks() {
    let clinic = TestClinic::open().await;
    enter(&clinic, "Цойтестова", "+77010000001").await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let taken = officer.post(PATH, &form("access", "")).await;
    let path = taken.header("location").to_owned();
    let steps = format!("{path}/steps");
    let post = async |seen: &str, state: &str, more: &str| {
        officer.post(&steps, &format!("seen={seen}&state={state}&{more}")).await
    };
    assert_eq!(post("received", "answered", "").await.status, 409);
    assert_eq!(post("received", "identified", "document=").await.status, 422);
    assert_eq!(post("received", "identified", "document=passport").await.status, 303);
    assert_eq!(post("received", "in_work", "").await.status, 409, "it has moved on");
    assert_eq!(post("identified", "in_work", "").await.status, 303);
    let both = post("in_work", "answered", "note_ru=Да&note_kk=").await;
    assert!(both.status == 422 && both.body.contains("на обоих языках"));
    assert_eq!(post("in_work", "refused", "refusal=").await.status, 422);
    assert_eq!(post("in_work", "refused", "refusal=obligation").await.status, 303);
    let page = officer.get(&path).await.body;
    assert!(page.contains("ст. 8 п. 2"), "a refusal names its law: {page}");
    assert_eq!(post("refused", "answered", "").await.status, 409);
    for table in ["subject_request", "subject_request_step", "patient_block"] {
        if table != "patient_block" {
            assert!(clinic.write(&format!("DELETE FROM {table}")).await.is_err(), "{table}");
        }
    }
    assert!(clinic.write("UPDATE subject_request SET kind = 'access'").await.is_err());
}

#[tokio::test]
async fn the_answer_to_a_request_for_information_is_a_paper_in_both_languages_and_costs_a_proof() {
    let clinic = TestClinic::open().await;
    let patient = enter(&clinic, "Цойтестова", "+77010000001").await;
    visit(&clinic, patient, "2024-03-01T09:30").await;
    clinic.sign_in(Role::Doctor).await.get(&format!("/patients/{patient}")).await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let path = take(&officer, "access").await;
    step(&officer, &path, "identified", "in_work", "").await;
    step(&officer, &path, "in_work", "answered", "").await;
    let answer = format!("{path}/answer");
    let refused = officer.post(&answer, "lang=ru&password=guess&code=").await;
    assert_eq!(refused.status, 422);
    let mut sizes = Vec::new();
    for lang in ["ru", "kk"] {
        let paper = officer.post(&answer, &proof(lang)).await;
        assert_eq!(paper.status, 200, "{}", paper.body);
        assert_eq!(paper.header("content-type"), "application/pdf");
        sizes.push(paper.body.len());
    }
    assert!(sizes.iter().all(|size| 10_000 < *size), "{sizes:?}");
    let ledger = clinic.ledger().await;
    let printed = ledger.iter().filter(|event| event["act"] == "subject_request.answer_printed");
    assert_eq!(printed.count(), 2, "each making");
    let seen = ledger.iter().rev().find(|event| event["act"] == "patient.viewed").unwrap();
    assert_eq!(
        (seen["role"].as_str(), seen["pat"].as_str()),
        (Some("compliance"), Some(patient.to_string().as_str()))
    );
    let desk = clinic.sign_in(Role::Reception).await;
    assert_eq!(desk.post(&answer, &proof("ru")).await.status, 403);
}

#[tokio::test]
async fn what_a_law_keeps_is_blocked_and_the_answer_says_until_when() {
    let clinic = TestClinic::open().await;
    let patient = enter(&clinic, "Цойтестова", "+77010000001").await;
    enter(&clinic, "Цойдругая", "+77010000002").await;
    visit(&clinic, patient, "2024-03-01T09:30").await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let path = take(&officer, "destruction").await;
    step(&officer, &path, "identified", "in_work", "").await;
    let page = officer.get(&path).await.body;
    assert!(page.contains("01.01.2100") && page.contains("01.01.2030"), "card and journal: {page}");
    assert!(page.contains("заблокируйте данные"), "{page}");
    let block = format!("{path}/block");
    assert_eq!(officer.post(&block, "reason=destruction&basis=").await.status, 422);
    assert_eq!(officer.post(&block, "reason=destruction&basis=Form+058").await.status, 303);
    assert_eq!(officer.post(&block, "reason=destruction&basis=Form+058").await.status, 409);
    step(&officer, &path, "in_work", "answered", "").await;
    assert_eq!(officer.post(&format!("{path}/answer"), &proof("kk")).await.status, 200);
    let list = officer.get("/personal-data/blocked").await.body;
    assert!(list.contains("№ 1") && list.contains("01.01.2100") && !list.contains("Цойтестова"));

    let card = format!("/patients/{patient}");
    for role in [Role::Reception] {
        let staff = clinic.sign_in(role).await;
        for search in ["/search?q=7010000001", "/search?q=1", "/patients"] {
            let found = staff.get(search).await.body;
            assert!(!found.contains("Цойтестова"), "{role:?} {search}");
        }
        assert!(staff.get("/patients").await.body.contains("Цойдругая"));
        for part in ["", "/messages", "/consents", "/appointments", "/retention"] {
            let closed = staff.get(&format!("{card}{part}")).await;
            assert_eq!(closed.status, 409, "{role:?} {part}");
            assert!(!closed.body.contains("Цойтестова"));
        }
    }
    let desk = clinic.sign_in(Role::Reception).await;
    let edit = desk.post(&card, "surname=X&given=Y&version=1&language=ru").await;
    assert_eq!(edit.status, 409, "{}", edit.body);
    let owner = clinic.sign_in(Role::Owner).await;
    let seen = owner.get(&card).await;
    assert!(seen.body.contains("Данные заблокированы с") && seen.body.contains("Цойтестова"));
    assert!(owner.get("/search?q=7010000001").await.body.contains("Цойтестова"));
    let denied = clinic.ledger().await;
    let denied = denied.iter().filter(|event| {
        event["act"] == "permission.denied" && event["perm"] == "patients.view_blocked"
    });
    assert!(5 <= denied.count(), "attempts are in the ledger");

    let lifting = format!("/personal-data/blocked/{patient}/lift");
    assert_eq!(officer.post(&lifting, "lift_reason=").await.status, 422);
    assert_eq!(officer.post(&lifting, "lift_reason=A+court+decided").await.status, 303);
    assert_eq!(officer.post(&lifting, "lift_reason=again").await.status, 409);
    assert_eq!(desk.get(&card).await.status, 200);
    let kept = clinic.rows("SELECT lift_reason FROM patient_block").await;
    assert_eq!(kept, ["A court decided"]);
    assert!(clinic.write("DELETE FROM patient_block").await.is_err());
    assert!(clinic.write("UPDATE patient_block SET basis = 'x'").await.is_err());
}

#[tokio::test]
async fn a_blocked_patient_is_not_written_to_whatever_it_is_about() {
    use tirkeu::messaging::Verdict;
    let clinic = TestClinic::open().await;
    let blocked = enter(&clinic, "Цойтестова", "+77010000001").await;
    let free = enter(&clinic, "Цойдругая", "+77010000002").await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let path = take(&officer, "withdrawal").await;
    officer.post(&format!("{path}/block"), "reason=withdrawal&basis=Art.+8").await;
    let grant: Grant<SendMessages> = Actor::job("messaging").grant().unwrap();
    let mut asked = Vec::new();
    for patient in [blocked, free] {
        let verdict = clinic.vault().change(&grant, async |tx| {
            let verdict = subject_requests::may_be_written(tx, patient).await?;
            let event = tirkeu::vault::Event::new("test.done", tirkeu::vault::Subject::Clinic);
            Ok::<_, tirkeu::vault::VaultError>((verdict, event))
        });
        asked.push(verdict.await.unwrap());
    }
    assert_eq!(asked, [Verdict::Withhold("blocked"), Verdict::Send]);
}

#[tokio::test]
async fn what_is_late_is_said_to_be_late_and_the_register_leaves_as_a_file() {
    let clinic = TestClinic::open().await;
    enter(&clinic, "Цойтестова", "+77010000001").await;
    let officer = clinic.sign_in(Role::Compliance).await;
    take(&officer, "correction").await;
    let slow = take(&officer, "withdrawal").await;
    clinic.clinic.clock().advance_ms(3 * 24 * 3_600_000);
    let officer = clinic.sign_in(Role::Compliance).await;
    let list = officer.get(PATH).await.body;
    assert!(list.contains("просрочено на 2 рабочих дня"), "due on Tuesday, now Thursday: {list}");
    assert!(list.contains("осталось 12 рабочих дней"), "{list}");
    let late = officer.get(&format!("{PATH}?state=overdue")).await.body;
    assert!(late.contains("№ 1<") && !late.contains("№ 2<"), "{late}");
    let none = officer.get(&format!("{PATH}?kind=objection")).await.body;
    assert!(none.contains("Таких обращений нет"));

    step(&officer, &slow, "identified", "in_work", "").await;
    step(&officer, &slow, "in_work", "answered", "").await;
    let page = officer.get(&slow).await.body;
    assert!(page.contains("отвечено в срок"), "{page}");
    let csv = officer.get(&format!("{PATH}/export.csv")).await.body;
    assert_eq!(csv.lines().count(), 3);
    assert!(csv.contains("correction,1,") && !csv.contains("Цойтестова"), "{csv}");
    for lang in ["ru", "kk"] {
        let pdf = officer.get(&format!("{PATH}/export.pdf?lang={lang}")).await;
        assert_eq!((pdf.status.as_u16(), pdf.header("content-type")), (200, "application/pdf"));
    }
    let open = register(&clinic, &Filter { open: true, ..Filter::default() }).await;
    let states: Vec<_> = open.iter().map(|row| (row.kind, row.state)).collect();
    assert_eq!(states, [(Kind::Correction, State::Identified)]);
}

#[tokio::test]
async fn somebody_without_a_card_and_a_representative_give_their_names() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let form = "kind=access&card=&requester=representative&applicant=Ким+Тестова&contact=x%40y.kz\
                &way=email&received=23.11.2026+08:00&document=power_of_attorney&wish=";
    let taken = officer.post(PATH, form).await;
    let path = taken.header("location").to_owned();
    let page = officer.get(&path).await.body;
    assert!(page.contains("Ким Тестова") && page.contains("карты нет"), "{page}");
    let steps = format!("{path}/steps");
    let refuse = "seen=identified&state=refused&refusal=no_data&note_ru=&note_kk=";
    assert_eq!(officer.post(&steps, refuse).await.status, 303);
    assert_eq!(officer.post(&format!("{path}/answer"), &proof("ru")).await.status, 200);
    let ledger = serde_json::to_string(&clinic.ledger().await).unwrap();
    assert!(!ledger.contains("Тестова") && !ledger.contains("y.kz"));
}
