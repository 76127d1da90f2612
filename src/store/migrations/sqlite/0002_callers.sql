-- Who may ask. The built-in public has no row.
CREATE TABLE relying_party (
    relying_party_id TEXT    NOT NULL PRIMARY KEY,
    kind             TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    name_zh          TEXT    NOT NULL,
    department       TEXT,
    created_at       INTEGER NOT NULL,
    changed_at       INTEGER NOT NULL
) STRICT;

-- API keys: the visible prefix and a keyed digest of the whole. Rows are kept after revocation.
CREATE TABLE api_key (
    prefix           TEXT    NOT NULL PRIMARY KEY,
    tag              BLOB    NOT NULL,
    relying_party_id TEXT    NOT NULL REFERENCES relying_party (relying_party_id),
    scopes           TEXT    NOT NULL, -- separated by spaces
    created_at       INTEGER NOT NULL,
    expires_at       INTEGER,
    revoked_at       INTEGER,
    last_used_at     INTEGER           -- to the minute
) STRICT;

CREATE INDEX api_key_by_relying_party ON api_key (relying_party_id);

-- Which relying party accepts which CA for which usage. Rows are never changed but closed: those of
-- version v are the ones with version_from <= v and (version_until IS NULL or version_until > v).
CREATE TABLE recognition_version (
    version    INTEGER NOT NULL PRIMARY KEY,
    changed_at INTEGER NOT NULL,
    changed_by TEXT    NOT NULL
) STRICT;

CREATE TABLE recognition_row (
    version_from     INTEGER NOT NULL REFERENCES recognition_version (version),
    position         INTEGER NOT NULL,
    version_until    INTEGER,
    relying_party_id TEXT    NOT NULL,
    ca               TEXT    NOT NULL,
    usage            TEXT    NOT NULL,
    anchors          TEXT    NOT NULL, -- SHA-256 in hexadecimal, separated by spaces
    valid_from       INTEGER NOT NULL,
    valid_until      INTEGER,
    PRIMARY KEY (version_from, position)
) STRICT;

-- The issuer register: who may issue what for which regions. Exactly one of the two identities is there.
CREATE TABLE issuer (
    issuer_id    TEXT    NOT NULL PRIMARY KEY,
    department   TEXT    NOT NULL,
    spki_sha256  BLOB,
    ca           TEXT,
    subject_uscc TEXT,
    iss          TEXT,
    vct          TEXT    NOT NULL,
    regions      TEXT    NOT NULL, -- separated by spaces
    valid_from   INTEGER NOT NULL,
    valid_until  INTEGER,
    changed_at   INTEGER NOT NULL,
    CHECK ((spki_sha256 IS NULL) = (ca IS NOT NULL)),
    CHECK ((ca IS NULL) = (subject_uscc IS NULL))
) STRICT;
