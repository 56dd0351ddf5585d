//! HTTP+SSE, the deprecated transport of 2024-11-05: `GET /sse` and
//! `POST /messages` (checklist S24).
//!
//! 1. A GET opens a session and attaches to the one stream of its object. Only then
//!    is the client told where to POST: its first message may come at once.
//! 2. A POST goes to the object and is accepted; what is said of it is said on
//!    the stream.
//!
//! Whoever POSTs to `/sse` first looks for Streamable HTTP, and the 405 tells
//! it to GET (S24-06).

use std::rc::Rc;

use futures_util::{StreamExt, future, stream};
use http::{Method, Request, Response, StatusCode};
use mcp::ErrorCode;
use mcp::envelope::{self, Body as Posted};
use mcp::era::Refusal;
use mcp::limits::BODY_BYTES_MAX;
use mcp::reply::fault;
use mcp::session::Record;
use mcp::session_id::SessionId;
use mcp::sse;
use oauth::origin::HTTP_SSE_PATH;
use platform::answer::Body;
use platform::body::{self, Sent};
use platform::clock;
use platform::hop::Load;
use platform::random;
use platform::session::wire;
use worker::Method as Verb;

use super::bridge::Form;
use super::session::{Exchanged, send_with};
use super::{Call, admission, admitted, bridge, intake, not_allowed, refused};
use crate::app::App;
use crate::error::{Error, doing};

/// Where the client POSTs.
pub(crate) const MESSAGES_PATH: &str = "/messages";
/// The parameter with the session's id; the official Python client looks for
/// this name.
const SESSION_PARAMETER: &str = "session_id";

/// Whether the path is one of this transport.
pub(crate) fn has(path: &str) -> bool {
    path == HTTP_SSE_PATH || path == MESSAGES_PATH
}

/// Answers one request of this transport.
pub(crate) async fn serve(app: &App, request: Request<Sent>) -> Result<Response<Body>, Error> {
    let connects = request.uri().path() == HTTP_SSE_PATH;
    let (verb, allow) = if connects {
        (Method::GET, "GET, OPTIONS")
    } else {
        (Method::POST, "POST, OPTIONS")
    };
    if *request.method() != verb {
        body::discard(request.into_body()).await;
        return Ok(not_allowed(allow)); // G-02
    }
    let (head, sent, caller) = admitted(app, request).await?; // S24-04
    let call = Call {
        app,
        head: &head,
        caller: Rc::new(caller),
        session: None,
    };
    if connects {
        return call.connect().await;
    }
    if let Some(refused) = intake::not_json(head.headers()) {
        body::discard(sent).await;
        return Ok(refused);
    }
    match body::read(sent, BODY_BYTES_MAX).await? {
        Ok(body) => call.take(&body).await,
        Err(body::TooLarge) => Ok(intake::too_large()),
    }
}

impl Call<'_> {
    /// `GET /sse`: a new session and its stream (S24-01).
    async fn connect(mut self) -> Result<Response<Body>, Error> {
        if !intake::accepts(self.head.headers(), "text/event-stream") {
            return Ok(intake::not_acceptable());
        }
        let key =
            platform::keys::names(&self.app.env).map_err(doing("reading the key of names"))?;
        let principal = self.caller.principal.clone();
        let id = SessionId::mint_http_sse(&key, &principal, random::bytes()?);
        let features = super::features(self.app).await?;
        let record = Record::http_sse(&id, principal, features, clock::now());
        let admission = self.create(&id, &record).await?;
        if let Some(refused) = admission::refusal(&admission, None) {
            return Ok(refused);
        }
        // Relative to the origin the client used, which may be an alias of ours.
        let uri = format!("{MESSAGES_PATH}?{SESSION_PARAMETER}={}", id.as_str());
        self.session = Some(id);
        let attached = self
            .exchange(Verb::Get, wire::LISTEN, None, None, None)
            .await;
        let source = match attached {
            Ok(Exchanged::Streams { source, .. }) => source,
            failed => {
                // Nobody will ever ask for it. What cannot be ended here, its account ends.
                let _ = self
                    .exchange(Verb::Delete, wire::END, None, None, None)
                    .await;
                let nothing = Error::bug("a new session has no stream");
                return Err(failed.err().unwrap_or(nothing));
            }
        };
        let until = Some(self.caller.expires);
        let events = bridge::events(self.own_object()?, source, Form::Plain, until);
        let first = stream::once(future::ready(sse::endpoint(&uri)));
        let response = bridge::response(first.chain(events));
        Ok(admission::with_fields(&admission, response))
    }

    /// `POST /messages`: one message (S24-03).
    async fn take(mut self, body: &[u8]) -> Result<Response<Body>, Error> {
        match envelope::read(body) {
            Err(malformed) => return Ok(refused(&Refusal::malformed(malformed))),
            Ok(Posted::Array) => {
                let words = "one message a request: this transport has no batches"; // S24-05
                let error = fault(ErrorCode::INVALID_REQUEST, words);
                return Ok(refused(&Refusal::new(400, None, error)));
            }
            Ok(Posted::One(_)) => {}
        }
        let key =
            platform::keys::names(&self.app.env).map_err(doing("reading the key of names"))?;
        let account = self.caller.principal.account.as_str();
        self.session =
            named(self.head).and_then(|text| SessionId::verify_http_sse(&key, account, &text));
        if self.session.is_none() {
            return Ok(no_such_connection());
        }
        let presented = self.presented()?;
        let fields = [(wire::PRESENTED, presented.as_str())];
        let response = send_with(
            &self.own_object()?,
            Verb::Post,
            wire::MESSAGE,
            Some(Load::Bytes(body)),
            &fields,
        )
        .await?;
        match self.read(response, None).await? {
            Exchanged::Whole(response)
                if [StatusCode::ACCEPTED, StatusCode::TOO_MANY_REQUESTS]
                    .contains(&response.status()) =>
            {
                Ok(response)
            }
            Exchanged::Whole(_) => Ok(no_such_connection()),
            Exchanged::Streams { .. } => Err(Error::bug("a stream in answer to a message")),
        }
    }
}

/// The session that the query names; one that names several names none.
fn named(head: &Request<()>) -> Option<String> {
    let query = head.uri().query().unwrap_or_default();
    let mut ids = url::form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name == SESSION_PARAMETER)
        .map(|(_, id)| id.into_owned());
    let id = ids.next();
    id.filter(|_| ids.next().is_none())
}

/// Closed, foreign and made-up connections are one and the same (S24-03).
fn no_such_connection() -> Response<Body> {
    let words = "no such connection: it ended, so connect again with GET";
    let error = fault(ErrorCode::INVALID_REQUEST, words);
    refused(&Refusal::new(404, None, error))
}
