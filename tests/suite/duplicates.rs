//! Two cards of one person: found, compared, merged or told apart.

use axum::http::StatusCode;
use sqlx::{AssertSqlSafe, ConnectOptions, SqliteConnection};
use tirkeu::contact::{Iin, Name, Phone};
use tirkeu::duplicates;
use tirkeu::ids::PatientId;
use tirkeu::interop::run::{self, RunState, Upload};
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::connect_options;
use tirkeu::vault::permission::{
    FindPatients, ImportRecords, MergePatients, RegisterPatient, Role,
};

use crate::support::TestClinic;

async fn enter(clinic: &TestClinic, name: [&str; 3], phone: &str, iin: &str) -> PatientId {
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new = NewPatient {
        name: Name::new(name[0], name[1], name[2]),
        phones: Phone::parse(phone).into_iter().collect(),
        other_contacts: vec![format!("тел. мамы {phone}")],
        email: tirkeu::contact::Email::parse("mother@example.kz").ok(),
        iin: Iin::parse(iin).ok(),
        ..NewPatient::default()
    };
    patients::register(clinic.vault(), &grant, &new).await.unwrap()
}

/// A connection past the vault that does not mind what a row refers to.
async fn past_the_vault(clinic: &TestClinic) -> SqliteConnection {
    let key = TestClinic::database_key();
    let options = connect_options(&clinic.database(), &key).foreign_keys(false);
    options.connect().await.unwrap()
}

