-- No statement looks by it, and every answer wrote into it.
DROP INDEX audit_event_by_object;
