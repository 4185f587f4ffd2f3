//! Destruction of a person's data on request: what may go goes wholly, what a
//! law keeps stays, and two people are needed for it.

mod planted;
mod restored;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use sqlx::ConnectOptions;
use tirkeu::accountability::classes::columns;
use tirkeu::contact::{Iin, Name, Phone};
use tirkeu::disposals::erasing::{BY_NAME, LEFT, RECORDS, REGISTERED, UNKEPT};
use tirkeu::ids::PatientId;
use tirkeu::patients::{self, NewPatient};
use tirkeu::vault::permission::{RegisterPatient, Role};
use tirkeu::vault::{DatabaseKey, connect_options};

use tracing_subscriber::EnvFilter;

use crate::log_hygiene::Log;
use crate::support::{Answer, Browser, PASSWORD, TestClinic};
use planted::Marked;

const REQUESTS: &str = "/personal-data/requests";

async fn enter(clinic: &TestClinic, name: Name, phone: &str, iin: &str) -> PatientId {
    let grant = clinic.grant::<RegisterPatient>(Role::Reception).await;
    let new = NewPatient {
        note: name.surname.clone(),
        allergy: name.surname.clone(),
        source: name.surname.clone(),
        other_contacts: vec![name.surname.clone()],
        name,
        phones: vec![Phone::parse(phone).unwrap()],
        iin: Iin::parse(iin).ok(),
        ..NewPatient::default()
    };
    patients::register(clinic.vault(), &grant, &new).await.unwrap()
}

async fn stranger(clinic: &TestClinic) -> PatientId {
    enter(clinic, Name::new("Цойтестова", "Анна", "Сергеевна"), "+77010000001", "").await
}

/// The lawyer says that no order speaks of the card of somebody untreated.
async fn confirm_the_rule(clinic: &TestClinic) {
    let sql = "
        INSERT INTO retention_rule (code, version, years, start_event, basis, source, checked_on,
            confirmed, effective_from, made_at)
        VALUES ('untreated_card', 2, 3, 'registered', 'Art. 12', 's', '2026-11-20', 1,
            '2026-01-01', 0)";
    clinic.write(sql).await.unwrap();
}

async fn visit(clinic: &TestClinic, patient: PatientId, starts: &str, status: &str) {
    let count = clinic.rows("SELECT CAST(count(*) AS TEXT) FROM appointment").await.remove(0);
    let sql = format!(
        "PRAGMA foreign_keys = OFF; INSERT INTO appointment (id, branch_id, patient_id, starts,
         minutes, status, source, comment, notify, version, created_at)
         VALUES ('01900000-0000-7000-8000-{count:0>12}', 'b', '{patient}', '{starts}', 30,
         '{status}', 'import', '', 0, 1, 0)"
    );
    clinic.write(&sql).await.unwrap();
}

async fn message(clinic: &TestClinic, patient: PatientId, about: &str, number: u8) {
    let sql = format!(
        "INSERT INTO message (id, patient_id, purpose, object_kind, object_id, object_stamp,
             reference, phone, channel, language, text, state, created_at, not_after)
         VALUES ('m-{about}', '{patient}', 'booking_made', '{about}', 'o', '', {number},
             '+77010000001', 'sms', 'ru', 'Words', 'delivered', 0, 0)"
    );
    clinic.write(&sql).await.unwrap();
}

/// A request for destruction that is being worked on; its path.
async fn ask(officer: &Browser<'_>, card: u32) -> String {
    let form = format!(
        "kind=destruction&card={card}&requester=patient&applicant=&contact=post&way=in_person\
         &received=23.11.2026+08:00&wish=Please&document=id_card"
    );
    let taken = officer.post(REQUESTS, &form).await;
    assert_eq!(taken.status, 303, "{}", taken.body);
    let path = taken.header("location").to_owned();
    let step = "seen=identified&state=in_work&document=&refusal=&note_ru=&note_kk=";
    assert_eq!(officer.post(&format!("{path}/steps"), step).await.status, 303);
    path
}

