-- Counts the changes of callers, their keys and the issuer register, so that a copy can be compared. When a key was
-- last used is no change.
CREATE TABLE register_version (
    only_row BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    version  BIGINT NOT NULL
);

INSERT INTO register_version (only_row, version) VALUES (1, 0);

CREATE FUNCTION count_register_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE register_version SET version = version + 1;
    RETURN NULL;
END
$$;

CREATE TRIGGER api_key_counts AFTER INSERT OR DELETE
    OR UPDATE OF prefix, tag, relying_party_id, scopes, created_at, expires_at, revoked_at ON api_key
FOR EACH STATEMENT EXECUTE FUNCTION count_register_version();

CREATE TRIGGER relying_party_counts AFTER INSERT OR UPDATE OR DELETE ON relying_party
FOR EACH STATEMENT EXECUTE FUNCTION count_register_version();

CREATE TRIGGER issuer_counts AFTER INSERT OR UPDATE OR DELETE ON issuer
FOR EACH STATEMENT EXECUTE FUNCTION count_register_version();
