-- What users may let apps do. Whoever has no role has the role 'user', which
-- allows '* !admin:*' unless a row here says otherwise. The role 'admin' always
-- allows everything, and needs no row.
CREATE TABLE roles (
    name TEXT NOT NULL PRIMARY KEY,
    -- Words with spaces between them: 'notes:read', 'notes:*', '*'; '!notes:write'
    -- takes out what the others allow.
    permissions TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who has which role. A user may have some before the first login.
CREATE TABLE user_roles (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (issuer, subject, role)
) STRICT, WITHOUT ROWID;
