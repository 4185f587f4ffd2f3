//! What a mail server may do to a letter, and what is made of it.

use tirkeu::contact::Email;
use tirkeu::i18n::Language;
use tirkeu::mail::{send_again, send_trial};
use tirkeu::post::{self, Answer, MailChange, Said, Why};
use tirkeu::vault::Grant;
use tirkeu::vault::permission::{Role, SetUpGateways};

use super::Post;
use crate::peers::smtp::SHORT;

async fn try_out(post: &Post, grant: &Grant<SetUpGateways>, to: &str) {
    let address = Email::parse(to).unwrap();
    send_trial(&post.clinic.clinic, grant, Language::Kk, address).await.unwrap();
    post.work().await;
}

#[tokio::test]
async fn a_letter_arrives_through_tls_with_kazakh_letters_and_the_right_headers() {
    for door in ["implicit", "starttls"] {
        let Some(mut post) = Post::open(door).await else { return };
        let grant = post.clinic.grant::<SetUpGateways>(Role::Owner).await;
        try_out(&post, &grant, "owner@example.kz").await;

        let letter = post.peer.next().await;
        assert_eq!((letter.door.as_str(), letter.tls, letter.login), (door, true, true));
        assert_eq!(
            (letter.from.as_str(), letter.to.as_slice()),
            ("crm@arai.kz", &["owner@example.kz".to_owned()][..])
        );
        assert_eq!(letter.defects, Vec::<String>::new(), "Python reads it without a complaint");
        assert!(letter.header("Subject").starts_with("Поштаны тексеру: "), "{letter:?}");
        assert!(letter.text.starts_with("Бұл сынақ хат"), "{}", letter.text);
        assert!(letter.header("From").ends_with("<crm@arai.kz>"), "{letter:?}");
        let id = post.clinic.rows("SELECT id FROM letter").await.remove(0);
        assert_eq!(letter.header("Message-ID"), format!("<{id}@arai.kz>"));
        assert_eq!(letter.header("Date"), "Mon, 23 Nov 2026 03:00:00 +0000", "the clinic's clock");
        assert_eq!(letter.header("Auto-Submitted"), "auto-generated");
        assert_eq!(letter.header("List-Id"), "", "a letter to one person is no list");
        assert!(letter.raw.is_ascii(), "old servers carry it too");
        assert_eq!(post.states("trial").await, ["accepted"]);
        let said = post.clinic.rows("SELECT said FROM letter").await.remove(0);
        assert!(said.contains("2.0.0 Taken as 1"), "{said}");
    }
}

#[tokio::test]
async fn a_refusal_is_final_and_not_now_is_tried_again_further_and_further_apart() {
    let Some(mut post) = Post::open("starttls").await else { return };
    let grant = post.clinic.grant::<SetUpGateways>(Role::Owner).await;
    for to in ["unknown@example.kz", "spam@example.kz", "later@example.kz"] {
        try_out(&post, &grant, to).await;
        post.clinic.clinic.clock().advance_ms(1);
    }
    assert_eq!(
        post.states("trial").await,
        ["failed recipient", "failed content", "queued put_off"]
    );
    let said = post.clinic.rows("SELECT said FROM letter ORDER BY created_at").await;
    assert_eq!(said[0], "550 5.1.1 No such user here");
    assert_eq!(said[1], "554 5.7.1 This looks like spam");
    assert_eq!(said[2], "451 4.7.1 Greylisted, try again in five minutes");

    for (minutes, attempts) in [(0, 1), (1, 2), (1, 2), (1, 3), (3, 3), (1, 4), (10, 4)] {
        post.clinic.clinic.clock().advance_ms(minutes * 60_000);
        post.work().await;
        let sql = "SELECT cast(sum(attempts) AS TEXT) FROM letter WHERE sent_to LIKE 'later%'";
        assert_eq!(post.clinic.rows(sql).await, [attempts.to_string()], "after {minutes} more");
    }
    assert_eq!(post.states("trial").await[2], "expired too_late");
    assert_eq!(post.peer.count(), 0);
    // The other two were never tried again.
    assert_eq!(
        post.clinic
            .rows("SELECT cast(max(attempts) AS TEXT) FROM letter WHERE state = 'failed'")
            .await,
        ["1"]
    );
    try_out(&post, &grant, "owner@example.kz").await;
    assert_eq!(post.peer.next().await.to, ["owner@example.kz"]);
}

