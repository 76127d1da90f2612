-- What more is told of an event, and its place in the chain of its writer. Rows of earlier releases have none.
ALTER TABLE audit_event
    ADD COLUMN subject             TEXT COLLATE "C",             -- the company that it is about
    ADD COLUMN profile_name        TEXT COLLATE "C",
    ADD COLUMN profile_version     BIGINT,
    ADD COLUMN profile_digest      BYTEA,
    ADD COLUMN latency_micros      BIGINT,
    ADD COLUMN segment             TEXT COLLATE "C",
    ADD COLUMN segment_index       BIGINT,                       -- counts from 0 without gaps
    ADD COLUMN hash                BYTEA,                        -- over this event and all before it
    ADD COLUMN salt                BYTEA,                        -- erased together with what it commits to
    ADD COLUMN operator_commitment BYTEA,
    ADD COLUMN matter_commitment   BYTEA;

CREATE UNIQUE INDEX audit_event_by_segment ON audit_event (segment, segment_index);
CREATE INDEX audit_event_by_subject ON audit_event (subject, sequence) WHERE subject IS NOT NULL;
CREATE INDEX audit_event_by_actor ON audit_event (actor, sequence);
CREATE INDEX audit_event_personal ON audit_event (at) WHERE operator IS NOT NULL OR matter_code IS NOT NULL;

-- Events stay as they are, but their personal fields may be erased, with their salt.
CREATE FUNCTION audit_event_is_erased_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF ROW(new.sequence, new.at, new.actor, new.action, new.object, new.outcome, new.subject, new.purpose,
           new.profile_name, new.profile_version, new.profile_digest, new.latency_micros, new.segment,
           new.segment_index, new.hash, new.operator_commitment, new.matter_commitment)
       IS NOT DISTINCT FROM
       ROW(old.sequence, old.at, old.actor, old.action, old.object, old.outcome, old.subject, old.purpose,
           old.profile_name, old.profile_version, old.profile_digest, old.latency_micros, old.segment,
           old.segment_index, old.hash, old.operator_commitment, old.matter_commitment)
       AND new.operator IS NULL AND new.matter_code IS NULL AND new.salt IS NULL
    THEN
        RETURN new;
    END IF;
    RAISE EXCEPTION 'audit_event is append-only';
END;
$$;

DROP TRIGGER audit_event_is_not_changed ON audit_event;
CREATE TRIGGER audit_event_is_not_changed BEFORE UPDATE ON audit_event
FOR EACH ROW EXECUTE FUNCTION audit_event_is_erased_only();

-- Chains of events, one a writer. `signed_count` only helps to find what is yet to be signed.
CREATE TABLE audit_segment (
    segment_id   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    opened_at    BIGINT           NOT NULL,
    signed_count BIGINT           NOT NULL
);

-- Signed heads: how far segments had come. `number` counts from 1 without gaps.
CREATE TABLE audit_head (
    number    BIGINT           NOT NULL PRIMARY KEY CHECK (number > 0),
    signed_at BIGINT           NOT NULL,
    compact   TEXT COLLATE "C" NOT NULL
);

CREATE FUNCTION audit_head_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_head is append-only';
END;
$$;

CREATE TRIGGER audit_head_is_not_changed BEFORE UPDATE ON audit_head
FOR EACH ROW EXECUTE FUNCTION audit_head_is_append_only();

CREATE TRIGGER audit_head_is_not_removed BEFORE DELETE ON audit_head
FOR EACH ROW EXECUTE FUNCTION audit_head_is_append_only();
