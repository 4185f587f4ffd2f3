//! A storm of bookings: two hundred at once, from four sides, for overlapping
//! and unequal intervals of one doctor and one chair. Whoever is let in stands
//! alone, whoever is refused was in somebody's way, and the ledger is whole.

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE};
use axum::http::{Request, StatusCode};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use tokio::task::JoinSet;

use tirkeu::booking::{self, BookingError, NewAppointment};
use tirkeu::clock::Civil;
use tirkeu::ids::AppointmentId;
use tirkeu::vault::permission::{ImportRecords, Role};
use tirkeu::web::SESSION_COOKIE;

use crate::booking::Day1;
use crate::support::send;

/// Requests of one round from each of the four sides.
const FROM_EACH_SIDE: usize = 50;

/// More of them with `TIRKEU_STORM_ROUNDS`.
const ROUNDS: i64 = 6;

#[derive(Clone, Copy, Debug)]
struct Wish {
    starts: Civil,
    minutes: i64,
}

impl Wish {
    fn overlaps(&self, other: &Self) -> bool {
        self.starts < other.starts.plus_minutes(other.minutes)
            && other.starts < self.starts.plus_minutes(self.minutes)
    }
}

/// Moves keep their length; the others come in all lengths.
fn wishes(runner: &mut TestRunner, round: i64) -> Vec<Wish> {
    let monday: Civil = "2026-11-23T09:00".parse().unwrap();
    // Weekdays only, one for each round.
    let day = monday.plus_minutes((round / 5 * 7 + round % 5) * 24 * 60);
    (0..4 * FROM_EACH_SIDE)
        .map(|index| {
            let drawn = (0_i64..36, 3_i64..12).new_tree(runner).unwrap().current();
            let moved = (FROM_EACH_SIDE..3 * FROM_EACH_SIDE).contains(&index);
            let minutes = if moved { 30 } else { drawn.1 * 5 };
            Wish { starts: day.plus_minutes(drawn.0 * 5), minutes }
        })
        .collect()
}

/// Appointments far away, to be moved into the storm.
pub async fn elsewhere(day: &Day1, count: usize, week: &mut i64) -> Vec<AppointmentId> {
    let mut made = Vec::new();
    let first: Civil = "2027-02-01T09:00".parse().unwrap();
    while made.len() < count {
        let starts = first.plus_minutes(*week * 7 * 24 * 60);
        *week += 1;
        for half_hour in (0..8).take(count - made.len()) {
            let starts = starts.plus_minutes(half_hour * 30);
            let new = NewAppointment {
                minutes: Some(30),
                place_id: Some(day.chair),
                ..day.at(&starts.to_string())
            };
            match day.try_book(&new).await {
                Ok(booked) => made.push(booked.id),
                Err(BookingError::OffShift(_)) => break, // a holiday
                Err(other) => panic!("{other}"),
            }
        }
    }
    made
}

fn accepted(outcome: Result<(), BookingError>) -> bool {
    match outcome {
        Ok(()) => true,
        Err(BookingError::Taken(_)) => false,
        Err(other) => panic!("not a refusal: {other}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn in_a_storm_of_bookings_every_slot_has_one_winner_and_the_ledger_is_whole() {
    let day = Day1::open().await;
    let reception = day.clinic.sign_in(Role::Reception).await;
    let cookie = format!("{SESSION_COOKIE}={}", reception.session.cookie_value());
    let import = day.clinic.grant::<ImportRecords>(Role::Reception).await;
    let mut runner = TestRunner::deterministic();
    let rounds = std::env::var("TIRKEU_STORM_ROUNDS").ok().and_then(|text| text.parse().ok());
    let mut week = 0;

    for round in 0..rounds.unwrap_or(ROUNDS) {
        let wishes = wishes(&mut runner, round);
        let movable = elsewhere(&day, 2 * FROM_EACH_SIDE, &mut week).await;
        let mut storm: JoinSet<(usize, bool)> = JoinSet::new();
        for (index, wish) in wishes.iter().copied().enumerate() {
            let clinic = day.clinic.clinic.clone();
            let post = |path: String, form: String| {
                let request = Request::post(path)
                    .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                    .header(COOKIE, &cookie)
                    .header("hx-request", "true")
                    .body(Body::from(form))
                    .unwrap();
                let staff = day.clinic.staff.clone();
                async move {
                    let answer = send(&staff, request).await;
                    let expected = [StatusCode::OK, StatusCode::CONFLICT];
                    assert!(expected.contains(&answer.status), "{} {}", answer.status, answer.body);
                    answer.status == StatusCode::OK
                }
            };
            match index / FROM_EACH_SIDE {
                0 => {
                    let form = format!(
                        "patient={}&service={}&doctor={}&chair={}&starts={}&minutes={}",
                        day.patient, day.filling, day.anna, day.chair, wish.starts, wish.minutes
                    );
                    let asked = post("/appointments".to_owned(), form);
                    storm.spawn(async move { (index, asked.await) });
                }
                1 => {
                    let id = movable[index - FROM_EACH_SIDE];
                    let form = format!(
                        "starts={}&resource={}&minutes=30&version=1",
                        wish.starts, day.chair
                    );
                    let asked = post(format!("/appointments/{id}/move"), form);
                    storm.spawn(async move { (index, asked.await) });
                }
                2 => {
                    let id = movable[index - FROM_EACH_SIDE];
                    storm.spawn(async move {
                        let visitor = Day1::visitor();
                        let moved =
                            booking::answer_move(&clinic, &visitor, id, wish.starts, None).await;
                        (index, accepted(moved.map(|_| ())))
                    });
                }
                _ => {
                    let new = NewAppointment {
                        minutes: Some(wish.minutes),
                        place_id: Some(day.chair),
                        ..day.at(&wish.starts.to_string())
                    };
                    let import = import.clone();
                    storm.spawn(async move {
                        let booked = clinic
                            .vault
                            .change(&import, async |tx| {
                                let (_, event) = booking::book_in(tx, &import, &new).await?;
                                Ok(((), event))
                            })
                            .await;
                        (index, accepted(booked))
                    });
                }
            }
        }
        let mut winners = Vec::new();
        let mut refused = Vec::new();
        for (index, won) in storm.join_all().await {
            if won { winners.push(wishes[index]) } else { refused.push(wishes[index]) }
        }

        assert!(!winners.is_empty() && winners.len() + refused.len() == 4 * FROM_EACH_SIDE);
        for (index, winner) in winners.iter().enumerate() {
            let rival = winners[index + 1..].iter().find(|other| winner.overlaps(other));
            assert!(rival.is_none(), "round {round}: {winner:?} and {rival:?} both won");
        }
        for loser in &refused {
            let taken = winners.iter().any(|winner| winner.overlaps(loser));
            assert!(taken, "round {round}: {loser:?} was refused, and nobody was in its way");
        }
        assert_eq!(day.overlaps().await, Vec::<String>::new(), "round {round}");
    }

    let head = day.clinic.vault().ledger_head().await.unwrap();
    let verified = day.clinic.vault().verify(Some(head)).await.unwrap();
    assert_eq!(verified.fault, None);
}
