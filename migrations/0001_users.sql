-- Who has logged in. A user is known by issuer and subject, never by a name.
-- Times are seconds since 1970.
CREATE TABLE users (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- The name of the user's AccountObject.
    account TEXT NOT NULL UNIQUE,
    -- The provider's id in the configuration, at the last login.
    provider TEXT NOT NULL,
    -- For people to read; decides nothing.
    display_name TEXT,
    first_login INTEGER NOT NULL,
    last_login INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
