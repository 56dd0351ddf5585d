//! The MCP endpoint: `/mcp`, both eras.
//!
//! 1. Verb, then who is asking (checklist G-02, G-03).
//! 2. What names a session goes to its object as it came ([`session`]), which judges it.
//! 3. Of all else the envelope and the headers become a verdict of `mcp::era`, and
//!    [`stateless`] serves it.
//!
//! [`http_sse`] is the transport of 2024-11-05, on paths of its own.

mod admission;
mod at_once;
mod batch;
mod bridge;
mod caller;
pub(crate) mod http_sse;
mod inbox;
mod intake;
mod invoke;
pub(crate) mod known;
mod lease;
mod listen;
mod permit;
pub(crate) mod remembered;
mod session;
mod stateless;
mod task;

use std::rc::Rc;

use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use mcp::envelope::{self, Body as Posted, Message};
use mcp::era::{self, Headers, Refusal, SessionClaim, Verdict};
use mcp::limits::BODY_BYTES_MAX;
use mcp::reply;
use mcp::server::SERVER;
use mcp::session_id::SessionId;
use mcp::tool::catalog::Features;
use platform::answer::{self, Body};
use platform::body::{self, Sent};
use platform::clock;
use platform::records::{self, Refused};

use crate::app::App;
use crate::error::{Error, doing};
use crate::guard;
use caller::Caller;

/// The verbs of the endpoint.
const ALLOW: &str = "GET, POST, DELETE, OPTIONS";

/// One request, as far as both eras need it.
struct Call<'a> {
    app: &'a App,
    /// The request without its body.
    head: &'a Request<()>,
    caller: Rc<Caller>,
    session: Option<SessionId>,
}

/// Answers one request to `/mcp`.
pub(crate) async fn serve(app: &App, request: Request<Sent>) -> Result<Response<Body>, Error> {
    let verb = request.method().clone();
    if ![Method::POST, Method::GET, Method::DELETE].contains(&verb) {
        body::discard(request.into_body()).await;
        return Ok(not_allowed(ALLOW)); // G-02
    }
    let (head, sent, caller) = admitted(app, request).await?;
    let key = platform::keys::names(&app.env).map_err(doing("reading the key of names"))?;
    let account = caller.principal.account.as_str();
    let named = header_text(head.headers(), "mcp-session-id");
    let session = named.and_then(|text| SessionId::verify(&key, account, text));
    let claim = match (named, &session) {
        (None, _) => SessionClaim::Absent,
        (Some(_), None) => SessionClaim::Foreign,
        (Some(_), Some(_)) => SessionClaim::Genuine,
    };
    let headers = headers_of(&head, claim);
    let call = Call {
        app,
        head: &head,
        caller: Rc::new(caller),
        session,
    };
    match verb {
        Method::POST => {
            if let Some(refused) = intake::check(head.headers()) {
                body::discard(sent).await;
                return Ok(refused);
            }
            if era::is_for_the_session(headers) {
                return match body::passed_on(sent, BODY_BYTES_MAX).await? {
                    Ok(passed) => call.pass(headers, &passed).await,
                    Err(body::TooLarge) => Ok(intake::too_large()),
                };
            }
            match body::read(sent, BODY_BYTES_MAX).await? {
                Ok(body) => call.post(headers, &body).await,
                Err(body::TooLarge) => Ok(intake::too_large()),
            }
        }
        Method::GET => call.get(headers, head.headers()).await,
        _ => {
            let verdict = era::get_or_delete(headers);
            if !matches!(verdict, Verdict::Session) {
                return Ok(unserved(verdict));
            }
            call.delete().await
        }
    }
}

/// What the fields of a request say about its message.
fn headers_of(head: &Request<()>, session: SessionClaim) -> Headers<'_> {
    Headers {
        version: header_text(head.headers(), "mcp-protocol-version"),
        method: header_text(head.headers(), "mcp-method"),
        name: header_text(head.headers(), "mcp-name"),
        session,
    }
}

