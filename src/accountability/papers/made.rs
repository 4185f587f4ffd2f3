//! The papers themselves.

mod people;

use crate::accountability::papers::PaperCode;
use crate::accountability::yearly::{Item, Review};
use crate::accountability::{policy, purposes, recipients, responsible, size, today, yearly};
use crate::clinic::Clinic;
use crate::i18n::Language;
use crate::i18n::dates::numeric;
use crate::incidents::letterhead;
use crate::incidents::papers::{Letterhead, Speech, printable};
use crate::paper::{Block, Paper, SignatureLine, Text};
use crate::vault::Grant;
use crate::vault::permission::ViewRegisters;
use crate::web::Problem;

type Rows = Vec<(String, String)>;

/// Makes a paper of what is true now. `number` chooses a review; the newest
/// otherwise.
pub async fn make(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    code: PaperCode,
    speech: &Speech<'_>,
    number: Option<i64>,
) -> Result<Paper, Problem> {
    let body = match code {
        PaperCode::Purposes => of_purposes(clinic, grant, speech).await?,
        PaperCode::Data => of_data(clinic, grant, speech).await?,
        PaperCode::Policy => return of_policy(clinic, grant, speech).await,
        PaperCode::Recipients => of_recipients(clinic, grant, speech).await?,
        PaperCode::Responsible => of_responsible(clinic, grant, speech).await?,
        PaperCode::Access => people::of_access(clinic, &grant.also()?, speech).await?,
        PaperCode::Size => people::of_size(&size::standing(clinic, grant).await?, speech),
        PaperCode::Rules => people::of_rules(clinic, grant, speech).await?,
        PaperCode::Training => people::of_training(clinic, grant, speech).await?,
        PaperCode::Review => of_review(clinic, grant, speech, number).await?,
    };
    let head = letterhead(clinic, grant, speech).await?;
    let title = speech.say(&format!("accountability-paper-{}", code.name()));
    let basis = speech.say(&format!("accountability-paper-{}-basis", code.name()));
    let mut paper = sheet(clinic, &head, speech, &title);
    paper.blocks = vec![Block::Title(title), Block::Note(basis)];
    paper.blocks.extend(body);
    paper.blocks.push(signature(speech, &head));
    Ok(paper)
}

fn sheet(clinic: &Clinic, head: &Letterhead, speech: &Speech<'_>, title: &str) -> Paper {
    let now = clinic.clock().now();
    let mut paper = Paper::new(title, speech.language.tag(), now);
    paper.header_left.clone_from(&head.lines);
    paper.header_right = vec![speech.moment(now)];
    title.clone_into(&mut paper.footer);
    paper
}

fn signature(speech: &Speech<'_>, head: &Letterhead) -> Block {
    let name = head.responsible.split(',').next().unwrap_or_default();
    let caption = format!("{} — {name}", speech.say("accountability-signature"));
    let line = SignatureLine { description: caption.clone(), caption, drawing: None };
    Block::Signatures(vec![line])
}

/// Two columns; a paragraph when there is nothing.
fn table(speech: &Speech<'_>, rows: Rows) -> Block {
    if rows.is_empty() {
        return Block::Paragraph(speech.say("accountability-nothing").into());
    }
    let clean = |(name, value): (String, String)| (printable(&name), printable(&value));
    Block::Table(rows.into_iter().map(clean).collect())
}

fn named(speech: &Speech<'_>, key: &str, value: impl Into<String>) -> (String, String) {
    (speech.say(&format!("accountability-{key}")), value.into())
}

async fn of_purposes(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    speech: &Speech<'_>,
) -> Result<Vec<Block>, Problem> {
    let mut blocks = Vec::new();
    for row in purposes::rows(clinic, grant, speech).await? {
        let mut rows = vec![
            named(speech, "data", row.classes),
            named(speech, "whose", row.people),
            named(speech, "basis", row.basis),
            named(speech, "term", row.terms.join("; ")),
            named(speech, "since", numeric(row.effective_from)),
        ];
        if !row.confirmed {
            rows.push(named(speech, "lawyer", speech.say("workdays-unconfirmed")));
        }
        blocks.push(Block::Heading(printable(&row.title)));
        blocks.push(table(speech, rows));
    }
    Ok(blocks)
}

async fn of_data(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    speech: &Speech<'_>,
) -> Result<Vec<Block>, Problem> {
    let all = purposes::all(&clinic.vault, grant).await?;
    let in_force = purposes::in_force(&all, today(clinic));
    let rows = purposes::class_rows(&in_force, speech).into_iter().map(|row| {
        let name = row.class.name();
        let fields = speech.say(&format!("accountability-fields-{name}"));
        let needed = if row.purposes.is_empty() {
            speech.say("accountability-no-purpose")
        } else {
            row.purposes.join("; ")
        };
        let needed = format!("{}: {needed}", speech.say("accountability-purposes"));
        let places = format!("{}: {}", speech.say("accountability-places"), row.places.join(", "));
        let said = format!("{fields}\n{needed}\n{places}");
        (speech.say(&format!("accountability-class-{name}")), said)
    });
    Ok(vec![table(speech, rows.collect())])
}

