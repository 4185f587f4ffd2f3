//! Consents in the database.

use sqlx::SqliteConnection;

use crate::clock::Timestamp;
use crate::consents::model::{ConsentId, Language, Level, Outcome, Step, WithdrawalWay};
use crate::consents::otp::Issued;
use crate::crypto::hash::Digest;
use crate::ids::{PatientId, StaffId, TabletId};
use crate::vault::{Tx, VaultError};

/// A consent as it is stored, and how it ended.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: ConsentId,
    pub number: String,
    pub patient_id: PatientId,
    pub template_key: String,
    pub level: Level,
    pub language: Language,
    /// Canonical JSON of the document in each language, nothing ticked.
    pub russian: String,
    pub kazakh: String,
    pub phone: Option<String>,
    pub identity: Option<String>,
    pub tablet_id: Option<TabletId>,
    pub session: String,
    pub prepared_at: Timestamp,
    pub prepared_by: StaffId,
    pub prepared_by_name: String,
    pub expires_at: Timestamp,
    pub step: Step,
    pub shown_at: Option<Timestamp>,
    pub html_sha256: Option<String>,
    pub accepted_at: Option<Timestamp>,
    pub scrolled: bool,
    pub document: Option<String>,
    pub document_sha256: Option<Vec<u8>>,
    pub signature_svg: Option<String>,
    pub outcome: Option<Outcome>,
    pub ended_at: Option<Timestamp>,
    pub ended_by: Option<String>,
    pub document_pdf: Option<String>,
    pub signed_pdf: Option<String>,
    pub evidence: Option<String>,
    pub pack: Option<String>,
    pub withdrawn_at: Option<Timestamp>,
    pub withdrawn_by: Option<String>,
}

const BY_ID: &str = "
    SELECT consent.*, consent_end.outcome, consent_end.at AS ended_at,
        consent_end.by_name AS ended_by, consent_end.document_pdf, consent_end.signed_pdf,
        consent_end.evidence, consent_pack.file AS pack,
        consent_withdrawal.at AS withdrawn_at, consent_withdrawal.by_name AS withdrawn_by
    FROM consent
    LEFT JOIN consent_end ON consent_end.consent_id = consent.id
    LEFT JOIN consent_pack ON consent_pack.consent_id = consent.id
    LEFT JOIN consent_withdrawal ON consent_withdrawal.consent_id = consent.id
    WHERE consent.id = ?1";

const OF_PATIENT: &str = "
    SELECT consent.*, consent_end.outcome, consent_end.at AS ended_at,
        consent_end.by_name AS ended_by, consent_end.document_pdf, consent_end.signed_pdf,
        consent_end.evidence, consent_pack.file AS pack,
        consent_withdrawal.at AS withdrawn_at, consent_withdrawal.by_name AS withdrawn_by
    FROM consent
    LEFT JOIN consent_end ON consent_end.consent_id = consent.id
    LEFT JOIN consent_pack ON consent_pack.consent_id = consent.id
    LEFT JOIN consent_withdrawal ON consent_withdrawal.consent_id = consent.id
    WHERE consent.patient_id = ?1 ORDER BY consent.prepared_at DESC, consent.number DESC";

const SINCE: &str = "
    SELECT consent.*, consent_end.outcome, consent_end.at AS ended_at,
        consent_end.by_name AS ended_by, consent_end.document_pdf, consent_end.signed_pdf,
        consent_end.evidence, consent_pack.file AS pack,
        consent_withdrawal.at AS withdrawn_at, consent_withdrawal.by_name AS withdrawn_by
    FROM consent
    LEFT JOIN consent_end ON consent_end.consent_id = consent.id
    LEFT JOIN consent_pack ON consent_pack.consent_id = consent.id
    LEFT JOIN consent_withdrawal ON consent_withdrawal.consent_id = consent.id
    WHERE consent.prepared_at >= ?1 ORDER BY consent.prepared_at DESC, consent.number DESC LIMIT 200";

const PATIENT_OF: &str = "SELECT patient_id FROM consent WHERE id = ?1";

