//! The rules in random orders: whatever was asked and answered, nothing is
//! guessed and nothing is done that nobody asked about.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::booking::Status;
use crate::clock::{Civil, Timestamp};
use crate::i18n::Language;
use crate::ids::{AppointmentId, MessageId};

const NOW_MS: i64 = 1_795_402_800_000;
const MINUTE_MS: i64 = 60_000;

fn civil(minutes: i64) -> Civil {
    "2026-11-23T10:00".parse::<Civil>().unwrap().plus_minutes(minutes)
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_unix_ms(NOW_MS + minutes * MINUTE_MS)
}

/// A message: when it left, in minutes before now, and the visits it named.
#[derive(Clone, Debug)]
struct Sent {
    ago: i64,
    visits: Vec<usize>,
}

/// A visit: where it stands, whether it moved since, its status.
#[derive(Clone, Copy, Debug)]
struct Stands {
    in_minutes: i64,
    moved: bool,
    status: Status,
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![
        4 => Just(Status::Booked),
        2 => Just(Status::Confirmed),
        1 => Just(Status::Cancelled),
        1 => Just(Status::Arrived),
        1 => Just(Status::NoShow),
    ]
}

fn stands() -> impl Strategy<Value = Stands> {
    (-2000_i64..20_000, proptest::bool::weighted(0.1), status())
        .prop_map(|(in_minutes, moved, status)| Stands { in_minutes, moved, status })
}

fn meaning() -> impl Strategy<Value = Meaning> {
    prop_oneof![
        Just(Meaning::Yes),
        Just(Meaning::No),
        Just(Meaning::Move),
        Just(Meaning::Stop),
        Just(Meaning::Start),
        Just(Meaning::Unclear)
    ]
}

fn sent() -> impl Strategy<Value = Sent> {
    (0_i64..30_000, vec(0_usize..5, 0..4)).prop_map(|(ago, mut visits)| {
        visits.sort_unstable();
        visits.dedup();
        Sent { ago, visits }
    })
}

