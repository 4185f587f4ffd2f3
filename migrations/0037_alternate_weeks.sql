-- Shifts of every second week. The anchor is any day of a week in which the shift
-- is worked; it is worked in every second week before and after that one, too.
-- Not ISO's odd and even weeks: after a week 53 two odd ones follow each other.
ALTER TABLE shift_pattern ADD COLUMN alternate_from TEXT CHECK (length(alternate_from) = 10); -- null: every week
