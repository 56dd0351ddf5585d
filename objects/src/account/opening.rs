//! The opening of a session: whether the caller's grant still stands, and one
//! call of the quota; then the session is counted. All of it is one hop. And its
//! end, where the user asks for it.

use platform::account::{Held, Kind, Opening};
use platform::quota::{Asked, Given};
use platform::{json, session};
use quota::Ask;
use worker::{Env, Request, Response, Result, State};

use super::index::Index;
use super::quota::{self as ledger, Counter};
use super::{held, sweep};

/// `POST /sessions/open`. A refusal changes nothing: no session gives way to one
/// that is not opened.
pub(super) async fn open(
    state: &State,
    env: &Env,
    counter: &Counter,
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
        held::count_session(state, env, &session, opening.grant.as_ref())?;
    }
    sweep::later(state).await?;
    Response::from_json(&given)
}

/// `POST /sessions/end`: ends a session of this account. A name that the account
/// does not know is nobody's, or somebody else's, and nothing happens.
pub(super) async fn end(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let name: String = json::asked(&mut request).await?;
    let index = Index::of(state.storage().sql());
    let kind = Kind::Session;
    let held = Held { kind, name };
    if index.has(&held)? {
        session::end(env, &held.name).await?;
        index.remove(&held)?;
    }
    sweep::later(state).await?;
    Response::empty()
}
