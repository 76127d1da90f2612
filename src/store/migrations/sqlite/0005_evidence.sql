-- Signed answers, with what is needed to give them again.
CREATE TABLE receipt (
    receipt_id TEXT    NOT NULL PRIMARY KEY,
    caller     TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    subject    TEXT,             -- the company that was asked about
    issued_at  INTEGER NOT NULL,
    compact    TEXT    NOT NULL,
    facts      TEXT    NOT NULL -- JSON
) STRICT;

CREATE INDEX receipt_by_caller ON receipt (caller, issued_at);
CREATE INDEX receipt_by_subject ON receipt (subject, caller, issued_at) WHERE subject IS NOT NULL;

-- Who did what when. Rows are neither changed nor removed.
CREATE TABLE audit_event (
    sequence    INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at          INTEGER NOT NULL,
    actor       TEXT    NOT NULL,
    action      TEXT    NOT NULL,
    object      TEXT    NOT NULL,
    outcome     TEXT    NOT NULL,
    purpose     TEXT,
    operator    TEXT,
    matter_code TEXT
) STRICT;

CREATE INDEX audit_event_by_object ON audit_event (object, sequence);

CREATE TRIGGER audit_event_is_not_changed BEFORE UPDATE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;

CREATE TRIGGER audit_event_is_not_removed BEFORE DELETE ON audit_event
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;
