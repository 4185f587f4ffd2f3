//! Time that a patient frees by a word in an SMS goes to whoever waits for it.

use tirkeu::messaging::Inbound;
use tirkeu::messaging::setup::GatewayId;
use tirkeu::replies::from_gateway;

use crate::waitlist::Hall;

const ERZHAN: &str = "77012345678";
const WAITS: &str = "+77010000001";

impl Hall {
    /// Somebody writes, the gateway brings it, and it is seen to.
    async fn writes(&self, id: &str, text: &str) {
        let clinic = &self.day.clinic.clinic;
        let at = clinic.clock().now();
        let said = Inbound {
            gateway: GatewayId::from_number(1),
            id: Some(id.to_owned()),
            from: ERZHAN.to_owned(),
            to: "77770000000".to_owned(),
            text: text.to_owned(),
            at,
            since: at,
            nickname: None,
        };
        from_gateway(clinic, &said).await.unwrap();
        self.work().await;
    }

    async fn status(&self) -> Vec<String> {
        self.day.clinic.rows("SELECT status FROM appointment ORDER BY rowid").await
    }
}

#[tokio::test]
async fn time_that_a_reply_by_sms_frees_is_offered_once_and_taken_with_one_tap() {
    let hall = Hall::open().await;
    hall.day.booked("2026-11-24T14:30").await;
    hall.work().await;
    let patient = hall.patient("Ахметова", WAITS).await;
    hall.waits(patient, "").await;
    hall.work().await;
    assert_eq!(hall.offers_to(WAITS).len(), 0, "nothing is free yet");

    hall.writes("a", "2").await;
    assert_eq!(hall.status().await, ["cancelled"]);
    let offers = hall.offers_to(WAITS);
    assert_eq!(offers.len(), 1, "{:?}", hall.server.taken());
    // Brought again, it frees nothing more.
    hall.writes("a", "2").await;
    assert_eq!(hall.offers_to(WAITS).len(), 1);

    let taken = hall.post(&format!("{}/accept", offers[0]), "").await;
    assert_eq!(taken.status, 303, "{}", taken.body);
    assert_eq!(hall.status().await, ["cancelled", "booked"]);
    hall.writes("b", "1").await;
    assert_eq!(hall.status().await, ["cancelled", "booked"], "theirs is gone");
}

#[tokio::test]
async fn a_yes_by_sms_frees_nothing() {
    let hall = Hall::open().await;
    hall.day.booked("2026-11-24T14:30").await;
    hall.work().await;
    let patient = hall.patient("Ахметова", WAITS).await;
    hall.waits(patient, "").await;
    hall.writes("a", "1").await;
    assert_eq!(hall.status().await, ["confirmed"]);
    assert_eq!(hall.offers_to(WAITS).len(), 0);
}
