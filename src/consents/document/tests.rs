//! Documents: what stands in them, and that one document is one text.

use super::*;
use crate::consents::template::SHIPPED;

pub(in crate::consents) const NOW: i64 = 1_790_000_000_000;

pub(in crate::consents) fn document(key: &str, language: Language) -> Document {
    let now = Timestamp::from_unix_ms(NOW);
    let (key, russian, kazakh) = SHIPPED.into_iter().find(|text| text.0 == key).unwrap();
    let template = Template::parse(key, 1, russian, kazakh).unwrap();
    let fact = |name: &str, value: &str| Fact { name: name.to_owned(), value: value.to_owned() };
    Document::prepare(Order {
        consent: ConsentId::new(now),
        number: "2026-000042".to_owned(),
        template: &template,
        language,
        level: template.level(),
        clinic: ClinicFacts {
            name: "ТОО «Арай Дент»".to_owned(),
            bin: "190340012348".to_owned(),
            address: "г. Алматы, пр. Абая, 52".to_owned(),
            responsible: "Сейтова А. Н.".to_owned(),
            phone: "+77273550000".to_owned(),
            ..ClinicFacts::default()
        },
        patient: PatientFacts {
            id: PatientId::new(now),
            name: "Қайырбекұлы Әділ Өмірұлы".to_owned(),
            born: "1990-05-17".to_owned(),
            iin_last4: "0123".to_owned(),
        },
        particulars: Particulars::default(),
        facts: vec![fact("Услуга", "Лечение кариеса"), fact("Стоимость", "28\u{a0}000\u{a0}₸")],
        labels: Labels {
            version: "редакция".to_owned(),
            signature: "Подпись пациента".to_owned(),
            staff: "Сотрудник клиники".to_owned(),
            bin: "БИН".to_owned(),
            licence: "лицензия".to_owned(),
            ..Labels::default()
        },
        now,
    })
}

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|&key| key.to_owned()).collect()
}

#[test]
fn every_shipped_text_prints_in_both_languages() {
    for (key, ..) in SHIPPED {
        for language in [Language::Russian, Language::Kazakh] {
            let document = document(key, language);
            let text = document.canonical();
            assert!(text.contains("Қайырбекұлы"), "{key}");
            assert!(!text.contains('{') || !text.contains("{patient}"), "{key}");
            let printed = document.print().unwrap();
            assert!(printed.pages <= 2, "{key} {language:?} {}", printed.pages);
        }
    }
}

#[test]
fn a_part_that_names_what_is_not_there_is_left_out() {
    let without = document("dental-treatment", Language::Russian);
    assert!(!without.parts.iter().any(|part| matches!(part, Part::Boxed { .. })));

    let part = Part::Boxed { text: "Аллергия: {allergy}.".to_owned() };
    let value = |name: &str| (name == "allergy").then(|| "лидокаин".to_owned());
    let filled = fill(&part, &value);
    assert_eq!(filled, Some(Part::Boxed { text: "Аллергия: лидокаин.".to_owned() }));
}

#[test]
fn what_the_clinic_has_not_given_is_named_as_missing() {
    let labels = Labels {
        bin: "БИН".to_owned(),
        address: "адрес".to_owned(),
        missing: "не заполнено".to_owned(),
        ..Labels::default()
    };
    let mut clinic = ClinicFacts { name: "Арай".to_owned(), ..ClinicFacts::default() };
    assert_eq!(clinic.requisites(&labels), "Арай (БИН: не заполнено, адрес: не заполнено)");
    assert_eq!(labels.or_missing(clinic.contacts()).as_deref(), Some("не заполнено"));
    clinic.bin = "190340012348".to_owned();
    clinic.address = "Абая, 52".to_owned();
    assert_eq!(clinic.requisites(&labels), "Арай (БИН 190340012348, Абая, 52)");
}

#[test]
fn a_document_of_before_a_detail_existed_keeps_its_bytes() {
    let facts = ClinicFacts { name: "Арай".to_owned(), ..ClinicFacts::default() };
    let text = serde_json::to_string(&facts).unwrap();
    assert!(!text.contains("email") && !text.contains("responsible"), "{text}");
    assert_eq!(serde_json::from_str::<ClinicFacts>(&text).unwrap(), facts);
    assert!(!serde_json::to_string(&Labels::default()).unwrap().contains("missing"));
}

#[test]
fn no_box_is_ticked_for_the_patient() {
    for (key, ..) in SHIPPED {
        let document = document(key, Language::Kazakh);
        assert!(document.checks().all(|(.., ticked)| !ticked), "{key}");
    }
}

#[test]
fn a_required_box_that_is_empty_is_named() {
    let mut document = document("personal-data", Language::Russian);
    let refused = document.tick(&keys(&["laboratory"]));
    assert_eq!(refused, Err(TickError::Required(keys(&["processing"]))));
    assert!(document.checks().all(|(.., ticked)| !ticked));
    assert_eq!(document.tick(&keys(&["other"])), Err(TickError::Unknown));

    document.tick(&keys(&["processing"])).unwrap();
    let ticked: Vec<_> = document.checks().map(|(.., ticked)| ticked).collect();
    assert_eq!(ticked, [true, false]);
}

#[test]
fn each_tick_and_each_letter_makes_another_document() {
    let plain = document("personal-data", Language::Russian);
    let mut ticked = plain.clone();
    ticked.tick(&keys(&["processing"])).unwrap();
    let mut renamed = plain.clone();
    renamed.patient.name.push('а');
    let hash = |document: &Document| hash::sha256(&document.print().unwrap().bytes);
    assert_eq!(hash(&plain), hash(&plain.clone()));
    assert_ne!(hash(&plain), hash(&ticked));
    assert_ne!(hash(&plain), hash(&renamed));
}

#[test]
fn a_document_survives_its_json() {
    let document = document("treatment", Language::Kazakh);
    let read: Document = serde_json::from_str(&document.canonical()).unwrap();
    assert_eq!(read, document);
    assert_eq!(read.canonical(), document.canonical());
}

#[test]
fn the_short_id_is_the_beginning_of_the_hash() {
    let mut digest = [0; 32];
    digest[..4].copy_from_slice(&[0xa1, 0xb2, 0xc3, 0xd4]);
    assert_eq!(short_id(&digest), "A1B2-C3D4");
}
