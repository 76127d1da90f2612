-- Facts about the database itself, one a row.
-- Text is compared byte by byte, as SQLite does, whatever the database's own collation.
CREATE TABLE meta (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

-- The highest time ever signed: one row, which only grows.
CREATE TABLE signing_clock (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    highest  BIGINT NOT NULL
);
