//! Random walks through a dialogue: no dead end, and a person at every step.

use proptest::prelude::*;

use super::*;
use crate::clock::Timestamp;

fn today() -> Day {
    "2026-11-23".parse().unwrap()
}

fn facts(services: usize, doctors: usize, days: usize, times: usize) -> Facts {
    let now = Timestamp::from_unix_ms(1_790_000_000_000);
    let day = |after: usize| today().plus_days(i64::try_from(after).unwrap());
    let at = |n: usize| Civil::new(day(1), u16::try_from(480 + 5 * n).unwrap()).unwrap();
    Facts {
        services: (0..services).map(|_| ServiceId::new(now)).collect(),
        doctors: (0..doctors).map(|_| ResourceId::new(now)).collect(),
        days: (0..days).map(day).collect(),
        times: (0..times).map(at).collect(),
        ..Facts::default()
    }
}

fn is_way_out(pick: &Pick) -> bool {
    matches!(pick, Pick::Person | Pick::Stop | Pick::Back | Pick::Page(_))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_person_can_be_asked_for_at_every_step_and_no_step_is_a_dead_end(
        sizes in (0_usize..20, 0_usize..12, 0_usize..40, 0_usize..60),
        steps in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..8), 1..60),
        look in prop::sample::select(vec![Look::Keys, Look::Rows]),
    ) {
        let facts = facts(sizes.0, sizes.1, sizes.2, sizes.3);
        let mut talk = Talk::new(1);
        for (index, kind) in steps {
            let picks = talk.picks(&facts, look);
            let (person, most) = (picks.contains(&Pick::Person), look.shown() + 4);
            prop_assert!(person && (look == Look::Rows || picks.contains(&Pick::Stop)));
            prop_assert!(picks.len() <= most, "{} of {:?}", picks.len(), talk.step);
            prop_assert!(look == Look::Keys || picks.len() <= 10, "no list has more rows");
            let texts = ["Дана Ахметова", "1990", "нет", "?", "", "17.05.1990", "А Б", "да"];
            let turn = if kind == 0 {
                talk.take(&Input::Text(texts[index.index(texts.len())]), today())
            } else {
                let pick = index.get(&picks);
                let turn = talk.take(&Input::Pick(pick), today());
                prop_assert_ne!(&turn, &Turn::Not, "{:?} at {:?}", pick, talk.step);
                turn
            };
            match turn {
                Turn::Ask(next) | Turn::Again(next) | Turn::Translate(next) => talk = next,
                Turn::Book(whole) => {
                    prop_assert!(whole.service.is_some() && whole.starts.is_some());
                    prop_assert!(!whole.name.is_empty() && whole.consent == 1);
                    talk = whole.lost(&facts);
                }
                Turn::Person | Turn::Stop | Turn::Begin => talk = Talk::new(1),
                Turn::Move(_) | Turn::Link(_) | Turn::Leave => unreachable!(),
                Turn::Not => {}
            }
        }
    }

    #[test]
    fn whoever_takes_the_first_of_everything_has_booked_after_eight_turns(
        sizes in (1_usize..20, 1_usize..12, 1_usize..40, 1_usize..60),
    ) {
        let facts = facts(sizes.0, sizes.1, sizes.2, sizes.3);
        let mut talk = Talk::new(1);
        for turn in 1.. {
            prop_assert!(turn <= 8, "stuck at {:?}", talk.step);
            let pick = talk.picks(&facts, Look::Rows).remove(0);
            let next = match talk.step {
                Step::Name => talk.take(&Input::Text("Дана Ахметова"), today()),
                _ => talk.take(&Input::Pick(&pick), today()),
            };
            match next {
                Turn::Ask(next) => talk = next,
                Turn::Book(_) => break,
                other => prop_assert!(false, "{other:?}"),
            }
        }
    }

    #[test]
    fn every_entry_of_a_long_list_is_on_one_of_its_pages(
        count in 0_usize..60,
        look in prop::sample::select(vec![Look::Keys, Look::Rows]),
    ) {
        let facts = facts(1, 1, 1, count);
        let mut talk = Talk::new(1).at(Step::Time);
        let mut seen = Vec::new();
        loop {
            let picks = talk.picks(&facts, look);
            seen.extend(picks.iter().filter(|pick| !is_way_out(pick)).cloned());
            let page = picks.iter().find_map(|pick| match pick {
                Pick::Page(page) => Some(*page),
                _ => None,
            });
            match page {
                Some(page) if page != 0 => talk.page = page,
                _ => break,
            }
        }
        prop_assert_eq!(seen.len(), count);
    }
}

