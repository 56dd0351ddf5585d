//! What ends with a grant, however that ended: the sessions that were opened
//! with it, and the sockets of those who watch it. With an account that is
//! disabled all of its sessions end, and its tasks are erased.
//!
//! A grant and what hangs on it are rows and sockets of one object. So each was
//! either there before the grant ended, and is found here, or comes after it, and
//! is refused.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use platform::account::{Held, Kind};
use platform::{clock, session, task};
use worker::{Env, Result, SqlStorage, State, console_error};

use super::index::Index;
use super::{disabled, grants, watch};

/// When it is looked again whether all of them have ended: whoever ends them may
/// be gone before.
pub(super) const AGAIN_AFTER: Duration = Duration::from_mins(1);

/// How many of them are told at the same time.
const TOLD_AT_ONCE_MAX: usize = 16;

/// Ends what has no grant any more: what others have to be told of, behind the
/// answer at hand.
pub(super) async fn later(state: &State, env: &Env) -> Result<()> {
    let orphans = found(state)?;
    if orphans.is_empty() {
        return Ok(());
    }
    // Stored together with the end of the grant: nothing was waited for since.
    state.storage().set_alarm(AGAIN_AFTER).await?;
    let (env, sql) = (env.clone(), state.storage().sql());
    state.wait_until(async move {
        end(&env, &Index::of(sql), orphans).await;
    });
    Ok(())
}

/// The same, before the answer; whether nothing is left.
pub(super) async fn now(state: &State, env: &Env) -> Result<bool> {
    let orphans = found(state)?;
    if orphans.is_empty() {
        return Ok(true);
    }
    state.storage().set_alarm(AGAIN_AFTER).await?;
    let index = Index::of(state.storage().sql());
    end(env, &index, orphans).await;
    Ok(found(state)?.is_empty())
}

/// Sessions without their grant, and all that acts in a disabled account; sockets are
/// closed at once.
fn found(state: &State) -> Result<Vec<Held>> {
    watch::close_ended(state)?;
    grants::rows(state)?; // The tables are compared.
    let sql = state.storage().sql();
    if disabled::since(&sql)?.is_some() {
        return Index::of(sql).acting();
    }
    Index::of(sql).sessions_without_grant(clock::now())
}

/// A row goes when what it stands for has ended: until then it is found again.
async fn end(env: &Env, index: &Index<SqlStorage>, orphans: Vec<Held>) {
    let told = stream::iter(orphans).map(|held| async move {
        let ended = match held.kind {
            Kind::Session => session::end(env, &held.name).await,
            Kind::Handle => Ok(()), // It does nothing by itself.
            Kind::Task => task::give_way(env, &held.name).await,
        };
        if let Err(error) = ended.and_then(|()| index.remove(&held)) {
            console_error!("ending what has no grant any more: {error}");
        }
    });
    told.buffer_unordered(TOLD_AT_ONCE_MAX)
        .collect::<()>()
        .await;
}
