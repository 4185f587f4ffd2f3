//! Consents, from the desk to the evidence pack (SECURITY.md 6).

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Request, StatusCode};

use tirkeu::consents::{self, pack};
use tirkeu::contact::{Bin, Name, Phone};
use tirkeu::ids::PatientId;
use tirkeu::patients::{self, NewPatient};
use tirkeu::schedule::{self, ClinicDraft, Requisites};
use tirkeu::vault::permission::{RegisterPatient, Role, SetUpClinic};

use crate::support::{Answer, Browser, TestClinic, send};

const PHONE: &str = "8 701 234 56 78";
const MINUTE: i64 = 60_000;
/// Where a confirmed document in Russian leads.
const DONE: &str = "/tablet/done?language=ru";

const STROKES: &str = "%5B%7B%22points%22%3A%5B%7B%22x%22%3A1%2C%22y%22%3A50%7D%2C%7B%22x%22%3A40%2C%22y%22%3A5%7D%2C%7B%22x%22%3A80%2C%22y%22%3A60%7D%2C%7B%22x%22%3A120%2C%22y%22%3A9%7D%2C%7B%22x%22%3A200%2C%22y%22%3A40%7D%5D%7D%5D";

/// A paired tablet: a browser with its cookie.
struct Tablet<'a> {
    clinic: &'a TestClinic,
    cookie: String,
    id: String,
}

impl Tablet<'_> {
    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    async fn send(&self, mut request: Request<Body>) -> Answer {
        let cookie = format!("__Host-dev={}", self.cookie);
        request.headers_mut().insert(COOKIE, cookie.parse().unwrap());
        send(&self.clinic.staff, request).await
    }

    /// Reads the document on the screen to its end and ticks all boxes.
    async fn read(&self, consent: &str) -> Answer {
        let ticks = "&tick=informed&tick=agree&scrolled=1";
        self.post("/tablet/reading", &format!("consent={consent}{ticks}")).await
    }

    async fn sign(&self, consent: &str) -> Answer {
        let form = format!("consent={consent}&strokes={STROKES}");
        self.post("/tablet/signature", &form).await
    }

    async fn type_code(&self, consent: &str, code: &str) -> Answer {
        self.post("/tablet/code", &format!("consent={consent}&code={code}")).await
    }
}

async fn pair<'a>(clinic: &'a TestClinic, desk: &Browser<'_>, name: &str) -> Tablet<'a> {
    let page = desk.post("/tablets", &format!("name={name}")).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let code = between(&page.body, "pair-code num\">", "<");
    let form = format!("code={}", code.replace(' ', ""));
    let request = Request::post("/tablet/join")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))
        .unwrap();
    let joined = send(&clinic.staff, request).await;
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.body);
    let cookies: Vec<_> =
        joined.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    assert!(cookies[0].contains("Secure; HttpOnly; SameSite=Strict"), "{cookies:?}");
    assert!(cookies[1].starts_with("__Host-sid=; "), "staff are signed out: {cookies:?}");
    let cookie = between(cookies[0], "__Host-dev=", ";").to_owned();
    let id = clinic
        .rows("SELECT id FROM tablet ORDER BY paired_at DESC, id DESC LIMIT 1")
        .await
        .remove(0);
    Tablet { clinic, cookie, id }
}

fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("{from} in {text}"));
    rest.split_once(to).unwrap().0
}

async fn patient(clinic: &TestClinic, given: &str, phone: &str) -> PatientId {
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let name = Name::new("Қайырбекұлы", given, "");
    let phones = Phone::parse(phone).into_iter().collect();
    let new = NewPatient {
        name, phones, allergy: "лидокаин".to_owned(), ..NewPatient::default()
    };
    patients::register(clinic.vault(), &grant, &new).await.unwrap()
}

/// Gives a document out; the consent's id.
async fn hand_out(desk: &Browser<'_>, patient: PatientId, tablet: &str, key: &str) -> String {
    let answer = try_hand_out(desk, patient, tablet, key).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.header("location").strip_prefix("/consents/").unwrap().to_owned()
}

async fn try_hand_out(desk: &Browser<'_>, patient: PatientId, tablet: &str, key: &str) -> Answer {
    let form = format!(
        "documents={key}&language=ru&tablet={tablet}&service=&doctor=&price=\
         &identity_document=id_card&identity_last4=0123&face=on"
    );
    desk.post(&format!("/patients/{patient}/consents"), &form).await
}

