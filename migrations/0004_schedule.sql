-- What the clinic is made of and when it works. Nobody's personal data but the
-- names of those who treat here.

CREATE TABLE clinic (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    name       TEXT NOT NULL CHECK (name <> ''), -- as on the sign
    phone      TEXT,                             -- E.164; null until it is given
    address_ru TEXT NOT NULL,                    -- '' until it is given
    address_kk TEXT NOT NULL,                    -- '' where it is the same
    zone       TEXT NOT NULL,                    -- tzdata name, such as Asia/Almaty
    set_up_at  INTEGER                           -- Unix ms; null until the first-run wizard is finished
) STRICT;

CREATE TABLE branch (
    id       TEXT PRIMARY KEY NOT NULL,
    name     TEXT NOT NULL CHECK (name <> ''),
    address  TEXT NOT NULL,
    phone    TEXT,                               -- E.164; null where the clinic's serves
    zone     TEXT NOT NULL,
    ended_at INTEGER                             -- Unix ms; null while it works
) STRICT;

-- What an appointment takes up.
CREATE TABLE resource (
    id         TEXT PRIMARY KEY NOT NULL,
    branch_id  TEXT NOT NULL REFERENCES branch (id),
    kind       TEXT NOT NULL CHECK (kind IN ('doctor', 'chair', 'room', 'device', 'assistant')),
    name       TEXT NOT NULL CHECK (name <> ''), -- «Сейтова Айгуль Нурлановна»
    short_name TEXT NOT NULL CHECK (short_name <> ''), -- «Сейтова А. Н.»
    specialty  TEXT NOT NULL,                    -- '' where there is none
    staff_id   TEXT REFERENCES staff (id),       -- who signs in as this doctor, if anybody
    position   INTEGER NOT NULL,                 -- order of the columns
    ended_at   INTEGER                           -- Unix ms; null while it is there
) STRICT;

CREATE INDEX resource_by_branch ON resource (branch_id);
CREATE INDEX resource_by_staff ON resource (staff_id) WHERE staff_id IS NOT NULL;

CREATE TABLE service (
    id               TEXT PRIMARY KEY NOT NULL,
    name             TEXT NOT NULL CHECK (name <> ''),
    name_kk          TEXT NOT NULL,              -- '' where it is the same
    category         TEXT NOT NULL,              -- '' where there is none
    duration_minutes INTEGER NOT NULL CHECK (duration_minutes BETWEEN 5 AND 720 AND duration_minutes % 5 = 0),
    price_tiyn       INTEGER CHECK (0 <= price_tiyn), -- null while nobody has said
    price_from       INTEGER NOT NULL CHECK (price_from IN (0, 1)), -- «от 5 000 ₸»
    online           INTEGER NOT NULL CHECK (online IN (0, 1)), -- whether patients may choose it themselves
    ended_at         INTEGER                     -- Unix ms; null while it is done
) STRICT;

