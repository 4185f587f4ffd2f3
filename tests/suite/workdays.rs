//! The working calendar of Kazakhstan, as the shipped data makes it.

use proptest::prelude::*;
use tirkeu::clock::{Civil, Day};
use tirkeu::schedule::{self, HolidayKind};
use tirkeu::vault::permission::{EditWorkdays, Role, SetUpClinic, ViewWorkdays};
use tirkeu::workdays::{self, DayKind, TermCode, WorkCalendar, WorkdaysError};

use crate::support::{PASSWORD, TestClinic};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn at(text: &str) -> Civil {
    text.parse().unwrap()
}

async fn calendar(clinic: &TestClinic, around: &str) -> WorkCalendar {
    let grant = clinic.grant::<ViewWorkdays>(Role::Compliance).await;
    workdays::calendar(clinic.vault(), &grant, day(around)).await.unwrap()
}

/// Days off on Monday to Friday of a year.
fn off(calendar: &WorkCalendar, year: i16) -> Vec<String> {
    let first = Day::new(year, 1, 1).unwrap();
    let days = (0..366).map(|after| first.plus_days(after)).filter(|day| day.year() == year);
    let off = days.filter(|day| day.weekday() < 6 && !calendar.is_working(*day));
    off.map(|day| day.to_string()[5..].to_owned()).collect()
}

/// KAZAKHSTAN.md 1.7: the official calendar of 2026, and the ones computed for 2027 and 2028.
#[tokio::test]
async fn holidays_move_to_the_next_working_day_as_in_the_official_calendar() {
    let clinic = TestClinic::open().await;
    let calendar = calendar(&clinic, "2027-06-01").await;
    assert_eq!(
        off(&calendar, 2026),
        [
            "01-01", "01-02", "01-07", "03-09", "03-23", "03-24", "03-25", "05-01", "05-07",
            "05-11", "05-27", "07-06", "10-26", "12-16"
        ]
    );
    for moved in [
        "2027-01-04",
        "2027-03-24",
        "2027-05-03",
        "2027-05-10",
        "2028-01-03",
        "2028-01-04",
        "2028-05-08",
        "2028-12-18",
    ] {
        assert_eq!(calendar.kind(day(moved)), DayKind::Holiday, "{moved}");
    }
    assert!(calendar.is_working(day("2027-05-17")), "Kurban Ait on a Sunday is not moved");
    assert_eq!(calendar.kind(day("2027-03-15")), DayKind::Holiday, "Constitution Day, from 2027");
    assert!(calendar.is_working(day("2026-08-31")), "30 August is no holiday any more");
    assert!(!calendar.is_working(day("2025-01-03")) && calendar.is_working(day("2025-01-05")));
    assert_eq!(calendar.kind(day("2025-01-05")), DayKind::Worked);
}

#[tokio::test]
async fn an_incident_of_friday_evening_is_due_at_the_end_of_monday_and_holidays_do_not_count() {
    let clinic = TestClinic::open().await;
    let calendar = calendar(&clinic, "2026-11-27").await;
    let due = |from: &str, days| calendar.deadline(at(from), days).to_string();
    assert_eq!(due("2026-11-27T17:00", 1), "2026-11-30T18:00");
    assert_eq!(due("2026-11-28T09:00", 1), "2026-11-30T18:00", "found on a Saturday");
    assert_eq!(due("2026-03-20T17:00", 1), "2026-03-26T18:00", "Nauryz and its moved days");
    assert_eq!(due("2026-12-15T10:00", 1), "2026-12-17T18:00", "Independence Day");
    assert_eq!(
        due("2026-12-31T10:00", 3),
        "2027-01-08T18:00",
        "New Year, its moved day and 7 January"
    );
    assert_eq!(due("2026-11-27T09:00", 15), "2026-12-21T18:00", "with 16 December in between");
    let left = calendar.left(at("2026-11-27T17:00"), at("2026-11-30T18:00"));
    assert_eq!((left.overdue, left.minutes, left.days), (false, 9 * 60, 1));
}

#[tokio::test]
async fn counting_days_and_hours_agrees_with_itself_whatever_the_day() {
    let clinic = TestClinic::open().await;
    let calendar = calendar(&clinic, "2027-06-01").await;
    let first = day("2025-01-01");
    let moment = |(after, minute): (i64, u16)| Civil::new(first.plus_days(after), minute).unwrap();
    let when = || (0_i64..1800, 0_u16..1440);
    proptest!(ProptestConfig::with_cases(64), |(from in 0_i64..1500, count in 1_u16..40)| {
        let from = first.plus_days(from);
        let end = calendar.plus_working_days(from, count);
        prop_assert!(from < end && calendar.is_working(end));
        prop_assert_eq!(calendar.working_days_between(from, end), i64::from(count));
        let next = calendar.plus_working_days(from, count + 1);
        prop_assert!(end < next, "a longer term ends later");
        prop_assert_eq!(calendar.plus_working_days(end, 1), next);
    });
    proptest!(ProptestConfig::with_cases(64), |(a in when(), b in when(), c in when())| {
        let mut moments = [moment(a), moment(b), moment(c)];
        moments.sort_unstable();
        let [a, b, c] = moments;
        let (ab, bc) = (calendar.minutes_between(a, b), calendar.minutes_between(b, c));
        prop_assert_eq!(ab + bc, calendar.minutes_between(a, c), "hours add up");
        prop_assert!(0 <= ab);
        prop_assert!(ab <= (calendar.working_days_between(a.day(), b.day()) + 1) * 480);
    });
}

