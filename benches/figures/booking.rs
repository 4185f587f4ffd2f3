//! Booking through the verb, on this machine's disk and on slower ones. The
//! bare loop inserts one row and commits, one after another, as SQLite's one
//! writer must: sharing commits is what ours may do better.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tirkeu::booking::{self, BookingError, NewAppointment, Source, Wanting};
use tirkeu::clock::{Civil, Day};
use tirkeu::ids::{PatientId, ResourceId, ServiceId};
use tirkeu::schedule::{
    self, BranchDraft, PatternDraft, ResourceDraft, ResourceKind, ServiceDraft, Span,
};
use tirkeu::vault::permission::{Book, Role, SetUpClinic};
use tirkeu::vault::{
    Authenticated, Event, Events, Grant, Origin, Subject, VaultError, connect_options,
};
use tokio::sync::Mutex;

use crate::measure::{CLIENTS, TRIES, line, load, median, seconds};
use crate::people;
use crate::support::TestClinic;

/// The argument that makes this program measure on a disk of so many more
/// microseconds a sync.
pub const ON_A_DISK: &str = "--on-a-disk";

const DISKS: [&str; 3] = ["0", "1000", "5000"];
const DOCTORS: usize = 12;
/// Half hours from nine to six.
const SLOTS: usize = 18;
const BOOKINGS: usize = 160;
pub const FIRST_DAY: &str = "2026-12-01";

pub fn with_every_disk() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/slowsync.c");
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slowsync.so");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O2", "-o"]).arg(&library).arg(source).arg("-ldl");
    assert!(cc.status().unwrap().success(), "cc failed");
    for microseconds in DISKS {
        let mut bench = Command::new(std::env::current_exe().unwrap());
        bench.args([ON_A_DISK, microseconds]);
        bench.env("LD_PRELOAD", &library).env("SYNC_US", microseconds);
        assert!(bench.status().unwrap().success(), "the bench of a slower disk failed");
    }
}

pub async fn on(microseconds: &str) {
    let clinic = Arc::new(BusyClinic::open().await);
    let bare = Arc::new(Mutex::new(bare_table(&clinic.clinic).await));
    for clients in CLIENTS {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for round in 0..=TRIES {
            let busy = clinic.clone();
            let our = load(clients, BOOKINGS, move |_, _| {
                let busy = busy.clone();
                async move { busy.book_next().await }
            });
            let our = our.await;
            let bare = bare.clone();
            let their = load(clients, BOOKINGS, move |_, piece| {
                let bare = bare.clone();
                async move { insert(&bare, piece).await }
            });
            let their = their.await;
            if round > 0 {
                ours.push(our);
                theirs.push(their);
            }
        }
        let what = format!("booking, sync + {microseconds} us");
        line(&what, clients, ours, &theirs, "ratio >= 0.5");
    }
    if microseconds == DISKS[0] {
        ledger_share(&clinic).await;
    }
}

const INSERT: &str = "
    INSERT INTO bare (patient, doctor, starts, ends) VALUES (?1, ?2, ?3, ?4)";

async fn bare_table(clinic: &TestClinic) -> SqliteConnection {
    let path = clinic.database().with_file_name("bare.db");
    let options = connect_options(&path, &TestClinic::database_key()).create_if_missing(true);
    let mut connection = options.connect().await.unwrap();
    let table = "CREATE TABLE bare (
        id INTEGER PRIMARY KEY, patient TEXT, doctor TEXT, starts TEXT, ends TEXT) STRICT";
    sqlx::query(table).execute(&mut connection).await.unwrap();
    connection.ping().await.unwrap();
    connection
}

async fn insert(bare: &Mutex<SqliteConnection>, piece: usize) {
    let id = "01900000-0000-7000-8000-000000000000";
    let mut connection = bare.lock().await;
    let query = sqlx::query(INSERT).bind(id).bind(id).bind(FIRST_DAY).bind(piece.to_string());
    query.execute(&mut *connection).await.unwrap();
}

/// Doctors enough that every booking finds its half hour free.
pub struct BusyClinic {
    pub clinic: TestClinic,
    grant: Grant<Book>,
    doctors: Vec<(ResourceId, ResourceId)>,
    service: ServiceId,
    patients: Vec<PatientId>,
    next: AtomicUsize,
}

impl BusyClinic {
    pub async fn open() -> Self {
        let clinic = TestClinic::open().await;
        let setup = clinic.grant::<SetUpClinic>(Role::Owner).await;
        let vault = clinic.vault();
        let branch = BranchDraft {
            name: "На Абая".to_owned(),
            address: "Абая 1".to_owned(),
            phone: None,
            zone: "Asia/Almaty".to_owned(),
        };
        let branch = schedule::add_branch(vault, &setup, &branch).await.unwrap();
        let from: Day = "2026-11-02".parse().unwrap();
        let mut doctors = Vec::new();
        for number in 0..DOCTORS {
            let doctor = format!("Врач {number}");
            let doctor = ResourceDraft::named(branch, ResourceKind::Doctor, &doctor);
            let chair = format!("Кресло {number}");
            let chair = ResourceDraft::named(branch, ResourceKind::Chair, &chair);
            let doctor = schedule::add_resource(vault, &setup, &doctor).await.unwrap();
            let chair = schedule::add_resource(vault, &setup, &chair).await.unwrap();
            let week: Vec<PatternDraft> = (1..=7)
                .map(|weekday| PatternDraft {
                    alternate_from: None,
                    weekday,
                    hours: Span { starts: 9 * 60, ends: 18 * 60 },
                    lunch: None,
                    place_id: Some(chair),
                })
                .collect();
            schedule::set_week(vault, &setup, doctor, from, &week).await.unwrap();
            doctors.push((doctor, chair));
        }
        let mut service = ServiceDraft::named("Лечение кариеса");
        service.needs = vec![ResourceKind::Chair];
        let service = schedule::add_service(vault, &setup, &service).await.unwrap();
        let patients = people::fill(&clinic, 0, 1000).await;
        let grant = at_the_desk(&clinic).await;
        Self { clinic, grant, doctors, service, patients, next: AtomicUsize::new(0) }
    }

