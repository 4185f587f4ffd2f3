//! At the desk: giving documents out, taking them back, what stands.

use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::Day;
use crate::consents::document::{
    ClinicFacts, Document, Fact, Labels, Order, Particulars, PatientFacts,
};
use crate::consents::model::{
    ConsentId, Identity, KIOSK_MS, Language, Level, Outcome, Step, WithdrawalWay, age_on,
};
use crate::consents::store::{self, NewRow, Proof, Row};
use crate::consents::template::Template;
use crate::consents::{ConsentError, TOPIC, jobs, otp, tablets, topic};
use crate::contact::Bin;
use crate::crypto::BlobHash;
use crate::ids::{AppointmentId, PatientId, TabletId};
use crate::schedule::{self, Requisites};
use crate::vault::permission::{DownloadConsents, StartConsent, ViewConsents};
use crate::vault::{Event, Events, Grant, Subject, Tx, Vault, VaultError, Violation};

/// Who is to sign: what the card says.
#[derive(Clone, Debug)]
pub struct Signer {
    pub id: PatientId,
    pub name: String,
    pub born: Option<Day>,
    /// The last four digits, or empty.
    pub iin_last4: String,
    /// E.164; the one on the card before this began. None when there is none.
    pub phone: Option<String>,
    pub allergy: Option<String>,
}

/// Documents to give to a patient.
#[derive(Clone, Debug)]
pub struct Handout {
    pub signer: Signer,
    pub appointment: Option<AppointmentId>,
    pub service: Option<String>,
    pub doctor: Option<String>,
    pub price: Option<String>,
    /// Keys of wordings, in the order they are to be read.
    pub templates: Vec<String>,
    pub language: Language,
    /// None for paper.
    pub tablet: Option<TabletId>,
    pub identity: Option<Identity>,
}

/// Gives documents to a patient: each becomes a consent with a number, waiting
/// on the tablet for twenty minutes.
///
/// # Errors
/// Everything that would make signing fail later is refused now: no phone, a
/// phone of staff, nobody checked, another patient on the tablet.
pub async fn hand_out(
    clinic: &Clinic,
    grant: &Grant<StartConsent>,
    handout: &Handout,
) -> Result<Vec<ConsentId>, ConsentError> {
    let offered = super::wordings::offered(clinic, grant).await?;
    let find = |key: &String| offered.iter().find(|template| template.key == *key);
    let chosen: Option<Vec<&Template>> = handout.templates.iter().map(find).collect();
    let chosen = chosen.filter(|chosen| !chosen.is_empty()).ok_or(ConsentError::NothingChosen)?;
    let facts = schedule::facts(&mut clinic.vault.read(grant).await?).await?;
    clinic
        .vault
        .change(grant, async |tx| {
            let mut order = check(tx, clinic, grant, handout, &chosen).await?;
            order.facts = facts;
            let mut ids = Vec::new();
            let mut events = order.expired.clone();
            for template in chosen {
                let (id, event) = order.give(tx, template).await?;
                ids.push(id);
                events.push(event);
            }
            let first = events.remove(0).touching(TOPIC);
            let events = events.into_iter().fold(Events::from(first), Events::and);
            Ok((ids, events))
        })
        .await
}

/// A hand-out that was checked.
struct Checked<'a> {
    clinic: &'a Clinic,
    handout: &'a Handout,
    staff: (crate::ids::StaffId, String),
    today: Day,
    session: String,
    /// What had lain on the tablet too long, and ended now.
    expired: Vec<Event>,
    /// What the clinic says of itself.
    facts: Option<schedule::ClinicFacts>,
}