/// Migration 0036: `holiday` is the clinic's alone.
#[tokio::test]
async fn a_day_of_the_clinics_own_moves_no_term_of_the_law() {
    let clinic = TestClinic::open().await;
    let before = calendar(&clinic, "2026-11-27").await;
    let grant = clinic.grant::<SetUpClinic>(Role::Owner).await;
    for (on, kind) in [("2026-11-30", HolidayKind::Off), ("2026-12-16", HolidayKind::Work)] {
        schedule::set_holiday(clinic.vault(), &grant, day(on), kind).await.unwrap();
    }
    let after = calendar(&clinic, "2026-11-27").await;
    for term in [1, 3, 15] {
        let from = at("2026-11-27T10:00");
        assert_eq!(before.deadline(from, term), after.deadline(from, term), "{term}");
    }
    assert!(after.is_working(day("2026-11-30")) && !after.is_working(day("2026-12-16")));
}

#[tokio::test]
async fn a_day_moved_by_decree_counts_and_can_be_taken_back_and_nothing_is_erased() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let path = "/personal-data/workdays/day";
    let form =
        |day: &str, kind: &str| format!("day={day}&kind={kind}&name=decree&basis=Decree+7&source=");
    assert_eq!(officer.post(path, &form("30.11.2026", "off")).await.status, 303);
    assert_eq!(officer.post(path, &form("28.11.2026", "work")).await.status, 303);
    let moved = calendar(&clinic, "2026-11-27").await;
    assert_eq!(moved.deadline(at("2026-11-26T17:00"), 2).to_string(), "2026-11-28T18:00");
    assert_eq!(moved.deadline(at("2026-11-28T17:00"), 1).to_string(), "2026-12-01T18:00");
    let page = officer.get("/personal-data/workdays?year=2026").await;
    assert!(page.body.contains("Decree 7") && page.body.contains("рабочий по переносу"));

    officer.post(path, &form("30.11.2026", "by_rule")).await;
    let back = calendar(&clinic, "2026-11-27").await;
    assert!(back.is_working(day("2026-11-30")));
    let kept = clinic.rows("SELECT kind FROM legal_day WHERE day = '2026-11-30' ORDER BY id").await;
    assert_eq!(kept, ["off", "by_rule"]);
    assert!(clinic.write("DELETE FROM legal_day").await.is_err());
    assert!(clinic.write("UPDATE legal_term SET working_days = 30").await.is_err());

    let wrong = officer.post(path, "day=31.02.2026&kind=off&basis=").await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("31.02.2026") && wrong.body.contains("Такой даты нет"));
}

#[tokio::test]
async fn a_term_is_replaced_from_a_day_on_by_somebody_who_proves_who_they_are() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Compliance).await;
    let path = "/personal-data/terms/access";
    let form = "seen=1&working_days=5&basis=Order+9&basis_kk=Order+9&source=&checked_on=23.11.2026&effective_from=24.11.2026";
    let refused = officer.post(path, &format!("{form}&password=guess")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Пароль или код") && refused.body.contains("Order 9"));
    let form = format!("{form}&password={}", PASSWORD.replace(' ', "+"));
    assert_eq!(officer.post(path, &form).await.status, 303);
    assert_eq!(officer.post(path, &form).await.status, 409, "somebody else was first");

    let grant = clinic.grant::<ViewWorkdays>(Role::Owner).await;
    let terms = workdays::terms(clinic.vault(), &grant).await.unwrap();
    let days = |on: &str| terms.in_force(TermCode::Access, day(on)).unwrap().working_days;
    assert_eq!((days("2026-11-23"), days("2026-11-24")), (3, 5), "what runs keeps its term");
}

/// KAZAKHSTAN.md 1.1: 3, 1, 1, 1, 15 and 3 working days; a breach, one.
#[tokio::test]
async fn the_shipped_terms_are_those_of_the_law_and_wait_for_a_lawyer() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<ViewWorkdays>(Role::Owner).await;
    let terms = workdays::terms(clinic.vault(), &grant).await.unwrap();
    let days = TermCode::ALL.map(|code| {
        let term = terms.in_force(code, day("2026-11-27")).unwrap();
        assert!(!term.basis.is_empty() && term.source.starts_with("https://") && !term.confirmed);
        term.working_days
    });
    assert_eq!(days, [1, 1, 3, 1, 1, 1, 15, 3]);
    assert!(clinic.sign_in(Role::Reception).await.get("/personal-data/terms").await.status == 403);
}

#[tokio::test]
async fn the_working_week_is_replaced_from_a_day_on() {
    let clinic = TestClinic::open().await;
    let officer = clinic.sign_in(Role::Owner).await;
    let path = "/personal-data/workdays/hours";
    let form = "seen=1&starts=8&ends=17:00&break_starts=&break_ends=&saturday=on&hours_basis=Order&effective_from=30.11.2026";
    assert_eq!(officer.post(path, form).await.status, 303);
    assert_eq!(officer.post(path, form).await.status, 409);
    let calendar = calendar(&clinic, "2026-11-27").await;
    assert!(!calendar.is_working(day("2026-11-28")) && calendar.is_working(day("2026-12-05")));
    assert_eq!(calendar.deadline(at("2026-11-27T17:00"), 1).to_string(), "2026-11-30T17:00");

    let grant = clinic.grant::<EditWorkdays>(Role::Owner).await;
    let new = workdays::NewHours {
        weekdays: "12345".to_owned(),
        starts: 540,
        ends: 1080,
        pause: None,
        basis: "b".to_owned(),
        source: String::new(),
        checked_on: day("2026-11-23"),
        confirmed: true,
        effective_from: day("2026-12-01"),
    };
    let late = workdays::set_hours(clinic.vault(), &grant, 1, new).await;
    assert!(matches!(late, Err(WorkdaysError::Changed)));
}
