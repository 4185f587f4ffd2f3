//! A year of the clinic under the rules: how many misdeeds are found, and how
//! often an officer is called for nothing. Measured on a seed on which nothing
//! was tuned; `--nocapture` prints the table.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use tirkeu::audit::findings::facts::{
    DayFacts, Measures, Place, Places, StandingFacts, Trace, Wall,
};
use tirkeu::audit::findings::{Finding, Limits, Rule, judge, judge_standing, measure};
use tirkeu::clock::Day;

use super::misdeeds::{self, Beside, Kind, Misdeed};
use super::work;
use super::world::{Draft, World, place_of};

/// The seed that is measured; others were looked at while rules were written.
const SEED: u64 = 9_031;

/// What came of a year.
pub struct Score {
    pub entries: usize,
    pub visits: usize,
    pub misdeeds: Vec<(Misdeed, bool)>,
    /// Every finding, and which misdeed it is about.
    pub findings: Vec<(Finding, Option<usize>)>,
}

/// What the days before leave behind, as the database keeps it.
#[derive(Default)]
struct Memory {
    measures: HashMap<String, Vec<Measures>>,
    places: HashMap<String, HashSet<Place>>,
    eve: Vec<Trace>,
    beside: Beside,
    found: BTreeSet<(Rule, String, Day, String)>,
    next_seq: i64,
}

pub fn run(seed: u64, limits: &Limits) -> Score {
    let mut world = World::new(seed);
    let planned = misdeeds::plan(&mut world);
    live(world, 365, planned, limits)
}

/// So many days with these misdeeds, each on its day of the year.
pub fn of_plan(seed: u64, days: i64, plan: Vec<(Kind, Rule, i64)>, limits: &Limits) -> Score {
    let world = World { quiet: true, ..World::new(seed) };
    let planned = plan.into_iter().map(|(kind, rule, of_year)| Misdeed {
        kind,
        rule,
        day: world.first.plus_days(of_year),
    });
    let planned = planned.collect();
    live(world, days, planned, limits)
}

fn live(mut world: World, days: i64, planned: Vec<Misdeed>, limits: &Limits) -> Score {
    let mut memory = Memory::default();
    let mut score = Score { entries: 0, visits: 0, misdeeds: Vec::new(), findings: Vec::new() };
    let mut caught = vec![false; planned.len()];
    for of_year in 0..days {
        let day = world.first.plus_days(of_year);
        let honest = work::day(&mut world, day);
        let mut drafts = honest.entries;
        for (at, one) in planned.iter().enumerate().filter(|(_, one)| one.day == day) {
            misdeeds::commit(&mut world, day, one.kind, at, &mut drafts, &mut memory.beside);
        }
        let (facts, misdeed_of) = evening(&world, &mut memory, day, drafts);
        score.entries += facts.entries.len();
        score.visits += world.by_day.get(&day).map_or(0, Vec::len);
        let wall = Wall { day, zone: world.zone.clone(), now: world.at(day, 1439, 0) };
        let mut found = judge(&facts, limits, &wall);
        found.extend(judge_standing(&standing(&world, &memory, day), limits, &wall));
        for finding in found {
            let known = (finding.rule, finding.actor.clone(), finding.day, finding.key.clone());
            if !memory.found.insert(known) {
                continue;
            }
            let about = about(&finding, &misdeed_of, &planned);
            if let Some(at) = about {
                caught[at] = true;
            }
            score.findings.push((finding, about));
        }
        remember(&mut memory, &facts, limits, &wall);
    }
    score.misdeeds = planned.into_iter().zip(caught).collect();
    score
}

/// Puts a day's entries in order and numbers them. A clock that went back is
/// the last to write.
fn evening(
    world: &World,
    memory: &mut Memory,
    day: Day,
    mut drafts: Vec<Draft>,
) -> (DayFacts, HashMap<i64, usize>) {
    drafts.sort_by_key(|draft| (draft.trace.act == "session.locked", draft.trace.at));
    let mut misdeed_of = HashMap::new();
    let mut entries = Vec::new();
    for draft in drafts {
        let trace = Trace { seq: memory.next_seq, ..draft.trace };
        memory.next_seq += 1;
        if let Some(at) = draft.misdeed {
            misdeed_of.insert(trace.seq, at);
        }
        entries.push(trace);
    }
    let looked = entries.iter().filter(|entry| !entry.lists());
    let looked: BTreeSet<_> = looked.flat_map(|entry| entry.patients.iter().copied()).collect();
    let usual = memory.measures.iter().map(|(actor, days)| {
        let last = &days[days.len().saturating_sub(30)..];
        (actor.clone(), Measures::usual(last))
    });
    let mut users: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (actor, places) in &memory.places {
        for place in places {
            users.entry(place.network.clone()).or_default().insert(actor);
        }
    }
    let shared = users.into_iter().filter(|(_, actors)| 2 <= actors.len());
    let facts = DayFacts {
        eve: std::mem::take(&mut memory.eve),
        roster: world.roster(day),
        visits: world.visits(looked.into_iter(), day),
        people: world.people.clone(),
        watched: world.watched.clone(),
        kin: world.kin.clone(),
        usual: usual.collect(),
        places: Places {
            of: memory.places.clone(),
            clinic: shared.map(|(network, _)| network).collect(),
        },
        entries,
    };
    (facts, misdeed_of)
}

