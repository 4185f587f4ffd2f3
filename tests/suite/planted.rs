//! A clinic with a text of the test's own in every field that takes one, put
//! there through the pages as people do, and the way to every page of it.

mod rooms;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, StatusCode};
use tirkeu::vault::permission::Role;

use crate::support::{Answer, Browser, TestClinic};

/// Gives the text of a field by the field's name.
pub type Words = dyn Fn(&str) -> String + Send + Sync;

const CAUSE: &str = "other";

pub struct Planted {
    pub clinic: TestClinic,
    /// What stands for `{name}` in a route.
    pub ids: Vec<(&'static str, String)>,
    /// Pages that share the name of what stands in their route with others.
    rooms: Vec<String>,
}

/// Of a form that was taken.
fn taken(answer: &Answer, asked: &str) {
    let fine = answer.status == StatusCode::SEE_OTHER || answer.status == StatusCode::OK;
    assert!(fine, "{asked}: {} {}", answer.status, answer.body);
}

/// A form in the percent encoding of forms.
pub fn form(fields: &[(&str, &str)]) -> String {
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |all, byte| all + &format!("%{byte:02X}"))
}

async fn post(browser: &Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Answer {
    let answer = browser.post(path, &form(fields)).await;
    taken(&answer, path);
    answer
}

impl Planted {
    pub async fn with(words: &Words) -> Self {
        let clinic = TestClinic::open().await;
        let mut planted = Self { clinic, ids: Vec::new(), rooms: Vec::new() };
        let owner = planted.clinic.employ(Role::Owner).await;
        planted.set_up(&owner, words).await;
        planted.fill_cards(&owner, words).await;
        planted.fill_messages(&owner, words).await;
        planted.hand_out(&owner, words).await;
        planted.import(&owner, words).await;
        planted.fill_rooms(&owner, words).await;
        planted.ids.extend([
            ("code", "consent".to_owned()),
            ("key", "messages".to_owned()),
            ("purpose", "booking_made".to_owned()),
            ("language", "ru".to_owned()),
            ("verb", "confirm".to_owned()),
        ]);
        planted
    }

    fn find(&self, name: &str) -> String {
        self.ids.iter().find(|(known, _)| *known == name).unwrap().1.clone()
    }

    async fn id(&mut self, name: &'static str, sql: &str) -> String {
        let id = self.clinic.rows(sql).await.into_iter().next();
        let id = id.unwrap_or_else(|| panic!("nothing was planted for {name}"));
        self.ids.push((name, id.clone()));
        id
    }

    async fn set_up(&mut self, owner: &str, words: &Words) {
        let browser = self.clinic.sign_in_as(owner).await;
        let facts = [
            ("name", &*words("clinic")),
            ("phone", "+7 727 355 00 00"),
            ("address_ru", &words("address_ru")),
            ("address_kk", &words("address_kk")),
            ("entrance_ru", &words("entrance_ru")),
            ("entrance_kk", &words("entrance_kk")),
            ("zone", "Asia/Almaty"),
            ("legal_name", &words("legal_name")),
            ("bin", "190340012348"),
            ("licence_number", &words("licence")),
            ("licence_date", "12.03.2018"),
            ("legal_address", &words("legal_address")),
            ("email", "info@example.kz"),
            ("responsible", &words("responsible")),
        ];
        post(&browser, "/setup/clinic", &facts[..7]).await;
        let doctor = [("id", ""), ("name", &*words("doctor")), ("specialty", &words("specialty"))];
        post(&browser, "/setup/doctors", &doctor).await;
        let chair = [("id", ""), ("kind", "chair"), ("name", &*words("chair"))];
        post(&browser, "/setup/places", &chair).await;
        let service =
            [("id", ""), ("name", &*words("service")), ("duration", "30"), ("price", "5000")];
        post(&browser, "/setup/services", &service).await;
        let doctor = "SELECT id FROM resource WHERE kind = 'doctor'";
        let doctor = self.id("resource_id", doctor).await;
        let branch = self.id("branch_id", "SELECT id FROM branch").await;
        let service = self.id("service_id", "SELECT id FROM service").await;
        let browser = self.clinic.sign_in_as(owner).await;
        let hours = "week_starts=9&week_ends=18&lunch_starts=&lunch_ends=&sat_starts=&sat_ends=\
                     &sun_starts=&sun_ends=&place=";
        taken(&browser.post("/setup/hours", &format!("doctor={doctor}&{hours}")).await, "hours");
        post(&browser, "/setup/finish", &[]).await;
        post(&browser, "/settings/clinic", &facts).await;
        let place = [
            ("name", &*words("branch")),
            ("address", &words("branch_address")),
            ("phone", "+7 727 355 00 01"),
            ("zone", "Asia/Almaty"),
        ];
        post(&browser, &format!("/settings/branches/{branch}"), &place).await;
        let resource = [
            ("branch_id", &*branch),
            ("kind", "doctor"),
            ("name", &words("doctor")),
            ("short_name", &words("doctor_short")),
            ("specialty", &words("specialty")),
        ];
        post(&browser, &format!("/settings/resources/{doctor}"), &resource).await;
        let service_form = [
            ("name", &*words("service")),
            ("name_kk", &words("service_kk")),
            ("category", &words("category")),
            ("duration", "30"),
            ("before", "0"),
            ("after", "0"),
            ("price", "5000"),
        ];
        post(&browser, &format!("/settings/services/{service}"), &service_form).await;
        let person = [("name", &*words("staff")), ("login", "planted"), ("role", "reception")];
        post(&browser_of(&self.clinic, Role::Sysadmin).await, "/staff", &person).await;
        self.id("staff_id", "SELECT id FROM staff WHERE login = 'planted'").await;
    }

    async fn fill_cards(&mut self, owner: &str, words: &Words) {
        let browser = self.clinic.sign_in_as(owner).await;
        for (phone, iin) in [("+7 705 987 65 41", "850101300005"), ("+7 705 987 65 42", "")] {
            let card = [
                ("surname", &*words("surname")),
                ("given", &words("given")),
                ("patronymic", &words("patronymic")),
                ("phone", phone),
                ("phone2", "+7 705 987 65 40"),
                ("birth_date", "01.01.1985"),
                ("iin", iin),
                ("iin_anyway", "on"),
                ("sex", "male"),
                ("language", "ru"),
                ("allergy", &words("allergy")),
                ("source", &words("source")),
                ("note", &words("note")),
            ];
            post(&browser, "/patients", &card).await;
        }
        let patient = self.id("patient_id", "SELECT id FROM patient ORDER BY number").await;
        self.ids.push(("a", patient.clone()));
        self.id("b", "SELECT id FROM patient ORDER BY number DESC").await;
        let find =
            |name: &str| self.ids.iter().find(|(known, _)| *known == name).unwrap().1.clone();
        let browser = self.clinic.sign_in_as(owner).await;
        let visit = [
            ("patient", &*patient),
            ("service", &find("service_id")),
            ("doctor", &find("resource_id")),
            ("starts", "2026-11-24T10:00"),
            ("note", &words("comment")),
            ("notify", "on"),
            ("shown", "1"),
        ];
        post(&browser, "/appointments", &visit).await;
        self.id("appointment_id", "SELECT id FROM appointment").await;
        let browser = self.clinic.sign_in_as(owner).await;
        let hold = [("reason", &*words("hold"))];
        post(&browser, &format!("/patients/{patient}/retention/hold"), &hold).await;
        let doctor = self.clinic.sign_in(Role::Doctor).await;
        let reason = words("emergency") + " 0123456789";
        let cause = [("cause", CAUSE), ("reason", &*reason)];
        post(&doctor, &format!("/patients/{patient}/emergency"), &cause).await;
    }

    async fn fill_messages(&mut self, owner: &str, words: &Words) {
        let browser = self.clinic.sign_in_as(owner).await;
        // A template takes no braces: what it says to them is tested elsewhere.
        let said = words("text").replace(['{', '}', '%'], "");
        let source = format!("{said} {{{{ date }}}} {{{{ time }}}} {{{{ link }}}}");
        post(&browser, "/messages/texts/booking_made/ru", &[("source", &source)]).await;
        let note = words("staff_phone").chars().take(60).collect::<String>();
        let phone = [("phone", "+7 701 222 33 44"), ("note", &*note)];
        post(&browser, "/consents/staff-phones", &phone).await;
        let jobs = tirkeu::app::jobs();
        while jobs.run_due(self.clinic.vault(), &self.clinic.clinic).await.unwrap() > 0 {}
        self.id("message_id", "SELECT id FROM message").await;
        let text = self.clinic.rows("SELECT text FROM message").await.remove(0);
        let token = text.rsplit_once("/m/").unwrap_or_else(|| panic!("no link in {text}")).1;
        let is_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let token = token.chars().take_while(|c| is_token(*c)).collect();
        self.ids.push(("token", token));
    }

    async fn hand_out(&mut self, owner: &str, words: &Words) {
        let browser = self.clinic.sign_in_as(owner).await;
        let said = words("wording").replace(['{', '}', '\n'], "");
        let wording =
            format!("# {said}\nsms: у\nlevel: 1\nself_from: 18\nbasis: {said}\n---\n{said}");
        // The wordings that came with the program are published as they are first offered.
        let patient = self.ids.iter().find(|(name, _)| *name == "patient_id").unwrap().1.clone();
        browser.get(&format!("/patients/{patient}/consents/new")).await;
        let wordings = [("russian", &*wording), ("kazakh", &wording)];
        post(&browser, "/consents/wordings/messages", &wordings).await;
        let tablet = words("tablet").chars().take(60).collect::<String>();
        post(&browser, "/tablets", &[("name", &tablet)]).await;
        let patient = self.ids.iter().find(|(name, _)| *name == "patient_id").unwrap().1.clone();
        let handout = [
            ("documents", "messages"),
            ("language", "ru"),
            ("tablet", ""),
            ("service", &*words("consent_service")),
            ("doctor", &words("consent_doctor")),
            ("price", ""),
            ("identity_document", "id_card"),
            ("identity_last4", "0123"),
            ("face", "on"),
        ];
        post(&browser, &format!("/patients/{patient}/consents"), &handout).await;
        self.id("consent_id", "SELECT id FROM consent").await;
    }

    async fn import(&mut self, owner: &str, words: &Words) {
        let browser = self.clinic.sign_in_as(owner).await;
        let cell = |text: String| format!("\"{}\"", text.replace('"', "\"\""));
        let [person, doctor, service] =
            ["import_person", "import_doctor", "import_service"].map(|name| cell(words(name)));
        let journal = format!(
            "Дата;Время;ФИО пациента;Телефон;Врач;Услуга;Статус\n\
             20.11.2026;9:30;{person};87012345678;{doctor};{service};пришел\n\
             20.11.2026;25:99;{person};12;{doctor};{service};{service}\n\
             ;10:30;;87012345670;{doctor};{service};\n"
        );
        let file = words("file").replace(['"', '\\', '/', '\r', '\n', '<', '>'], "");
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"journal\"; filename=\"{file}.csv\"\r\n\r\n"
        );
        let body = [head.as_bytes(), journal.as_bytes(), b"\r\n--edge--\r\n"].concat();
        let request = Request::post("/import")
            .header(CONTENT_TYPE, "multipart/form-data; boundary=edge")
            .body(Body::from(body));
        taken(&browser.send(request.unwrap()).await, "/import");
        let run = self.id("id", "SELECT id FROM import_run").await;
        let grant = self.clinic.sign_in_as(owner).await.actor().grant().unwrap();
        let id = run.parse().unwrap();
        let carry = tirkeu::interop::run::carry_out(&self.clinic.clinic, &grant, id, |_, _| {});
        carry.await.unwrap();
    }

    /// A route with what was planted in place of its names.
    pub fn path(&self, route: &str) -> String {
        route.split('/').skip(1).fold(String::new(), |path, part| {
            let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            let known = name.and_then(|name| self.ids.iter().find(|(known, _)| *known == name));
            path + "/" + known.map_or(part, |(_, id)| id)
        })
    }

    /// Every page: by its route, and some by what one clicks there.
    pub fn pages(&self) -> Vec<String> {
        let staff = tirkeu::app::staff_routes();
        let gets = staff.listing().iter().filter(|(method, _)| *method == Method::GET);
        let mut pages: Vec<String> = gets.map(|(_, route)| self.path(route)).collect();
        let find =
            |name: &str| self.ids.iter().find(|(known, _)| *known == name).unwrap().1.clone();
        pages.extend([
            "/schedule?day=2026-11-24".to_owned(),
            "/schedule?day=2026-11-24&by=chairs".to_owned(),
            format!("/schedule/column?day=2026-11-24&resource={}", find("resource_id")),
            format!("/appointments/new?patient={}", find("patient_id")),
            "/search?q=%D0%B0".to_owned(),
            format!("/consents/{}/print", find("consent_id")),
        ]);
        pages.extend(self.rooms.iter().cloned());
        pages
    }
}

async fn browser_of(clinic: &TestClinic, role: Role) -> Browser<'_> {
    clinic.sign_in(role).await
}
