//! A message of the client's: how it came, whether it may be, and what it costs.

use std::rc::Rc;

use mcp::envelope::{self, Body, Message};
use mcp::era::{self, Refusal, SessionClaim, Verdict};
use mcp::revision::Revision;
use mcp::session::{Input, Session};
use mcp::tool::Target;
use platform::quota::{Admission, Spender, admit, cost_of};
use platform::records::{self, Refused};
use platform::session::{Arrived, Presented};
use platform::tools;
use quota::{Cost, Mark};
use worker::web_sys::Response;
use worker::{Result, console_error};

use super::Inner;
use super::judged::Judged;
use super::reply::Reply;

/// How a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// As the client's POST.
    Passed,
    /// Over HTTP+SSE.
    HttpSse,
    /// Out of a batch.
    Batched,
}

impl Inner {
    /// Answers a client's POST. Whatever happens here, the client is told of which
    /// request.
    pub(super) async fn passed(self: &Rc<Self>, arrived: &Arrived) -> Result<Response> {
        let answering = self.settled(Box::pin(async {
            if self.is_there_for(arrived).await? {
                return self.message(arrived, Came::Passed).await;
            }
            let presented = self.presented(arrived)?;
            nobody(&presented, &arrived.body).for_client(&presented, None)
        }));
        answering.await.or_else(|error| {
            console_error!("a message: {error}");
            let presented = self.presented(arrived).unwrap_or_default();
            Reply::failed(&arrived.body).for_client(&presented, None)
        })
    }

    /// Answers a message of the client's.
    pub(super) async fn message(
        self: &Rc<Self>,
        arrived: &Arrived,
        came: Came,
    ) -> Result<Response> {
        let body = arrived.body.as_slice();
        let presented = self.presented(arrived)?;
        #[cfg(feature = "faults")]
        platform::panics::panic_if_asked("object", body);
        if came == Came::Batched
            && self.with(|session| session.record().revision)? != Revision::V20250326
        {
            return Reply::refused(&era::batch_refused()).for_client(&presented, None);
        }
        let message = match read(&presented, body, came) {
            Ok(message) => message,
            Err(reply) => return reply.for_client(&presented, None),
        };
        let reply = match message {
            Message::Request(request) => return self.request(request, &presented).await,
            Message::Notification(notification) => {
                self.happened(Input::Notification(notification)).await?
            }
            Message::Response(response) => self.happened(Input::Response(response)).await?,
        };
        reply.for_client(&presented, None)
    }

    /// What a message came with.
    pub(super) fn presented(&self, arrived: &Arrived) -> Result<Rc<Presented>> {
        let Some(field) = arrived.presented.as_deref() else {
            return Ok(Rc::default());
        };
        let mut last = self.presented.borrow_mut();
        if let Some((text, presented)) = &*last
            && text == field
        {
            return Ok(Rc::clone(presented));
        }
        let presented = Rc::new(Presented::read(field)?);
        *last = Some((field.to_owned(), Rc::clone(&presented)));
        Ok(presented)
    }

