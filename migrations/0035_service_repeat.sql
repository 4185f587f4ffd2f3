-- A service that has another one for whoever comes again: "Consultation" and
-- "Repeated consultation", with its own length, price and doctors.

CREATE TABLE service_repeat (
    service_id   TEXT PRIMARY KEY NOT NULL REFERENCES service (id),
    repeat_id TEXT NOT NULL REFERENCES service (id),
    days         INTEGER NOT NULL CHECK (days BETWEEN 1 AND 1100), -- since the last visit that took place
    CHECK (service_id <> repeat_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX service_repeat_by_id ON service_repeat (repeat_id);