/// The digits of the newest code, from the outbox before it is sent.
async fn code(clinic: &TestClinic) -> String {
    let texts = clinic.rows("SELECT text FROM message ORDER BY created_at DESC, id DESC").await;
    let digits: String = texts[0]
        .chars()
        .skip_while(|c| !c.is_ascii_digit())
        .take_while(char::is_ascii_digit)
        .collect();
    assert_eq!(digits.len(), 6, "{}", texts[0]);
    digits
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

async fn work(clinic: &TestClinic) {
    let jobs = tirkeu::app::jobs();
    jobs.run_due(clinic.vault(), &clinic.clinic).await.unwrap();
}

/// A consent at the step of the code.
async fn at_the_code(
    clinic: &TestClinic,
    desk: &Browser<'_>,
    tablet: &Tablet<'_>,
) -> (PatientId, String) {
    let patient = patient(clinic, "Әділ", PHONE).await;
    let consent = hand_out(desk, patient, &tablet.id, "treatment").await;
    tablet.get("/tablet").await;
    assert_eq!(tablet.read(&consent).await.status, StatusCode::SEE_OTHER);
    let signed = tablet.sign(&consent).await;
    assert_eq!(signed.status, StatusCode::SEE_OTHER, "{}", signed.body);
    (patient, consent)
}

#[tokio::test]
async fn a_patient_reads_signs_and_confirms_and_a_stranger_can_check_the_pack() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    assert!(tablet.get("/tablet").await.body.contains("/tablet/next"), "a blank screen");
    assert_eq!(tablet.get("/tablet/next").await.status, StatusCode::NO_CONTENT);
    let patient = patient(&clinic, "Әділ", PHONE).await;
    let consent = hand_out(&desk, patient, &tablet.id, "treatment").await;

    assert_eq!(tablet.get("/tablet/next").await.header("hx-redirect"), "/tablet");
    let page = tablet.get("/tablet").await;
    assert!(page.body.contains("Қайырбекұлы Әділ") && page.body.contains("лидокаин"));
    assert!(!page.body.contains("checked"), "no box is ticked for the patient");
    assert_eq!(page.header("cache-control"), "no-store");

    let unticked = format!("consent={consent}&scrolled=1&tick=informed");
    let refused = tablet.post("/tablet/reading", &unticked).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("aria-invalid"), "{}", refused.body);
    assert_eq!(tablet.read(&consent).await.status, StatusCode::SEE_OTHER);
    let dot = format!("consent={consent}&strokes=%5B%5D");
    let slip = tablet.post("/tablet/signature", &dot).await;
    assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(tablet.sign(&consent).await.status, StatusCode::SEE_OTHER);
    let page = tablet.get("/tablet").await.body;
    assert!(page.contains("+7 (701) ***-**-78") && !page.contains("2345678"), "{page}");

    let code = code(&clinic).await;
    let done = tablet.type_code(&consent, &code).await;
    assert_eq!(done.header("location"), DONE, "{}", done.body);
    let thanks = tablet.get("/tablet/done").await.body;
    assert!(!thanks.contains("Қайырбекұлы"), "{thanks}");
    let blank = tablet.get("/tablet").await;
    assert!(!blank.body.contains("Қайырбекұлы"), "{}", blank.body);
    assert_eq!(blank.header("clear-site-data"), "\"cache\", \"storage\"");

    work(&clinic).await;
    let signed = desk.raw(&format!("/consents/{consent}/signed.pdf")).await;
    assert!(signed.starts_with(b"%PDF"));
    let zip = desk.raw(&format!("/consents/{consent}/pack.zip")).await;
    let seal = clinic.clinic.keys.get().seal_key().verifying_key();
    let verified = pack::verify(&zip, Some(&seal));
    assert_eq!(verified.faults, []);
    let evidence = verified.evidence.unwrap();
    assert_eq!(evidence.patient.name, "Қайырбекұлы Әділ");
    assert_eq!(evidence.code.phone, "+7 (701) ***-**-78");
    assert!(evidence.checks["agree"] && evidence.display.scrolled_to_end);
    assert_public_tools_agree(&zip);

    let audited = clinic.audited().await;
    for action in [
        "consent.prepared",
        "consent.shown",
        "consent.accepted",
        "consent.drawn",
        "consent.code_sent",
        "consent.signed",
        "consent.sealed",
        "consent.downloaded",
    ] {
        assert!(audited.iter().any(|known| known == action), "{action} in {audited:?}");
    }
    assert_digits_are_nowhere(&clinic, &code).await;
}