async fn check<'a>(
    tx: &mut Tx,
    clinic: &'a Clinic,
    grant: &Grant<StartConsent>,
    handout: &'a Handout,
    chosen: &[&Template],
) -> Result<Checked<'a>, ConsentError> {
    let staff = staff_of(grant.actor())?;
    let today = clinic.profile.get().zone.today(tx.now());
    let session = clinic.random.hex::<16>();
    let mut checked =
        Checked { clinic, handout, staff, today, session, expired: Vec::new(), facts: None };
    if let Some(tablet) = handout.tablet {
        tablets::standing(tx, tablet).await?;
        store::release_paper(tx, tablet).await?;
        let now = tx.now();
        for (id, patient) in store::on_tablet(tx.sql(), tablet, now).await? {
            match end_if_expired(tx, id).await? {
                Expiry::Now(event) => checked.expired.push(event),
                Expiry::Open if patient != handout.signer.id => {
                    return Err(ConsentError::TabletBusy);
                }
                Expiry::Open | Expiry::Before => {}
            }
        }
        let by_code = |template: &&Template| checked.level(template) < Level::L3;
        if chosen.iter().any(by_code) {
            let phone = handout.signer.phone.as_deref().ok_or(ConsentError::NoPhone)?;
            if store::is_staff_phone(tx.sql(), phone).await? {
                return Err(ConsentError::StaffPhone);
            }
        }
        let drawn = |template: &&Template| checked.level(template).needs_drawing();
        if chosen.iter().any(drawn) && handout.identity.is_none() {
            return Err(ConsentError::IdentityMissing);
        }
    }
    Ok(checked)
}

impl Checked<'_> {
    fn level(&self, template: &Template) -> Level {
        let age = self.handout.signer.born.and_then(|born| age_on(born, self.today));
        template.level().for_age(age, template.russian.self_from)
    }

    async fn give(
        &self,
        tx: &mut Tx,
        template: &Template,
    ) -> Result<(ConsentId, Event), ConsentError> {
        let id = ConsentId::new(tx.now());
        let (handout, level) = (self.handout, self.level(template));
        let number = store::next_number(tx, self.today.year()).await?;
        let number = format!("{}-{number:06}", self.today.year());
        let in_language = |language| self.document(id, &number, template, language, tx.now());
        let expires_at = tx.now().plus_ms(KIOSK_MS);
        let step = if handout.tablet.is_some() { Step::Read } else { Step::Paper };
        let identity = handout.identity.as_ref().map(serde_json::to_string).transpose()?;
        let row = NewRow {
            id,
            number: &number,
            patient_id: handout.signer.id,
            appointment_id: handout.appointment.map(|appointment| appointment.to_string()),
            template: (&template.key, template.version),
            level,
            language: handout.language,
            russian: in_language(Language::Russian).canonical(),
            kazakh: in_language(Language::Kazakh).canonical(),
            phone: handout.signer.phone.as_deref(),
            identity,
            tablet_id: handout.tablet,
            session: &self.session,
            prepared_by: self.staff.0,
            prepared_by_name: &self.staff.1,
            expires_at,
            step,
        };
        store::insert(tx, row).await?;
        if handout.tablet.is_some() {
            jobs::expire_at(tx, id, expires_at).await?;
        }
        let detail = json!({
            "template": template.key, "version": template.version, "level": level,
            "tablet": handout.tablet, "identity_checked": handout.identity.is_some(),
        });
        let given = event("consent.prepared", handout.signer.id, id).with_detail(detail);
        Ok((id, given))
    }

    fn clinic_facts(&self, words: &Says) -> ClinicFacts {
        let name = self.clinic.profile.get().name.clone();
        let Some(facts) = &self.facts else {
            return ClinicFacts { name, ..ClinicFacts::default() };
        };
        let of = &facts.requisites;
        let in_kazakh = words.language == Language::Kazakh && !facts.address_kk.is_empty();
        let sign = if in_kazakh { &facts.address_kk } else { &facts.address_ru };
        let or = |text: &String, other: &String| {
            if text.is_empty() { other.clone() } else { text.clone() }
        };
        ClinicFacts {
            name: or(&of.legal_name, &name),
            bin: of.bin.as_ref().map(ToString::to_string).unwrap_or_default(),
            licence: words.licence(of),
            address: or(&of.legal_address, sign),
            phone: facts.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
            email: of.email.clone(),
            responsible: of.responsible.clone(),
        }
    }

    fn document(
        &self,
        consent: ConsentId,
        number: &str,
        template: &Template,
        language: Language,
        now: crate::clock::Timestamp,
    ) -> Document {
        let (handout, signer) = (self.handout, &self.handout.signer);
        let words = Says { clinic: self.clinic, language };
        let facts = [
            ("consents-fact-service", &handout.service),
            ("consents-fact-doctor", &handout.doctor),
            ("consents-fact-price", &handout.price),
        ];
        let fact = |(key, value): (&str, &Option<String>)| {
            value.clone().map(|value| Fact { name: words.say(key), value })
        };
        Document::prepare(Order {
            consent,
            number: number.to_owned(),
            template,
            language,
            level: self.level(template),
            clinic: self.clinic_facts(&words),
            patient: PatientFacts {
                id: signer.id,
                name: signer.name.clone(),
                born: signer.born.map(|born| born.to_string()).unwrap_or_default(),
                iin_last4: signer.iin_last4.clone(),
            },
            particulars: Particulars {
                service: handout.service.clone(),
                doctor: handout.doctor.clone(),
                price: handout.price.clone(),
                allergy: signer.allergy.clone(),
            },
            facts: facts.into_iter().filter_map(fact).collect(),
            labels: words.labels(self.facts.as_ref()),
            now,
        })
    }
}

