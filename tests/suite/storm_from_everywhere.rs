//! The same storm as people make it: an hour that a cancellation freed is taken
//! at once by those who were offered it, by patients on the public page, by the
//! desk and by drags on the schedule. Every request is HTTP.

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Request, StatusCode};
use tokio::task::JoinSet;

use tirkeu::vault::permission::Role;
use tirkeu::web::SESSION_COOKIE;

use crate::booking_storm::elsewhere;
use crate::online::{DANA, Online, Typed};
use crate::planted::form;
use crate::support::{Answer, send};
use crate::waitlist::Hall;

const OF_EACH: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Offered,
    Public,
    Desk,
    Drag,
}

/// A form that is sent when the storm breaks out.
struct Shot {
    side: Side,
    to: Router,
    cookie: Option<String>,
    path: String,
    form: String,
}

impl Shot {
    async fn fire(self) -> (Side, Answer) {
        let mut request =
            Request::post(&self.path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie).header("hx-request", "true");
        }
        (self.side, send(&self.to, request.body(Body::from(self.form)).unwrap()).await)
    }
}

/// Patients who have chosen the hour on the public page and have their codes.
async fn choose(online: &Online, round: usize, slot: &str) -> Vec<(String, String)> {
    let mut visits = Vec::new();
    for number in 0..OF_EACH {
        let (phone, ip) =
            (format!("8 701 55{round} {number:04}"), format!("203.0.{round}.{number}"));
        let visit = online.begin(slot, Typed { phone: &phone, ip: &ip, ..DANA }).await;
        visits.push((visit, online.code().await));
    }
    visits
}

/// Those who wait for the hour and are offered it by SMS; their links.
async fn wait(hall: &Hall, round: usize, starts: &str) -> Vec<String> {
    let made = hall.day.booked(starts).await;
    let mut phones = Vec::new();
    for number in 0..OF_EACH {
        let phone = format!("+770200{round:02}{number:03}");
        let patient = hall.patient("Ахметова", &phone).await;
        // Of this hour alone: whoever would come earlier as well is offered that first.
        let weekday = 2 + round; // the storms are on a Tuesday, a Wednesday and a Thursday
        let when = format!("doctor={}&d{weekday}=on&from=15:00&until=15:30", hall.day.anna);
        hall.waits(patient, &when).await;
        phones.push(phone);
    }
    hall.cancel(&made).await;
    phones.iter().map(|phone| hall.offers_to(phone).pop().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_hour_wanted_by_the_list_the_public_page_the_desk_and_drags_is_had_once() {
    let mut online = Online::open().await;
    online.set("codes_per_net = 1000, codes_per_day = 1000").await;
    online.day.advance_to("09:30");
    let mut week = 0;
    let mut winners_of = Vec::new();
    for round in 0..3 {
        let day = format!("2026-11-2{}", 4 + round);
        let starts = format!("{day}T15:00");
        let slot = format!("/book/{}/{}/{starts}", online.day.filling, online.day.anna);
        let visits = choose(&online, round, &slot).await;

        let hall = Hall { day: online.day, server: online.server };
        hall.rule(|rule| rule.at_once = 10).await;
        let offers = wait(&hall, round, &starts).await;
        let movable = elsewhere(&hall.day, OF_EACH, &mut week).await;
        let reception = hall.day.clinic.sign_in(Role::Reception).await;
        let cookie = Some(format!("{SESSION_COOKIE}={}", reception.session.cookie_value()));

        let (public, staff) = (&hall.day.clinic.public, &hall.day.clinic.staff);
        let mut shots = Vec::new();
        for link in offers {
            let path = format!("{link}/accept");
            let (to, form) = (public.clone(), String::new());
            shots.push(Shot { side: Side::Offered, to, cookie: None, path, form });
        }
        for (visit, code) in visits {
            let (path, form) = (format!("{visit}/code"), form(&[("code", code.as_str())]));
            shots.push(Shot { side: Side::Public, to: public.clone(), cookie: None, path, form });
        }
        for number in 0..OF_EACH {
            let at =
                format!("{day}T{}", ["14:40", "14:50", "15:00", "15:05", "15:10", "15:20"][number]);
            let form = format!(
                "patient={}&service={}&doctor={}&chair={}&starts={at}&minutes={}",
                hall.day.patient,
                hall.day.filling,
                hall.day.anna,
                hall.day.chair,
                25 + 5 * number
            );
            let (to, path) = (staff.clone(), "/appointments".to_owned());
            shots.push(Shot { side: Side::Desk, to, cookie: cookie.clone(), path, form });
            let form = format!("starts={at}&resource={}&minutes=30&version=1", hall.day.chair);
            let (to, path) = (staff.clone(), format!("/appointments/{}/move", movable[number]));
            shots.push(Shot { side: Side::Drag, to, cookie: cookie.clone(), path, form });
        }

        let mut storm = JoinSet::new();
        for shot in shots {
            storm.spawn(shot.fire());
        }
        let mut won = 0;
        for (side, answer) in storm.join_all().await {
            match answer.status {
                StatusCode::OK | StatusCode::SEE_OTHER => {
                    won += 1;
                    winners_of.push(side);
                }
                StatusCode::CONFLICT => {
                    // Never a bare refusal: other times are on the same page.
                    let others = ["2026-11-2", "2026-12-"];
                    let told = others.iter().any(|day| answer.body.contains(day));
                    assert!(told, "{side:?}: {}", answer.body);
                }
                other => panic!("{side:?}: {other} {}", answer.body),
            }
        }
        let live = format!(
            "SELECT id FROM appointment WHERE starts LIKE '{day}%'
             AND status IN ('booked', 'confirmed')"
        );
        assert_eq!(hall.day.clinic.rows(&live).await.len(), won, "round {round}");
        assert!((1..=2).contains(&won), "an hour and what is beside it: {won}");
        assert_eq!(hall.day.overlaps().await, Vec::<String>::new(), "round {round}");
        hall.work().await;
        let waits =
            "UPDATE waitlist_wish SET state = 'withdrawn', ended_at = 0 WHERE state = 'waiting'";
        hall.day.clinic.write(waits).await.unwrap();
        online = Online { day: hall.day, server: hall.server };
    }
    let vault = online.day.clinic.vault();
    let head = vault.ledger_head().await.unwrap();
    assert_eq!(vault.verify(Some(head)).await.unwrap().fault, None);
    assert!(!winners_of.is_empty());
}