/// What the pack's README says, on a machine without Tirkeu.
fn assert_public_tools_agree(zip: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pack.zip"), zip).unwrap();
    let run = |command: &str| {
        let output = std::process::Command::new("sh")
            .args(["-c", command])
            .current_dir(folder.path())
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (status, words) = run("unzip -q pack.zip && sh verify.sh");
    assert_eq!(status, Some(0), "{words}");
    let text = run("pdftotext signed.pdf -").1;
    assert!(text.contains("Қайырбекұлы") && text.contains("Цифровое подтверждение"), "{text}");
    assert!(!text.contains("ЭЦП") && !text.to_lowercase().contains("электронн"), "{text}");
    for pdf in ["document.pdf", "signed.pdf"] {
        let fonts = run(&format!("pdffonts {pdf} | tail -n +3")).1;
        let embedded = |line: &str| line.split_whitespace().filter(|it| *it == "yes").count() == 3;
        assert!(!fonts.is_empty() && fonts.lines().all(embedded), "{pdf}: {fonts}");
        assert!(run(&format!("pdfdetach -list {pdf}")).1.starts_with("1 embedded"), "{pdf}");
        assert_eq!(run(&format!("qpdf --check {pdf}")).0, Some(0), "{pdf}");
    }
    assert_eq!(
        run("printf x | dd of=signed.pdf bs=1 seek=500 conv=notrunc 2>/dev/null; sh verify.sh").0,
        Some(1)
    );
}

/// T6.6: once the message has left, the code stands nowhere in the database:
/// no column of any table has it as a number of its own.
async fn assert_digits_are_nowhere(clinic: &TestClinic, code: &str) {
    let gone = "UPDATE message SET text = replace(text, secret, '•••'),
        abroad = replace(abroad, secret, '•••'), secret = NULL";
    clinic.write(gone).await.unwrap(); // as the worker does when the message has left
    let columns = "SELECT m.name || ' ' || c.name FROM sqlite_schema AS m
        JOIN pragma_table_info(m.name) AS c
        WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.sql NOT LIKE '%VIRTUAL%'";
    let in_hex = data_encoding::HEXUPPER.encode(code.as_bytes());
    let mut seen = 0;
    for column in clinic.rows(columns).await {
        let (table, name) = column.split_once(' ').unwrap();
        let all = format!(
            "SELECT CASE typeof(\"{name}\") WHEN 'blob' THEN hex(\"{name}\")
                 ELSE CAST(\"{name}\" AS TEXT) END
             FROM \"{table}\" WHERE \"{name}\" IS NOT NULL"
        );
        for value in clinic.rows(&all).await {
            let mut words = value.split(|c: char| !c.is_ascii_alphanumeric());
            assert!(!words.any(|word| word == code), "{table}.{name}: {value}");
            assert!(!value.contains(&in_hex), "{table}.{name}: {value}");
            seen += 1;
        }
    }
    assert!(300 < seen, "only {seen} values were looked at");
}

#[tokio::test]
async fn a_document_changed_after_the_code_was_sent_wants_a_new_code() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let (_, consent) = at_the_code(&clinic, &desk, &tablet).await;
    let code = code(&clinic).await;
    clinic
        .write("UPDATE consent SET document = replace(document, 'лидокаин', 'лидокаид')")
        .await
        .unwrap();

    let answer = tablet.type_code(&consent, &code).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("Документ изменился"), "{}", answer.body);
    let outcomes = clinic.rows("SELECT outcome FROM consent_end").await;
    assert!(outcomes.is_empty(), "{outcomes:?}");
}

