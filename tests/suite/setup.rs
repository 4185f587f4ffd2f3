//! The first-run wizard and the settings, as a browser sees them.

use axum::http::StatusCode;
use tirkeu::crypto::keyring::HolderKind;
use tirkeu::crypto::{Identity, KeyringFile};
use tirkeu::ids::ResourceId;
use tirkeu::schedule;
use tirkeu::vault::permission::{Role, ViewClinic};

use crate::support::{Answer, Browser, TestClinic};

async fn catalog(clinic: &TestClinic) -> schedule::Catalog {
    let grant = clinic.grant::<ViewClinic>(Role::Doctor).await;
    schedule::setup(&mut clinic.vault().read(&grant).await.unwrap()).await.unwrap()
}

/// Where a form that was taken leads.
async fn post(browser: &Browser<'_>, path: &str, form: &str) -> String {
    let answer = browser.post(path, form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", answer.body);
    answer.header("location").to_owned()
}

async fn refused(browser: &Browser<'_>, path: &str, form: &str) -> Answer {
    let answer = browser.post(path, form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    answer
}

const CLINIC: &str = "name=Арай&phone=8+727+234+56+78&address_ru=Абая+1&zone=Asia/Almaty";

const HOURS: &str = "week_starts=9&week_ends=18&lunch_starts=13&lunch_ends=14&sat_starts=&sat_ends=\
     &sun_starts=&sun_ends=&place=";

/// One value of a hidden or text field.
fn value_of(answer: &Answer, name: &str) -> String {
    let mark = format!("name=\"{name}\"");
    let rest = answer.body.split_once(&mark).unwrap_or_else(|| panic!("no field {name}")).1;
    rest.split_once("value=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn a_receptionist_sets_the_clinic_up_alone() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let start = async |expected: &str| {
        let answer = desk.get("/setup").await;
        assert_eq!(answer.header("location"), expected);
    };
    start("/setup/clinic").await;
    assert_eq!(post(&desk, "/setup/clinic", CLINIC).await, "/setup/doctors");
    start("/setup/doctors").await;
    let doctors = "id=&name=Сейтова+Айгуль+Нурлановна&specialty=Терапевт\
        &id=&name=&specialty=&id=&name=Ли+Сергей&specialty=";
    assert_eq!(post(&desk, "/setup/doctors", doctors).await, "/setup/places");
    let places = "id=&kind=chair&name=Кресло+1&id=&kind=room&name=Рентген&more=1";
    assert_eq!(post(&desk, "/setup/places", places).await, "/setup/places?more=1");
    start("/setup/services").await;
    let services = "id=&name=Осмотр&duration=30&price=5+000&id=&name=&duration=30&price=";
    assert_eq!(post(&desk, "/setup/services", services).await, "/setup/hours");
    let all = catalog(&clinic).await;
    let doctors: Vec<_> = all.doctors().map(|doctor| doctor.id).collect();
    let hours = format!("doctor={}&{HOURS}&doctor={}&{HOURS}", doctors[0], doctors[1]);
    assert_eq!(post(&desk, "/setup/hours", &hours).await, "/setup/done", "the kit is the owner's");
    assert!(!clinic.clinic.profile.get().set_up);
    assert_eq!(post(&desk, "/setup/finish", "").await, "/setup/done");

    assert!(clinic.clinic.profile.get().set_up);
    assert_eq!(clinic.clinic.profile.get().name, "Арай");
    assert_eq!(all.places().count(), 2);
    assert_eq!(all.doctors().next().unwrap().short_name, "Сейтова А. Н.");
    assert_eq!(all.offered().next().unwrap().price.unwrap().tiyn(), 500_000);
    let grant = clinic.grant::<ViewClinic>(Role::Doctor).await;
    let mut reader = clinic.vault().read(&grant).await.unwrap();
    let week = schedule::shifts_between(
        &mut reader,
        "2026-11-23".parse().unwrap(),
        "2026-11-29".parse().unwrap(),
    );
    assert_eq!(week.await.unwrap().len(), 10, "five days of two doctors");
}

#[tokio::test]
async fn each_step_can_be_come_back_to_and_saving_it_again_changes_nothing() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    post(&desk, "/setup/clinic", CLINIC).await;
    post(&desk, "/setup/doctors", "id=&name=Ли+Сергей&specialty=").await;
    let doctor = catalog(&clinic).await.doctors().next().unwrap().id;
    post(&desk, "/setup/hours", &format!("doctor={doctor}&{HOURS}")).await;
    let before = clinic.ledger().await.len();

    let again = desk.get("/setup/doctors").await;
    assert!(again.body.contains("Ли Сергей"));
    post(&desk, "/setup/doctors", &format!("id={doctor}&name=Ли+Сергей&specialty=")).await;
    post(&desk, "/setup/hours", &format!("doctor={doctor}&{HOURS}")).await;
    assert_eq!(clinic.ledger().await.len(), before);

    let other = format!("id={doctor}&name=&specialty=&id=&name=Ким+Анна&specialty=");
    post(&desk, "/setup/doctors", &other).await;
    let all = catalog(&clinic).await;
    let names: Vec<_> = all.doctors().map(|doctor| doctor.name.as_str()).collect();
    assert_eq!(names, ["Ким Анна"], "a name that was cleared ends the doctor");
}

#[tokio::test]
async fn a_form_that_is_refused_keeps_what_was_typed_and_says_what_is_wrong_where() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let bad = "name=&phone=8701&address_ru=Абая+1&address_kk=Абай+1&zone=Mars/Base";
    let answer = refused(&desk, "/setup/clinic", bad).await;
    for kept in ["8701", "Абая 1", "Абай 1"] {
        assert!(answer.body.contains(&format!("value=\"{kept}\"")), "{kept}");
    }
    for field in ["name", "phone", "zone"] {
        assert!(answer.body.contains(&format!("id=\"{field}-note\"")), "{field}");
    }
    assert!(answer.body.contains("aria-invalid=\"true\""));

    post(&desk, "/setup/clinic", CLINIC).await;
    let answer = refused(&desk, "/setup/doctors", "id=&name=&specialty=Хирург").await;
    assert!(answer.body.contains("Хирург"));
    let services = "id=&name=Осмотр&duration=33&price=дорого";
    let answer = refused(&desk, "/setup/services", services).await;
    assert!(answer.body.contains("value=\"дорого\"") && answer.body.contains("value=\"33\""));
    assert!(answer.body.contains("duration-0-note") && answer.body.contains("price-0-note"));
    assert_eq!(catalog(&clinic).await.offered().count(), 0);
}

