//! The breach desk: whose data was seen, by real requests on a real database.

use std::collections::BTreeSet;
use std::path::Path;

use tirkeu::contact::{Iin, Name, Phone};
use tirkeu::ids::PatientId;
use tirkeu::incidents::{
    self, EventKind, Field, IncidentError, IncidentId, NewIncident, Scope, Story,
};
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{HandleIncidents, RegisterPatient, Role, ViewIncidents};

use crate::architecture::rust_files;
use crate::support::{Answer, Browser, PASSWORD, TestClinic};

const MINUTE: i64 = 60_000;

async fn enter(clinic: &TestClinic, count: usize) -> Vec<PatientId> {
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let mut ids = Vec::new();
    for number in 0..count {
        let new = NewPatient {
            name: Name::new("Цойтестова", &format!("Анна{number}"), ""),
            phones: vec![Phone::parse(&format!("+7701000{number:04}")).unwrap()],
            iin: (number == 0).then(|| Iin::parse("850101300005").unwrap()),
            ..NewPatient::default()
        };
        ids.push(patients::register(clinic.vault(), &grant, &new).await.unwrap());
    }
    ids
}

/// An account as the ledger names it.
fn account(browser: &Browser<'_>) -> String {
    browser.actor().staff().unwrap().to_string()
}

/// The account's whole day, as the officer types it.
fn form(actor: &str, verb: &str) -> String {
    format!(
        "actor={actor}&session=&ip=&device=&from=23.11.2026+00:00&until=24.11.2026+00:00\
         &detected=&nature=access&do={verb}"
    )
}

fn id_of(answer: &Answer) -> IncidentId {
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.header("location").rsplit('/').next().unwrap().parse().unwrap()
}

fn proof() -> String {
    format!("password={}&code=", PASSWORD.replace(' ', "+"))
}

#[tokio::test]
async fn the_cards_that_an_account_viewed_are_listed_and_no_others_and_no_names() {
    let clinic = TestClinic::open().await;
    let people = enter(&clinic, 120).await;
    let thief = clinic.sign_in(Role::Reception).await;
    let actor = account(&thief);
    let other = clinic.sign_in(Role::Reception).await;
    for id in people.iter().take(37) {
        assert_eq!(thief.get(&format!("/patients/{id}")).await.status, 200);
        thief.get(&format!("/patients/{id}/messages")).await;
        clinic.clinic.clock().advance_ms(1000);
    }
    for id in people.iter().skip(30).take(20) {
        other.get(&format!("/patients/{id}")).await;
    }
    clinic.clinic.clock().advance_ms(24 * 60 * MINUTE);
    let officer = clinic.sign_in(Role::Compliance).await;
    let path = "/personal-data/incidents";
    let found = officer.post(path, &form(&actor, "look")).await;
    assert!(found.body.contains("Данные 37 человек"), "{}", found.body);

    let id = id_of(&officer.post(path, &form(&actor, "open")).await);
    let grant = clinic.grant::<ViewIncidents>(Role::Owner).await;
    let listed = incidents::people(clinic.vault(), &grant, id, i64::MAX).await.unwrap();
    let seen: BTreeSet<PatientId> = listed.iter().map(|one| one.patient_id).collect();
    assert_eq!(seen, people.iter().take(37).copied().collect(), "exactly those");
    assert_eq!(listed.len(), 37);
    assert!(listed.iter().all(|one| !one.doubtful && one.fields.contains(&Field::Visits)));
    assert!(
        listed.iter().all(|one| !one.fields.contains(&Field::Identity)),
        "nobody asked for the IIN"
    );
    let whole = incidents::whole(clinic.vault(), &grant, id).await.unwrap();
    assert_eq!(whole.lists[0].sha256, incidents::list_hash(&listed));

    let page = officer.get(&format!("{path}/{id}")).await.body;
    assert!(page.contains("№ 37") && !page.contains("№ 38"), "{page}");
    let csv = officer.get(&format!("{path}/{id}/people.csv")).await.body;
    assert_eq!(csv.lines().count(), 38);
    for text in [&page, &csv, &found.body] {
        assert!(!text.contains("Цойтестова") && !text.contains("+7701"), "no names on the desk");
    }
    let ledger = clinic.ledger().await;
    assert!(
        ledger
            .iter()
            .any(|event| event["act"] == "incident.opened" && event["oid"] == id.to_string())
    );
    let event = ledger.iter().find(|event| event["act"] == "incident.searched").unwrap();
    assert!(event["pats"].is_null(), "whoever is looked for is not looked at");
}