/// The approved text; until there is one, what the registers say, as a draft.
async fn of_policy(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    speech: &Speech<'_>,
) -> Result<Paper, Problem> {
    let head = letterhead(clinic, grant, speech).await?;
    let newest = policy::approved(&clinic.vault, grant).await?.into_iter().next();
    let (document, note) = if let Some(newest) = newest {
        let order = [
            ("number", newest.order_number.clone().into()),
            ("date", numeric(newest.order_date).into()),
        ];
        let note = speech.with("accountability-approved-by-order", &order);
        (newest.body(speech.language).clone(), note)
    } else {
        let written = policy::written(clinic, grant).await?;
        let document = if speech.language == Language::Kk { written.kk } else { written.ru };
        (document, speech.say("accountability-draft"))
    };
    let mut paper = sheet(clinic, &head, speech, &printable(&document.title));
    paper.blocks = vec![Block::Title(printable(&document.title)), Block::Note(printable(&note))];
    for section in document.sections {
        paper.blocks.push(Block::Heading(printable(&section.heading)));
        let paragraphs = section.paragraphs.iter();
        paper.blocks.extend(paragraphs.map(|text| Block::Paragraph(printable(text).into())));
        let points: Vec<Text> = section.points.iter().map(|text| printable(text).into()).collect();
        if !points.is_empty() {
            paper.blocks.push(Block::List(points));
        }
    }
    paper.blocks.push(signature(speech, &head));
    Ok(paper)
}

async fn of_recipients(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    speech: &Speech<'_>,
) -> Result<Vec<Block>, Problem> {
    let rows = recipients::rows(clinic, grant, speech).await?;
    let mut blocks = Vec::new();
    for row in &rows {
        let unsaid = || speech.say("accountability-unsaid");
        let country = row.country.map_or_else(unsaid, |country| {
            speech.say(&format!("accountability-country-{}", country.name()))
        });
        let abroad =
            speech.say(if row.abroad { "accountability-yes" } else { "accountability-no" });
        let contract = if row.contract.is_empty() { unsaid() } else { row.contract.clone() };
        let mut said = vec![
            named(speech, "country", country),
            named(speech, "abroad", abroad),
            named(speech, "purpose", row.purpose.clone()),
            named(speech, "data", row.classes.clone()),
            named(speech, "basis", row.basis.clone()),
            named(speech, "contract", contract),
        ];
        if let Some(channel) = &row.channel {
            let last = channel.last_at.map(|at| speech.moment(at)).unwrap_or_default();
            let sent = [("n", channel.sent.into()), ("last", last.into())];
            said.push(named(speech, "sent", speech.with("accountability-sent-n", &sent)));
        }
        blocks.push(Block::Heading(printable(&row.name)));
        blocks.push(table(speech, said));
    }
    if rows.is_empty() {
        blocks.push(Block::Paragraph(speech.say("accountability-policy-nobody").into()));
    }
    Ok(blocks)
}

async fn of_responsible(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    speech: &Speech<'_>,
) -> Result<Vec<Block>, Problem> {
    let history = responsible::history(&clinic.vault, grant).await?;
    let rows = history.into_iter().map(|one| {
        let order =
            [("number", one.order_number.clone().into()), ("date", numeric(one.order_date).into())];
        let who = if one.position.is_empty() {
            one.name
        } else {
            format!("{}, {}", one.name, one.position)
        };
        (
            numeric(one.effective_from),
            format!("{who}. {}", speech.with("accountability-order", &order)),
        )
    });
    Ok(vec![table(speech, rows.collect())])
}

async fn of_review(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    speech: &Speech<'_>,
    number: Option<i64>,
) -> Result<Vec<Block>, Problem> {
    let mut reviews = yearly::reviews(&clinic.vault, grant).await?.into_iter();
    let wanted = |review: &Review| number.is_none_or(|number| review.number == number);
    let Some(review) = reviews.find(wanted) else {
        return Ok(vec![Block::Paragraph(speech.say("accountability-reviews-none").into())]);
    };
    let items = yearly::items(&clinic.vault, grant, review.number).await?;
    let rows = items.into_iter().map(|item| {
        let name = speech.say(&format!("accountability-check-{}", item.code.name()));
        let answer = speech.say(&format!("accountability-reply-{}", item.answer.name()));
        let said = [found(&item, speech), answer, item.note.clone()];
        (name, said.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n"))
    });
    let signed = [
        ("number", review.number.into()),
        ("at", speech.moment(review.signed_at).into()),
        ("by", review.signed_by.clone().unwrap_or_default().into()),
    ];
    let next = [("day", numeric(review.next_on).into())];
    Ok(vec![
        Block::Paragraph(printable(&speech.with("accountability-review-signed", &signed)).into()),
        table(speech, rows.collect()),
        Block::Heading(speech.say("accountability-conclusion")),
        Block::Paragraph(printable(&review.conclusion).into()),
        Block::Paragraph(speech.with("accountability-review-next", &next).into()),
    ])
}

/// What the program found: `не в порядке: 2`, `3 дня назад`, `не делали`.
fn found(item: &Item, speech: &Speech<'_>) -> String {
    match (item.code.most_days(), item.found) {
        (Some(_), Some(days)) => speech.with("accountability-days-ago", &[("n", days.into())]),
        (Some(_), None) => speech.say("accountability-never"),
        (None, Some(0)) => speech.say("accountability-in-order"),
        (None, found) => {
            speech.with("accountability-wrong-n", &[("n", found.unwrap_or_default().into())])
        }
    }
}
