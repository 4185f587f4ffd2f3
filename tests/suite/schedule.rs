//! What the clinic is made of and when it works.

use tirkeu::clock::Day;
use tirkeu::ids::{BranchId, ResourceId};
use tirkeu::schedule::{
    self, ClinicDraft, ExceptionDraft, ExceptionReason, HolidayKind, OneDay, PatternDraft,
    Requisites, ResourceDraft, ResourceKind, ScheduleError, ServiceDraft, Shift, Span,
};
use tirkeu::vault::Grant;
use tirkeu::vault::permission::{Role, SetUpClinic, ViewClinic};

use crate::support::TestClinic;

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

struct Made {
    grant: Grant<SetUpClinic>,
    branch: BranchId,
    doctor: ResourceId,
    chair: ResourceId,
}

/// A clinic with a doctor and a chair.
async fn made(clinic: &TestClinic) -> Made {
    let grant = clinic.grant::<SetUpClinic>(Role::Reception).await;
    let draft = ClinicDraft {
        name: "Арай Дент".to_owned(),
        phone: None,
        address_ru: "Алматы, Абая 1".to_owned(),
        address_kk: String::new(),
        entrance_ru: String::new(),
        entrance_kk: String::new(),
        zone: "Asia/Almaty".to_owned(),
        requisites: Requisites::default(),
    };
    schedule::set_facts(&clinic.clinic, &grant, &draft).await.unwrap();
    let branch = catalog(clinic).await.branches[0].id;
    let vault = clinic.vault();
    let doctor = ResourceDraft::named(branch, ResourceKind::Doctor, "Сейтова Айгуль Нурлановна");
    let doctor = schedule::add_resource(vault, &grant, &doctor).await.unwrap();
    let chair = ResourceDraft::named(branch, ResourceKind::Chair, "Кресло 1");
    let chair = schedule::add_resource(vault, &grant, &chair).await.unwrap();
    Made { grant, branch, doctor, chair }
}

async fn catalog(clinic: &TestClinic) -> schedule::Catalog {
    let grant = clinic.grant::<ViewClinic>(Role::Doctor).await;
    schedule::setup(&mut clinic.vault().read(&grant).await.unwrap()).await.unwrap()
}

async fn shifts(clinic: &TestClinic, first: &str, last: &str) -> Vec<Shift> {
    let grant = clinic.grant::<ViewClinic>(Role::Doctor).await;
    let mut reader = clinic.vault().read(&grant).await.unwrap();
    schedule::shifts_between(&mut reader, day(first), day(last)).await.unwrap()
}

fn hours(weekday: i8, starts: u16, ends: u16, place_id: Option<ResourceId>) -> PatternDraft {
    let lunch = Some(Span { starts: 13 * 60, ends: 14 * 60 });
    PatternDraft { weekday, hours: Span { starts, ends }, lunch, place_id, alternate_from: None }
}

#[tokio::test]
async fn the_first_branch_follows_the_clinic_until_it_says_something_else() {
    let clinic = TestClinic::open().await;
    let Made { grant, branch, .. } = made(&clinic).await;
    let mut draft = ClinicDraft {
        name: "Арай".to_owned(),
        phone: None,
        address_ru: "Алматы, Абая 2".to_owned(),
        address_kk: String::new(),
        entrance_ru: String::new(),
        entrance_kk: String::new(),
        zone: "Asia/Almaty".to_owned(),
        requisites: Requisites::default(),
    };
    schedule::set_facts(&clinic.clinic, &grant, &draft).await.unwrap();
    assert_eq!(catalog(&clinic).await.branch(branch).unwrap().address, "Алматы, Абая 2");
    assert_eq!(clinic.clinic.profile.get().name, "Арай");

    let own = schedule::BranchDraft {
        name: "На Абая".to_owned(),
        address: "Абая 2".to_owned(),
        phone: None,
        zone: "Asia/Almaty".to_owned(),
    };
    schedule::change_branch(clinic.vault(), &grant, branch, &own).await.unwrap();
    draft.address_ru = "Астана".to_owned();
    schedule::set_facts(&clinic.clinic, &grant, &draft).await.unwrap();
    assert_eq!(catalog(&clinic).await.branch(branch).unwrap().address, "Абая 2");
}

