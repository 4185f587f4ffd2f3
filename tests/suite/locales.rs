//! The words of the interface are complete in every language.

use tirkeu::i18n::{Language, Words};
use tirkeu::vault::permission::{self, Role};

#[test]
fn every_key_exists_in_every_language() {
    Words::load();
    let russian = Words::keys(Language::Ru);
    let mut twice = russian.clone();
    twice.dedup();
    assert_eq!(russian, twice, "a key stands twice");
    for language in [Language::Kk, Language::En] {
        let keys = Words::keys(language);
        let missing: Vec<_> = russian.iter().filter(|key| !keys.contains(key)).collect();
        let extra: Vec<_> = keys.iter().filter(|key| !russian.contains(key)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{language}: {missing:?} / {extra:?}");
    }
}

#[test]
fn every_permission_that_people_can_have_is_said_in_words() {
    let keys = Words::keys(Language::Ru);
    for (name, roles) in permission::ALL {
        let key = format!("access-right-{}", name.replace(['.', '_'], "-"));
        let held = Role::STAFF.iter().any(|role| roles.contains(role));
        assert!(!held || keys.contains(&key), "locales/*/access.ftl: say {key}");
        let room = format!("access-room-{}", name.split('.').next().unwrap());
        assert!(!held || keys.contains(&room), "locales/*/access.ftl: say {room}");
    }
}