#[tokio::test]
async fn a_list_of_people_counts_and_a_look_of_the_hour_before_is_in_doubt() {
    let clinic = TestClinic::open().await;
    let people = enter(&clinic, 3).await;
    let thief = clinic.sign_in(Role::Reception).await;
    thief.get(&format!("/patients/{}", people[0])).await;
    clinic.clinic.clock().advance_ms(4 * MINUTE);
    let from = clinic.clinic.clock().now();
    thief.get(&format!("/patients/{}", people[0])).await; // within the hour: no second entry
    thief.get("/search?q=7010000001").await;
    thief.get(&format!("/patients/{}/iin", people[1])).await;
    clinic.clinic.clock().advance_ms(MINUTE);
    let scope = Scope {
        actor: Some(account(&thief)),
        session: None,
        ip: None,
        device: None,
        from,
        until: clinic.clinic.clock().now(),
    };
    let grant = clinic.grant::<HandleIncidents>(Role::Compliance).await;
    let found = incidents::look(&clinic.clinic, &grant, &scope).await.unwrap();
    let one = |id| found.people.iter().find(|one| one.patient_id == id);
    assert!(one(people[0]).unwrap().doubtful);
    let seen = one(people[1]).unwrap();
    assert!(!seen.doubtful && seen.fields.contains(&Field::Identity));
    assert!(one(people[2]).is_none(), "{found:?}");

    let nobody = Scope { session: Some("00000000".to_owned()), actor: None, ..scope.clone() };
    assert!(incidents::look(&clinic.clinic, &grant, &nobody).await.unwrap().people.is_empty());
    let all = Scope { actor: None, ..scope };
    let found = incidents::look(&clinic.clinic, &grant, &all).await.unwrap();
    assert!(found.people.iter().all(|one| one.patient_id != people[2]));
    assert_eq!(found.origins.len(), 1);
}

#[tokio::test]
async fn names_stand_only_in_papers_that_cost_a_proof_and_each_paper_is_in_the_ledger() {
    let clinic = TestClinic::open().await;
    let people = enter(&clinic, 3).await;
    let thief = clinic.sign_in(Role::Reception).await;
    let actor = account(&thief);
    for id in &people[..2] {
        thief.get(&format!("/patients/{id}")).await;
    }
    clinic.clinic.clock().advance_ms(MINUTE);
    let officer = clinic.sign_in(Role::Compliance).await;
    let id = id_of(&officer.post("/personal-data/incidents", &form(&actor, "open")).await);
    let path = format!("/personal-data/incidents/{id}/papers");
    let refused = officer.post(&path, "paper=list&lang=ru&card=&password=guess&code=").await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Пароль или код"));
    assert!(!clinic.audited().await.contains(&"incident.notices_made".to_owned()));

    for (paper, card, kind) in [
        ("list", "", "application/pdf"),
        ("letters", "", "application/zip"),
        ("letter", "2", "application/pdf"),
    ] {
        for lang in ["ru", "kk"] {
            let form = format!("paper={paper}&lang={lang}&card={card}&{}", proof());
            let answer = officer.post(&path, &form).await;
            assert_eq!(answer.status, 200, "{paper} {lang}: {}", answer.body);
            assert_eq!(answer.header("content-type"), kind);
        }
    }
    let wrong = officer.post(&path, &format!("paper=letter&lang=ru&card=3&{}", proof())).await;
    assert!(wrong.body.contains("Этой карты нет в списке"), "{}", wrong.body);
    let ledger = clinic.ledger().await;
    let printed: Vec<_> =
        ledger.iter().filter(|event| event["act"] == "incident.paper_printed").collect();
    assert_eq!(printed.len(), 7, "each generation");
    let named = ledger.iter().find(|event| event["act"] == "incident.notices_made").unwrap();
    assert_eq!(named["pats"].as_array().unwrap().len(), 2, "whose names were read");
    assert!(!serde_json::to_string(&ledger).unwrap().contains("Цойтестова"));

    for lang in ["ru", "kk"] {
        let notice =
            officer.get(&format!("/personal-data/incidents/{id}/authority.pdf?lang={lang}")).await;
        assert_eq!(
            (notice.status.as_u16(), notice.header("content-type")),
            (200, "application/pdf")
        );
        let register =
            officer.get(&format!("/personal-data/incidents/export.pdf?lang={lang}")).await;
        assert_eq!(register.status, 200);
    }
    for role in [Role::Reception, Role::Doctor, Role::Sysadmin] {
        let browser = clinic.sign_in(role).await;
        assert_eq!(browser.post(&path, &proof()).await.status, 403, "{role:?}");
        assert_eq!(browser.get("/personal-data/incidents").await.status, 403, "{role:?}");
    }
}