#[tokio::test]
async fn a_clinic_without_a_doctor_is_not_set_up() {
    let clinic = TestClinic::open().await;
    let grant = clinic.grant::<SetUpClinic>(Role::Reception).await;
    let early = schedule::finish_set_up(&clinic.clinic, &grant).await;
    assert!(matches!(early, Err(ScheduleError::NotReady)));

    made(&clinic).await;
    schedule::finish_set_up(&clinic.clinic, &grant).await.unwrap();
    assert!(clinic.clinic.profile.get().set_up);
    assert!(schedule::load_profile(clinic.vault()).await.unwrap().set_up);
}

#[tokio::test]
async fn two_doctors_share_a_chair_by_turns_of_a_week() {
    let clinic = TestClinic::open().await;
    let Made { grant, doctor, chair, .. } = made(&clinic).await;
    let alternate = |anchor: &str| PatternDraft {
        alternate_from: Some(day(anchor)),
        ..hours(1, 540, 1080, Some(chair))
    };
    let (mine, long) = (alternate("2026-11-25"), hours(1, 600, 720, None));
    let from = day("2026-11-01");
    let both = [mine.clone(), long];
    let refused = schedule::set_week(clinic.vault(), &grant, doctor, from, &both).await;
    assert!(matches!(refused, Err(ScheduleError::ShiftsOverlap { weekday: 1 })));
    schedule::set_week(clinic.vault(), &grant, doctor, from, &[mine]).await.unwrap();
    let worked = shifts(&clinic, "2026-11-01", "2026-12-31").await;
    let days: Vec<String> = worked.iter().map(|shift| shift.day.to_string()).collect();
    assert_eq!(days, ["2026-11-09", "2026-11-23", "2026-12-07", "2026-12-21"]);

    let desk = clinic.sign_in(Role::Reception).await;
    let page = desk.get("/settings/hours").await;
    assert!(page.body.contains("через неделю с"), "{}", page.body);
    let path = format!("/settings/hours/{doctor}");
    let page = desk.get(&format!("{path}?on=2026-11-23")).await;
    assert!(page.body.contains("name=\"anchor\"") && page.body.contains("23.11.2026"));
    let row = "weekday=1&starts=9&ends=18&break_starts=&break_ends=&place=&weeks=";
    let form = format!("alternating=on&anchor=soon&from=23.11.2026&{row}b");
    let refused = desk.post(&path, &form).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("value=\"soon\""), "{}", refused.body);
    let saved = desk.post(&path, &form.replace("soon", "27.11.2026")).await;
    assert_eq!(saved.status, 303);
    let worked = shifts(&clinic, "2026-11-23", "2026-12-20").await;
    let days: Vec<String> = worked.iter().map(|shift| shift.day.to_string()).collect();
    assert_eq!(days, ["2026-11-30", "2026-12-14"], "the other weeks now");
}

#[tokio::test]
async fn a_week_is_worked_until_another_is_set_and_the_past_stays_as_it_was() {
    let clinic = TestClinic::open().await;
    let Made { grant, doctor, chair, .. } = made(&clinic).await;
    let vault = clinic.vault();
    let mondays = [hours(1, 540, 1080, Some(chair))];
    schedule::set_week(vault, &grant, doctor, day("2026-11-01"), &mondays).await.unwrap();
    let later = [hours(1, 600, 900, None)];
    schedule::set_week(vault, &grant, doctor, day("2026-11-30"), &later).await.unwrap();

    let all = shifts(&clinic, "2026-11-20", "2026-12-05").await;

    let seen: Vec<_> = all.iter().map(|shift| (shift.day, shift.starts, shift.place)).collect();
    assert_eq!(seen, [(day("2026-11-23"), 540, Some(chair)), (day("2026-11-30"), 600, None)]);
    assert_eq!(all[0].breaks, [Span { starts: 780, ends: 840 }]);

    let twice = [hours(2, 540, 1080, None), hours(2, 1000, 1200, None)];
    let refused = schedule::set_week(vault, &grant, doctor, day("2026-12-01"), &twice).await;
    assert!(matches!(refused, Err(ScheduleError::ShiftsOverlap { weekday: 2 })));
    assert_eq!(shifts(&clinic, "2026-11-30", "2026-12-10").await.len(), 2, "nothing was changed");
}

