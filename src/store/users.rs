//! The users table in D1.

use jiff::Timestamp;
use oauth::identity::{AccountId, Identity};
use worker::D1Type;

use crate::app::App;
use crate::error::{Error, doing};

/// The binding of the database.
pub(super) const DB: &str = "DB";

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
    let noted = async {
        app.env
            .d1(DB)?
            .prepare(
                "INSERT INTO users
                 (issuer, subject, account, provider, display_name, first_login, last_login)
                 VALUES (?1, ?2, ?3, ?4, ?5, CAST(?6 AS INTEGER), CAST(?6 AS INTEGER))
                 ON CONFLICT (issuer, subject) DO UPDATE SET
                 provider = excluded.provider,
                 display_name = COALESCE(excluded.display_name, users.display_name),
                 last_login = excluded.last_login
                 RETURNING account",
            )
            .bind_refs(&[
                D1Type::Text(&identity.issuer),
                D1Type::Text(&identity.subject),
                D1Type::Text(drawn.as_str()),
                D1Type::Text(&identity.provider),
                name,
                D1Type::Real(now),
            ])?
            .first::<String>(Some("account"))
            .await
    };
    let account = noted.await.map_err(doing("noting a login"))?;
    let account = account.ok_or(Error::Bug("a noted login has no account"))?;
    Ok(AccountId::trusted(account))
}

/// When somebody first and last logged in to an account, and with what.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct User {
    /// The provider's id in the configuration, at the last login.
    pub(crate) provider: String,
    /// In seconds since 1970.
    pub(crate) first_login: i64,
    /// In seconds since 1970.
    pub(crate) last_login: i64,
}

/// Finds the user of an account.
pub(crate) async fn find(app: &App, account: &AccountId) -> Result<Option<User>, Error> {
    let found = async {
        app.env
            .d1(DB)?
            .prepare("SELECT provider, first_login, last_login FROM users WHERE account = ?1")
            .bind_refs(&[D1Type::Text(account.as_str())])?
            .first::<User>(None)
            .await
    };
    found.await.map_err(doing("finding a user"))
}
