//! Importing the shipped clinic's spreadsheets, on a real encrypted database.

use tirkeu::interop::run::{self, Made, RunState, Upload};
use tirkeu::vault::permission::{ImportRecords, Role};

use crate::support::TestClinic;

fn shipped() -> Vec<Upload> {
    ["price-list.xlsx", "patients.csv", "journal.xlsx"]
        .map(|name| {
            let path = format!("{}/tests/data/clinic-small/{name}", env!("CARGO_MANIFEST_DIR"));
            Upload { name: name.to_owned(), kind: None, bytes: std::fs::read(path).unwrap() }
        })
        .to_vec()
}

/// A journal of three rows; the last one of the day after the test's today.
fn small() -> Vec<Upload> {
    let journal = "Дата;Время;ФИО пациента;Телефон;Врач;Услуга;Статус\n\
                   20.11.2026;9:30;Ким Вера;87012345678;Пак Анна Олеговна;Осмотр;пришел\n\
                   24.11.2026;9:30;Ким Вера;87012345678;Пак Анна Олеговна;Осмотр;записан\n\
                   24.11.2026;9:45;Цой Олег;87012345679;Пак А.О.;Осмотр;записан\n\
                   ;10:30;;87012345670;Пак;Осмотр;\n";
    let prices = "Услуга;Длительность, мин;Цена\nОсмотр;30;5000\nСнимок;15;6000\n";
    [("journal.csv", journal), ("prices.csv", prices)]
        .map(|(name, text)| Upload {
            name: name.to_owned(),
            kind: None,
            bytes: text.as_bytes().to_vec(),
        })
        .to_vec()
}

async fn count(clinic: &TestClinic, sql: &'static str) -> usize {
    clinic.rows(sql).await.len()
}

#[tokio::test]
async fn the_shipped_clinic_is_taken_once_and_can_be_taken_back_whole() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<ImportRecords>(Role::Owner).await;
    let id = run::draft(&clinic.clinic, &grant, shipped()).await.unwrap();
    assert_eq!(
        run::carry_out(&clinic.clinic, &grant, id, |_, _| {}).await.unwrap(),
        RunState::Done
    );
    let cards = count(&clinic, "SELECT id FROM patient").await;
    let visits = count(&clinic, "SELECT id FROM appointment").await;
    assert_eq!((cards, visits), (953, 4099));
    assert_eq!(count(&clinic, "SELECT id FROM service").await, 15);
    assert_eq!(count(&clinic, "SELECT id FROM resource WHERE kind = 'doctor'").await, 5);
    assert_eq!(count(&clinic, "SELECT appointment_id FROM reservation").await, 0);

    let again = run::draft(&clinic.clinic, &grant, shipped()).await.unwrap();
    run::carry_out(&clinic.clinic, &grant, again, |_, _| {}).await.unwrap();
    let (rows, _) = run::report(&clinic.clinic, &grant, again).await.unwrap();
    assert!(rows.iter().all(|row| !row.added));
    assert_eq!(count(&clinic, "SELECT id FROM patient").await, cards);
    assert_eq!(count(&clinic, "SELECT id FROM appointment").await, visits);

    let undone = run::undo(&clinic.clinic, &grant, id).await.unwrap();
    assert_eq!((undone.state, undone.kept), (RunState::Undone, 0));
    for table in [
        "SELECT id FROM patient",
        "SELECT id FROM appointment",
        "SELECT id FROM service",
        "SELECT id FROM resource",
        "SELECT source_key FROM import_key",
        "SELECT phone FROM patient_phone",
        "SELECT rowid FROM patient_words",
    ] {
        assert_eq!(count(&clinic, table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn past_visits_take_no_time_and_coming_ones_are_booked_or_flagged() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<ImportRecords>(Role::Reception).await;
    let id = run::draft(&clinic.clinic, &grant, small()).await.unwrap();
    run::carry_out(&clinic.clinic, &grant, id, |_, _| {}).await.unwrap();
    let (rows, _) = run::report(&clinic.clinic, &grant, id).await.unwrap();
    let journal: Vec<(&str, Vec<&str>)> = rows
        .iter()
        .filter(|row| row.file == "journal.csv" && row.row > 1)
        .map(|row| (row.verdict.as_str(), row.reasons.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(
        journal,
        [
            ("taken", vec![]),
            ("taken", vec![]),
            ("flagged", vec!["time_taken"]),
            ("refused", vec!["no_patient"])
        ]
    );
    assert_eq!(
        clinic.rows("SELECT starts || ' ' || status FROM appointment ORDER BY starts").await,
        ["2026-11-20T09:30 completed", "2026-11-24T09:30 booked", "2026-11-24T09:45 cancelled"]
    );
    assert_eq!(
        clinic.rows("SELECT starts FROM reservation WHERE live = 1").await,
        ["2026-11-24T09:30"]
    );
    assert_eq!(count(&clinic, "SELECT id FROM patient").await, 2);
    assert_eq!(run::made(&clinic.clinic, &grant, id, Made::Appointment).await.unwrap(), 3);
}

#[tokio::test]
async fn what_somebody_has_used_since_stays_when_a_run_is_undone() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<ImportRecords>(Role::Owner).await;
    let id = run::draft(&clinic.clinic, &grant, small()).await.unwrap();
    run::carry_out(&clinic.clinic, &grant, id, |_, _| {}).await.unwrap();
    clinic.write("UPDATE patient SET version = 2 WHERE surname = 'Цой'").await.unwrap();
    let undone = run::undo(&clinic.clinic, &grant, id).await.unwrap();
    assert_eq!(undone.kept, 1);
    assert_eq!(clinic.rows("SELECT surname FROM patient").await, ["Цой"]);
}

#[tokio::test]
async fn a_row_whose_visit_ended_otherwise_since_is_flagged_and_changes_nothing() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<ImportRecords>(Role::Owner).await;
    let id = run::draft(&clinic.clinic, &grant, small()).await.unwrap();
    run::carry_out(&clinic.clinic, &grant, id, |_, _| {}).await.unwrap();

    let mut later = small();
    let text = String::from_utf8(later[0].bytes.clone()).unwrap();
    later[0].bytes = text.replace("пришел", "не пришел").into_bytes();
    let id = run::draft(&clinic.clinic, &grant, later).await.unwrap();
    run::carry_out(&clinic.clinic, &grant, id, |_, _| {}).await.unwrap();

    let (rows, _) = run::report(&clinic.clinic, &grant, id).await.unwrap();
    let flagged: Vec<_> =
        rows.iter().filter(|row| row.reasons.contains(&"status_differs".to_owned())).collect();
    assert!(matches!(flagged[..], [row] if row.row == 2 && row.verdict == "flagged"), "{rows:?}");
    let past = clinic.rows("SELECT status FROM appointment WHERE starts < '2026-11-23'").await;
    assert_eq!(past, ["completed"]);
}

#[tokio::test]
async fn a_stopped_run_goes_on_where_it_was() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<ImportRecords>(Role::Owner).await;
    let journal: String = std::iter::once("Дата;Время;ФИО пациента;Телефон;Врач\n".to_owned())
        .chain((0..450).map(|n| format!("20.11.2026;9:30;Ким Вера;8701{n:07};Пак Анна\n")))
        .collect();
    let upload = Upload { name: "journal.csv".to_owned(), kind: None, bytes: journal.into_bytes() };
    let id = run::draft(&clinic.clinic, &grant, vec![upload]).await.unwrap();
    clinic
        .write(
            "CREATE TRIGGER ask_to_stop AFTER UPDATE OF done ON import_run WHEN NEW.done = 200 \
                  BEGIN UPDATE import_run SET state = 'stopping' WHERE id = NEW.id; END",
        )
        .await
        .unwrap();
    assert_eq!(
        run::carry_out(&clinic.clinic, &grant, id, |_, _| {}).await.unwrap(),
        RunState::Stopped
    );
    assert_eq!(count(&clinic, "SELECT id FROM appointment").await, 199);
    clinic.write("DROP TRIGGER ask_to_stop").await.unwrap();
    assert_eq!(
        run::carry_out(&clinic.clinic, &grant, id, |_, _| {}).await.unwrap(),
        RunState::Done
    );
    assert_eq!(count(&clinic, "SELECT id FROM appointment").await, 450);
    assert_eq!(count(&clinic, "SELECT id FROM patient").await, 450);
}

#[tokio::test]
async fn a_file_that_is_no_table_leaves_nothing_behind() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<ImportRecords>(Role::Owner).await;
    let upload = Upload { name: "scan.pdf".to_owned(), kind: None, bytes: b"%PDF-1.7".to_vec() };
    assert!(run::draft(&clinic.clinic, &grant, vec![upload]).await.is_err());
    assert_eq!(count(&clinic, "SELECT id FROM import_run").await, 0);
}

