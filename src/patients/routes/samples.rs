//! Every page with every part that it can show.

use super::card::{CardView, PatientCard, SectionView};
use super::edit::PatientEdit;
use super::finding::{FoundItem, FoundList, PatientsPage};
use crate::clock::Timestamp;
use crate::contact::{Email, Iin, Sex};
use crate::i18n::Language;
use crate::ids::PatientId;
use crate::pages::View;
use crate::patients::blocking::Block;
use crate::patients::{Brief, Mask, Patient, PatientForm};
use crate::web::FieldErrors;

const NOW: i64 = 1_795_402_800_000;
const OPEN: Mask = Mask { contacts: true, warnings: true, iin: true };
const CLOSED: Mask = Mask { contacts: false, warnings: false, iin: false };

fn brief() -> Brief {
    let id = PatientId::new(Timestamp::from_unix_ms(NOW));
    let phone = Some("+77012345678".to_owned());
    let birth_date = "1984-05-12".parse().ok();
    Brief {
        id,
        number: 1482,
        name: "Musin Erzhan".to_owned(),
        birth_date,
        phone,
        allergy: true,
        masked: false,
    }
}

fn patient() -> Patient {
    Patient {
        id: brief().id,
        number: 1482,
        surname: "Musin".to_owned(),
        given: "Erzhan".to_owned(),
        patronymic: String::new(),
        name: "Musin Erzhan".to_owned(),
        birth_date: "1984-05-12".parse().ok(),
        sex: Some(Sex::Male),
        iin: Iin::parse("850101300005").ok(),
        iin_unverified: None,
        language: Language::Kk,
        allergy: "lidocaine".to_owned(),
        source: "2GIS".to_owned(),
        note: "calls after 17".to_owned(),
        version: 1,
        registered_at: Timestamp::from_unix_ms(NOW),
        merged_into: None,
        phones: vec!["+77012345678".to_owned()],
        other_contacts: vec!["234-56".to_owned()],
        email: Email::parse("erzhan@example.kz").ok(),
        email_refused: true,
    }
}

impl View for FoundList {
    const TEMPLATE: &'static str = "patients/found.html";

    fn samples() -> Vec<Self> {
        let found = vec![FoundItem::of(brief())];
        let none = Self { query: "x".to_owned(), may_add: false, found: Vec::new() };
        let fresh = Self { query: String::new(), may_add: true, found: Vec::new() };
        vec![Self { query: "701".to_owned(), may_add: true, found }, none, fresh]
    }
}

impl View for PatientsPage {
    const TEMPLATE: &'static str = "patients/list.html";

    fn samples() -> Vec<Self> {
        let full = Self { patients: vec![brief()], count: 51, may_add: true, next: Some(1482) };
        vec![full, Self { patients: Vec::new(), count: 0, may_add: false, next: None }]
    }
}

impl View for PatientCard {
    const TEMPLATE: &'static str = "patients/card.html";

    fn samples() -> Vec<Self> {
        let today = "2026-11-23".parse().expect("a day");
        let section = |label| SectionView { id: "x", href: "/x".to_owned(), label };
        let full = Self {
            patient: CardView::of(patient(), today, OPEN),
            emergency: Some(Timestamp::from_unix_ms(NOW)),
            may_open_emergency: true,
            may_book: true,
            may_edit: true,
            may_merge: true,
            merged: None,
            block: None,
            may_ask: true,
            facts: vec![section("patients-title")],
            main: vec![section("patients-title")],
            side: vec![section("patients-title")],
        };
        let mut bare = patient();
        (bare.birth_date, bare.iin, bare.sex) = (None, None, None);
        (bare.phones, bare.other_contacts, bare.email) = Default::default();
        (bare.allergy, bare.note, bare.source) = Default::default();
        bare.iin_unverified = Some("123".to_owned());
        let mut hidden = patient();
        hidden.iin = None;
        let hidden = Self {
            patient: CardView::of(hidden, today, CLOSED),
            emergency: None,
            may_open_emergency: true,
            may_book: false,
            may_edit: false,
            may_merge: false,
            merged: None,
            block: None,
            may_ask: true,
            facts: Vec::new(),
            main: Vec::new(),
            side: Vec::new(),
        };
        let bare = Self {
            patient: CardView::of(bare, today, OPEN),
            emergency: None,
            may_open_emergency: false,
            may_book: false,
            may_edit: false,
            may_merge: false,
            merged: Some(12),
            block: Some(Block::sample()),
            may_ask: false,
            facts: Vec::new(),
            main: Vec::new(),
            side: Vec::new(),
        };
        vec![full, hidden, bare]
    }
}

impl View for PatientEdit {
    const TEMPLATE: &'static str = "patients/edit.html";

    fn samples() -> Vec<Self> {
        let known = Self::known(&patient(), PatientForm::of(&patient(), OPEN), OPEN);
        let masked = Self::known(&patient(), PatientForm::of(&patient(), CLOSED), CLOSED);
        let mut refused = Self::of(None, PatientForm::default());
        refused.errors = FieldErrors::from([
            ("iin", "patients-error-iin-check".to_owned()),
            ("phone", "patients-error-phone".to_owned()),
            ("email", "patients-error-email".to_owned()),
        ]);
        (refused.offer_iin_anyway, refused.iin_owner) = (true, Some(brief().id));
        let mut conflict = Self::known(&patient(), PatientForm::of(&patient(), OPEN), OPEN);
        conflict.now_says = Some(PatientForm::of(&patient(), OPEN));
        vec![known, masked, refused, conflict]
    }
}
