//! Registers and papers of the processing of personal data.

use std::collections::{BTreeMap, BTreeSet};

use tirkeu::accountability::classes::{self, DataClass};
use tirkeu::accountability::{purposes, training};
use tirkeu::i18n::{Language, Words};
use tirkeu::incidents::papers::printable;
use tirkeu::vault::permission::{Role, ViewRegisters};

use crate::support::{Browser, PASSWORD, TestClinic};

fn proof() -> String {
    format!("password={}&proof=", PASSWORD.replace(' ', "+"))
}

/// The register of the day in words, by code.
async fn purpose_page(officer: &Browser<'_>) -> String {
    officer.get("/personal-data/purposes").await.body
}

#[tokio::test]
async fn every_column_of_the_database_is_entered_as_personal_or_as_nobodys() {
    let clinic = TestClinic::open().await;
    let shadow = ["_data", "_idx", "_docsize", "_config", "_content"];
    let sql = "SELECT master.name || '.' || info.name FROM sqlite_schema AS master
        JOIN pragma_table_xinfo(master.name) AS info
        WHERE master.type = 'table' AND master.name NOT LIKE 'sqlite_%'
            AND master.name NOT LIKE '\\_sqlx%' ESCAPE '\\' AND info.hidden IN (0, 2, 3)";
    let mut real: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for column in clinic.rows(sql).await {
        let (table, name) = column.split_once('.').unwrap();
        if !shadow.iter().any(|end| table.ends_with(end) && table.starts_with("patient_")) {
            real.entry(table.to_owned()).or_default().insert(name.to_owned());
        }
    }
    let mut entered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for column in classes::columns() {
        entered.entry(column.table.to_owned()).or_default().insert(column.name.to_owned());
    }
    for (table, columns) in &real {
        let known = entered.get(table).unwrap_or_else(|| {
            panic!("src/accountability/columns.txt: say what personal data `{table}` holds")
        });
        if known.iter().any(|name| name == "*") {
            continue;
        }
        assert_eq!(known, columns, "src/accountability/columns.txt: {table}");
    }
    let gone: Vec<_> = entered.keys().filter(|table| !real.contains_key(*table)).collect();
    assert!(gone.is_empty(), "columns.txt names tables that there are not: {gone:?}");
}

/// Whatever points at a patient is personal: such a table is never "nobody's".
#[tokio::test]
async fn a_table_that_points_at_a_patient_or_at_staff_is_looked_at_column_by_column() {
    let clinic = TestClinic::open().await;
    let sql = "SELECT DISTINCT master.name FROM sqlite_schema AS master
        JOIN pragma_foreign_key_list(master.name) AS link
        WHERE master.type = 'table' AND link.\"table\" = 'patient'";
    let waved: BTreeSet<&str> = classes::columns()
        .into_iter()
        .filter(|column| column.name == "*")
        .map(|column| column.table)
        .collect();
    // Which card became which, and pairs that were told apart: ids alone.
    let ids_alone = ["different_people", "import_key"];
    for table in clinic.rows(sql).await {
        assert!(
            !waved.contains(table.as_str()) || ids_alone.contains(&table.as_str()),
            "columns.txt waves `{table}` through, and it points at patients"
        );
    }
}

#[tokio::test]
async fn no_data_is_held_without_a_purpose() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<ViewRegisters>(Role::Compliance).await;
    let all = purposes::all(clinic.vault(), &grant).await.unwrap();
    let in_force = purposes::in_force(&all, "2026-11-23".parse().unwrap());
    assert_eq!(purposes::without_purpose(&in_force), [], "of the register that is shipped");
    for purpose in &in_force {
        for text in [&purpose.title_kk, &purpose.basis_kk] {
            assert!(text.chars().any(|letter| "әғқңөұүһі".contains(letter)), "{text}");
        }
    }
}

