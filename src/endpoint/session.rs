//! Session clients: each message goes to its session's object in one hop.

use http::{HeaderValue, Response, StatusCode, header};
use mcp::era::{Headers, Refusal};
use mcp::reply::{self, fault};
use mcp::session::{Initialize, Record};
use mcp::session_id::SessionId;
use mcp::{ErrorCode, RequestId, envelope};
use platform::account;
use platform::account::Opening;
use platform::answer::{self, Body};
use platform::body::Passed;
use platform::clock;
use platform::hop::{self, Answer, Hop, Load, Neighbour};
use platform::quota::Admission;
use platform::random;
use platform::records::Refused;
use platform::session::{At, FAILED, Presented, wire};
use serde_json::value::to_raw_value;
use worker::Method;

use super::bridge::Form;
use super::remembered::{self, To};
use super::{Call, SERVER, admission, bridge, refused};
use crate::error::{Error, doing};

/// Where a client's POST goes: [`wire::PASSED`].
const PASSED_URL: &str = "https://session/passed";

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

/// What came of a body that was passed on.
enum Answered {
    Exchanged(Exchanged),
    /// It is this batch.
    Batch(Vec<u8>),
}

/// What kind of answer an object gave.
enum Judged {
    /// One that means something.
    Done(Exchanged),
    /// One for the client.
    Answer(StatusCode, Answer),
}

