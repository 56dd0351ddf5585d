//! Session clients: each message goes to its session's object in one hop.

use durable::account::Opening;
use durable::quota::Admission;
use durable::session::wire;
use http::{HeaderValue, Response, StatusCode, header};
use mcp::era::Refusal;
use mcp::reply::{self, fault};
use mcp::session::{Initialize, Record};
use mcp::session_id::SessionId;
use mcp::{ErrorCode, RequestId, envelope};
use worker::durable::Stub;
use worker::{Method, Request, RequestInit};

use super::bridge::Form;
use super::{Call, SERVER, admission, bridge, refused};
use crate::answer::{self, Body};
use crate::error::{Error, doing};
use crate::store::accounts;
use crate::{clock, random};

/// What a client is told whose request a session's object did not finish.
const FAILED: &str =
    "the session failed during this request; whether it was carried out is unknown";

/// What an object answered.
pub(super) enum Exchanged {
    /// A finished answer.
    Whole(Response<Body>),
    /// A stream.
    Streams {
        /// Where it comes from.
        source: bridge::Source,
        /// The fields that go onto the SSE response.
        fields: http::HeaderMap,
    },
}

impl Call<'_> {
    /// `initialize`: a new session (L-INIT-01, L-SESS-01).
    pub(super) async fn open(
        self,
        request: &envelope::Request<'_>,
    ) -> Result<Response<Body>, Error> {
        let initialize = match Initialize::read(request.params) {
            Ok(initialize) => initialize,
            Err(error) => {
                return Ok(refused(&Refusal::new(400, Some(request.id.clone()), error)));
            }
        };
        let features = super::features(self.app).await?;
        let key = durable::keys::names(&self.app.env).map_err(doing("reading the key of names"))?;
        let principal = self.caller.principal.clone();
        let id = SessionId::mint(&key, &principal.account, random::bytes()?);
        let record = Record::new(&id, principal, initialize, features, clock::now());
        let admission = self.create(&id, &record).await?;
        if let Some(refused) = admission::refusal(&admission, Some(&request.id)) {
            return Ok(refused);
        }
        let result = SERVER.initialize_result(record.revision, features);
        let opened = answer::json_text(StatusCode::OK, reply::result(&request.id, &result));
        let mut response = admission::with_fields(&admission, opened);
        let id = HeaderValue::from_str(id.as_str())
            .map_err(|_| Error::Bug("a session id that no header can carry"))?;
        response.headers_mut().insert("mcp-session-id", id);
        Ok(response)
    }

    /// Opens the object of a new session, if that is not one call too many. A
    /// session outlives the token it is opened with; so here, and not at each
    /// call, the account is asked whether the grant still stands.
    pub(super) async fn create(&self, id: &SessionId, record: &Record) -> Result<Admission, Error> {
        let opening = Opening {
            name: id.name().to_owned(),
            grant: self.caller.grant.clone(),
        };
        let asked = accounts::may_open(self.app, &record.principal.ledger, &opening).await?;
        let Some(admission) = asked else {
            return Err(self.ended());
        };
        if matches!(admission, Admission::Refused { .. }) {
            return Ok(admission);
        }
        let body = serde_json::to_vec(record).map_err(|_| Error::Bug("an unwritable record"))?;
        let stub = self.stub(id)?;
        let opened = send(&stub, Method::Post, wire::OPEN, Some(&body), None).await?;
        match opened.status_code() {
            204 => Ok(admission),
            404 => Err(Error::GaveWay),
            _ => Err(Error::Bug("a new session's object failed")),
        }
    }

    /// One message for the object.
    pub(super) async fn forward(
        self,
        body: &[u8],
        id: Option<&RequestId>,
    ) -> Result<Response<Body>, Error> {
        let exchanged = self
            .exchange(Method::Post, wire::MESSAGE, Some(body), None, id)
            .await;
        match (exchanged, id) {
            (Ok(exchanged), _) => self.answer(exchanged, None),
            (Err(error @ Error::Bearer(_)), _) | (Err(error), None) => Err(error),
            // A client that waits for a response knows it by its id.
            (Err(error), Some(id)) => {
                let status = error.answer().status().as_u16();
                let error = fault(ErrorCode::INTERNAL_ERROR, FAILED);
                Ok(refused(&Refusal::new(status, Some(id.clone()), error)))
            }
        }
    }

    /// The GET stream, or what a broken stream missed.
    pub(super) async fn listen(self, last: Option<&str>) -> Result<Response<Body>, Error> {
        let exchanged = self
            .exchange(Method::Get, wire::LISTEN, None, last, None)
            .await?;
        // What is open without a call ends with the token (§9 Q8).
        let until = Some(self.caller.expires);
        self.answer(exchanged, until)
    }

    /// The end of the session (R8).
    pub(super) async fn delete(self) -> Result<Response<Body>, Error> {
        match self
            .exchange(Method::Delete, wire::END, None, None, None)
            .await?
        {
            Exchanged::Whole(response) => Ok(response),
            Exchanged::Streams { .. } => Err(Error::Bug("a stream in answer to DELETE")),
        }
    }

    fn answer(
        &self,
        exchanged: Exchanged,
        until: Option<jiff::Timestamp>,
    ) -> Result<Response<Body>, Error> {
        match exchanged {
            Exchanged::Whole(response) => Ok(response),
            Exchanged::Streams { source, fields } => {
                let stream = bridge::events(self.own_stub()?, source, Form::Resumable, until);
                let mut response = bridge::response(stream);
                response.headers_mut().extend(fields);
                Ok(response)
            }
        }
    }

    /// Sends something to the session's object and reads what kind of answer
    /// comes back.
    pub(super) async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<&[u8]>,
        last: Option<&str>,
        id: Option<&RequestId>,
    ) -> Result<Exchanged, Error> {
        let last = last.map(|last| (wire::LAST_EVENT_ID, last));
        let allowance = self.allowance()?;
        let shown = self.shown(&allowance);
        let fields: Vec<_> = last.into_iter().chain(shown).collect();
        let response = send_with(&self.own_stub()?, method, path, body, &fields).await?;
        self.read(response, id).await
    }

    /// The fields with what the caller's token says: a session may be used with
    /// another than it was opened with.
    pub(super) fn shown<'b>(
        &'b self,
        allowance: &'b str,
    ) -> impl Iterator<Item = (&'static str, &'b str)> {
        let grant = self.caller.grant.as_ref();
        let grant = grant.map(|grant| (wire::GRANT, grant.as_str()));
        [(wire::ALLOWANCE, allowance)].into_iter().chain(grant)
    }

    /// What the caller's token allows, for the object.
    pub(super) fn allowance(&self) -> Result<String, Error> {
        serde_json::to_string(&self.caller.allowance)
            .map_err(|_| Error::Bug("an unwritable allowance"))
    }

    /// What kind of answer an object gave.
    pub(super) async fn read(
        &self,
        mut response: worker::Response,
        id: Option<&RequestId>,
    ) -> Result<Exchanged, Error> {
        let fields = passed_fields(&response);
        let status = StatusCode::from_u16(response.status_code())
            .map_err(|_| Error::Bug("an object answered with no HTTP status"))?;
        if status == StatusCode::UNAUTHORIZED {
            return Err(self.ended());
        }
        if status == StatusCode::FORBIDDEN {
            let lacks = response.headers().get(wire::LACKS).ok().flatten();
            let lacks = lacks.ok_or(Error::Bug("a 403 that names no permission"))?;
            return Err(self.lacks(&lacks));
        }
        if status == StatusCode::NOT_FOUND {
            return Ok(Exchanged::Whole(refused(&Refusal::no_such_session(
                id.cloned(),
            ))));
        }
        if status == StatusCode::SWITCHING_PROTOCOLS {
            let socket = response
                .websocket()
                .ok_or(Error::Bug("a 101 without a socket"))?;
            return Ok(Exchanged::Streams {
                source: bridge::Source::Attached(socket),
                fields,
            });
        }
        if status.as_u16() == wire::BEGUN {
            let field = |name| response.headers().get(name).ok().flatten();
            let at = field(wire::BEGINS_AT).ok_or(Error::Bug("a stream that begins nowhere"))?;
            let primed = field(wire::PRIMED).is_some_and(|told| told == "1");
            return Ok(Exchanged::Streams {
                source: bridge::Source::Begun { at, primed },
                fields,
            });
        }
        if status.as_u16() == wire::CANCELLED {
            // A request is answered with JSON or a stream, and 202 is neither.
            let events = futures_util::stream::empty();
            return Ok(Exchanged::Whole(bridge::response(events)));
        }
        if status.is_server_error() {
            return Err(Error::Bug("a session's object failed"));
        }
        let body = response
            .bytes()
            .await
            .map_err(doing("reading a session's answer"))?;
        let mut whole = if body.is_empty() {
            answer::empty(status)
        } else {
            answer::json_text(status, body)
        };
        whole.headers_mut().extend(fields);
        Ok(Exchanged::Whole(whole))
    }

    /// The object of the session that the request names.
    pub(super) fn own_stub(&self) -> Result<Stub, Error> {
        let session = self
            .session
            .as_ref()
            .ok_or(Error::Bug("a session without an id"))?;
        self.stub(session)
    }

    fn stub(&self, session: &SessionId) -> Result<Stub, Error> {
        let objects = self.app.env.durable_object(wire::SESSIONS);
        objects
            .and_then(|objects| objects.get_by_name(session.name()))
            .map_err(doing("finding a session's object"))
    }
}

