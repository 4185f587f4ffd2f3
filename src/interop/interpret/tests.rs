//! The shipped files of a clinic against the truth about them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::date;

use super::*;

fn today() -> Date {
    date(2026, 11, 22)
}

fn shipped(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/clinic-small/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn clinic() -> Vec<File> {
    ["price-list.xlsx", "patients.csv", "journal.xlsx"]
        .map(|name| open(name, &shipped(name), None, today()).unwrap())
        .to_vec()
}

fn records(name: &str) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_reader(std::io::Cursor::new(shipped(name)));
    let headers = reader.headers().unwrap().clone();
    let record = |record: csv::StringRecord| {
        headers.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
    };
    reader.records().map(|row| record(row.unwrap())).collect()
}

#[test]
fn the_shipped_files_are_recognised_for_what_they_are() {
    let files = clinic();
    let kinds =
        |file: &File| file.layouts.iter().map(|layout| layout.kind).collect::<BTreeSet<_>>();
    assert_eq!(kinds(&files[0]), BTreeSet::from([Kind::Prices]));
    assert_eq!(kinds(&files[1]), BTreeSet::from([Kind::People]));
    assert_eq!(kinds(&files[2]), BTreeSet::from([Kind::Journal]));
    assert_eq!(files[2].layouts.len(), 12);
    assert_eq!(files[2].layouts[0].header_row, Some(2));
}

#[test]
fn every_row_of_the_shipped_journal_has_the_verdict_and_the_facts_of_the_truth() {
    let outcome = interpret(&clinic(), &Known::default(), today());
    let lines: HashMap<(&str, u32), &Line> = outcome
        .lines
        .iter()
        .filter(|line| line.file == 2)
        .map(|line| ((line.sheet.as_str(), line.row), line))
        .collect();
    let mut wrong = Vec::new();
    for truth in records("truth-rows.csv") {
        let line = lines[&(truth["sheet"].as_str(), truth["row"].parse().unwrap())];
        let expected = expected(&truth["verdict"]);
        let codes: Vec<&str> = line
            .reasons
            .iter()
            .filter(|reason| **reason != Reason::PartialName)
            .map(|reason| reason.code())
            .collect();
        if (line.verdict, codes.join(",").as_str()) != expected {
            wrong.push(format!(
                "{} {}: {:?} {codes:?}, not {expected:?}",
                line.sheet, line.row, line.verdict
            ));
        }
        if let (Content::Visit(visit), Verdict::Taken | Verdict::Flagged) =
            (&line.content, line.verdict)
        {
            let facts = (
                visit.day.unwrap().to_string(),
                visit.start.unwrap().strftime("%H:%M").to_string(),
                visit.doctor.clone().unwrap_or_default(),
                visit.service.clone().unwrap_or_default(),
            );
            let true_facts = (
                truth["date"].clone(),
                truth["time"].clone(),
                truth["doctor"].clone(),
                truth["service"].clone(),
            );
            if facts != true_facts {
                wrong.push(format!("{} {}: {facts:?}, not {true_facts:?}", line.sheet, line.row));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(30)].join("\n")
    );
}

fn expected(verdict: &str) -> (Verdict, &'static str) {
    match verdict {
        "ok" => (Verdict::Taken, ""),
        "ok: no phone" => (Verdict::Flagged, "no_phone"),
        "ok: two phones" => (Verdict::Flagged, "two_phones"),
        short if short.starts_with("ok: phone too short") => (Verdict::Flagged, "short_phone"),
        "reject: no time" => (Verdict::Refused, "no_time"),
        "reject: no patient" => (Verdict::Refused, "no_patient"),
        "reject: impossible date" => (Verdict::Refused, "impossible_date"),
        "skip" => (Verdict::Skipped, "total"),
        other => panic!("the truth says {other}"),
    }
}

#[test]
fn no_two_people_of_the_shipped_clinic_share_a_card_and_every_split_is_offered() {
    let outcome = interpret(&clinic(), &Known::default(), today());
    let truth: HashMap<(String, u32), String> = records("truth-people.csv")
        .into_iter()
        .map(|row| ((row["source"].clone(), row["row"].parse().unwrap()), row["person"].clone()))
        .collect();
    let who = |line: &Line| {
        let source = if line.file == 1 { "patients.csv".to_owned() } else { line.sheet.clone() };
        truth.get(&(source, line.row)).cloned()
    };
    let report = judge(&outcome, who);
    println!("{report}");
    assert!(report.wrong_merges.is_empty(), "{report}");
    assert!(report.unoffered.is_empty(), "{report}");
    assert!(report.recall() > 0.97, "{report}");
    assert!(outcome.duplicates.len() < 250, "{}", outcome.duplicates.len());
    let bad_iin: Vec<u32> = outcome
        .lines
        .iter()
        .filter(|line| line.reasons.contains(&Reason::BadIin))
        .map(|line| line.row)
        .collect();
    let true_bad: Vec<u32> = records("truth-people.csv")
        .iter()
        .filter(|row| row["flag"] == "bad-iin")
        .map(|row| row["row"].parse().unwrap())
        .collect();
    assert_eq!(bad_iin, true_bad);
    assert!(
        outcome
            .lines
            .iter()
            .filter(|line| line.file == 1)
            .all(|line| line.verdict != Verdict::Refused)
    );
}

#[test]
fn importing_the_same_files_again_changes_nothing() {
    let files = clinic();
    let first = interpret(&files, &Known::default(), today());
    let keys: HashSet<&str> = first
        .lines
        .iter()
        .map(|line| line.source_key.as_str())
        .filter(|key| !key.is_empty())
        .collect();
    let with_key = first.lines.iter().filter(|line| !line.source_key.is_empty()).count();
    assert_eq!(keys.len(), with_key);
    let known = known_after(&first);
    let second = interpret(&files, &known, today());
    assert!(second.cards.iter().all(|card| card.known.is_some()), "new cards on the second run");
    assert_eq!(second.cards.len(), first.cards.len());
    // What was offered once and not decided is offered again.
    assert!(
        second.duplicates.len() * 10 >= first.duplicates.len() * 9,
        "{}",
        second.duplicates.len()
    );
    for (a, b) in first.lines.iter().zip(&second.lines) {
        assert_eq!((&a.source_key, a.verdict, &a.reasons), (&b.source_key, b.verdict, &b.reasons));
    }
}

/// The state of a clinic after it has taken what an outcome says.
pub(super) fn known_after(outcome: &Outcome) -> Known {
    let people = outcome.cards.iter().map(person_of).collect();
    let rows = outcome.lines.iter().filter_map(|line| match &line.content {
        Content::Person { card } => card.map(|card| (line.source_key.clone(), card)),
        Content::Visit(visit) => visit.card.map(|card| (line.source_key.clone(), card)),
        _ => None,
    });
    Known { people, rows: rows.collect(), doctors: outcome.doctors.clone(), services: Vec::new() }
}

fn person_of(card: &Card) -> Person {
    Person {
        name: card.name.clone(),
        written: card.name.full(),
        phones: card.phones.clone(),
        iin: card.iin.clone(),
        birth_date: card.birth_date,
        ..Person::default()
    }
}

/// How well cards agree with people.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub wrong_merges: Vec<String>,
    /// People on several cards, no offer connecting them.
    pub unoffered: Vec<String>,
    pub split: usize,
    pub people: usize,
    pub cards: usize,
    pub offers: usize,
    /// Pairs of rows: rightly together, wrongly together, wrongly apart.
    pub pairs: [usize; 3],
}