impl Call<'_> {
    /// `initialize`: a new session (L-INIT-01, L-SESS-01).
    pub(super) async fn open(
        self,
        request: &envelope::Request<'_>,
    ) -> Result<Response<Body>, Error> {
        let initialize = match Initialize::read(request.params.text()) {
            Ok(initialize) => initialize,
            Err(error) => {
                return Ok(refused(&Refusal::new(400, Some(request.id.clone()), error)));
            }
        };
        let features = super::features(self.app).await?;
        let key =
            platform::keys::names(&self.app.env).map_err(doing("reading the key of names"))?;
        let principal = self.caller.principal.clone();
        let id = SessionId::mint(&key, &principal, random::bytes()?);
        let record = Record::new(&id, principal, initialize, features, clock::now());
        let admission = self.create(&id, &record).await?;
        if let Some(refused) = admission::refusal(&admission, Some(&request.id)) {
            self.note_refusal(&request.method, Refused::Quota);
            return Ok(refused);
        }
        let result = SERVER.initialize_result(record.revision, features);
        let opened = answer::json_text(StatusCode::OK, reply::result(&request.id, &result));
        let mut response = admission::with_fields(&admission, opened);
        let id = HeaderValue::from_str(id.as_str())
            .map_err(|_| Error::bug("a session id that no header can carry"))?;
        response.headers_mut().insert("mcp-session-id", id);
        Ok(response)
    }

    /// Opens a session, if that is not one call too many. A session outlives the token it
    /// is opened with; so here, and not at each call, the account is asked whether the grant
    /// still stands. It keeps the record, for which the session's object comes when it is
    /// first asked for something.
    pub(super) async fn create(&self, id: &SessionId, record: &Record) -> Result<Admission, Error> {
        let opening = Opening {
            name: id.name().to_owned(),
            grant: self.caller.grant.clone(),
            account: Some(record.principal.ledger.clone()),
            record: to_raw_value(record).map_err(|_| Error::bug("an unwritable record"))?,
        };
        let asked = account::open(&self.app.env, &record.principal.ledger, &opening)
            .await
            .map_err(doing("opening a session"))?;
        asked.ok_or_else(|| self.ended())
    }

    /// The body of a POST for the object, which nobody reads here.
    pub(super) async fn pass(
        self,
        headers: Headers<'_>,
        body: &Passed,
    ) -> Result<Response<Body>, Error> {
        let error = match self.passed(body).await {
            Ok(Answered::Exchanged(exchanged)) => return self.answer(exchanged, None),
            Ok(Answered::Batch(body)) => return self.post(headers, &body).await,
            Err(error @ Error::Bearer(_)) => return Err(error),
            Err(error) => error,
        };
        // Which request it was is known to its object alone.
        let status = error.answer().status().as_u16();
        let error = fault(ErrorCode::INTERNAL_ERROR, FAILED);
        Ok(refused(&Refusal::new(status, None, error)))
    }

    async fn passed(&self, body: &Passed) -> Result<Answered, Error> {
        let presented = self.presented()?;
        let hop = Hop {
            method: Method::Post,
            url: PASSED_URL,
            fields: &[(wire::PRESENTED, presented.as_str())],
            body: Some(Load::Came(body)),
            signal: None,
        };
        let answer = if let Some(answer) = remembered::came_back(self.head) {
            answer?
        } else {
            self.remember(&hop)?;
            let asked = hop.to(&self.own_object()?).await;
            asked.map_err(doing("asking a session's object"))?
        };
        // A batch is sent message by message.
        if answer.status() == wire::BATCH {
            let body = answer.bytes().await.map_err(doing("reading a batch"))?;
            return Ok(Answered::Batch(body));
        }
        // What is for the client says which request it is about.
        let exchanged = if [404, 500].contains(&answer.status()) {
            as_it_came(answer)
        } else {
            match self.judge(answer, None)? {
                Judged::Done(exchanged) => exchanged,
                Judged::Answer(_, answer) => as_it_came(answer),
            }
        };
        Ok(Answered::Exchanged(exchanged))
    }

    /// Remembers where messages like this one go.
    fn remember(&self, hop: &Hop<'_>) -> Result<(), Error> {
        let head = hop.head().map_err(doing("telling of a caller"))?;
        let session = self.session.as_ref();
        let name = session.ok_or(Error::bug("a session without an id"))?.name();
        let to = To {
            binding: wire::SESSIONS,
            name,
            url: hop.url,
            head: &head,
        };
        remembered::keep_session(self.head, &self.caller, to);
        Ok(())
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
            Exchanged::Streams { .. } => Err(Error::bug("a stream in answer to DELETE")),
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
                let stream = bridge::events(self.own_object()?, source, Form::Resumable, until);
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
        let presented = self.presented()?;
        let presented = [(wire::PRESENTED, presented.as_str())];
        let fields: Vec<_> = last.into_iter().chain(presented).collect();
        let body = body.map(Load::Bytes);
        let response = send_with(&self.own_object()?, method, path, body, &fields).await?;
        self.read(response, id).await
    }

    /// What the object is told of the caller's token and how the request came: a
    /// session may be used with another token than it was opened with.
    pub(super) fn presented(&self) -> Result<String, Error> {
        let (caller, fields) = (&self.caller, self.head.headers());
        let version = super::header_text(fields, "mcp-protocol-version");
        let session = self.session.as_ref();
        let presented = Presented {
            session: session.and_then(|id| {
                let ledger = id.ledger(&caller.principal.account)?;
                let name = id.name().to_owned();
                Some(At { ledger, name })
            }),
            grant: caller.grant.clone(),
            allowance: caller.allowance.clone(),
            via: caller.via.clone(),
            version: version.map(str::to_owned),
            until: Some(caller.expires.as_second()),
            is_page: fields.contains_key(header::ORIGIN),
        };
        presented.field().map_err(doing("telling of a caller"))
    }

    /// What an object answered, read to its end.
    pub(super) async fn read(
        &self,
        answer: Answer,
        id: Option<&RequestId>,
    ) -> Result<Exchanged, Error> {
        let (status, answer) = match self.judge(answer, id)? {
            Judged::Done(exchanged) => return Ok(exchanged),
            Judged::Answer(status, answer) => (status, answer),
        };
        let fields = passed_fields(&answer, status);
        let body = answer.bytes().await;
        let body = body.map_err(doing("reading a session's answer"))?;
        let mut whole = if body.is_empty() {
            answer::empty(status)
        } else {
            answer::json_text(status, body)
        };
        whole.headers_mut().extend(fields);
        Ok(Exchanged::Whole(whole))
    }

    fn judge(&self, response: Answer, id: Option<&RequestId>) -> Result<Judged, Error> {
        let done = |exchanged| Ok(Judged::Done(exchanged));
        let status = StatusCode::from_u16(response.status())
            .map_err(|_| Error::bug("an object answered with no HTTP status"))?;
        if status == StatusCode::UNAUTHORIZED {
            return Err(self.ended());
        }
        if status == StatusCode::FORBIDDEN {
            let lacks = response.field(wire::LACKS);
            let lacks = lacks.ok_or(Error::bug("a 403 that names no permission"))?;
            return Err(self.lacks(&lacks));
        }
        if status == StatusCode::NOT_FOUND {
            let refusal = Refusal::no_such_session(id.cloned());
            return done(Exchanged::Whole(refused(&refusal)));
        }
        if status == StatusCode::SWITCHING_PROTOCOLS {
            let fields = passed_fields(&response, status);
            let socket = response
                .socket()
                .ok_or(Error::bug("a 101 without a socket"))?;
            return done(Exchanged::Streams {
                source: bridge::Source::Attached(socket),
                fields,
            });
        }
        if status.as_u16() == wire::BEGUN {
            let fields = passed_fields(&response, status);
            let at = response
                .field(wire::BEGINS_AT)
                .ok_or(Error::bug("a stream that begins nowhere"))?;
            let primed = response.field(wire::PRIMED).is_some_and(|told| told == "1");
            return done(Exchanged::Streams {
                source: bridge::Source::Begun { at, primed },
                fields,
            });
        }
        if status.as_u16() == wire::CANCELLED {
            // A request is answered with JSON or a stream, and 202 is neither.
            let events = futures_util::stream::empty();
            return done(Exchanged::Whole(bridge::response(events)));
        }
        if status.is_server_error() {
            return Err(Error::bug("a session's object failed"));
        }
        Ok(Judged::Answer(status, response))
    }

    /// The object of the session that the request names.
    pub(super) fn own_object(&self) -> Result<Neighbour, Error> {
        let session = self
            .session
            .as_ref()
            .ok_or(Error::bug("a session without an id"))?;
        self.object(session)
    }

    fn object(&self, session: &SessionId) -> Result<Neighbour, Error> {
        hop::object(&self.app.env, wire::SESSIONS, session.name())
            .map_err(doing("finding a session's object"))
    }
}

