-- Names are searched with slips of the finger by equality: two words that are
-- one slip apart (a letter wrong, left out, put in, or two changed places) are
-- the same word once each has lost a letter, or lost none.

-- The words of names of four letters and more, folded (contact::name::fold),
-- each once, whole and with each of its letters left out. A word leaves with
-- the last card that has it.
CREATE TABLE name_slip (
    slip TEXT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (slip, word)
) STRICT, WITHOUT ROWID;

CREATE VIRTUAL TABLE name_vocabulary USING fts5vocab (patient_words, row);

WITH RECURSIVE cut (word, at) AS (
    SELECT term, 0 FROM name_vocabulary WHERE 4 <= length(term)
    UNION ALL
    SELECT word, at + 1 FROM cut WHERE at < length(word)
)
INSERT OR IGNORE INTO name_slip (slip, word)
SELECT iif(at = 0, word, substr(word, 1, at - 1) || substr(word, at + 1)), word FROM cut;

DROP TABLE name_vocabulary;