#[tokio::test]
async fn terms_come_from_the_retention_rules_and_are_typed_nowhere() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let before = purpose_page(&officer).await;
    assert!(before.contains("Журнал записи: 5 лет"), "{before}");
    let rule = format!(
        "seen=1&years=7&until_age=&combine=&basis=Order+9&basis_kk=Buiryq+9&source=&checked_on=23.11.2026\
         &effective_from=23.11.2026&{}",
        proof()
    );
    let answer = officer.post("/retention/rules/visit_journal", &rule).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let after = purpose_page(&officer).await;
    assert!(after.contains("Журнал записи: 7 лет") && !after.contains("Журнал записи: 5 лет"));
}

const PURPOSE: &str = "title_ru=Записи+разговоров&title_kk=Сөйлесу+жазбалары&basis_ru=Согласие\
    &basis_kk=Келісім&class=contact&class=messages&whose=patients&source=\
    &checked_on=23.11.2026&effective_from=23.11.2026";

#[tokio::test]
async fn a_purpose_is_replaced_in_versions_and_the_ones_before_stay() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let new = "/personal-data/purposes/new";
    let wrong = officer.post(new, "title_ru=Записи+разговоров&checked_on=01.01.2030").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("Записи разговоров") && wrong.body.contains("вид данных"));
    let added = officer.post(new, &format!("seen=0&{PURPOSE}")).await;
    assert_eq!(added.status, 303, "{}", added.body);
    assert!(purpose_page(&officer).await.contains("Записи разговоров"));

    let path = "/personal-data/purposes/own_8";
    assert_eq!(officer.post(path, &format!("seen=0&{PURPOSE}")).await.status, 409);
    assert_eq!(officer.post(path, &format!("seen=1&{PURPOSE}&ended=on")).await.status, 303);
    assert!(!purpose_page(&officer).await.contains("Записи разговоров"), "it has ended");
    let history = officer.get(path).await.body;
    assert!(history.contains("Версия 2") && history.contains("Версия 1"), "{history}");
    assert!(clinic.audited().await.contains(&"accountability.purpose_changed".to_owned()));
    assert_eq!(officer.get("/personal-data/purposes/none").await.status, 404);
}

#[tokio::test]
async fn what_was_written_down_is_never_changed_and_never_deleted() {
    let clinic = TestClinic::open().await;
    for (table, column) in [
        ("processing_purpose", "title_ru"),
        ("accountability_limit", "value"),
        ("staff_rules", "text_ru"),
        ("refusal_basis", "basis"),
        ("legal_term", "basis"),
    ] {
        let update = format!("UPDATE {table} SET {column} = {column}");
        assert!(clinic.write(&update).await.is_err(), "{table}");
        assert!(clinic.write(&format!("DELETE FROM {table}")).await.is_err(), "{table}");
    }
}

#[tokio::test]
async fn whoever_the_program_sends_to_is_a_recipient_by_itself() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let none = officer.get("/personal-data/recipients").await.body;
    assert!(none.contains("Данные никому не передаются"), "{none}");
    let gateway = "INSERT INTO gateway (id, rank, kind, endpoint, username, password, per_minute,
        changed_at) VALUES (1, 1, 'smsc', 'https://smsc.kz/', 'clinic', 'x', 600, 0)";
    clinic.write(gateway).await.unwrap();
    let unsaid = officer.get("/personal-data/recipients").await.body;
    assert!(unsaid.contains("SMSC.kz") && unsaid.contains("кто это"), "{unsaid}");

    let path = "/personal-data/recipients/sms_smsc";
    let form = officer.get(path).await.body;
    assert!(form.contains("smsc.kz&#x2f;") && form.contains("94-V"), "{form}");
    let told = "seen=0&name=ТОО+Рассылка&purpose_ru=A&purpose_kk=B&basis_ru=C&basis_kk=D\
        &class=contact&contract=";
    assert_eq!(officer.post(path, told).await.status, 422, "the country is not chosen");
    let answer = officer.post(path, &format!("{told}&country=us")).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let list = officer.get("/personal-data/recipients").await.body;
    assert!(list.contains("ТОО Рассылка") && list.contains("Передача за границу"), "{list}");
    assert!(!list.contains("кто это"));
    assert_eq!(officer.post(path, &format!("{told}&country=kz")).await.status, 409);
    assert_eq!(officer.get("/personal-data/recipients/sms_other").await.status, 404);

    let mail = "INSERT INTO mail_server VALUES
        (1, 'smtp.example.kz', 465, 'implicit', '', '', 'clinic@example.kz', NULL, 0)";
    clinic.write(mail).await.unwrap();
    let list = officer.get("/personal-data/recipients").await.body;
    assert!(list.contains("Почтовый сервер") && list.contains("Сведения о работниках"), "{list}");
    let form = officer.get("/personal-data/recipients/mail").await.body;
    assert!(form.contains("smtp.example.kz"), "{form}");
}