/// An answer whose head goes to the client, too.
fn as_it_came(answer: Answer) -> Exchanged {
    let mut response = answer::empty(StatusCode::OK);
    *response.body_mut() = Body::AsItCame(answer.as_it_came());
    Exchanged::Whole(response)
}

/// One request to a session's object.
pub(super) async fn send(
    object: &Neighbour,
    method: Method,
    path: &str,
    body: Option<&[u8]>,
    last: Option<&str>,
) -> Result<Answer, Error> {
    let field = last.map(|last| (wire::LAST_EVENT_ID, last));
    let body = body.map(Load::Bytes);
    send_with(object, method, path, body, field.as_slice()).await
}

/// As [`send`], with any fields.
pub(super) async fn send_with(
    object: &Neighbour,
    method: Method,
    path: &str,
    body: Option<Load<'_>>,
    fields: &[(&str, &str)],
) -> Result<Answer, Error> {
    let becomes_socket = path == wire::LISTEN || path == wire::ATTACH;
    let upgrade = becomes_socket.then_some(("upgrade", "websocket"));
    let fields: Vec<_> = fields.iter().copied().chain(upgrade).collect();
    let hop = Hop {
        method,
        url: &format!("https://session{path}"),
        fields: &fields,
        body,
        signal: None,
    };
    let asked = hop.to(object).await;
    asked.map_err(doing("asking a session's object"))
}

/// The fields about the quota, which go to the client. When to come back is told to
/// nobody who was served.
fn passed_fields(answer: &Answer, status: StatusCode) -> http::HeaderMap {
    let names = ["ratelimit", "ratelimit-policy", "retry-after"];
    let count = if status == StatusCode::OK { 2 } else { 3 };
    let fields = names.into_iter().take(count).filter_map(|name| {
        let value = answer.field(name)?;
        let name = header::HeaderName::from_static(name);
        Some((name, HeaderValue::from_str(&value).ok()?))
    });
    fields.collect()
}