/// The words of a document's language.
struct Says<'a> {
    clinic: &'a Clinic,
    language: Language,
}

impl Says<'_> {
    fn say(&self, key: &str) -> String {
        self.clinic.pages.words().plain(self.language.into(), key)
    }

    /// `№ 18012345 от 12.03.2018`; empty until both are given.
    fn licence(&self, of: &Requisites) -> String {
        let Some(date) = of.licence_date.filter(|_| !of.licence_number.is_empty()) else {
            return String::new();
        };
        let date = date.to_jiff().strftime("%d.%m.%Y").to_string();
        let args = [("number", of.licence_number.as_str().into()), ("date", date.into())];
        let words = self.clinic.pages.words();
        words.with(self.language.into(), "consents-paper-licence-of", &args)
    }

    fn labels(&self, facts: Option<&schedule::ClinicFacts>) -> Labels {
        let say = |name: &str| self.say(&format!("consents-paper-{name}"));
        let bin = facts.and_then(|facts| facts.requisites.bin.as_ref());
        let of_person = bin.is_some_and(Bin::is_person);
        Labels {
            version: say("version"),
            signature: say("signature"),
            staff: say("staff"),
            bin: say(if of_person { "iin" } else { "bin" }),
            licence: say("licence"),
            confirmation: say("confirmation"),
            confirmed_at: say("confirmed-at"),
            patient: say("patient"),
            identity: say("identity"),
            code: say("code"),
            read: say("read"),
            document_hash: say("document-hash"),
            short_id: say("short-id"),
            level: say("level"),
            tablet: say("tablet"),
            explanation: say("explanation"),
            address: say("address"),
            missing: say("missing"),
        }
    }
}

/// All of a patient's documents, newest first, with how each ended.
pub async fn of_patient(
    vault: &Vault,
    grant: &Grant<ViewConsents>,
    patient: PatientId,
) -> Result<Vec<Row>, VaultError> {
    let mut disclosure = vault.disclose(grant, patient).await?;
    store::of_patient(disclosure.sql(), patient).await
}

/// One consent.
pub async fn open(
    vault: &Vault,
    grant: &Grant<ViewConsents>,
    id: ConsentId,
) -> Result<Row, ConsentError> {
    let patient = {
        let mut reader = vault.read(grant).await?;
        store::patient_of(reader.sql(), id).await?
    };
    let patient = patient.ok_or(ConsentError::NoSuchConsent)?;
    let mut disclosure = vault.disclose(grant, patient).await?;
    store::by_id(disclosure.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)
}