proptest! {
    #[test]
    fn every_time_to_move_to_is_on_a_page_with_a_person_and_the_way_to_leave_it(
        count in 0_usize..40,
        link in any::<bool>(),
        look in prop::sample::select(vec![Look::Keys, Look::Rows]),
    ) {
        let facts = Facts { moments: facts(0, 0, 0, count).times, link, ..Facts::default() };
        let now = Timestamp::from_unix_ms(1_790_000_000_000);
        let mut talk = Talk::moving(AppointmentId::new(now));
        let mut seen = Vec::new();
        for _ in 0..=count {
            let picks = talk.picks(&facts, look);
            prop_assert!(picks.contains(&Pick::Person) && picks.contains(&Pick::Leave));
            prop_assert_eq!(picks.contains(&Pick::Link), link);
            prop_assert!(look == Look::Keys || picks.len() <= 10);
            for pick in &picks {
                prop_assert_ne!(talk.take(&Input::Pick(pick), today()), Turn::Not);
            }
            seen.extend(picks.iter().filter_map(|pick| match pick {
                Pick::Moment(at) => Some(*at),
                _ => None,
            }));
            let next = picks.iter().find(|pick| matches!(pick, Pick::Page(page) if *page != 0));
            let Some(Turn::Ask(next)) = next.map(|it| talk.take(&Input::Pick(it), today()))
            else {
                break;
            };
            talk = next;
        }
        prop_assert_eq!(seen, facts.moments);
    }
}

#[test]
fn what_is_no_name_and_no_birthday_is_asked_for_again() {
    let name = Talk::new(1).at(Step::Name);
    for odd in ["", "Дана", "как записаться?", "87012345678", "Дана Ахметова 1990"]
    {
        assert_eq!(name.take(&Input::Text(odd), today()), Turn::Again(name.clone()), "{odd}");
    }
    let birth = Talk::new(1).at(Step::Birth);
    for odd in ["", "32.01.1990", "2090", "не скажу"] {
        assert_eq!(birth.take(&Input::Text(odd), today()), Turn::Again(birth.clone()), "{odd}");
    }
}

#[test]
fn words_at_a_step_of_choices_are_left_to_a_person() {
    for step in [Step::Agree, Step::Service, Step::Doctor, Step::Day, Step::Time, Step::Confirm] {
        let talk = Talk::new(1).at(step);
        assert_eq!(talk.take(&Input::Text("Дана Ахметова"), today()), Turn::Not);
    }
}

#[test]
fn a_lost_time_keeps_all_else_and_a_second_one_needs_no_second_name() {
    let facts = facts(1, 1, 3, 4);
    let talk = Talk { name: "Дана Ахметова".to_owned(), ..Talk::new(1) }.at(Step::Confirm);
    let lost = talk.lost(&facts);
    assert_eq!((lost.step, lost.starts, lost.name.as_str()), (Step::Time, None, "Дана Ахметова"));
    let again = lost.take(&Input::Pick(&Pick::Time(facts.times[2])), today());
    let Turn::Ask(again) = again else { panic!("{again:?}") };
    assert_eq!((again.step, again.starts), (Step::Confirm, Some(facts.times[2])));
}
