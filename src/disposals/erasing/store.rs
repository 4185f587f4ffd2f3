//! The statements that destroy. `disposal_open` holds whose rows go; it is
//! filled and emptied within one transaction, and only while it holds somebody
//! do the triggers let go what is otherwise never changed.

use crate::disposals::model::DisposalId;
use crate::ids::PatientId;
use crate::vault::{Tx, VaultError};

/// References are looked at when the change is committed: whatever still points
/// at the person then undoes all of it.
const DEFER: &str = "PRAGMA defer_foreign_keys = ON";

const OPEN: &str = "
    INSERT INTO disposal_open (patient_id)
    SELECT id FROM patient WHERE id = ?1 OR merged_into = ?1";

const NOTE_FILES: &str = "
    WITH given AS (
        SELECT id FROM consent WHERE patient_id IN (SELECT patient_id FROM disposal_open)),
    held AS (
        SELECT consent_id, document_pdf AS file FROM consent_end
        UNION SELECT consent_id, signed_pdf FROM consent_end
        UNION SELECT consent_id, file FROM consent_pack)
    INSERT INTO disposal_file (file, disposal_id)
    SELECT DISTINCT file, ?1 FROM held WHERE file IS NOT NULL AND consent_id IN given
        AND NOT EXISTS (SELECT 1 FROM held AS other
            WHERE other.file = held.file AND other.consent_id NOT IN given)
    ON CONFLICT DO NOTHING";

/// Work that waits for something of theirs is not done any more.
pub const ERASE: &str = "
DELETE FROM job WHERE EXISTS (SELECT 1 FROM json_each(payload) WHERE value IN (
    SELECT id FROM appointment WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    UNION ALL SELECT id FROM consent WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    UNION ALL SELECT id FROM waitlist_wish
        WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    UNION ALL SELECT id FROM online_request
        WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    UNION ALL SELECT id FROM emergency_access
        WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    UNION ALL SELECT patient_id FROM disposal_open));
DELETE FROM message_state WHERE message_id IN (SELECT id FROM message
    WHERE patient_id IN (SELECT patient_id FROM disposal_open)
        OR object_id IN (SELECT id FROM online_request
            WHERE patient_id IN (SELECT patient_id FROM disposal_open)));
DELETE FROM message WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    OR object_id IN (SELECT id FROM online_request
        WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM answer_link WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM online_code WHERE request_id IN (SELECT id FROM online_request
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM online_request WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    OR appointment_id IN (SELECT id FROM appointment
        WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM waitlist_offer WHERE wish_id IN (SELECT id FROM waitlist_wish
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM waitlist_wish WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM consent_code WHERE consent_id IN (SELECT id FROM consent
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM consent_pack WHERE consent_id IN (SELECT id FROM consent
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM consent_withdrawal WHERE consent_id IN (SELECT id FROM consent
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM consent_end WHERE consent_id IN (SELECT id FROM consent
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM consent WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM import_made WHERE id IN (SELECT patient_id FROM disposal_open
    UNION ALL SELECT id FROM appointment
        WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM import_key WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM import_duplicate WHERE a IN (SELECT patient_id FROM disposal_open)
    OR b IN (SELECT patient_id FROM disposal_open);
UPDATE import_row SET patient_id = NULL, appointment_id = NULL, patient = '', day = NULL,
    time = NULL, doctor = '', service = '', reasons = '[]', source_key = ''
WHERE patient_id IN (SELECT patient_id FROM disposal_open)
    OR appointment_id IN (SELECT id FROM appointment
        WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM absence_visit WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM appointment_hold WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM overbooking WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM reservation WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM appointment_status WHERE appointment_id IN (SELECT id FROM appointment
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM appointment WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM emergency_review WHERE access_id IN (SELECT id FROM emergency_access
    WHERE patient_id IN (SELECT patient_id FROM disposal_open));
DELETE FROM emergency_access WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM audit_kin WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM audit_watched WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM retention_hold WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM retention_discharge WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient_block WHERE patient_id IN (SELECT patient_id FROM disposal_open);
UPDATE subject_request_step SET note_ru = '', note_kk = '' WHERE request_id IN
    (SELECT id FROM subject_request WHERE patient_id IN (SELECT patient_id FROM disposal_open));
UPDATE subject_request SET applicant = '—', contact = '', wish = '', patient_id = NULL
    WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM likely_duplicate WHERE a IN (SELECT patient_id FROM disposal_open)
    OR b IN (SELECT patient_id FROM disposal_open);
DELETE FROM different_people WHERE a IN (SELECT patient_id FROM disposal_open)
    OR b IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient_merge WHERE absorbed_id IN (SELECT patient_id FROM disposal_open)
    OR kept_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient_words WHERE rowid IN (SELECT number FROM patient
    WHERE id IN (SELECT patient_id FROM disposal_open));
DELETE FROM patient_grams WHERE rowid IN (SELECT number FROM patient
    WHERE id IN (SELECT patient_id FROM disposal_open));
DELETE FROM patient_change WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient_phone WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient_contact WHERE patient_id IN (SELECT patient_id FROM disposal_open);
DELETE FROM patient WHERE id IN (SELECT patient_id FROM disposal_open);
DELETE FROM disposal_open";

/// Destroys all of a person, and notes the files that are to go after it.
pub async fn erase_in(tx: &mut Tx, act: DisposalId, patient: PatientId) -> Result<(), VaultError> {
    sqlx::query(DEFER).execute(tx.sql()).await?;
    sqlx::query(OPEN).bind(patient).execute(tx.sql()).await?;
    sqlx::query(NOTE_FILES).bind(act).execute(tx.sql()).await?;
    sqlx::raw_sql(ERASE).execute(tx.sql()).await?;
    Ok(())
}