/// The request's head and its body, unread, of somebody who may use the endpoint.
async fn admitted(app: &App, request: Request<Sent>) -> Result<(Request<()>, Sent, Caller), Error> {
    let (parts, sent) = request.into_parts();
    let head = Request::from_parts(parts, ());
    match caller::admit(app, &head).await {
        Ok(caller) => Ok((head, sent, caller)),
        Err(refused) => {
            body::discard(sent).await;
            Err(refused)
        }
    }
}

impl Call<'_> {
    /// The answer to a caller whose grant has ended, which is remembered.
    fn ended(&self) -> Error {
        if let Some(grant) = &self.caller.grant {
            guard::forget(self.app, grant.clone(), clock::now());
        }
        guard::ended(self.app, self.head)
    }

    /// Notes that a request was not let through.
    fn note_refusal(&self, method: &str, why: Refused<'_>) {
        let (principal, via) = (&self.caller.principal, &self.caller.via);
        records::refused(&self.app.env, principal, via, method, why);
    }

    async fn post(self, headers: Headers<'_>, body: &[u8]) -> Result<Response<Body>, Error> {
        let message = match envelope::read(body) {
            Err(malformed) => return Ok(refused(&Refusal::malformed(malformed))),
            Ok(Posted::Array) => {
                let verdict = era::array(headers);
                if !matches!(verdict, Verdict::Session) {
                    return Ok(unserved(verdict));
                }
                return self.batch(body).boxed_local().await;
            }
            Ok(Posted::One(message)) => message,
        };
        match (era::message(headers, &message), &message) {
            // Its object was asked, and has none.
            (Verdict::Session, Message::Request(request)) => {
                Ok(refused(&Refusal::no_such_session(Some(request.id.clone()))))
            }
            (Verdict::Session, _) => Ok(refused(&Refusal::no_such_session(None))),
            (Verdict::Open, Message::Request(request)) => self.open(request).await,
            (Verdict::Stateless(meta), Message::Request(request)) => {
                if headers.session == SessionClaim::Absent {
                    remembered::keep_stateless(self.head, &self.caller);
                }
                self.stateless(request, &meta).boxed_local().await
            }
            (verdict, _) => Ok(unserved(verdict)),
        }
    }

    async fn get(self, headers: Headers<'_>, fields: &HeaderMap) -> Result<Response<Body>, Error> {
        let verdict = era::get_or_delete(headers);
        if !matches!(verdict, Verdict::Session) {
            return Ok(unserved(verdict));
        }
        if !intake::accepts(fields, "text/event-stream") {
            return Ok(intake::not_acceptable()); // R2
        }
        self.listen(header_text(fields, "last-event-id")).await
    }
}

/// What is served, to tell a client or to judge its request by. While nothing is
/// known of a Worker, that cannot be told.
async fn features(app: &App) -> Result<Features, Error> {
    let asking = doing("asking the tool Workers what they offer");
    let catalog = platform::tools::catalog(&app.env).await.map_err(&asking)?;
    if catalog.misses_any() {
        let words = "a tool Worker does not answer";
        return Err(asking(worker::Error::RustError(words.into())));
    }
    Ok(catalog.features())
}

/// The answer to a verdict that is not served further.
fn unserved(verdict: Verdict) -> Response<Body> {
    match verdict {
        Verdict::Refuse(refusal) => refused(&refusal),
        Verdict::Ignore => answer::empty(StatusCode::ACCEPTED),
        // The callers serve these.
        Verdict::Open | Verdict::Session | Verdict::Stateless(_) => {
            Error::bug("a verdict was not served").answer()
        }
    }
}

/// A refusal as the decision tables word it.
fn refused(refusal: &Refusal) -> Response<Body> {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = answer::json_text(status, reply::error(refusal.id.as_ref(), &refusal.error));
    if let Some(allow) = refusal.allow {
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static(allow));
    }
    response
}

fn not_allowed(allow: &'static str) -> Response<Body> {
    let mut response = answer::empty(StatusCode::METHOD_NOT_ALLOWED);
    response
        .headers_mut()
        .insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// The one value of a field; a repeated or unreadable one is none of ours, and
/// an empty text is what no revision and no session is called (§9 Q10).
fn header_text<'a>(fields: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = fields.get_all(name).iter();
    let first = values.next()?;
    if values.next().is_some() {
        return Some("");
    }
    Some(first.to_str().unwrap_or_default().trim())
}
