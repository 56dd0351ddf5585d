//! The opening of a session: whether the caller's grant still stands, and one
//! call of the quota; then the session is counted and its record kept, which its object
//! comes for. All of it is one hop and two rows. And its end, where the user asks for it.

use platform::account::{Held, Kind, Opening};
use platform::quota::{Asked, Given};
use platform::{json, session};
use quota::Ask;
use serde_json::value::RawValue;
use worker::{Env, Request, Response, Result, State};

use super::held::{self, AtMost};
use super::index::Index;
use super::quota::{self as ledger, Counter};
use super::{grants, sweep};

/// `POST /sessions/open`. A refusal changes nothing: no session gives way to one
/// that is not opened.
pub(super) async fn open(
    state: &State,
    env: &Env,
    counter: &Counter,
    at_most: &AtMost,
    mut request: Request,
) -> Result<Response> {
    let opening: Opening = json::asked(&mut request).await?;
    let one = Asked {
        want: Some(Ask::one()),
        grant: opening.grant.clone(),
        account: opening.account,
        ..Asked::default()
    };
    let given = ledger::settle_under(state, env, counter, one).await?;
    if matches!(given, Some(Given::Lease(_))) {
        let session = Held {
            kind: Kind::Session,
            name: opening.name,
        };
        let told = (opening.grant.as_ref(), opening.record.get());
        held::keep_session(state, env, at_most, &session, told)?;
    }
    sweep::later(state).await?;
    Response::from_json(&given)
}

/// `POST /sessions/record`: what a session began with, for its object. One whose grant
/// has ended is about to be told so, and does not come back meanwhile.
pub(super) async fn record(state: &State, mut request: Request) -> Result<Response> {
    let name: String = json::asked(&mut request).await?;
    let kept = Index::of(state.storage().sql()).record(&name)?;
    let record = match kept {
        Some((grant, record)) if !grants::has_ended(state, grant.as_ref())? => {
            Some(RawValue::from_string(record)?)
        }
        _ => None,
    };
    Response::from_json(&record)
}

/// `POST /sessions/end`: ends a session of this account. A name that the account
/// does not know is nobody's, or somebody else's, and nothing happens.
pub(super) async fn end(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let name: String = json::asked(&mut request).await?;
    let index = Index::of(state.storage().sql());
    let kind = Kind::Session;
    let held = Held { kind, name };
    if index.has(&held)? {
        index.forget_record(&held)?;
        session::end(env, &held.name).await?;
        index.remove(&held)?;
    }
    sweep::later(state).await?;
    Response::empty()
}