#[tokio::test]
async fn exceptions_change_single_days_and_can_be_taken_back() {
    let clinic = TestClinic::open().await;
    let Made { grant, doctor, .. } = made(&clinic).await;
    let vault = clinic.vault();
    let week = [hours(1, 540, 1080, None), hours(2, 540, 1080, None)];
    schedule::set_week(vault, &grant, doctor, day("2026-11-01"), &week).await.unwrap();
    let mut vacation = ExceptionDraft {
        resource_id: doctor,
        from: day("2026-11-20"),
        until: day("2026-11-23"),
        what: OneDay::Off,
        reason: ExceptionReason::Vacation,
    };
    schedule::add_exceptions(vault, &grant, &vacation).await.unwrap();
    let left = shifts(&clinic, "2026-11-16", "2026-11-24").await;
    assert_eq!(left.len(), 3, "two before, one after");

    let view = clinic.grant::<ViewClinic>(Role::Doctor).await;
    let mut reader = vault.read(&view).await.unwrap();
    let standing = schedule::exceptions_from(&mut reader, doctor, day("2026-11-22")).await.unwrap();
    drop(reader);
    let ids: Vec<_> = standing.iter().map(|exception| exception.id).collect();
    assert_eq!(ids.len(), 2);
    schedule::withdraw_exceptions(vault, &grant, &ids).await.unwrap();
    assert_eq!(shifts(&clinic, "2026-11-16", "2026-11-24").await.len(), 4);
    let again = schedule::withdraw_exceptions(vault, &grant, &ids).await;
    assert!(matches!(again, Err(ScheduleError::NoSuch)));

    vacation.until = day("2026-11-19");
    let backwards = schedule::add_exceptions(vault, &grant, &vacation).await;
    assert!(matches!(backwards, Err(ScheduleError::BadPeriod)));
}

#[tokio::test]
async fn a_public_holiday_is_not_worked_unless_the_clinic_says_so() {
    let clinic = TestClinic::open().await;
    let Made { grant, doctor, .. } = made(&clinic).await;
    let vault = clinic.vault();
    let week: Vec<_> = (1..=7).map(|weekday| hours(weekday, 540, 1080, None)).collect();
    schedule::set_week(vault, &grant, doctor, day("2026-01-01"), &week).await.unwrap();
    assert!(shifts(&clinic, "2026-12-16", "2026-12-16").await.is_empty());

    schedule::set_holiday(vault, &grant, day("2026-12-16"), HolidayKind::Work).await.unwrap();
    schedule::set_holiday(vault, &grant, day("2026-12-31"), HolidayKind::Off).await.unwrap();

    assert_eq!(shifts(&clinic, "2026-12-16", "2026-12-16").await.len(), 1);
    assert!(shifts(&clinic, "2026-12-31", "2026-12-31").await.is_empty());
    let view = clinic.grant::<ViewClinic>(Role::Doctor).await;
    let mut reader = vault.read(&view).await.unwrap();
    let plan = schedule::plan_on(&mut reader, day("2026-12-16")).await.unwrap();
    assert_eq!(plan.holiday.as_deref(), Some("independence_day"), "it is still its day");
    drop(reader);

    schedule::drop_holiday(vault, &grant, day("2026-12-16")).await.unwrap();
    assert!(shifts(&clinic, "2026-12-16", "2026-12-16").await.is_empty(), "as by law again");
    let twice = schedule::drop_holiday(vault, &grant, day("2026-12-16")).await;
    assert!(matches!(twice, Err(ScheduleError::NoSuch)));
}

