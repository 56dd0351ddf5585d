//! The opening of a session: whether the caller's grant still stands, and one
//! call of the quota; then the session is counted. All of it is one hop.

use oauth::grant::GrantId;
use serde::{Deserialize, Serialize};
use worker::{Env, Request, Response, Result, State};

use super::index::{Held, Kind};
use super::{held, quota, sweep};
use crate::quota::{Asked, Given};

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
    let opening: Opening = request.json().await?;
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
