//! The consumer of the queue of records.

use std::time::Duration;

use audit::{Batch, append};
use jiff::SignedDuration;
use platform::{clock, records};
use worker::{
    Env, MessageBatch, MessageExt, QueueRetryOptionsBuilder, RawMessage, Result, console_error,
};

use crate::app::App;
use crate::store::records::Records;

/// After how long a message is delivered again that could not be appended.
const AGAIN_AFTER: Duration = Duration::from_secs(5);
/// How long a message may wait in the queue, which gives up one that was delivered too
/// often (`max_retries` in `wrangler.toml`): then an account keeps it for a while, and
/// it begins anew.
const QUEUED_MAX: SignedDuration = SignedDuration::from_mins(5);

/// Appends what has come. What cannot be appended comes again; what came before counts
/// once.
pub(crate) async fn consume(messages: &MessageBatch<String>, env: &Env) -> Result<()> {
    let app = App::for_events(env)?;
    let (mut come, mut batches) = (Vec::new(), Vec::new());
    for message in messages.raw_iter() {
        if let Some(batch) = read(&message) {
            come.push(message);
            batches.push(batch);
        } else {
            // A newer version wrote it, or nobody of ours.
            console_error!("a message of the queue is no batch of records");
            again(&message);
        }
    }
    let tables = Records::of(env)?;
    if appended(&app, &tables, &batches).await {
        for message in &come {
            message.ack();
        }
        return Ok(());
    }
    // One of them may be the reason.
    for (message, batch) in come.iter().zip(&batches) {
        if appended(&app, &tables, std::slice::from_ref(batch)).await
            || set_aside(env, message, batch).await
        {
            message.ack();
        } else {
            again(message);
        }
    }
    Ok(())
}

async fn appended(app: &App, tables: &Records, batches: &[Batch]) -> bool {
    match append(tables, batches, app.config.audited, clock::now()).await {
        Ok(_) => true,
        Err(error) => {
            console_error!("appending records: {error}");
            false
        }
    }
}

/// Whether an account keeps it, so that the queue may forget it.
async fn set_aside(env: &Env, message: &RawMessage, batch: &Batch) -> bool {
    let sent = i64::try_from(message.timestamp().as_millis()).unwrap_or(i64::MAX);
    let waited = SignedDuration::from_millis(clock::now().as_millisecond().saturating_sub(sent));
    if waited < QUEUED_MAX {
        return false;
    }
    match records::keep(env, batch).await {
        Ok(()) => true,
        Err(error) => {
            console_error!("setting records aside: {error}");
            false
        }
    }
}

fn read(message: &RawMessage) -> Option<Batch> {
    let text = message.body().as_string()?;
    serde_json::from_str(&text).ok()
}

fn again(message: &RawMessage) {
    let seconds = u32::try_from(AGAIN_AFTER.as_secs()).unwrap_or(u32::MAX);
    let options = QueueRetryOptionsBuilder::new().with_delay_seconds(seconds);
    message.retry_with_options(&options.build());
}
