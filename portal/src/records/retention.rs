//! The daily forgetting.

use platform::clock;
use worker::{Env, Result, console_error};

use crate::app::App;
use crate::store::records::Records;

/// Most steps of one day: with `audit::RETENTION_ROWS_MAX` rows each, 400,000 rows.
const STEPS_MAX: u32 = 200;

/// Forgets what is older than the configuration says.
pub(crate) async fn forget(env: &Env) -> Result<()> {
    let app = App::for_events(env)?;
    let tables = Records::of(env)?;
    for _ in 0..STEPS_MAX {
        if !audit::forget(&tables, app.config.retention, clock::now()).await? {
            return Ok(());
        }
    }
    console_error!("more is too old than a day can forget");
    Ok(())
}
