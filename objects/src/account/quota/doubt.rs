//! Permits of which the account does not know whether their calls still run, because it
//! was made anew: often whoever held them died with it. Whoever holds some is asked, as
//! soon as somebody has to wait for one.

use std::cell::RefCell;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::select;
use futures_util::{StreamExt, stream};
use platform::clock;
use platform::quota::held_by;
use quota::Policies;
use worker::{Delay, Env, Result, State, console_error};

use super::{Counter, with_ledger};

/// How many are asked at the same time.
const ASKED_AT_ONCE_MAX: usize = 16;
/// How long all of them may take: whoever asks stands in line meanwhile.
const ASKING_MAX: Duration = Duration::from_secs(2);

/// Takes back the permits that nobody has any more; whether there were some. Those of a
/// holder that does not answer, or waits for an answer itself, lapse in time.
pub(super) async fn settle(
    state: &State,
    env: &Env,
    counter: &Counter,
    policies: &Policies,
) -> Result<bool> {
    let in_doubt = counter.in_doubt.take();
    if in_doubt.is_empty() {
        return Ok(false);
    }
    let free = RefCell::new(Vec::new());
    let asking =
        stream::iter(in_doubt).for_each_concurrent(ASKED_AT_ONCE_MAX, async |(holder, mut out)| {
            match held_by(env, &holder).await {
                Ok(said) if !said.asking => {
                    out.retain(|number| !said.held.contains(number));
                    free.borrow_mut().append(&mut out);
                }
                Ok(_) => {}
                Err(error) => console_error!("asking who holds permits: {error}"),
            }
        });
    select(pin!(asking), Delay::from(ASKING_MAX)).await;
    let free = free.take();
    with_ledger(state, counter, |ledger| {
        let ended = ledger.end(policies, clock::now(), &free);
        (ended > 0, ended > 0)
    })
}
