//! The buttons under a template of WhatsApp: a tap changes the schedule at once,
//! for the visit of that message and for no other.

use serde_json::{Value, json};

use tirkeu::contact::name::Name;
use tirkeu::i18n::Language;
use tirkeu::messaging::text::Purpose;
use tirkeu::messaging::whatsapp::{self, TemplateChange};
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{RegisterPatient, Role};

use crate::peers::whatsapp::written;
use crate::whatsapp::Clinic;

const ERZHAN: &str = "77012345678";

impl Clinic {
    /// With a patient who chose WhatsApp, and buttons under what they are told.
    pub async fn with_buttons() -> Self {
        let clinic = Self::preferring().await;
        let owner = clinic.desk.day.clinic.grant(Role::Owner).await;
        let template = TemplateChange {
            name: "booked".to_owned(),
            parameters: "clinic, date, time, link".to_owned(),
            buttons: true,
            ..TemplateChange::default()
        };
        let of = (Purpose::BookingMade, Language::Ru);
        let inner = &clinic.desk.day.clinic.clinic;
        whatsapp::save_template(inner, &owner, of, &template).await.unwrap();
        clinic
    }

    /// Payloads of the buttons of a message that was taken: confirm, move, cancel.
    pub fn payloads(&self, index: usize) -> Vec<String> {
        let taken = self.server.taken().remove(index);
        let components = taken["template"]["components"].as_array().unwrap().clone();
        let buttons = components.into_iter().filter(|one| one["type"] == "button");
        let payload = |one: Value| one["parameters"][0]["payload"].as_str().unwrap().to_owned();
        buttons.map(payload).collect()
    }

    async fn taps(&self, id: &str, from: &str, payload: &str, title: &str) {
        let tap = json!([{"id": id, "timestamp": (self.now() / 1000).to_string(),
            "type": "button", "from": from, "button": {"payload": payload, "text": title}}]);
        self.tell(&written(tap, json!([{"wa_id": from}]))).await;
        self.desk.write().await;
        self.desk.send().await;
    }

    async fn visits(&self) -> Vec<String> {
        let all = "SELECT substr(starts, 9, 2) || ' ' || status FROM appointment ORDER BY starts";
        self.desk.day.clinic.rows(all).await
    }
}

#[tokio::test]
async fn a_tap_confirms_the_visit_of_its_message_and_no_other_once() {
    let clinic = Clinic::with_buttons().await;
    clinic.book().await;
    clinic.desk.day.booked("2026-11-25T14:30").await;
    clinic.desk.write().await;
    clinic.desk.send().await;
    assert_eq!(clinic.server.violations(), Vec::<String>::new());
    let payloads = clinic.payloads(0);
    assert_eq!(payloads.len(), 3);
    let kept = "SELECT lower(hex(token_hash)) FROM message_button";
    let kept = clinic.desk.day.clinic.rows(kept).await;
    assert_eq!(kept.len(), 6, "three of each message");
    assert!(payloads.iter().all(|one| one.len() == 22 && !kept.contains(one)));

    // Another was asked since: a word would not do, the button says which.
    clinic.taps("wamid.t1", ERZHAN, &payloads[0], "Приду").await;
    assert_eq!(clinic.visits().await, ["24 confirmed", "25 booked"]);
    assert_eq!(clinic.desk.replies().await, ["done confirmed"]);
    let left = clinic.left();
    assert_eq!(left, (2, 1), "and one SMS says so: there is no template for that");
    clinic.taps("wamid.t1", ERZHAN, &payloads[0], "Приду").await;
    clinic.taps("wamid.t2", ERZHAN, &payloads[0], "Приду").await;
    assert_eq!((clinic.visits().await[0].as_str(), clinic.left()), ("24 confirmed", left));
}

#[tokio::test]
async fn a_tap_cancels_and_a_strangers_or_an_old_one_does_nothing() {
    let clinic = Clinic::with_buttons().await;
    clinic.book().await;
    let payloads = clinic.payloads(0);
    clinic.taps("wamid.a", "77019999999", &payloads[2], "?").await;
    clinic.taps("wamid.b", ERZHAN, &"A".repeat(22), "?").await;
    assert_eq!(clinic.visits().await, ["24 booked"]);
    assert_eq!(clinic.desk.replies().await, ["open unknown", "open unclear"]);

    clinic.taps("wamid.d", ERZHAN, &payloads[2], "Отменить").await;
    assert_eq!(clinic.visits().await, ["24 cancelled"]);
    clinic.taps("wamid.e", ERZHAN, &payloads[0], "Приду").await;
    assert_eq!(clinic.visits().await, ["24 cancelled"], "what is over is left to a person");

    let old = Clinic::with_buttons().await;
    old.book().await;
    let payloads = old.payloads(0);
    old.desk.day.advance_to("2026-11-24T14:31");
    old.taps("wamid.f", ERZHAN, &payloads[2], "?").await;
    assert_eq!(old.visits().await, ["24 booked"]);
}

#[tokio::test]
async fn time_that_a_tap_frees_is_offered_to_whoever_waits() {
    const WAITS: &str = "77010000001";
    let clinic = Clinic::with_buttons().await;
    clinic.desk.day.advance_to("09:30");
    clinic.book().await;
    let day = &clinic.desk.day;
    let register = day.clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new = NewPatient {
        name: Name::new("Ахметова", "Айгүл", ""),
        phones: vec![format!("+{WAITS}").parse().unwrap()],
        ..NewPatient::default()
    };
    let waits = patients::register(day.clinic.vault(), &register, &new).await.unwrap();
    let form =
        format!("patient={waits}&service={}&first_day=23.11.2026&last_day=23.12.2026", day.filling);
    let reception = day.clinic.sign_in(Role::Reception).await;
    assert_eq!(reception.post("/waitlist", &form).await.status, 303);
    let offers = || {
        let taken = clinic.desk.server.taken();
        taken.iter().filter(|sms| sms.phone == WAITS && sms.text.contains("14:30")).count()
    };
    clinic.desk.write().await;
    clinic.desk.send().await;
    assert_eq!(offers(), 0, "nothing is free yet");

    clinic.taps("wamid.w", ERZHAN, &clinic.payloads(0)[2], "Отменить").await;
    assert_eq!(clinic.visits().await, ["24 cancelled"]);
    assert_eq!(offers(), 1, "{:?}", clinic.desk.server.taken());
    // Brought again, it frees nothing more.
    clinic.taps("wamid.w", ERZHAN, &clinic.payloads(0)[2], "Отменить").await;
    assert_eq!(offers(), 1);
}
