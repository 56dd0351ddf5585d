//! Policies of the quota in D1, and whose they are. Whoever changes one tells the accounts
//! that it is for ([`tell`]): from then on it holds.

use futures_util::future::join_all;
use oauth::identity::AccountId;
use platform::account::policy_changed;
use quota::{POLICIES_MAX, PolicyName};
use serde::{Deserialize, Serialize};
use worker::D1Type;

use super::d1;
use crate::app::App;
use crate::error::{Error, doing};

/// Most accounts that are told in one request, each of which is a request itself: a
/// part of those that the platform allows (Cloudflare, "Workers: Limits", subrequests).
pub(crate) const TOLD_MAX: usize = 400;
/// How many are told at once.
const AT_ONCE: usize = 20;

/// Whose policy it is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose<'a> {
    /// That of everybody who has this role, and none of their own. Who has no role has
    /// the role `user`.
    Role(&'a str),
    /// That of the user of this account.
    User(&'a AccountId),
}

/// A policy as it is kept.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// Its name.
    pub(crate) name: String,
    /// Its document.
    pub(crate) document: String,
    /// How often it was kept.
    pub(crate) revision: u32,
    /// The roles that have it, with commas between them; none if no role has.
    pub(crate) roles: Option<String>,
    /// How many users have it as their own.
    pub(crate) users: u32,
}

/// Every policy, in the order of the names.
pub(crate) async fn list(app: &App) -> Result<Vec<Kept>, Error> {
    d1::rows(
        app,
        "listing policies",
        "SELECT name, document, revision,
                 (SELECT group_concat(role) FROM role_policies WHERE policy = name) AS roles,
                 (SELECT COUNT(*) FROM user_policies WHERE policy = name) AS users
                 FROM policies ORDER BY name LIMIT CAST(?1 AS INTEGER)",
        &[d1::count(POLICIES_MAX)],
    )
    .await
}

/// Keeps a policy, in place of the one of that name; false if there are too many. The
/// document was read before.
pub(crate) async fn keep(app: &App, name: &PolicyName, document: &str) -> Result<bool, Error> {
    let values = [
        D1Type::Text(name.as_str()),
        D1Type::Text(document),
        d1::count(POLICIES_MAX),
    ];
    let kept = d1::text(
        app,
        "keeping a policy",
        "INSERT INTO policies (name, document, revision) SELECT ?1, ?2, 1
                 WHERE (SELECT COUNT(*) FROM policies) < CAST(?3 AS INTEGER)
                 OR EXISTS (SELECT 1 FROM policies WHERE name = ?1)
                 ON CONFLICT (name) DO UPDATE SET
                 document = excluded.document, revision = revision + 1 RETURNING name",
        &values,
    );
    Ok(kept.await?.is_some())
}

/// Keeps a new policy; false if there is another of that name, or too many.
pub(crate) async fn add(app: &App, name: &PolicyName, document: &str) -> Result<bool, Error> {
    let values = [
        D1Type::Text(name.as_str()),
        D1Type::Text(document),
        d1::count(POLICIES_MAX),
    ];
    let added = d1::text(
        app,
        "adding a policy",
        "INSERT INTO policies (name, document, revision) SELECT ?1, ?2, 1
                 WHERE (SELECT COUNT(*) FROM policies) < CAST(?3 AS INTEGER)
                 ON CONFLICT (name) DO NOTHING RETURNING name",
        &values,
    );
    Ok(added.await?.is_some())
}

/// Keeps a policy in place of the one with that revision; false if it has another by
/// now.
pub(crate) async fn save(
    app: &App,
    name: &PolicyName,
    document: &str,
    was: u32,
) -> Result<bool, Error> {
    let values = [
        D1Type::Text(name.as_str()),
        D1Type::Text(document),
        D1Type::Real(was.into()),
    ];
    let saved = d1::text(
        app,
        "saving a policy",
        "UPDATE policies SET document = ?2, revision = revision + 1
                 WHERE name = ?1 AND revision = CAST(?3 AS INTEGER) RETURNING name",
        &values,
    );
    Ok(saved.await?.is_some())
}

/// The policy that the user of an account has as their own.
pub(crate) async fn own(app: &App, account: &AccountId) -> Result<Option<String>, Error> {
    let values = [D1Type::Text(account.as_str())];
    let statement = "SELECT policy FROM user_policies WHERE (issuer, subject) =
                 (SELECT issuer, subject FROM users WHERE account = ?1)";
    d1::text(app, "asking for a user's policy", statement, &values).await
}

/// Deletes a policy that nobody has, if it is still the version that was looked at, where
/// one was; false if somebody has it, or there is none.
pub(crate) async fn delete(app: &App, name: &PolicyName, was: Option<u32>) -> Result<bool, Error> {
    let was = was.map_or(D1Type::Null, |was| D1Type::Real(was.into()));
    let values = [D1Type::Text(name.as_str()), was];
    let deleted = d1::text(
        app,
        "deleting a policy",
        "DELETE FROM policies WHERE name = ?1
                 AND (?2 IS NULL OR revision = CAST(?2 AS INTEGER))
                 AND NOT EXISTS (SELECT 1 FROM role_policies WHERE policy = ?1)
                 AND NOT EXISTS (SELECT 1 FROM user_policies WHERE policy = ?1)
                 RETURNING name",
        &values,
    );
    Ok(deleted.await?.is_some())
}

