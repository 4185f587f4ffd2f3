//! Reminders whose writer is killed at any moment: what a step came to and its
//! message are one change, so after any number of lives each step of each visit
//! has one outcome, and each that was written one message.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use sqlx::ConnectOptions;
use tirkeu::booking::{self, BookingError, NewAppointment, Source};
use tirkeu::clinic::Places;
use tirkeu::clock::{Civil, Timestamp, Zone};
use tirkeu::contact::{Name, Phone};
use tirkeu::ids::{ResourceId, ServiceId};
use tirkeu::patients::{self, NewPatient};
use tirkeu::reminders::chain;
use tirkeu::schedule::{self, BranchDraft, ResourceDraft, ResourceKind, ServiceDraft};
use tirkeu::vault::permission::{ImportRecords, SetUpClinic};
use tirkeu::vault::{Actor, Events, Grant, Vault, connect_options};

use crate::disk::Chance;
use crate::support::{NOW, TestClinic};
use crate::{Outcome, sender};

pub const ROLE: &str = "--reminder";

/// Every third shares a telephone with the one before: they get one message.
const VISITS: usize = 300;
const DOCTORS: usize = 17;

/// Two days, a day and two hours before visits between two and five.
const LOOKS: [&str; 3] = ["2026-11-25T16:55", "2026-11-26T16:55", "2026-11-27T14:55"];
const OVER: &str = "2026-11-28T12:00";

/// A writer is killed this long after it begins, or sooner: microseconds.
const LIFE: usize = 150_000;

/// None of these rows may be there in the end.
const WRONG: [(&str, &str); 4] = [
    (
        "steps without an outcome",
        "SELECT count(*) FROM reminder_visit AS v JOIN reminder_step AS s ON s.service_id IS NULL
         LEFT JOIN reminder_touch AS t ON t.appointment_id = v.id AND t.round = v.round
            AND t.step_id = s.id AND t.outcome <> 'again'
         WHERE t.step_id IS NULL",
    ),
    (
        "messages of no step",
        "SELECT count(*) FROM message WHERE id NOT IN
            (SELECT message_id FROM reminder_touch WHERE message_id IS NOT NULL)",
    ),
    (
        "steps with two messages",
        "SELECT count(*) FROM (SELECT 1 FROM message
            GROUP BY object_id, object_stamp HAVING 1 < count(*))",
    ),
    (
        "messages more or fewer than links",
        "SELECT count(*) FROM message WHERE secret IS NULL OR instr(text, secret) = 0",
    ),
];

/// Steps that were written, by how long before.
const WRITTEN: &str = "
    SELECT before_minutes || ' ' || count(*) FROM reminder_touch AS t
    JOIN reminder_step AS s ON s.id = t.step_id AND t.outcome = 'written'
    GROUP BY before_minutes ORDER BY before_minutes DESC";

pub fn killed() -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path()).await;
        let mut chance = Chance::new(5);
        let (mut kills, mut in_the_middle) = (0, 0);
        for look in LOOKS {
            while !let_one_live(folder.path(), at(look), &mut chance) {
                in_the_middle += 1;
            }
            kills += 1;
        }
        kills += in_the_middle;
        let clinic = TestClinic::clinic_in(folder.path(), at(OVER)).await;
        chain::remind_due(&clinic).await.unwrap();
        clinic.vault.close().await;
        let written = look(folder.path()).await?;
        if in_the_middle < LOOKS.len() {
            return Err("nobody was killed in the middle, the test is blind".to_owned());
        }
        Ok(format!("{kills} kills, {in_the_middle} in the middle, steps written: {written}"))
    })
}

fn at(civil: &str) -> Timestamp {
    let civil: Civil = civil.parse().unwrap();
    Zone::named("Asia/Almaty").unwrap().instant(civil)
}

/// Runs a writer and kills it a moment after it began. Whether it had come to rest.
fn let_one_live(folder: &Path, now: Timestamp, chance: &mut Chance) -> bool {
    let mut command = sender::command(ROLE, folder, now);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "begins");
    std::thread::sleep(Duration::from_micros(u64::try_from(chance.below(LIFE)).unwrap()));
    child.kill().unwrap(); // SIGKILL; what it said until then still comes
    child.wait().unwrap();
    lines.next().is_some()
}

