-- Where evidence of revocation is fetched from. `attempt_at` is when it is fetched next; whoever fetches
-- moves it to the time at which another may try.
CREATE TABLE evidence_source (
    source_id     TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- digest of what it is fetched by
    ca            TEXT COLLATE "C" NOT NULL,
    kind          TEXT COLLATE "C" NOT NULL CHECK (kind IN ('crl', 'ocsp')),
    url           TEXT COLLATE "C" NOT NULL,
    certificate   BYTEA,                                 -- whose status is asked for
    issuer        BYTEA,                                 -- who issued it, or signs the list
    pinned        BIGINT           NOT NULL CHECK (pinned IN (0, 1)), -- named in ca.toml
    queued_at     BIGINT           NOT NULL,
    wanted_at     BIGINT           NOT NULL,
    attempt_at    BIGINT           NOT NULL,
    failures      BIGINT           NOT NULL,             -- since the last success
    failing_since BIGINT,
    last_error    TEXT COLLATE "C",
    CHECK (kind = 'crl' OR (certificate IS NOT NULL AND issuer IS NOT NULL)),
    CHECK ((failures = 0) = (failing_since IS NULL) AND (failures = 0) = (last_error IS NULL))
);

CREATE INDEX evidence_source_due ON evidence_source (attempt_at);
CREATE INDEX evidence_source_by_ca ON evidence_source (ca, kind, wanted_at);

-- The newest evidence of each source.
CREATE TABLE evidence (
    source_id    TEXT COLLATE "C" NOT NULL PRIMARY KEY
        REFERENCES evidence_source (source_id) ON DELETE CASCADE,
    body         BYTEA            NOT NULL,
    body_sha256  BYTEA            NOT NULL,
    crl_number   TEXT COLLATE "C",                       -- in hexadecimal, two digits an octet, no zeros before
    signer_known BIGINT           NOT NULL CHECK (signer_known IN (0, 1)),
    this_update  BIGINT           NOT NULL,
    next_update  BIGINT,
    fetched_at   BIGINT           NOT NULL
);

-- Counts the changes of what is in `evidence`, so that a copy can be compared.
CREATE TABLE evidence_version (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    version  BIGINT NOT NULL
);

INSERT INTO evidence_version (only_row, version) VALUES (1, 0);