/// The working calendar and the schedule read one law: `legal_day`.
#[tokio::test]
async fn a_day_that_the_government_swaps_is_swapped_in_the_schedule_too_and_at_once() {
    let clinic = TestClinic::open().await;
    let Made { grant, doctor, .. } = made(&clinic).await;
    let week: Vec<_> = (1..=6).map(|weekday| hours(weekday, 540, 1080, None)).collect();
    schedule::set_week(clinic.vault(), &grant, doctor, day("2024-01-01"), &week).await.unwrap();
    assert_eq!(shifts(&clinic, "2024-05-04", "2024-05-04").await.len(), 1, "a worked Saturday");
    assert!(shifts(&clinic, "2024-05-08", "2024-05-08").await.is_empty(), "its day off");

    let monday = "2026-11-23";
    assert_eq!(shifts(&clinic, monday, monday).await.len(), 1);
    let officer = clinic.sign_in(Role::Compliance).await;
    let said =
        |kind: &str| format!("day=23.11.2026&kind={kind}&name=decree&basis=Decree+7&source=");
    let path = "/personal-data/workdays/day";
    assert_eq!(officer.post(path, &said("off")).await.status, 303);
    assert!(shifts(&clinic, monday, monday).await.is_empty(), "what was kept in memory is gone");
    let owner = clinic.sign_in(Role::Owner).await;
    let page = owner.get("/settings/holidays?year=2026").await.body;
    assert!(page.contains("Перенос по постановлению"), "{page}");
    let form = "day=23.11.2026&kind=work";
    assert_eq!(owner.post("/settings/holidays", form).await.status, 303);
    assert_eq!(shifts(&clinic, monday, monday).await.len(), 1, "the clinic works all the same");
    let page = owner.get("/settings/holidays?year=2026").await.body;
    assert!(page.contains("Как по закону") && page.contains("Решение клиники"), "{page}");
    assert_eq!(officer.post(path, &said("by_rule")).await.status, 303);
    assert_eq!(owner.post("/settings/holidays", "day=23.11.2026&kind=law").await.status, 303);
    assert_eq!(owner.post("/settings/holidays", "day=23.11.2026&kind=law").await.status, 303);
    assert!(clinic.rows("SELECT day FROM holiday").await.is_empty());
}

/// The calendar that the government published for 2026, and what the rule
/// gives for the two years after (KAZAKHSTAN.md 1.7).
#[tokio::test]
async fn holidays_on_a_weekend_give_the_next_working_day_off() {
    let clinic = TestClinic::open().await;
    let view = clinic.grant::<ViewClinic>(Role::Doctor).await;
    for (year, expected) in [
        (2026, vec!["2026-03-09", "2026-03-24", "2026-03-25", "2026-05-11", "2026-10-26"]),
        (2027, vec!["2027-01-04", "2027-03-24", "2027-05-03", "2027-05-10"]),
        (2028, vec!["2028-01-03", "2028-01-04", "2028-05-08", "2028-12-18"]),
    ] {
        let mut reader = clinic.vault().read(&view).await.unwrap();
        let all = schedule::holidays_of_year(&mut reader, year).await.unwrap();
        let moved: Vec<_> = all.iter().filter(|holiday| holiday.name == "moved").collect();
        let moved: Vec<_> = moved.iter().map(|holiday| holiday.day.to_string()).collect();
        assert_eq!(moved, expected);
        let is = |text: &str| all.iter().any(|holiday| holiday.day == day(text));
        assert_eq!(is(&format!("{year}-03-15")), year >= 2027);
        assert!(!is(&format!("{year}-08-30")));
    }
}

#[tokio::test]
async fn whoever_left_has_no_shifts_from_tomorrow_on_and_keeps_the_name() {
    let clinic = TestClinic::open().await;
    let Made { grant, doctor, .. } = made(&clinic).await;
    let vault = clinic.vault();
    let week: Vec<_> = (1..=6).map(|weekday| hours(weekday, 540, 1080, None)).collect();
    schedule::set_week(vault, &grant, doctor, day("2026-11-01"), &week).await.unwrap();

    schedule::end_resource(vault, &grant, doctor).await.unwrap();

    let left = shifts(&clinic, "2026-11-21", "2026-11-28").await;
    let days: Vec<_> = left.iter().map(|shift| shift.day.to_string()).collect();
    assert_eq!(days, ["2026-11-21", "2026-11-23"], "yesterday's and today's");
    let catalog = catalog(&clinic).await;
    assert_eq!(catalog.doctors().count(), 0);
    assert_eq!(catalog.resource(doctor).unwrap().short_name, "Сейтова А. Н.");
    let again = schedule::end_resource(vault, &grant, doctor).await;
    assert!(matches!(again, Err(ScheduleError::NoSuch)));
}