#[tokio::test]
async fn reception_brings_a_file_looks_corrects_starts_and_reads_the_report() {
    let clinic = TestClinic::open().await;
    let browser = clinic.sign_in(Role::Reception).await;
    assert_eq!(browser.get("/import").await.status, 200);
    let refused = browser.upload("/import", "journal", b"%PDF-1.7 scan").await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("PDF"));

    let journal = small().remove(0).bytes;
    let kept = browser.upload("/import", "journal", &journal).await;
    assert_eq!(kept.status, 303);
    let page = kept.header("location").to_owned();
    let draft = browser.get(&page).await;
    assert!(draft.status == 200 && draft.body.contains("ФИО пациента"), "{}", draft.status);
    assert_eq!(clinic.rows("SELECT id FROM patient").await.len(), 0);

    let corrected = browser
        .post(&format!("{page}/layout"), "file=0&sheet=0&kind=journal&header=1&c6=ignored")
        .await;
    assert_eq!(corrected.status, 303);
    assert!(clinic.rows("SELECT files FROM import_run").await[0].contains("\"ignored\""));
    assert_eq!(browser.post(&format!("{page}/start"), "").await.status, 303);
    for _ in 0..600 {
        if clinic.rows("SELECT state FROM import_run").await == ["done"] {
            break;
        }
        tokio::task::yield_now().await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let report = browser.get(&page).await;
    assert!(report.body.contains("нет пациента"), "{}", report.body);
    assert!(browser.get(&format!("{page}?verdict=refused")).await.status == 200);
    assert_eq!(browser.get(&format!("{page}/progress")).await.header("hx-refresh"), "true");
    let sheets =
        tirkeu::interop::reading::read(&browser.raw(&format!("{page}/report.xlsx")).await).unwrap();
    assert_eq!(sheets[0].rows.len(), 6);
    assert_eq!(browser.post(&format!("{page}/undo"), "").await.status, 303);
    assert_eq!(clinic.rows("SELECT id FROM patient").await.len(), 0);
}
