//! The dates of SECURITY.md 9.5 and what they must always hold to.

use proptest::prelude::*;

use super::*;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn rule(code: Code, years: i64, until_age: Option<i64>) -> Rule {
    Rule {
        code,
        version: 1,
        years,
        until_age,
        combine: until_age.map(|_| Combine::Later),
        start: code.start(),
        basis: "law".to_owned(),
        basis_kk: "заң".to_owned(),
        source: String::new(),
        checked_on: day("2026-11-22"),
        confirmed: false,
        effective_from: day("2020-11-01"),
        effective_to: None,
        made_at: Timestamp::from_unix_ms(0),
        made_by: None,
    }
}

fn shipped() -> Rules {
    Rules::new(vec![
        rule(Code::DentalCard, 75, Some(75)),
        rule(Code::OutpatientCard, 25, None),
        rule(Code::InpatientCard, 25, None),
        rule(Code::VisitJournal, 5, None),
        rule(Code::Consent, 0, None),
    ])
}

fn facts(code: Code, birth: Option<&str>) -> CardFacts {
    CardFacts {
        code,
        registered: day("2020-02-02"),
        last_entry: Some(day("2026-11-23")),
        birth: birth.map(day),
        discharged: None,
        held: false,
    }
}

const TODAY: &str = "2026-11-30";

/// SECURITY.md, T9.9.
#[test]
fn the_fixtures_of_the_specification_hold() {
    let due = |facts: &CardFacts| shipped().card(facts, day(TODAY)).due;

    let child = facts(Code::DentalCard, Some("2016-05-05"));
    assert_eq!(due(&child), Some(day("2102-01-01")));
    let old = facts(Code::DentalCard, Some("1946-05-05"));
    assert_eq!(due(&old), Some(day("2102-01-01")));
    assert_eq!(due(&facts(Code::OutpatientCard, None)), Some(day("2052-01-01")));
    let held = CardFacts { held: true, ..child };
    let fate = shipped().card(&held, day(TODAY));
    assert_eq!((fate.due, fate.why), (None, Why::Held));
}

#[test]
fn read_the_other_way_the_dental_card_ends_with_the_75th_birthday() {
    let mut dental = rule(Code::DentalCard, 75, Some(75));
    dental.combine = Some(Combine::Earlier);
    let rules = Rules::new(vec![dental]);
    let fate = rules.card(&facts(Code::DentalCard, Some("1960-07-01")), day(TODAY));

    assert_eq!((fate.due, fate.why), (Some(day("2036-01-01")), Why::Age));
    let unknown = rules.card(&facts(Code::DentalCard, None), day(TODAY));
    assert_eq!(unknown.due, Some(day("2102-01-01")));
}

#[test]
fn an_inpatient_card_counts_from_the_discharge_and_is_kept_until_there_is_one() {
    let card = |discharged: Option<&str>, last_entry: Option<&str>| {
        let facts = CardFacts {
            discharged: discharged.map(day),
            last_entry: last_entry.map(day),
            ..facts(Code::InpatientCard, None)
        };
        let fate = shipped().card(&facts, day(TODAY));
        (fate.due, fate.why)
    };
    assert_eq!(card(None, Some("2026-11-23")), (None, Why::NotDischarged));
    assert_eq!(card(Some("2024-03-05"), None), (Some(day("2050-01-01")), Why::Years));
    let came_back = card(Some("2024-03-05"), Some("2026-11-23"));
    assert_eq!(came_back, (Some(day("2052-01-01")), Why::Years));
}

#[test]
fn a_card_without_a_visit_counts_from_its_registration() {
    let never = CardFacts { last_entry: None, ..facts(Code::OutpatientCard, None) };

    assert_eq!(shipped().card(&never, day(TODAY)).due, Some(day("2046-01-01")));
}

#[test]
fn the_journal_keeps_a_visit_for_five_whole_years_after_its_own() {
    let visit = |text| shipped().visit(day(text), false, day(TODAY)).due;

    assert_eq!(visit("2026-01-01"), Some(day("2032-01-01")));
    assert_eq!(visit("2026-12-31"), Some(day("2032-01-01")));
    assert_eq!(shipped().visit(day("2026-01-01"), true, day(TODAY)).due, None);
}

#[test]
fn without_a_rule_in_force_everything_is_kept() {
    let none = Rules::new(Vec::new());
    let early = day("2019-01-01");

    assert_eq!(none.visit(day("2000-01-01"), false, day(TODAY)).why, Why::NoRule);
    assert_eq!(shipped().visit(day("2000-01-01"), false, early).due, None);
    let card = none.card(&facts(Code::DentalCard, None), day(TODAY));
    assert_eq!(shipped().consent(day("2026-01-01"), &card, day(TODAY)).due, None);
}

#[test]
fn a_new_version_counts_from_its_day_and_the_old_one_until_then() {
    let mut longer = rule(Code::VisitJournal, 10, None);
    longer.version = 2;
    longer.effective_from = day("2027-01-01");
    let rules = Rules::new(vec![rule(Code::VisitJournal, 5, None), longer]);
    let due = |today| rules.visit(day("2026-06-01"), false, day(today)).due;

    assert_eq!(due("2026-12-31"), Some(day("2032-01-01")));
    assert_eq!(due("2027-01-01"), Some(day("2037-01-01")));
    assert_eq!(rules.history(Code::VisitJournal)[0].version, 2);
}

proptest! {
    #[test]
    fn no_consent_ends_before_its_card_and_no_record_before_its_years(
        entry in 0_i64..40_000, birth in 0_i64..40_000, kind in 0_usize..3,
    ) {
        let code = [Code::DentalCard, Code::OutpatientCard, Code::InpatientCard][kind];
        let born = day("1930-01-01").plus_days(birth.min(entry));
        let last = day("1930-01-01").plus_days(entry);
        let facts = CardFacts {
            code, registered: born, last_entry: Some(last), discharged: Some(last),
            birth: Some(born), held: false,
        };
        let card = shipped().card(&facts, day(TODAY));
        let consent = shipped().consent(last, &card, day(TODAY));
        let years = shipped().in_force(code, day(TODAY)).unwrap().years;

        prop_assert!(card.due <= consent.due);
        let end = card.due.unwrap();
        prop_assert!(i64::from(end.year()) > i64::from(last.year()) + years);
        if code == Code::DentalCard {
            prop_assert!(i64::from(end.year()) > i64::from(born.year()) + 75);
        }
    }
}
