//! What a patient wants to be written: by word, by link, at the desk, by a
//! request; and that it holds as each message leaves.

use axum::http::StatusCode;

use tirkeu::messaging::Channel;
use tirkeu::messaging::wanted::{self, Aim};
use tirkeu::subject_requests;
use tirkeu::vault::permission::{AnswerRequests, Role, SendMessages, ViewMessages};

use crate::reminders::Desk;
use crate::whatsapp::Clinic;

const ERZHAN: &str = "77012345678";

impl Desk {
    /// `aim channel allowed source` of all that stands.
    async fn wanted(&self) -> Vec<String> {
        let all = "SELECT aim || ' ' || channel || ' ' || allowed || ' ' || source
            FROM writing_stands ORDER BY aim, channel";
        self.day.clinic.rows(all).await
    }

    async fn set(&self, ticked: &[wanted::Ticked]) {
        let grant = self.day.clinic.grant::<SendMessages>(Role::Reception).await;
        let vault = self.day.clinic.vault();
        wanted::set(vault, &grant, self.day.patient, ticked, "просил по телефону").await.unwrap();
    }

    async fn allows(&self, aim: Aim, channel: Channel) -> bool {
        let grant = self.day.clinic.grant::<ViewMessages>(Role::Reception).await;
        let all = wanted::of_patient(self.day.clinic.vault(), &grant, self.day.patient).await;
        all.unwrap().allow(aim, channel)
    }
}

#[tokio::test]
async fn stop_ends_at_once_what_was_not_asked_for_is_answered_once_and_shown_at_the_desk() {
    let desk = Desk::open().await;
    desk.booked("2026-11-26T14:30").await;
    desk.day.booked("2026-11-27T14:30").await;
    desk.write().await;
    desk.writes(ERZHAN, "Стоп!").await;
    let all = desk.messages().await;
    assert_eq!(
        all,
        ["booking_made accepted", "booking_made withheld opted_out", "reply_stopped accepted"]
    );
    let said = desk.last_sms();
    assert!(said.contains("больше не пишем") && said.contains("СТАРТ"), "{said}");
    assert_eq!(desk.replies().await, ["open stop"]);
    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    let page = reception.get("/replies").await.body;
    assert!(page.contains("отказ записан"), "{page}");
    assert!(desk.wanted().await.iter().all(|one| one.ends_with(" 0 word")));
    assert_eq!(desk.wanted().await.len(), Aim::ALL.len() * Channel::ALL.len());

    // A second word changes nothing, and is not answered.
    let sent = desk.server.taken().len();
    desk.day.clinic.clinic.clock().advance_ms(20 * 60_000);
    desk.writes(ERZHAN, "stop").await;
    assert_eq!(desk.server.taken().len(), sent);
    // Nor is anybody reminded: the chain says why.
    desk.comes("2026-11-24T14:30").await;
    assert_eq!(desk.reminders().len(), 0);
    assert!(desk.touches().await.contains(&"2880 not not_wanted".to_owned()));
}

#[tokio::test]
async fn start_brings_messages_about_visits_back_and_no_advertising() {
    let desk = Desk::open().await;
    desk.booked("2026-11-26T14:30").await;
    desk.writes(ERZHAN, "тоқтат").await;
    assert!(!desk.allows(Aim::Service, Channel::Sms).await);
    desk.writes(ERZHAN, "Старт").await;
    assert_eq!(desk.replies().await, ["open stop", "done started"]);
    assert!(desk.last_sms().contains("снова пишем"), "{}", desk.last_sms());
    for (aim, back) in [(Aim::Service, true), (Aim::Recall, true), (Aim::Marketing, false)] {
        for channel in Channel::ALL {
            assert_eq!(desk.allows(aim, channel).await, back, "{aim:?} {channel:?}");
        }
    }
    desk.comes("2026-11-24T14:30").await;
    assert_eq!(desk.reminders().len(), 1);
}

