-- The working calendar of Kazakhstan: which days and hours count for the terms
-- of the law. Holidays that come back every year stand in `holiday_rule`
-- (0004); here are the days that no rule foresees, the working hours, and the
-- terms themselves. Nothing here is ever changed: a newer row counts.

-- Feasts by the moon, days swapped by the government (Labour Code art. 85(3)).
CREATE TABLE legal_day (
    id         INTEGER PRIMARY KEY,       -- the newest of a day counts
    day        TEXT NOT NULL,             -- 2026-05-27
    kind       TEXT NOT NULL CHECK (kind IN ('off', 'work', 'by_rule')), -- by_rule takes the earlier word back
    name       TEXT NOT NULL CHECK (name IN ('kurban_ait', 'decree')),
    estimated  INTEGER NOT NULL CHECK (estimated IN (0, 1)), -- until it is announced
    basis      TEXT NOT NULL CHECK (basis <> ''), -- the law or decree, for people
    source     TEXT NOT NULL,             -- where it was read
    checked_on TEXT NOT NULL,             -- 2026-11-22: when somebody read it there
    made_at    INTEGER NOT NULL,          -- Unix ms; 0 for those shipped
    made_by    TEXT REFERENCES staff (id) -- null for those shipped
) STRICT;

CREATE INDEX legal_day_by_day ON legal_day (day, id);

CREATE TRIGGER legal_day_is_never_changed BEFORE UPDATE ON legal_day
BEGIN
    SELECT RAISE(ABORT, 'a day gets a newer word, it is not changed');
END;

CREATE TRIGGER legal_day_is_never_deleted BEFORE DELETE ON legal_day
BEGIN
    SELECT RAISE(ABORT, 'a day gets a newer word, it is not deleted');
END;

INSERT INTO legal_day (day, kind, name, estimated, basis, source, checked_on, made_at, made_by) VALUES
    ('2024-05-04', 'work', 'decree', 0, 'Трудовой кодекс РК, ст. 85 п. 3: перенос на 8 мая 2024 года',
     'https://github.com/vacanza/holidays', '2026-11-22', 0, NULL),
    ('2024-05-08', 'off', 'decree', 0, 'Трудовой кодекс РК, ст. 85 п. 3: перенос с 4 мая 2024 года',
     'https://github.com/vacanza/holidays', '2026-11-22', 0, NULL),
    ('2025-01-03', 'off', 'decree', 0, 'Трудовой кодекс РК, ст. 85 п. 3: перенос с 5 января 2025 года',
     'https://github.com/vacanza/holidays', '2026-11-22', 0, NULL),
    ('2025-01-05', 'work', 'decree', 0, 'Трудовой кодекс РК, ст. 85 п. 3: перенос на 3 января 2025 года',
     'https://github.com/vacanza/holidays', '2026-11-22', 0, NULL),
    ('2026-05-27', 'off', 'kurban_ait', 0, 'Трудовой кодекс РК, ст. 84 п. 2: первый день Курбан айта',
     'https://www.inform.kz', '2026-11-22', 0, NULL),
    ('2027-05-16', 'off', 'kurban_ait', 1, 'Трудовой кодекс РК, ст. 84 п. 2: первый день Курбан айта, по расчёту',
     'https://www.muftyat.kz', '2026-11-22', 0, NULL),
    ('2028-05-05', 'off', 'kurban_ait', 1, 'Трудовой кодекс РК, ст. 84 п. 2: первый день Курбан айта, по расчёту',
     'https://www.muftyat.kz', '2026-11-22', 0, NULL),
    ('2029-04-24', 'off', 'kurban_ait', 1, 'Трудовой кодекс РК, ст. 84 п. 2: первый день Курбан айта, по расчёту',
     'https://www.muftyat.kz', '2026-11-22', 0, NULL),
    ('2030-04-13', 'off', 'kurban_ait', 1, 'Трудовой кодекс РК, ст. 84 п. 2: первый день Курбан айта, по расчёту',
     'https://www.muftyat.kz', '2026-11-22', 0, NULL);

-- The working week and its hours, from a day on.
CREATE TABLE working_hours (
    version        INTEGER PRIMARY KEY,
    weekdays       TEXT NOT NULL CHECK (weekdays <> ''), -- '12345': 1 is Monday (ISO 8601)
    starts         INTEGER NOT NULL CHECK (starts BETWEEN 0 AND 1439), -- minutes since midnight
    ends           INTEGER NOT NULL CHECK (starts < ends AND ends <= 1440),
    break_starts   INTEGER CHECK (starts < break_starts),
    break_ends     INTEGER CHECK (break_starts < break_ends AND break_ends < ends),
    basis          TEXT NOT NULL CHECK (basis <> ''),
    source         TEXT NOT NULL,
    checked_on     TEXT NOT NULL,
    confirmed      INTEGER NOT NULL CHECK (confirmed IN (0, 1)), -- by the clinic's lawyer
    effective_from TEXT NOT NULL,
    made_at        INTEGER NOT NULL,      -- Unix ms; 0 for those shipped
    made_by        TEXT REFERENCES staff (id),
    CHECK ((break_starts IS NULL) = (break_ends IS NULL))
) STRICT;

