-- When a patient left the ward: it starts the years of an inpatient card. Each
-- record takes the place of the one before, which stays.

CREATE TABLE retention_discharge (
    id          TEXT PRIMARY KEY NOT NULL,
    patient_id  TEXT NOT NULL REFERENCES patient (id),
    day         TEXT NOT NULL,                -- 2026-11-22
    recorded_at INTEGER NOT NULL,             -- Unix ms
    recorded_by TEXT REFERENCES staff (id)
) STRICT;

CREATE INDEX retention_discharge_by_patient ON retention_discharge (patient_id, recorded_at);
