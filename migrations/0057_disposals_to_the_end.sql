-- The law of a retention rule in Kazakh too: a patient, a lawyer and a
-- compliance officer read in their own language why something is kept or gone.
ALTER TABLE retention_rule ADD COLUMN basis_kk TEXT NOT NULL DEFAULT ''; -- empty in versions from before it was asked for

DROP TRIGGER retention_rule_is_never_changed;

UPDATE retention_rule SET basis_kk = CASE code
    WHEN 'outpatient_card' THEN '052/е нысаны, ҚР ДСМ-175/2020 және ҚР ДСМ-244/2020 бұйрықтары: 25 жыл'
    WHEN 'inpatient_card' THEN '001/е нысаны, ҚР ДСМ-175/2020 және ҚР ДСМ-244/2020 бұйрықтары: 25 жыл'
    WHEN 'dental_card' THEN '058/е нысаны, ҚР ДСМ-175/2020 және ҚР ДСМ-244/2020 бұйрықтары: 75 жыл немесе пациент 75 жасқа толғанға дейін'
    WHEN 'visit_journal' THEN 'Қабылдауға жазылу журналы: 5 жыл'
    WHEN 'consent' THEN 'Келісім өзіне қатысты картадан кем сақталмайды'
    ELSE 'ҚР 94-V заңы, 12-бап 2-т. және 18-бап: деректер мақсатқа жеткенге дейін сақталады; адам емделмеген, медициналық картасы жоқ' END
WHERE made_by IS NULL;

CREATE TRIGGER retention_rule_is_never_changed BEFORE UPDATE ON retention_rule
BEGIN
    SELECT RAISE(ABORT, 'a rule is replaced, not changed');
END;

-- An act that was carried out is never changed: those from before have none.
ALTER TABLE disposal ADD COLUMN basis_kk TEXT NOT NULL DEFAULT ''; -- one law on each line, as the basis

-- When the last copy of what an act destroyed was gone from the backups: the
-- act's days are over and no archive from before it is kept any more.
CREATE TABLE disposal_copies_gone (
    disposal_id TEXT PRIMARY KEY NOT NULL,    -- no reference: see disposal_replay
    gone_at     INTEGER NOT NULL              -- Unix ms
) STRICT, WITHOUT ROWID;
