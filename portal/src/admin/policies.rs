//! Policies of the quota: the operator keeps them, gives them to roles and users, and so
//! changes them within a second.

use http::{Response, StatusCode};
use platform::answer::{self, Body};
use quota::{Document, PolicyName};
use serde_json::{Value, json};

use crate::app::App;
use crate::error::Error;
use crate::store::policies::{self, TOLD_MAX, Whose};

/// `GET /admin/policies`.
pub(super) async fn list(app: &App) -> Result<Response<Body>, Error> {
    let kept = policies::list(app).await?;
    let shown: Vec<Value> = kept
        .into_iter()
        .map(|kept| {
            let document: Value = serde_json::from_str(&kept.document).unwrap_or_default();
            let roles = kept.roles.iter().flat_map(|roles| roles.split(','));
            json!({
                "name": kept.name,
                "document": document,
                "revision": kept.revision,
                "roles": roles.collect::<Vec<_>>(),
                "users": kept.users,
            })
        })
        .collect();
    Ok(answer::json(StatusCode::OK, &json!({ "policies": shown })))
}

/// `PUT /admin/policies/NAME` with a policy document.
pub(super) async fn keep(app: &App, name: &str, said: &[u8]) -> Result<Response<Body>, Error> {
    let name = match PolicyName::read(name) {
        Ok(name) => name,
        Err(bad) => return Ok(refused(StatusCode::BAD_REQUEST, &bad)),
    };
    let text = String::from_utf8_lossy(said);
    if let Err(bad) = Document::read(&text) {
        let words = format!("the policy {bad}");
        return Ok(refused(StatusCode::BAD_REQUEST, &words));
    }
    if !policies::keep(app, &name, &text).await? {
        return Ok(refused(
            StatusCode::CONFLICT,
            &"there are too many policies",
        ));
    }
    told(app, policies::accounts_of_policy(app, &name, "").await?).await
}

/// `DELETE /admin/policies/NAME`.
pub(super) async fn delete(app: &App, name: &str) -> Result<Response<Body>, Error> {
    let deleted = match PolicyName::read(name) {
        Ok(name) => policies::delete(app, &name, None).await?,
        Err(_) => false,
    };
    if deleted {
        return Ok(answer::empty(StatusCode::NO_CONTENT));
    }
    let words = "there is no such policy, or somebody has it";
    Ok(refused(StatusCode::CONFLICT, &words))
}

/// `POST /admin/policies/NAME/tell` with the account after which to go on.
pub(super) async fn tell(app: &App, name: &str, after: &[u8]) -> Result<Response<Body>, Error> {
    let Ok(name) = PolicyName::read(name) else {
        return Ok(answer::empty(StatusCode::NOT_FOUND));
    };
    let after = String::from_utf8_lossy(after);
    told(
        app,
        policies::accounts_of_policy(app, &name, after.trim()).await?,
    )
    .await
}

/// `PUT …/policy` with the name of a policy.
pub(super) async fn give(
    app: &App,
    whose: Whose<'_>,
    said: &[u8],
) -> Result<Response<Body>, Error> {
    let name = match PolicyName::read(String::from_utf8_lossy(said).trim()) {
        Ok(name) => name,
        Err(bad) => return Ok(refused(StatusCode::BAD_REQUEST, &bad)),
    };
    if !policies::give(app, whose, &name).await? {
        let words = "there is no such policy, or no such user";
        return Ok(refused(StatusCode::NOT_FOUND, &words));
    }
    tell_whose(app, whose).await
}

/// `DELETE …/policy`.
pub(super) async fn take(app: &App, whose: Whose<'_>) -> Result<Response<Body>, Error> {
    if !policies::take(app, whose).await? {
        return Ok(answer::empty(StatusCode::NOT_FOUND));
    }
    tell_whose(app, whose).await
}

async fn tell_whose(app: &App, whose: Whose<'_>) -> Result<Response<Body>, Error> {
    let accounts = match whose {
        Whose::User(account) => vec![account.as_str().to_owned()],
        Whose::Role(role) => policies::accounts_of_role(app, role, "").await?,
    };
    told(app, accounts).await
}

/// Tells accounts, and answers how many were told; and after which to go on, if there
/// may be more.
async fn told(app: &App, accounts: Vec<String>) -> Result<Response<Body>, Error> {
    policies::tell(app, &accounts).await;
    let next = accounts.last().filter(|_| accounts.len() >= TOLD_MAX);
    let told = json!({ "told": accounts.len(), "next": next });
    Ok(answer::json(StatusCode::OK, &told))
}

fn refused(status: StatusCode, words: &impl std::fmt::Display) -> Response<Body> {
    answer::plain(status, &format!("{words}\n"))
}
