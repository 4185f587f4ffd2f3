//! People whose number the bot does not know: what they write is kept, answered and
//! joined with what they write under their number, and they can end it.

use axum::http::StatusCode;
use tirkeu::vault::permission::Role;

use crate::peers::smsc::Mood;
use crate::telegram::{CHAT, Clinic, PHONE, STRANGER};

#[tokio::test]
async fn what_a_stranger_writes_is_kept_answered_and_goes_on_when_the_number_is_known() {
    let clinic = Clinic::open().await;
    clinic.write(STRANGER, "Сколько стоит имплант?").await;
    let (_, text, markup) = clinic.server.last(STRANGER);
    assert!(text.contains("передали ваше сообщение"), "{text}");
    assert!(markup["keyboard"].is_array());
    let talks =
        "SELECT address || ' ' || name || ' ' || (waiting_since IS NOT NULL) FROM conversation";
    assert_eq!(clinic.rows(talks).await, [format!("{STRANGER} Дана 1")]);
    // The question is not put at each word.
    let asked = clinic.server.texts(STRANGER).len();
    clinic.write(STRANGER, "И можно ли сегодня?").await;
    assert_eq!(clinic.server.texts(STRANGER).len(), asked);

    clinic.answer("Можно+в+15%3A00").await;
    clinic.answer("Можно+в+15%3A00").await;
    assert_eq!(clinic.server.texts(STRANGER)[asked..], ["Можно в 15:00"]);
    assert_eq!(clinic.states().await, ["telegram accepted"]);
    let page = clinic.seen().await;
    assert!(page.contains("Номер пока неизвестен") && page.contains("Дана"), "{page}");

    // It is Erzhan: the conversation is his from now, with all that was said.
    clinic.share(STRANGER, PHONE, Some(STRANGER)).await;
    clinic.write(STRANGER, "Спасибо").await;
    let erzhan = clinic.desk.day.patient;
    let whose = "SELECT address || ' ' || patient_id || ' ' ||
        (SELECT count(*) FROM reply WHERE reply.conversation_id = conversation.id)
        FROM conversation";
    assert_eq!(clinic.rows(whose).await, [format!("+{PHONE} {erzhan} 3")]);
    clinic.answer("Ждём").await;
    assert_eq!(clinic.server.last(STRANGER).1, "Ждём");
    assert_eq!(clinic.desk.server.taken().len(), 0);
    clinic.by_the_book();
}

#[tokio::test]
async fn a_stranger_who_blocked_the_bot_cannot_be_answered_and_the_desk_sees_it() {
    let clinic = Clinic::open().await;
    clinic.write(STRANGER, "Здравствуйте").await;
    clinic.server.is_blocked(STRANGER, true);
    clinic.answer("Добрый+день").await;
    assert_eq!(clinic.states().await, ["telegram failed unreachable"]);
    assert_eq!(clinic.chats().await, ["ru - 0 1"]);
    assert!(clinic.seen().await.contains("Не доставлено"));
}

#[tokio::test]
async fn whoever_said_stop_is_written_to_again_only_after_they_wrote() {
    let clinic = Clinic::open().await;
    clinic.write(STRANGER, "Сколько стоит имплант?").await;
    clinic.write(STRANGER, "/stop").await;
    let before = clinic.server.texts(STRANGER).len();
    clinic.answer("От+250+000").await;
    assert_eq!(clinic.server.texts(STRANGER).len(), before);
    assert_eq!(clinic.states().await, ["telegram failed unreachable"]);
    let transfers = clinic.rows("SELECT party FROM transfer").await;
    assert_eq!(transfers, Vec::<String>::new(), "nothing left");
    clinic.write(STRANGER, "А всё-таки?").await;
    clinic.answer("От+260+000").await;
    assert!(clinic.server.texts(STRANGER).contains(&"От 260 000".to_owned()));
}