#[tokio::test]
async fn the_terms_run_from_the_discovery_and_an_incident_closes_when_the_authority_knows() {
    let clinic = TestClinic::open().await;
    let people = enter(&clinic, 1).await;
    let thief = clinic.sign_in(Role::Reception).await;
    let actor = account(&thief);
    thief.get(&format!("/patients/{}", people[0])).await;
    // Monday 08:00 plus four days and nine hours: Friday, 17:00 in Almaty.
    clinic.clinic.clock().advance_ms((4 * 24 + 9) * 60 * MINUTE);
    let officer = clinic.sign_in(Role::Compliance).await;
    let path = "/personal-data/incidents";
    let id = id_of(&officer.post(path, &form(&actor, "open")).await);
    let page = officer.get(&format!("{path}/{id}")).await.body;
    assert!(page.contains("осталось 9 ч 0 мин"), "{page}");
    assert!(page.contains("до 30.11.2026, 18:00"));

    let events = format!("{path}/{id}/events");
    let early = officer.post(&events, "kind=closed&at=27.11.2026+17:00&note=").await;
    assert_eq!(early.status, 409, "{}", early.body);
    let future = officer.post(&events, "kind=contained&at=28.11.2026+10:00&note=Keys").await;
    assert_eq!(future.status, 422);
    assert!(future.body.contains("Keys") && future.body.contains("Не раньше обнаружения"));

    clinic.clinic.clock().advance_ms(4 * 24 * 60 * MINUTE);
    let officer = clinic.sign_in(Role::Compliance).await;
    let page = officer.get(&format!("{path}/{id}")).await.body;
    assert!(page.contains("просрочено на 7 ч 0 мин"), "Tuesday 17:00: {page}");
    for (kind, at) in [
        ("authority_notified", "30.11.2026 17:30"),
        ("subjects_notified", "01.12.2026 09:00"),
        ("closed", "01.12.2026 10:00"),
    ] {
        let form = format!("kind={kind}&at={}&note=", at.replace(' ', "+"));
        assert_eq!(officer.post(&events, &form).await.status, 303, "{kind}");
    }
    let page = officer.get(&format!("{path}/{id}")).await.body;
    assert!(page.contains("уведомлён в срок") && page.contains("уведомлён с опозданием"), "{page}");
    assert_eq!(officer.post(&events, "kind=noted&at=01.12.2026+11:00&note=x").await.status, 409);
    for table in
        ["incident", "incident_event", "incident_list", "incident_person", "incident_story"]
    {
        assert!(clinic.write(&format!("DELETE FROM {table}")).await.is_err(), "{table}");
    }
    let csv = officer.get(&format!("{path}/export.csv")).await.body;
    assert_eq!(csv.lines().count(), 2);
}

