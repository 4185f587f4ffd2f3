//! Who gives which rights to whom, for how long, and who waits for a yes.

use axum::http::StatusCode;
use tirkeu::access::rights::{self, Given, NewDeputation};
use tirkeu::ids::StaffId;
use tirkeu::vault::permission::{
    Book, FindPatients, GiveRights, ManageStaff, Permission, Rights, Role, SetUpGateways,
    ViewPatient, ViewStaff,
};
use tirkeu::vault::{Actor, Grant};

use crate::support::{Browser, PASSWORD, TestClinic};

const DAY: i64 = 24 * 60 * 60 * 1000;

fn console() -> Grant<GiveRights> {
    Actor::console().grant().unwrap()
}

fn id_of(browser: &Browser<'_>) -> StaffId {
    browser.actor().staff().unwrap()
}

async fn lend(clinic: &TestClinic, whom: StaffId, role: Role, days: i64) -> Result<(), String> {
    let now = clinic.clinic.clock().now();
    let new = NewDeputation {
        staff: whom,
        instead_of: None,
        given: Given { role, custom: None },
        from: now,
        until: now.plus_ms(days * DAY),
        reason: "vacation".to_owned(),
    };
    let lent = rights::depute(&clinic.clinic, &console(), &new).await;
    lent.map(|_| ()).map_err(|error| error.to_string())
}

async fn prove(browser: &Browser<'_>) {
    let form = format!("password={}&next=/staff", PASSWORD.replace(' ', "+"));
    assert_eq!(browser.post("/prove", &form).await.header("location"), "/staff");
}

#[tokio::test]
async fn a_role_of_the_clinics_own_opens_what_it_names_and_nothing_else_at_once() {
    let clinic = TestClinic::open().await;
    let cashier = clinic.sign_in(Role::Cashier).await;
    assert_eq!(cashier.get("/patients").await.status, StatusCode::FORBIDDEN);

    let chosen: Rights = [FindPatients::RIGHT].into_iter().collect();
    let id = rights::define(&clinic.clinic, &console(), None, "Старший кассир", chosen).await;
    let given = Given { role: Role::Cashier, custom: Some(id.unwrap()) };
    rights::give(&clinic.clinic, &console(), id_of(&cashier), given).await.unwrap();

    assert_eq!(cashier.get("/patients").await.status, StatusCode::OK, "without signing in anew");
    assert!(!cashier.actor().may::<ViewPatient>());
    assert!(cashier.get("/account").await.status.is_success());

    rights::define(&clinic.clinic, &console(), Some(id_from(&clinic).await), "К", {
        [Book::RIGHT].into_iter().collect()
    })
    .await
    .unwrap();
    assert!(!cashier.actor().may::<FindPatients>() && cashier.actor().may::<Book>());
    let versions = clinic.rows("SELECT name FROM custom_role_right ORDER BY version").await;
    assert_eq!(versions, ["patients.find", "booking.book"], "what a role was stays on file");
}

async fn id_from(clinic: &TestClinic) -> tirkeu::access::rights::RoleId {
    clinic.rows("SELECT id FROM custom_role").await[0].parse().unwrap()
}

#[tokio::test]
async fn rights_for_a_time_are_there_until_they_are_over_or_taken_back() {
    let clinic = TestClinic::open().await;
    let marketer = clinic.sign_in(Role::Marketer).await;
    assert!(lend(&clinic, id_of(&marketer), Role::Reception, 0).await.is_err());
    assert!(lend(&clinic, id_of(&marketer), Role::Reception, 93).await.is_err());
    lend(&clinic, id_of(&marketer), Role::Reception, 1).await.unwrap();
    assert!(marketer.actor().may::<Book>());
    assert_eq!(marketer.actor().role(), Role::Marketer, "the ledger says who it is");

    let id = clinic.rows("SELECT id FROM deputation").await[0].parse().unwrap();
    rights::end_deputation(&clinic.clinic, &console(), id).await.unwrap();
    assert!(!marketer.actor().may::<Book>());
}