#[tokio::test]
async fn the_sixth_wrong_code_is_too_many_and_the_right_one_no_longer_helps() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let (_, consent) = at_the_code(&clinic, &desk, &tablet).await;
    let code = code(&clinic).await;
    for _ in 0..5 {
        let answer = tablet.type_code(&consent, wrong(&code)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(
        tablet.type_code(&consent, wrong(&code)).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(tablet.type_code(&consent, &code).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_code_is_too_old_after_five_minutes_and_the_fourth_is_never_sent() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let (_, consent) = at_the_code(&clinic, &desk, &tablet).await;
    let again = format!("consent={consent}");
    let early = tablet.post("/tablet/code/sending", &again).await;
    assert_eq!(early.status, StatusCode::TOO_MANY_REQUESTS);

    let first = code(&clinic).await;
    clinic.clinic.clock().advance_ms(5 * MINUTE + 1000);
    assert_eq!(tablet.type_code(&consent, &first).await.status, StatusCode::GONE);
    for _ in 0..2 {
        clinic.clinic.clock().advance_ms(MINUTE);
        let sent = tablet.post("/tablet/code/sending", &again).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    }
    clinic.clinic.clock().advance_ms(MINUTE);
    let fourth = tablet.post("/tablet/code/sending", &again).await;
    assert_eq!(fourth.status, StatusCode::CONFLICT);
    assert_ne!(tablet.type_code(&consent, &first).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_code_that_has_signed_signs_nothing_more() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let (_, consent) = at_the_code(&clinic, &desk, &tablet).await;
    let code = code(&clinic).await;
    assert_eq!(tablet.type_code(&consent, &code).await.header("location"), DONE);
    assert_eq!(tablet.type_code(&consent, &code).await.status, StatusCode::GONE);
    assert_eq!(clinic.rows("SELECT outcome FROM consent_end").await, ["signed"]);
}

/// T6.8: a code by SMS is a digital confirmation (Digital Code art. 47), and
/// nothing a patient or staff reads near it calls it an electronic signature.
#[test]
fn nothing_calls_a_code_an_electronic_signature() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["templates/consents", "src/consents/texts", "src/consents/pack"] {
        files.extend(fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap().path()));
    }
    for language in ["ru", "kk", "en"] {
        for name in ["consents", "messaging", "reminders"] {
            files.push(root.join(format!("locales/{language}/{name}.ftl")));
        }
    }
    assert!(files.len() > 30);
    for file in files.iter().filter(|file| file.extension().is_some_and(|it| it != "rs")) {
        let text = fs::read_to_string(file).unwrap().to_lowercase();
        for word in [
            "эцп",
            "электронная подпись",
            "электронной подпис",
            "электронную подпись",
            "эцқ",
            "электрондық қолтаңба",
            "электрондық қол ",
            "electronic signature",
            "digital signature",
        ] {
            assert!(!text.contains(word), "{}: {word}", file.display());
        }
    }
}

/// T6.9: whoever sends asks at that moment, so the next message is not sent.
#[tokio::test]
async fn who_withdraws_consent_to_messages_is_not_written_to_in_the_same_minute() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let patient = patient(&clinic, "Әділ", PHONE).await;
    let consent = hand_out(&desk, patient, &tablet.id, "messages").await;
    tablet.get("/tablet").await;
    let ticks = format!("consent={consent}&tick=marketing&tick=sms&scrolled=1");
    assert_eq!(tablet.post("/tablet/reading", &ticks).await.status, StatusCode::SEE_OTHER);
    let code = code(&clinic).await;
    assert_eq!(tablet.type_code(&consent, &code).await.header("location"), DONE);
    let grant = clinic.grant(Role::Reception).await;
    let allowed = async |key: &str| {
        let all = consents::of_patient(clinic.vault(), &grant, patient).await.unwrap();
        all.iter().any(|row| row.allows(key))
    };
    assert!(allowed("marketing").await && !allowed("whatsapp").await);
    desk.post(&format!("/consents/{consent}/withdrawal"), "way=by_phone").await;
    assert!(!allowed("marketing").await && !allowed("sms").await);
}

#[tokio::test]
async fn guessing_pairing_codes_holds_up_the_guesser_and_at_last_everybody() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let join = async |code: &str, from: &str| {
        let address: SocketAddr = format!("{from}:50000").parse().unwrap();
        let request = Request::post("/tablet/join")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .extension(ConnectInfo(address))
            .body(Body::from(format!("code={code}")));
        send(&clinic.staff, request.unwrap()).await
    };
    let offered = async || {
        let page = desk.post("/tablets", "name=Desk").await;
        between(&page.body, "pair-code num\">", "<").replace(' ', "")
    };
    for _ in 0..5 {
        assert_eq!(join("00000000", "10.0.0.9").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let held = join(&offered().await, "10.0.0.9").await;
    assert_eq!(held.status, StatusCode::TOO_MANY_REQUESTS, "not even the right one is looked at");
    assert_eq!(held.header("retry-after"), "2");
    assert!(held.body.contains("Слишком много неверных кодов"), "{}", held.body);
    assert_eq!(join(&offered().await, "10.0.0.10").await.status, StatusCode::SEE_OTHER);
    clinic.clinic.clock().advance_ms(2_000);
    assert_eq!(join("00000000", "10.0.0.9").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(join("00000000", "10.0.0.9").await.header("retry-after"), "4");

    for host in 20..44 {
        join("00000000", &format!("10.0.0.{host}")).await;
    }
    let code = offered().await;
    assert_eq!(join(&code, "10.0.0.99").await.status, StatusCode::TOO_MANY_REQUESTS);
    clinic.clinic.clock().advance_ms(2_000);
    assert_eq!(join(&code, "10.0.0.99").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_clinic_sends_no_more_than_three_hundred_codes_a_day_and_staff_are_told_before() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let other = patient(&clinic, "Үсен", "8 777 000 00 02").await;
    let paper = hand_out(&desk, other, "", "treatment").await;
    let pumped = |from: u32, to: u32| {
        format!(
            "WITH RECURSIVE n (i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to} - 1)
             INSERT INTO consent_code (consent_id, sent_at, phone, mac, nonce, document, message)
             SELECT '{paper}', {} - i, '+7700' || i, zeroblob(32), zeroblob(16), zeroblob(32), ''
             FROM n",
            crate::support::NOW
        )
    };
    clinic.write(&pumped(0, 210)).await.unwrap();
    let list = desk.get("/consents").await.body;
    assert!(list.contains("210 кодов из 300"), "{list}");
    clinic.write(&pumped(210, 300)).await.unwrap();

    let patient = patient(&clinic, "Әділ", PHONE).await;
    let consent = hand_out(&desk, patient, &tablet.id, "treatment").await;
    tablet.get("/tablet").await;
    tablet.read(&consent).await;
    let refused = tablet.sign(&consent).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.body);
    assert!(refused.body.contains("отправила все коды"), "{}", refused.body);
    assert!(clinic.rows("SELECT text FROM message").await.is_empty());
    let on_paper = tablet.post("/tablet/paper", &format!("consent={consent}")).await;
    assert_eq!(on_paper.status, StatusCode::SEE_OTHER, "paper is always open");
    clinic.clinic.clock().advance_ms(24 * 60 * MINUTE);
    let desk = clinic.sign_in(Role::Reception).await;
    assert!(!desk.get("/consents").await.body.contains("из 300"));
}

#[tokio::test]
async fn a_document_names_the_clinic_in_full_or_says_what_is_missing() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let patient = patient(&clinic, "Әділ", PHONE).await;
    let grant = clinic.grant::<SetUpClinic>(Role::Reception).await;
    let mut facts = ClinicDraft {
        name: "Арай Дент".to_owned(),
        phone: Phone::parse("+7 727 355 00 00").ok(),
        address_ru: "Алматы, Абая 1".to_owned(),
        address_kk: "Алматы, Абай 1".to_owned(),
        entrance_ru: String::new(),
        entrance_kk: String::new(),
        zone: "Asia/Almaty".to_owned(),
        requisites: Requisites::default(),
    };
    schedule::set_facts(&clinic.clinic, &grant, &facts).await.unwrap();
    let text = async |key: &str| {
        let consent = hand_out(&desk, patient, "", key).await;
        let pdf = desk.raw(&format!("/consents/{consent}/document.pdf")).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("d.pdf");
        fs::write(&file, pdf).unwrap();
        let out = Command::new("pdftotext").arg(&file).arg("-").output().unwrap();
        String::from_utf8_lossy(&out.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let bare = text("personal-data").await;
    for missing in ["БИН: не заполнено", "лицензия: не заполнено", "данных в клинике: не заполнено"]
    {
        assert!(bare.contains(missing), "{missing} in {bare}");
    }

    facts.requisites = Requisites {
        legal_name: "ТОО «Арай Дент»".to_owned(),
        bin: Bin::parse("190340012348").ok(),
        licence_number: "18012345".to_owned(),
        licence_date: tirkeu::clock::Day::new(2018, 3, 12),
        legal_address: "Алматы, Достык 5".to_owned(),
        email: "info@arai.kz".to_owned(),
        responsible: "Сейтова Айгуль".to_owned(),
    };
    schedule::set_facts(&clinic.clinic, &grant, &facts).await.unwrap();
    let whole = text("personal-data").await;
    for said in [
        "ТОО «Арай Дент» (БИН 190340012348, Алматы, Достык 5)",
        "лицензия № 18012345 от 12.03.2018",
        "Сейтова Айгуль",
        "info@arai.kz",
    ] {
        assert!(whole.contains(said), "{said} in {whole}");
    }
    assert!(!whole.contains("не заполнено"), "{whole}");
}

#[tokio::test]
async fn the_program_ties_a_pack_to_a_clinic_by_the_fingerprint_on_its_page() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let (_, consent) = at_the_code(&clinic, &desk, &tablet).await;
    let code = code(&clinic).await;
    tablet.type_code(&consent, &code).await;
    work(&clinic).await;
    let folder = tempfile::tempdir().unwrap();
    let pack = folder.path().join("pack.zip");
    fs::write(&pack, desk.raw(&format!("/consents/{consent}/pack.zip")).await).unwrap();
    let pem = folder.path().join("seal.pem");
    fs::write(&pem, desk.raw("/consents/seal.pem").await).unwrap();
    let page = desk.get("/consents/seal").await.body;
    let shown = between(&page, "wrap-any\" lang=\"en\">", "<");
    assert_eq!(shown.len(), 64 + 7, "{shown}");

    let verify = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tirkeu"))
            .args(["consent", "verify", pack.to_str().unwrap()])
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.code().unwrap(), said)
    };
    let (status, said) = verify(&[]);
    assert_eq!(status, 0);
    assert!(said.contains("NOT TIED") && said.contains(shown), "{said}");
    assert!(said.contains("Clinic, as the pack says: Тіркеу"), "{said}");
    let (status, said) = verify(&["--fingerprint", &shown.to_uppercase()]);
    assert!(status == 0 && said.contains("this clinic's"), "{said}");
    assert_eq!(verify(&["--key", pem.to_str().unwrap()]).0, 0);
    assert_eq!(verify(&["--fingerprint", &"ab".repeat(32)]).0, 2, "another clinic's");
    assert_eq!(verify(&["--fingerprint", "abc"]).0, 4, "no fingerprint");
}

#[tokio::test]
async fn staff_and_other_tablets_cannot_type_the_code_and_the_try_is_written_down() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let other = pair(&clinic, &desk, "Hall").await;
    let (_, consent) = at_the_code(&clinic, &desk, &tablet).await;
    let code = code(&clinic).await;
    let form = format!("consent={consent}&code={code}");

    assert_eq!(desk.post("/tablet/code", &form).await.status, StatusCode::FORBIDDEN);
    assert_eq!(other.post("/tablet/code", &form).await.status, StatusCode::FORBIDDEN);
    let audited = clinic.audited().await;
    assert!(audited.contains(&"permission.denied".to_owned()), "{audited:?}");
    assert!(audited.contains(&"consent.foreign_tablet".to_owned()), "{audited:?}");
    assert_eq!(tablet.post("/tablet/code", &form).await.header("location"), DONE);
}