fn proof() -> String {
    format!("checked=on&password={}&code=", PASSWORD.replace(' ', "+"))
}

async fn propose(officer: &Browser<'_>, request: &str) -> Answer {
    officer.post(&format!("{request}/destruction"), &proof()).await
}

/// Proposed by the officer and carried out by an owner; the path of the act.
async fn destroy(clinic: &TestClinic, request: &str) -> String {
    let officer = clinic.sign_in(Role::Compliance).await;
    let proposed = propose(&officer, request).await;
    assert_eq!(proposed.status, 303, "{}", proposed.body);
    let act = proposed.header("location").to_owned();
    let owner = clinic.sign_in(Role::Owner).await;
    let done = owner.post(&act, &proof()).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let jobs = tirkeu::app::jobs();
    while jobs.run_due(clinic.vault(), &clinic.clinic).await.unwrap() > 0 {}
    act
}

async fn count(clinic: &TestClinic, of: &str) -> i64 {
    let sql = format!("SELECT CAST(count(*) AS TEXT) FROM {of}");
    clinic.rows(&sql).await.remove(0).parse().unwrap()
}

/// Every page of the database as it is behind its encryption, free ones too.
async fn pages(clinic: &TestClinic) -> String {
    pages_of(&clinic.database(), &TestClinic::database_key()).await
}

async fn pages_of(database: &Path, key: &DatabaseKey) -> String {
    let options = connect_options(database, key).read_only(true);
    let mut connection = options.connect().await.unwrap();
    let pages: Vec<Vec<u8>> = sqlx::query_scalar("SELECT data FROM sqlite_dbpage")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    String::from_utf8_lossy(&pages.concat()).to_lowercase()
}

/// Every row of every table that says something of somebody.
async fn rows_of(clinic: &TestClinic, who: &Marked) -> BTreeSet<String> {
    let tables = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
                  AND name NOT LIKE 'sqlite%'";
    let mut found = BTreeSet::new();
    for table in clinic.rows(tables).await {
        let columns = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns = clinic.rows(&columns).await;
        let quoted: Vec<String> = columns.iter().map(|name| format!("quote(\"{name}\")")).collect();
        let sql = format!("SELECT {} FROM \"{table}\"", quoted.join(" || ',' || "));
        let rows = clinic.rows(&sql).await.into_iter();
        let id = who.id.to_string();
        let theirs = rows.filter(|row| {
            let row = row.to_lowercase();
            row.contains(who.mark) || row.contains(&id)
        });
        found.extend(theirs.map(|row| format!("{table}: {row}")));
    }
    found
}

#[test]
fn a_column_with_personal_data_that_destruction_does_not_know_is_a_mistake() {
    let mut personal: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for column in columns().into_iter().filter(|column| column.class.is_some()) {
        personal.entry(column.table).or_default().insert(column.name);
    }
    let mut forgotten = String::new();
    for (table, columns) in &personal {
        if LEFT.iter().any(|(left, _)| left == table) || BY_NAME.contains(table) {
            continue;
        }
        let statements = || UNKEPT.split(';').chain(RECORDS.split(';')).map(str::trim);
        let deleted = format!("DELETE FROM {table} WHERE");
        if statements()
            .any(|one| one.split_whitespace().collect::<Vec<_>>().join(" ").starts_with(&deleted))
        {
            continue;
        }
        let emptied = format!("UPDATE {table} SET");
        let emptying = statements().find(|one| one.starts_with(&emptied)).unwrap_or_default();
        let stays = REGISTERED.iter().find(|(of, _)| of == table).map_or(&[][..], |(_, all)| all);
        for column in columns {
            let set = [format!(" {column} = '"), format!(" {column} = NULL")];
            if !stays.contains(column) && !set.iter().any(|set| emptying.contains(set)) {
                writeln!(forgotten, "{table}.{column}").unwrap();
            }
        }
    }
    assert!(
        forgotten.is_empty(),
        "neither destroyed (disposals/erasing/store.rs) nor left for a reason (erasing::LEFT):\n{forgotten}"
    );
    for (table, _) in LEFT {
        assert!(personal.contains_key(table), "{table} holds nothing of anybody: not to be listed");
        let deleted = format!("DELETE FROM {table} ");
        assert!(!RECORDS.contains(&deleted) && !UNKEPT.contains(&deleted), "{table} is not left");
    }
}

