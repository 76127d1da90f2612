-- What a caller is held to beside its scopes. NULL: any purpose, from anywhere, the quota of its kind.
ALTER TABLE relying_party ADD COLUMN purposes TEXT COLLATE "C"; -- separated by spaces
ALTER TABLE relying_party ADD COLUMN networks TEXT COLLATE "C"; -- separated by spaces
ALTER TABLE relying_party ADD COLUMN requests_per_minute BIGINT;
ALTER TABLE relying_party ADD COLUMN requests_per_day BIGINT;

-- Which TLS client certificates stand for a caller.
CREATE TABLE client_certificate (
    rule             TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    relying_party_id TEXT COLLATE "C" NOT NULL REFERENCES relying_party (relying_party_id),
    scopes           TEXT COLLATE "C" NOT NULL, -- separated by spaces
    created_at       BIGINT NOT NULL,
    last_used_at     BIGINT -- to the minute
);

CREATE INDEX client_certificate_by_relying_party ON client_certificate (relying_party_id);
