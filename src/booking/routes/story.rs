//! The dispute sheet on the web, and on paper.

use axum::extract::{Path, State};
use serde::Serialize;

use crate::booking::routes::words::{Say, delivery};
use crate::booking::series::Mark;
use crate::booking::story::{Moment, Story, What, story};
use crate::booking::{Furniture, day};
use crate::clinic::Clinic;
use crate::clock::{Civil, Day, Timestamp};
use crate::ids::{AppointmentId, SeriesId};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::ViewSchedule;
use crate::web::{Page, Problem};

#[derive(Debug, Serialize)]
pub struct StoryView {
    id: AppointmentId,
    day: Day,
    starts: Civil,
    ends: Civil,
    state: &'static str,
    patient: String,
    service: String,
    doctor: String,
    chair: String,
    clinic: String,
    series: Option<Mark>,
    /// When this sheet was made, and for whom.
    made_at: Timestamp,
    lines: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    at: Timestamp,
    /// `step`, `written` or `became`.
    kind: &'static str,
    /// Who did it; empty for what a gateway reported.
    who: String,
    text: String,
    /// A message's own words; empty for everything else.
    message: String,
    language: &'static str,
    /// Whom it went to, and the gateway's number of it.
    details: String,
    /// By the shared names; empty for steps.
    delivery: &'static str,
}

pub(super) async fn page(
    State(clinic): State<Clinic>,
    grant: Grant<ViewSchedule>,
    chrome: Chrome,
    Path(id): Path<AppointmentId>,
) -> Result<Page, Problem> {
    let told = story(&clinic, &grant, id, chrome.language).await?;
    let furniture = day::resources(&clinic, &grant.also()?).await?;
    let say = Say::to(&clinic, &chrome);
    let details = &told.details;
    let view = StoryView {
        id,
        day: details.starts.day(),
        starts: details.starts,
        ends: details.starts.plus_minutes(details.minutes),
        state: details.status.name(),
        patient: details.patient.clone(),
        service: details.service.clone(),
        doctor: details.doctor.clone(),
        chair: details.place_name.clone(),
        clinic: clinic.profile.get().name.clone(),
        series: told.series,
        made_at: clinic.clock().now(),
        lines: told.moments.iter().map(|moment| line(&say, &told, moment, &furniture)).collect(),
    };
    Page::of(&clinic, &chrome.active("schedule"), &view)
}

fn line(say: &Say<'_>, told: &Story, moment: &Moment, furniture: &Furniture) -> Line {
    let blank = |kind| Line {
        at: moment.at,
        kind,
        who: String::new(),
        text: String::new(),
        message: String::new(),
        language: "",
        details: String::new(),
        delivery: "",
    };
    match &moment.what {
        What::Step(index) => {
            let steps = &told.details.history;
            let step = &steps[*index];
            let before = index.checked_sub(1).map(|index| &steps[index]);
            let text = say.step(step, before, furniture);
            Line { who: say.who(step), text, ..blank("step") }
        }
        What::Written(message) => {
            let number = message.provider_id.clone().unwrap_or_default();
            let parts = [message.to.to_string(), number];
            let details: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
            Line {
                text: say.key(&format!("messaging-purpose-{}", message.purpose.name())),
                message: message.text.clone(),
                language: message.language.tag(),
                details: details.join(" · "),
                ..blank("written")
            }
        }
        What::Became(purpose, state) => {
            let why = state.reason.as_deref().map(|code| say.reason_of(code));
            Line {
                text: say.key(&format!("messaging-purpose-{}", purpose.name())),
                details: why.unwrap_or_default(),
                delivery: delivery(Some(state.state)),
                ..blank("became")
            }
        }
    }
}

impl View for StoryView {
    const TEMPLATE: &'static str = "booking/story.html";

    fn samples() -> Vec<Self> {
        let at = Timestamp::from_unix_ms(1_795_402_800_000);
        let starts: Civil = "2026-11-23T10:00".parse().expect("a time");
        let line = |kind, message: &str, delivery| Line {
            at,
            kind,
            who: "Ахметова Б.".to_owned(),
            text: "—".to_owned(),
            message: message.to_owned(),
            language: "ru",
            details: "+7 (701) 234-56-78".to_owned(),
            delivery,
        };
        let lines = vec![
            line("step", "", ""),
            line("written", "Вы записаны", ""),
            line("became", "", "delivered"),
            line("became", "", ""),
        ];
        let blank = |lines| Self {
            id: AppointmentId::new(at),
            day: starts.day(),
            starts,
            ends: starts.plus_minutes(30),
            state: "booked",
            patient: "Мусин Ержан".to_owned(),
            service: "Лечение".to_owned(),
            doctor: "Сейтова А. Н.".to_owned(),
            chair: String::new(),
            clinic: "—".to_owned(),
            series: Some(Mark {
                series_id: SeriesId::new(at),
                position: 3,
                visits: 12,
                together: false,
                later: 9,
            }),
            made_at: at,
            lines,
        };
        vec![blank(lines), blank(Vec::new())]
    }
}