#[tokio::test]
async fn an_order_appoints_who_answers_and_consents_print_that_name() {
    let clinic = TestClinic::open().await;
    let name = "INSERT INTO clinic (id, name, address_ru, address_kk, zone, responsible)
        VALUES (1, 'Клиника', '', '', 'Asia/Almaty', 'Прежняя')";
    clinic.write(name).await.unwrap();
    let officer = clinic.sign_in(Role::Compliance).await;
    let path = "/personal-data/responsible";
    let nobody = officer.get(path).await.body;
    assert!(nobody.contains("не назначен") && nobody.contains("Прежняя"), "{nobody}");
    let order = "name=Оспанова+Бақыт&position=Юрист&order_number=7-ПД&order_date=20.11.2026";
    let future = officer.post(path, &format!("{order}&effective_from=01.12.2026")).await;
    assert!(future.status == 422 && future.body.contains("Оспанова"), "{}", future.body);
    assert_eq!(officer.post(path, &format!("{order}&effective_from=23.11.2026")).await.status, 303);
    let next = "name=Сейтова&order_number=9&order_date=23.11.2026&effective_from=23.11.2026";
    assert_eq!(officer.post(path, next).await.status, 303);
    let page = officer.get(path).await.body;
    assert!(page.contains("Оспанова Бақыт") && page.contains("7-ПД"), "history stays: {page}");
    assert_eq!(clinic.rows("SELECT responsible FROM clinic").await, ["Сейтова"]);
    let ledger = clinic.ledger().await;
    let event = ledger.iter().rfind(|e| e["act"] == "accountability.responsible_appointed");
    assert!(!event.unwrap().to_string().contains("Сейтова"), "no names in the ledger");
}

#[tokio::test]
async fn patients_read_the_policy_that_was_approved_and_nothing_before() {
    let clinic = TestClinic::open().await;
    let read = async |lang: &str| {
        let request = axum::http::Request::get("/privacy").header("cookie", format!("lang={lang}"));
        let request = request.body(axum::body::Body::empty()).unwrap();
        crate::support::send(&clinic.public, request).await
    };
    let before = read("ru").await;
    assert!(before.status == 200 && before.body.contains("ещё не опубликовала"));

    let officer = clinic.sign_in(Role::Compliance).await;
    let path = "/personal-data/policy";
    let page = officer.get(path).await.body;
    let seen = page.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("seen={seen}&order_number=12&order_date=23.11.2026");
    let unproven = officer.post(path, &format!("{form}&password=guess&proof=")).await;
    assert_eq!(unproven.status, 422);
    assert_eq!(officer.post(path, &format!("{form}&{}", proof())).await.status, 303);
    let russian = read("ru").await.body;
    assert!(russian.contains("Журнал записи: 5 лет") && russian.contains("№ 12"), "{russian}");
    assert!(russian.contains("третьим лицам не передаются"), "{russian}");
    assert!(russian.contains("15 рабочих дней"), "the terms of the law: {russian}");
    let kazakh = read("kk").await.body;
    assert!(kazakh.contains("Қабылдауға жазу") && kazakh.contains("lang=\"kk\""), "{kazakh}");

    // What changes in a register is not published by itself, and is not missed.
    officer.post("/personal-data/purposes/new", &format!("seen=0&{PURPOSE}")).await;
    let differs = officer.get(path).await.body;
    assert!(differs.contains("Реестры изменились"), "{differs}");
    assert!(!read("ru").await.body.contains("Записи разговоров"));
    let stale = officer.post(path, &format!("{form}&{}", proof())).await;
    assert_eq!(stale.status, 409, "nobody approves what was not on the page");
    assert!(clinic.write("UPDATE privacy_policy SET order_number = '13'").await.is_err());
}

