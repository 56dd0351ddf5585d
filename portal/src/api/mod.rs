//! `/api/v1`: the same as the pages, for programs.
//!
//! 1. [`rest::route`] finds the operation that a request is for.
//! 2. [`caller`] says who asks, and whether they may: a key, a token or the browser's
//!    login session; roles are read in D1 each time.
//! 3. [`input`] reads the query and the body; one file for each resource does the rest,
//!    with the stores and the rules of the pages.
//!
//! Every refusal is a problem ([`refused`]).

mod acting;
mod audit;
mod caller;
mod cursor;
mod document;
mod input;
mod keys;
mod me;
mod policies;
mod refused;
mod roles;
mod span;
mod usage;
mod users;

use http::{HeaderValue, Method, Response, StatusCode, header};
use platform::answer::{self, Body};
use platform::{body, clock, cors};
use rest::route::{self, Found};
use rest::{BASE, Call, Code};
use serde::Serialize;
use worker::HttpRequest;

pub(crate) use self::refused::Refused;

use self::caller::Caller;
use self::input::Input;
use crate::app::App;
use crate::error::Error;

/// Verbs that pages of other origins may send, with a key or token.
const METHODS: &str = "GET, HEAD, POST, PUT, DELETE, OPTIONS";

/// What comes of an operation.
type Answered = Result<Response<Body>, Refused>;

/// Whether a path is one of these.
pub(crate) fn has(path: &str) -> bool {
    path.strip_prefix(BASE)
        .is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// Answers whoever asks for one of them.
pub(crate) async fn serve(app: &App, request: HttpRequest, path: &str) -> Response<Body> {
    if request.method() == Method::OPTIONS {
        return cors::preflight(request.headers(), METHODS);
    }
    let answered = found(app, request, path.strip_prefix(BASE).unwrap_or_default()).await;
    answered.unwrap_or_else(Refused::answer)
}

async fn found(app: &App, request: HttpRequest, path: &str) -> Answered {
    let (operation, names) = match route::find(request.method().as_str(), path) {
        Found::Operation(operation, names) if names.iter().copied().all(input::is_name) => {
            (operation, names)
        }
        Found::Verbs(verbs) => {
            body::discard(request.into_body()).await;
            let refused = Refused::new(
                Code::MethodNotAllowed,
                "`Allow` says which verbs there are.",
            );
            return Err(refused.with(header::ALLOW, &route::allow(&verbs)));
        }
        Found::Operation(..) | Found::Nothing => {
            body::discard(request.into_body()).await;
            return Err(Refused::nothing());
        }
    };
    let now = clock::now();
    let caller = match caller::let_in(app, &request, operation, now).await {
        Ok(caller) => caller,
        Err(refused) => {
            body::discard(request.into_body()).await;
            return Err(refused);
        }
    };
    let input = Input::read(request, operation, &names, now).await?;
    let Some(caller) = caller else {
        return if operation.call == Call::ShowDocument {
            Ok(document::show(app))
        } else if operation.call == Call::ShowProblem {
            document::problem(&input)
        } else {
            Err(Error::bug("an operation that needs a caller has none").into())
        };
    };
    perform(app, operation.call, &caller, &input).await
}

/// Does what is asked. The table says what each of these is.
async fn perform(app: &App, call: Call, caller: &Caller, input: &Input) -> Answered {
    match call {
        Call::ShowDocument => Ok(document::show(app)),
        Call::ShowProblem => document::problem(input),
        Call::ShowMe => me::show(app, caller, input),
        Call::ListKeys => keys::list(app, caller, input).await,
        Call::MakeKey => keys::make(app, caller, input).await,
        Call::ShowKey => keys::show(app, caller, input).await,
        Call::RotateKey => keys::rotate(app, caller, input).await,
        Call::RevokeKey => keys::revoke(app, caller, input).await,
        Call::ListGrants => acting::grants(app, caller).await,
        Call::EndGrant => acting::end_grant(app, caller, input).await,
        Call::ListSessions => acting::sessions(app, caller).await,
        Call::EndSession => acting::end_session(app, caller, input).await,
        Call::ListLogins => acting::logins(app, caller).await,
        Call::EndLogin => acting::end_login(app, caller, input).await,
        Call::ListUsers => users::list(app, caller, input).await,
        Call::ShowUser => users::show(app, caller, input).await,
        Call::DisableUser => users::disable(app, caller, input).await,
        Call::EnableUser => users::enable(app, caller, input).await,
        Call::EndUser => users::end(app, caller, input).await,
        Call::ShowUserRoles => users::roles(app, caller, input).await,
        Call::SetUserRoles => users::set_roles(app, caller, input).await,
        Call::ListRoles => roles::list(app).await,
        Call::AddRole => roles::add(app, caller, input).await,
        Call::ShowRole => roles::show(app, input).await,
        Call::SaveRole => roles::save(app, caller, input).await,
        Call::DeleteRole => roles::delete(app, caller, input).await,
        Call::GiveRolePolicy => policies::give_role(app, caller, input).await,
        Call::TakeRolePolicy => policies::take_role(app, caller, input).await,
        Call::ShowUserPolicy => policies::show_user(app, input).await,
        Call::GiveUserPolicy => policies::give_user(app, caller, input).await,
        Call::TakeUserPolicy => policies::take_user(app, caller, input).await,
        Call::ListPolicies => policies::list(app).await,
        Call::AddPolicy => policies::add(app, caller, input).await,
        Call::ShowPolicy => policies::show(app, input).await,
        Call::SavePolicy => policies::save(app, caller, input).await,
        Call::DeletePolicy => policies::delete(app, caller, input).await,
        Call::ShowOwnUsage => usage::own(app, caller, input).await,
        Call::ShowUsage => usage::all(app, input).await,
        Call::ListOwnAudit => audit::own(app, caller, input).await,
        Call::ListAudit => audit::all(app, caller, input).await,
    }
}

/// What was asked for. Nobody keeps it: it is one user's, and true for a moment.
fn json<T: Serialize>(status: StatusCode, value: &T) -> Response<Body> {
    guarded(answer::json(status, value))
}

/// The same as a file.
fn file(kind: &'static str, text: String) -> Response<Body> {
    let body = Body::Bytes(text.into());
    guarded(answer::with(StatusCode::OK, Some(kind), body))
}

/// It is done, and there is nothing to say.
fn done() -> Response<Body> {
    guarded(answer::empty(StatusCode::NO_CONTENT))
}

/// The version that was answered.
fn with_etag(mut response: Response<Body>, version: &str) -> Response<Body> {
    if let Ok(tag) = HeaderValue::from_str(&rest::etag::written(version)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Says where more of a list is, if there is more (RFC 8288).
fn with_next(mut response: Response<Body>, next: Option<&str>) -> Response<Body> {
    let link = next.map(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")));
    if let Some(Ok(link)) = link {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

/// What every answer is sent with: it is kept nowhere, taken for nothing else than it
/// is, and no part of another site's page.
fn guarded(mut response: Response<Body>) -> Response<Body> {
    let fields = response.headers_mut();
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        fields.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_the_base_is_ours() {
        for ours in ["/api/v1", "/api/v1/", "/api/v1/me", "/api/v1/x/y"] {
            assert!(has(ours), "{ours}");
        }
        for other in [
            "/api",
            "/api/v2/me",
            "/api/v10",
            "/API/v1/me",
            "//api/v1/me",
        ] {
            assert!(!has(other), "{other}");
        }
    }
}