#[tokio::test]
async fn the_link_of_a_message_opens_a_page_of_choices_that_names_nobody() {
    let desk = Desk::open().await;
    let (_, link) = desk.booked("2026-11-26T14:30").await;
    let writing = desk.get(&link).await.body;
    assert!(writing.contains(&format!("{link}/writing")), "{writing}");
    let path = format!("{link}/writing");
    let page = desk.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Что мы можем вам писать"), "{}", page.body);
    for secret in ["Мусин", "Ержан", "кариес", "77012345678", "WhatsApp"] {
        assert!(!page.body.contains(secret), "{secret}: {}", page.body);
    }
    let ticks = page.body.matches(" checked").count();
    assert_eq!(ticks, 2, "service and recall, not advertising: {}", page.body);
    assert_eq!(desk.wanted().await, Vec::<String>::new(), "looking chooses nothing");

    let saved = desk.post(&path, "recall-sms=1&marketing-sms=1").await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let all = desk.wanted().await;
    for one in ["service sms 0 link", "service whatsapp 0 link", "marketing sms 1 link"] {
        assert!(all.contains(&one.to_owned()), "{one}: {all:?}");
    }
    assert!(desk.day.clinic.audited().await.contains(&"writing.chosen".to_owned()));
    desk.comes("2026-11-24T14:30").await;
    assert_eq!(desk.reminders().len(), 0);

    let stranger = format!("/m/{}/writing", "A".repeat(22));
    assert_eq!(desk.get(&stranger).await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.post(&stranger, "").await.status, StatusCode::NOT_FOUND);
    // Of the visit nothing is said any more; of messages, for a year.
    desk.day.advance_to("2026-11-28T14:31");
    assert_eq!(desk.get(&link).await.status, StatusCode::GONE);
    assert_eq!(desk.post(&path, "service-sms=1").await.status, StatusCode::SEE_OTHER);
    desk.day.advance_to("2027-11-28T14:29");
    assert_eq!(desk.post(&path, "service-sms=1").await.status, StatusCode::SEE_OTHER);
    desk.day.advance_to("2027-11-28T14:31");
    assert_eq!(desk.post(&path, "service-sms=1").await.status, StatusCode::GONE);
}

#[tokio::test]
async fn the_desk_changes_it_as_the_patient_says_and_has_to_say_why() {
    let desk = Desk::open().await;
    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    let path = format!("/patients/{}/messages", desk.day.patient);
    let page = reception.get(&path).await.body;
    assert!(page.contains("Что пациент согласен получать") && page.contains("не выбирал"));
    let refused = reception.post(&format!("{path}/wanted"), "recall-sms=1&reason=+").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Напишите, почему"), "{}", refused.body);
    assert_eq!(desk.wanted().await, Vec::<String>::new());
    let form = "service-sms=1&marketing-sms=1&reason=Попросил+на+приёме";
    let saved = reception.post(&format!("{path}/wanted"), form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER);
    let page = reception.get(&path).await.body;
    assert!(page.contains("Попросил на приёме") && page.contains("на стойке"), "{page}");
    assert!(desk.wanted().await.contains(&"recall sms 0 desk".to_owned()));
    assert!(!desk.day.clinic.ledger().await.iter().any(|one| one.to_string().contains("Попросил")));
}

#[tokio::test]
async fn who_refuses_one_channel_is_written_to_by_the_other_and_never_by_that() {
    let clinic = Clinic::preferring().await;
    clinic.desk.set(&[(Aim::Service, Channel::Whatsapp, false)]).await;
    clinic.book().await;
    assert_eq!(clinic.left(), (0, 1), "WhatsApp was chosen before, and is refused now");

    let other = Clinic::preferring().await;
    other.desk.set(&[(Aim::Service, Channel::Sms, false)]).await;
    other.book().await;
    other.later(31).await;
    other.later(120).await;
    assert_eq!(other.left(), (1, 0), "silence of WhatsApp does not make SMS wanted");
    assert_eq!(other.states().await, ["whatsapp accepted"]);

    let neither = Clinic::open().await;
    neither.desk.set(&[(Aim::Service, Channel::Sms, false)]).await;
    neither.book().await;
    assert_eq!(neither.left(), (0, 0));
    assert_eq!(neither.states().await, ["sms withheld opted_out"]);
}

#[tokio::test]
async fn a_withdrawn_consent_ends_recalls_and_advertising_and_leaves_visits() {
    let desk = Desk::open().await;
    let clinic = &desk.day.clinic;
    let card = clinic.rows("SELECT CAST(number AS TEXT) FROM patient").await.remove(0);
    let officer = clinic.sign_in(Role::Compliance).await;
    let form = format!(
        "kind=withdrawal&card={card}&requester=patient&applicant=&contact=&way=in_person\
         &received=23.11.2026+08:00&wish=Please&document=id_card"
    );
    let taken = officer.post("/personal-data/requests", &form).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    let steps = format!("{}/steps", taken.header("location"));
    for (seen, state) in [("identified", "in_work"), ("in_work", "answered")] {
        let form =
            format!("seen={seen}&state={state}&document=&refusal=&note_ru=Ответ&note_kk=Жауап");
        let moved = officer.post(&steps, &form).await;
        assert_eq!(moved.status, StatusCode::SEE_OTHER, "{seen}: {}", moved.body);
    }
    assert!(desk.allows(Aim::Service, Channel::Sms).await);
    assert!(!desk.allows(Aim::Recall, Channel::Sms).await);
    assert!(desk.wanted().await.contains(&"marketing sms 0 request".to_owned()));
    let grant = clinic.grant::<AnswerRequests>(Role::Compliance).await;
    let all = subject_requests::extract(&clinic.clinic, &grant, desk.day.patient).await.unwrap();
    assert_eq!(all.unwrap().wanted.len(), 2 * Channel::ALL.len(), "and it is told when asked for");
}
