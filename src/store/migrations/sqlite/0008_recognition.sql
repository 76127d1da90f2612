-- Refusals and limits. A release before knows neither: it reads a refusal as a row without anchors, and does not read
-- the anchors of a row with limits, which begin with a word, so that it never takes more than is recognised.
ALTER TABLE recognition_row ADD COLUMN decision TEXT NOT NULL DEFAULT 'accept' CHECK (decision IN ('accept', 'refuse'));
ALTER TABLE recognition_row ADD COLUMN limits TEXT; -- JSON; absent: none

CREATE INDEX recognition_row_by_end ON recognition_row (version_until);

-- SHA-256 over the rows of the version; absent for those that an earlier release made.
ALTER TABLE recognition_version ADD COLUMN digest BLOB;

-- Changes of the table that were proposed, whatever became of them.
CREATE TABLE recognition_proposal (
    proposal_id  INTEGER NOT NULL PRIMARY KEY,
    base_version INTEGER NOT NULL,
    change       TEXT    NOT NULL, -- JSON: rows removed and added
    note         TEXT,
    proposed_by  TEXT    NOT NULL,
    proposed_at  INTEGER NOT NULL,
    activate_at  INTEGER,
    state        TEXT    NOT NULL CHECK (state IN ('proposed', 'approved', 'active', 'withdrawn', 'lapsed')),
    approved_by  TEXT,
    approved_at  INTEGER,
    closed_by    TEXT,
    closed_at    INTEGER,
    version      INTEGER,          -- that it made
    problem      TEXT              -- why it lapsed
) STRICT;

CREATE INDEX recognition_proposal_by_state ON recognition_proposal (state);
