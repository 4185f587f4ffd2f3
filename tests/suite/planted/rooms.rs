//! The same in the rooms of those who answer for it: rights, emergencies, the
//! compliance desk, breaches, requests, mail.

use tirkeu::vault::permission::Role;

use super::{Planted, Words, form, post};
use crate::support::{Browser, PASSWORD};

/// Asked once more who one is.
async fn prove(browser: &Browser<'_>) {
    post(browser, "/prove", &[("password", PASSWORD), ("code", ""), ("next", "/")]).await;
}

/// Where an answer sends one on.
async fn path_of(browser: &Browser<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let answer = post(browser, path, fields).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.body);
    answer.header("location").to_owned()
}

impl Planted {
    pub(super) async fn fill_rooms(&mut self, owner: &str, words: &Words) {
        self.give_rights(owner, words).await;
        self.review(words).await;
        self.answer_findings(words).await;
        self.take_requests(words).await;
        self.open_incident(words).await;
        self.set_up_mail(owner, words).await;
    }

    async fn give_rights(&mut self, owner: &str, words: &Words) {
        let browser = self.clinic.sign_in_as(owner).await;
        prove(&browser).await;
        let role = words("role").chars().take(60).collect::<String>();
        post(&browser, "/roles", &[("name", &role), ("right", "patients.find")]).await;
        let staff = self.find("staff_id");
        let reason = words("deputation");
        let lent = [
            ("role", "cashier"),
            ("instead_of", ""),
            ("from", "24.11.2026"),
            ("until", "25.11.2026"),
            ("reason", &*reason),
        ];
        post(&browser, &format!("/staff/{staff}/deputations"), &lent).await;
        self.id("role_id", "SELECT id FROM custom_role").await;
    }

    async fn review(&mut self, words: &Words) {
        let officer = self.clinic.sign_in(Role::Compliance).await;
        let access = self.clinic.rows("SELECT id FROM emergency_access").await.remove(0);
        let said = [("verdict", "unjustified"), ("note", &*words("verdict"))];
        post(&officer, &format!("/emergencies/{access}/review"), &said).await;
        let signed = [
            ("from", "23.11.2026"),
            ("until", "23.11.2026"),
            ("about", ""),
            ("code", "incident"),
            ("note", &*words("review")),
        ];
        post(&officer, "/audit/reviews", &signed).await;
        let limit = [("seen", "1"), ("value", "41"), ("basis", &*words("limit"))];
        post(&officer, "/audit/limits/mass_hour", &limit).await;
    }

    async fn answer_findings(&mut self, words: &Words) {
        let officer = self.clinic.sign_in(Role::Compliance).await;
        post(&officer, "/audit/watched", &[("number", "2")]).await;
        let desk = self.clinic.sign_in(Role::Reception).await;
        desk.get(&format!("/patients/{}", self.find("b"))).await;
        post(&officer, "/audit/findings/look", &[]).await;
        let watched = "SELECT id FROM audit_finding WHERE state = 'open' ORDER BY rule DESC";
        let finding = self.id("finding_id", watched).await;
        let officer = self.clinic.sign_in(Role::Compliance).await;
        let answer = [("state", "explained"), ("note", &*words("finding"))];
        post(&officer, &format!("/audit/findings/{finding}/answer"), &answer).await;
    }

    async fn take_requests(&mut self, words: &Words) {
        let officer = self.clinic.sign_in(Role::Compliance).await;
        let asked = [
            ("kind", "access"),
            ("card", ""),
            ("requester", "representative"),
            ("applicant", &*words("applicant")),
            ("contact", &words("contact")),
            ("way", "email"),
            ("received", "23.11.2026 08:00"),
            ("document", "power_of_attorney"),
            ("wish", &words("wish")),
        ];
        let path = path_of(&officer, "/personal-data/requests", &asked).await;
        let refused = [
            ("seen", "identified"),
            ("state", "refused"),
            ("document", ""),
            ("refusal", "no_data"),
            ("note_ru", &*words("refusal_ru")),
            ("note_kk", &words("refusal_kk")),
        ];
        post(&officer, &format!("{path}/steps"), &refused).await;
        self.rooms.push(path);
    }

    async fn open_incident(&mut self, words: &Words) {
        let officer = self.clinic.sign_in(Role::Compliance).await;
        let actor = officer.actor().staff().unwrap().to_string();
        let opened = [
            ("actor", &*actor),
            ("session", ""),
            ("ip", ""),
            ("device", ""),
            ("from", "23.11.2026 00:00"),
            ("until", "23.11.2026 08:00"),
            ("detected", ""),
            ("nature", "access"),
            ("do", "open"),
        ];
        let path = path_of(&officer, "/personal-data/incidents", &opened).await;
        let event = [("kind", "noted"), ("at", "23.11.2026 08:00"), ("note", &*words("incident"))];
        post(&officer, &format!("{path}/events"), &event).await;
        let with =
            [("seen", "1"), ("without", ""), ("with", "1"), ("reason", &*words("correction"))];
        post(&officer, &format!("{path}/people"), &with).await;
        let story = [
            ("nature", "distribution"),
            ("consequences_ru", &*words("consequences_ru")),
            ("consequences_kk", &words("consequences_kk")),
            ("measures_ru", &words("measures_ru")),
            ("measures_kk", &words("measures_kk")),
            ("advice_ru", &words("advice_ru")),
            ("advice_kk", &words("advice_kk")),
        ];
        post(&officer, &format!("{path}/story"), &story).await;
        self.rooms.extend([format!("{path}/people.csv"), path]);
    }

    async fn set_up_mail(&mut self, owner: &str, words: &Words) {
        let browser = self.clinic.sign_in_as(owner).await;
        let server = [
            ("host", "localhost"),
            ("port", "1"),
            ("tls", "none"),
            ("username", &*words("mail_login")),
            ("password", &words("mail_password")),
            ("sender", "crm@example.kz"),
            ("ca", ""),
        ];
        post(&browser, "/messages/mail", &server).await;
        prove(&browser).await;
        let name = words("outside").chars().take(80).collect::<String>();
        let outside = [
            ("name", &*name),
            ("address", "auditor'o=x@outside.example"),
            ("every", "day"),
            ("language", "ru"),
        ];
        post(&browser, "/audit/ledger/mail", &outside).await;
        // A letter whose subject and body hold the clinic's name, and one to them.
        post(&browser, "/messages/mail/trial", &[("address", "owner@example.kz")]).await;
        tirkeu::audit::checkpoints::chores(&self.clinic.clinic).await.unwrap();
        // What a hostile server would say.
        let said = words("said").replace('\'', "''");
        let sql = format!("UPDATE letter SET said = '{said}'");
        self.clinic.write(&sql).await.unwrap();
        let typed = form(&[("address", &*words("own_address"))]);
        let refused = browser.post("/account/mail", &typed).await;
        assert!(refused.status == 422, "{}", refused.body);
    }
}
