-- Only answers about facts that were matched are counted by company; every other one wrote into it as well.
DROP INDEX receipt_by_subject;
CREATE INDEX receipt_of_match_by_subject ON receipt (subject, caller, issued_at) WHERE kind = 'match';