/// Gives a role or a user a policy; false if there is no such policy, or no such user.
pub(crate) async fn give(app: &App, whose: Whose<'_>, name: &PolicyName) -> Result<bool, Error> {
    let (statement, of) = match whose {
        Whose::Role(role) => (
            "INSERT OR REPLACE INTO role_policies (role, policy)
                 SELECT ?1, name FROM policies WHERE name = ?2 RETURNING policy",
            role,
        ),
        Whose::User(account) => (
            "INSERT OR REPLACE INTO user_policies (issuer, subject, policy)
                 SELECT users.issuer, users.subject, policies.name FROM users, policies
                 WHERE users.account = ?1 AND policies.name = ?2 RETURNING policy",
            account.as_str(),
        ),
    };
    let values = [of, name.as_str()].map(D1Type::Text);
    let given = d1::text(app, "giving a policy", statement, &values);
    Ok(given.await?.is_some())
}

/// Takes the policy of a role or a user away; false if there was none.
pub(crate) async fn take(app: &App, whose: Whose<'_>) -> Result<bool, Error> {
    let (statement, of) = match whose {
        Whose::Role(role) => (
            "DELETE FROM role_policies WHERE role = ?1 RETURNING policy",
            role,
        ),
        Whose::User(account) => (
            "DELETE FROM user_policies WHERE (issuer, subject) =
                 (SELECT issuer, subject FROM users WHERE account = ?1) RETURNING policy",
            account.as_str(),
        ),
    };
    let values = [D1Type::Text(of)];
    let taken = d1::text(app, "taking a policy away", statement, &values);
    Ok(taken.await?.is_some())
}

/// The accounts of everybody who has a role, in their order after one of them.
pub(crate) async fn accounts_of_role(
    app: &App,
    role: &str,
    after: &str,
) -> Result<Vec<String>, Error> {
    let values = [D1Type::Text(role), D1Type::Text(after), d1::count(TOLD_MAX)];
    let statement = "SELECT account FROM users WHERE account > ?2 AND (
                 EXISTS (SELECT 1 FROM user_roles WHERE role = ?1
                  AND user_roles.issuer = users.issuer AND user_roles.subject = users.subject)
                 OR ?1 = 'user' AND NOT EXISTS (SELECT 1 FROM user_roles
                  WHERE user_roles.issuer = users.issuer
                  AND user_roles.subject = users.subject))
                 ORDER BY account LIMIT CAST(?3 AS INTEGER)";
    accounts(app, statement, &values).await
}

/// The accounts of everybody whose policy this may be, by a role or as their own, in
/// their order after one of them.
pub(crate) async fn accounts_of_policy(
    app: &App,
    name: &PolicyName,
    after: &str,
) -> Result<Vec<String>, Error> {
    let values = [
        D1Type::Text(name.as_str()),
        D1Type::Text(after),
        d1::count(TOLD_MAX),
    ];
    let statement = "SELECT account FROM users WHERE account > ?2 AND (
                 EXISTS (SELECT 1 FROM user_policies WHERE policy = ?1
                  AND user_policies.issuer = users.issuer
                  AND user_policies.subject = users.subject)
                 OR EXISTS (SELECT 1 FROM user_roles
                  JOIN role_policies ON role_policies.role = user_roles.role
                  WHERE role_policies.policy = ?1 AND user_roles.issuer = users.issuer
                  AND user_roles.subject = users.subject)
                 OR EXISTS (SELECT 1 FROM role_policies WHERE policy = ?1 AND role = 'user')
                  AND NOT EXISTS (SELECT 1 FROM user_roles
                  WHERE user_roles.issuer = users.issuer
                  AND user_roles.subject = users.subject))
                 ORDER BY account LIMIT CAST(?3 AS INTEGER)";
    accounts(app, statement, &values).await
}

/// Tells accounts that what D1 says of their policies has changed. Of one that cannot be
/// told the log tells: it finds out within a day.
pub(crate) async fn tell(app: &App, accounts: &[String]) {
    for batch in accounts.chunks(AT_ONCE) {
        let told = batch
            .iter()
            .map(|account| policy_changed(&app.env, account));
        for error in join_all(told).await.into_iter().filter_map(Result::err) {
            doing("telling an account of its policy")(error).log();
        }
    }
}

async fn accounts(app: &App, statement: &str, values: &[D1Type<'_>]) -> Result<Vec<String>, Error> {
    let rows = d1::rows::<Row>(app, "asking whose policy it is", statement, values);
    Ok(rows.await?.into_iter().map(|row| row.account).collect())
}

#[derive(Deserialize)]
struct Row {
    account: String,
}