#[tokio::test]
async fn whatever_refers_to_what_is_destroyed_goes_before_it() {
    let clinic = TestClinic::open().await;
    let references = clinic
        .rows(
            "SELECT tables.name || ' ' || leads.\"table\" FROM pragma_table_list AS tables,
             pragma_foreign_key_list(tables.name) AS leads WHERE tables.schema = 'main'",
        )
        .await;
    let named = planted::named();
    let deleted = |table: &str| RECORDS.contains(&format!("DELETE FROM {table} "));
    for reference in references {
        let (from, to) = reference.split_once(' ').unwrap();
        let known = !deleted(to) || named.contains(&from);
        assert!(known, "{from} refers to {to}, and destruction does not know it");
    }
}

#[tokio::test]
async fn nothing_of_a_destroyed_person_is_left_and_all_of_another_is() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("trace"))
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let clinic = TestClinic::open().await;
    let name = |mark: &str| Name::new(&format!("{mark}ова"), "Общеимя", &format!("{mark}овна"));
    let a = enter(&clinic, name("Зюмарк"), "+77051112233", "850101300005").await;
    let b = enter(&clinic, name("Бэтмарк"), "+77054445566", "900101400003").await;
    let a = Marked { id: a, mark: "зюмарк", digit: 1 };
    let b = Marked { id: b, mark: "бэтмарк", digit: 2 };
    for who in [&a, &b] {
        who.plant(&clinic).await;
    }
    // A row that an import refused has no card; it is known by the name.
    let refused = "INSERT INTO import_row SELECT run_id, 7, file, sheet, 9, 'refused', '[]', '', 0,
                   NULL, NULL, 'Зюмаркова Общеимя Зюмарковна', NULL, NULL, '', ''
                   FROM import_row WHERE patient_id IS NOT NULL LIMIT 1";
    clinic.write(refused).await.unwrap();
    confirm_the_rule(&clinic).await;
    let before = (rows_of(&clinic, &a).await, rows_of(&clinic, &b).await);
    assert!(40 < before.0.len(), "planted: {}", before.0.len());
    assert!(pages(&clinic).await.contains("зюмарк"), "or the look below sees nothing");
    let files = clinic.clinic.files.list().unwrap().len();

    let officer = clinic.sign_in(Role::Compliance).await;
    let request = ask(&officer, 1).await;
    destroy(&clinic, &request).await;

    let left: Vec<String> = rows_of(&clinic, &a).await.into_iter().collect();
    let allowed = ["audit_event", "audit_patient", "disposal:"];
    for row in &left {
        assert!(allowed.iter().any(|table| row.starts_with(table)), "left: {row}");
        assert!(!row.to_lowercase().contains("зюмарк"), "left: {row}");
    }
    let pages = pages(&clinic).await;
    for mark in ["зюмарк", "7051112233", "3322111507", "850101300005"] {
        let at = pages.find(mark).unwrap_or_default();
        let around: String = pages[at..].chars().take(120).collect();
        assert!(at == 0, "{mark} is in a page of the database: {around}");
    }
    let after: BTreeSet<String> = rows_of(&clinic, &b).await;
    let gone: Vec<&String> = before.1.difference(&after).collect();
    assert!(gone.is_empty(), "of another person: {gone:#?}");

    let stored = clinic.clinic.files.list().unwrap();
    assert_eq!(stored.len(), files - 4, "a spreadsheet and three documents");
    for hash in stored {
        let text = clinic.clinic.files.get_bytes(hash).await.unwrap();
        assert!(!String::from_utf8_lossy(&text).contains("зюмарк"));
    }
    for path in clinic.files() {
        let bytes = std::fs::read(&path).unwrap();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains("зюмарк"), "{}", path.display());
    }
    let owner = clinic.sign_in(Role::Owner).await;
    assert!(!owner.get("/search?q=%D0%B7%D1%8E%D0%BC").await.body.contains("Зюмарк"));
    // A letter of the name that both had is wrong: the other is found still.
    let found = owner.get("/search?q=%D0%BE%D0%B1%D1%89%D0%B5%D0%B8%D0%BC%D0%B8").await.body;
    assert!(found.contains("Бэтмаркова"), "{found}");
    assert!(!log.text().to_lowercase().contains("зюмарк"), "the log tells it");
    let head = clinic.vault().ledger_head().await.unwrap();
    let verified = clinic.vault().verify(Some(head)).await.unwrap();
    assert!(verified.fault.is_none(), "{:?}", verified.fault);
}