const LANGUAGE_OF: &str = "SELECT language FROM consent WHERE id = ?1 AND tablet_id = ?2";

const ON_TABLET: &str = "
    SELECT id, patient_id FROM consent
    WHERE tablet_id = ?1 AND NOT (step = 'paper' AND expires_at <= ?2)
        AND NOT EXISTS (SELECT 1 FROM consent_end WHERE consent_id = consent.id)
    ORDER BY prepared_at, number";

const RELEASE_PAPER: &str = "
    UPDATE consent SET tablet_id = NULL
    WHERE tablet_id = ?1 AND step = 'paper'
        AND NOT EXISTS (SELECT 1 FROM consent_end WHERE consent_id = consent.id)";

const NEXT_NUMBER: &str = "
    INSERT INTO consent_number (year, last) VALUES (?1, 1)
    ON CONFLICT (year) DO UPDATE SET last = last + 1 RETURNING last";

const INSERT: &str = "
    INSERT INTO consent (id, number, patient_id, appointment_id, template_key, template_version,
        level, language, russian, kazakh, phone, identity, tablet_id, session, prepared_at,
        prepared_by, prepared_by_name, expires_at, step)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";

const SHOWN: &str = "
    UPDATE consent SET shown_at = coalesce(shown_at, ?2), html_sha256 = ?3 WHERE id = ?1";

const SET_LANGUAGE: &str = "
    UPDATE consent SET language = ?2, shown_at = NULL, html_sha256 = NULL, accepted_at = NULL,
        scrolled = 0, document = NULL, document_sha256 = NULL, signature_svg = NULL, step = 'read'
    WHERE id = ?1";

const ACCEPT: &str = "
    UPDATE consent SET accepted_at = ?2, scrolled = ?3, document = ?4, document_sha256 = ?5,
        step = ?6
    WHERE id = ?1";

const DRAW: &str = "UPDATE consent SET signature_svg = ?2, step = 'code' WHERE id = ?1";

const SET_STEP: &str = "UPDATE consent SET step = ?2 WHERE id = ?1";

const CODES_SENT: &str = "SELECT sent_at FROM consent_code WHERE consent_id = ?1";

const CODES_TO_PHONE: &str = "SELECT count(*) FROM consent_code WHERE phone = ?1 AND sent_at > ?2";

const CODES_SINCE: &str = "SELECT count(*) FROM consent_code WHERE sent_at > ?1";

const REPLACE_CODES: &str = "
    UPDATE consent_code SET replaced_at = ?2
    WHERE consent_id = ?1 AND replaced_at IS NULL AND used_at IS NULL";

const INSERT_CODE: &str = "
    INSERT INTO consent_code (consent_id, sent_at, phone, mac, nonce, document, message)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const NEWEST_CODE: &str = "
    SELECT sent_at, mac, nonce, document, message, wrong, used_at, replaced_at FROM consent_code
    WHERE consent_id = ?1 ORDER BY sent_at DESC LIMIT 1";

const WRONG_CODE: &str =
    "UPDATE consent_code SET wrong = wrong + 1 WHERE consent_id = ?1 AND sent_at = ?2";

const USE_CODE: &str =
    "UPDATE consent_code SET used_at = ?3, mac = x'' WHERE consent_id = ?1 AND sent_at = ?2";

const END: &str = "
    INSERT INTO consent_end (consent_id, outcome, at, by_name, evidence, document_pdf, signed_pdf)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const KEEP_PACK: &str = "
    INSERT INTO consent_pack (consent_id, file, made_at) VALUES (?1, ?2, ?3)
    ON CONFLICT (consent_id) DO NOTHING";

const WITHDRAW: &str = "
    INSERT INTO consent_withdrawal (consent_id, at, by_staff, by_name, way)
    VALUES (?1, ?2, ?3, ?4, ?5)";

const STAFF_PHONE: &str = "SELECT count(*) FROM consent_staff_phone WHERE phone = ?1";
const STAFF_PHONES: &str = "SELECT phone, note FROM consent_staff_phone ORDER BY note, phone";
const ADD_STAFF_PHONE: &str = "
    INSERT INTO consent_staff_phone (phone, note, added_at) VALUES (?1, ?2, ?3)
    ON CONFLICT (phone) DO UPDATE SET note = excluded.note";
