//! Who hides in WhatsApp a number that Meta told before: by what one webhook says
//! itself, and by nothing else.

use axum::http::StatusCode;
use serde_json::{Value, json};
use tirkeu::vault::permission::Role;

use crate::peers::whatsapp::{Mood, written};
use crate::whatsapp::Clinic;
use crate::whatsapp_dialogue::Chat;

const ERZHAN: &str = "77012345678";
const ID: &str = "KZ.13491208655302741918";
const ANOTHER: &str = "KZ.20000000000000000002";
const DAY: i64 = 24 * 60 * 60_000;

impl Clinic {
    /// Somebody writes: who, as the message and the contacts have it.
    async fn told(&self, id: &str, text: &str, who: Value, contacts: Value) {
        self.desk.day.clinic.clinic.clock().advance_ms(2000);
        self.told_at(self.now(), (id, text), who, contacts).await;
    }

    async fn told_at(&self, at: i64, (id, text): (&str, &str), who: Value, contacts: Value) {
        let mut message = json!({"id": id, "timestamp": (at / 1000).to_string(), "type": "text",
            "text": {"body": text}});
        for (key, value) in who.as_object().unwrap() {
            message[key] = value.clone();
        }
        for whom in [ERZHAN, ID, ANOTHER] {
            self.server.window_opens(whom);
        }
        self.tell(&written(json!([message]), contacts)).await;
    }

    /// The number is shown, and the id beside it.
    async fn shows(&self, id: &str, text: &str, user: &str) {
        let both = json!([{"wa_id": ERZHAN, "user_id": user, "profile": {"name": "Дана"}}]);
        self.told(id, text, json!({"from": ERZHAN}), both).await;
    }

    async fn hides(&self, id: &str, text: &str, user: &str) {
        let who = json!([{"user_id": user, "profile": {"name": "Дана"}}]);
        self.told(id, text, json!({"from_user_id": user}), who).await;
    }

    /// Which texts came in which conversation.
    async fn came(&self) -> Vec<String> {
        let all = "SELECT c.address || ' ' || text FROM reply
            JOIN conversation AS c ON c.id = conversation_id ORDER BY reply.rowid";
        self.desk.day.clinic.rows(all).await
    }

