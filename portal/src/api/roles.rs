//! `/api/v1/roles`: what the page of roles does, with the same refusals. Who changes a
//! role says which version they have read.

use http::{HeaderValue, Response, StatusCode, header};
use oauth::role::{ADMIN, Role, USER};
use oauth::secret::SecretHash;
use platform::answer::Body;
use rest::shape::{self, AddRole, List, PERMISSIONS_MAX, Permission, SaveRole};
use rest::{BASE, Code};

use super::caller::Caller;
use super::input::Input;
use super::{Answered, Refused, done, json, with_etag};
use crate::account::admin::{NotKept, judged};
use crate::app::App;
use crate::store::roles::{self, Kept};

/// `GET /roles`.
pub(super) async fn list(app: &App) -> Answered {
    let kept = roles::list(app).await?;
    let list = List::whole(kept.iter().map(role).collect());
    Ok(json(StatusCode::OK, &list))
}

/// `GET /roles/{name}`.
pub(super) async fn show(app: &App, input: &Input) -> Answered {
    let kept = roles::list(app).await?;
    Ok(answered(StatusCode::OK, find(&kept, input.name())?))
}

/// `POST /roles`.
pub(super) async fn add(app: &App, caller: &Caller, input: &Input) -> Answered {
    let asked: AddRole = input.body()?;
    let kept = roles::list(app).await?;
    let role = read(&asked.name, &asked.permissions)?;
    may_be(caller, &kept, &role.name, Some(&role))?;
    if !roles::add(app, &role).await? {
        return Err(if kept.iter().any(|other| other.name == role.name) {
            Refused::new(Code::Conflict, "There is a role of that name already.")
        } else {
            Refused::new(
                Code::Full,
                "There are 32 roles: delete one that nobody has.",
            )
        });
    }
    record(app, caller, "role: add", &role).await?;
    let kept = roles::list(app).await?;
    let mut response = answered(StatusCode::CREATED, find(&kept, &role.name)?);
    if let Ok(place) = HeaderValue::from_str(&format!("{BASE}/roles/{}", role.name)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// `PUT /roles/{name}`.
pub(super) async fn save(app: &App, caller: &Caller, input: &Input) -> Answered {
    let asked: SaveRole = input.body()?;
    let kept = roles::list(app).await?;
    let was = find(&kept, input.name())?;
    let role = read(&was.name, &asked.permissions)?;
    input.is_about(&version(was))?;
    may_be(caller, &kept, &role.name, Some(&role))?;
    let saved = match &was.permissions {
        Some(permissions) => roles::save(app, &role, permissions).await?,
        // The built-in one gets a row.
        None => roles::add(app, &role).await?,
    };
    if !saved {
        return Err(Input::changed());
    }
    record(app, caller, "role: save", &role).await?;
    let kept = roles::list(app).await?;
    Ok(answered(StatusCode::OK, find(&kept, &role.name)?))
}

/// `DELETE /roles/{name}`.
pub(super) async fn delete(app: &App, caller: &Caller, input: &Input) -> Answered {
    let kept = roles::list(app).await?;
    let was = find(&kept, input.name())?;
    input.is_about(&version(was))?;
    may_be(caller, &kept, &was.name, None)?;
    match &was.permissions {
        Some(permissions) if roles::delete(app, &was.name, permissions).await? => {
            caller
                .record_admin(app, "role: delete", &was.name, None)
                .await?;
            Ok(done())
        }
        Some(_) => Err(Input::changed()),
        None => Err(Refused::new(
            Code::Conflict,
            "This role is built in, and nothing is written of it that could be deleted.",
        )),
    }
}

async fn record(app: &App, caller: &Caller, name: &str, role: &Role) -> Result<(), Refused> {
    let allows = Some(role.permissions.as_str());
    caller.record_admin(app, name, &role.name, allows).await?;
    Ok(())
}

fn find<'a>(kept: &'a [Kept], name: &str) -> Result<&'a Kept, Refused> {
    let found = kept.iter().find(|role| role.name == name);
    found.ok_or_else(Refused::nothing)
}

/// A role as it was sent.
fn read(name: &str, permissions: &[Permission]) -> Result<Role, Refused> {
    let words: Vec<&str> = permissions.iter().map(|word| word.0.as_str()).collect();
    let one_word = |word: &&str| !word.is_empty() && !word.contains(char::is_whitespace);
    if words.len() > PERMISSIONS_MAX || !words.iter().all(one_word) {
        let detail = "`permissions` has words such as notes:read, each by itself.";
        return Err(Refused::new(Code::Invalid, detail));
    }
    let read = Role::written(name, &words.join(" "));
    read.map_err(|bad| {
        let code = if name == ADMIN {
            Code::Forbidden
        } else {
            Code::Invalid
        };
        Refused::new(code, bad.to_string())
    })
}

/// Whether a role may be so, or be no more.
fn may_be(caller: &Caller, kept: &[Kept], name: &str, role: Option<&Role>) -> Result<(), Refused> {
    judged(&caller.standing, kept, name, role).map_err(|why| {
        let code = match why {
            NotKept::InUse => Code::Conflict,
            NotKept::LockedOut => Code::Forbidden,
        };
        Refused::new(code, why.words())
    })
}

fn answered(status: StatusCode, kept: &Kept) -> Response<Body> {
    with_etag(json(status, &role(kept)), &version(kept))
}

fn role(kept: &Kept) -> shape::Role {
    let words = kept.allows().unwrap_or_default().split_whitespace();
    shape::Role {
        name: kept.name.clone(),
        permissions: words.map(str::to_owned).collect(),
        built_in: kept.permissions.is_none() && [ADMIN, USER].contains(&kept.name.as_str()),
        users: kept.users,
    }
}

/// Which version of a role it is; how many users have it does not matter.
fn version(kept: &Kept) -> String {
    let words = kept.permissions.as_deref();
    let text = words.map_or("built in".to_owned(), |words| format!("written {words}"));
    SecretHash::of(&text).as_str().to_owned()
}
