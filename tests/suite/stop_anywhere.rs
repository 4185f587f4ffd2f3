//! STOP where no telephone is told: heard from whoever the desk has recognised, and
//! from nobody else.

use axum::http::StatusCode;

use tirkeu::vault::permission::Role;

use crate::instagram::Clinic;

const STANDS: &str = "SELECT DISTINCT aim || ' ' || allowed || ' ' || source FROM writing_stands
    WHERE aim <> 'marketing' ORDER BY aim";

impl Clinic {
    /// Somebody at the desk says whose conversation it is.
    async fn recognise(&self) {
        let desk = self.desk.day.clinic.sign_in(Role::Reception).await;
        let form = format!("patient={}", self.desk.day.patient);
        let attached = desk.post(&format!("{}/attach", self.path().await), &form).await;
        assert_eq!(attached.status, StatusCode::SEE_OTHER, "{}", attached.body);
    }

    async fn stands(&self) -> Vec<String> {
        self.rows(STANDS).await
    }
}

#[tokio::test]
async fn stop_by_instagram_ends_messages_to_whoever_the_desk_has_recognised() {
    let clinic = Clinic::open().await;
    clinic.hears("m1", "Здравствуйте").await;
    clinic.recognise().await;
    clinic.hears("m2", "СТОП").await;
    assert_eq!(clinic.stands().await, ["recall 0 word", "service 0 word"]);
    clinic.desk.day.booked("2026-11-26T14:30").await;
    clinic.desk.write().await;
    clinic.desk.send().await;
    assert_eq!(clinic.desk.server.taken().len(), 0, "nothing of visits leaves");
    let why = "SELECT reason FROM reply WHERE state = 'open' ORDER BY came_at DESC LIMIT 1";
    assert_eq!(clinic.rows(why).await, ["stop"], "and a person sees it");

    clinic.hears("m3", "СТАРТ").await;
    assert_eq!(clinic.stands().await, ["recall 1 word", "service 1 word"]);
}

#[tokio::test]
async fn stop_of_a_stranger_ends_nothing_for_anybody() {
    let clinic = Clinic::open().await;
    clinic.hears("m1", "СТОП").await;
    assert_eq!(clinic.stands().await, Vec::<String>::new());
    clinic.recognise().await;
    assert_eq!(clinic.stands().await, Vec::<String>::new(), "it was said before they were known");
}
