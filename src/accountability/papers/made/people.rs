//! Papers about people: who has access, how many there are, who knows the rules.

use super::{named, table};
use crate::access::rights;
use crate::accountability::size::{self, Standing};
use crate::accountability::{told, training};
use crate::clinic::Clinic;
use crate::i18n::dates::numeric;
use crate::incidents::papers::{Speech, printable};
use crate::paper::Block;
use crate::vault::Grant;
use crate::vault::permission::{ViewRegisters, ViewStaff};
use crate::web::Problem;

/// Everybody who may open data, what as, since when, and a place to sign.
pub(super) async fn of_access(
    clinic: &Clinic,
    grant: &Grant<ViewStaff>,
    speech: &Speech<'_>,
) -> Result<Vec<Block>, Problem> {
    let members = rights::members(clinic, grant).await?;
    let here = members.into_iter().filter(|one| one.person.left_at.is_none());
    let role = |role: &str, custom: &Option<String>| {
        custom.clone().unwrap_or_else(|| speech.say(&format!("shell-role-{role}")))
    };
    let rows = here.zip(1..).map(|(one, n)| {
        let mut said = vec![role(one.person.role.name(), &one.person.custom)];
        said.push(format!("{} {}", speech.say("access-since"), speech.moment(one.person.since)));
        said.extend(one.lent.iter().map(|lent| {
            let name = role(lent.role.as_deref().unwrap_or_default(), &lent.custom);
            format!("{name}: {} — {}", speech.moment(lent.from_at), speech.moment(lent.last_at))
        }));
        if one.held.is_some() {
            said.push(speech.say("access-held"));
        }
        said.push(format!("{}: ______________________", speech.say("access-signature")));
        (format!("{n}. {}", one.person.name), said.join("\n"))
    });
    Ok(vec![table(speech, rows.collect())])
}

pub(super) fn of_size(standing: &Standing, speech: &Speech<'_>) -> Vec<Block> {
    let class = |class: size::Class| speech.say(&format!("accountability-size-{}", class.name()));
    let yes = |yes| speech.say(if yes { "accountability-yes" } else { "accountability-no" });
    let people = &standing.people;
    let mut rows = vec![
        named(speech, "whose-patients", people.patients.to_string()),
        named(speech, "whose-staff", people.staff.to_string()),
        named(speech, "whose-applicants", people.applicants.to_string()),
        named(speech, "total", standing.total.to_string()),
        named(speech, "class-own", class(standing.class)),
        named(speech, "class-treated", class(standing.treated_as)),
        named(speech, "must-notify", yes(standing.must_notify)),
    ];
    rows.extend(standing.thresholds.iter().map(|one| {
        let reach = speech.say(&format!("accountability-reach-{}", one.reach.name()));
        let name = speech.say(&format!("accountability-limit-{}", one.code.name()));
        (name, format!("{} — {reach}", one.at))
    }));
    vec![table(speech, rows)]
}

pub(super) async fn of_rules(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    speech: &Speech<'_>,
) -> Result<Vec<Block>, Problem> {
    let versions = training::versions(&clinic.vault, grant).await?;
    let newest = versions.first().ok_or(Problem::NotFound)?;
    let text = told(speech.language, &newest.text_ru, &newest.text_kk);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    Ok(lines.map(|line| Block::Paragraph(printable(line).into())).collect())
}

pub(super) async fn of_training(
    clinic: &Clinic,
    grant: &Grant<ViewRegisters>,
    speech: &Speech<'_>,
) -> Result<Vec<Block>, Problem> {
    let learners = training::learners(clinic, grant).await?;
    let rows = learners.into_iter().map(|one| {
        let role = speech.say(&format!("shell-role-{}", one.role.name()));
        let standing = speech.say(&format!("accountability-rules-{}", one.standing.name()));
        let when = one.confirmed.map(|confirmed| {
            let args =
                [("version", confirmed.version.into()), ("at", speech.moment(confirmed.at).into())];
            speech.with("accountability-confirmed-at", &args)
        });
        let due = format!("{} {}", speech.say("accountability-due"), numeric(one.due));
        let said = [Some(role), when, Some(format!("{standing}, {due}"))];
        (one.name, said.into_iter().flatten().collect::<Vec<_>>().join("\n"))
    });
    Ok(vec![table(speech, rows.collect())])
}