/// One row of every kind that refers to a patient.
async fn fill(clinic: &TestClinic, patient: PatientId, other: PatientId, n: u8) {
    let (a, b) = (patient.min(other), patient.max(other));
    let mut sql = past_the_vault(clinic).await;
    let statements = [
        format!(
            "INSERT INTO appointment (id, branch_id, patient_id, starts, minutes, status, source, comment, notify, version, created_at) VALUES ('a{n}', 'b', '{patient}', '2026-11-2{n}T09:30', 30, 'completed', 'desk', '', 0, 1, 0)"
        ),
        format!(
            "INSERT INTO message (id, patient_id, purpose, object_kind, object_id, object_stamp, channel, language, phone, text, reference, state, created_at, not_after) VALUES ('m{n}', '{patient}', 'booking_made', 'appointment', 'a{n}', '', 'sms', 'ru', '+77010000000', 't', {n}, 'delivered', 0, 0)"
        ),
        format!(
            "INSERT INTO answer_link VALUES (randomblob(32), '{patient}', 'a{n}', 'ru', 0, 0, 1)"
        ),
        format!(
            "INSERT INTO consent (id, number, patient_id, template_key, template_version, level, language, russian, kazakh, session, prepared_at, prepared_by, prepared_by_name, expires_at, step) VALUES ('c{n}', '{n}', '{patient}', 'k', 1, 'L2', 'ru', '{{}}', '{{}}', '', 0, 's', 'S', 0, 'paper')"
        ),
        format!(
            "INSERT INTO consent_end (consent_id, outcome, at, by_name) VALUES ('c{n}', 'signed_on_paper', 0, 'S')"
        ),
        format!(
            "INSERT INTO retention_hold (id, patient_id, reason, placed_at) VALUES ('h{n}', '{patient}', 'Иск {n}', 0)"
        ),
        format!(
            "INSERT INTO retention_discharge (id, patient_id, day, recorded_at) VALUES ('d{n}', '{patient}', '2026-11-2{n}', {n})"
        ),
        format!(
            "INSERT INTO emergency_access (id, staff_id, patient_id, cause, reason, opened_at, until_at) VALUES ('e{n}', 's', '{patient}', 'acute', 'acute pain', 0, 1)"
        ),
        format!(
            "INSERT INTO subject_request (id, number, kind, patient_id, way, requester, applicant, contact, wish, received_at, recorded_at) VALUES ('q{n}', {n}, 'access', '{patient}', 'post', 'patient', '', '', '', 0, 0)"
        ),
        format!(
            "INSERT INTO patient_block (id, patient_id, reason, basis, blocked_at) VALUES ('b{n}', '{patient}', 'asked', 'Law', 0)"
        ),
        format!(
            "INSERT INTO follow_up (id, patient_id, service_id, doctor_id, set_on, due, note, state, lapse, reason, version, created_at) VALUES ('f{n}', '{patient}', 's', 'd', '2026-11-23', '2026-12-23', '', 'open', '', '', 1, 0)"
        ),
        format!(
            "INSERT INTO waitlist_wish (id, patient_id, service_id, weekdays, from_minute, until_minute, first_day, last_day, priority, note, channel, state, reason, version, created_at) VALUES ('w{n}', '{patient}', 's', '1', 0, 60, '2026-11-23', '2026-11-24', 0, '', 'sms', 'waiting', '', 1, 0)"
        ),
        format!(
            "INSERT INTO online_request (id, token_hash, form_hash, state, created_at, expires_at, service_id, starts, language, phone, name, birth, for_other, consent_version, consented_at, worked, source, campaign, patient_id) VALUES ('o{n}', randomblob(32), randomblob(32), 'booked', 0, 0, 's', '2026-11-2{n}T09:30', 'ru', '', '', '', 0, 1, 0, 1, '', '{{}}', '{patient}')"
        ),
        format!(
            "INSERT INTO reply (id, gateway_id, digest, phone, text, came_at, since, meaning, state, patient_id) VALUES ('r{n}', 1, zeroblob(32), '+77010000000', '1', 0, 0, 'yes', 'done', '{patient}')"
        ),
        format!(
            "INSERT INTO conversation (id, channel, address, patient_id, state, last_at, opened_at) VALUES ('v{n}', 'sms', '+7701000000{n}', '{patient}', 'open', 0, 0)"
        ),
        format!(
            "INSERT INTO lead (id, patient_id, name, phone, source, note, state, made_at, changed_at) VALUES ('l{n}', '{patient}', 'A', '', 'sms', '', 'new', 0, 0)"
        ),
        format!(
            "INSERT INTO transfer (at, patient_id, purpose, party, country, classes) VALUES (0, '{patient}', 'booking_made', 'smsc', 'kz', '[]')"
        ),
        format!(
            "INSERT INTO writing_choice (patient_id, aim, channel, allowed, at, source, reason) VALUES ('{patient}', 'recall', 'sms', 0, 0, 'word', '')"
        ),
        format!("INSERT INTO channel_choice VALUES ('{patient}', 'whatsapp', 0)"),
        format!("INSERT INTO import_key VALUES ('key{n}', 'r', '{patient}')"),
        format!("INSERT INTO audit_kin VALUES ('s{n}', '{patient}', 'own', 0, NULL)"),
        format!("INSERT INTO audit_watched VALUES ('{patient}', 0, NULL)"),
        format!("INSERT INTO likely_duplicate VALUES ('{a}', '{b}', 0.5, '[]', 0)"),
        format!("INSERT INTO different_people VALUES ('{a}', '{b}', 0, NULL)"),
    ];
    for statement in statements {
        sqlx::query(AssertSqlSafe(statement.clone()))
            .execute(&mut sql)
            .await
            .unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
}

/// What keeps naming the absorbed card, and why.
const STAYS: [&str; 9] = [
    "audit_patient.patient_id",   // its history in the ledger
    "disposal.patient_id",        // an act names whom it was about; a yes after a merge is refused
    "disposal_replay.patient_id", // the same after a restore
    "disposal_open.patient_id",   // empty between changes
    "incident_person.patient_id", // a frozen list names the card that was seen
    "patient_change.patient_id",  // what it said
    "patient_merge.absorbed_id",  // that it was absorbed
    "import_row.patient_id",      // the report tells what the run did; the link leads on
    "patient.merged_into",        // of cards it had absorbed itself; looked at below
];

/// Every column of the schema that names a patient, by `REFERENCES` or by name.
async fn references(sql: &mut SqliteConnection) -> Vec<(String, String)> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT DISTINCT m.name, c.name FROM sqlite_schema AS m
         JOIN pragma_table_info(m.name) AS c
         LEFT JOIN pragma_foreign_key_list(m.name) AS f ON f.\"from\" = c.name
         WHERE m.type = 'table' AND (c.name = 'patient_id' OR f.\"table\" = 'patient')",
    )
    .fetch_all(sql)
    .await
    .unwrap();
    assert!(10 < columns.len(), "{columns:?}");
    columns
}

async fn naming(sql: &mut SqliteConnection, column: &(String, String), id: PatientId) -> i64 {
    let (table, name) = column;
    let count = format!("SELECT count(*) FROM {table} WHERE {name} = '{id}'");
    sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(sql).await.unwrap()
}

