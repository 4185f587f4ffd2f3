//! The act of destruction on paper, in Russian or Kazakh: counts, rules, people
//! and days; no value that was destroyed.

use crate::clock::Timestamp;
use crate::disposals::model::Act;
use crate::i18n::dates;
use crate::incidents::papers::{Letterhead, Speech, printable};
use crate::paper::{Block, Paper, SignatureLine};
use crate::retention::Extent;

/// The act as it is signed by hand and kept.
pub fn paper(act: &Act, head: &Letterhead, speech: &Speech<'_>, now: Timestamp) -> Paper {
    let number = [("number", act.number.into())];
    let title = speech.with("disposals-paper-title", &number);
    let dated = act.done_at.unwrap_or(now);
    let laws = act.laws();
    let mut paper = Paper::new(&title, speech.language.tag(), dated);
    paper.header_left.clone_from(&head.lines);
    paper.header_right = vec![speech.moment(dated)];
    paper.footer.clone_from(&title);
    paper.blocks = vec![
        Block::Title(title),
        Block::Paragraph(speech.say(&keyed("disposals-paper-ground", act)).into()),
        Block::Table(facts(act, speech)),
        Block::Heading(speech.say("disposals-paper-what")),
        Block::Table(counts(act, speech)),
        Block::Heading(speech.say("disposals-paper-basis")),
        Block::List(
            laws.iter().map(|law| printable(law.in_language(speech.language)).into()).collect(),
        ),
        Block::Paragraph(speech.say("disposals-paper-how").into()),
    ];
    paper.blocks.extend(act.copies_until.map(|day| {
        let (key, said) = match act.copies_gone_at {
            Some(at) => ("disposals-paper-copies-gone", speech.moment(at)),
            None => ("disposals-paper-copies", dates::numeric(day)),
        };
        Block::Paragraph(speech.with(key, &[("date", said.into())]).into())
    }));
    paper.blocks.push(Block::Paragraph(speech.say(&keyed("disposals-paper-stays", act)).into()));
    let line = |key: &str, name: &str| {
        let description = format!("{}: {}", speech.say(key), printable(name));
        let caption = speech.say("disposals-paper-signature");
        SignatureLine { description, caption, drawing: None }
    };
    paper.blocks.push(Block::Signatures(vec![
        line("disposals-proposed-by", &act.proposed_by_name),
        line("disposals-done-by", act.done_by_name.as_deref().unwrap_or_default()),
    ]));
    paper
}

/// The words for a whole person, or for what no law orders kept.
fn keyed(key: &str, act: &Act) -> String {
    match act.extent {
        Extent::Whole => format!("{key}-whole"),
        Extent::Unkept => format!("{key}-unkept"),
    }
}

fn facts(act: &Act, speech: &Speech<'_>) -> Vec<(String, String)> {
    let mut rows = vec![
        (speech.say("disposals-request"), format!("№ {}", act.request)),
        (speech.say("disposals-card"), format!("№ {}", act.card)),
        (
            speech.say("disposals-proposed-by"),
            format!("{}, {}", printable(&act.proposed_by_name), speech.moment(act.proposed_at)),
        ),
    ];
    rows.extend(act.done_at.zip(act.done_by_name.as_ref()).map(|(at, name)| {
        let said = format!("{}, {}", printable(name), speech.moment(at));
        (speech.say("disposals-done-by"), said)
    }));
    rows
}

fn counts(act: &Act, speech: &Speech<'_>) -> Vec<(String, String)> {
    let rows = act.counts.rows().into_iter();
    rows.map(|(kind, n)| (speech.say(&format!("disposals-count-{kind}")), n.to_string())).collect()
}
