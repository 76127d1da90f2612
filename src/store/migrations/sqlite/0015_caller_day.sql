-- How much of its day's requests each caller with a daily quota has drawn, on whatever node.
CREATE TABLE caller_day (
    relying_party_id TEXT    NOT NULL PRIMARY KEY,
    day              INTEGER NOT NULL, -- since 1970, in UTC
    drawn            INTEGER NOT NULL CHECK (drawn >= 0)
) STRICT;
