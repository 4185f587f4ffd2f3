//! What of a message may go where: classes of values, neutral words for channels
//! abroad, and the log of what was passed on.

use std::sync::LazyLock;

use axum::http::StatusCode;
use proptest::prelude::*;

use tirkeu::contact::Country;
use tirkeu::i18n::{Language, Words};
use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind, Terms};
use tirkeu::messaging::text::{Class, Land, Purpose, Values, Variable, Worded, lint};
use tirkeu::messaging::whatsapp::{self, AppError, TemplateChange};
use tirkeu::messaging::{MessagingError, text::TextError};
use tirkeu::vault::permission::{AnswerRequests, Role};

use crate::peers::smsc::{LOGIN, PASSWORD};
use crate::reminders::Desk;
use crate::support::TestClinic;

static WORDS: LazyLock<Words> = LazyLock::new(Words::load);

/// A value that is found again in any text: no other begins so.
fn marker(variable: Variable, salt: u32) -> String {
    let index = Variable::ALL.iter().position(|one| *one == variable).unwrap();
    format!("жq{index:02}x{salt:04}")
}

fn planted(salt: u32) -> Values {
    let each = |values: Values, one: Variable| values.with(one, marker(one, salt));
    Variable::ALL.into_iter().fold(Values::new(), each)
}

/// A text as somebody may write it: all that the purpose needs, and of the rest
/// what the bits say, plain or asked for by `if`.
fn source(purpose: Purpose, bits: u64, turn: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    for (index, (variable, needed)) in purpose.variables().iter().enumerate() {
        let name = variable.name();
        match (bits >> (2 * index)) & 3 {
            0 if !needed => {}
            1 => {
                parts
                    .push(format!("{{% if {name} %}}a {{{{ {name} }}}}{{% else %}}b{{% endif %}}"));
            }
            2 => parts.push(format!("{{{{ {name} }}}}{{% if {name} %}}c{{% endif %}}")),
            _ => parts.push(format!("{{{{ {name} }}}}")),
        }
    }
    let turn = turn % parts.len().max(1);
    parts.rotate_left(turn);
    parts.join(" ")
}

