//! The limits of the protocol side, each with its name, unit and reason.

use std::time::Duration;

/// Largest body of a POST to the endpoint, in bytes. Clients send file contents
/// as arguments; 4 MiB is what comparable servers accept.
pub const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Largest message stored as one event, in bytes; the rest of the row is room
/// for its other columns.
pub const EVENT_BYTES_MAX: usize = 1_900_000;

/// Largest row, in bytes: Cloudflare, "Durable Objects: Limits" (read 2026-11).
pub const ROW_BYTES_MAX: usize = 2_000_000;

const _: () = assert!(EVENT_BYTES_MAX < ROW_BYTES_MAX);

/// Longest JSON-RPC id that is a string, in bytes.
pub const REQUEST_ID_BYTES_MAX: usize = 256;

/// Longest method name, in bytes.
pub const METHOD_BYTES_MAX: usize = 128;

/// Longest params of `initialize`, in bytes: they are kept with the session.
pub const INITIALIZE_BYTES_MAX: usize = 64 * 1024;
/// Most messages in one batch of 2025-03-26.
pub const BATCH_MESSAGES_MAX: usize = 50;

/// Most calls that run at once in one session.
pub const CALLS_IN_FLIGHT_MAX: usize = 32;

/// Most events a session keeps for replay, unless configured.
pub const EVENTS_KEPT_MAX: u64 = 1_000;

/// Most event bytes a session keeps for replay, unless configured.
pub const EVENT_BYTES_KEPT_MAX: u64 = 8 * 1024 * 1024;

/// How long a session keeps an event for replay, unless configured: a computer
/// that was asleep over a weekend finds what it missed.
pub const EVENTS_KEPT_AGE: Duration = Duration::from_hours(3 * 24);

/// How long a session lives without being used.
pub const SESSION_IDLE_MAX: Duration = Duration::from_hours(7 * 24);

/// How stale the stored time of last use may be. Writing it is a row, so it is
/// written seldom; a session therefore lives up to this much longer or shorter.
pub const SESSION_SEEN_STALE_MAX: Duration = Duration::from_hours(6);

/// How long a session over HTTP+SSE lives while nobody is attached to its
/// stream. The front Worker comes back for a broken socket within seconds; if
/// it went with its client, nobody does.
pub const HTTP_SSE_DETACHED_MAX: Duration = Duration::from_mins(1);

/// How long a handle of a stateless client lives without being used.
pub const HANDLE_IDLE_MAX: Duration = Duration::from_hours(24);

/// How stale the account's knowledge of a handle's use may be, as for sessions.
pub const HANDLE_SEEN_STALE_MAX: Duration = Duration::from_hours(6);

/// How long a tool Worker may be silent before its call is given up.
pub const TOOL_SILENCE_MAX: Duration = Duration::from_mins(5);

/// Largest answer of a tool Worker, in bytes; it must fit into one event.
pub const TOOL_ANSWER_BYTES_MAX: usize = EVENT_BYTES_MAX;

/// Largest state a tool may keep in a session or handle, in bytes.
pub const TOOL_STATE_BYTES_MAX: usize = 64 * 1024;

/// How long a session's client may take to answer a question: a person has to
/// see, think and type.
pub const QUESTION_LIFE: Duration = Duration::from_hours(1);
/// Most rounds of questions one call may ask.
pub const QUESTION_ROUNDS_MAX: u32 = 10;

/// Most questions one round may hold.
pub const QUESTIONS_MAX: usize = 16;
/// Most changes that one call may announce.
pub const CHANGES_MAX: usize = 64;
/// Most resources that one session or listening client subscribes to.
pub const SUBSCRIPTIONS_MAX: usize = 256;
/// Longest list of what a stateless client listens for, in bytes: it is kept
/// with its socket, where 16,384 fit.
pub const FILTER_BYTES_MAX: usize = 12 * 1024;
/// Longest URI that can be subscribed to, in bytes.
pub const URI_BYTES_MAX: usize = 2_048;
/// How long the answer to a question of a stateless client's tool is taken: a
/// person has to see, think and type.
pub const REQUEST_STATE_LIFE: Duration = Duration::from_hours(1);
/// Longest `requestState` we take back, in characters: a few long answers.
pub const REQUEST_STATE_CHARS_MAX: usize = 256 * 1024;
/// How long a task is kept after it was made, finished or not.
pub const TASK_LIFE: Duration = Duration::from_hours(24);
/// How often clients are asked to look after a task.
pub const TASK_POLL_INTERVAL: Duration = Duration::from_secs(1);
/// Most tasks that a session lists: the newest it made.
pub const TASKS_LISTED_MAX: u64 = 100;
/// How often a call is begun before it is given up: after a crash, it is begun
/// again if the tool says that this does no harm. It may be what crashed.
pub const CALL_TRIES_MAX: u32 = 3;
