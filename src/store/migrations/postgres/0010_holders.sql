-- What companies show to be let in: keyed digests alone.
-- A code belongs to the credential that it was given with; it is good until it expires or another one replaces it.
CREATE TABLE pick_up_code (
    tag           BYTEA  NOT NULL PRIMARY KEY,
    credential_id TEXT COLLATE "C" NOT NULL REFERENCES credential (credential_id),
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    replaced_at   BIGINT,
    last_used_at  BIGINT
);

CREATE INDEX pick_up_code_by_credential ON pick_up_code (credential_id);
CREATE INDEX pick_up_code_by_end ON pick_up_code (expires_at);

-- A challenge goes once it has been answered.
CREATE TABLE holder_challenge (
    tag        BYTEA  NOT NULL PRIMARY KEY,
    uscc       TEXT COLLATE "C" NOT NULL REFERENCES company (uscc),
    expires_at BIGINT NOT NULL
);

CREATE INDEX holder_challenge_by_end ON holder_challenge (expires_at);

CREATE TABLE holder_session (
    tag        BYTEA  NOT NULL PRIMARY KEY,
    uscc       TEXT COLLATE "C" NOT NULL REFERENCES company (uscc),
    expires_at BIGINT NOT NULL
);

CREATE INDEX holder_session_by_company ON holder_session (uscc);
CREATE INDEX holder_session_by_end ON holder_session (expires_at);