CREATE TRIGGER working_hours_are_never_changed BEFORE UPDATE ON working_hours
BEGIN
    SELECT RAISE(ABORT, 'hours are replaced, not changed');
END;

CREATE TRIGGER working_hours_are_never_deleted BEFORE DELETE ON working_hours
BEGIN
    SELECT RAISE(ABORT, 'hours are replaced, not deleted');
END;

INSERT INTO working_hours (version, weekdays, starts, ends, break_starts, break_ends, basis, source,
                           checked_on, confirmed, effective_from, made_at, made_by)
VALUES (1, '12345', 540, 1080, 780, 840,
        'Трудовой кодекс РК, ст. 68: пятидневная неделя, 40 часов; часы клиники уточните здесь',
        'https://adilet.zan.kz/rus/docs/K1500000414', '2026-11-22', 0, '2016-01-01', 0, NULL);

-- Terms of the law in working days. A rule is never changed: a new version
-- takes its place from a day on, and what ran under the old one keeps it.
CREATE TABLE legal_term (
    code           TEXT NOT NULL CHECK (code IN
        ('authority_notice', 'subject_notice', 'access', 'correction', 'blocking', 'destruction',
         'withdrawal', 'objection')),
    version        INTEGER NOT NULL CHECK (1 <= version),
    working_days   INTEGER NOT NULL CHECK (working_days BETWEEN 1 AND 250),
    basis          TEXT NOT NULL CHECK (basis <> ''), -- the law, for people
    source         TEXT NOT NULL,
    checked_on     TEXT NOT NULL,
    confirmed      INTEGER NOT NULL CHECK (confirmed IN (0, 1)), -- by the clinic's lawyer
    effective_from TEXT NOT NULL,
    made_at        INTEGER NOT NULL,      -- Unix ms; 0 for those shipped
    made_by        TEXT REFERENCES staff (id),
    PRIMARY KEY (code, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER legal_term_is_never_changed BEFORE UPDATE ON legal_term
BEGIN
    SELECT RAISE(ABORT, 'a term is replaced, not changed');
END;

CREATE TRIGGER legal_term_is_never_deleted BEFORE DELETE ON legal_term
BEGIN
    SELECT RAISE(ABORT, 'a term is replaced, not deleted');
END;

INSERT INTO legal_term (code, version, working_days, basis, source, checked_on, confirmed,
                        effective_from, made_at, made_by)
VALUES
    ('authority_notice', 1, 1,
     'Закон РК 94-V, ст. 25: уведомить уполномоченный орган в течение одного рабочего дня с момента обнаружения',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-22', 0, '2024-07-01', 0, NULL),
    ('subject_notice', 1, 1,
     'Приказ 481/НҚ: с уведомлением передаются данные субъектов для их извещения — ФИО и (или) ИИН и (или) номер телефона',
     'https://adilet.zan.kz/rus/docs/V2400034919', '2026-11-27', 0, '2024-08-25', 0, NULL),
    ('access', 1, 3,
     'Закон РК 94-V, ст. 24–25: сведения по запросу субъекта в течение трёх рабочих дней',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-22', 0, '2013-11-26', 0, NULL),
    ('correction', 1, 1,
     'Закон РК 94-V, ст. 25: изменить или дополнить в течение одного рабочего дня',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-22', 0, '2013-11-26', 0, NULL),
    ('blocking', 1, 1,
     'Закон РК 94-V, ст. 25: блокировать в течение одного рабочего дня; приказ 179/НҚ: порядок блокирования по обращению',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-22', 0, '2013-11-26', 0, NULL),
    ('destruction', 1, 1,
     'Закон РК 94-V, ст. 18, 25: уничтожить в течение одного рабочего дня, кроме того, что обязывает хранить закон',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-22', 0, '2013-11-26', 0, NULL),
    ('withdrawal', 1, 15,
     'Закон РК 94-V, ст. 8 п. 7: прекратить обработку в течение пятнадцати рабочих дней',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-22', 0, '2026-01-18', 0, NULL),
    ('objection', 1, 3,
     'Закон РК 94-V, ст. 19-1: ответить на возражение против автоматического решения в течение трёх рабочих дней',
     'https://adilet.zan.kz/rus/docs/Z1300000094', '2026-11-22', 0, '2026-01-18', 0, NULL);