const DROP_STAFF_PHONE: &str = "DELETE FROM consent_staff_phone WHERE phone = ?1";

const NEWEST_TEMPLATES: &str = "
    SELECT key, version, russian, kazakh, published_at, published_by FROM consent_template AS one
    WHERE version = (SELECT max(version) FROM consent_template WHERE key = one.key) ORDER BY key";

const TEMPLATE_VERSIONS: &str = "
    SELECT key, version, russian, kazakh, published_at, published_by FROM consent_template
    WHERE key = ?1 ORDER BY version DESC";

const PUBLISH_TEMPLATE: &str = "
    INSERT INTO consent_template (key, version, russian, kazakh, sha256, published_at, published_by)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

/// A version of a wording as it is stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct TemplateRow {
    pub key: String,
    pub version: u32,
    pub russian: String,
    pub kazakh: String,
    pub published_at: Timestamp,
    pub published_by: String,
}

/// The newest code of a consent, with its message.
#[derive(Clone, Debug)]
pub struct CodeRow {
    pub issued: Issued,
    pub message: String,
}

type Sql<'a> = &'a mut SqliteConnection;

pub async fn by_id(sql: Sql<'_>, id: ConsentId) -> Result<Option<Row>, VaultError> {
    Ok(sqlx::query_as(BY_ID).bind(id).fetch_optional(sql).await?)
}

/// Newest first.
pub async fn of_patient(sql: Sql<'_>, patient: PatientId) -> Result<Vec<Row>, VaultError> {
    Ok(sqlx::query_as(OF_PATIENT).bind(patient).fetch_all(sql).await?)
}

/// Newest first, the last two hundred.
pub async fn since(sql: Sql<'_>, at: Timestamp) -> Result<Vec<Row>, VaultError> {
    Ok(sqlx::query_as(SINCE).bind(at).fetch_all(sql).await?)
}

pub async fn patient_of(sql: Sql<'_>, id: ConsentId) -> Result<Option<PatientId>, VaultError> {
    Ok(sqlx::query_scalar(PATIENT_OF).bind(id).fetch_optional(sql).await?)
}

/// None for a document of another tablet.
pub async fn language_of(
    sql: Sql<'_>,
    id: ConsentId,
    tablet: TabletId,
) -> Result<Option<Language>, VaultError> {
    Ok(sqlx::query_scalar(LANGUAGE_OF).bind(id).bind(tablet).fetch_optional(sql).await?)
}

/// What is open on a tablet, in order. What is signed on paper stays open
/// longer than it stays on the tablet.
pub async fn on_tablet(
    sql: Sql<'_>,
    tablet: TabletId,
    now: Timestamp,
) -> Result<Vec<(ConsentId, PatientId)>, VaultError> {
    Ok(sqlx::query_as(ON_TABLET).bind(tablet).bind(now).fetch_all(sql).await?)
}

/// What is signed on paper leaves the tablet: the next document needs it.
pub async fn release_paper(tx: &mut Tx, tablet: TabletId) -> Result<(), VaultError> {
    sqlx::query(RELEASE_PAPER).bind(tablet).execute(tx.sql()).await?;
    Ok(())
}

pub async fn next_number(tx: &mut Tx, year: i16) -> Result<i64, VaultError> {
    Ok(sqlx::query_scalar(NEXT_NUMBER).bind(year).fetch_one(tx.sql()).await?)
}

/// A consent to store; the rest of a [`Row`] comes later.
#[derive(Debug)]
pub struct NewRow<'a> {
    pub id: ConsentId,
    pub number: &'a str,
    pub patient_id: PatientId,
    pub appointment_id: Option<String>,
    pub template: (&'a str, u32),
    pub level: Level,
    pub language: Language,
    pub russian: String,
    pub kazakh: String,
    pub phone: Option<&'a str>,
    pub identity: Option<String>,
    pub tablet_id: Option<TabletId>,
    pub session: &'a str,
    pub prepared_by: StaffId,
    pub prepared_by_name: &'a str,
    pub expires_at: Timestamp,
    pub step: Step,
}

