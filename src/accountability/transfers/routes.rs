//! The log of transfers on the web: filters, counts, pages, files.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Serialize;

use super::{A_PAGE, Party, Transfer, TransferForm};
use crate::accountability::{ENTRY, transfers};
use crate::clinic::Clinic;
use crate::clock::Timestamp;
use crate::contact::Country;
use crate::incidents::papers::{Speech, printed, register};
use crate::incidents::{InLanguage, csv_file, file, letterhead};
use crate::messaging::setup::GatewayKind;
use crate::messaging::text::{Class, Purpose};
use crate::pages::{Chrome, View};
use crate::vault::Grant;
use crate::vault::permission::ViewRegisters;
use crate::web::{FieldErrors, Page, Problem, Routes};

const PATH: &str = "/personal-data/transfers";

pub fn routes() -> Routes {
    Routes::new()
        .get(PATH, list)
        .get("/personal-data/transfers/export.csv", export_csv)
        .get("/personal-data/transfers/export.pdf", export_pdf)
}

#[derive(Debug, Serialize)]
pub struct TransfersPage {
    pub(in crate::accountability) rows: Vec<Line<Transfer>>,
    pub(in crate::accountability) parties: Vec<Line<Party>>,
    pub(in crate::accountability) form: TransferForm,
    pub(in crate::accountability) errors: FieldErrors,
    /// Kinds of gateways to choose from.
    pub(in crate::accountability) kinds: Vec<&'static str>,
    pub(in crate::accountability) filtered: bool,
    pub(in crate::accountability) total: i64,
    pub(in crate::accountability) page: i64,
    pub(in crate::accountability) pages: i64,
}

/// A line, and whether it left the country.
#[derive(Debug, Serialize)]
pub struct Line<T> {
    #[serde(flatten)]
    pub of: T,
    pub abroad: bool,
}

async fn list(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    chrome: Chrome,
    Query(form): Query<TransferForm>,
) -> Result<Page, Problem> {
    let (filter, errors) = form.filter(&clinic.profile.get().zone);
    let log = transfers::page(&clinic, &grant, &filter, form.page()).await?;
    let line = |of: Transfer| Line { abroad: of.country.is_abroad(), of };
    let party = |of: Party| Line { abroad: of.country.is_abroad(), of };
    let view = TransfersPage {
        rows: log.rows.into_iter().map(line).collect(),
        parties: log.parties.into_iter().map(party).collect(),
        errors,
        kinds: GatewayKind::OFFERED.map(GatewayKind::name).to_vec(),
        filtered: !form.is_empty(),
        total: log.total,
        page: form.page(),
        pages: (log.total + A_PAGE - 1) / A_PAGE,
        form,
    };
    Page::of(&clinic, &chrome.active(ENTRY), &view)
}

async fn export_csv(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    Query(form): Query<TransferForm>,
) -> Result<Response, Problem> {
    let (filter, _) = form.filter(&clinic.profile.get().zone);
    let mut writer = csv::Writer::from_writer(vec![0xEF, 0xBB, 0xBF]);
    let mut written = writer.write_record(["at", "card", "party", "country", "classes", "message"]);
    for row in transfers::file(&clinic, &grant, &filter).await? {
        let classes: Vec<_> = row.classes.iter().map(|class| class.name()).collect();
        written = written.and(writer.write_record([
            row.at.rfc3339(),
            row.card.map(|card| card.to_string()).unwrap_or_default(),
            row.party,
            row.country.name().to_owned(),
            classes.join(" "),
            row.purpose.name().to_owned(),
        ]));
    }
    csv_file(written, writer, "transfers.csv")
}

async fn export_pdf(
    State(clinic): State<Clinic>,
    grant: Grant<ViewRegisters>,
    Query(asked): Query<InLanguage>,
    Query(form): Query<TransferForm>,
) -> Result<Response, Problem> {
    let speech = Speech::of(&clinic, asked.language());
    let head = letterhead(&clinic, &grant, &speech).await?;
    let (filter, _) = form.filter(&clinic.profile.get().zone);
    let rows = transfers::file(&clinic, &grant, &filter).await?;
    let rows = rows.iter().map(|row| in_words(&speech, row)).collect();
    let paper = register(&speech, &head, "transfers-title", clinic.clock().now(), rows);
    Ok(file(printed(paper).await?, "application/pdf", "transfers.pdf"))
}

fn in_words(speech: &Speech<'_>, row: &Transfer) -> (String, String) {
    let whose = match row.card {
        Some(card) => speech.with("transfers-paper-card", &[("card", card.to_string().into())]),
        None => speech.say("transfers-nobody"),
    };
    let classes = row.classes.iter().map(|one| format!("transfers-class-{}", one.name()));
    let classes: Vec<_> = classes.map(|key| speech.say(&key)).collect();
    let said = speech.with(
        "transfers-paper-row",
        &[
            ("party", speech.say(&format!("messaging-gateway-{}", row.party)).into()),
            ("country", country(speech, row.country).into()),
            ("classes", classes.join(", ").into()),
            ("purpose", speech.say(&format!("messaging-purpose-{}", row.purpose.name())).into()),
        ],
    );
    (format!("{} · {whose}", speech.moment(row.at)), said)
}

fn country(speech: &Speech<'_>, country: Country) -> String {
    speech.say(&format!("accountability-country-{}", country.name()))
}

impl View for TransfersPage {
    const TEMPLATE: &'static str = "accountability/transfers.html";

    fn samples() -> Vec<Self> {
        let row = |country: Country, card| Transfer {
            at: Timestamp::from_unix_ms(1_790_000_000_000),
            patient_id: None,
            card,
            purpose: Purpose::BookingMade,
            party: if country.is_abroad() { "whatsapp" } else { "smsc" }.to_owned(),
            country,
            classes: sqlx::types::Json(Class::ALL.to_vec()),
        };
        let rows = |all: Vec<Transfer>| {
            all.into_iter().map(|of| Line { abroad: of.country.is_abroad(), of }).collect()
        };
        let party = |country: Country| Line {
            of: Party {
                party: "smsc".to_owned(),
                country,
                times: 100,
                people: 7,
                last_at: Timestamp::from_unix_ms(1_790_000_000_000),
            },
            abroad: country.is_abroad(),
        };
        let empty = |filtered| Self {
            rows: Vec::new(),
            parties: Vec::new(),
            form: TransferForm::default(),
            errors: FieldErrors::from([("card", "accountability-error-card".to_owned())]),
            kinds: vec!["smsc", "whatsapp"],
            filtered,
            total: 0,
            page: 1,
            pages: 0,
        };
        let full = Self {
            rows: rows(vec![row(Country::Kz, Some(12)), row(Country::Us, None)]),
            parties: vec![party(Country::Kz), party(Country::Us)],
            total: 101,
            page: 2,
            pages: 3,
            ..empty(false)
        };
        vec![empty(false), empty(true), full]
    }
}