/// All that the store would bring.
fn rows(sent: &[Sent], visits: &[(AppointmentId, Stands)]) -> Vec<Asked> {
    let mut rows = Vec::new();
    for one in sent {
        let message_id = MessageId::new(at(-one.ago));
        let row = |visit: Option<&(AppointmentId, Stands)>| {
            let starts = visit.map(|(_, stands)| civil(stands.in_minutes));
            let moved = visit.is_some_and(|(_, stands)| stands.moved);
            Asked {
                message_id,
                left_at: at(-one.ago),
                language: Language::Ru,
                appointment_id: visit.map(|(id, _)| *id),
                patient_id: None,
                status: visit.map(|(_, stands)| stands.status),
                asked_for: starts.map(|at| if moved { at.plus_minutes(-30) } else { at }),
                starts,
            }
        };
        if one.visits.is_empty() {
            rows.push(row(None));
        }
        rows.extend(one.visits.iter().map(|index| row(Some(&visits[*index]))));
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn an_answer_counts_for_what_the_last_message_asked_and_for_nothing_else(
        sent in vec(sent(), 0..6),
        all in vec(stands(), 5),
        meaning in meaning(),
        known in proptest::bool::weighted(0.9),
        kept_back in prop_oneof![Just(0_i64), 0_i64..3000],
    ) {
        let visits: Vec<(AppointmentId, Stands)> =
            all.into_iter().map(|stands| (AppointmentId::new(at(0)), stands)).collect();
        let rows = rows(&sent, &visits);
        let decision = decide(meaning, &rows, known, (at(-kept_back), at(0)), civil(0));
        let Decision::Does(said, message, these) = decision else { return Ok(()) };
        prop_assert!(known && said == meaning);
        prop_assert!(matches!(said, Meaning::Yes | Meaning::No | Meaning::Move));
        prop_assert!(!these.is_empty());
        let last = rows.iter().max_by_key(|row| (row.left_at, row.message_id)).unwrap();
        prop_assert_eq!(message, last.message_id);
        prop_assert!(kept_back <= 10 || last.left_at <= at(-kept_back), "older than the question");
        for id in &these {
            let named = rows.iter().any(|row| {
                row.message_id == message && row.appointment_id == Some(*id)
            });
            prop_assert!(named, "nobody asked about it");
            let (_, stands) = visits.iter().find(|(known, _)| known == id).unwrap();
            let is_open = stands.status.may_move() && 0 < stands.in_minutes;
            let is_off = said == Meaning::No && stands.status == Status::Cancelled;
            prop_assert!(is_open || is_off, "over: {stands:?}");
            prop_assert!(is_off || !stands.moved, "elsewhere than it was asked for");
        }
        let lately = at(-2 * 24 * 60);
        for row in &rows {
            let other = row.appointment_id.filter(|id| {
                !rows.iter().any(|row| row.message_id == message && row.appointment_id == Some(*id))
            });
            let Some(other) = other.filter(|_| lately <= row.left_at) else { continue };
            let (_, stands) = visits.iter().find(|(known, _)| *known == other).unwrap();
            let waits = stands.status == Status::Booked && 0 < stands.in_minutes;
            prop_assert!(!waits, "another visit waits for an answer too");
        }
    }

    #[test]
    fn whatever_somebody_writes_is_read_without_harm(text in ".{0,80}") {
        let meant = read(&text);
        prop_assert_eq!(read(&format!("  {text}\n")), meant);
        prop_assert_eq!(read(&format!("{text}?")), Meaning::Unclear);
    }
}

fn one(status: Status, moved: bool) -> (Vec<(AppointmentId, Stands)>, Sent) {
    let stands = Stands { in_minutes: 600, moved, status };
    (vec![(AppointmentId::new(at(0)), stands)], Sent { ago: 5, visits: vec![0] })
}

fn said(meaning: Meaning, visits: &[(AppointmentId, Stands)], sent: &[Sent]) -> Decision {
    decide(meaning, &rows(sent, visits), true, (at(0), at(0)), civil(0))
}

#[test]
fn each_reason_is_named() {
    let desk = Decision::Desk;
    let (visits, sent) = one(Status::Booked, false);
    let question = std::slice::from_ref(&sent);
    assert!(matches!(said(Meaning::Yes, &visits, question), Decision::Does(Meaning::Yes, ..)));
    assert_eq!(said(Meaning::Unclear, &visits, question), desk(Why::Unclear));
    assert_eq!(said(Meaning::Stop, &visits, question), desk(Why::Stop));
    assert_eq!(said(Meaning::Yes, &visits, &[]), desk(Why::Unasked));
    let long_ago = Sent { ago: 16 * 24 * 60, ..sent.clone() };
    assert_eq!(said(Meaning::Yes, &visits, &[long_ago]), desk(Why::Unasked));
    let offer = Sent { ago: 1, visits: Vec::new() };
    assert_eq!(said(Meaning::Yes, &visits, &[sent.clone(), offer]), desk(Why::Other));
    let asked = rows(question, &visits);
    let unknown = decide(Meaning::Yes, &asked, false, (at(0), at(0)), civil(0));
    assert_eq!(unknown, desk(Why::Unknown));
    let kept = decide(Meaning::Yes, &asked, true, (at(-60), at(0)), civil(0));
    assert_eq!(kept, desk(Why::Late));
    // Asked every few seconds, a gateway brings what was just written.
    let fresh = decide(Meaning::Yes, &asked, true, (at(-6), at(0)), civil(0));
    assert!(matches!(fresh, Decision::Does(..)));
    let (moved, _) = one(Status::Booked, true);
    assert_eq!(said(Meaning::Yes, &moved, question), desk(Why::Moved));
    let (off, _) = one(Status::Cancelled, false);
    assert_eq!(said(Meaning::Yes, &off, question), desk(Why::Over));
    assert!(matches!(said(Meaning::No, &off, question), Decision::Does(Meaning::No, ..)));
}

#[test]
fn two_visits_asked_about_are_never_guessed_between_and_one_message_about_both_is_clear() {
    let (mut visits, first) = one(Status::Booked, false);
    visits.push((AppointmentId::new(at(0)), visits[0].1));
    let second = Sent { ago: 1, visits: vec![1] };
    let both = [first.clone(), second.clone()];
    assert_eq!(said(Meaning::Yes, &visits, &both), Decision::Desk(Why::Several));
    let long_ago = Sent { ago: 3 * 24 * 60, ..first };
    let clear = said(Meaning::Yes, &visits, &[long_ago, second]);
    assert!(matches!(clear, Decision::Does(_, _, these) if these == [visits[1].0]));
    let family = Sent { ago: 1, visits: vec![0, 1] };
    let all = said(Meaning::No, &visits, std::slice::from_ref(&family));
    assert!(matches!(all, Decision::Does(Meaning::No, _, these) if these.len() == 2));
    // Who confirmed by the link is asked about no more.
    visits[0].1.status = Status::Cancelled;
    let rest = said(Meaning::Yes, &visits, &[family]);
    assert!(matches!(rest, Decision::Does(_, _, these) if these == [visits[1].0]));
}
