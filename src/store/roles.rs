//! The roles of users in D1.

use oauth::identity::AccountId;
use oauth::role::{Assigned, Bound};
use serde::Deserialize;

use super::users::DB;
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
    let asked = async {
        app.env
            .d1(DB)?
            .prepare(
                "SELECT users.issuer, users.subject,
                 COALESCE(user_roles.role, 'user') AS role, roles.permissions
                 FROM users
                 LEFT JOIN user_roles
                 ON user_roles.issuer = users.issuer AND user_roles.subject = users.subject
                 LEFT JOIN roles ON roles.name = COALESCE(user_roles.role, 'user')
                 WHERE users.account = ?1 ORDER BY role",
            )
            .bind(&[account.as_str().into()])?
            .all()
            .await?
            .results::<Row>()
    };
    let rows = asked.await.map_err(doing("asking for a user's roles"))?;
    let admins = &app.config.admins;
    if rows
        .iter()
        .any(|row| admins.contain(&row.issuer, &row.subject))
    {
        return Ok(Bound::everything());
    }
    let roles = rows.into_iter().map(|row| Assigned {
        role: row.role,
        permissions: row.permissions,
    });
    Ok(Bound::of(&roles.collect::<Vec<_>>()))
}
