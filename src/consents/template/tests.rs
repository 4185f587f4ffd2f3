//! Wordings, as clinics write them.

use super::*;

const HEAD: &str = "# Согласие\nsms: услугу\nlevel: 2\nself_from: 18\nbasis: Кодекс\n---\n";

fn wording(body: &str) -> Result<Wording, WordingError> {
    Wording::parse(&format!("{HEAD}{body}"))
}

#[test]
fn every_shipped_text_can_be_read_in_both_languages() {
    for (key, russian, kazakh) in SHIPPED {
        let template = Template::parse(key, 1, russian, kazakh).unwrap();
        assert!(template.russian.basis.contains("РК"), "{key}");
        assert!(template.kazakh.basis.contains("ҚР"), "{key}");
        assert_ne!(template.russian.title, template.kazakh.title, "{key}");
    }
}

/// Digital Code art. 47(4): a code from an SMS is a digital confirmation.
#[test]
fn no_shipped_text_promises_an_electronic_signature() {
    for (key, russian, kazakh) in SHIPPED {
        for text in [russian, kazakh] {
            let text = text.to_lowercase();
            for word in
                ["эцп", "электронная подпись", "электронной подпис", "эцқ", "электрондық қолтаңба"]
            {
                assert!(!text.contains(word), "{key}: {word}");
            }
        }
    }
}

/// Law on personal data art. 8(4): whose, what, for what, to whom, abroad,
/// published, until when.
#[test]
fn the_consent_to_data_processing_says_all_that_the_law_asks() {
    let [(_, russian, _), ..] = SHIPPED;
    for part in [
        "{patient}",
        "{requisites}",
        "Срок",
        "Третьим лицам",
        "За границу",
        "общедоступных",
        "Какие данные",
    ] {
        assert!(russian.contains(part), "{part}");
    }
}

#[test]
fn points_on_neighbouring_lines_are_one_list() {
    let parts = wording("Да.\n- раз\n- два\n## Затем\n- три").unwrap().parts;
    assert_eq!(parts.len(), 4);
    assert_eq!(parts[1], Part::List { items: vec!["раз".to_owned(), "два".to_owned()] });
}

#[test]
fn what_cannot_be_read_is_named_by_its_line() {
    assert_eq!(wording("Да.\n[required] без ключа"), Err(WordingError::Line(8)));
    assert_eq!(wording("#Заголовок"), Err(WordingError::Line(7)));
    assert_eq!(wording("{patiente}"), Err(WordingError::Placeholder(7, "patiente".to_owned())));
    assert_eq!(Wording::parse("# Т\nsms: у\n---\nДа."), Err(WordingError::Missing("level")));
    assert_eq!(Wording::parse("# Т\nцвет: у\n---\nДа."), Err(WordingError::Line(2)));
    assert_eq!(Wording::parse("# Т"), Err(WordingError::Missing("---")));
}

#[test]
fn the_two_languages_must_ask_the_same() {
    let russian = format!("{HEAD}[required] agree: Да");
    for (kazakh, what) in [
        (russian.replace("level: 2", "level: 1"), "level"),
        (russian.replace("self_from: 18", "self_from: 16"), "self_from"),
        (russian.replace("required", "optional"), "[required], [optional]"),
    ] {
        let outcome = Template::parse("x", 1, &russian, &kazakh);
        assert_eq!(outcome, Err(WordingError::LanguagesDiffer(what)));
    }
}

#[test]
fn a_version_is_known_by_every_letter_of_both_texts() {
    let russian = format!("{HEAD}Да.");
    let template = Template::parse("x", 1, &russian, &russian).unwrap();
    let edited = Template::parse("x", 1, &russian, &format!("{HEAD}Да!")).unwrap();
    assert_ne!(template.sha256(), edited.sha256());
}
