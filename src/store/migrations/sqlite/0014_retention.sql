-- Events may be removed once they have been kept for long enough: those of a segment up to `removed_count`, which comes
-- first.
ALTER TABLE audit_segment ADD COLUMN removed_count INTEGER NOT NULL DEFAULT 0;

DROP TRIGGER audit_event_is_not_removed;
CREATE TRIGGER audit_event_is_not_removed BEFORE DELETE ON audit_event
WHEN NOT EXISTS (SELECT 1 FROM audit_segment s WHERE s.segment_id = old.segment AND old.segment_index < s.removed_count)
BEGIN SELECT RAISE(ABORT, 'audit_event is append-only'); END;

-- What a receipt said without operator and matter code, once those were erased; `compact` is empty then.
ALTER TABLE receipt ADD COLUMN claims TEXT;
