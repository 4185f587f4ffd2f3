//! The trial of an Instagram account: what Meta says of it, in words, on its page.

use axum::http::StatusCode;
use serde_json::json;

use tirkeu::vault::permission::Role;

use crate::instagram::Clinic;
use crate::peers::instagram::{ACCOUNT, Mood, TOKEN};

impl Clinic {
    /// The owner presses the button; what the page says then.
    async fn tries(&self) -> String {
        let page = self.account_page().await;
        let owner = self.desk.day.clinic.sign_in(Role::Owner).await;
        let tried = owner.post(&format!("{page}/trial"), "").await;
        assert_eq!(tried.status, StatusCode::SEE_OTHER, "{}", tried.body);
        assert_eq!(self.server.violations(), Vec::<String>::new());
        self.told(&page).await
    }

    async fn account_page(&self) -> String {
        let id = self.rows("SELECT id || '' FROM gateway WHERE kind = 'instagram'").await.remove(0);
        format!("/messages/gateway/{id}")
    }

    /// The owner types another account or another token in.
    async fn types(&self, account: &str, token: &str) {
        let form = format!(
            "kind=instagram&endpoint={}&username={account}&password={token}&country=us",
            self.server.address
        );
        let owner = self.desk.day.clinic.sign_in(Role::Owner).await;
        let saved = owner.post(&self.account_page().await, &form).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    }

    /// `account what`, as the last trial is kept.
    async fn found(&self) -> Vec<String> {
        self.rows("SELECT username || ' ' || found FROM instagram_trial").await
    }

    /// What the ledger says of trials.
    async fn trials(&self) -> Vec<String> {
        let all = "SELECT act || ' ' || why FROM audit_event WHERE act = 'gateway.tried'
            ORDER BY seq";
        self.rows(all).await
    }
}

#[tokio::test]
async fn a_good_token_says_whose_it_is_and_when_meta_last_told_anything() {
    let clinic = Clinic::open().await;
    let before = clinic.told(&clinic.account_page().await).await;
    assert!(before.contains("Этот канал ещё не проверяли"), "{before}");
    assert!(before.contains("За последние девять дней ничего не приходило"), "{before}");
    assert!(before.contains("Первыми написать в Instagram нельзя никому"), "{before}");
    assert!(!before.contains("name=\"phone\""), "nobody can be written to there: {before}");

    let page = clinic.tries().await;
    assert!(page.contains("Подключено: @arai.dent."), "{page}");
    assert!(page.contains("Meta передаёт нам сообщения этого аккаунта"), "{page}");
    assert_eq!(clinic.found().await, ["arai.dent connected"]);
    assert_eq!(clinic.trials().await, ["gateway.tried connected"]);
    assert!(clinic.server.taken().is_empty(), "a trial writes to nobody");
    assert!(clinic.rows("SELECT id FROM message").await.is_empty());

    clinic.happens(json!({"message": {"mid": "m1", "text": "проба"}})).await;
    let page = clinic.told(&clinic.account_page().await).await;
    assert!(!page.contains("ничего не приходило"), "{page}");
    let heard = page.split("Последнее событие от Meta").nth(1).unwrap();
    assert!(heard.contains("23.11.2026") || heard.contains("08:00"), "{heard}");
}

#[tokio::test]
async fn a_token_that_is_refused_or_another_accounts_is_told_with_what_to_do() {
    let clinic = Clinic::open().await;
    clinic.types(ACCOUNT, "IGAAother").await;
    let page = clinic.tries().await;
    assert!(page.contains("Meta не приняла токен."), "{page}");
    assert!(page.contains("Создайте в кабинете Meta новый токен"), "{page}");
    assert!(!page.contains("Подключено"), "{page}");
    assert_eq!(clinic.found().await, [" gateway_credentials"]);
    let ill = "SELECT is_ill || ' ' || trouble FROM gateway WHERE kind = 'instagram'";
    assert_eq!(clinic.rows(ill).await, ["1 gateway_credentials"], "its health knows too");

    clinic.types("17841400000000002", TOKEN).await;
    let page = clinic.tries().await;
    assert!(page.contains("он от другого аккаунта: @arai.dent"), "{page}");
    assert!(page.contains("Сверьте ID аккаунта"), "{page}");

    clinic.types(ACCOUNT, TOKEN).await;
    assert!(clinic.tries().await.contains("Подключено: @arai.dent."));
    assert_eq!(
        clinic.rows("SELECT is_ill || '' FROM gateway WHERE kind = 'instagram'").await,
        ["0"]
    );
    let told = ["gateway_credentials", "other_account", "connected"];
    assert_eq!(clinic.trials().await, told.map(|why| format!("gateway.tried {why}")));
}

#[tokio::test]
async fn an_app_that_is_told_no_messages_is_not_called_connected() {
    let clinic = Clinic::open().await;
    clinic.server.tells(None);
    let page = clinic.tries().await;
    assert!(page.contains("Meta ничего нам не передаёт"), "{page}");
    assert!(page.contains("включите у этого аккаунта подписку на вебхуки"), "{page}");
    clinic.server.tells(Some(&["comments", "messaging_seen"]));
    let page = clinic.tries().await;
    assert!(page.contains("Meta не передаёт нам сообщения"), "{page}");
    assert!(page.contains("подпишитесь на поле messages"), "{page}");
    assert_eq!(clinic.found().await, ["arai.dent no_messages"]);
    clinic.server.tells(Some(&["messages"]));
    assert!(clinic.tries().await.contains("Подключено: @arai.dent."));
}

#[tokio::test]
async fn without_the_apps_secret_nothing_is_believed_and_so_it_is_not_connected() {
    let clinic = Clinic::open().await;
    clinic.desk.day.clinic.write("UPDATE instagram_app SET app_secret = ''").await.unwrap();
    let page = clinic.tries().await;
    assert!(page.contains("без секрета приложения сообщения не принимаются"), "{page}");
    assert_eq!(clinic.found().await, ["arai.dent no_secret"]);
}

#[tokio::test]
async fn meta_that_is_away_or_stumbles_is_not_taken_for_a_bad_token() {
    let clinic = Clinic::open().await;
    for mood in [Mood::Garbage, Mood::FailsAfter, Mood::HangsUp, Mood::Refuses(400, 4, 0)] {
        clinic.server.next_question(mood);
        let page = clinic.tries().await;
        assert!(!page.contains("не приняла токен") && !page.contains("Подключено"), "{page}");
    }
    clinic.server.goes_away().await;
    let page = clinic.tries().await;
    assert!(page.contains("Сервис не отвечает."), "{page}");
    assert!(page.contains("Проверьте интернет"), "{page}");
    let found = ["wrong_address", "busy", "unreachable", "busy", "unreachable"];
    let found = found.map(|trouble| format!("gateway.tried gateway_{trouble}"));
    assert_eq!(clinic.trials().await, found);
}

#[tokio::test]
async fn a_trial_ends_with_its_account() {
    let clinic = Clinic::open().await;
    clinic.tries().await;
    let owner = clinic.desk.day.clinic.sign_in(Role::Owner).await;
    let gone = owner.post(&format!("{}/remove", clinic.account_page().await), "").await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    assert!(clinic.found().await.is_empty());
}
