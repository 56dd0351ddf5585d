//! One request about something of a tool Worker, in whatever state it needs.

use std::rc::Rc;

use mcp::handle::Handle;
use mcp::principal::Principal;
use mcp::revision::Revision;
use mcp::tool::catalog::Entry;
use mcp::tool::{Aid, Invocation};
use mcp::upstream::Lent;
use serde_json::Value;
use worker::{AbortSignal, Env, Error, Method, Result};

use super::answer::ToolAnswer;
use super::{asking, linked};
use crate::handle::{self, HandleCall};
use crate::hop::{self, Hop, Load};
use crate::{account, keys, random};

/// Who calls, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// The user and the client.
    pub principal: &'a Principal,
    /// The session's id; none for stateless calls.
    pub session: Option<&'a str>,
    /// The present value of the session's own state, for a tool that has one.
    pub session_state: Option<&'a Value>,
    /// Tells when the caller has left, for a call that is theirs alone
    /// (M-CANC-01).
    pub left: Option<&'a AbortSignal>,
}

/// Calls a tool, or asks for a prompt, a resource or a completion: directly, or
/// through the object of the handle that a tool's call is about.
pub async fn call(
    env: &Env,
    entry: &Entry,
    invocation: &Rc<Invocation>,
    caller: Caller<'_>,
) -> Result<ToolAnswer> {
    let about = about(env, entry, invocation, caller)?;
    if matches!(about, About::Unknown) {
        return Ok(ToolAnswer::Whole(handle::unknown()));
    }
    let upstream = match acts_at(entry, caller.principal) {
        // In a box, since nearly no call needs its room.
        Some(provider) => Box::pin(account::lent(env, &caller.principal.ledger, provider)).await?,
        None => None,
    };
    let About::Handle(handle, family, mints) = about else {
        return direct(env, entry, invocation, caller, upstream).await;
    };
    let tells = entry.contract.principal;
    let call = HandleCall {
        entry_worker: entry.worker.clone(),
        family,
        handle: handle.as_str().to_owned(),
        name: handle.name().to_owned(),
        mints_for: mints.then(|| caller.principal.ledger.clone()),
        principal: tells.then(|| caller.principal.clone()),
        session: caller.session.filter(|_| tells).map(str::to_owned),
        upstream,
        invocation: Rc::clone(invocation),
    };
    handle::send(env, &handle, &call, caller.left).await
}

/// Which state a call is about.
enum About {
    /// None, or the session's own.
    Nothing,
    /// That of a handle of this family, which may begin with the call.
    Handle(Handle, String, bool),
    /// That of a handle which is none, or somebody else's.
    Unknown,
}

fn about(env: &Env, entry: &Entry, invocation: &Invocation, caller: Caller<'_>) -> Result<About> {
    let Some(state) = &entry.contract.state else {
        return Ok(About::Nothing);
    };
    let (key, account) = (keys::names(env)?, &caller.principal.account);
    let family = state.family.clone();
    if state.mints {
        let handle = Handle::mint(&key, account, random::bytes()?);
        return Ok(About::Handle(handle, family, true));
    }
    let named = state.argument.as_deref();
    let Some(named) = named.and_then(|name| invocation.text_argument(name)) else {
        return Ok(About::Nothing);
    };
    Ok(match Handle::verify(&key, account, &named) {
        Some(handle) => About::Handle(handle, family, false),
        None => About::Unknown,
    })
}

/// The login provider at which what is called acts for the caller: if it names the
/// permission for that, the caller's token has it, and the caller logged in there.
fn acts_at<'a>(entry: &'a Entry, principal: &Principal) -> Option<&'a str> {
    let permission = entry.contract.permission.as_ref()?;
    let provider = permission.upstream()?;
    let allowed = principal.scopes.iter().any(|it| it == permission.as_str());
    (allowed && principal.provider == provider).then_some(provider)
}

async fn direct(
    env: &Env,
    entry: &Entry,
    invocation: &Rc<Invocation>,
    caller: Caller<'_>,
    upstream: Option<Lent>,
) -> Result<ToolAnswer> {
    let aid = Aid {
        state: caller.session_state,
        handle: None,
        principal: entry.contract.principal.then_some(caller.principal),
        session: caller.session.filter(|_| entry.contract.principal),
        upstream: upstream.as_ref(),
    };
    if linked::is_linked(&entry.worker) {
        // In a box, since calls of other tools do not need its room.
        let calling = Box::pin(linked::call(&entry.worker, invocation, &aid, caller.left));
        return calling.await.map_err(|why| failed(&entry.worker, &why));
    }
    let body = invocation.request(&aid);
    let target = &invocation.target;
    let sent = Sent {
        method: target.method(),
        name: target.header(),
        body,
    };
    send(env, &entry.worker, sent, caller.left).await
}

/// A request for a tool Worker.
#[derive(Debug)]
pub struct Sent<'a> {
    /// The method.
    pub method: &'a str,
    /// What `Mcp-Name` says.
    pub name: Option<&'a str>,
    /// The request.
    pub body: String,
}

/// Sends a request to the tool Worker of that binding, or to the linked tools of that
/// name.
pub async fn send(
    env: &Env,
    worker: &str,
    sent: Sent<'_>,
    left: Option<&AbortSignal>,
) -> Result<ToolAnswer> {
    if linked::is_linked(worker) {
        // In a box, since calls of other tools do not need its room.
        let answering = Box::pin(linked::answer(worker, &sent, left));
        return answering.await.map_err(|why| failed(worker, &why));
    }
    let name = sent.name.map(mcp::era::encode_value);
    let mut fields = vec![
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
        ("mcp-protocol-version", Revision::MODERN.as_str()),
        ("mcp-method", sent.method),
    ];
    fields.extend(name.as_deref().map(|name| ("mcp-name", name)));
    let hop = Hop {
        method: Method::Post,
        url: "https://tools/mcp",
        fields: &fields,
        body: Some(Load::Bytes(sent.body.as_bytes())),
        signal: None,
    };
    asking::answer(&hop::service(env, worker)?, &hop, left)
        .await
        .map_err(|why| failed(worker, &why))
}

fn failed(worker: &str, why: &Error) -> Error {
    Error::RustError(format!("the tools of {worker} failed: {why}"))
}
