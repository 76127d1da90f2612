-- Signed answers, with what is needed to give them again.
CREATE TABLE receipt (
    receipt_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    caller     TEXT COLLATE "C" NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    subject    TEXT COLLATE "C", -- the company that was asked about
    issued_at  BIGINT           NOT NULL,
    compact    TEXT COLLATE "C" NOT NULL,
    facts      TEXT COLLATE "C" NOT NULL -- JSON
);

CREATE INDEX receipt_by_caller ON receipt (caller, issued_at);
CREATE INDEX receipt_by_subject ON receipt (subject, caller, issued_at) WHERE subject IS NOT NULL;

-- Who did what when. Rows are neither changed nor removed.
CREATE TABLE audit_event (
    sequence    BIGINT           NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          BIGINT           NOT NULL,
    actor       TEXT COLLATE "C" NOT NULL,
    action      TEXT COLLATE "C" NOT NULL,
    object      TEXT COLLATE "C" NOT NULL,
    outcome     TEXT COLLATE "C" NOT NULL,
    purpose     TEXT COLLATE "C",
    operator    TEXT COLLATE "C",
    matter_code TEXT COLLATE "C"
);

CREATE INDEX audit_event_by_object ON audit_event (object, sequence);

CREATE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_event is append-only';
END
$$;

CREATE TRIGGER audit_event_is_not_changed BEFORE UPDATE ON audit_event
FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only();

CREATE TRIGGER audit_event_is_not_removed BEFORE DELETE ON audit_event
FOR EACH ROW EXECUTE FUNCTION audit_event_is_append_only();