#[tokio::test]
async fn the_counter_warns_before_a_class_is_reached() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let people = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 8996)
        INSERT INTO patient (id, number, surname, given, patronymic, name, registered_at)
        SELECT printf('01900000-0000-7000-8000-%012d', i), i, 'A', '', '', 'A', 0 FROM n";
    clinic.write(people).await.unwrap();
    let far = officer.get("/personal-data/size").await.body;
    let staff: i64 =
        clinic.rows("SELECT CAST(count(*) AS TEXT) FROM staff").await[0].parse().unwrap();
    assert!(far.contains("из 10\u{a0}000") && !far.contains("До порога осталось"), "{far}");
    let more = (0..4).map(|i| {
        format!(
            "INSERT INTO patient (id, number, surname, given, patronymic, name, registered_at)
             VALUES ('01900000-0000-7000-9000-00000000000{i}', {}, 'B', '', '', 'B', 0);",
            9000 + i
        )
    });
    clinic.write(&more.collect::<Vec<_>>().concat()).await.unwrap();
    let near = officer.get("/personal-data/size").await.body;
    let left = 10_000 - 9_000 - staff;
    assert!(near.contains(&format!("До порога осталось {left}")), "{near}");
    let bar = officer.get("/personal-data/size/bar").await.body;
    assert!(bar.contains("До порога осталось") && bar.contains("<svg"), "{bar}");
    let desk = officer.get("/personal-data/requests").await.body;
    assert!(desk.contains("/personal-data/size/bar"), "the desk asks for it");

    let limit = "/personal-data/limits/small_people";
    let form = "seen=1&value=9+000&basis_ru=A&basis_kk=B&source=&checked_on=23.11.2026\
        &effective_from=23.11.2026";
    assert_eq!(officer.post(limit, &format!("{form}&password=x&proof=")).await.status, 422);
    assert_eq!(officer.post(limit, &format!("{form}&{}", proof())).await.status, 303);
    let over = officer.get("/personal-data/size").await.body;
    assert!(over.contains("уведомите уполномоченный орган"), "{over}");
    assert_eq!(officer.post(limit, &format!("{form}&{}", proof())).await.status, 409);
}

