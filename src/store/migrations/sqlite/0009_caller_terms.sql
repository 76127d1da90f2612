-- What a caller is held to beside its scopes. NULL: any purpose, from anywhere, the quota of its kind.
ALTER TABLE relying_party ADD COLUMN purposes TEXT; -- separated by spaces
ALTER TABLE relying_party ADD COLUMN networks TEXT; -- separated by spaces
ALTER TABLE relying_party ADD COLUMN requests_per_minute INTEGER;
ALTER TABLE relying_party ADD COLUMN requests_per_day INTEGER;

-- Which TLS client certificates stand for a caller.
CREATE TABLE client_certificate (
    rule             TEXT NOT NULL PRIMARY KEY,
    relying_party_id TEXT NOT NULL REFERENCES relying_party (relying_party_id),
    scopes           TEXT NOT NULL, -- separated by spaces
    created_at       INTEGER NOT NULL,
    last_used_at     INTEGER -- to the minute
) STRICT;

CREATE INDEX client_certificate_by_relying_party ON client_certificate (relying_party_id);
