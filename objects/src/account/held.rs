//! What an account holds, told by what it holds: something began, was used, is
//! over, or is gone. What has to give way is ended from here.

use oauth::grant::GrantId;
use platform::account::{Held, Kind};
use platform::limits::{self, PerUser};
use platform::{clock, handle, json, session, task};
use worker::{Env, Request, Response, Result, SqlStorage, State, console_error};

use super::index::Index;
use super::sweep;

/// `POST /held/add`: something is about to begin.
pub(super) async fn add(state: &State, env: &Env, mut request: Request) -> Result<Response> {
    let held: Held = json::asked(&mut request).await?;
    count(state, env, &held)?;
    sweep::later(state).await?;
    Response::empty()
}

/// `POST /held/used`: it was used, as often as it notes that.
pub(super) async fn used(state: &State, mut request: Request) -> Result<Response> {
    let held: Held = json::asked(&mut request).await?;
    index(state).note_use(&held, clock::now())?;
    Response::empty()
}

/// `POST /held/over`: it is over, and kept only for who asks how it ended.
pub(super) async fn over(state: &State, mut request: Request) -> Result<Response> {
    let held: Held = json::asked(&mut request).await?;
    index(state).note_end(&held)?;
    Response::empty()
}

/// `POST /held/gone`: it is gone, and does not count any more.
pub(super) async fn gone(state: &State, mut request: Request) -> Result<Response> {
    let held: Held = json::asked(&mut request).await?;
    index(state).remove(&held)?;
    Response::empty()
}

/// Counts something new, and ends what gives way to it.
fn count(state: &State, env: &Env, held: &Held) -> Result<()> {
    let max = most(held.kind).of(env)?;
    let given_way = index(state).add(held, clock::now(), max)?;
    make_way(state, env, held.kind, given_way);
    Ok(())
}

/// The same for a session, which ends with its grant.
pub(super) fn count_session(
    state: &State,
    env: &Env,
    session: &Held,
    grant: Option<&GrantId>,
) -> Result<()> {
    let max = most(session.kind).of(env)?;
    let given_way = index(state).add_session(session, grant, clock::now(), max)?;
    make_way(state, env, session.kind, given_way);
    Ok(())
}

fn make_way(state: &State, env: &Env, kind: Kind, given_way: Vec<String>) {
    if given_way.is_empty() {
        return;
    }
    let env = env.clone();
    state.wait_until(async move {
        for name in given_way {
            if let Err(error) = end(&env, kind, &name).await {
                console_error!("ending a {kind:?} that gave way: {error}");
            }
        }
    });
}

fn most(kind: Kind) -> PerUser {
    match kind {
        Kind::Session => limits::SESSIONS,
        Kind::Handle => limits::HANDLES,
        Kind::Task => limits::TASKS,
    }
}

async fn end(env: &Env, kind: Kind, name: &str) -> Result<()> {
    match kind {
        Kind::Session => session::end(env, name).await,
        Kind::Handle => handle::give_way(env, name).await,
        Kind::Task => task::give_way(env, name).await,
    }
}

fn index(state: &State) -> Index<SqlStorage> {
    Index::of(state.storage().sql())
}
