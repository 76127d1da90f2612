-- What more is told of an event, and its place in the chain of its writer. Rows of earlier releases have none.
ALTER TABLE audit_event ADD COLUMN subject TEXT;                -- the company that it is about
ALTER TABLE audit_event ADD COLUMN profile_name TEXT;
ALTER TABLE audit_event ADD COLUMN profile_version INTEGER;
ALTER TABLE audit_event ADD COLUMN profile_digest BLOB;
ALTER TABLE audit_event ADD COLUMN latency_micros INTEGER;
ALTER TABLE audit_event ADD COLUMN segment TEXT;
ALTER TABLE audit_event ADD COLUMN segment_index INTEGER;       -- counts from 0 without gaps
ALTER TABLE audit_event ADD COLUMN hash BLOB;                   -- over this event and all before it
ALTER TABLE audit_event ADD COLUMN salt BLOB;                   -- erased together with what it commits to
ALTER TABLE audit_event ADD COLUMN operator_commitment BLOB;
ALTER TABLE audit_event ADD COLUMN matter_commitment BLOB;

CREATE UNIQUE INDEX audit_event_by_segment ON audit_event (segment, segment_index);
CREATE INDEX audit_event_by_subject ON audit_event (subject, sequence) WHERE subject IS NOT NULL;
CREATE INDEX audit_event_by_actor ON audit_event (actor, sequence);
CREATE INDEX audit_event_personal ON audit_event (at) WHERE operator IS NOT NULL OR matter_code IS NOT NULL;

-- Events stay as they are, but their personal fields may be erased, with their salt.
DROP TRIGGER audit_event_is_not_changed;
CREATE TRIGGER audit_event_is_not_changed BEFORE UPDATE ON audit_event
WHEN NOT (new.sequence IS old.sequence AND new.at IS old.at AND new.actor IS old.actor
    AND new.action IS old.action AND new.object IS old.object AND new.outcome IS old.outcome
    AND new.subject IS old.subject AND new.purpose IS old.purpose AND new.profile_name IS old.profile_name
    AND new.profile_version IS old.profile_version AND new.profile_digest IS old.profile_digest
    AND new.latency_micros IS old.latency_micros AND new.segment IS old.segment
    AND new.segment_index IS old.segment_index AND new.hash IS old.hash
    AND new.operator_commitment IS old.operator_commitment AND new.matter_commitment IS old.matter_commitment
    AND new.operator IS NULL AND new.matter_code IS NULL AND new.salt IS NULL)
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;

-- Chains of events, one a writer. `signed_count` only helps to find what is yet to be signed.
CREATE TABLE audit_segment (
    segment_id   TEXT    NOT NULL PRIMARY KEY,
    opened_at    INTEGER NOT NULL,
    signed_count INTEGER NOT NULL
) STRICT;

-- Signed heads: how far segments had come. `number` counts from 1 without gaps.
CREATE TABLE audit_head (
    number    INTEGER NOT NULL PRIMARY KEY CHECK (number > 0),
    signed_at INTEGER NOT NULL,
    compact   TEXT    NOT NULL
) STRICT;

CREATE TRIGGER audit_head_is_not_changed BEFORE UPDATE ON audit_head
BEGIN SELECT RAISE(ABORT, 'audit_head is append-only'); END;

CREATE TRIGGER audit_head_is_not_removed BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'audit_head is append-only'); END;