#[tokio::test]
async fn a_tablet_opens_its_own_pages_and_nothing_else() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let patient = patient(&clinic, "Әділ", PHONE).await;
    for path in [
        "/patients".to_owned(),
        format!("/patients/{patient}"),
        format!("/patients/{patient}/consents"),
        "/consents".to_owned(),
        "/tablets".to_owned(),
        "/live?topics=consents".to_owned(),
    ] {
        let answer = tablet.get(&path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}: {}", answer.body);
    }
    desk.post(&format!("/tablets/{}/revocation", tablet.id), "").await;
    assert!(tablet.get("/tablet").await.body.contains("/tablet/join"), "a revoked tablet");
    assert_eq!(tablet.get("/tablet/next").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_pairing_code_works_once_and_for_five_minutes() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let page = desk.post("/tablets", "name=Desk").await;
    let code = between(&page.body, "pair-code num\">", "<").replace(' ', "");
    let join = async |code: &str| {
        let request = Request::post("/tablet/join")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(format!("code={code}")));
        send(&clinic.staff, request.unwrap()).await.status
    };
    assert_eq!(join("00000000").await, StatusCode::UNPROCESSABLE_ENTITY);
    clinic.clinic.clock().advance_ms(5 * MINUTE + 1);
    assert_eq!(join(&code).await, StatusCode::UNPROCESSABLE_ENTITY);
    // Five minutes without a touch lock the desk.
    let desk = clinic.sign_in(Role::Reception).await;
    let page = desk.post("/tablets", "name=Desk").await;
    let code = between(&page.body, "pair-code num\">", "<").replace(' ', "");
    assert_eq!(join(&code).await, StatusCode::SEE_OTHER);
    assert_eq!(join(&code).await, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn after_twenty_minutes_the_document_is_gone_from_the_tablet() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let (_, consent) = at_the_code(&clinic, &desk, &tablet).await;
    clinic.clinic.clock().advance_ms(20 * MINUTE);
    assert_eq!(tablet.type_code(&consent, "000000").await.status, StatusCode::GONE);
    assert!(!tablet.get("/tablet").await.body.contains("Қайырбекұлы"));
    work(&clinic).await;
    assert_eq!(clinic.rows("SELECT outcome FROM consent_end").await, ["expired"]);
}

