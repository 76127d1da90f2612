-- What is known of a company now: the sum of its events, written in the same transaction as they are.
CREATE TABLE company (
    uscc       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    folded     TEXT COLLATE "C" NOT NULL, -- the names as they are compared, one a line
    state      TEXT COLLATE "C" NOT NULL,
    version    BIGINT           NOT NULL CHECK (version > 0),
    updated_at BIGINT           NOT NULL,
    body       TEXT COLLATE "C" NOT NULL -- JSON
);

-- What was recorded of it, for ever. `sequence` counts from 1 without gaps.
CREATE TABLE company_event (
    uscc        TEXT COLLATE "C" NOT NULL REFERENCES company (uscc),
    sequence    BIGINT           NOT NULL CHECK (sequence > 0),
    recorded_at BIGINT           NOT NULL,
    recorded_by TEXT COLLATE "C" NOT NULL,
    body        TEXT COLLATE "C" NOT NULL, -- JSON
    PRIMARY KEY (uscc, sequence)
);

CREATE FUNCTION company_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'company_event is append-only';
END
$$;

CREATE TRIGGER company_event_is_not_changed BEFORE UPDATE ON company_event
FOR EACH ROW EXECUTE FUNCTION company_event_is_append_only();

CREATE TRIGGER company_event_is_not_removed BEFORE DELETE ON company_event
FOR EACH ROW EXECUTE FUNCTION company_event_is_append_only();
