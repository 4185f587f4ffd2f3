//! Codes: bound, short-lived, few.

use super::*;

const NOW: i64 = 1_790_000_000_000;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_unix_ms(NOW + ms)
}

fn to_phone(phone: u32) -> Today {
    Today { phone, clinic: phone }
}

fn pepper() -> HmacKey {
    HmacKey::new(b"pepper")
}

fn binding() -> Binding {
    Binding {
        consent: ConsentId::new(at(0)),
        document: [1; 32],
        signature: Some([2; 32]),
        phone: "+77011234578".to_owned(),
        session: "kiosk-1".to_owned(),
    }
}

#[test]
fn the_right_code_is_right_until_its_last_millisecond() {
    let binding = binding();
    let (issued, code) = issue(&binding, &pepper(), &Random::fixed(1), at(0));
    let check = |ms| super::check(&issued, &binding, &pepper(), &code, at(ms));
    assert_eq!(check(0), Verdict::Right);
    assert_eq!(check(LIFETIME_MS), Verdict::Right);
    assert_eq!(check(LIFETIME_MS + 1000), Verdict::Gone);
}

#[test]
fn a_code_is_worthless_for_anything_else() {
    let bound = binding();
    let (issued, code) = issue(&bound, &pepper(), &Random::fixed(1), at(0));
    let wrong = Verdict::Wrong { left: 4 };
    for (other, verdict) in [
        (Binding { consent: ConsentId::new(at(0)), ..bound.clone() }, wrong),
        (Binding { document: [9; 32], ..bound.clone() }, Verdict::DocumentChanged),
        (Binding { signature: None, ..bound.clone() }, wrong),
        (Binding { signature: Some([3; 32]), ..bound.clone() }, wrong),
        (Binding { phone: "+77011234579".to_owned(), ..bound.clone() }, wrong),
        (Binding { session: "kiosk-2".to_owned(), ..bound.clone() }, wrong),
    ] {
        assert_eq!(check(&issued, &other, &pepper(), &code, at(1)), verdict, "{other:?}");
    }
    assert_eq!(check(&issued, &bound, &HmacKey::new(b"other"), &code, at(1)), wrong);
}

#[test]
fn five_wrong_tries_kill_a_code_and_the_right_one_comes_too_late() {
    let binding = binding();
    let (mut issued, code) = issue(&binding, &pepper(), &Random::fixed(1), at(0));
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for left in [4, 3, 2, 1, 0] {
        let verdict = check(&issued, &binding, &pepper(), wrong, at(1));
        assert_eq!(verdict, Verdict::Wrong { left });
        issued.wrong += 1;
    }
    assert_eq!(check(&issued, &binding, &pepper(), wrong, at(1)), Verdict::Dead);
    assert_eq!(check(&issued, &binding, &pepper(), &code, at(1)), Verdict::Dead);
}

#[test]
fn a_code_works_once_and_only_the_newest_does() {
    let binding = binding();
    let (issued, code) = issue(&binding, &pepper(), &Random::fixed(1), at(0));
    let used = Issued { used_at: Some(at(1)), ..issued.clone() };
    let replaced = Issued { replaced_at: Some(at(1)), ..issued };
    assert_eq!(check(&used, &binding, &pepper(), &code, at(2)), Verdict::Gone);
    assert_eq!(check(&replaced, &binding, &pepper(), &code, at(2)), Verdict::Gone);
}

#[test]
fn the_next_code_waits_a_minute_and_the_fourth_never_comes() {
    assert_eq!(may_send(&[], Today::default(), at(0)), Ok(()));
    let refused = may_send(&[at(0)], to_phone(1), at(59_001));
    assert_eq!(refused, Err(SendRefusal::TooSoon { seconds: 1 }));
    assert_eq!(may_send(&[at(0)], to_phone(1), at(60_000)), Ok(()));
    let three = [at(0), at(60_000), at(120_000)];
    assert_eq!(may_send(&three, to_phone(3), at(999_000)), Err(SendRefusal::ConsentSpent));
}

#[test]
fn one_phone_gets_five_codes_a_day() {
    assert_eq!(may_send(&[], to_phone(4), at(0)), Ok(()));
    assert_eq!(may_send(&[], to_phone(5), at(0)), Err(SendRefusal::PhoneSpent));
}

#[test]
fn the_clinic_sends_three_hundred_codes_a_day() {
    let of_clinic = |clinic| Today { phone: 0, clinic };
    assert_eq!(may_send(&[], of_clinic(299), at(0)), Ok(()));
    assert_eq!(may_send(&[], of_clinic(300), at(0)), Err(SendRefusal::ClinicSpent));
    assert_eq!(MANY_CODES, 210);
}

#[test]
fn spaces_between_the_digits_do_no_harm() {
    let binding = binding();
    let (issued, code) = issue(&binding, &pepper(), &Random::fixed(3), at(0));
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    assert_eq!(check(&issued, &binding, &pepper(), &spaced, at(1)), Verdict::Right);
}