#[tokio::test]
async fn a_system_administrator_sees_no_patient_whatever_they_are_lent() {
    let clinic = TestClinic::open().await;
    let admin = clinic.sign_in(Role::Sysadmin).await;
    lend(&clinic, id_of(&admin), Role::Owner, 1).await.unwrap();
    assert!(!admin.actor().may::<ViewPatient>() && admin.actor().may::<SetUpGateways>());
    assert_eq!(admin.get("/patients").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whom_a_system_administrator_enters_or_resets_waits_for_an_owners_yes() {
    let clinic = TestClinic::open().await;
    let admin = clinic.sign_in(Role::Sysadmin).await;
    let owner = clinic.sign_in(Role::Owner).await;

    let own = admin.post("/staff", "name=X&login=own.key&role=owner").await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(own.body.contains("Владельца меняет только другой владелец"));
    let reset = admin.post(&format!("/staff/{}/reset", id_of(&owner)), "").await;
    assert_eq!(reset.status, StatusCode::CONFLICT);
    assert!(owner.is_live());

    let added = admin.post("/staff", "name=Y&login=front.desk&role=reception").await;
    let one_time = added.body.split("mono fs-16 mt-2\">").nth(1).unwrap();
    let one_time = one_time.split('<').next().unwrap().replace(' ', "+");
    let form = format!("login=front.desk&password={one_time}");
    let waits = clinic.sign_in(Role::Cashier).await.post("/sign-in", &form).await;
    assert!(waits.body.contains("ждёт разрешения"), "{}", waits.body);

    let id = clinic.rows("SELECT staff_id FROM account_hold").await.remove(0);
    prove(&owner).await;
    let let_in = owner.post(&format!("/staff/{id}/let-in"), "").await;
    assert_eq!(let_in.status, StatusCode::SEE_OTHER);
    let enters = clinic.sign_in(Role::Cashier).await.post("/sign-in", &form).await;
    assert!(enters.body.contains("Придумайте свой пароль"));
}

#[tokio::test]
async fn whoever_may_open_accounts_and_not_give_rights_lets_nobody_in_either() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let owner = clinic.sign_in(Role::Owner).await;
    let chosen: Rights = [ManageStaff::RIGHT, ViewStaff::RIGHT].into_iter().collect();
    let id = rights::define(&clinic.clinic, &console(), None, "HR", chosen).await.unwrap();
    let given = Given { role: Role::Reception, custom: Some(id) };
    rights::give(&clinic.clinic, &console(), id_of(&desk), given).await.unwrap();

    let own = desk.post("/staff", "name=X&login=own.key&role=owner").await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY);
    let reset = desk.post(&format!("/staff/{}/reset", id_of(&owner)), "").await;
    assert_eq!(reset.status, StatusCode::CONFLICT);
    desk.post("/staff", "name=Y&login=front.desk&role=doctor").await;
    assert_eq!(clinic.rows("SELECT cause FROM account_hold").await, ["added"]);
}

#[tokio::test]
async fn rights_are_changed_only_by_who_proved_a_short_while_ago_that_it_is_them() {
    let clinic = TestClinic::open().await;
    let (owner, desk) = (clinic.sign_in(Role::Owner).await, clinic.sign_in(Role::Reception).await);
    let page = format!("/staff/{}", id_of(&desk));

    let asked = owner.post(&format!("{page}/role"), "role=cashier").await;
    assert!(asked.header("location").starts_with("/prove?next="));
    assert_eq!(desk.actor().role(), Role::Reception);
    let wrong = owner.post("/prove", "password=wrong&next=/staff").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);

    prove(&owner).await;
    owner.post(&format!("{page}/role"), "role=cashier").await;
    assert_eq!(desk.actor().role(), Role::Cashier);
    clinic.clinic.clock().advance_ms(tirkeu::vault::PROOF_LASTS_MS);
    let late = clinic.sign_in(Role::Owner).await;
    let asked = late.post(&format!("{page}/role"), "role=marketer").await;
    assert!(asked.header("location").starts_with("/prove?next="));
}

#[tokio::test]
async fn nobody_gives_rights_to_themselves_while_somebody_else_could() {
    let clinic = TestClinic::open().await;
    let owner = clinic.sign_in(Role::Owner).await;
    let other = clinic.sign_in(Role::Owner).await;
    prove(&owner).await;
    let own = owner.post(&format!("/staff/{}/role", id_of(&owner)), "role=doctor").await;
    assert_eq!(own.status, StatusCode::CONFLICT);
    owner.post(&format!("/staff/{}/leave", id_of(&other)), "").await;
    let last = owner.post(&format!("/staff/{}/role", id_of(&owner)), "role=doctor").await;
    assert_eq!(last.status, StatusCode::CONFLICT, "the last owner stays one");
}

#[tokio::test]
async fn somebody_who_left_is_out_at_once_and_keeps_their_name_in_the_list_and_the_log() {
    let clinic = TestClinic::open().await;
    let (owner, desk) = (clinic.sign_in(Role::Owner).await, clinic.sign_in(Role::Reception).await);
    desk.get("/schedule").await;
    owner.post(&format!("/staff/{}/leave", id_of(&desk)), "").await;
    assert!(!desk.is_live());
    assert!(owner.get("/staff").await.body.contains("больше не работает"));
    assert!(!owner.get("/access-list").await.body.contains("Reception"));
    assert!(owner.get("/audit").await.body.contains("Reception"));
}

#[tokio::test]
async fn one_session_is_ended_from_another() {
    let clinic = TestClinic::open().await;
    let login = clinic.employ(Role::Reception).await;
    let (here, there) = (clinic.sign_in_as(&login).await, clinic.sign_in_as(&login).await);
    let tag = there.actor().origin().session.clone().unwrap();
    here.post(&format!("/account/sessions/{tag}/end"), "").await;
    assert!(here.is_live() && !there.is_live());
    let stranger = clinic.sign_in(Role::Reception).await;
    let tag = here.actor().origin().session.clone().unwrap();
    stranger.post(&format!("/account/sessions/{tag}/end"), "").await;
    assert!(here.is_live(), "nobody ends another's session");
}
