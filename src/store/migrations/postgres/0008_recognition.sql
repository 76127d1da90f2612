-- Refusals and limits. A release before knows neither: it reads a refusal as a row without anchors, and does not read
-- the anchors of a row with limits, which begin with a word, so that it never takes more than is recognised.
ALTER TABLE recognition_row ADD COLUMN decision TEXT COLLATE "C" NOT NULL DEFAULT 'accept' CHECK (decision IN ('accept', 'refuse'));
ALTER TABLE recognition_row ADD COLUMN limits TEXT COLLATE "C"; -- JSON; absent: none

CREATE INDEX recognition_row_by_end ON recognition_row (version_until);

-- SHA-256 over the rows of the version; absent for those that an earlier release made.
ALTER TABLE recognition_version ADD COLUMN digest BYTEA;

-- Changes of the table that were proposed, whatever became of them.
CREATE TABLE recognition_proposal (
    proposal_id  BIGINT           NOT NULL PRIMARY KEY,
    base_version BIGINT           NOT NULL,
    change       TEXT COLLATE "C" NOT NULL, -- JSON: rows removed and added
    note         TEXT COLLATE "C",
    proposed_by  TEXT COLLATE "C" NOT NULL,
    proposed_at  BIGINT           NOT NULL,
    activate_at  BIGINT,
    state        TEXT COLLATE "C" NOT NULL CHECK (state IN ('proposed', 'approved', 'active', 'withdrawn', 'lapsed')),
    approved_by  TEXT COLLATE "C",
    approved_at  BIGINT,
    closed_by    TEXT COLLATE "C",
    closed_at    BIGINT,
    version      BIGINT, -- that it made
    problem      TEXT COLLATE "C" -- why it lapsed
);

CREATE INDEX recognition_proposal_by_state ON recognition_proposal (state);