    /// The desk answers by WhatsApp. Gives whom that went to.
    async fn answers(&self, text: &str) -> Value {
        let id = format!("SELECT id FROM conversation WHERE address = '+{ERZHAN}'");
        let id = self.desk.day.clinic.rows(&id).await.remove(0);
        let reception = self.desk.day.clinic.sign_in(Role::Reception).await;
        let form = format!("way=whatsapp&text={text}");
        let answer = reception.post(&format!("/inbox/{id}/write"), &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        self.desk.send().await;
        let last = self.server.taken().pop().unwrap();
        json!([last["to"], last["recipient"]])
    }
}

#[tokio::test]
async fn whoever_hides_a_number_that_was_told_stays_in_the_conversation_and_is_answered_by_the_id()
{
    let clinic = Clinic::open().await;
    clinic.shows("wamid.in1", "Здравствуйте", ID).await;
    assert_eq!(clinic.answers("A").await, json!([ERZHAN, null]));
    clinic.hides("wamid.in2", "А можно в пятницу?", ID).await;
    let in_one = ["+77012345678 Здравствуйте", "+77012345678 А можно в пятницу?"];
    assert_eq!(clinic.came().await, in_one);
    assert_eq!(clinic.answers("B").await, json!([null, ID]));
    let page = {
        let id = clinic.desk.day.clinic.rows("SELECT id FROM conversation").await.remove(0);
        let reception = clinic.desk.day.clinic.sign_in(Role::Reception).await;
        reception.get(&format!("/inbox/{id}")).await.body
    };
    assert!(page.contains("Мусин") && page.matches("inbox-e out").count() == 2, "{page}");
    // What does not arrive there can still go by SMS: the number is known.
    clinic.hides("wamid.in3", "Алло", ID).await;
    clinic.server.next(Mood::Refuses(400, 131_026));
    clinic.answers("C").await;
    let talk = clinic.desk.day.clinic.rows("SELECT id FROM conversation").await.remove(0);
    let lost = "SELECT id FROM message WHERE state = 'failed'";
    let form = format!("message={}", clinic.desk.day.clinic.rows(lost).await.remove(0));
    let reception = clinic.desk.day.clinic.sign_in(Role::Reception).await;
    let again = reception.post(&format!("/inbox/{talk}/again"), &form).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    clinic.desk.send().await;
    assert_eq!(clinic.desk.last_sms(), "C");
    // Shown again, it is answered as ever.
    clinic.told("wamid.in4", "Это я", json!({"from": ERZHAN}), json!([{"wa_id": ERZHAN}])).await;
    assert_eq!(clinic.answers("D").await, json!([ERZHAN, null]));
    assert_eq!(clinic.server.violations(), Vec::<String>::new());
}

#[tokio::test]
async fn nothing_is_joined_that_one_webhook_did_not_tell_of_one_person() {
    let clinic = Clinic::open().await;
    let name = json!({"name": "Дана"});
    let number = json!([{"wa_id": ERZHAN, "profile": name}]);
    clinic.told("wamid.in1", "A", json!({"from": ERZHAN}), number).await;
    let beside = json!([{"wa_id": "77010000009", "user_id": ID}, {"wa_id": ERZHAN}]);
    clinic.told("wamid.in2", "B", json!({"from": ERZHAN}), beside).await;
    clinic.hides("wamid.in3", "C", ID).await;
    let apart = ["+77012345678 A", "+77012345678 B", &format!("{ID} C")].map(str::to_owned);
    assert_eq!(clinic.came().await, apart);
    // What another number of the clinic was told is not this one's to know.
    clinic.shows("wamid.in4", "D", ID).await;
    let other = "UPDATE whatsapp_person SET number_id = '999'";
    clinic.desk.day.clinic.write(other).await.unwrap();
    clinic.hides("wamid.in5", "E", ID).await;
    assert_eq!(clinic.came().await[4], format!("{ID} E"));
}

#[tokio::test]
async fn a_number_that_passed_to_somebody_else_is_theirs_whatever_comes_late() {
    let clinic = Clinic::open().await;
    clinic.shows("wamid.in1", "A", ID).await;
    let before = clinic.now();
    clinic.desk.day.clinic.clinic.clock().advance_ms(DAY);
    clinic.shows("wamid.in2", "B", ANOTHER).await;
    let both = json!([{"wa_id": ERZHAN, "user_id": ID}]);
    clinic.told_at(before, ("wamid.in0", "late"), json!({"from": ERZHAN}), both).await;
    clinic.hides("wamid.in3", "C", ID).await;
    clinic.hides("wamid.in4", "D", ANOTHER).await;
    let came = clinic.came().await;
    assert_eq!(came[3..], [format!("{ID} C"), "+77012345678 D".to_owned()]);
    assert_eq!(clinic.answers("E").await, json!([null, ANOTHER]));
}

#[tokio::test]
async fn the_bot_goes_on_with_whoever_hides_the_number_and_it_is_forgotten_with_a_stranger() {
    let chat = Chat::open().await;
    chat.clinic.shows("wamid.in1", "Запись", ID).await;
    chat.clinic.hides("wamid.in2", "Қазақша", ID).await;
    assert_eq!(chat.last()["recipient"], json!(ID), "{}", chat.last());
    assert!(chat.text().contains("WhatsApp"), "{}", chat.text());
    chat.by_the_book();
    let clinic = Clinic::open().await;
    let stranger = json!([{"wa_id": "77010000009", "user_id": ID}]);
    clinic.told("wamid.in1", "A", json!({"from": "77010000009"}), stranger).await;
    let reception = clinic.desk.day.clinic.sign_in(Role::Reception).await;
    let talk = clinic.desk.day.clinic.rows("SELECT id FROM conversation").await.remove(0);
    reception.post(&format!("/inbox/{talk}/close"), "").await;
    let kept = "SELECT phone FROM whatsapp_person";
    for (days, left) in [(179, 1), (2, 0)] {
        clinic.desk.day.clinic.clinic.clock().advance_ms(days * DAY);
        clinic.desk.write().await;
        assert_eq!(clinic.desk.day.clinic.rows(kept).await.len(), left, "{days}");
    }
}
