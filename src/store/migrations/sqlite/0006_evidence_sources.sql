-- Where evidence of revocation is fetched from. `attempt_at` is when it is fetched next; whoever fetches
-- moves it to the time at which another may try.
CREATE TABLE evidence_source (
    source_id     TEXT    NOT NULL PRIMARY KEY, -- digest of what it is fetched by
    ca            TEXT    NOT NULL,
    kind          TEXT    NOT NULL CHECK (kind IN ('crl', 'ocsp')),
    url           TEXT    NOT NULL,
    certificate   BLOB,                         -- whose status is asked for
    issuer        BLOB,                         -- who issued it, or signs the list
    pinned        INTEGER NOT NULL CHECK (pinned IN (0, 1)), -- named in ca.toml
    queued_at     INTEGER NOT NULL,
    wanted_at     INTEGER NOT NULL,
    attempt_at    INTEGER NOT NULL,
    failures      INTEGER NOT NULL,             -- since the last success
    failing_since INTEGER,
    last_error    TEXT,
    CHECK (kind = 'crl' OR (certificate IS NOT NULL AND issuer IS NOT NULL)),
    CHECK ((failures = 0) = (failing_since IS NULL) AND (failures = 0) = (last_error IS NULL))
) STRICT;

CREATE INDEX evidence_source_due ON evidence_source (attempt_at);
CREATE INDEX evidence_source_by_ca ON evidence_source (ca, kind, wanted_at);

-- The newest evidence of each source.
CREATE TABLE evidence (
    source_id    TEXT    NOT NULL PRIMARY KEY REFERENCES evidence_source (source_id) ON DELETE CASCADE,
    body         BLOB    NOT NULL,
    body_sha256  BLOB    NOT NULL,
    crl_number   TEXT,                          -- in hexadecimal, two digits an octet, no zeros before
    signer_known INTEGER NOT NULL CHECK (signer_known IN (0, 1)),
    this_update  INTEGER NOT NULL,
    next_update  INTEGER,
    fetched_at   INTEGER NOT NULL
) STRICT;

-- Counts the changes of what is in `evidence`, so that a copy can be compared.
CREATE TABLE evidence_version (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    version  INTEGER NOT NULL
) STRICT;

INSERT INTO evidence_version (only_row, version) VALUES (1, 0);