    /// A request costs one call of the user's quota. `ping` is free: it is how
    /// a client finds out that it is still connected.
    async fn request(
        self: &Rc<Self>,
        request: envelope::Request<'_>,
        presented: &Presented,
    ) -> Result<Response> {
        let is_http_sse = self.with(Session::is_http_sse)?;
        if request.method == "ping" || (is_http_sse && request.method == "initialize") {
            let reply = self.asked(request, presented).await?;
            return reply.for_client(presented, None);
        }
        let Presented {
            grant,
            allowance,
            via,
            ..
        } = presented;
        let target = Target::named(&request.method, &request.params);
        let known = match &target {
            Some(target) => tools::known(&self.env, target).await?,
            None => None,
        };
        let about = target.as_ref().zip(known.as_deref());
        let judged = Judged::of(about, allowance);
        let principal = self.with(|session| Rc::clone(&session.record().principal))?;
        let refused = |why| records::refused(&self.env, &principal, via, &request.method, why);
        if let Judged::Lacks(permission, target) = judged {
            refused(Refused::Permission(&permission, &target));
            return Reply::Lacks(permission).for_client(presented, None);
        }
        let cost = match (&judged, &known) {
            (Judged::Allowed | Judged::Lacks(..), Some(entry)) => cost_of(entry)?,
            // Nor does it tell what it would cost, if that is not for this user.
            (Judged::Unknown(_), _) | (_, None) => Cost::default(),
        };
        let name = self.name()?;
        let spender = Spender {
            account: &principal.ledger,
            grant: grant.as_ref(),
            session: Some(&name),
            mark: Mark::default(),
        };
        let admission = admit(&self.env, &self.leases, spender, &cost).await?;
        let Some(admission) = admission else {
            refused(Refused::Grant);
            return Reply::GrantEnded.for_client(presented, None);
        };
        let reply = match &admission {
            Admission::Admitted(spent) => {
                let is_bounded = spent.policy.concurrent().is_some();
                self.permits
                    .note(&principal.ledger, &cost.family, is_bounded);
                match judged {
                    Judged::Unknown(target) => {
                        let unknown = mcp::reply::error(Some(&request.id), &target.unknown());
                        self.found(unknown).await?
                    }
                    Judged::Allowed | Judged::Lacks(..) => self.asked(request, presented).await?,
                }
            }
            Admission::Refused(beyond) => {
                refused(Refused::Quota);
                // What has the request's id is a response, whose place is the
                // stream (S24-02); this message was not even taken.
                let id = (!is_http_sse).then_some(&request.id);
                Reply::too_many_calls(id, beyond)
            }
        };
        if let (Reply::Beyond { refused, .. }, Admission::Admitted(spent)) = (&reply, &admission) {
            let (account, family) = (&principal.ledger, &cost.family);
            self.leases.refund(account, grant.as_ref(), family, spent);
            let told = Admission::Refused(refused.clone());
            return reply.for_client(presented, Some(&told));
        }
        reply.for_client(presented, Some(&admission))
    }
}

/// The message, or what is said to what is none that may be in a session. What did not
/// come as the client's POST was judged by the front Worker.
fn read<'a>(presented: &Presented, body: &'a [u8], came: Came) -> Result<Message<'a>, Box<Reply>> {
    let is_passed = came == Came::Passed;
    let refused = |refusal: &Refusal| Box::new(Reply::refused(refusal));
    let headers = era::Headers {
        version: presented.version.as_deref(),
        session: SessionClaim::Genuine,
        ..era::Headers::default()
    };
    let message = match envelope::read(body) {
        Ok(Body::One(message)) => message,
        Ok(Body::Array) if is_passed && matches!(era::array(headers), Verdict::Session) => {
            return Err(Box::new(Reply::Batch(body.to_vec())));
        }
        Ok(Body::Array) => return Err(refused(&era::batch_refused())),
        Err(malformed) => return Err(refused(&Refusal::malformed(malformed))),
    };
    if !is_passed {
        return Ok(message);
    }
    match era::message(headers, &message) {
        Verdict::Session => Ok(message),
        Verdict::Ignore => Err(Box::new(Reply::Accepted)),
        Verdict::Refuse(refusal) => Err(refused(&refusal)),
        // With a session's id, none is opened and nothing is stateless.
        Verdict::Open | Verdict::Stateless(_) => Err(Box::new(Reply::failed(body))),
    }
}

/// What is said to a client's POST if there is no such session.
fn nobody(presented: &Presented, body: &[u8]) -> Reply {
    let id = match read(presented, body, Came::Passed) {
        Ok(Message::Request(request)) => Some(request.id),
        Ok(Message::Notification(_) | Message::Response(_)) => None,
        Err(reply) if matches!(*reply, Reply::Batch(_)) => None,
        Err(reply) => return *reply,
    };
    Reply::refused(&Refusal::no_such_session(id))
}
