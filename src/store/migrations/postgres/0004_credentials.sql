-- Status lists. `version` counts the changes of what the list says, so that a copy can be compared;
-- a closed list gets no further credentials.
CREATE TABLE status_list (
    status_list_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    allocated      BIGINT           NOT NULL,
    closed         BIGINT           NOT NULL,
    version        BIGINT           NOT NULL,
    created_at     BIGINT           NOT NULL
);

-- Credentials, from the moment their number is reserved.
--   reserved -> prepared -> valid <-> suspended
--   reserved, prepared -> void
--   valid, suspended -> revoked, superseded, expired
CREATE TABLE credential (
    credential_id    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    vct              TEXT COLLATE "C" NOT NULL,
    uscc             TEXT COLLATE "C" NOT NULL REFERENCES company (uscc),
    company_version  BIGINT           NOT NULL,
    department       TEXT COLLATE "C" NOT NULL,
    region           TEXT COLLATE "C" NOT NULL,
    issued_by        TEXT COLLATE "C" NOT NULL,
    issued_at        BIGINT           NOT NULL,
    expires_at       BIGINT           NOT NULL,
    status_list_id   TEXT COLLATE "C" NOT NULL REFERENCES status_list (status_list_id),
    status_index     BIGINT           NOT NULL CHECK (status_index >= 0),
    status_value     BIGINT           NOT NULL CHECK (status_value BETWEEN 0 AND 3),
    state            TEXT COLLATE "C" NOT NULL CHECK (state IN (
        'reserved', 'prepared', 'void', 'valid', 'suspended', 'revoked', 'superseded', 'expired')),
    state_changed_at BIGINT           NOT NULL,
    state_changed_by TEXT COLLATE "C",
    state_reason     TEXT COLLATE "C",
    superseded_by    TEXT COLLATE "C",
    payload          TEXT COLLATE "C", -- what is signed: JSON
    disclosures      TEXT COLLATE "C", -- JSON array
    compact          TEXT COLLATE "C", -- the signed credential
    CHECK (compact IS NOT NULL OR state IN ('reserved', 'prepared', 'void'))
);

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
    caller      TEXT COLLATE "C" NOT NULL,
    route       TEXT COLLATE "C" NOT NULL,
    request_key TEXT COLLATE "C" NOT NULL,
    body_sha256 BYTEA            NOT NULL,
    result      TEXT COLLATE "C",
    completed   BIGINT           NOT NULL CHECK (completed IN (0, 1)),
    created_at  BIGINT           NOT NULL,
    PRIMARY KEY (caller, route, request_key)
);

CREATE INDEX idempotency_by_age ON idempotency (created_at);
CREATE INDEX idempotency_open ON idempotency (result) WHERE completed = 0;