/// A clinic that has been through the wizard, with one doctor.
async fn with_doctor(clinic: &TestClinic) -> (Browser<'_>, ResourceId) {
    let desk = clinic.sign_in(Role::Reception).await;
    post(&desk, "/setup/clinic", CLINIC).await;
    post(&desk, "/setup/doctors", "id=&name=Ли+Сергей&specialty=").await;
    let doctor = catalog(clinic).await.doctors().next().unwrap().id;
    (desk, doctor)
}

#[tokio::test]
async fn a_week_is_edited_with_two_shifts_on_one_day_and_without_scripts() {
    let clinic = TestClinic::open().await;
    let (desk, doctor) = with_doctor(&clinic).await;
    let path = format!("/settings/hours/{doctor}");
    let row = |weekday: u8, starts: &str, ends: &str| {
        format!("weekday={weekday}&starts={starts}&ends={ends}&break_starts=&break_ends=&place=")
    };
    let week = format!("{}&{}&from=23.11.2026", row(1, "9", "13"), row(2, "", ""));
    let more = desk.post(&path, &format!("{week}&add=1")).await;
    assert_eq!(more.status, StatusCode::OK);
    assert_eq!(more.body.matches("name=\"weekday\" value=\"1\"").count(), 2);
    assert!(more.body.contains("value=\"13\""), "what was typed is kept");

    let clash = format!("{}&{}&from=23.11.2026", row(1, "9", "13"), row(1, "12", "18"));
    let answer = refused(&desk, &path, &clash).await;
    assert!(answer.body.contains("starts-1-note"));
    let week = format!("{}&{}&from=23.11.2026", row(1, "9", "13"), row(1, "15", "20"));
    let next = post(&desk, &path, &week).await;
    assert!(desk.get(&next).await.body.contains("value=\"20:00\""));

    let sick = "from=30.11.2026&until=&what=off&starts=&ends=&place=&reason=sick";
    post(&desk, &format!("{path}/exceptions"), sick).await;
    let page = desk.get(&path).await;
    assert!(page.body.contains("30.11.2026"));
    let form = format!("id={}", value_of(&page, "id"));
    post(&desk, &format!("{path}/withdraw"), &form).await;
    let bad = "from=&until=&what=extra&starts=9&ends=&place=&reason=swap";
    let answer = refused(&desk, &format!("{path}/exceptions"), bad).await;
    assert!(answer.body.contains("x-from-note") && answer.body.contains("x-starts-note"));
}

