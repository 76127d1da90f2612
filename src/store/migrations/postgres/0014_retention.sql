-- Events may be removed once they have been kept for long enough: those of a segment up to `removed_count`, which comes
-- first.
ALTER TABLE audit_segment ADD COLUMN removed_count BIGINT NOT NULL DEFAULT 0;

CREATE FUNCTION audit_event_is_removed_when_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM audit_segment s
               WHERE s.segment_id = old.segment AND old.segment_index < s.removed_count)
    THEN
        RETURN old;
    END IF;
    RAISE EXCEPTION 'audit_event is append-only';
END;
$$;

DROP TRIGGER audit_event_is_not_removed ON audit_event;
CREATE TRIGGER audit_event_is_not_removed BEFORE DELETE ON audit_event
FOR EACH ROW EXECUTE FUNCTION audit_event_is_removed_when_due();

-- What a receipt said without operator and matter code, once those were erased; `compact` is empty then.
ALTER TABLE receipt ADD COLUMN claims TEXT COLLATE "C";
