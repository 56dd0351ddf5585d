//! The portal behind us: what is not the endpoint's goes there as it came.

use http::{Response, StatusCode};
use oauth::api_key::{KeyRefusal, Known, Shown};
use oauth::identity::AccountId;
use platform::answer::Body;
use platform::failure::{Failure, doing};
use platform::hop::{self, Hop, Load};
use platform::portal::{API_KEY, ENDED, PORTAL, PROOF, heard};
use platform::{clock, host};
use worker::{Method, Request};

use crate::app::App;
use crate::guard;

/// Passes a request on, and its answer back. Grants that it ended are refused from
/// now on.
pub(crate) async fn pass(app: &App, request: Request) -> Result<Response<Body>, Failure> {
    host::check_passed(&app.config.public_origin, &request)?;
    let asked = async { app.env.service(PORTAL)?.fetch_request(request).await };
    let (mut parts, body) = asked
        .await
        .map_err(doing("asking the portal"))?
        .into_parts();
    if let Some(ended) = parts.headers.remove(ENDED) {
        for grant in heard(ended.to_str().unwrap_or_default()) {
            guard::forget(app, grant, clock::now());
        }
    }
    Ok(Response::from_parts(parts, Body::Passed(body)))
}

/// What is known of an API key: its account and its user's roles are asked.
pub(crate) async fn known(
    app: &App,
    account: &AccountId,
    shown: &Shown,
) -> Result<Result<Known, KeyRefusal>, Failure> {
    let asked = async {
        let body = serde_json::to_string(&(account, shown))?;
        let hop = Hop {
            method: Method::Post,
            url: &app.config.public_origin.url(API_KEY),
            fields: &[(PROOF, &app.config.keys.portal.proof(API_KEY))],
            body: Some(Load::Bytes(body.as_bytes())),
            signal: None,
        };
        let answer = hop.to(&hop::service(&app.env, PORTAL)?).await?;
        if answer.status() != StatusCode::OK {
            let words = format!("the portal answered {}", answer.status());
            return Err(worker::Error::RustError(words));
        }
        platform::json::answered(answer).await
    };
    asked.await.map_err(doing("asking about an API key"))
}
