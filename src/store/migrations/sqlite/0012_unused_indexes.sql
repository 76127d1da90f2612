-- No statement looks by these, and every answer wrote into both.
DROP INDEX audit_event_by_object;
DROP INDEX receipt_by_caller;