/// One request to a session's object.
pub(super) async fn send(
    stub: &Stub,
    method: Method,
    path: &str,
    body: Option<&[u8]>,
    last: Option<&str>,
) -> Result<worker::Response, Error> {
    let field = last.map(|last| (wire::LAST_EVENT_ID, last));
    send_with(stub, method, path, body, field.as_slice()).await
}

/// As [`send`], with any fields.
pub(super) async fn send_with(
    stub: &Stub,
    method: Method,
    path: &str,
    body: Option<&[u8]>,
    fields: &[(&str, &str)],
) -> Result<worker::Response, Error> {
    let failed = doing("asking a session's object");
    let mut init = RequestInit::new();
    init.with_method(method);
    init.with_body(body.map(|body| worker::js_sys::Uint8Array::from(body).into()));
    if path == wire::LISTEN || path == wire::ATTACH {
        init.headers.set("upgrade", "websocket").map_err(&failed)?;
    }
    for (name, value) in fields {
        init.headers.set(name, value).map_err(&failed)?;
    }
    let url = format!("https://session{path}");
    let request = Request::new_with_init(&url, &init).map_err(&failed)?;
    stub.fetch_with_request(request).await.map_err(&failed)
}

/// The fields about the quota, which go to the client.
fn passed_fields(response: &worker::Response) -> http::HeaderMap {
    ["ratelimit", "ratelimit-policy", "retry-after"]
        .into_iter()
        .filter_map(|name| {
            let value = response.headers().get(name).ok()??;
            let name = header::HeaderName::from_static(name);
            Some((name, HeaderValue::from_str(&value).ok()?))
        })
        .collect()
}