-- Who does a service. A service that names nobody is done by every doctor.
CREATE TABLE service_performer (
    service_id       TEXT NOT NULL REFERENCES service (id),
    resource_id      TEXT NOT NULL REFERENCES resource (id),
    duration_minutes INTEGER CHECK (duration_minutes BETWEEN 5 AND 720 AND duration_minutes % 5 = 0), -- null: as the service says
    PRIMARY KEY (service_id, resource_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX service_performer_by_resource ON service_performer (resource_id);

-- What a service takes up besides who does it: any one of each kind.
CREATE TABLE service_need (
    service_id TEXT NOT NULL REFERENCES service (id),
    kind       TEXT NOT NULL CHECK (kind IN ('chair', 'room', 'device', 'assistant')),
    PRIMARY KEY (service_id, kind)
) STRICT, WITHOUT ROWID;

-- The usual week. The place belongs to the shift, not to the doctor.
CREATE TABLE shift_pattern (
    id           TEXT PRIMARY KEY NOT NULL,
    resource_id  TEXT NOT NULL REFERENCES resource (id), -- who works
    place_id     TEXT REFERENCES resource (id),  -- chair or room; null where none is kept
    weekday      INTEGER NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- 1 Monday (ISO 8601)
    starts       INTEGER NOT NULL CHECK (starts % 5 = 0), -- minute of the day
    ends         INTEGER NOT NULL CHECK (ends % 5 = 0 AND ends <= 1440),
    break_starts INTEGER CHECK (break_starts % 5 = 0), -- null: no lunch
    break_ends   INTEGER CHECK (break_ends % 5 = 0),
    valid_from   TEXT NOT NULL,                  -- day, the first
    valid_until  TEXT,                           -- day, the last; null: until further notice
    withdrawn_at INTEGER,                        -- Unix ms; null while it stands
    CHECK (0 <= starts AND starts < ends),
    CHECK ((break_starts IS NULL) = (break_ends IS NULL)),
    CHECK (break_starts IS NULL OR
        (starts < break_starts AND break_starts < break_ends AND break_ends < ends)),
    CHECK (valid_until IS NULL OR valid_from <= valid_until)
) STRICT;

CREATE INDEX shift_pattern_by_resource ON shift_pattern (resource_id, weekday);

-- Days that are unlike the usual week. The last word entered counts.
CREATE TABLE shift_exception (
    id           TEXT PRIMARY KEY NOT NULL,
    resource_id  TEXT NOT NULL REFERENCES resource (id),
    day          TEXT NOT NULL,
    kind         TEXT NOT NULL CHECK (kind IN ('off', 'extra')),
    starts       INTEGER CHECK (starts % 5 = 0), -- null for off: the whole day
    ends         INTEGER CHECK (ends % 5 = 0 AND ends <= 1440),
    place_id     TEXT REFERENCES resource (id),  -- of an extra shift
    reason       TEXT NOT NULL CHECK (reason IN
        ('vacation', 'sick', 'training', 'personal', 'repair', 'swap', 'demand', 'other')),
    withdrawn_at INTEGER,                        -- Unix ms; null while it stands
    CHECK ((starts IS NULL) = (ends IS NULL)),
    CHECK (starts IS NULL OR (0 <= starts AND starts < ends)),
    CHECK (kind = 'off' OR starts IS NOT NULL)
) STRICT;

CREATE INDEX shift_exception_by_day ON shift_exception (day) WHERE withdrawn_at IS NULL;

-- Public holidays that come back every year, by the law on holidays of the
-- Republic of Kazakhstan (13 December 2001, No. 267) and the Labour Code,
-- art. 84 and 85. Legal parameters are data: a new law is a new row.
CREATE TABLE holiday_rule (
    name       TEXT NOT NULL,                    -- code: `schedule-holiday-{name}` says it
    month      INTEGER NOT NULL CHECK (month BETWEEN 1 AND 12),
    day        INTEGER NOT NULL CHECK (day BETWEEN 1 AND 31),
    first_year INTEGER NOT NULL,
    last_year  INTEGER,                          -- null: until the law changes
    moves      INTEGER NOT NULL CHECK (moves IN (0, 1)), -- a weekend's gives the next working day off
    basis      TEXT NOT NULL,
    checked_on TEXT NOT NULL,                    -- day on which somebody last compared it with the law
    PRIMARY KEY (month, day, first_year)
) STRICT, WITHOUT ROWID;

INSERT INTO holiday_rule (name, month, day, first_year, last_year, moves, basis, checked_on) VALUES
    ('new_year',           1,  1, 2002, NULL, 1, 'Law 267-II art. 3', '2026-11-20'),
    ('new_year',           1,  2, 2002, NULL, 1, 'Law 267-II art. 3', '2026-11-20'),
    ('orthodox_christmas', 1,  7, 2007, NULL, 0, 'Labour Code art. 84(2)', '2026-11-20'),
    ('womens_day',         3,  8, 2002, NULL, 1, 'Law 267-II art. 3', '2026-11-20'),
    ('constitution_day',   3, 15, 2027, NULL, 1, 'Law 267-II as amended in 2026', '2026-11-20'),
    ('nauryz',             3, 21, 2010, NULL, 1, 'Law 267-II art. 3', '2026-11-20'),
    ('nauryz',             3, 22, 2002, NULL, 1, 'Law 267-II art. 3', '2026-11-20'),
    ('nauryz',             3, 23, 2010, NULL, 1, 'Law 267-II art. 3', '2026-11-20'),
    ('unity_day',          5,  1, 2002, NULL, 1, 'Law 267-II art. 3', '2026-11-20'),
    ('defender_day',       5,  7, 2013, NULL, 1, 'Law 267-II art. 3', '2026-11-20'),
    ('victory_day',        5,  9, 2002, NULL, 1, 'Law 267-II art. 3', '2026-11-20'),
    ('capital_day',        7,  6, 2008, NULL, 1, 'Law 267-II art. 3', '2026-11-20'),
    ('constitution_day',   8, 30, 2002, 2025, 1, 'Law 267-II, until 2026', '2026-11-20'),
    ('republic_day',      10, 25, 2022, NULL, 1, 'Law 267-II art. 2', '2026-11-20'),
    ('independence_day',  12, 16, 2002, NULL, 1, 'Law 267-II art. 3', '2026-11-20');

-- Single days: feasts by the moon, swaps by decree, and the clinic's own word.
CREATE TABLE holiday (
    day  TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('off', 'work')), -- whether the usual week rests or works
    name TEXT NOT NULL,                          -- code as above, or `own`
    note TEXT NOT NULL                           -- basis; `estimated` until it is announced
) STRICT;

INSERT INTO holiday (day, kind, name, note) VALUES
    ('2025-01-03', 'off',  'decree',     'Labour Code art. 85(3), decree of 2024'),
    ('2025-01-05', 'work', 'decree',     'Labour Code art. 85(3), decree of 2024'),
    ('2026-05-27', 'off',  'kurban_ait', 'Labour Code art. 84(2)'),
    ('2027-05-16', 'off',  'kurban_ait', 'estimated'),
    ('2028-05-05', 'off',  'kurban_ait', 'estimated'),
    ('2029-04-24', 'off',  'kurban_ait', 'estimated'),
    ('2030-04-13', 'off',  'kurban_ait', 'estimated');
