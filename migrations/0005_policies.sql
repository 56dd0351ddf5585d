-- How much users may do: see the quota in docs/configuration.md. Whoever has none of
-- these has the policy of the configuration.
CREATE TABLE policies (
    name TEXT NOT NULL PRIMARY KEY,
    -- A policy document, in JSON.
    document TEXT NOT NULL,
    -- Counts the changes of this row from 1 on, so that two admins undo nothing of
    -- each other.
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The policy of whoever has a role. Of several, the first by its name counts.
CREATE TABLE role_policies (
    role TEXT NOT NULL PRIMARY KEY,
    policy TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A user's own policy, which counts before those of roles.
CREATE TABLE user_policies (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    policy TEXT NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;

-- Who has to be told of a change.
CREATE INDEX role_policies_by_policy ON role_policies (policy);
CREATE INDEX user_policies_by_policy ON user_policies (policy);