#[tokio::test]
async fn a_list_is_corrected_with_a_reason_and_the_list_before_stays() {
    let clinic = TestClinic::open().await;
    let people = enter(&clinic, 5).await;
    let thief = clinic.sign_in(Role::Reception).await;
    let actor = account(&thief);
    for id in &people[..3] {
        thief.get(&format!("/patients/{id}")).await;
    }
    clinic.clinic.clock().advance_ms(MINUTE);
    let officer = clinic.sign_in(Role::Compliance).await;
    let path = "/personal-data/incidents";
    let id = id_of(&officer.post(path, &form(&actor, "open")).await);
    let correct = format!("{path}/{id}/people");
    let nothing = officer.post(&correct, "seen=1&without=2&with=&reason=").await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.body.contains("Напишите причину") && nothing.body.contains("value=\"2\""));
    let done = officer.post(&correct, "seen=1&without=2&with=5&reason=Own+patients").await;
    assert_eq!(done.status, 303);
    assert_eq!(officer.post(&correct, "seen=1&without=1&with=&reason=x").await.status, 409);

    let grant = clinic.grant::<ViewIncidents>(Role::Owner).await;
    let listed = incidents::people(clinic.vault(), &grant, id, 100).await.unwrap();
    let mut cards: Vec<i64> = listed.iter().map(|one| one.card).collect();
    cards.sort_unstable();
    assert_eq!(cards, [1, 3, 5]);
    let whole = incidents::whole(clinic.vault(), &grant, id).await.unwrap();
    let versions: Vec<_> = whole.lists.iter().map(|list| (list.version, list.people)).collect();
    assert_eq!(versions, [(2, 3), (1, 3)]);
    assert_eq!(whole.lists[0].reason, "Own patients");
    assert_ne!(whole.lists[0].sha256, whole.lists[1].sha256);
}

#[tokio::test]
async fn what_the_notices_say_gets_a_new_version_and_needs_both_languages() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let grant = clinic.grant::<HandleIncidents>(Role::Compliance).await;
    let now = clinic.clinic.clock().now();
    let scope = Scope {
        actor: None,
        session: None,
        ip: None,
        device: None,
        from: now.plus_ms(-MINUTE),
        until: now,
    };
    let new = NewIncident { scope, detected_at: now, by: grant.staff() };
    let id = incidents::open(&clinic.clinic, &grant, &new, &Story::default()).await.unwrap();
    let path = format!("/personal-data/incidents/{id}/story");
    let one = "nature=distribution&consequences_ru=a&consequences_kk=b&measures_ru=c&measures_kk=d&advice_ru=e";
    let refused = officer.post(&path, &format!("{one}&advice_kk=")).await;
    assert_eq!(refused.status, 422);
    assert_eq!(officer.post(&path, &format!("{one}&advice_kk=f")).await.status, 303);
    let kept = clinic.rows("SELECT advice_kk FROM incident_story ORDER BY version").await;
    assert_eq!(kept, ["", "f"]);
    let closed = incidents::add_event(clinic.vault(), &grant, id, EventKind::Closed, now, "").await;
    assert!(closed.is_ok(), "nobody was affected: there is nothing to notify");
    let again = incidents::describe(clinic.vault(), &grant, id, &Story::default()).await;
    assert!(matches!(again, Err(IncidentError::Closed)));
}

/// A screen that shows people and that nobody classified would stand in a
/// notice as "unknown".
#[test]
fn every_screen_that_shows_people_says_which_classes_of_fields() {
    let mut missing = BTreeSet::new();
    let mut seen = 0;
    for (file, _) in rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let source = std::fs::read_to_string(&file).unwrap();
        for rest in source.split("list(").skip(1) {
            let Some((before, rest)) = rest.split_once('"') else { continue };
            let Some((screen, _)) = rest.split_once('"') else { continue };
            let is_screen = before.len() < 20 && before.contains("grant") && screen.contains('.');
            if is_screen {
                seen += 1;
                if incidents::shown(screen).1.contains(&Field::Unknown) {
                    missing.insert(screen.to_owned());
                }
            }
        }
    }
    assert!(10 < seen, "the screens were not found: {seen}");
    assert!(missing.is_empty(), "say in incidents::fields what these show: {missing:?}");
}
