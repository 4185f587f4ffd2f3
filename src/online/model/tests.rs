//! What patients may book by themselves: limits, days and answers, pure.

use proptest::prelude::*;

use super::*;

fn settings() -> Settings {
    Settings {
        asks: false,
        enabled: true,
        notice_minutes: 120,
        urgent_minutes: 30,
        horizon_days: 60,
        hold_minutes: 240,
        most_open: 3,
        no_shows: 2,
        no_show_days: 365,
        cooldown_seconds: 60,
        codes_per_request: 3,
        codes_per_phone: 5,
        codes_per_net: 20,
        plain_per_net: 3,
        plain_per_day: 30,
        codes_per_day: 200,
        alarm_at: 120,
        work_bits: 18,
        sites: Vec::new(),
        map_url: String::new(),
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix_ms(1_790_000_000_000)
}

#[test]
fn each_limit_refuses_by_itself_and_says_which_it_was() {
    let (settings, none) = (settings(), Sent::default());
    assert_eq!(may_send(&settings, &none, true, now()), Ok(()));
    let cases = [
        (Sent { request: 3, ..none }, Capped::Request),
        (Sent { phone: 5, ..none }, Capped::Phone),
        (Sent { net: 20, ..none }, Capped::Net),
        (Sent { all: 200, ..none }, Capped::Clinic),
        (Sent { last: Some(now().plus_ms(-1500)), ..none }, Capped::TooSoon { seconds: 59 }),
    ];
    for (sent, capped) in cases {
        assert_eq!(may_send(&settings, &sent, true, now()), Err(capped));
    }
}

#[test]
fn without_proof_of_work_the_limits_are_stricter() {
    let (settings, none) = (settings(), Sent::default());
    for (sent, capped) in
        [(Sent { plain_net: 3, ..none }, Capped::Net), (Sent { plain: 30, ..none }, Capped::Clinic)]
    {
        assert_eq!(may_send(&settings, &sent, false, now()), Err(capped));
        assert_eq!(may_send(&settings, &sent, true, now()), Ok(()));
    }
}

#[test]
fn a_day_of_birth_is_a_year_or_a_day_that_was() {
    let today: Day = "2026-11-23".parse().unwrap();
    let read = |text| Birth::read(text, today).map(Birth::text);
    for day in ["17.05.1990", "17/5/1990", "1990-05-17", " 17 05 1990 "] {
        assert_eq!(read(day).as_deref(), Some("1990-05-17"), "{day}");
    }
    assert_eq!(read("1990").as_deref(), Some("1990"));
    for odd in ["", "90", "31.02.1990", "2027", "24.11.2026", "1899", "вчера", "1.2.3.4"] {
        assert_eq!(read(odd), None, "{odd}");
    }
}

#[test]
fn where_somebody_came_from_is_a_code_or_nothing() {
    for (typed, kept) in [("2GIS", "2gis"), ("google", "google"), (" spring-26 ", "spring-26")] {
        assert_eq!(code(typed), kept);
    }
    for odd in ["Иванова Анна", "a b", "<b>", "87012345678", &"a".repeat(41)] {
        assert_eq!(code(odd), "", "{odd}");
    }
}

#[test]
fn what_may_be_booked_begins_after_the_notice_and_ends_with_the_horizon() {
    let now: Civil = "2026-11-23T08:00".parse().unwrap();
    let usual = settings().window(now, false);
    let at = |text: &str| text.parse::<Civil>().unwrap();
    assert!(!usual.holds(at("2026-11-23T09:55")) && usual.holds(at("2026-11-23T10:00")));
    assert!(usual.holds(at("2027-01-22T23:55")) && !usual.holds(at("2027-01-23T00:00")));
    assert!(settings().window(now, true).holds(at("2026-11-23T08:30")));
}

proptest! {
    #[test]
    fn no_text_makes_a_day_of_birth_stumble(text in "\\PC{0,20}") {
        let today: Day = "2026-11-23".parse().unwrap();
        if let Some(born) = Birth::read(&text, today) {
            prop_assert_eq!(Birth::read(&born.text(), today), Some(born));
        }
    }

    #[test]
    fn a_code_is_a_code_again(text in "\\PC{0,60}") {
        let once = code(&text);
        prop_assert_eq!(code(&once), once);
    }
}
