//! Random orders of what may happen to visits, their gateway and their server,
//! on a real database: whoever has answered is not reminded, nobody is reminded
//! twice, and no step is passed over in silence. What counts is what the gateway
//! was handed. The same rules without a database: `src/reminders/chain/tests.rs`.

mod world;

use std::collections::BTreeMap;

use tirkeu::booking::Status;
use tirkeu::messaging::State;
use tirkeu::reminders::chain::{self, Fate};
use tirkeu::vault::permission::{Role, ViewMessages};

use world::{ANSWERS, HOUR, KINDS, World};

const SEEDS: u64 = 14;
const EVENTS: usize = 40;

/// What orders are to reach, or they try nothing.
#[derive(Default)]
struct Reached {
    reminders: usize,
    /// `state reason` of every message's steps, with how many.
    steps: BTreeMap<String, usize>,
}

impl World {
    async fn works(&mut self) {
        self.desk.write().await;
        if self.below(4) != 0 {
            chain::remind_due(self.clinic()).await.unwrap();
        }
        // Somebody answers before the gateway has it.
        if self.below(5) == 0 {
            self.event(self.pick(&ANSWERS)).await;
            self.desk.write().await;
        }
        match self.below(8) {
            0 => self.dies().await,
            1 => {}
            _ => self.desk.send().await,
        }
        self.look().await;
    }

    /// What the gateway was handed since, against what is known of the visits.
    async fn look(&mut self) {
        let taken = self.desk.server.taken();
        let new: Vec<String> = taken[self.looked..].iter().map(|it| it.id.to_string()).collect();
        self.looked = taken.len();
        if new.is_empty() {
            return;
        }
        let what = format!(
            "SELECT m.purpose || ' ' || coalesce(t.appointment_id, m.object_id) || ' '
                || coalesce(t.round || '/' || t.step_id, '-') || ' ' || coalesce(t.starts, '-')
            FROM message AS m LEFT JOIN reminder_touch AS t ON t.message_id = m.id
            WHERE m.reference IN ({})",
            new.join(", ")
        );
        let rows = self.desk.day.clinic.rows(&what).await;
        assert!(new.len() <= rows.len(), "{}", self.wrong("a message of nobody's left"));
        for row in rows {
            self.check(&row);
        }
        let doubled = self.desk.server.doubled();
        assert!(doubled.is_empty(), "{}", self.wrong(&format!("handed over again: {doubled:?}")));
    }

    fn check(&mut self, row: &str) {
        let fields: Vec<&str> = row.split(' ').collect();
        let [purpose, id, key, starts] = fields[..] else { panic!("{row}") };
        let visit = self.visits.iter().find(|visit| visit.id.to_string() == id).unwrap();
        let now = self.now();
        let right = match purpose {
            "visit_reminder" | "family_reminder" => {
                let minute = now.minute_of_day();
                !visit.is_answered()
                    && (9 * 60..21 * 60).contains(&minute)
                    && now < visit.starts
                    && starts == visit.starts.to_string()
            }
            "booking_made" | "booking_moved" => visit.stands() && now < visit.starts,
            "booking_cancelled" => visit.status == Status::Cancelled,
            _ => false,
        };
        assert!(right, "{}", self.wrong(row));
        if key != "-" {
            let times = self.told.entry(format!("{id} {key}")).or_default();
            *times += 1;
            let once = *times == 1;
            assert!(once, "{}", self.wrong(&format!("told twice: {row}")));
        }
    }

    /// Everything is over, the gateway is well, and nothing is left to do.
    async fn end(&mut self) {
        self.desk.server.recover();
        let last = self.visits.iter().map(|visit| visit.starts).max().unwrap();
        while self.now() < last.plus_minutes(60) {
            self.passes(9 * HOUR);
            self.desk.write().await;
            chain::remind_due(self.clinic()).await.unwrap();
            self.desk.send().await;
            self.look().await;
        }
        // Whatever is uncertain is asked about, and what was not taken is too late.
        for _ in 0..3 {
            self.passes(30 * HOUR);
            self.desk.send().await;
        }
        self.look().await;
    }

