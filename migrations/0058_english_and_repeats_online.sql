-- What patients read of a service and of a doctor in English; '' where nobody
-- has said: then as in Russian.
ALTER TABLE service ADD COLUMN name_en TEXT NOT NULL DEFAULT '';
ALTER TABLE online_service ADD COLUMN prepare_en TEXT NOT NULL DEFAULT '';
ALTER TABLE online_doctor ADD COLUMN about_en TEXT NOT NULL DEFAULT '';

-- Whoever was here lately gets the repeated service, whoever was not the first
-- one (0035): then this is what they asked for; null where it is what they got.
ALTER TABLE online_request ADD COLUMN asked_service_id TEXT REFERENCES service (id);

-- Why the desk has to say yes to a service that is else booked at once; a code:
-- the repeated service for whom no visit is known. Null: as the service is.
ALTER TABLE online_request ADD COLUMN held_because TEXT CHECK (held_because IN ('not_seen'));