#[tokio::test]
async fn everybody_confirms_the_rules_of_now_and_a_new_text_is_read_anew() {
    let clinic = TestClinic::open().await;
    let doctor = clinic.sign_in(Role::Doctor).await;
    let account = doctor.get("/account").await.body;
    assert!(account.contains("/account/rules"), "{account}");
    let rules = doctor.get("/account/rules").await.body;
    assert!(rules.contains("тайна медицинского работника"), "{rules}");
    let unread = doctor.post("/account/rules", "seen=1").await;
    assert!(unread.status == 422 && unread.body.contains("Отметьте, что прочитали"));
    assert_eq!(doctor.post("/account/rules", "seen=1&read=on").await.status, 303);
    assert!(doctor.get("/account/rules/state").await.body.contains("подтверждено"));

    let grant = clinic.grant::<ViewRegisters>(Role::Compliance).await;
    let standing = async || {
        let all = training::learners(&clinic.clinic, &grant).await.unwrap();
        all.into_iter().find(|one| one.role == Role::Doctor).unwrap()
    };
    let first = standing().await;
    assert_eq!(first.standing, training::Standing::Confirmed);
    assert_eq!(first.due.to_string(), "2027-11-23");

    let officer = clinic.sign_in(Role::Compliance).await;
    let path = "/personal-data/training";
    assert_eq!(officer.post(path, "seen=1&text_ru=Новые&text_kk=").await.status, 422);
    let text = "seen=1&text_ru=Новые+правила&text_kk=Жаңа+қағидалар";
    assert_eq!(officer.post(path, text).await.status, 303);
    assert_eq!(standing().await.standing, training::Standing::Waiting);
    let stale = doctor.post("/account/rules", "seen=1&read=on").await;
    assert_eq!(stale.status, 409, "nobody confirms what they did not see");
    let hash = "SELECT sha256 FROM rules_acknowledgement";
    assert_eq!(clinic.rows(hash).await[0].len(), 64);
    assert!(clinic.write("DELETE FROM rules_acknowledgement").await.is_err());
    assert_eq!(doctor.get(path).await.status, 403);
}

#[tokio::test]
async fn the_yearly_review_is_made_from_what_is_and_signed_only_when_all_is_answered() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let path = "/personal-data/reviews/new";
    assert!(officer.get("/personal-data/reviews").await.body.contains("просрочена"));
    let page = officer.get(path).await.body;
    let points: Vec<&str> = page
        .split("name=\"answer-")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    assert_eq!(points.len(), 16, "{points:?}");
    let answers = points.iter().map(|code| format!("answer-{code}=to_do&note-{code}=Сделать&"));
    let answers = answers.collect::<Vec<_>>().concat();
    let end = format!("conclusion=Вывод&{}", proof());
    let some = officer.post(path, &format!("answer-rules=done&note-rules=Ja&{end}")).await;
    assert!(some.status == 422 && some.body.contains("Ответьте на этот пункт"));
    assert!(some.body.contains("Вывод") && some.body.contains("Ja"), "what was typed stays");
    let unproven = officer.post(path, &format!("{answers}conclusion=Вывод&password=x")).await;
    assert_eq!(unproven.status, 422);
    let signed = officer.post(path, &format!("{answers}{end}")).await;
    assert_eq!(signed.header("location"), "/personal-data/reviews/1", "{}", signed.body);
    let kept = officer.get("/personal-data/reviews/1").await.body;
    assert!(kept.contains("23.11.2027") && kept.contains("Сделать"), "{kept}");
    assert!(!officer.get("/personal-data/reviews").await.body.contains("просрочена"));
    // What was found stays as it was found.
    officer
        .post(
            "/personal-data/responsible",
            "name=A&order_number=1&order_date=23.11.2026&effective_from=23.11.2026",
        )
        .await;
    let found = "SELECT CAST(found AS TEXT) FROM yearly_review_item WHERE code = 'responsible'";
    assert_eq!(clinic.rows(found).await, ["1"]);
    assert!(clinic.write("UPDATE yearly_review_item SET found = 0").await.is_err());
    assert_eq!(officer.get("/personal-data/reviews/77").await.status, 404);
    assert_eq!(officer.get("/personal-data/reviews/x").await.status, 404);
}

