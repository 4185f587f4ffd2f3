//! The clinic's rules of signing in: the second factor by role, and how long an
//! untouched screen stays open.

use axum::http::StatusCode;
use tirkeu::access::AccessError;
use tirkeu::access::rights::{self, Given, NewDeputation};
use tirkeu::access::rules::{self, Holder, Wish};
use tirkeu::crypto::totp::TotpSecret;
use tirkeu::vault::permission::{
    GiveRights, ManageStaff, Permission, Rights, Role, RunBackup, ViewPatient,
};
use tirkeu::vault::{Actor, Grant, IDLE_LOCK_MS};

use crate::desk::Desk;
use crate::support::{Answer, Browser, PASSWORD, TestClinic};

const MINUTE: i64 = 60_000;

fn console() -> Grant<GiveRights> {
    Actor::console().grant().unwrap()
}

async fn rule(
    clinic: &TestClinic,
    holder: Holder,
    optional: bool,
    lock_min: Option<i64>,
) -> Result<(), AccessError> {
    rules::set(&clinic.clinic, &console(), holder, Wish { optional, lock_min }).await
}

async fn password(desk: &mut Desk<'_>, login: &str) -> Answer {
    desk.post("/sign-in", &format!("login={login}&password={}", PASSWORD.replace(' ', "+"))).await
}

async fn prove(browser: &Browser<'_>) {
    let form = format!("password={}&next=/staff", PASSWORD.replace(' ', "+"));
    assert_eq!(browser.post("/prove", &form).await.header("location"), "/staff");
}

#[tokio::test]
async fn where_it_is_optional_the_password_opens_and_once_required_people_enrol_at_the_next_sign_in()
 {
    let clinic = TestClinic::open().await;
    let cashier = clinic.employ(Role::Cashier).await;
    let mut desk = Desk::new(&clinic);
    assert!(
        password(&mut desk, &cashier).await.body.contains("name=\"challenge\""),
        "as delivered"
    );

    rule(&clinic, Holder::Role(Role::Cashier), true, None).await.unwrap();
    assert_eq!(password(&mut desk, &cashier).await.status, StatusCode::SEE_OTHER);
    assert_eq!(desk.who().await, cashier);
    let doctor = clinic.employ(Role::Doctor).await;
    let asked = password(&mut Desk::new(&clinic), &doctor).await;
    assert!(asked.body.contains("name=\"challenge\""), "another role needs it as before");

    rule(&clinic, Holder::Role(Role::Cashier), false, None).await.unwrap();
    assert_eq!(desk.who().await, cashier, "whoever is in stays in");
    let asked = password(&mut Desk::new(&clinic), &cashier).await;
    assert!(asked.body.contains("<svg"), "a secret to set up: {}", asked.body);
}

#[tokio::test]
async fn nobody_who_could_let_themselves_in_everywhere_gets_in_by_a_password_alone() {
    let clinic = TestClinic::open().await;
    for role in [Role::Owner, Role::Sysadmin, Role::Compliance] {
        let refused = rule(&clinic, Holder::Role(role), true, None).await;
        assert!(matches!(refused, Err(AccessError::FactorNeeded)), "{role:?}");
        let past = format!(
            "INSERT INTO sign_in_rule VALUES (99, '{}', 'optional', 60, 0, NULL)",
            role.name()
        );
        assert!(clinic.write(&past).await.unwrap_err().contains("CHECK"), "the schema's word too");
    }
    let chosen: Rights = [RunBackup::RIGHT].into_iter().collect();
    let id = rights::define(&clinic.clinic, &console(), None, "Копии", chosen).await.unwrap();
    assert!(rule(&clinic, Holder::Custom(id), true, None).await.is_err());
    rule(&clinic, Holder::Role(Role::Cashier), true, None).await.unwrap();
    let cashier = clinic.employ(Role::Cashier).await;
    let staff =
        clinic.rows("SELECT id FROM staff WHERE role = 'cashier'").await[0].parse().unwrap();
    let given = Given { role: Role::Cashier, custom: Some(id) };
    rights::give(&clinic.clinic, &console(), staff, given).await.unwrap();
    let asked = password(&mut Desk::new(&clinic), &cashier).await;
    assert!(
        asked.body.contains("name=\"challenge\""),
        "by what they may, not by what they are called"
    );
}

#[tokio::test]
async fn what_hangs_on_no_password_stays_closed_to_a_session_that_began_with_one() {
    let clinic = TestClinic::open().await;
    rule(&clinic, Holder::Role(Role::Marketer), true, None).await.unwrap();
    let login = clinic.employ(Role::Marketer).await;
    let browser = clinic.sign_in_as(&login).await;
    let now = clinic.clinic.clock().now();
    let new = NewDeputation {
        staff: browser.actor().staff().unwrap(),
        instead_of: None,
        given: Given { role: Role::Owner, custom: None },
        from: now,
        until: now.plus_ms(60 * MINUTE),
        reason: "errand".to_owned(),
    };
    rights::depute(&clinic.clinic, &console(), &new).await.unwrap();
    let actor = browser.actor();
    assert!(
        actor.may::<ViewPatient>() && !actor.may::<GiveRights>() && !actor.may::<ManageStaff>()
    );
    assert_eq!(clinic.rows("SELECT CAST(factors AS TEXT) FROM session").await, ["1"]);
    let asked = password(&mut Desk::new(&clinic), &login).await;
    assert!(asked.body.contains("name=\"challenge\""), "and at the next sign-in both are asked");
}

