-- The rules by which messages were left out (state 8); null where none were.
ALTER TABLE folder ADD COLUMN selection TEXT;
