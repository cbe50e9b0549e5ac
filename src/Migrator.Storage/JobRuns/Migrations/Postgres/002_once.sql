ALTER TABLE once ADD COLUMN until BIGINT; -- somebody does it, and is given up after this; null: it is done
