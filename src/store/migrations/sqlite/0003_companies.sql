-- What is known of a company now: the sum of its events, written in the same transaction as they are.
CREATE TABLE company (
    uscc       TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    folded     TEXT    NOT NULL, -- the names as they are compared, one a line
    state      TEXT    NOT NULL,
    version    INTEGER NOT NULL CHECK (version > 0),
    updated_at INTEGER NOT NULL,
    body       TEXT    NOT NULL  -- JSON
) STRICT;

-- What was recorded of it, for ever. `sequence` counts from 1 without gaps.
CREATE TABLE company_event (
    uscc        TEXT    NOT NULL REFERENCES company (uscc),
    sequence    INTEGER NOT NULL CHECK (sequence > 0),
    recorded_at INTEGER NOT NULL,
    recorded_by TEXT    NOT NULL,
    body        TEXT    NOT NULL, -- JSON
    PRIMARY KEY (uscc, sequence)
) STRICT;

CREATE TRIGGER company_event_is_not_changed BEFORE UPDATE ON company_event
BEGIN SELECT RAISE(ABORT, 'company_event is append-only'); END;

CREATE TRIGGER company_event_is_not_removed BEFORE DELETE ON company_event
BEGIN SELECT RAISE(ABORT, 'company_event is append-only'); END;