fn standing(world: &World, memory: &Memory, day: Day) -> StandingFacts {
    let anchored = if memory.beside.no_anchor {
        world.at(day.plus_days(-1), 1000, 0)
    } else {
        world.at(day, 600, 0)
    };
    StandingFacts {
        emergencies: memory.beside.emergencies.clone(),
        codes: memory.beside.codes.clone(),
        anchored: Some(anchored),
    }
}

/// A finding is about the misdeed that most of its entries are part of.
fn about(
    finding: &Finding,
    misdeed_of: &HashMap<i64, usize>,
    planned: &[Misdeed],
) -> Option<usize> {
    let by_entry = finding.entries.iter().find_map(|seq| misdeed_of.get(seq).copied());
    by_entry.or_else(|| {
        planned.iter().position(|one| {
            let standing = matches!(
                one.kind,
                Kind::Emergency | Kind::SharedPhone | Kind::StaffPhone | Kind::Anchor
            );
            standing && one.rule == finding.rule
        })
    })
}

fn remember(memory: &mut Memory, facts: &DayFacts, limits: &Limits, wall: &Wall) {
    for (actor, measures) in measure(facts, limits, wall) {
        memory.measures.entry(actor).or_default().push(measures);
    }
    for entry in facts.entries.iter().filter(|entry| entry.act == "session.started") {
        if let Some((actor, place)) = place_of(entry) {
            memory.places.entry(actor).or_default().insert(place);
        }
    }
    let rights = |entry: &&Trace| entry.act == "staff.role_given" || entry.act == "staff.added";
    memory.eve = facts.entries.iter().filter(rights).cloned().collect();
    // The anchor is taken again the next day.
    memory.beside.no_anchor = false;
}

impl Score {
    pub fn recall(&self) -> f64 {
        let caught = self.misdeeds.iter().filter(|(_, caught)| *caught).count();
        ratio(caught, self.misdeeds.len())
    }

    pub fn precision(&self) -> f64 {
        let right = self.findings.iter().filter(|(_, about)| about.is_some()).count();
        ratio(right, self.findings.len())
    }

    pub fn false_a_week(&self) -> f64 {
        let wrong = self.findings.iter().filter(|(_, about)| about.is_none()).count();
        ratio(wrong, 1) / (365.0 / 7.0)
    }

    pub fn print(&self, seed: u64) {
        println!("\nseed {seed}: {} entries, {} appointments", self.entries, self.visits);
        println!(
            "{:<18} {:>8} {:>7} {:>6} {:>10}",
            "rule", "misdeeds", "caught", "false", "precision"
        );
        for rule in Rule::ALL {
            let meant = self.misdeeds.iter().filter(|(one, _)| one.rule == rule);
            let (all, caught) =
                meant.fold((0, 0), |(all, caught), (_, is)| (all + 1, caught + usize::from(*is)));
            let own = self.findings.iter().filter(|(one, _)| one.rule == rule);
            let (found, right) = own.fold((0, 0), |(found, right), (_, about)| {
                (found + 1, right + usize::from(about.is_some()))
            });
            let precision =
                if found == 0 { "-".to_owned() } else { format!("{:.2}", ratio(right, found)) };
            println!(
                "{:<18} {all:>8} {caught:>7} {:>6} {precision:>10}",
                rule.code(),
                found - right
            );
        }
        if std::env::var_os("FALSE_ALARMS").is_some() {
            for (one, _) in self.findings.iter().filter(|(_, about)| about.is_none()) {
                println!("false: {} {} {} {:?}", one.rule.code(), one.actor, one.day, one.numbers);
            }
        }
        for (one, _) in self.misdeeds.iter().filter(|(_, caught)| !caught) {
            println!("missed: {:?} on {}", one.kind, one.day);
        }
        println!(
            "recall {:.2}, precision {:.2}, {:.2} false findings a week",
            self.recall(),
            self.precision(),
            self.false_a_week()
        );
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a year")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

#[tokio::test]
async fn nine_of_ten_misdeeds_of_a_year_are_found_with_few_false_alarms() {
    let limits = super::shipped_limits().await;
    let score = run(SEED, &limits);
    score.print(SEED);
    assert!(12_000 < score.visits && 80_000 < score.entries, "a year of work");
    assert!(0.9 <= score.recall(), "recall {:.2}", score.recall());
    assert!(0.7 <= score.precision(), "precision {:.2}", score.precision());
    assert!(score.false_a_week() <= 2.0, "{:.2} false a week", score.false_a_week());
}

#[tokio::test]
async fn the_same_seed_is_the_same_year_and_other_years_are_judged_alike() {
    let limits = super::shipped_limits().await;
    let again = |seed| {
        let score = run(seed, &limits);
        (score.entries, score.findings.len(), score.recall())
    };
    assert_eq!(again(1), again(1));
    for seed in [2, 3, 5] {
        let score = run(seed, &limits);
        score.print(seed);
        assert!(0.85 <= score.recall() && 0.65 <= score.precision(), "seed {seed}");
    }
}