#[tokio::test]
async fn every_noun_of_the_settings_is_listed_changed_ended_and_brought_back() {
    let clinic = TestClinic::open().await;
    let (desk, doctor) = with_doctor(&clinic).await;
    let branch = catalog(&clinic).await.branches[0].id;
    let form =
        format!("branch_id={branch}&kind=doctor&name=Ли+Сергей&specialty=Хирург&short_name=");
    let list = post(&desk, &format!("/settings/resources/{doctor}"), &form).await;
    assert!(desk.get(&list).await.body.contains("Хирург"));
    post(&desk, &format!("/settings/resources/{doctor}/end"), "").await;
    assert_eq!(catalog(&clinic).await.doctors().count(), 0);
    post(&desk, &format!("/settings/resources/{doctor}/resume"), "").await;
    let service = format!(
        "name=Осмотр&duration=30&price=&performer={doctor}&minutes-{doctor}=40&need=chair&online=on\
         &before=5&after=10"
    );
    let list = post(&desk, "/settings/services", &service).await;
    assert!(desk.get(&list).await.body.contains("Ли С."));
    let all = catalog(&clinic).await;
    let id = all.services[0].id;
    assert_eq!(all.services[0].minutes_with(doctor), Some(40));
    assert!(desk.get(&format!("/settings/services/{id}")).await.body.contains("value=\"40\""));
    assert_eq!((all.services[0].before_minutes, all.services[0].after_minutes), (5, 10));
    let bad = format!("name=&duration=30&after=7&price=-5&performer={doctor}&minutes-{doctor}=7");
    let answer = refused(&desk, &format!("/settings/services/{id}"), &bad).await;
    assert!(answer.body.contains(&format!("minutes-{doctor}-note")));
    assert!(answer.body.contains("after-note"), "{}", answer.body);
    post(&desk, &format!("/settings/services/{id}/end"), "").await;
    post(&desk, &format!("/settings/services/{id}/resume"), "").await;
    let kept = refused(&desk, &format!("/settings/branches/{branch}/end"), "").await;
    assert!(kept.body.contains("role=\"alert\""));
    post(&desk, "/settings/branches", "name=Вторая&address=&phone=&zone=Asia/Almaty").await;
    post(&desk, &format!("/settings/branches/{branch}/end"), "").await;
    post(&desk, "/settings/holidays", "day=31.12.2026&kind=off").await;
    for path in ["", "/branches", "/doctors", "/places", "/services", "/hours", "/holidays"] {
        let page = desk.get(&format!("/settings{path}")).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.body.contains("aria-current"), "{path}");
    }
}

#[tokio::test]
async fn the_recovery_kit_counts_once_its_end_was_typed_from_the_sheet() {
    let clinic = TestClinic::open().await;
    let keys = &clinic.clinic.keys;
    let mut keyring = (*keys.get()).clone();
    let machine = Identity::generate();
    keyring.add_holder(HolderKind::Machine, "machine", &machine.recipient(), 1);
    let file = KeyringFile::in_data_dir(clinic.folder.path());
    file.create(&keyring).unwrap();
    keys.replace(keyring);
    let owner = clinic.sign_in(Role::Owner).await;
    let shown = owner.post("/setup/kit", "").await;
    let key = shown.body.split_once("kit-k\" lang=\"en\">").unwrap().1;
    let key: String = key.split_once('<').unwrap().0.replace(' ', "");
    assert!(key.starts_with("AGE-SECRET-KEY-1"));
    let sealed = value_of(&shown, "sealed");

    let wrong = format!("sealed={sealed}&ending=AAAAAAAA");
    let answer = refused(&owner, "/setup/kit/keep", &wrong).await;
    assert!(answer.body.contains("ending-note"));
    assert!(keys.get().kit_recipients().is_empty());
    let right = format!("sealed={sealed}&ending={}", &key[key.len() - 8..]);
    post(&owner, "/setup/kit/keep", &right).await;

    assert_eq!(keys.get().kit_recipients().len(), 1);
    let kit = Identity::parse(&key).unwrap();
    assert!(file.open(&kit).is_ok(), "the sheet opens the keyring on the disk");
    assert_eq!(clinic.audited().await, ["backup.kit_added"]);
    let ledger = serde_json::to_string(&clinic.ledger().await).unwrap();
    assert!(!ledger.contains("AGE-SECRET"));
}

#[tokio::test]
async fn the_recovery_kit_is_the_owners_alone() {
    let clinic = TestClinic::open().await;
    for role in [Role::Reception, Role::Sysadmin, Role::Doctor] {
        let browser = clinic.sign_in(role).await;
        assert_eq!(browser.post("/setup/kit", "").await.status, StatusCode::FORBIDDEN);
    }
    let doctor = clinic.sign_in(Role::Doctor).await;
    assert_eq!(doctor.get("/settings").await.status, StatusCode::FORBIDDEN);
}
