//! A message of the client's: how it came, whether it may be, and what it costs.

use std::rc::Rc;

use http::Request;
use mcp::envelope::{self, Body, Message};
use mcp::era::{self, SessionClaim, Verdict};
use mcp::revision::Revision;
use mcp::session::{Input, Session};
use mcp::tool::Target;
use platform::body::Sent;
use platform::quota::{Admission, Spender, admit, cost_of};
use platform::records::{self, Refused};
use platform::session::{Presented, wire};
use platform::{body, tools};
use quota::{Cost, Mark};
use worker::Result;
use worker::web_sys::Response;

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
    /// Answers a message of the client's.
    pub(super) async fn message(
        self: &Rc<Self>,
        sent: Request<Sent>,
        came: Came,
    ) -> Result<Response> {
        let presented = self.presented(&sent)?;
        let version = match came {
            Came::Passed => super::field(&sent, wire::VERSION).map(str::to_owned),
            Came::HttpSse | Came::Batched => None,
        };
        let headers = era::Headers {
            version: version.as_deref(),
            session: SessionClaim::Genuine,
            ..era::Headers::default()
        };
        let body = body::of_object(sent.into_body()).await?;
        #[cfg(feature = "faults")]
        platform::panics::panic_if_asked("object", &body);
        if came == Came::Batched
            && self.with(|session| session.record().revision)? != Revision::V20250326
        {
            return Reply::refused(&era::batch_refused()).into_response(None);
        }
        let message = match envelope::read(&body) {
            Ok(Body::One(message)) => message,
            Ok(Body::Array) => {
                let is_passed = came == Came::Passed;
                let reply = if is_passed && matches!(era::array(headers), Verdict::Session) {
                    Reply::Batch
                } else {
                    Reply::refused(&era::batch_refused())
                };
                return reply.into_response(None);
            }
            Err(malformed) => {
                return Reply::refused(&era::Refusal::malformed(malformed)).into_response(None);
            }
        };
        // What came in another way was judged by the front Worker.
        if came == Came::Passed {
            match era::message(headers, &message) {
                Verdict::Session => {}
                Verdict::Ignore => return Reply::Accepted.into_response(None),
                Verdict::Refuse(refusal) => return Reply::refused(&refusal).into_response(None),
                Verdict::Open | Verdict::Stateless(_) => {
                    return Err(worker::Error::RustError("a message for no session".into()));
                }
            }
        }
        let reply = match message {
            Message::Request(request) => return self.request(request, &presented).await,
            Message::Notification(notification) => {
                self.happened(Input::Notification(notification)).await?
            }
            Message::Response(response) => self.happened(Input::Response(response)).await?,
        };
        reply.into_response(None)
    }

    /// What a message came with.
    fn presented(&self, sent: &Request<Sent>) -> Result<Rc<Presented>> {
        let Some(field) = super::field(sent, wire::PRESENTED) else {
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
            return self.asked(request, presented).await?.into_response(None);
        }
        let Presented {
            grant,
            allowance,
            via,
        } = presented;
        let target = Target::named(&request.method, request.params);
        let known = match &target {
            Some(target) => tools::known(&self.env, target).await?,
            None => None,
        };
        let about = target.as_ref().zip(known.as_deref());
        let judged = Judged::of(about, allowance);
        let principal = self.with(|session| session.record().principal.clone())?;
        let refused = |why| records::refused(&self.env, &principal, via, &request.method, why);
        if let Judged::Lacks(permission, target) = judged {
            refused(Refused::Permission(&permission, &target));
            return Reply::Lacks(permission).into_response(None);
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
            return Reply::GrantEnded.into_response(None);
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
            return reply.into_response(Some(&told));
        }
        reply.into_response(Some(&admission))
    }
}