pub async fn insert(tx: &mut Tx, new: NewRow<'_>) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(INSERT).bind(new.id).bind(new.number).bind(new.patient_id);
    let query = query.bind(new.appointment_id).bind(new.template.0).bind(new.template.1);
    let query = query.bind(new.level).bind(new.language).bind(new.russian).bind(new.kazakh);
    let query = query.bind(new.phone).bind(new.identity).bind(new.tablet_id).bind(new.session);
    let query = query.bind(now).bind(new.prepared_by).bind(new.prepared_by_name);
    query.bind(new.expires_at).bind(new.step).execute(tx.sql()).await?;
    Ok(())
}

pub async fn shown(tx: &mut Tx, id: ConsentId, html_sha256: &str) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(SHOWN).bind(id).bind(now).bind(html_sha256).execute(tx.sql()).await?;
    Ok(())
}

pub async fn set_language(tx: &mut Tx, id: ConsentId, to: Language) -> Result<(), VaultError> {
    sqlx::query(SET_LANGUAGE).bind(id).bind(to).execute(tx.sql()).await?;
    Ok(())
}

pub async fn accept(
    tx: &mut Tx,
    id: ConsentId,
    scrolled: bool,
    document: &str,
    sha256: &Digest,
    step: Step,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(ACCEPT).bind(id).bind(now).bind(scrolled).bind(document);
    query.bind(&sha256[..]).bind(step).execute(tx.sql()).await?;
    Ok(())
}

pub async fn draw(tx: &mut Tx, id: ConsentId, svg: &str) -> Result<(), VaultError> {
    sqlx::query(DRAW).bind(id).bind(svg).execute(tx.sql()).await?;
    Ok(())
}

pub async fn set_step(tx: &mut Tx, id: ConsentId, step: Step) -> Result<(), VaultError> {
    sqlx::query(SET_STEP).bind(id).bind(step).execute(tx.sql()).await?;
    Ok(())
}

pub async fn codes_sent(sql: Sql<'_>, id: ConsentId) -> Result<Vec<Timestamp>, VaultError> {
    Ok(sqlx::query_scalar(CODES_SENT).bind(id).fetch_all(sql).await?)
}

pub async fn codes_to_phone(
    sql: Sql<'_>,
    phone: &str,
    since: Timestamp,
) -> Result<u32, VaultError> {
    Ok(sqlx::query_scalar(CODES_TO_PHONE).bind(phone).bind(since).fetch_one(sql).await?)
}

/// Of the whole clinic.
pub async fn codes_since(sql: Sql<'_>, since: Timestamp) -> Result<u32, VaultError> {
    Ok(sqlx::query_scalar(CODES_SINCE).bind(since).fetch_one(sql).await?)
}

/// Stores a code; the ones before it stop working.
pub async fn insert_code(
    tx: &mut Tx,
    id: ConsentId,
    phone: &str,
    code: &CodeRow,
) -> Result<(), VaultError> {
    let CodeRow { issued, message } = code;
    sqlx::query(REPLACE_CODES).bind(id).bind(issued.sent_at).execute(tx.sql()).await?;
    let query = sqlx::query(INSERT_CODE).bind(id).bind(issued.sent_at).bind(phone);
    let query = query.bind(&issued.mac[..]).bind(&issued.nonce[..]).bind(&issued.document[..]);
    query.bind(message).execute(tx.sql()).await?;
    Ok(())
}

pub async fn newest_code(sql: Sql<'_>, id: ConsentId) -> Result<Option<CodeRow>, VaultError> {
    type Columns =
        (Timestamp, Vec<u8>, Vec<u8>, Vec<u8>, String, u8, Option<Timestamp>, Option<Timestamp>);
    let found: Option<Columns> = sqlx::query_as(NEWEST_CODE).bind(id).fetch_optional(sql).await?;
    Ok(found.map(|(sent_at, mac, nonce, document, message, wrong, used_at, replaced_at)| {
        // A used code has no digest left; zeros match nothing that is typed.
        let mac = mac.try_into().unwrap_or([0; 32]);
        let nonce = nonce.try_into().expect("the schema checks the length");
        let document = document.try_into().expect("the schema checks the length");
        let issued = Issued { mac, nonce, document, sent_at, wrong, used_at, replaced_at };
        CodeRow { issued, message }
    }))
}

