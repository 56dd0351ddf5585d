//! The gate for those whom nobody knows yet: before a route does any work, the
//! platform's rate-limit binding counts what its network asked for.
//!
//! The rules are `quota`'s. The platform counts for each of its locations, about
//! right and not exactly: it is there against load. What nobody could ask for
//! without proving who they are is not counted here: MCP requests with a token
//! have the quota of their user, and `/introspect` works for registered resource
//! servers alone, which may well ask more often than anybody else.

use http::{Method, Request};
use oauth::metadata::path;
use platform::records;
use quota::{Closed, Gate};
use worker::Env;

use crate::api;
use crate::app::App;
use crate::error::Error;

/// Lets a request through to its route, or refuses it.
pub(crate) async fn pass<B>(app: &App, request: &Request<B>, path: &str) -> Result<(), Error> {
    match before(request.method(), path) {
        Some(gate) => enter(app, gate).await,
        None => Ok(()),
    }
}

/// Counts one more request of this network, and refuses it if there were too many.
pub(crate) async fn enter(app: &App, gate: Gate) -> Result<(), Error> {
    let Some(closed) = app.config.gates.closed(gate) else {
        return Ok(());
    };
    if is_open(&app.env, closed, &app.network).await {
        return Ok(());
    }
    worker::console_log!("{} is closed to a network", gate.binding());
    records::closed(&app.env, gate.binding(), app.address.as_deref());
    Err(Error::Gate(closed))
}

/// The gate before a route: verbs that a route does not know do no work.
fn before(verb: &Method, path: &str) -> Option<Gate> {
    match (verb, path) {
        (verb, path) if verb != Method::OPTIONS && api::has(path) => Some(Gate::Api),
        (&Method::POST, path::REGISTER) => Some(Gate::Registration),
        (&Method::POST, path::TOKEN | path::REVOKE | path::PAR) => Some(Gate::Token),
        (&Method::GET | &Method::POST, path)
            if path == path::AUTHORIZE || path.starts_with("/login/") =>
        {
            Some(Gate::Login)
        }
        _ => None,
    }
}

/// What the platform says. A count that fails lets the request through: the gate
/// keeps load away and guards no secret, so that its failure must not be ours.
async fn is_open(env: &Env, closed: Closed, network: &str) -> bool {
    let counted = async {
        let counter = env.rate_limiter(closed.gate.binding())?;
        counter.limit(network.to_owned()).await
    };
    match counted.await {
        Ok(outcome) => outcome.success,
        Err(error) => {
            let binding = closed.gate.binding();
            worker::console_error!("{binding} does not count, so everybody passes: {error}");
            true
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checklist SEC-12.
    #[test]
    fn what_makes_us_work_for_strangers_has_a_gate() {
        for (verb, path, gate) in [
            (Method::GET, "/authorize", Gate::Login),
            (Method::POST, "/authorize", Gate::Login),
            (Method::POST, "/login/start", Gate::Login),
            (Method::POST, "/login/switch", Gate::Login),
            (Method::GET, "/login/callback/github", Gate::Login),
            (Method::POST, "/register", Gate::Registration),
            (Method::POST, "/token", Gate::Token),
            (Method::POST, "/revoke", Gate::Token),
            (Method::POST, "/par", Gate::Token),
            (Method::GET, "/api/v1/me", Gate::Api),
            (Method::DELETE, "/api/v1/me/api-keys/a", Gate::Api),
        ] {
            assert_eq!(before(&verb, path), Some(gate), "{verb} {path}");
        }
    }

    #[test]
    fn what_costs_nothing_or_has_a_known_caller_has_none() {
        for (verb, path) in [
            (Method::POST, "/mcp"),
            (Method::GET, "/mcp"),
            (Method::DELETE, "/mcp"),
            (Method::GET, "/sse"),
            (Method::POST, "/messages"),
            (Method::POST, "/introspect"),
            (Method::OPTIONS, "/token"),
            (Method::GET, "/token"),
            (Method::OPTIONS, "/register"),
            (Method::OPTIONS, "/api/v1/me"),
            (Method::GET, "/.well-known/oauth-authorization-server"),
            (Method::GET, "/.well-known/oauth-protected-resource/mcp"),
            (Method::GET, "/.well-known/jwks.json"),
            (Method::GET, "/account"),
            (Method::GET, "/assets/style.css"),
            (Method::GET, "/"),
        ] {
            assert_eq!(before(&verb, path), None, "{verb} {path}");
        }
    }
}