/// What was given out since a moment, newest first.
pub async fn since(
    vault: &Vault,
    grant: &Grant<ViewConsents>,
    at: crate::clock::Timestamp,
) -> Result<Vec<Row>, ConsentError> {
    vault
        .list(grant, "consents.listed", async |listing| {
            let rows = store::since(listing.sql(), at).await?;
            let whose = rows.iter().map(|row| row.patient_id).collect();
            Ok((rows, whose))
        })
        .await
}

/// How many codes the clinic has sent within a day.
pub async fn codes_today(vault: &Vault, grant: &Grant<ViewConsents>) -> Result<u32, VaultError> {
    let mut reader = vault.read(grant).await?;
    store::codes_since(reader.sql(), vault.clock().now().plus_ms(-otp::DAY_MS)).await
}

/// Takes a document back from the tablet.
pub async fn cancel(
    vault: &Vault,
    grant: &Grant<StartConsent>,
    id: ConsentId,
) -> Result<(), ConsentError> {
    let (_, name) = staff_of(grant.actor())?;
    vault
        .change(grant, async |tx| {
            let row = store::by_id(tx.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)?;
            end(tx, &row, Outcome::Cancelled, &name, Proof::default()).await?;
            Ok(((), ended("consent.cancelled", &row)))
        })
        .await
}

/// Writes down that the patient signed the printed document with a pen. `scan`
/// is the scanned sheet in the store, when there is one.
pub async fn record_paper(
    vault: &Vault,
    grant: &Grant<StartConsent>,
    id: ConsentId,
    scan: Option<BlobHash>,
) -> Result<(), ConsentError> {
    let (_, name) = staff_of(grant.actor())?;
    let scan = scan.map(|scan| scan.to_string());
    vault
        .change(grant, async |tx| {
            let row = store::by_id(tx.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)?;
            let proof = Proof { signed_pdf: scan.as_deref(), ..Proof::default() };
            end(tx, &row, Outcome::SignedOnPaper, &name, proof).await?;
            let detail = json!({ "scan": scan, "level": row.level });
            Ok(((), ended("consent.signed_on_paper", &row).with_detail(detail)))
        })
        .await
}

/// Writes down that the patient no longer agrees: a record of its own, the
/// consent stays on file. Contact that rests on it ends at once, because
/// whoever sends asks [`Row::stands`] at that moment.
///
/// # Errors
/// [`ConsentError::NotStanding`] when it was never given, or is withdrawn.
pub async fn withdraw(
    vault: &Vault,
    grant: &Grant<StartConsent>,
    id: ConsentId,
    way: WithdrawalWay,
) -> Result<(), ConsentError> {
    let (staff, name) = staff_of(grant.actor())?;
    vault
        .change(grant, async |tx| {
            let row = store::by_id(tx.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)?;
            if !row.stands() {
                return Err(ConsentError::NotStanding);
            }
            store::withdraw(tx, id, staff, &name, way).await?;
            let withdrawn = ended("consent.withdrawn", &row).with_detail(json!({ "way": way }));
            Ok(((), withdrawn))
        })
        .await
}

/// Which of a consent's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum File {
    Document,
    Signed,
    Pack,
}

impl File {
    pub fn name(self) -> &'static str {
        match self {
            Self::Document => "document.pdf",
            Self::Signed => "signed.pdf",
            Self::Pack => "pack.zip",
        }
    }
}

