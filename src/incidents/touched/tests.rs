//! Whose data was touched, by hand-made entries.

use proptest::prelude::*;

use super::*;
use crate::incidents::model::{Listed, list_hash};

fn person(number: u8) -> PatientId {
    format!("01900000-0000-7000-8000-0000000000{number:02x}").parse().unwrap()
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_unix_ms(1_795_402_800_000 + minute * 60_000)
}

fn touch(minute: i64, action: &str, people: &[u8]) -> Touch {
    Touch {
        at: at(minute),
        action: action.to_owned(),
        session: Some("0badcafe".to_owned()),
        ip: None,
        device: None,
        people: people.iter().map(|number| person(*number)).collect(),
    }
}

#[test]
fn each_person_is_listed_once_with_all_that_was_shown_of_them() {
    let touches = [
        touch(1, "patients.found", &[1, 2]),
        touch(2, "patient.viewed", &[2]),
        touch(9, "patient.iin_shown", &[2]),
    ];
    let list = affected(&touches, at(0));

    let short: Vec<_> = list.iter().map(|one| (one.patient_id, one.times)).collect();
    assert_eq!(short, [(person(1), 1), (person(2), 3)]);
    assert_eq!((list[1].first, list[1].last), (Some(at(1)), Some(at(9))));
    assert!(list[1].fields.contains(&Field::Identity) && list[1].fields.contains(&Field::Visits));
    assert!(!list[0].fields.contains(&Field::Identity));
}

#[test]
fn a_look_within_the_hour_before_is_a_doubt_and_a_change_before_is_none() {
    let touches = [
        touch(-30, "patient.viewed", &[1, 2]),
        touch(-20, "appointment.booked", &[3]),
        touch(5, "patient.viewed", &[2]),
    ];
    let list = affected(&touches, at(0));

    let short: Vec<_> = list.iter().map(|one| (one.patient_id, one.doubtful)).collect();
    assert_eq!(short, [(person(2), false), (person(1), true)]);
    assert_eq!(list[0].times, 1, "what was before does not count for those who are sure");
}

#[test]
fn whoever_was_refused_saw_nothing() {
    let touches = [touch(1, "permission.denied", &[1]), touch(2, "patient.blocked", &[2])];
    assert!(affected(&touches, at(0)).is_empty());
}

#[test]
fn a_list_that_differs_in_anything_has_another_hash() {
    let one = Listed {
        patient_id: person(1),
        card: 1,
        times: 1,
        first_at: Some(at(0)),
        last_at: Some(at(1)),
        fields: vec![Field::Contact],
        ways: vec![Way::Seen],
        doubtful: false,
    };
    let two = Listed { patient_id: person(2), ..one.clone() };
    let hash = list_hash(&[one.clone(), two.clone()]);
    assert_eq!(hash, list_hash(&[two.clone(), one.clone()]), "the order does not matter");
    assert_ne!(hash, list_hash(std::slice::from_ref(&one)));
    assert_ne!(hash, list_hash(&[Listed { times: 2, ..one.clone() }, two.clone()]));
    assert_ne!(hash, list_hash(&[Listed { fields: vec![], ..one }, two]));
}

proptest! {
    #[test]
    fn nobody_who_was_touched_is_left_out_and_nobody_else_is_listed(
        entries in proptest::collection::vec((0_i64..500, proptest::collection::vec(0_u8..20, 0..6)), 0..30)
    ) {
        let touches: Vec<Touch> =
            entries.iter().map(|(minute, who)| touch(*minute, "patients.found", who)).collect();
        let expected: BTreeSet<PatientId> =
            entries.iter().flat_map(|(_, who)| who.iter().map(|number| person(*number))).collect();
        let list = affected(&touches, at(0));
        let found: BTreeSet<PatientId> = list.iter().map(|one| one.patient_id).collect();
        prop_assert_eq!(found.len(), list.len());
        prop_assert_eq!(found, expected);
    }
}