#[tokio::test]
async fn a_merge_moves_every_reference() {
    let clinic = TestClinic::open().await;
    let kept = enter(&clinic, ["Мусин", "Ержан", "Болатович"], "87012345678", "850101300005").await;
    let absorbed = enter(&clinic, ["Мусин", "Е.", ""], "87770000001", "").await;
    let likely = enter(&clinic, ["Мусина", "Е.", ""], "87770000003", "").await;
    fill(&clinic, kept, likely, 1).await;
    fill(&clinic, absorbed, likely, 2).await;
    let mut sql = past_the_vault(&clinic).await;
    let columns = references(&mut sql).await;
    let mut moving = Vec::new();
    for column in columns {
        let named = format!("{}.{}", column.0, column.1);
        if STAYS.contains(&named.as_str()) || named == "patient_merge.kept_id" {
            continue;
        }
        let either = naming(&mut sql, &column, absorbed).await;
        let pair = matches!(column.0.as_str(), "likely_duplicate" | "different_people");
        assert!(either > 0 || pair, "{named}: fill() a row, and hand it over in duplicates::merge");
        moving.push((named, column));
    }
    // Both are blocked: only those who answer for it see and merge them.
    let desk = clinic.sign_in(Role::Owner).await;

    let answer = desk
        .post(
            &format!("/duplicates/{kept}/{absorbed}/merge"),
            "kept=a&name=a&phones=b&version_a=1&version_b=1",
        )
        .await;

    assert_eq!(answer.header("location"), format!("/patients/{kept}?merged=2"), "{}", answer.body);
    for (named, column) in moving {
        assert_eq!(naming(&mut sql, &column, absorbed).await, 0, "{named} still names it");
    }
    for rows in [
        "SELECT id FROM appointment WHERE patient_id = (SELECT kept_id FROM patient_merge)",
        "SELECT id FROM message WHERE patient_id = (SELECT kept_id FROM patient_merge)",
        "SELECT id FROM consent WHERE patient_id = (SELECT kept_id FROM patient_merge)",
        "SELECT source_key FROM import_key WHERE patient_id = (SELECT kept_id FROM patient_merge)",
    ] {
        assert_eq!(clinic.rows(rows).await.len(), 2, "{rows}");
    }
    assert_eq!(
        clinic.rows("SELECT reason FROM retention_hold WHERE released_at IS NULL").await,
        ["Иск 1; Иск 2"]
    );
    assert_eq!(
        clinic
            .rows("SELECT phone FROM patient_phone WHERE patient_id = (SELECT kept_id FROM patient_merge) ORDER BY position")
            .await,
        ["+77770000001", "+77012345678"]
    );
    let event = clinic.ledger().await.into_iter().find(|event| event["act"] == "patient.merged");
    let event = event.unwrap();
    assert_eq!(event["pats"].as_array().unwrap().len(), 2);
    assert_eq!(event["detail"]["moved"]["appointment"], 1);
    assert!(!event.to_string().contains("Мусин"), "{event}");
}

#[tokio::test]
async fn an_absorbed_card_leads_to_the_one_that_stayed_and_is_not_found_itself() {
    let clinic = TestClinic::open().await;
    let first = enter(&clinic, ["Ким", "Вера", ""], "87012345678", "").await;
    let second = enter(&clinic, ["Ким", "Вера", ""], "87012345678", "").await;
    let third = enter(&clinic, ["Ким", "Вера", "Олеговна"], "87012345679", "").await;
    let desk = clinic.sign_in(Role::Owner).await;
    let merge = |a, b, form| (format!("/duplicates/{a}/{b}/merge"), form);
    for (path, form) in [
        merge(first, second, "kept=a&version_a=1&version_b=1"),
        merge(first, third, "kept=b&name=b&version_a=2&version_b=1"),
    ] {
        assert_eq!(desk.post(&path, form).await.status, StatusCode::SEE_OTHER);
    }

    for gone in [first, second] {
        let answer = desk.get(&format!("/patients/{gone}")).await;
        assert!(answer.header("location").starts_with(&format!("/patients/{third}?merged=")));
    }
    assert!(desk.get(&format!("/patients/{third}?merged=1")).await.body.contains("объединена"));
    let find = clinic.grant::<FindPatients>(Role::Doctor).await;
    for typed in ["ким вера", "5678", "5679"] {
        let found = patients::find(clinic.vault(), &find, typed).await.unwrap();
        assert_eq!(found.iter().map(|one| one.id).collect::<Vec<_>>(), [third], "{typed}");
    }
}

#[tokio::test]
async fn two_valid_iins_are_two_people_and_are_never_merged() {
    let clinic = TestClinic::open().await;
    let a = enter(&clinic, ["Ким", "Вера", ""], "87012345678", "850101300005").await;
    let b = enter(&clinic, ["Ким", "Вера", ""], "87012345678", "900215400012").await;
    let iins = clinic.rows("SELECT iin FROM patient WHERE iin IS NOT NULL").await;
    if iins.len() < 2 {
        clinic.write("UPDATE patient SET iin = '900215400018' WHERE number = 2").await.unwrap();
    }
    let desk = clinic.sign_in(Role::Reception).await;

    let page = desk.get(&format!("/duplicates/{a}/{b}")).await;
    let answer = desk.post(&format!("/duplicates/{a}/{b}/merge"), "version_a=1&version_b=1").await;

    assert!(page.body.contains("два человека") && !page.body.contains("/merge"), "{}", page.body);
    assert!(!page.body.contains("850101300005"), "an IIN is masked");
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(clinic.rows("SELECT id FROM patient WHERE merged_into IS NULL").await.len(), 2);
}