pub async fn wrong_code(tx: &mut Tx, id: ConsentId, sent_at: Timestamp) -> Result<(), VaultError> {
    sqlx::query(WRONG_CODE).bind(id).bind(sent_at).execute(tx.sql()).await?;
    Ok(())
}

pub async fn use_code(tx: &mut Tx, id: ConsentId, sent_at: Timestamp) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(USE_CODE).bind(id).bind(sent_at).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// Files of a signed consent.
#[derive(Debug, Default)]
pub struct Proof<'a> {
    pub evidence: Option<&'a str>,
    pub document_pdf: Option<&'a str>,
    pub signed_pdf: Option<&'a str>,
}

/// # Errors
/// A unique violation when it has ended already.
pub async fn end(
    tx: &mut Tx,
    id: ConsentId,
    outcome: Outcome,
    by_name: &str,
    proof: Proof<'_>,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(END).bind(id).bind(outcome).bind(now).bind(by_name);
    let query = query.bind(proof.evidence).bind(proof.document_pdf).bind(proof.signed_pdf);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn keep_pack(tx: &mut Tx, id: ConsentId, file: &str) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(KEEP_PACK).bind(id).bind(file).bind(now).execute(tx.sql()).await?;
    Ok(())
}

/// # Errors
/// A unique violation when it is withdrawn already.
pub async fn withdraw(
    tx: &mut Tx,
    id: ConsentId,
    staff: StaffId,
    name: &str,
    way: WithdrawalWay,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(WITHDRAW).bind(id).bind(now).bind(staff).bind(name).bind(way);
    query.execute(tx.sql()).await?;
    Ok(())
}

pub async fn is_staff_phone(sql: Sql<'_>, phone: &str) -> Result<bool, VaultError> {
    let count: i64 = sqlx::query_scalar(STAFF_PHONE).bind(phone).fetch_one(sql).await?;
    Ok(count > 0)
}

/// Phone and whose it is.
pub async fn staff_phones(sql: Sql<'_>) -> Result<Vec<(String, String)>, VaultError> {
    Ok(sqlx::query_as(STAFF_PHONES).fetch_all(sql).await?)
}

pub async fn add_staff_phone(tx: &mut Tx, phone: &str, note: &str) -> Result<(), VaultError> {
    let now = tx.now();
    sqlx::query(ADD_STAFF_PHONE).bind(phone).bind(note).bind(now).execute(tx.sql()).await?;
    Ok(())
}

pub async fn drop_staff_phone(tx: &mut Tx, phone: &str) -> Result<(), VaultError> {
    sqlx::query(DROP_STAFF_PHONE).bind(phone).execute(tx.sql()).await?;
    Ok(())
}

pub async fn newest_templates(sql: Sql<'_>) -> Result<Vec<TemplateRow>, VaultError> {
    Ok(sqlx::query_as(NEWEST_TEMPLATES).fetch_all(sql).await?)
}

/// Newest first.
pub async fn template_versions(sql: Sql<'_>, key: &str) -> Result<Vec<TemplateRow>, VaultError> {
    Ok(sqlx::query_as(TEMPLATE_VERSIONS).bind(key).fetch_all(sql).await?)
}

pub async fn publish_template(
    tx: &mut Tx,
    template: &crate::consents::template::Template,
    by_name: &str,
) -> Result<(), VaultError> {
    let now = tx.now();
    let query = sqlx::query(PUBLISH_TEMPLATE).bind(&template.key).bind(template.version);
    let query = query.bind(&template.russian.source).bind(&template.kazakh.source);
    query.bind(template.sha256()).bind(now).bind(by_name).execute(tx.sql()).await?;
    Ok(())
}
