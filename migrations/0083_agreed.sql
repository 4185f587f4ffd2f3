-- A yes counts for the time it was said for. The desk may move a visit that keeps its
-- colour; a comment, another chair or an arrival taken back after that is no yes to
-- the new time, though the visit stays confirmed through them.
DROP VIEW reminder_visit;

CREATE VIEW reminder_visit AS
SELECT a.id, a.patient_id, a.service_id, a.starts, a.status, a.notify, h.version AS round,
    h.at AS since,
    a.status = 'confirmed' AND EXISTS (
        SELECT 1 FROM appointment_status AS said
        WHERE said.appointment_id = a.id AND said.version >= h.version
            AND said.to_status = 'confirmed'
            AND CASE said.act
                WHEN 'moved' THEN said.staff_id IS NULL
                WHEN 'changed' THEN said.staff_id IS NULL
                -- A cancellation taken back begins a round with what stood before it.
                WHEN 'undone' THEN said.version = h.version AND EXISTS (
                    SELECT 1 FROM appointment_status AS yes
                    WHERE yes.appointment_id = a.id AND yes.version < said.version
                        AND yes.starts = said.starts AND yes.to_status = 'confirmed'
                        AND CASE yes.act
                            WHEN 'moved' THEN yes.staff_id IS NULL
                            WHEN 'changed' THEN yes.staff_id IS NULL
                            ELSE yes.act <> 'undone' END)
                ELSE TRUE END) AS confirmed
FROM appointment AS a
JOIN appointment_status AS h ON h.appointment_id = a.id AND h.version = (
    SELECT max(version) FROM (
        SELECT version, starts, lag(starts) OVER (ORDER BY version) AS stood,
            lag(to_status) OVER (ORDER BY version) AS was
        FROM appointment_status WHERE appointment_id = a.id)
    WHERE stood IS NULL OR stood <> starts OR was IN ('cancelled', 'no_show'))
WHERE a.status <> 'moved';
