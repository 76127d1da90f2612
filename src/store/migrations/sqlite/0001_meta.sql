-- Facts about the database itself, one a row.
CREATE TABLE meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- The highest time ever signed: one row, which only grows.
CREATE TABLE signing_clock (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    highest  INTEGER NOT NULL
) STRICT;
