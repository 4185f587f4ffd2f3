//! Counting people: a warning before a class is reached, never after.

use proptest::prelude::*;

use super::*;

fn limits() -> Limits {
    let limit = |code, value| Limit {
        code,
        version: 1,
        value,
        basis_ru: "Закон".to_owned(),
        basis_kk: "Заң".to_owned(),
        source: String::new(),
        checked_on: "2026-11-27".parse().unwrap(),
        confirmed: false,
        effective_from: "2026-08-25".parse().unwrap(),
        made_at: Timestamp::from_unix_ms(0),
        made_by: None,
    };
    Limits(vec![
        limit(LimitCode::SmallPeople, 10_000),
        limit(LimitCode::MediumPeople, 500_000),
        limit(LimitCode::BiometricPeople, 100_000),
        limit(LimitCode::WarnPercent, 90),
    ])
}

fn with(patients: i64) -> Standing {
    let people = People { patients, staff: 0, applicants: 0 };
    Standing::of(people, &limits(), "2026-11-27".parse().unwrap())
}

#[test]
fn the_clinic_is_warned_at_nine_thousand_and_treated_as_large_beyond_ten() {
    assert_eq!(with(8_999).thresholds[0].reach, Reach::Far);
    assert_eq!(with(9_000).thresholds[0].reach, Reach::Near);
    let full = with(10_000);
    assert_eq!(
        (full.class, full.treated_as, full.must_notify),
        (Class::Small, Class::Medium, false)
    );
    let over = with(10_001);
    assert_eq!(
        (over.class, over.treated_as, over.must_notify),
        (Class::Medium, Class::Large, true)
    );
    assert_eq!(over.thresholds[0].reach, Reach::Crossed);
    assert_eq!(over.next().map(|next| next.at), Some(100_000));
    assert_eq!(with(89_999).next().map(|next| next.reach), Some(Reach::Far));
    assert_eq!(with(90_000).next().map(|next| next.reach), Some(Reach::Near));
    assert_eq!(with(500_000).class, Class::Large);
    assert_eq!(with(500_000).next(), None);
}

#[test]
fn before_the_law_there_are_no_thresholds() {
    let people = People { patients: 20_000, staff: 3, applicants: 1 };
    let before = Standing::of(people, &limits(), "2026-08-24".parse().unwrap());
    assert!(before.thresholds.is_empty() && before.total == 20_004);
}

proptest! {
    /// More people are never a smaller clinic, and no warning comes after its threshold.
    #[test]
    fn classes_only_grow_with_the_number_of_people(few in 0_i64..700_000, more in 0_i64..700_000) {
        let (less, greater) = (with(few.min(more)), with(few.max(more)));
        prop_assert!(less.class <= greater.class && less.treated_as <= greater.treated_as);
        for (one, other) in less.thresholds.iter().zip(&greater.thresholds) {
            prop_assert!(one.reach <= other.reach);
        }
    }
}