#[tokio::test]
async fn a_card_that_was_corrected_meanwhile_is_looked_at_again() {
    let clinic = TestClinic::open().await;
    let a = enter(&clinic, ["Ким", "Вера", ""], "87012345678", "").await;
    let b = enter(&clinic, ["Ким", "В.", ""], "87012345678", "").await;
    let desk = clinic.sign_in(Role::Reception).await;
    desk.post(&format!("/patients/{b}"), "surname=Kim&given=Vera&version=1").await;

    let answer =
        desk.post(&format!("/duplicates/{a}/{b}/merge"), "kept=a&version_a=1&version_b=1").await;

    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.body.contains("Kim Vera") && answer.body.contains("value=\"2\""));
    assert_eq!(clinic.rows("SELECT absorbed_id FROM patient_merge").await.len(), 0);
}

#[tokio::test]
async fn those_told_apart_are_never_offered_again() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<MergePatients>(Role::Reception).await;
    let a = enter(&clinic, ["Ким", "Вера", "Олеговна"], "87012345678", "").await;
    let b = enter(&clinic, ["Ким", "Вера", "Олеговна"], "87012345678", "").await;
    enter(&clinic, ["Цой", "Олег", ""], "87770000009", "").await;
    let desk = clinic.sign_in(Role::Reception).await;

    assert_eq!(desk.post("/duplicates/look", "").await.header("location"), "/duplicates?found=1");
    let page = desk.get("/duplicates").await;
    assert!(page.body.contains("один телефон") && page.body.contains("Ким Вера"), "{}", page.body);
    assert!(desk.get(&format!("/patients/{a}/likely-duplicates")).await.body.contains("похожая"));

    let apart = desk.post(&format!("/duplicates/{a}/{b}/apart"), "").await;
    assert_eq!(apart.status, StatusCode::SEE_OTHER);
    assert_eq!(duplicates::look(&clinic.clinic, &grant).await.unwrap(), 0);
    assert!(!desk.get("/duplicates").await.body.contains("Ким"));
    assert!(clinic.audited().await.contains(&"patient.told_apart".to_owned()));
}

#[tokio::test]
async fn an_import_is_undone_after_a_merge_but_for_the_merged_cards() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<ImportRecords>(Role::Owner).await;
    let journal = "Дата;Время;ФИО пациента;Телефон;Врач;Услуга\n\
                   20.11.2026;9:30;Ким Вера Олеговна;87012345678;Пак Анна;Осмотр\n\
                   20.11.2026;10:30;Ким Вера Олеговна;87770000001;Пак Анна;Осмотр\n\
                   20.11.2026;11:30;Цой Олег Петрович;87770000002;Пак Анна;Осмотр\n";
    let bring = async || {
        let bytes = journal.as_bytes().to_vec();
        let upload = Upload { name: "journal.csv".to_owned(), kind: None, bytes };
        let id = run::draft(&clinic.clinic, &grant, vec![upload]).await.unwrap();
        run::carry_out(&clinic.clinic, &grant, id, |_, _| {}).await.unwrap();
        id
    };
    let first = bring().await;
    let pair = clinic.rows("SELECT a || '/' || b FROM likely_duplicate").await;
    assert_eq!(pair.len(), 1, "the import offers its likely duplicates");
    let desk = clinic.sign_in(Role::Owner).await;
    let merged = desk
        .post(&format!("/duplicates/{}/merge", pair[0]), "kept=a&version_a=1&version_b=1")
        .await;
    assert_eq!(merged.status, StatusCode::SEE_OTHER, "{}", merged.body);

    bring().await;
    assert_eq!(clinic.rows("SELECT id FROM patient").await.len(), 3, "known on the kept card");

    let undone = run::undo(&clinic.clinic, &grant, first).await.unwrap();
    assert_eq!((undone.state, undone.kept), (RunState::Undone, 2));
    assert_eq!(clinic.rows("SELECT id FROM appointment").await.len(), 0);
    assert_eq!(clinic.rows("SELECT surname FROM patient").await, ["Ким", "Ким"]);
}
