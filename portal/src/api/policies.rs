//! `/api/v1/policies`, and who has which: what the page of policies does.

use http::{HeaderValue, Response, StatusCode, header};
use oauth::identity::AccountId;
use platform::answer::Body;
use quota::{Document, PolicyName};
use rest::shape::{self, AddPolicy, Given, List, SavePolicy};
use rest::{BASE, Code};
use serde_json::{Map, Value};

use super::caller::Caller;
use super::input::Input;
use super::{Answered, Refused, done, json, with_etag};
use crate::account::admin::{roles_of, tell_holders, tell_role};
use crate::app::App;
use crate::store::policies::{self, Kept, Whose};
use crate::store::{roles, users};

/// `GET /policies`.
pub(super) async fn list(app: &App) -> Answered {
    let kept = policies::list(app).await?;
    let list = List::whole(kept.iter().map(policy).collect());
    Ok(json(StatusCode::OK, &list))
}

/// `GET /policies/{policy}`.
pub(super) async fn show(app: &App, input: &Input) -> Answered {
    let kept = find(app, input.name()).await?;
    Ok(answered(StatusCode::OK, &kept))
}

/// `POST /policies`.
pub(super) async fn add(app: &App, caller: &Caller, input: &Input) -> Answered {
    let asked: AddPolicy = input.body()?;
    let name = named(&asked.name)?;
    let document = document(&asked.document)?;
    if !policies::add(app, &name, &document).await? {
        let kept = policies::list(app).await?;
        return Err(if kept.iter().any(|other| other.name == name.as_str()) {
            Refused::new(Code::Conflict, "There is a policy of that name already.")
        } else {
            Refused::new(
                Code::Full,
                "There are 64 policies: delete one that nobody has.",
            )
        });
    }
    caller
        .record_admin(app, "policy: add", name.as_str(), None)
        .await?;
    let kept = find(app, name.as_str()).await?;
    let mut response = answered(StatusCode::CREATED, &kept);
    if let Ok(place) = HeaderValue::from_str(&format!("{BASE}/policies/{name}")) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// `PUT /policies/{policy}`.
pub(super) async fn save(app: &App, caller: &Caller, input: &Input) -> Answered {
    let asked: SavePolicy = input.body()?;
    let kept = find(app, input.name()).await?;
    let document = document(&asked.document)?;
    input.is_about(&version(&kept))?;
    let name = named(&kept.name)?;
    if !policies::save(app, &name, &document, kept.revision).await? {
        return Err(Input::changed());
    }
    tell_holders(app, &name).await?;
    caller
        .record_admin(app, "policy: save", name.as_str(), None)
        .await?;
    let kept = find(app, name.as_str()).await?;
    Ok(answered(StatusCode::OK, &kept))
}

/// `DELETE /policies/{policy}`.
pub(super) async fn delete(app: &App, caller: &Caller, input: &Input) -> Answered {
    let kept = find(app, input.name()).await?;
    input.is_about(&version(&kept))?;
    if !policies::delete(app, &named(&kept.name)?, Some(kept.revision)).await? {
        let now = find(app, &kept.name).await?;
        input.is_about(&version(&now))?;
        return Err(Refused::new(
            Code::Conflict,
            "This policy cannot be deleted while a role or a user has it.",
        ));
    }
    caller
        .record_admin(app, "policy: delete", &kept.name, None)
        .await?;
    Ok(done())
}

/// `PUT /roles/{name}/policy`.
pub(super) async fn give_role(app: &App, caller: &Caller, input: &Input) -> Answered {
    let (role, name) = (input.name(), given(input)?);
    is_role(app, role).await?;
    if !policies::give(app, Whose::Role(role), &name).await? {
        return Err(no_policy());
    }
    tell_role(app, role).await?;
    caller
        .record_admin(app, "policy: give", name.as_str(), Some(role))
        .await?;
    Ok(had(&name))
}

/// `DELETE /roles/{name}/policy`.
pub(super) async fn take_role(app: &App, caller: &Caller, input: &Input) -> Answered {
    let role = input.name();
    is_role(app, role).await?;
    let kept = policies::list(app).await?;
    let has = kept.iter().find(|kept| roles_of(kept).any(|of| of == role));
    if policies::take(app, Whose::Role(role)).await? {
        tell_role(app, role).await?;
        let name = has.map_or("", |kept| kept.name.as_str());
        caller
            .record_admin(app, "policy: take", name, Some(role))
            .await?;
    }
    Ok(done())
}

/// `GET /users/{account}/policy`.
pub(super) async fn show_user(app: &App, input: &Input) -> Answered {
    let account = user(app, input).await?;
    let own = policies::own(app, &account).await?;
    let name = PolicyName::read(&own.ok_or_else(Refused::nothing)?);
    Ok(had(&name.map_err(|_| Refused::nothing())?))
}

/// `PUT /users/{account}/policy`.
pub(super) async fn give_user(app: &App, caller: &Caller, input: &Input) -> Answered {
    let name = given(input)?;
    let account = user(app, input).await?;
    if !policies::give(app, Whose::User(&account), &name).await? {
        return Err(no_policy());
    }
    changed(app, caller, &account, name.as_str()).await?;
    Ok(had(&name))
}

/// `DELETE /users/{account}/policy`.
pub(super) async fn take_user(app: &App, caller: &Caller, input: &Input) -> Answered {
    let account = user(app, input).await?;
    if policies::take(app, Whose::User(&account)).await? {
        changed(app, caller, &account, "").await?;
    }
    Ok(done())
}

/// Tells the account, and records it.
async fn changed(
    app: &App,
    caller: &Caller,
    account: &AccountId,
    named: &str,
) -> Result<(), Refused> {
    policies::tell(app, &[account.as_str().to_owned()]).await;
    caller
        .record_admin(app, "user: policy", account.as_str(), Some(named))
        .await?;
    Ok(())
}

async fn user(app: &App, input: &Input) -> Result<AccountId, Refused> {
    let account = AccountId::trusted(input.name().to_owned());
    let found = users::find(app, &account).await?;
    found.map(|_| account).ok_or_else(Refused::nothing)
}

async fn is_role(app: &App, name: &str) -> Result<(), Refused> {
    let kept = roles::list(app).await?;
    let known = kept.iter().any(|role| role.name == name);
    known.then_some(()).ok_or_else(Refused::nothing)
}

async fn find(app: &App, name: &str) -> Result<Kept, Refused> {
    let kept = policies::list(app).await?;
    let found = kept.into_iter().find(|kept| kept.name == name);
    found.ok_or_else(Refused::nothing)
}

fn given(input: &Input) -> Result<PolicyName, Refused> {
    let asked: Given = input.body()?;
    named(&asked.policy)
}

fn named(name: &str) -> Result<PolicyName, Refused> {
    PolicyName::read(name).map_err(|bad| Refused::new(Code::Invalid, bad.to_string()))
}

/// A document as it was sent, if it is one.
fn document(sent: &Map<String, Value>) -> Result<String, Refused> {
    let text = serde_json::to_string(sent).unwrap_or_default();
    match Document::read(&text) {
        Ok(_) => Ok(text),
        Err(bad) => Err(Refused::new(Code::Invalid, format!("The document {bad}."))),
    }
}

fn no_policy() -> Refused {
    Refused::new(
        Code::Conflict,
        "There is no policy of that name: add it first.",
    )
}

fn had(name: &PolicyName) -> Response<Body> {
    let policy = name.as_str().to_owned();
    json(StatusCode::OK, &Given { policy })
}

fn answered(status: StatusCode, kept: &Kept) -> Response<Body> {
    with_etag(json(status, &policy(kept)), &version(kept))
}

fn version(kept: &Kept) -> String {
    kept.revision.to_string()
}

fn policy(kept: &Kept) -> shape::Policy {
    shape::Policy {
        name: kept.name.clone(),
        document: serde_json::from_str(&kept.document).ok(),
        roles: roles_of(kept).map(str::to_owned).collect(),
        users: kept.users,
    }
}
