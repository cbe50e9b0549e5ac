ALTER TABLE round ADD COLUMN sums TEXT; -- JSON; over its runs, which change no more once it is finished