fn purposes() -> impl Strategy<Value = (Purpose, Language)> {
    let both = (0..Purpose::ALL.len(), 0..Language::ALL.len());
    both.prop_map(|(purpose, language)| (Purpose::ALL[purpose], Language::ALL[language]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn nothing_clinical_leaves_the_country_and_exactly_what_would_is_refused_when_saved(
        (purpose, language) in purposes(),
        bits in any::<u64>(),
        turn in 0_usize..12,
        salt in 0_u32..10_000,
        standard in any::<bool>(),
        telling in prop_oneof![Just(""), Just(" имплантация"), Just(" емдеу ")],
    ) {
        let words = &*WORDS;
        let source =
            if standard { purpose.standard(words, language) } else { source(purpose, bits, turn) };
        let source = source + telling;
        let values = planted(salt);
        let worded = Worded::new(words, (purpose, language), &source, &values);
        let Ok(worded) = worded else {
            prop_assert_eq!(worded, Err(TextError::Empty), "{}", source);
            return Ok(());
        };
        for land in [Land::Home, Land::Abroad] {
            let (wording, classes) = worded.for_land(land);
            for one in Variable::ALL {
                let is_there = wording.text.contains(&marker(one, salt));
                let may = land == Land::Home || one.may_leave();
                prop_assert!(may || !is_there, "{:?} leaves in {}", one, wording.text);
                let told = !is_there || classes.0.contains(&one.class());
                prop_assert!(told, "{:?} goes and is not in the log: {:?}", one, classes);
            }
            prop_assert!(land == Land::Home || !classes.0.contains(&Class::Clinical));
            let is_told = !telling.is_empty() && wording.text.contains(telling.trim());
            prop_assert!(land == Land::Home || !is_told, "{}", wording.text);
            let named = |one: &Variable| source.contains(&format!("{{{{ {} }}}}", one.name()));
            let clinical = |one: &Variable| one.class() == Class::Clinical && named(one);
            let tells = !telling.is_empty() || Variable::ALL.iter().any(clinical);
            let refused = land == Land::Abroad && tells;
            prop_assert_eq!(lint(&source, land).is_err(), refused, "{}", source);
        }
        // A template of a messenger gets what is kept for one, and no more.
        let kept = whatsapp::neutral_of(&values);
        for one in Variable::ALL {
            let is_kept = kept.contains(&marker(one, salt));
            prop_assert_eq!(is_kept, one.class() == Class::Neutral, "{:?}", one);
        }
    }
}

#[test]
fn every_gateway_is_abroad_where_its_country_is() {
    for kind in GatewayKind::OFFERED.into_iter().chain([GatewayKind::Demo]) {
        for country in Country::ALL.iter().copied() {
            let land = Terms { country, ..Terms::usual(kind) }.land();
            assert_eq!(land == Land::Abroad, country != Country::Kz, "{kind:?} {country:?}");
        }
    }
}

#[test]
fn neutral_words_say_where_to_look_and_fit_in_every_language() {
    let words = Words::load();
    for purpose in Purpose::ALL {
        for language in Language::ALL {
            let source = purpose.standard(&words, language);
            let worded = Worded::new(&words, (purpose, language), &source, &planted(1)).unwrap();
            let text = &worded.abroad.text;
            assert!(worded.abroad.segments.parts <= 3, "{text}");
            assert!(text.contains(&marker(Variable::Clinic, 1)), "{purpose:?} {text}");
            let is_linked = purpose.variables().contains(&(Variable::Link, true));
            let has_link = text.contains(&marker(Variable::Link, 1));
            assert!(!is_linked || has_link, "{purpose:?} {text}");
        }
    }
}

#[tokio::test]
async fn a_template_of_a_messenger_is_refused_for_what_must_not_leave_and_for_nothing_else() {
    let clinic = TestClinic::open().await;
    let owner = clinic.grant(Role::Owner).await;
    for purpose in Purpose::ALL.into_iter().filter(|purpose| whatsapp::may_go(*purpose)) {
        for one in Variable::ALL {
            let change = TemplateChange {
                name: "a".to_owned(),
                parameters: one.name().to_owned(),
                ..TemplateChange::default()
            };
            let of = (purpose, Language::Kk);
            let saved = whatsapp::save_template(&clinic.clinic, &owner, of, &change).await;
            let refused = match saved {
                Ok(()) => None,
                Err(AppError::Fields(wrong)) => Some(wrong["parameters"]),
                Err(AppError::Vault(error)) => panic!("{error}"),
            };
            let knows = purpose.variables().iter().any(|(has, _)| *has == one);
            let expected = match one.class() {
                Class::Clinical => Some("messaging-error-clinical"),
                Class::Contact | Class::Commercial => Some("messaging-error-not-neutral"),
                Class::Neutral if knows => None,
                Class::Neutral => Some("messaging-error-template-unknown"),
            };
            assert_eq!(refused, expected, "{purpose:?} {one:?}");
        }
    }
}

const WHOLE: &str = "{{ clinic }}: {{ date }}, {{ time }}. {{ doctor }}, {{ service }}. \
    {{ preparation }} {{ link }}";

/// The desk's only gateway from now on keeps its data there.
async fn move_gateway(desk: &Desk, country: Country) {
    let owner = desk.day.clinic.grant(Role::Owner).await;
    let change = GatewayChange {
        kind: GatewayKind::Smsc,
        endpoint: desk.server.address.clone(),
        username: LOGIN.to_owned(),
        password: PASSWORD.to_owned(),
        sender: String::new(),
        report_url: String::new(),
        ca: String::new(),
    };
    let id = setup::gateways(desk.day.clinic.vault(), &owner).await.unwrap()[0].id;
    let terms = Terms { country, ..Terms::usual(GatewayKind::Smsc) };
    setup::save_gateway(desk.day.clinic.vault(), &owner, Some(id), &change, terms).await.unwrap();
}

async fn save(desk: &Desk, source: &str) -> Result<(), MessagingError> {
    let owner = desk.day.clinic.grant(Role::Owner).await;
    let of = (Purpose::BookingMade, Language::Ru);
    setup::set_wording(&desk.day.clinic.clinic, &owner, of.0, of.1, Some(source)).await
}

async fn prepared(desk: &Desk) {
    let service = desk.day.filling;
    let how = format!(
        "INSERT INTO online_service (service_id, moderated, urgent, prepare_ru, prepare_kk)
         VALUES ('{service}', 0, 0, 'Не ешьте час', '')"
    );
    desk.day.clinic.write(&how).await.unwrap();
}

async fn log(desk: &Desk) -> Vec<String> {
    let all = "SELECT party || ' ' || country || ' ' || classes || ' ' || (patient_id IS NOT NULL)
        FROM transfer ORDER BY id";
    desk.day.clinic.rows(all).await
}

const CLINICAL: &str = r#"["neutral","contact","clinical"]"#;
const LEAVING: &str = r#"["neutral","contact"]"#;

#[tokio::test]
async fn at_home_a_text_names_doctor_service_and_preparation_and_the_log_says_so() {
    let desk = Desk::open().await;
    prepared(&desk).await;
    save(&desk, WHOLE).await.unwrap();
    desk.booked("14:30").await;
    let text = desk.server.taken()[0].text.clone();
    for told in ["Сейтова А. Н.", "Лечение кариеса", "Не ешьте час", "/m/"]
    {
        assert!(text.contains(told), "{told}: {text}");
    }
    assert_eq!(log(&desk).await, [format!("smsc kz {CLINICAL} 1")]);
}

#[tokio::test]
async fn a_gateway_abroad_gets_neutral_words_with_the_link_and_the_card_says_what_went() {
    let desk = Desk::open().await;
    prepared(&desk).await;
    save(&desk, WHOLE).await.unwrap();
    move_gateway(&desk, Country::De).await;
    let (_, link) = desk.booked("14:30").await;
    let text = desk.server.taken()[0].text.clone();
    for secret in ["Сейтова", "кариес", "ешьте", "Абая", "Мусин"] {
        assert!(!text.contains(secret), "{secret}: {text}");
    }
    assert!(text.contains("14:30") && desk.get(&link).await.status == StatusCode::OK, "{text}");
    assert_eq!(log(&desk).await, [format!("smsc de {LEAVING} 1")]);
    let reasons = "SELECT coalesce(reason, '') FROM message_state WHERE state = 'sending'";
    assert_eq!(desk.day.clinic.rows(reasons).await, ["neutrally"]);

    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    let card = reception.get(&format!("/patients/{}/messages", desk.day.patient)).await.body;
    assert!(card.contains("за границу") && !card.contains("кариес"), "{card}");
    let left = "SELECT CAST(count(*) AS TEXT) FROM message
        WHERE secret IS NOT NULL OR abroad LIKE '%/m/' || '______________________'";
    assert_eq!(desk.day.clinic.rows(left).await, ["0"], "the link is taken out of both");
}

#[tokio::test]
async fn what_the_gateway_abroad_would_get_is_refused_when_saved_with_what_to_do() {
    let desk = Desk::open().await;
    move_gateway(&desk, Country::Ru).await;
    let refused = save(&desk, WHOLE).await;
    let is_clinical = |error: &MessagingError| {
        matches!(error, MessagingError::Text(TextError::Clinical(Variable::Doctor)))
    };
    assert!(refused.as_ref().is_err_and(is_clinical), "{refused:?}");
    let plain = "{{ clinic }}: {{ name }}, {{ date }}, {{ time }} {{ link }}";
    save(&desk, plain).await.unwrap();

    let owner = desk.day.clinic.sign_in(Role::Owner).await;
    let path = "/messages/texts/booking_made/ru";
    let typed =
        "source=%7B%7B+service+%7D%7D+%7B%7B+date+%7D%7D+%7B%7B+time+%7D%7D+%7B%7B+link+%7D%7D";
    let answer = owner.post(path, typed).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("говорит о здоровье"), "{}", answer.body);
    // What a variable would say, said in plain words.
    let telling =
        typed.replace("%7B%7B+service+%7D%7D", "%D0%BA%D0%B0%D1%80%D0%B8%D0%B5%D1%81%D0%B0");
    let plainly = owner.post(path, &telling).await;
    assert_eq!(plainly.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(plainly.body.contains("Слово «кариеса» говорит о здоровье"), "{}", plainly.body);
    let shown = owner.post(&format!("{path}/preview"), typed).await.body;
    assert!(shown.contains("Через шлюз за границей уйдёт"), "{shown}");

    // The same in the chain of reminders.
    let step = "SELECT id FROM reminder_step WHERE before_minutes = 1440";
    let step = desk.day.clinic.rows(step).await.remove(0);
    let step = format!("/messages/reminders/steps/{step}");
    let form = format!("amount=1&unit=days&{}", typed.replace("source=", "source_ru="));
    let answer = owner.post(&step, &form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("говорит о здоровье"), "{}", answer.body);
    move_gateway(&desk, Country::Kz).await;
    assert_eq!(owner.post(&step, &form).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_did_not_leave_is_not_in_the_log_and_what_left_twice_is_there_twice() {
    let desk = Desk::open().await;
    let made = desk.day.booked("14:30").await;
    desk.write().await;
    let cancel = format!("UPDATE appointment SET notify = 0 WHERE id = '{}'", made.id);
    desk.day.clinic.write(&cancel).await.unwrap();
    desk.send().await;
    assert_eq!(desk.messages().await, ["booking_made withheld not_wanted"]);
    assert_eq!(log(&desk).await, Vec::<String>::new());

    let again = Desk::open().await;
    again.server.next(crate::peers::smsc::Mood::FailsBefore);
    again.day.booked("14:30").await;
    again.write().await;
    again.send().await;
    // The answer is lost, the gateway denies having it, and so it goes once more.
    for _ in 0..6 {
        again.day.clinic.clinic.clock().advance_ms(2 * 60_000);
        again.send().await;
    }
    assert_eq!(log(&again).await.len(), 2, "each time it was handed over");
}

#[tokio::test]
async fn the_log_is_read_by_person_party_and_day_and_whose_lines_were_read_is_in_the_ledger() {
    let desk = Desk::open().await;
    desk.booked("14:30").await;
    let abroad = format!(
        "INSERT INTO transfer (at, patient_id, purpose, party, country, classes)
         SELECT at - 86400000 * 3, NULL, 'visit_reminder', 'whatsapp', 'us', '{LEAVING}'
         FROM transfer"
    );
    desk.day.clinic.write(&abroad).await.unwrap();
    let officer = desk.day.clinic.sign_in(Role::Compliance).await;
    let path = "/personal-data/transfers";
    let all = officer.get(path).await.body;
    for told in ["SMSC.kz", "WhatsApp", "США", "за границу", "без карты", "контакты"]
    {
        assert!(all.contains(told), "{told}: {all}");
    }
    assert!(!all.contains("Мусин"), "no names: {all}");
    assert!(desk.day.clinic.audited().await.contains(&"transfers.listed".to_owned()));

    let card = "SELECT CAST(number AS TEXT) FROM patient";
    let card = desk.day.clinic.rows(card).await.remove(0);
    let lines = async |query: &str| {
        let body = officer.get(&format!("{path}/export.csv?{query}")).await.body;
        body.lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(lines("").await.len(), 2);
    let own = lines(&format!("card={card}")).await;
    assert_eq!(own.len(), 1);
    assert!(own[0].contains(&format!(",{card},smsc,kz,neutral contact,booking_made")), "{own:?}");
    assert_eq!(lines("card=999").await.len(), 0);
    assert_eq!(lines("party=whatsapp").await.len(), 1);
    assert_eq!(lines("until=20.11.2026").await.len(), 1);
    assert_eq!(lines("from=21.11.2026&party=whatsapp").await.len(), 0);
    let wrong = officer.get(&format!("{path}?from=99.99.9999&card=x")).await;
    assert!(wrong.body.contains("ДД.ММ.ГГГГ") && wrong.body.contains("только цифры"));
    let none = officer.get(&format!("{path}?party=kannel")).await.body;
    assert!(none.contains("Таких передач нет"), "{none}");
    let pdf = officer.raw(&format!("{path}/export.pdf?lang=kk")).await;
    assert!(pdf.starts_with(b"%PDF"));
    let register = officer.get("/personal-data/recipients").await.body;
    assert!(register.contains("/personal-data/transfers?party=smsc"), "{register}");

    let reception = desk.day.clinic.sign_in(Role::Reception).await;
    assert_eq!(reception.get(path).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_asks_learns_to_whom_their_data_went() {
    let desk = Desk::open().await;
    desk.booked("14:30").await;
    let grant = desk.day.clinic.grant::<AnswerRequests>(Role::Compliance).await;
    let inner = &desk.day.clinic.clinic;
    let all = tirkeu::subject_requests::extract(inner, &grant, desk.day.patient).await.unwrap();
    let transfers = all.unwrap().transfers;
    assert_eq!(transfers.len(), 1);
    let one = &transfers[0];
    assert_eq!((one.party.as_str(), one.country, one.times), ("smsc", Country::Kz, 1));
    assert_eq!(one.classes, [Class::Neutral, Class::Contact]);
}