#[tokio::test]
async fn it_takes_two_people_and_the_second_is_an_owner_who_proves_it() {
    let clinic = TestClinic::open().await;
    stranger(&clinic).await;
    confirm_the_rule(&clinic).await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let request = ask(&officer, 1).await;
    let page = format!("{request}/destruction");
    assert!(officer.get(&page).await.body.contains("Предложить уничтожение"));
    let guessed = officer.post(&page, "checked=on&password=guess&code=").await;
    assert_eq!(guessed.status, 422);
    let unseen = officer.post(&page, &proof().replace("checked=on", "checked=")).await;
    assert!(unseen.status == 422 && unseen.body.contains("Отметьте, что проверили"));

    let first = clinic.sign_in(Role::Owner).await;
    let act = propose(&first, &request).await.header("location").to_owned();
    assert_eq!(officer.post(&act, &proof()).await.status, 403, "the officer does not destroy");
    let same = first.post(&act, &proof()).await;
    assert!(same.status == 409 && same.body.contains("Предложение сделали вы"));
    assert!(first.get(&act).await.body.contains("Подтвердить должен другой человек"));
    let second = clinic.sign_in(Role::Owner).await;
    assert_eq!(second.post(&act, "checked=on&password=guess&code=").await.status, 422);
    assert_eq!(count(&clinic, "patient").await, 1, "nothing yet");
    assert_eq!(second.get(&format!("{act}/act.pdf?lang=ru")).await.status, 404);
    assert_eq!(second.post(&act, &proof()).await.status, 303);
    assert_eq!(count(&clinic, "patient").await, 0);
    enter(&clinic, Name::new("Цойдругая", "Анна", ""), "+77010000002", "").await;
    let numbers = clinic.rows("SELECT CAST(number AS TEXT) FROM patient").await;
    assert_eq!(numbers, ["2"], "the number of the card is not given again");
    assert_eq!(second.post(&act, &proof()).await.status, 409, "once");

    let shown = second.get(&act).await.body;
    assert!(shown.contains("28.12.2027"), "the last backup: {shown}");
    assert!(!shown.contains("Цойтестова"));
    for language in ["ru", "kk"] {
        let paper = second.get(&format!("{act}/act.pdf?lang={language}")).await;
        assert_eq!((paper.status.as_u16(), paper.header("content-type")), (200, "application/pdf"));
    }
    assert!(officer.get("/personal-data/disposals").await.body.contains("№ 1"));
    assert_eq!(officer.get(&page).await.header("location"), act);
    let asked = officer.get(&request).await;
    assert!(asked.status == 200 && !asked.body.contains("Please"), "{}", asked.body);
    let answered = "seen=in_work&state=answered&document=&refusal=&note_ru=&note_kk=";
    assert_eq!(officer.post(&format!("{request}/steps"), answered).await.status, 303);
    let answer = format!("lang=ru&password={}&code=", PASSWORD.replace(' ', "+"));
    assert_eq!(officer.post(&format!("{request}/answer"), &answer).await.status, 200);
    let ledger = clinic.ledger().await;
    let done = ledger.iter().find(|event| event["act"] == "disposal.carried_out").unwrap();
    assert!(!done.to_string().contains("withheld"), "{done}");
    for forbidden in ["DELETE FROM disposal", "UPDATE disposal SET card = 9"] {
        assert!(clinic.write(forbidden).await.is_err(), "{forbidden}");
    }
}

