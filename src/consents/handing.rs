//! Giving documents out: what is handed to a patient, and with which facts.

use serde_json::json;

use crate::clinic::Clinic;
use crate::clock::Day;
use crate::consents::desk::{Expiry, end_if_expired, event, staff_of};
use crate::consents::document::{
    ClinicFacts, Document, Fact, Labels, Order, Particulars, PatientFacts,
};
use crate::consents::model::{ConsentId, Identity, KIOSK_MS, Language, Level, Step, age_on};
use crate::consents::store::{self, NewRow};
use crate::consents::template::Template;
use crate::consents::{ConsentError, TOPIC, jobs, tablets};
use crate::contact::Bin;
use crate::ids::{AppointmentId, PatientId, TabletId};
use crate::schedule::{self, Requisites};
use crate::vault::permission::StartConsent;
use crate::vault::{Event, Events, Grant, Tx};

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