    /// The next half hour that nobody has.
    fn wish(&self) -> NewAppointment {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (doctor, slot) = (number % DOCTORS, number / DOCTORS);
        let (day, minutes) = (slot / SLOTS, 9 * 60 + slot % SLOTS * 30);
        let day = FIRST_DAY.parse::<Day>().unwrap().plus_days(i64::try_from(day).unwrap());
        let starts = format!("{day}T{:02}:{:02}", minutes / 60, minutes % 60);
        let (doctor, chair) = self.doctors[doctor];
        NewAppointment {
            patient_id: self.patients[number % self.patients.len()],
            service_id: self.service,
            starts: starts.parse::<Civil>().unwrap(),
            minutes: None,
            doctor_id: Some(doctor),
            place_id: Some(chair),
            source: Source::Phone,
            comment: String::new(),
            notify: false,
        }
    }

    /// Takes six tenths of the half hours of so many days, in no order.
    pub async fn fill(&self, days: usize) {
        let mut wishes = Vec::new();
        while self.next.load(Ordering::Relaxed) < days * SLOTS * DOCTORS {
            let number = self.next.load(Ordering::Relaxed);
            let wish = self.wish();
            if number * 7919 % 10 < 6 {
                wishes.push(wish);
            }
        }
        for some in wishes.chunks(200) {
            let made = self.clinic.vault().change(&self.grant, async |tx| {
                let (_, first) = booking::book_in(tx, &self.grant, &some[0]).await?;
                let mut events = Events::from(first);
                for wish in &some[1..] {
                    let (_, event) = booking::book_in(tx, &self.grant, wish).await?;
                    events = events.and(event);
                }
                Ok::<_, BookingError>(((), events))
            });
            made.await.unwrap();
        }
    }

    /// Every free half hour of any doctor from a day on.
    pub async fn free(&self, from: &str, last: Day) -> usize {
        let wanted = Wanting {
            service_id: Some(self.service),
            doctor_id: None,
            place_id: None,
            minutes: None,
            from: format!("{from}T00:00").parse().unwrap(),
        };
        let clinic = &self.clinic.clinic;
        booking::free_between(clinic, &self.grant, &wanted, last).await.unwrap().len()
    }

    /// How many patients it has.
    pub fn patients(&self) -> usize {
        self.patients.len()
    }

    pub async fn book_next(&self) {
        booking::book(&self.clinic.clinic, &self.grant, &self.wish()).await.unwrap();
    }
}

/// Somebody who books from a computer with an address, as people do: the ledger
/// remembers it.
async fn at_the_desk(clinic: &TestClinic) -> Grant<Book> {
    let session = clinic.sign_in(Role::Reception).await.session;
    let origin = Origin {
        ip: "10.0.4.21".parse().ok(),
        device: Some("Chrome, Windows".to_owned()),
        ..Origin::default()
    };
    match clinic.vault().authenticate(&session, origin) {
        Authenticated::Live(actor) => actor.grant().unwrap(),
        other => panic!("not signed in: {other:?}"),
    }
}

/// What the ledger's entries take of the time of bookings, without the disk:
/// many bookings in one change beside as many entries in one change.
async fn ledger_share(busy: &BusyClinic) {
    let mut shares = Vec::new();
    for _ in 0..TRIES {
        let bookings = seconds(async {
            let made = busy.clinic.vault().change(&busy.grant, async |tx| {
                let (_, first) = booking::book_in(tx, &busy.grant, &busy.wish()).await?;
                let mut events = Events::from(first);
                for _ in 1..BOOKINGS {
                    let (_, event) = booking::book_in(tx, &busy.grant, &busy.wish()).await?;
                    events = events.and(event);
                }
                Ok::<_, BookingError>(((), events))
            });
            made.await.unwrap();
        });
        let bookings = bookings.await;
        let entries = seconds(async {
            let written = busy.clinic.vault().change(&busy.grant, async |_| {
                let event = |patient| {
                    Event::new("appointment.made", Subject::Patient(patient))
                        .on("appointment", patient)
                };
                let mut events = Events::from(event(busy.patients[0]));
                for patient in &busy.patients[1..BOOKINGS] {
                    events = events.and(event(*patient));
                }
                Ok::<_, VaultError>(((), events))
            });
            written.await.unwrap();
        });
        shares.push(entries.await / bookings * 100.0);
    }
    println!("{:<44} {:>40.1} %  <= 10 %", "booking: the ledger's share", median(shares));
}