#[tokio::test]
async fn what_a_law_keeps_is_blocked_first_and_only_the_rest_goes() {
    let clinic = TestClinic::open().await;
    let patient = stranger(&clinic).await;
    confirm_the_rule(&clinic).await;
    visit(&clinic, patient, "2026-10-01T09:30", "completed").await;
    message(&clinic, patient, "appointment", 1).await;
    message(&clinic, patient, "consent", 2).await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let request = ask(&officer, 1).await;
    let page = officer.get(&format!("{request}/destruction")).await.body;
    assert!(page.contains("01.01.2102") && page.contains("01.01.2032"), "card, journal: {page}");
    assert!(page.contains("Сначала заблокируйте"), "{page}");
    assert_eq!(propose(&officer, &request).await.status, 409);
    let block = officer.post(&format!("{request}/block"), "reason=destruction&basis=058").await;
    assert_eq!(block.status, 303, "{}", block.body);
    destroy(&clinic, &request).await;

    assert_eq!(clinic.rows("SELECT object_kind FROM message").await, ["consent"]);
    assert_eq!((count(&clinic, "patient").await, count(&clinic, "appointment").await), (1, 1));
    let shown = officer.get(&request).await.body;
    assert!(shown.contains("Исполнено актом № 1"), "{shown}");
    let again = propose(&officer, &request).await;
    assert!(again.status == 409 && again.body.contains("не осталось"), "{}", again.body);
}

#[tokio::test]
async fn a_ban_a_booking_or_an_import_under_way_lets_nothing_go() {
    let clinic = TestClinic::open().await;
    let patient = stranger(&clinic).await;
    confirm_the_rule(&clinic).await;
    visit(&clinic, patient, "2026-12-01T09:30", "booked").await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let request = ask(&officer, 1).await;
    let booked = propose(&officer, &request).await;
    assert!(booked.status == 409 && booked.body.contains("Сейчас ничего уничтожить нельзя"));
    clinic.write("UPDATE appointment SET status = 'cancelled'").await.unwrap();
    let held = format!(
        "INSERT INTO retention_hold (id, patient_id, reason, placed_at, placed_by)
         SELECT 'h', '{patient}', 'court', 0, id FROM staff LIMIT 1"
    );
    clinic.write(&held).await.unwrap();
    assert_eq!(propose(&officer, &request).await.status, 409);
    let page = officer.get(&format!("{request}/destruction")).await.body;
    assert!(page.contains("спор или проверка"), "{page}");
    clinic
        .write("UPDATE retention_hold SET released_at = 1, released_by = placed_by")
        .await
        .unwrap();
    let run = "INSERT INTO import_run (id, state, files, total, done, created_at)
               VALUES ('r', 'running', '[]', 1, 0, 0)";
    clinic.write(run).await.unwrap();
    let importing = propose(&officer, &request).await;
    assert!(importing.status == 409 && importing.body.contains("идёт импорт"));
    clinic.write("UPDATE import_run SET state = 'done'").await.unwrap();
    assert_eq!(propose(&officer, &request).await.status, 303);
}

