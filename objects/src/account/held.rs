//! What an account holds, told by what it holds: something began, was used, is
//! over, or is gone. What has to give way is ended from here.

use std::cell::Cell;

use oauth::grant::GrantId;
use platform::account::{Held, Kind};
use platform::limits::{self, PerUser};
use platform::{clock, handle, json, session, task};
use worker::{Env, Request, Response, Result, SqlStorage, State, console_error};

use super::index::Index;
use super::{ended, sweep};

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

/// How many sessions there are at most, so that they are not counted for each one that is
/// opened; none while nobody has counted them. Sessions that end leave it as it is.
#[derive(Debug, Default)]
pub(super) struct AtMost(Cell<Option<usize>>);

/// Keeps a session, which ends with its grant, and ends what gives way to it.
pub(super) fn keep_session(
    state: &State,
    env: &Env,
    at_most: &AtMost,
    session: &Held,
    (grant, record): (Option<&GrantId>, &str),
) -> Result<()> {
    let (max, index) = (most(session.kind).of(env)?, index(state));
    // What breaks off leaves nothing that was counted.
    let before = at_most.0.take();
    index.add_session(session, grant, record, clock::now())?;
    let mut count = before.map(|before| before.saturating_add(1));
    if count.is_none_or(|count| count > max) {
        make_way(state, env, session.kind, index.give_way(session, max)?);
        count = usize::try_from(index.count(session.kind)?).ok();
    }
    at_most.0.set(count);
    Ok(())
}

fn make_way(state: &State, env: &Env, kind: Kind, given_way: Vec<String>) {
    if given_way.is_empty() {
        return;
    }
    let (env, index, storage) = (env.clone(), index(state), state.storage());
    state.wait_until(async move {
        let given_way = given_way.into_iter().map(|name| Held { kind, name });
        if !tell_of_giving_way(&env, &index, given_way).await
            && let Err(error) =
                sweep::not_after(&storage, Some(clock::now() + ended::AGAIN_AFTER)).await
        {
            console_error!("telling it again: {error}"); // with the next sweep of the day
        }
    });
}

/// Ends what gave way; whether all of it could be told.
pub(super) async fn tell_of_giving_way(
    env: &Env,
    index: &Index<SqlStorage>,
    given_way: impl IntoIterator<Item = Held>,
) -> bool {
    let mut all = true;
    for held in given_way {
        let ended = end(env, held.kind, &held.name).await;
        if let Err(error) = ended.and_then(|()| index.was_told(&held)) {
            console_error!("ending a {:?} that gave way: {error}", held.kind);
            all = false;
        }
    }
    all
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