impl Report {
    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    pub fn precision(&self) -> f64 {
        self.pairs[0] as f64 / (self.pairs[0] + self.pairs[1]).max(1) as f64
    }

    #[expect(clippy::cast_precision_loss, reason = "small counts")]
    pub fn recall(&self) -> f64 {
        self.pairs[0] as f64 / (self.pairs[0] + self.pairs[2]).max(1) as f64
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{} people on {} cards, {} of them on several; {} duplicates offered; precision {:.4}, recall {:.4} of pairs of rows",
            self.people,
            self.cards,
            self.split,
            self.offers,
            self.precision(),
            self.recall()
        )?;
        for (what, list) in [("WRONG MERGE", &self.wrong_merges), ("NOT OFFERED", &self.unoffered)]
        {
            for item in list.iter().take(20) {
                writeln!(f, "{what} {item}")?;
            }
        }
        Ok(())
    }
}

/// Compares cards with the truth of who is who.
pub(super) fn judge(outcome: &Outcome, who: impl Fn(&Line) -> Option<String>) -> Report {
    let mut cards: BTreeMap<usize, BTreeMap<String, usize>> = BTreeMap::new();
    let mut people: BTreeMap<String, BTreeMap<usize, Vec<String>>> = BTreeMap::new();
    for line in &outcome.lines {
        let (card, shown) = match &line.content {
            Content::Person { card } => (*card, String::new()),
            Content::Visit(visit) => (visit.card, visit.patient.clone()),
            _ => continue,
        };
        let (Some(card), Some(person)) = (card, who(line)) else { continue };
        *cards.entry(card).or_default().entry(person.clone()).or_default() += 1;
        people
            .entry(person)
            .or_default()
            .entry(card)
            .or_default()
            .push(format!("{} {} {shown}", line.sheet, line.row));
    }
    let mut report = Report {
        people: people.len(),
        cards: cards.len(),
        offers: outcome.duplicates.len(),
        ..Report::default()
    };
    let pairs = |n: usize| n * n.saturating_sub(1) / 2;
    for (card, whose) in &cards {
        let rows: usize = whose.values().sum();
        let right: usize = whose.values().map(|n| pairs(*n)).sum();
        report.pairs[0] += right;
        report.pairs[1] += pairs(rows) - right;
        if whose.len() > 1 {
            let shown: Vec<_> = whose
                .keys()
                .map(|person| format!("{person}: {:?}", &people[person][card]))
                .collect();
            report.wrong_merges.push(shown.join(" | "));
        }
    }
    let mut linked: HashMap<usize, Vec<usize>> = HashMap::new();
    for pair in &outcome.duplicates {
        linked.entry(pair.a).or_default().push(pair.b);
        linked.entry(pair.b).or_default().push(pair.a);
    }
    for (person, on) in &people {
        let rows: usize = on.values().map(Vec::len).sum();
        let right: usize = on.values().map(|rows| pairs(rows.len())).sum();
        report.pairs[2] += pairs(rows) - right;
        if on.len() < 2 {
            continue;
        }
        report.split += 1;
        // Every card of the person must be reachable over offers between them.
        let mine: BTreeSet<usize> = on.keys().copied().collect();
        let mut reached = BTreeSet::from([*mine.first().unwrap()]);
        let mut next: Vec<usize> = reached.iter().copied().collect();
        while let Some(card) = next.pop() {
            for other in linked.get(&card).into_iter().flatten() {
                if mine.contains(other) && reached.insert(*other) {
                    next.push(*other);
                }
            }
        }
        if reached != mine {
            report.unoffered.push(format!("{person}: {on:?}"));
        }
    }
    report
}