#[tokio::test]
async fn no_code_can_sign_what_belongs_on_paper() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let patient = patient(&clinic, "Әділ", PHONE).await;
    let consent = hand_out(&desk, patient, &tablet.id, "anaesthesia").await;
    tablet.get("/tablet").await;
    let ticks = format!("consent={consent}&tick=informed&tick=health&tick=agree&scrolled=1");
    assert_eq!(tablet.post("/tablet/reading", &ticks).await.status, StatusCode::SEE_OTHER);
    assert!(tablet.get("/tablet").await.body.contains("Позовите администратора"));
    let sending = tablet.post("/tablet/code/sending", &format!("consent={consent}")).await;
    assert_eq!(sending.header("location"), "/tablet", "{}", sending.body);
    let refused = clinic
        .write(
            "INSERT INTO consent_end (consent_id, outcome, at, by_name, evidence, document_pdf, signed_pdf)
             SELECT id, 'signed', 1, '', '{}', 'a', 'b' FROM consent",
        )
        .await;
    assert!(refused.unwrap_err().contains("level 3 is signed on paper"));

    // The sheet may be signed after the tablet has forgotten the document.
    clinic.clinic.clock().advance_ms(21 * MINUTE);
    work(&clinic).await;
    assert_eq!(tablet.get("/tablet/next").await.status, StatusCode::NO_CONTENT);
    assert!(!tablet.get("/tablet").await.body.contains("Қайырбекұлы"));
    let desk = clinic.sign_in(Role::Reception).await;
    let paper = desk.upload(&format!("/consents/{consent}/paper"), "scan", b"%PDF-1.7 scan").await;
    assert_eq!(paper.status, StatusCode::SEE_OTHER, "{}", paper.body);
    assert_eq!(clinic.rows("SELECT outcome FROM consent_end").await, ["signed_on_paper"]);
    assert_eq!(desk.raw(&format!("/consents/{consent}/signed.pdf")).await, b"%PDF-1.7 scan");
}

