//! The opening of a session: whether the caller's grant still stands, and one
//! call of the quota; then the session is counted. All of it is one hop. And its
//! end, where the user asks for it.

use oauth::grant::GrantId;
use serde::{Deserialize, Serialize};
use worker::{Env, Request, Response, Result, State};

use super::index::{Held, Index, Kind};
use super::{held, quota, sweep};
use crate::quota::{Asked, Given};
use crate::{json, session};

/// A session that is about to be opened.
#[derive(Debug, Serialize, Deserialize)]
pub struct Opening {
    /// The name of its object.
    pub name: String,
    /// What the caller's token comes from; none without a token.
    pub grant: Option<GrantId>,
}

/// `POST /sessions/open`. A refusal changes nothing: no session gives way to one
/// that is not opened.
pub(super) async fn open(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let opening: Opening = json::asked(&mut request).await?;
    let one = Asked {
        unused: Vec::new(),
        want: Some(1),
        grant: opening.grant.clone(),
    };
    let given = quota::settle_under(state, env, one)?;
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