#[tokio::test]
async fn a_yes_is_to_what_was_proposed_and_to_nothing_that_came_later() {
    let clinic = TestClinic::open().await;
    let patient = stranger(&clinic).await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let request = ask(&officer, 1).await;
    let page = officer.get(&format!("{request}/destruction")).await.body;
    assert!(page.contains("не подтверждено юристом"), "as shipped nobody goes wholly: {page}");
    assert_eq!(propose(&officer, &request).await.status, 409);
    confirm_the_rule(&clinic).await;
    let act = propose(&officer, &request).await.header("location").to_owned();
    message(&clinic, patient, "appointment", 1).await;
    let owner = clinic.sign_in(Role::Owner).await;
    let changed = owner.post(&act, &proof()).await;
    assert!(changed.status == 409 && changed.body.contains("Данные изменились"));
    assert_eq!(count(&clinic, "patient").await, 1);
    destroy(&clinic, &request).await;
    assert_eq!(count(&clinic, "patient").await, 0);
    assert_eq!(owner.post(&act, &proof()).await.status, 409, "it was given up");
}

#[tokio::test]
async fn an_act_by_request_waits_for_no_day_unless_a_rule_says_so() {
    let clinic = TestClinic::open().await;
    stranger(&clinic).await;
    confirm_the_rule(&clinic).await;
    let rule = clinic.rows("SELECT CAST(cooling_days AS TEXT) FROM disposal_rule").await;
    assert_eq!(rule, ["0"], "the law gives one working day");
    let longer = "INSERT INTO disposal_rule VALUES ('request', 2, 14, 'x', 'x', '2026-11-27',
                  '2026-01-01')";
    clinic.write(longer).await.unwrap();
    let officer = clinic.sign_in(Role::Compliance).await;
    let request = ask(&officer, 1).await;
    let act = propose(&officer, &request).await.header("location").to_owned();
    let owner = clinic.sign_in(Role::Owner).await;
    assert!(owner.get(&act).await.body.contains("07.12.2026"));
    assert_eq!(owner.post(&act, &proof()).await.status, 409);
    clinic.clinic.clock().advance_ms(14 * 24 * 3_600_000);
    let owner = clinic.sign_in(Role::Owner).await;
    assert_eq!(owner.post(&act, &proof()).await.status, 303);
}

#[tokio::test]
async fn an_answer_counts_every_visit_that_is_kept_and_not_the_first_fifty() {
    let clinic = TestClinic::open().await;
    let patient = stranger(&clinic).await;
    for minute in 0..60 {
        visit(&clinic, patient, &format!("2026-10-01T09:{minute:02}"), "completed").await;
    }
    let officer = clinic.sign_in(Role::Compliance).await;
    let request = ask(&officer, 1).await;
    let page = officer.get(&request).await.body;
    assert!(page.contains("60 приёмов"), "{page}");
}

/// Days over, archives not: a disk that was away keeps its archive longer.
#[tokio::test]
async fn an_act_is_closed_when_its_days_are_over_and_no_archive_from_before_is_left() {
    let clinic = TestClinic::open().await;
    stranger(&clinic).await;
    confirm_the_rule(&clinic).await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let request = ask(&officer, 1).await;
    let clock = clinic.clinic.clock();
    let before = clock.now();
    clock.advance_ms(1_000);
    let act = destroy(&clinic, &request).await;

    let close =
        async |oldest| tirkeu::disposals::close_copies(&clinic.clinic, oldest).await.unwrap();
    assert_eq!(close(None).await, 0, "its days are not over");
    clock.advance_ms(400 * 24 * 3_600_000);
    assert_eq!(close(Some(before)).await, 0, "an archive from before is still kept");
    let after = clock.now();
    assert_eq!(close(Some(after)).await, 1);
    assert_eq!(close(None).await, 0, "once");

    let closed = "SELECT body ->> '$.detail' FROM audit_event WHERE act = 'disposal.copies_gone'";
    assert_eq!(clinic.rows(closed).await, [r#"{"number":1}"#]);
    let officer = clinic.sign_in(Role::Compliance).await;
    assert!(officer.get(&act).await.body.contains("Последняя резервная копия уничтожена"));
}
