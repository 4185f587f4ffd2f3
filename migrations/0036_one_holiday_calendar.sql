-- One source of the days of the law: `holiday_rule` (0004) and `legal_day`
-- (0018), read by the schedule and by the terms of the law alike. `holiday`
-- keeps only what the clinic itself has decided: that it works on a holiday, or
-- rests on a day of its own. A clinic's day never moves a term of the law.

-- Shipped with 0004 and left as they were: the law says them now.
DELETE FROM holiday WHERE (day, kind, name) IN (VALUES
    ('2025-01-03', 'off',  'decree'),
    ('2025-01-05', 'work', 'decree'),
    ('2026-05-27', 'off',  'kurban_ait'),
    ('2027-05-16', 'off',  'kurban_ait'),
    ('2028-05-05', 'off',  'kurban_ait'),
    ('2029-04-24', 'off',  'kurban_ait'),
    ('2030-04-13', 'off',  'kurban_ait'));

-- What is left was said by the clinic: of a day of its own, or of one of these.
ALTER TABLE holiday DROP COLUMN name;
ALTER TABLE holiday DROP COLUMN note;

-- What the program keeps of the hours in memory (0015) holds as long as the
-- law's days do, too.
CREATE TRIGGER legal_day_made AFTER INSERT ON legal_day
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER legal_day_changed AFTER UPDATE ON legal_day
BEGIN
    UPDATE arrangement SET version = version + 1;
END;

CREATE TRIGGER legal_day_gone AFTER DELETE ON legal_day
BEGIN
    UPDATE arrangement SET version = version + 1;
END;
