//! A week without a gateway: what was to be said then is not said afterwards,
//! and what is still of use is said once.

use std::collections::BTreeSet;

use tirkeu::messaging::setup::{self, GatewayChange, GatewayKind};
use tirkeu::reminders::chain;
use tirkeu::vault::permission::Role;

use crate::peers::smsc::{LOGIN, PASSWORD};
use crate::reminders::Desk;

const HOUR: i64 = 3_600_000;

impl Desk {
    /// Nobody answers at the gateway's address, or its server does again.
    async fn gateway_at(&self, endpoint: &str) {
        let change = GatewayChange {
            kind: GatewayKind::Smsc,
            endpoint: endpoint.to_owned(),
            username: LOGIN.to_owned(),
            password: PASSWORD.to_owned(),
            sender: String::new(),
            report_url: String::new(),
            ca: String::new(),
        };
        let owner = self.day.clinic.grant(Role::Owner).await;
        setup::set_gateway(self.day.clinic.vault(), &owner, &change).await.unwrap();
    }

    /// Hours go by, each with the server's work.
    async fn hours(&self, count: i64) {
        for _ in 0..count {
            self.hour().await;
        }
    }

    async fn hour(&self) {
        self.day.clinic.clinic.clock().advance_ms(HOUR);
        chain::remind_due(&self.day.clinic.clinic).await.unwrap();
        self.write().await;
        self.send().await;
    }

    /// `visit's start purpose` of every message that left, oldest first.
    async fn left(&self) -> Vec<String> {
        let all = "SELECT a.starts || ' ' || m.purpose FROM message AS m
            JOIN appointment AS a ON a.id = m.object_id
            WHERE m.state IN ('accepted', 'delivered') ORDER BY m.rowid";
        self.day.clinic.rows(all).await
    }

    async fn appointment(&self, starts: &str) {
        let new = self.day.at(starts);
        self.day.try_book(&new).await.unwrap();
        self.write().await;
        self.send().await;
    }
}

#[tokio::test]
async fn after_a_week_without_a_gateway_nobody_hears_of_what_is_over_and_nobody_hears_twice() {
    let desk = Desk::open().await;
    // Monday the 23rd, eight in the morning.
    let visits = ["2026-11-24", "2026-11-25", "2026-12-01", "2026-12-04"];
    for day in visits {
        desk.appointment(&format!("{day}T14:30")).await;
    }
    assert_eq!(desk.server.taken().len(), visits.len());

    desk.gateway_at("http://127.0.0.1:1/").await;
    desk.hours(3 * 24).await;
    // Booked while nobody could be told: one visit is over before anybody can.
    desk.appointment("2026-11-27T14:30").await;
    desk.appointment("2026-12-03T14:30").await;
    desk.hours(4 * 24).await;
    assert_eq!(desk.server.taken().len(), visits.len(), "nothing can have left");
    let clock = desk.day.clinic.clinic.clock();
    let zone = desk.day.clinic.clinic.profile.get().zone.clone();

    // Monday the 30th: two days before the 3rd nobody was told yet, but tomorrow is the 1st.
    desk.gateway_at(&desk.server.address.clone()).await;
    let mut known = desk.left().await;
    for _ in 0..5 * 24 {
        desk.hour().await;
        let left = desk.left().await;
        let now = zone.civil(clock.now()).to_string();
        for one in left.iter().filter(|one| !known.contains(one)) {
            assert!(now.as_str() < &one[..16], "{one} left at {now}");
        }
        known = left;
    }
    let left = desk.left().await;
    let reminders = |day: &str| {
        left.iter().filter(|one| one.starts_with(day) && one.ends_with("visit_reminder")).count()
    };
    // Over before the gateway was back; a day and two hours before; the whole chain.
    let told = ["2026-11-24", "2026-11-25", "2026-11-27", "2026-12-01", "2026-12-03", "2026-12-04"];
    assert_eq!(told.map(reminders), [0, 0, 0, 2, 3, 3], "{left:?}");
    let count = |wanted: &str| left.iter().filter(|one| one.starts_with(wanted)).count();
    assert_eq!(count("2026-11-27"), 0, "{left:?}");
    assert_eq!(count("2026-12-03T14:30 booking_made"), 1, "still of use: {left:?}");

    let states = "SELECT DISTINCT state || coalesce(' ' || reason, '') FROM message";
    let states: BTreeSet<String> = desk.day.clinic.rows(states).await.into_iter().collect();
    let wanted = ["accepted", "expired too_late"].map(str::to_owned);
    assert_eq!(states, BTreeSet::from(wanted));
    let twice = "SELECT object_id FROM message WHERE state = 'accepted'
        GROUP BY object_id, object_stamp, purpose, not_after HAVING 1 < count(*)";
    assert_eq!(desk.day.clinic.rows(twice).await, Vec::<String>::new());
    let unsaid = "SELECT v.id FROM reminder_visit AS v
        JOIN reminder_step AS s ON s.service_id IS NULL
        LEFT JOIN reminder_touch AS t ON t.appointment_id = v.id AND t.step_id = s.id
        WHERE t.step_id IS NULL";
    assert_eq!(
        desk.day.clinic.rows(unsaid).await,
        Vec::<String>::new(),
        "no step is passed over in silence"
    );
    assert_eq!(desk.server.violations(), Vec::<String>::new());
}