#[tokio::test]
async fn a_letter_whose_answer_was_lost_is_never_sent_again_by_itself() {
    let Some(mut post) = Post::open("implicit").await else { return };
    let owner = post.clinic.employ(Role::Owner).await;
    let grant = post.clinic.sign_in_as(&owner).await.actor().grant::<SetUpGateways>().unwrap();
    try_out(&post, &grant, "silent@example.kz").await;
    assert_eq!(post.peer.next().await.to, ["silent@example.kz"]);
    assert_eq!(post.states("trial").await, ["uncertain no_answer"]);

    for _ in 0..5 {
        post.clinic.clinic.clock().advance_ms(60 * 60_000);
        post.work().await;
    }
    assert_eq!(post.peer.count(), 1);
    // A trial is over; nobody sends it again either.
    let id = post.clinic.rows("SELECT id FROM letter").await.remove(0).parse().unwrap();
    assert!(!send_again(&post.clinic.clinic, &grant, id).await.unwrap());
}

#[tokio::test]
async fn a_letter_whose_worker_died_is_uncertain_too() {
    let Some(post) = Post::open("implicit").await else { return };
    let grant = post.clinic.grant::<SetUpGateways>(Role::Owner).await;
    let address = Email::parse("owner@example.kz").unwrap();
    send_trial(&post.clinic.clinic, &grant, Language::Ru, address).await.unwrap();
    let dies = "UPDATE letter SET state = 'sending', due_at = NULL, leased_at = created_at";
    post.clinic.write(dies).await.unwrap();
    post.work().await;
    assert_eq!(post.states("trial").await, ["sending"], "it may still be at it");
    post.clinic.clinic.clock().advance_ms(10 * 60_000);
    post.work().await;
    assert_eq!(post.states("trial").await, ["uncertain worker_died"]);
    assert_eq!(post.peer.count(), 0);
}

#[tokio::test]
async fn wrong_settings_are_told_apart_and_lose_no_letter() {
    let Some(mut post) = Post::open("implicit").await else { return };
    let grant = post.clinic.grant::<SetUpGateways>(Role::Owner).await;
    let right = post.peer.settings("implicit");
    let starttls = post.peer.settings("starttls");
    let plain = post.peer.settings("none");
    let cases = [
        (MailChange { password: "wrong".to_owned(), ..right.clone() }, Why::Credentials),
        (MailChange { ca: String::new(), ..right.clone() }, Why::Certificate),
        (MailChange { port: "1".to_owned(), ..right.clone() }, Why::Unreachable),
        (
            MailChange { tls: "starttls".to_owned(), port: plain.port.clone(), ..right.clone() },
            Why::NoTls,
        ),
        (MailChange { port: starttls.port.clone(), ..right.clone() }, Why::NoTls),
        (
            MailChange { username: "clinic".to_owned(), password: "x".to_owned(), ..plain },
            Why::NoAuth,
        ),
    ];
    for (change, why) in cases {
        post::set(post.clinic.vault(), &grant, &change).await.unwrap();
        let health = post::health(post.clinic.vault(), &grant, SHORT).await.unwrap().unwrap();
        assert_eq!(health.answer, Answer::Later(why), "{health:?}");
    }
    try_out(&post, &grant, "owner@example.kz").await;
    assert_eq!(post.states("trial").await, ["queued no_auth"]);

    post::set(post.clinic.vault(), &grant, &right).await.unwrap();
    let health = post::health(post.clinic.vault(), &grant, SHORT).await.unwrap().unwrap();
    assert!(matches!(health, Said { answer: Answer::Accepted, .. }), "{health:?}");
    post.clinic.clinic.clock().advance_ms(60_000);
    post.work().await;
    assert_eq!(post.peer.next().await.to, ["owner@example.kz"]);
}

#[tokio::test]
async fn neither_password_nor_address_nor_text_is_in_the_ledger() {
    let Some(mut post) = Post::open("starttls").await else { return };
    let owner = post.clinic.employ(Role::Owner).await;
    post.confirm(&owner, "owner@example.kz").await;
    let ledger = serde_json::to_string(&post.clinic.ledger().await).unwrap();
    for secret in ["mail-secret", "owner@", "example.kz", "crm@", "localhost", "CERTIFICATE"] {
        assert!(!ledger.contains(secret), "{secret}");
    }
    assert!(!ledger.contains("withheld"), "nothing had to be struck out");
    for act in
        ["mail_server.changed", "mail_address.asked", "mail_address.confirmed", "letter.accepted"]
    {
        assert!(ledger.contains(act), "{act}");
    }
    let body = post.clinic.rows("SELECT body FROM letter WHERE kind = 'code'").await.remove(0);
    assert!(body.contains("•••"), "the code is taken out once it left: {body}");
}