#[tokio::test]
async fn what_would_make_signing_fail_later_is_refused_at_the_desk() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let owner = clinic.sign_in(Role::Owner).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let silent = patient(&clinic, "Асан", "").await;
    let other = patient(&clinic, "Үсен", "8 777 000 00 02").await;
    let adil = patient(&clinic, "Әділ", PHONE).await;

    let answer = try_hand_out(&desk, silent, &tablet.id, "treatment").await;
    assert!(answer.body.contains("нет мобильного телефона"), "{}", answer.body);
    let form = format!("documents=treatment&language=kk&tablet={}&service=Пломба", tablet.id);
    let answer = desk.post(&format!("/patients/{adil}/consents"), &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("как проверен") && answer.body.contains("Пломба"));

    owner.post("/consents/staff-phones", "phone=8+701+234+56+78&note=Desk").await;
    let answer = try_hand_out(&desk, adil, &tablet.id, "treatment").await;
    assert!(answer.body.contains("телефон сотрудника"), "{}", answer.body);

    hand_out(&desk, other, &tablet.id, "treatment").await;
    owner.post("/consents/staff-phones/removal", "phone=%2B77012345678").await;
    let answer = try_hand_out(&desk, adil, &tablet.id, "treatment").await;
    assert!(answer.body.contains("другого пациента"), "{}", answer.body);
}

#[tokio::test]
async fn the_patient_signs_exactly_the_language_shown() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let patient = patient(&clinic, "Әділ", PHONE).await;
    let consent = hand_out(&desk, patient, &tablet.id, "treatment").await;
    tablet.get("/tablet").await;
    tablet.read(&consent).await;
    let switched = tablet.post("/tablet/language", &format!("consent={consent}&language=kk")).await;
    assert_eq!(switched.status, StatusCode::SEE_OTHER, "{}", switched.body);
    let page = tablet.get("/tablet").await.body;
    assert!(page.contains("Мен келісемін") || page.contains("келісім"), "{page}");
    assert!(page.contains("id=\"read\""), "what was read in Russian counts no more");
    tablet.read(&consent).await;
    tablet.sign(&consent).await;
    let code = code(&clinic).await;
    let done = tablet.type_code(&consent, &code).await;
    let thanks = tablet.get(done.header("location")).await.body;
    assert!(thanks.contains("Рақмет, расталды"), "the tablet's own language is Russian: {thanks}");
    let blank = tablet.get("/tablet").await.body;
    assert!(blank.contains("Планшет готов"), "the next patient may read Russian: {blank}");
    work(&clinic).await;
    let zip = desk.raw(&format!("/consents/{consent}/pack.zip")).await;
    let evidence = pack::verify(&zip, None).evidence.unwrap();
    assert_eq!(evidence.document.language.tag(), "kk");
}