#[tokio::test]
async fn every_paper_is_made_in_russian_and_kazakh_and_each_making_is_in_the_ledger() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let codes = tirkeu::accountability::papers::PaperCode::ALL;
    for code in codes {
        for lang in ["ru", "kk"] {
            let path = format!("/personal-data/papers/{}/pdf?lang={lang}", code.name());
            let bytes = officer.raw(&path).await;
            assert!(bytes.starts_with(b"%PDF"), "{path}: {}", String::from_utf8_lossy(&bytes));
        }
    }
    let made = clinic.audited().await;
    let made = made.iter().filter(|act| *act == "accountability.paper_exported").count();
    assert_eq!(made, codes.len() * 2);
    let kept =
        clinic.rows("SELECT CAST(count(*) AS TEXT) FROM paper_export WHERE language = 'kk'").await;
    assert_eq!(kept, [codes.len().to_string()]);
    let desk = officer.get("/personal-data/papers").await.body;
    assert!(desk.contains("Перечень лиц, имеющих доступ"), "{desk}");
    assert_eq!(officer.get("/personal-data/papers/other/pdf").await.status, 404);
    for role in [Role::Doctor, Role::Reception, Role::Sysadmin] {
        let other = clinic.sign_in(role).await;
        assert_eq!(other.get("/personal-data/papers").await.status, 403);
        assert_eq!(other.get("/personal-data/papers/access/pdf").await.status, 403);
    }
    for register in ["requests", "incidents"] {
        officer.get(&format!("/personal-data/{register}/export.pdf?lang=kk")).await;
        officer.get(&format!("/personal-data/{register}/export.csv")).await;
    }
    let acts = clinic.audited().await;
    for act in ["subject_request.register_exported", "incident.register_exported"] {
        assert_eq!(acts.iter().filter(|one| *one == act).count(), 2, "{act}");
    }
}

/// What a font lacks would be printed as a question mark.
#[test]
fn no_letter_of_the_papers_is_lost_in_print() {
    let words = Words::load();
    for language in [Language::Ru, Language::Kk] {
        for key in Words::keys(language) {
            if key.starts_with("accountability-") {
                let said = words.plain(language, &key);
                assert_eq!(printable(&said), said, "{key}");
            }
        }
    }
    for class in DataClass::ALL {
        let places = classes::places(*class).join(", ");
        assert_eq!(printable(&places), places);
    }
}

#[tokio::test]
async fn the_law_of_a_refusal_is_replaced_in_both_languages_and_old_answers_keep_theirs() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let refuse = async |number: i64| {
        let form = "kind=access&card=&requester=patient&applicant=Цой&contact=&way=post\
            &received=23.11.2026+08:00&wish=A&document=";
        let taken = officer.post("/personal-data/requests", form).await;
        assert_eq!(taken.status, 303, "{number}: {}", taken.body);
        let steps = format!("{}/steps", taken.header("location"));
        let step = "seen=received&state=refused&document=&refusal=no_data&note_ru=&note_kk=";
        assert_eq!(officer.post(&steps, step).await.status, 303);
    };
    refuse(1).await;
    let path = "/personal-data/refusals/no_data";
    let page = officer.get(path).await.body;
    assert!(page.contains("операторда өтініш берушінің деректері жоқ"), "{page}");
    let form = "seen=1&basis=Новый+закон&basis_kk=Жаңа+заң&source=&checked_on=23.11.2026\
        &effective_from=23.11.2026&confirmed=on";
    let half = format!("seen=1&basis=Новый&basis_kk=&checked_on=x&{}", proof());
    assert_eq!(officer.post(path, &half).await.status, 422, "both languages, a real day");
    assert_eq!(officer.post(path, &format!("{form}&password=x&proof=")).await.status, 422);
    assert_eq!(officer.post(path, &format!("{form}&{}", proof())).await.status, 303);
    assert_eq!(officer.post(path, &format!("{form}&{}", proof())).await.status, 409);
    refuse(2).await;
    let kept = "SELECT basis_kk FROM subject_request_step WHERE state = 'refused' ORDER BY id";
    let kept = clinic.rows(kept).await;
    assert!(kept[0].contains("24-бап") && kept[1] == "Жаңа заң", "{kept:?}");
    assert_eq!(officer.get("/personal-data/refusals/other").await.status, 404);
    let doctor = clinic.sign_in(Role::Doctor).await;
    assert_eq!(doctor.get("/personal-data/refusals").await.status, 403);
}