/// Writes what is due until killed, and says when it begins and when nothing is left.
pub fn run(folder: &Path, at: &str) -> ! {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let at = Timestamp::from_unix_ms(at.parse().unwrap());
        let clinic = TestClinic::clinic_in(folder, at).await;
        say("begins\n");
        while chain::remind_due(&clinic).await.unwrap() != 0 {}
        say("rests\n");
        std::future::pending().await
    })
}

pub fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes()).unwrap();
    out.flush().unwrap();
}

async fn look(folder: &Path) -> Result<String, String> {
    let options = connect_options(&Places::database(folder), &TestClinic::database_key());
    let mut database = options.read_only(true).connect().await.unwrap();
    for (what, query) in WRONG {
        let wrong: i64 = sqlx::query_scalar(query).fetch_one(&mut database).await.unwrap();
        if wrong != 0 {
            return Err(format!("{wrong} {what}"));
        }
    }
    let written: Vec<String> = sqlx::query_scalar(WRITTEN).fetch_all(&mut database).await.unwrap();
    let [first, second, third] = written.as_slice() else { return Err(format!("{written:?}")) };
    // All were reminded twice; the third was useless for some by then.
    if *first != format!("2880 {VISITS}") || *second != format!("1440 {VISITS}") {
        return Err(format!("steps are lost: {written:?}"));
    }
    Ok(format!("{first}, {second}, {third}"))
}

async fn prepare(folder: &Path) {
    let clinic = TestClinic::clinic_in(folder, Timestamp::from_unix_ms(NOW)).await;
    let (doctors, service) = set_up(&clinic.vault).await;
    let import: Grant<ImportRecords> = Actor::console().grant().unwrap();
    let made = clinic.vault.change(&import, async |tx| {
        let mut events: Option<Events> = None;
        for number in 0..VISITS {
            let phone = number - usize::from(number % 3 == 2);
            let phone = Phone::parse(&format!("+7701{phone:07}")).unwrap();
            let name = Name::new("Сейтқали", &format!("Қанат{number}"), "");
            let person = NewPatient { name, phones: vec![phone], ..NewPatient::default() };
            let (patient_id, entered) = patients::register_in(tx, &person).await.unwrap();
            let minute = 14 * 60 + 10 * (number / DOCTORS);
            let new = NewAppointment {
                patient_id,
                service_id: service,
                starts: format!("2026-11-27T{:02}:{:02}", minute / 60, minute % 60)
                    .parse()
                    .unwrap(),
                minutes: Some(10),
                doctor_id: Some(doctors[number % DOCTORS]),
                place_id: None,
                source: Source::Import,
                comment: String::new(),
                notify: true,
            };
            let (_, booked) = booking::book_in(tx, &import, &new).await?;
            let both = entered.and(booked);
            events = Some(match events.take() {
                None => both,
                Some(events) => events.and(both),
            });
        }
        Ok::<_, BookingError>(((), events.unwrap()))
    });
    made.await.unwrap();
    clinic.vault.close().await;
}

async fn set_up(vault: &Vault) -> (Vec<ResourceId>, ServiceId) {
    let set_up: Grant<SetUpClinic> = Actor::console().grant().unwrap();
    let branch = BranchDraft {
        name: "На Абая".to_owned(),
        address: "Абая 1".to_owned(),
        phone: None,
        zone: "Asia/Almaty".to_owned(),
    };
    let branch = schedule::add_branch(vault, &set_up, &branch).await.unwrap();
    let mut doctors = Vec::new();
    for number in 0..DOCTORS {
        let doctor = ResourceDraft::named(branch, ResourceKind::Doctor, &format!("Врач {number}"));
        doctors.push(schedule::add_resource(vault, &set_up, &doctor).await.unwrap());
    }
    let service = ServiceDraft::named("Осмотр");
    (doctors, schedule::add_service(vault, &set_up, &service).await.unwrap())
}