#[tokio::test]
async fn whoever_refuses_or_comes_too_late_is_told_so_in_the_language_of_the_document() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let patient = patient(&clinic, "Әділ", PHONE).await;
    let in_kazakh = async || {
        let consent = hand_out(&desk, patient, &tablet.id, "treatment").await;
        tablet.post("/tablet/language", &format!("consent={consent}&language=kk")).await;
        consent
    };
    let consent = in_kazakh().await;
    let refused = tablet.post("/tablet/refusal", &format!("consent={consent}")).await;
    assert!(refused.body.contains("Жауабыңыз жазылды"), "{}", refused.body);

    let consent = in_kazakh().await;
    clinic.clinic.clock().advance_ms(20 * MINUTE);
    let late = tablet.read(&consent).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(late.body.contains("Уақыт бітті"), "{}", late.body);
}

#[tokio::test]
async fn a_refusal_a_cancellation_and_a_withdrawal_are_records_of_their_own() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let tablet = pair(&clinic, &desk, "Desk").await;
    let patient = patient(&clinic, "Әділ", PHONE).await;

    let consent = hand_out(&desk, patient, &tablet.id, "treatment").await;
    let refused = tablet.post("/tablet/refusal", &format!("consent={consent}")).await;
    assert!(refused.status == StatusCode::OK && !refused.body.contains("Қайырбекұлы"));
    let consent = hand_out(&desk, patient, &tablet.id, "treatment").await;
    desk.post(&format!("/consents/{consent}/cancellation"), "").await;
    let still = tablet.get(&format!("/tablet/still/{consent}")).await;
    assert_eq!(still.header("hx-redirect"), "/tablet");
    let withdrawal = format!("/consents/{consent}/withdrawal");
    assert_eq!(desk.post(&withdrawal, "way=in_person").await.status, StatusCode::CONFLICT);

    let consent = hand_out(&desk, patient, &tablet.id, "treatment").await;
    tablet.get("/tablet").await;
    tablet.read(&consent).await;
    tablet.sign(&consent).await;
    let code = code(&clinic).await;
    assert_eq!(tablet.type_code(&consent, &code).await.header("location"), DONE);
    let grant = clinic.grant(Role::Reception).await;
    let stands = async || {
        let all = consents::of_patient(clinic.vault(), &grant, patient).await.unwrap();
        all.iter().filter(|row| row.allows("agree")).count()
    };
    assert_eq!(stands().await, 1);
    let withdrawal = format!("/consents/{consent}/withdrawal");
    assert_eq!(desk.post(&withdrawal, "way=in_writing").await.status, StatusCode::SEE_OTHER);
    assert_eq!(stands().await, 0);
    let outcomes = clinic.rows("SELECT outcome FROM consent_end ORDER BY at, outcome").await;
    assert_eq!(outcomes, ["cancelled", "refused", "signed"]);
    let list = desk.get(&format!("/patients/{patient}/consents")).await.body;
    for state in ["Отозвано", "Снято с планшета", "Не согласен"] {
        assert!(list.contains(state), "{state} in {list}");
    }
}

#[tokio::test]
async fn a_published_wording_is_never_changed_and_documents_keep_theirs() {
    let clinic = TestClinic::open().await;
    let desk = clinic.sign_in(Role::Reception).await;
    let owner = clinic.sign_in(Role::Owner).await;
    let patient = patient(&clinic, "Әділ", PHONE).await;
    let before = hand_out(&desk, patient, "", "messages").await;

    let broken = owner.post("/consents/wordings/messages", "russian=Да&kazakh=Иә").await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(broken.body.contains(">Да<"), "what was typed stays: {}", broken.body);
    let text = "%23+Т%0Asms%3A+у%0Alevel%3A+1%0Aself_from%3A+18%0Abasis%3A+Закон%0A---%0AДа.";
    let new =
        owner.post("/consents/wordings/messages", &format!("russian={text}&kazakh={text}")).await;
    assert_eq!(new.status, StatusCode::SEE_OTHER, "{}", new.body);
    let again =
        owner.post("/consents/wordings/messages", &format!("russian={text}&kazakh={text}")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let after = hand_out(&desk, patient, "", "messages").await;
    let versions = clinic.rows("SELECT template_version || '' FROM consent ORDER BY number").await;
    assert_eq!(versions, ["1", "2"]);
    assert_ne!(before, after);
    let changed = clinic.write("UPDATE consent_template SET russian = ''").await;
    assert!(changed.unwrap_err().contains("never changed"));
    assert_eq!(desk.get("/consents/wordings").await.status, StatusCode::OK);
    let doctor = clinic.sign_in(Role::Doctor).await;
    let refused = doctor.post("/consents/wordings/messages", "russian=а&kazakh=ә").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