#[tokio::test]
async fn who_may_do_without_may_turn_it_on_and_off_and_others_only_on() {
    let clinic = TestClinic::open().await;
    rule(&clinic, Holder::Role(Role::Cashier), true, None).await.unwrap();
    let cashier = clinic.employ(Role::Cashier).await;
    let mut desk = Desk::new(&clinic);
    password(&mut desk, &cashier).await;
    let page = desk.get("/account/second-factor").await.body;
    let between = |from: &str, to: char| {
        let (_, rest) = page.split_once(from).expect(from);
        rest.split_once(to).unwrap().0.replace("&#x2f;", "/")
    };
    let challenge = between("name=\"challenge\" value=\"", '"');
    let secret = TotpSecret::from_base32(&between("wrap-any\">", '<')).unwrap();
    let wrong = desk.post("/account/second-factor", &format!("challenge={challenge}&code=1")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains(&between("wrap-any\">", '<')), "the same secret again");
    let code = secret.code_at(clinic.clinic.clock().now().unix_seconds());
    let form = format!("challenge={challenge}&code={code}");
    let set = desk.post("/account/second-factor", &form).await;
    assert_eq!(set.header("location"), "/account");
    assert!(password(&mut Desk::new(&clinic), &cashier).await.body.contains("name=\"challenge\""));

    let off = desk.post("/account/second-factor/give-up", "").await;
    assert_eq!(off.header("location"), "/account");
    assert_eq!(password(&mut Desk::new(&clinic), &cashier).await.status, StatusCode::SEE_OTHER);
    rule(&clinic, Holder::Role(Role::Cashier), false, None).await.unwrap();
    let refused = desk.post("/account/second-factor/give-up", "").await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn the_idle_lock_follows_the_rule_at_once_and_what_is_locked_stays_locked() {
    let clinic = TestClinic::open().await;
    let reception = clinic.sign_in(Role::Reception).await;
    let doctor = clinic.sign_in(Role::Doctor).await;
    clinic.clinic.clock().advance_ms(3 * MINUTE);
    rule(&clinic, Holder::Role(Role::Reception), false, Some(2)).await.unwrap();
    assert!(!reception.is_live(), "shorter for the reception, at once");
    assert!(doctor.is_live());
    rule(&clinic, Holder::Clinic, false, Some(15)).await.unwrap();
    rule(&clinic, Holder::Role(Role::Reception), false, None).await.unwrap();
    assert!(!reception.is_live(), "a longer time opens no screen");
    let form = format!("password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(reception.post("/unlock", &form).await.status, StatusCode::SEE_OTHER);
    clinic.clinic.clock().advance_ms(2 * IDLE_LOCK_MS);
    assert!(reception.is_live() && doctor.is_live());
    clinic.clinic.clock().advance_ms(15 * MINUTE);
    assert!(!reception.is_live() && !doctor.is_live());
}

#[tokio::test]
async fn a_screen_locked_by_hand_is_locked_after_a_restart() {
    let clinic = TestClinic::open().await;
    let (by_hand, open) = (clinic.sign_in(Role::Owner).await, clinic.sign_in(Role::Owner).await);
    by_hand.post("/lock", "").await;
    let (by_hand, open) = (by_hand.session, open.session);
    let TestClinic { clinic: running, staff, public, folder } = clinic;
    drop((running, staff, public));
    let clinic = TestClinic::open_in(folder).await;
    let clinic = &clinic;
    assert!(!Browser { clinic, session: by_hand }.is_live());
    assert!(Browser { clinic, session: open }.is_live());
}

#[tokio::test]
async fn a_rule_is_changed_by_who_gives_rights_after_a_proof_within_bounds_and_in_the_ledger() {
    let clinic = TestClinic::open().await;
    let owner = clinic.sign_in(Role::Owner).await;
    let form = "holder=clinic&second_factor=required&minutes=";
    let unproven = owner.post("/sign-in-rules", &format!("{form}10")).await;
    assert!(unproven.header("location").starts_with("/prove"), "{unproven:?}");
    prove(&owner).await;
    for wrong in ["0", "16", "90", "five", "", "-1"] {
        let refused = owner.post("/sign-in-rules", &format!("{form}{wrong}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(refused.body.contains(&format!("value=\"{wrong}\"")), "what was typed stays");
        assert!(refused.body.contains("от 1 до 15"));
    }
    let changed = owner.post("/sign-in-rules", &format!("{form}10")).await;
    assert_eq!(changed.header("location"), "/sign-in-rules");
    assert!(owner.get("/sign-in-rules").await.body.contains("не трогать 10 минут"));
    let longer = "holder=reception&second_factor=optional&minutes=11";
    let refused = owner.post("/sign-in-rules", longer).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "no longer than the clinic's");

    let ledger = clinic.ledger().await;
    let events: Vec<_> =
        ledger.iter().filter(|event| event["act"] == "sign_in_rule.changed").collect();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["detail"]["idle_lock_s"], 600);
    assert_eq!(events[0]["detail"]["version"], 2);
    let sysadmin = clinic.sign_in(Role::Sysadmin).await;
    assert_eq!(sysadmin.get("/sign-in-rules").await.status, StatusCode::OK);
    let denied = sysadmin.post("/sign-in-rules", &format!("{form}5")).await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
}