    /// No step of a round that holds is without an outcome, and every outcome is shown.
    async fn no_gap(&self) {
        // What the desk moves into the past (Almaty is five hours ahead) is not reminded of.
        let gaps = "SELECT v.id || ' ' || coalesce(s.before_minutes, 'booking')
            FROM reminder_visit AS v
            JOIN reminder_step AS s ON s.service_id IS NULL
            LEFT JOIN reminder_touch AS t ON t.appointment_id = v.id AND t.round = v.round
                AND t.step_id = s.id AND t.outcome <> 'again'
            WHERE t.step_id IS NULL
                AND strftime('%Y-%m-%dT%H:%M', v.since / 1000 + 18000, 'unixepoch') < v.starts";
        let gaps = self.desk.day.clinic.rows(gaps).await;
        assert!(gaps.is_empty(), "{}", self.wrong(&format!("no outcome: {gaps:?}")));
        let see = self.desk.day.clinic.grant::<ViewMessages>(Role::Reception).await;
        for visit in &self.visits {
            let touches = chain::of_appointment(self.clinic(), &see, visit.id).await.unwrap();
            for line in touches.unwrap().lines {
                let shown = match &line.fate {
                    Fate::Written { message: Some(fate), .. } => match fate.state {
                        State::Queued | State::Sending => false,
                        State::Accepted | State::Delivered => true,
                        _ => fate.reason.is_some(),
                    },
                    Fate::Not { reason, .. } => reason.is_some(),
                    // It came to stand there when it was over.
                    Fate::Spared(_) => true,
                    _ => false,
                };
                assert!(shown, "{}", self.wrong(&format!("{line:?} of {}", visit.id)));
            }
        }
    }

    /// The outbox says of every message what the gateway says.
    async fn outbox_agrees(&self) {
        let taken = self.desk.server.taken();
        let all = "SELECT reference || ' ' || state || ' ' || purpose FROM message";
        for row in self.desk.day.clinic.rows(all).await {
            let fields: Vec<&str> = row.split(' ').collect();
            let times = taken.iter().filter(|it| it.id.to_string() == fields[0]).count();
            let right = match fields[1] {
                "accepted" | "delivered" => times == 1,
                "uncertain" => times <= 1,
                "withheld" | "expired" | "failed" => times == 0,
                _ => false,
            };
            assert!(right, "{}", self.wrong(&format!("taken {times} times: {row}")));
        }
    }
}

impl Reached {
    async fn add(&mut self, world: &World) {
        self.reminders += world.desk.reminders().len();
        let steps = "SELECT s.state || coalesce(' ' || s.reason, '') FROM message_state AS s
            JOIN message AS m ON m.id = s.message_id
            WHERE m.purpose IN ('visit_reminder', 'family_reminder')";
        for step in world.desk.day.clinic.rows(steps).await {
            *self.steps.entry(step).or_default() += 1;
        }
    }
}

#[tokio::test]
async fn random_orders_against_the_database_remind_nobody_wrongly_or_twice_and_leave_no_gap() {
    let mut reached = Reached::default();
    for seed in 1..=SEEDS {
        let mut world = World::open(seed).await;
        for _ in 0..EVENTS {
            let what = world.below(KINDS);
            world.event(what).await;
            world.works().await;
        }
        world.end().await;
        world.no_gap().await;
        world.outbox_agrees().await;
        assert_eq!(world.desk.server.violations(), Vec::<String>::new(), "seed {seed}");
        reached.add(&world).await;
    }
    let Reached { reminders, steps } = reached;
    for step in [
        "uncertain no_answer",
        "uncertain worker_died",
        "queued never_arrived",
        "withheld confirmed",
        "withheld cancelled",
        "withheld regrouped",
        "expired too_late",
    ] {
        assert!(steps.contains_key(step), "{step} was not tried: {steps:?}");
    }
    assert!(40 < reminders, "{reminders} {steps:?}");
}
