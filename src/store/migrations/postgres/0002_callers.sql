-- Who may ask. The built-in public has no row.
CREATE TABLE relying_party (
    relying_party_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind             TEXT COLLATE "C" NOT NULL,
    name             TEXT COLLATE "C" NOT NULL,
    name_zh          TEXT COLLATE "C" NOT NULL,
    department       TEXT COLLATE "C",
    created_at       BIGINT           NOT NULL,
    changed_at       BIGINT           NOT NULL
);

-- API keys: the visible prefix and a keyed digest of the whole. Rows are kept after revocation.
CREATE TABLE api_key (
    prefix           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    tag              BYTEA            NOT NULL,
    relying_party_id TEXT COLLATE "C" NOT NULL REFERENCES relying_party (relying_party_id),
    scopes           TEXT COLLATE "C" NOT NULL, -- separated by spaces
    created_at       BIGINT           NOT NULL,
    expires_at       BIGINT,
    revoked_at       BIGINT,
    last_used_at     BIGINT           -- to the minute
);

CREATE INDEX api_key_by_relying_party ON api_key (relying_party_id);

-- Which relying party accepts which CA for which usage. Rows are never changed but closed: those of
-- version v are the ones with version_from <= v and (version_until IS NULL or version_until > v).
CREATE TABLE recognition_version (
    version    BIGINT           NOT NULL PRIMARY KEY,
    changed_at BIGINT           NOT NULL,
    changed_by TEXT COLLATE "C" NOT NULL
);

CREATE TABLE recognition_row (
    version_from     BIGINT           NOT NULL REFERENCES recognition_version (version),
    position         BIGINT           NOT NULL,
    version_until    BIGINT,
    relying_party_id TEXT COLLATE "C" NOT NULL,
    ca               TEXT COLLATE "C" NOT NULL,
    usage            TEXT COLLATE "C" NOT NULL,
    anchors          TEXT COLLATE "C" NOT NULL, -- SHA-256 in hexadecimal, separated by spaces
    valid_from       BIGINT           NOT NULL,
    valid_until      BIGINT,
    PRIMARY KEY (version_from, position)
);

-- The issuer register: who may issue what for which regions. Exactly one of the two identities is there.
CREATE TABLE issuer (
    issuer_id    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    department   TEXT COLLATE "C" NOT NULL,
    spki_sha256  BYTEA,
    ca           TEXT COLLATE "C",
    subject_uscc TEXT COLLATE "C",
    iss          TEXT COLLATE "C",
    vct          TEXT COLLATE "C" NOT NULL,
    regions      TEXT COLLATE "C" NOT NULL, -- separated by spaces
    valid_from   BIGINT           NOT NULL,
    valid_until  BIGINT,
    changed_at   BIGINT           NOT NULL,
    CHECK ((spki_sha256 IS NULL) = (ca IS NOT NULL)),
    CHECK ((ca IS NULL) = (subject_uscc IS NULL))
);