#[tokio::test]
async fn a_service_keeps_who_performs_it_and_what_it_needs() {
    let clinic = TestClinic::open().await;
    let Made { grant, doctor, .. } = made(&clinic).await;
    let vault = clinic.vault();
    let mut draft = ServiceDraft::named("Лечение кариеса");
    draft.performers =
        vec![schedule::Performer { resource_id: doctor, duration_minutes: Some(45) }];
    draft.needs = vec![ResourceKind::Chair];
    let id = schedule::add_service(vault, &grant, &draft).await.unwrap();
    let all = catalog(&clinic).await;
    let service = all.service(id).unwrap();
    assert_eq!(service.minutes_with(doctor), Some(45));
    assert_eq!(service.needs, [ResourceKind::Chair]);
    assert_eq!(service.price, None);

    draft.performers.clear();
    schedule::change_service(vault, &grant, id, &draft).await.unwrap();
    schedule::end_service(vault, &grant, id).await.unwrap();
    let all = catalog(&clinic).await;
    assert_eq!(all.offered().count(), 0);
    assert!(all.service(id).unwrap().performers.is_empty());

    let now = clinic.clinic.clock().now();
    draft.performers =
        vec![schedule::Performer { resource_id: ResourceId::new(now), duration_minutes: None }];
    let stranger = schedule::add_service(vault, &grant, &draft).await;
    assert!(matches!(stranger, Err(ScheduleError::NoSuch)));
}

#[tokio::test]
async fn the_last_branch_stays_open() {
    let clinic = TestClinic::open().await;
    let Made { grant, branch, .. } = made(&clinic).await;
    let refused = schedule::end_branch(clinic.vault(), &grant, branch).await;
    assert!(matches!(refused, Err(ScheduleError::LastBranch)));
}

#[tokio::test]
async fn what_is_kept_in_memory_is_never_older_than_the_last_change_of_anybody() {
    let clinic = TestClinic::open().await;
    let made = made(&clinic).await;
    let monday = "2026-11-23";
    let week = |ends| vec![hours(1, 9 * 60, ends, Some(made.chair))];
    assert_eq!(shifts(&clinic, monday, monday).await, []);

    for ends in [17 * 60, 18 * 60, 19 * 60] {
        let (vault, week) = (clinic.vault(), week(ends));
        schedule::set_week(vault, &made.grant, made.doctor, day(monday), &week).await.unwrap();
        assert_eq!(shifts(&clinic, monday, monday).await[0].ends, ends);
    }
    // The command line is another process: it goes past the program that serves.
    clinic.write("UPDATE shift_pattern SET ends = 1200").await.unwrap();
    assert_eq!(shifts(&clinic, monday, monday).await[0].ends, 1200);
    clinic.write("INSERT INTO holiday (day, kind) VALUES ('2026-11-23', 'off')").await.unwrap();
    assert_eq!(shifts(&clinic, monday, monday).await, []);
    clinic.write("DELETE FROM holiday WHERE day = '2026-11-23'").await.unwrap();
    assert_eq!(shifts(&clinic, monday, monday).await.len(), 1);
}

/// The statements whose answers are kept in memory, and what they read.
#[tokio::test]
async fn every_table_that_is_kept_in_memory_counts_its_changes() {
    const KEPT: [(&str, &[&str]); 3] = [
        ("src/booking/store.rs", &["TERMS", "ANY_TERMS"]),
        ("src/booking/day/store.rs", &["FURNITURE", "RESOURCES"]),
        (
            "src/schedule/hours/store.rs",
            &["PATTERNS", "EXCEPTIONS", "KINDS", "RULES", "LAW_DAYS", "OWN_DAYS"],
        ),
    ];
    let clinic = TestClinic::open().await;
    let tables = clinic.rows("SELECT name FROM sqlite_schema WHERE type = 'table'").await;
    let counted = clinic
        .rows("SELECT tbl_name FROM sqlite_schema WHERE type = 'trigger' AND sql LIKE '%UPDATE arrangement SET version = version + 1%'")
        .await;
    let mut seen = 0;
    for (file, names) in KEPT {
        let source =
            std::fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        for name in names {
            let sql = source.split(&format!("const {name}: &str = \"")).nth(1).unwrap();
            let sql = sql.split("\";").next().unwrap();
            let words = sql.split(|c: char| !c.is_alphanumeric() && c != '_');
            for table in words.filter(|word| tables.iter().any(|table| table == word)) {
                let triggers = counted.iter().filter(|other| *other == table).count();
                assert_eq!(triggers, 3, "{table}, which {name} of {file} reads");
                seen += 1;
            }
        }
    }
    assert!(10 <= seen, "{seen} tables were found");
}
