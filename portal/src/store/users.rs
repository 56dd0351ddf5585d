//! The users table in D1.

use std::collections::BTreeMap;

use jiff::Timestamp;
use oauth::identity::{AccountId, Identity};
use oauth::role::{RoleNames, enter};
use worker::D1Type;

use super::d1;
use crate::app::App;
use crate::error::Error;

/// Notes that a user has logged in: a new row, or a newer login in theirs.
/// Returns the account: the drawn one, or the one they have, which stays theirs
/// when the secret it was derived from is replaced.
pub(crate) async fn note_login(
    app: &App,
    drawn: &AccountId,
    identity: &Identity,
    now: Timestamp,
) -> Result<AccountId, Error> {
    // Both bind to what D1 takes for an integer: a double.
    #[expect(clippy::cast_precision_loss, reason = "seconds of this millennium fit")]
    let now = now.as_second() as f64;
    let name = identity.name.as_deref().map_or(D1Type::Null, D1Type::Text);
    let values = [
        D1Type::Text(&identity.issuer),
        D1Type::Text(&identity.subject),
        D1Type::Text(drawn.as_str()),
        D1Type::Text(&identity.provider),
        name,
        D1Type::Real(now),
    ];
    let account = d1::text(
        app,
        "noting a login",
        "INSERT INTO users
                 (issuer, subject, account, provider, display_name, first_login, last_login)
                 VALUES (?1, ?2, ?3, ?4, ?5, CAST(?6 AS INTEGER), CAST(?6 AS INTEGER))
                 ON CONFLICT (issuer, subject) DO UPDATE SET
                 provider = excluded.provider,
                 display_name = COALESCE(excluded.display_name, users.display_name),
                 last_login = excluded.last_login
                 RETURNING account",
        &values,
    );
    let account = account.await?;
    let account = account.ok_or(Error::bug("a noted login has no account"))?;
    Ok(AccountId::trusted(account))
}

/// A user. Who the operator's token asks is told nobody's name, and nothing of what
/// anybody may do: only what is not skipped here.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct User {
    /// The name of the account.
    #[serde(skip_serializing)]
    pub(crate) account: String,
    /// The provider's issuer.
    #[serde(skip_serializing)]
    pub(crate) issuer: String,
    /// Who they are there.
    #[serde(skip_serializing)]
    pub(crate) subject: String,
    /// What the provider calls them.
    #[serde(skip_serializing)]
    pub(crate) display_name: Option<String>,
    /// The names of their roles, as a JSON list.
    #[serde(skip_serializing)]
    roles: String,
    /// The provider's id in the configuration, at the last login.
    pub(crate) provider: String,
    /// In seconds since 1970.
    pub(crate) first_login: i64,
    /// In seconds since 1970.
    pub(crate) last_login: i64,
}

impl User {
    /// The names of their roles; none for who has the default role alone.
    pub(crate) fn role_names(&self) -> RoleNames {
        let read: Vec<String> = serde_json::from_str(&self.roles).unwrap_or_default();
        let mut names = RoleNames::new();
        for name in &read {
            enter(&mut names, name);
        }
        names
    }
}

/// All of a [`User`].
const SELECT: &str = "SELECT account, issuer, subject, display_name, provider, first_login,
    last_login, (SELECT json_group_array(role) FROM user_roles
     WHERE user_roles.issuer = users.issuer AND user_roles.subject = users.subject) AS roles
    FROM users";

/// Finds the user of an account.
pub(crate) async fn find(app: &App, account: &AccountId) -> Result<Option<User>, Error> {
    let statement = format!("{SELECT} WHERE account = ?1");
    let values = [D1Type::Text(account.as_str())];
    let found = d1::rows(app, "finding a user", &statement, &values).await?;
    Ok(found.into_iter().next())
}

/// What the users of accounts are called.
pub(crate) async fn names(app: &App, accounts: &[&str]) -> Result<BTreeMap<String, String>, Error> {
    #[derive(serde::Deserialize)]
    struct Row {
        account: String,
        name: String,
    }
    let accounts = serde_json::to_string(accounts).unwrap_or_default();
    let statement = "SELECT account, COALESCE(display_name, subject) AS name FROM users
         WHERE account IN (SELECT value FROM json_each(?1))";
    let values = [D1Type::Text(&accounts)];
    let rows: Vec<Row> = d1::rows(app, "asking what users are called", statement, &values).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.account, row.name))
        .collect())
}

/// Which users are listed, the newest login first.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// What their name, subject or issuer has in it; small and capital ASCII letters
    /// are the same. Everybody's has nothing in it.
    pub(crate) text: &'a str,
    /// A role of theirs, unless it is empty.
    pub(crate) role: &'a str,
    /// Only after the user with this last login, in seconds since 1970, and this
    /// account.
    pub(crate) after: Option<(i64, &'a str)>,
    /// At most so many.
    pub(crate) count: usize,
}

/// Lists users. The text is looked for with `instr`, since D1 takes no pattern of
/// more than 50 bytes for `LIKE` (Cloudflare, "D1: Limits"), and here no character
/// means another.
pub(crate) async fn list(app: &App, wanted: &Wanted<'_>) -> Result<Vec<User>, Error> {
    // Later than any login, and after any account.
    let (login, account) = wanted.after.unwrap_or((1 << 52, ""));
    #[expect(clippy::cast_precision_loss, reason = "seconds of this millennium fit")]
    let login = login as f64;
    let statement = format!(
        "{SELECT} WHERE (last_login, account) < (CAST(?1 AS INTEGER), ?2)
                 AND (?3 = '' OR instr(lower(display_name), lower(?3)) > 0
                  OR instr(lower(subject), lower(?3)) > 0
                  OR instr(lower(issuer), lower(?3)) > 0)
                 AND (?4 = '' OR EXISTS (SELECT 1 FROM user_roles
                  WHERE user_roles.issuer = users.issuer
                  AND user_roles.subject = users.subject AND role = ?4))
                 ORDER BY last_login DESC, account DESC LIMIT CAST(?5 AS INTEGER)"
    );
    let values = [
        D1Type::Real(login),
        D1Type::Text(account),
        D1Type::Text(wanted.text),
        D1Type::Text(wanted.role),
        d1::count(wanted.count),
    ];
    d1::rows(app, "listing users", &statement, &values).await
}