/// A file of a consent and its consent. That it left is in the ledger first.
///
/// # Errors
/// [`ConsentError::NoSuchConsent`] when it is not there (yet).
pub async fn download(
    clinic: &Clinic,
    grant: &Grant<DownloadConsents>,
    id: ConsentId,
    file: File,
) -> Result<(Row, Vec<u8>), ConsentError> {
    let row = {
        let mut reader = clinic.vault.read(grant).await?;
        store::by_id(reader.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)?
    };
    let stored = match file {
        File::Document => &row.document_pdf,
        File::Signed => &row.signed_pdf,
        File::Pack => &row.pack,
    };
    let bytes = match stored {
        Some(hash) => {
            let hash = hash.parse::<BlobHash>().map_err(|_| ConsentError::NoSuchConsent)?;
            clinic.files.get_bytes(hash).await?
        }
        // Not signed yet: what is to be printed and signed with a pen.
        None if file == File::Document => row.document()?.print()?.bytes,
        None => return Err(ConsentError::NoSuchConsent),
    };
    let left =
        event("consent.downloaded", row.patient_id, id).with_detail(json!({ "file": file.name() }));
    clinic.vault.record(grant, left).await?;
    Ok((row, bytes))
}

impl Row {
    /// The document as ticked, or as it was given out.
    pub fn document(&self) -> Result<Document, serde_json::Error> {
        let given = match self.language {
            Language::Russian => &self.russian,
            Language::Kazakh => &self.kazakh,
        };
        serde_json::from_str(self.document.as_ref().unwrap_or(given))
    }

    /// Whether the patient agreed and still does.
    pub fn stands(&self) -> bool {
        self.outcome.is_some_and(Outcome::stands) && self.withdrawn_at.is_none()
    }

    /// Whether the patient ticked this box of a consent that stands.
    pub fn allows(&self, key: &str) -> bool {
        let ticked = |document: Document| {
            document.checks().any(|(known, _, _, ticked)| known == key && ticked)
        };
        self.stands() && self.document().is_ok_and(ticked)
    }
}

/// Id and name of the member of staff who acts.
pub(super) fn staff_of(
    actor: &crate::vault::Actor,
) -> Result<(crate::ids::StaffId, String), VaultError> {
    let id = actor.staff().ok_or(VaultError::NotStaff)?;
    let person = actor.person().ok_or(VaultError::NotStaff)?;
    Ok((id, person.name.clone()))
}

/// Ends a consent, once.
pub(super) async fn end(
    tx: &mut Tx,
    row: &Row,
    outcome: Outcome,
    by_name: &str,
    proof: Proof<'_>,
) -> Result<(), ConsentError> {
    match store::end(tx, row.id, outcome, by_name, proof).await {
        Err(error) if error.violation() == Some(Violation::Unique) => Err(ConsentError::Ended),
        Err(error) if matches!(error.violation(), Some(Violation::Trigger(_))) => {
            Err(ConsentError::PaperOnly)
        }
        other => Ok(other?),
    }
}

/// Whether a consent's time is over.
pub(super) enum Expiry {
    Open,
    /// It ended just now, and this has to be written down.
    Now(Event),
    /// It had ended already.
    Before,
}

/// Ends a consent whose time is over.
pub(super) async fn end_if_expired(tx: &mut Tx, id: ConsentId) -> Result<Expiry, ConsentError> {
    let row = store::by_id(tx.sql(), id).await?.ok_or(ConsentError::NoSuchConsent)?;
    if row.outcome.is_some() {
        return Ok(Expiry::Before);
    }
    // A sheet of paper may be signed later the same day.
    if tx.now() < row.expires_at || row.step == Step::Paper {
        return Ok(Expiry::Open);
    }
    end(tx, &row, Outcome::Expired, "", Proof::default()).await?;
    Ok(Expiry::Now(ended("consent.expired", &row)))
}

pub(super) fn event(action: &'static str, patient: PatientId, id: ConsentId) -> Event {
    Event::new(action, Subject::Patient(patient)).on("consent", id).touching(topic(id))
}

pub(super) fn ended(action: &'static str, row: &Row) -> Event {
    event(action, row.patient_id, row.id).touching(TOPIC)
}
