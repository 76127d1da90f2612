-- Status lists. `version` counts the changes of what the list says, so that a copy can be compared;
-- a closed list gets no further credentials.
CREATE TABLE status_list (
    status_list_id TEXT    NOT NULL PRIMARY KEY,
    allocated      INTEGER NOT NULL,
    closed         INTEGER NOT NULL,
    version        INTEGER NOT NULL,
    created_at     INTEGER NOT NULL
) STRICT;

-- Credentials, from the moment their number is reserved.
--   reserved -> prepared -> valid <-> suspended
--   reserved, prepared -> void
--   valid, suspended -> revoked, superseded, expired
CREATE TABLE credential (
    credential_id    TEXT    NOT NULL PRIMARY KEY,
    vct              TEXT    NOT NULL,
    uscc             TEXT    NOT NULL REFERENCES company (uscc),
    company_version  INTEGER NOT NULL,
    department       TEXT    NOT NULL,
    region           TEXT    NOT NULL,
    issued_by        TEXT    NOT NULL,
    issued_at        INTEGER NOT NULL,
    expires_at       INTEGER NOT NULL,
    status_list_id   TEXT    NOT NULL REFERENCES status_list (status_list_id),
    status_index     INTEGER NOT NULL CHECK (status_index >= 0),
    status_value     INTEGER NOT NULL CHECK (status_value BETWEEN 0 AND 3),
    state            TEXT    NOT NULL CHECK (state IN (
        'reserved', 'prepared', 'void', 'valid', 'suspended', 'revoked', 'superseded', 'expired')),
    state_changed_at INTEGER NOT NULL,
    state_changed_by TEXT,
    state_reason     TEXT,
    superseded_by    TEXT,
    payload          TEXT,   -- what is signed: JSON
    disclosures      TEXT,   -- JSON array
    compact          TEXT,   -- the signed credential
    CHECK (compact IS NOT NULL OR state IN ('reserved', 'prepared', 'void'))
) STRICT;

CREATE UNIQUE INDEX credential_by_status ON credential (status_list_id, status_index);
CREATE INDEX credential_by_company ON credential (uscc, vct);
-- At most one credential of a type is in force for a company.
CREATE UNIQUE INDEX credential_in_force ON credential (uscc, vct) WHERE state IN ('valid', 'suspended');
CREATE INDEX credential_to_expire ON credential (expires_at) WHERE state IN ('valid', 'suspended');
CREATE INDEX credential_unfinished ON credential (issued_at) WHERE state IN ('reserved', 'prepared');
CREATE INDEX credential_by_status_value ON credential (status_list_id, status_index) WHERE status_value <> 0;

-- Requests that must not be served twice. `result` names what the request made; it stands only once
-- `completed` is 1.
CREATE TABLE idempotency (
    caller      TEXT    NOT NULL,
    route       TEXT    NOT NULL,
    request_key TEXT    NOT NULL,
    body_sha256 BLOB    NOT NULL,
    result      TEXT,
    completed   INTEGER NOT NULL CHECK (completed IN (0, 1)),
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (caller, route, request_key)
) STRICT;

CREATE INDEX idempotency_by_age ON idempotency (created_at);
CREATE INDEX idempotency_open ON idempotency (result) WHERE completed = 0;
