-- What papers must say of the clinic (law 94-V art. 8(4): name and BIN of the
-- operator; art. 25(2)(10): who answers for personal data). Empty until given.

ALTER TABLE clinic ADD COLUMN legal_name TEXT NOT NULL DEFAULT '';
ALTER TABLE clinic ADD COLUMN bin TEXT CHECK (length(bin) = 12); -- a sole trader's IIN stands here too
ALTER TABLE clinic ADD COLUMN licence_number TEXT NOT NULL DEFAULT '';
ALTER TABLE clinic ADD COLUMN licence_date TEXT;                 -- 2019-03-12
ALTER TABLE clinic ADD COLUMN legal_address TEXT NOT NULL DEFAULT '';
ALTER TABLE clinic ADD COLUMN email TEXT NOT NULL DEFAULT '';
ALTER TABLE clinic ADD COLUMN responsible TEXT NOT NULL DEFAULT ''; -- who answers for personal data
