-- How much of its day's requests each caller with a daily quota has drawn, on whatever node.
CREATE TABLE caller_day (
    relying_party_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    day              BIGINT           NOT NULL, -- since 1970, in UTC
    drawn            BIGINT           NOT NULL CHECK (drawn >= 0)
);
