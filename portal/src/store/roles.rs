//! Roles in D1, and who has which.

use oauth::identity::AccountId;
use oauth::role::{
    ADMIN, ADMIN_ALLOWS, Assigned, Bound, ROLES_MAX, Role, RoleChange, Standing, USER, USER_ALLOWS,
};
use serde::Deserialize;
use worker::D1Type;

use super::d1;
use crate::app::App;
use crate::error::{Error, doing};

/// A role of a user; without one, the default role.
#[derive(Deserialize)]
struct Row {
    issuer: String,
    subject: String,
    role: String,
    permissions: Option<String>,
}

/// What the roles of an account's user allow. Nothing, if it is nobody's.
pub(crate) async fn bound(app: &App, account: &AccountId) -> Result<Bound, Error> {
    Ok(standing(app, account).await?.bound())
}

/// The roles of an account's user, and whether the configuration names them an
/// admin. No role, if it is nobody's.
pub(crate) async fn standing(app: &App, account: &AccountId) -> Result<Standing, Error> {
    let rows: Vec<Row> = d1::rows(
        app,
        "asking for a user's roles",
        "SELECT users.issuer, users.subject,
                 COALESCE(user_roles.role, 'user') AS role, roles.permissions
                 FROM users
                 LEFT JOIN user_roles
                 ON user_roles.issuer = users.issuer AND user_roles.subject = users.subject
                 LEFT JOIN roles ON roles.name = COALESCE(user_roles.role, 'user')
                 WHERE users.account = ?1 ORDER BY role",
        &[D1Type::Text(account.as_str())],
    )
    .await?;
    let admins = &app.config.admins;
    let mut named = rows.iter();
    Ok(Standing {
        in_configuration: named.any(|row| admins.contain(&row.issuer, &row.subject)),
        assigned: rows
            .into_iter()
            .map(|row| Assigned {
                role: row.role,
                permissions: row.permissions,
            })
            .collect(),
    })
}

/// A role as it is kept.
#[derive(Debug, Deserialize)]
pub(crate) struct Kept {
    /// Its name.
    pub(crate) name: String,
    /// What its row says; `admin` and `user` need none.
    pub(crate) permissions: Option<String>,
    /// How many users have it by a row of theirs.
    pub(crate) users: u32,
}

impl Kept {
    /// What it allows: its row says so, or it is built in.
    pub(crate) fn allows(&self) -> Option<&str> {
        match (self.name.as_str(), self.permissions.as_deref()) {
            (ADMIN, _) => Some(ADMIN_ALLOWS),
            (USER, None) => Some(USER_ALLOWS),
            (_, words) => words,
        }
    }
}

/// The roles that have a row.
pub(crate) fn written(kept: &[Kept]) -> Vec<Role> {
    let row = |kept: &Kept| {
        Some(Role {
            name: kept.name.clone(),
            permissions: kept.permissions.clone()?,
        })
    };
    kept.iter().filter_map(row).collect()
}

/// Every role in the order of the names, `admin` and `user` among them. Of more than
/// [`ROLES_MAX`], the first.
pub(crate) async fn list(app: &App) -> Result<Vec<Kept>, Error> {
    let values = [d1::count(ROLES_MAX + 2)];
    d1::rows(
        app,
        "listing roles",
        "SELECT names.name, roles.permissions,
                 (SELECT COUNT(*) FROM user_roles WHERE role = names.name) AS users
                 FROM (SELECT 'admin' AS name UNION SELECT 'user'
                  UNION SELECT name FROM roles) AS names
                 LEFT JOIN roles ON roles.name = names.name
                 ORDER BY names.name LIMIT CAST(?1 AS INTEGER)",
        &values,
    )
    .await
}

/// Keeps a new role; false if there is another of that name, or too many. The same
/// a second time changes nothing.
pub(crate) async fn add(app: &App, role: &Role) -> Result<bool, Error> {
    let values = [
        D1Type::Text(&role.name),
        D1Type::Text(&role.permissions),
        d1::count(ROLES_MAX),
    ];
    let added = d1::text(
        app,
        "adding a role",
        "INSERT INTO roles (name, permissions) SELECT ?1, ?2
                 WHERE (SELECT COUNT(*) FROM roles) < CAST(?3 AS INTEGER)
                 OR EXISTS (SELECT 1 FROM roles WHERE name = ?1)
                 ON CONFLICT (name) DO UPDATE SET permissions = excluded.permissions
                 WHERE permissions = excluded.permissions RETURNING name",
        &values,
    );
    Ok(added.await?.is_some())
}

/// Keeps a role that allowed `was`; false if it does not any more. The same a second
/// time changes nothing.
pub(crate) async fn save(app: &App, role: &Role, was: &str) -> Result<bool, Error> {
    let values = [&role.name, &role.permissions, was].map(D1Type::Text);
    let saved = d1::text(
        app,
        "saving a role",
        "UPDATE roles SET permissions = ?2
                 WHERE name = ?1 AND permissions IN (?2, ?3) RETURNING name",
        &values,
    );
    Ok(saved.await?.is_some())
}

/// Deletes a role that allowed `was`; false if it does not, or if somebody has it.
/// Who has none of the roles that exist may do less than who has no role: so none is
/// taken from anybody with this. `user` is built in, and stays without its row.
pub(crate) async fn delete(app: &App, name: &str, was: &str) -> Result<bool, Error> {
    let values = [name, was].map(D1Type::Text);
    let deleted = d1::text(
        app,
        "deleting a role",
        "DELETE FROM roles WHERE name = ?1 AND permissions = ?2
                 AND (name = 'user' OR NOT EXISTS (SELECT 1 FROM user_roles WHERE role = ?1))
                 RETURNING name",
        &values,
    );
    Ok(deleted.await?.is_some())
}

/// Gives a user roles, and takes others: all of it or nothing. A role that does not
/// exist is not given.
pub(crate) async fn change(
    app: &App,
    account: &AccountId,
    change: &RoleChange,
) -> Result<(), Error> {
    let changed = async {
        let list = |names| serde_json::to_string(names).map_err(worker::Error::from);
        let (taken, given) = (list(&change.taken)?, list(&change.given)?);
        let take = d1::bound(
            app,
            "DELETE FROM user_roles
             WHERE (issuer, subject) = (SELECT issuer, subject FROM users WHERE account = ?1)
             AND role IN (SELECT value FROM json_each(?2))",
            &[account.as_str(), &taken].map(D1Type::Text),
        )?;
        let give = d1::bound(
            app,
            "INSERT OR IGNORE INTO user_roles (issuer, subject, role)
             SELECT users.issuer, users.subject, value FROM users, json_each(?2)
             WHERE users.account = ?1 AND (value IN ('admin', 'user')
              OR EXISTS (SELECT 1 FROM roles WHERE name = value))",
            &[account.as_str(), &given].map(D1Type::Text),
        )?;
        d1::database(app)?.batch(vec![take, give]).await
    };
    let changed = changed.await.map_err(doing("changing a user's roles"))?;
    match changed.iter().find_map(worker::D1Result::error) {
        None => Ok(()),
        Some(error) => Err(doing("changing a user's roles")(worker::Error::RustError(
            error,
        ))),
    }
}
