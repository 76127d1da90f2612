-- Counts the changes of callers, their keys and the issuer register, so that a copy can be compared. When a key was
-- last used is no change.
CREATE TABLE register_version (
    only_row INTEGER NOT NULL PRIMARY KEY CHECK (only_row = 1),
    version  INTEGER NOT NULL
) STRICT;

INSERT INTO register_version (only_row, version) VALUES (1, 0);

CREATE TRIGGER api_key_is_added_to_version AFTER INSERT ON api_key
BEGIN UPDATE register_version SET version = version + 1; END;

CREATE TRIGGER api_key_is_changed_in_version AFTER UPDATE OF prefix, tag, relying_party_id, scopes, created_at, expires_at, revoked_at ON api_key
BEGIN UPDATE register_version SET version = version + 1; END;

CREATE TRIGGER api_key_is_removed_from_version AFTER DELETE ON api_key
BEGIN UPDATE register_version SET version = version + 1; END;

CREATE TRIGGER relying_party_is_added_to_version AFTER INSERT ON relying_party
BEGIN UPDATE register_version SET version = version + 1; END;

CREATE TRIGGER relying_party_is_changed_in_version AFTER UPDATE ON relying_party
BEGIN UPDATE register_version SET version = version + 1; END;

CREATE TRIGGER relying_party_is_removed_from_version AFTER DELETE ON relying_party
BEGIN UPDATE register_version SET version = version + 1; END;

CREATE TRIGGER issuer_is_added_to_version AFTER INSERT ON issuer
BEGIN UPDATE register_version SET version = version + 1; END;

CREATE TRIGGER issuer_is_changed_in_version AFTER UPDATE ON issuer
BEGIN UPDATE register_version SET version = version + 1; END;

CREATE TRIGGER issuer_is_removed_from_version AFTER DELETE ON issuer
BEGIN UPDATE register_version SET version = version + 1; END;