#[tokio::test]
async fn what_was_said_under_the_chat_goes_into_the_conversation_of_the_number() {
    let clinic = Clinic::linked().await;
    clinic.write(CHAT, "Здравствуйте").await;
    clinic.write(CHAT, "/stop").await;
    clinic.write(CHAT, "Перенесите меня").await;
    let under_chat = format!("SELECT id FROM conversation WHERE address = '{CHAT}'");
    let path = format!("/inbox/{}/write", clinic.rows(&under_chat).await.concat());
    let desk = clinic.desk.day.clinic.sign_in(Role::Reception).await;
    let written = desk.post(&path, "way=telegram&text=Хорошо").await;
    assert_eq!(written.status, StatusCode::SEE_OTHER, "{}", written.body);
    clinic.desk.send().await;
    let talks = "SELECT address || ' ' || unread || ' ' || (waiting_since IS NOT NULL) || ' ' ||
        (SELECT count(*) FROM reply WHERE reply.conversation_id = conversation.id) || ' ' ||
        (SELECT count(*) FROM conversation_message AS said
            WHERE said.conversation_id = conversation.id)
        FROM conversation ORDER BY address";
    let two = clinic.rows(talks).await;
    assert_eq!(two.len(), 2, "{two:?}");
    // A person has said whose it is, and speaks.
    let said = format!(
        "UPDATE conversation SET attached_by = (SELECT id FROM staff LIMIT 1), patient_id = NULL
         WHERE address = '{CHAT}'"
    );
    clinic.desk.day.clinic.write(&said).await.unwrap();
    clinic.share(CHAT, PHONE, Some(CHAT)).await;
    let one = clinic.rows(talks).await;
    assert_eq!(one.len(), 1, "{one:?}");
    assert!(one[0].starts_with(&format!("+{PHONE} ")) && one[0].ends_with(" 2 1"), "{one:?}");
    let kept = "SELECT (attached_by IS NOT NULL) || ' ' || (patient_id IS NULL) || ' ' ||
        (silent_until IS NOT NULL) || ' ' || name FROM conversation";
    assert_eq!(clinic.rows(kept).await, ["1 1 1 Дана"]);
    let page = clinic.seen().await;
    for said in ["Здравствуйте", "Перенесите меня", "Хорошо"] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[tokio::test]
async fn of_what_was_put_aside_words_are_taken_up_and_nothing_else_is_done_again() {
    let clinic = Clinic::open().await;
    clinic.write(STRANGER, "Здравствуйте").await;
    let told = |number: i64, more: &str| {
        let at = clinic.now() / 1000;
        let body = format!(
            r#"{{"update_id":{number},"message":{{"message_id":{number},"date":{at},
                "from":{{"id":{STRANGER},"first_name":"Дана"}},
                "chat":{{"id":{STRANGER},"type":"private"}},{more}}}}}"#
        );
        format!(
            "INSERT INTO telegram_update (bot_id, update_id, body, received_at, state, reason)
             SELECT bot_id, {number}, '{body}', 0, 'aside', 'failed_often' FROM telegram_bot"
        )
    };
    let contact = format!(
        r#""contact":{{"phone_number":"{PHONE}","user_id":{STRANGER},"first_name":"Дана"}}"#
    );
    for sql in [told(1, r#""text":"Можно к врачу?""#), told(2, &contact)] {
        clinic.desk.day.clinic.write(&sql).await.unwrap();
    }
    let owner = clinic.desk.day.clinic.sign_in(Role::Owner).await;
    let page = owner.get("/messages/telegram").await.body;
    assert!(page.contains("2 события мессенджера не удалось разобрать"), "{page}");
    let number = clinic.rows("SELECT id || '' FROM gateway WHERE kind = 'telegram'").await.concat();
    let taken = owner.post(&format!("/messages/gateway/{number}/aside"), "").await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER);
    clinic.hear().await;
    let said = clinic.rows("SELECT text FROM reply ORDER BY rowid").await;
    assert_eq!(said, ["Здравствуйте", "Можно к врачу?"]);
    assert_eq!(clinic.chats().await, ["ru - 0 0"], "an old number is not linked again");
    let left = clinic.rows("SELECT DISTINCT state || body FROM telegram_update").await;
    assert_eq!(left, ["done"]);
}

#[tokio::test]
async fn a_desks_answer_does_not_stand_behind_what_waits_for_another_gateway() {
    let clinic = Clinic::linked().await;
    clinic.write(CHAT, "А можно с ребёнком?").await;
    let now = clinic.now();
    let erzhan = clinic.desk.day.patient;
    let acks = format!(
        "WITH RECURSIVE number (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM number
            WHERE value < 200)
        INSERT INTO message (id, patient_id, purpose, object_kind, object_id, object_stamp, channel, language,
            phone, text, reference, state, created_at, due_at, not_after, neutral, abroad, classes)
        SELECT printf('00000000-0000-7000-8000-%012x', value), '{erzhan}', 'reply_handed', 'reply', value,
            '', 'sms', 'ru', '+77010000001', 'text', 1000 + value, 'queued', {now}, {now},
            {now} + 60000 + value, '{{}}', 'text', '[]'
        FROM number"
    );
    clinic.desk.day.clinic.write(&acks).await.unwrap();
    (0..8).for_each(|_| clinic.desk.server.next(Mood::Refuses(3)));
    clinic.desk.send().await;
    clinic.answer("Да").await;
    let states = "SELECT purpose || ' ' || state || ' ' || coalesce(reason, '') || ' ' || count(*)
        FROM message GROUP BY purpose, state, reason";
    assert_eq!(clinic.server.last(CHAT).1, "Да", "{:?}", clinic.rows(states).await);
    let waiting = clinic.rows("SELECT count(*) || '' FROM message WHERE state = 'queued'").await;
    assert_eq!(waiting, ["200"]);
}
