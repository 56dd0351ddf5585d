//! Sessions whose grant has ended, for whatever reason: they end, too.
//!
//! A grant and the sessions that were opened with it are rows of one object. So
//! each session was either counted before the grant ended, and is found here, or
//! asks after it, and is not opened.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use worker::{Env, Result, State, console_error};

use super::index::{Held, Index};
use crate::session;

/// When it is looked again whether all of them have ended: whoever ends them may
/// be gone before.
pub(super) const AGAIN_AFTER: Duration = Duration::from_mins(1);

/// Sessions that are told at the same time.
const TOLD_AT_ONCE_MAX: usize = 16;

/// Ends sessions whose grant is gone, behind the answer at hand. The table of
/// grants has to be there.
pub(super) async fn later(state: &State, env: &Env) -> Result<()> {
    let index = Index::of(state.storage().sql());
    let orphans = index.sessions_without_grant()?;
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

/// Ends them now; whether none is left.
pub(super) async fn now(state: &State, env: &Env) -> Result<bool> {
    let index = Index::of(state.storage().sql());
    let orphans = index.sessions_without_grant()?;
    end(env, &index, orphans).await;
    Ok(index.sessions_without_grant()?.is_empty())
}

/// A row goes when its session has ended: until then it is found again.
async fn end(env: &Env, index: &Index<worker::SqlStorage>, orphans: Vec<Held>) {
    let told = stream::iter(orphans).map(|held| async move {
        let ended = session::end(env, &held.name).await;
        if let Err(error) = ended.and_then(|()| index.remove(&held)) {
            console_error!("ending a session whose grant has ended: {error}");
        }
    });
    told.buffer_unordered(TOLD_AT_ONCE_MAX)
        .collect::<()>()
        .await;
}
