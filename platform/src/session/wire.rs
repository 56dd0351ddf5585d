//! What the front Worker and a session's object say to each other.
//!
//! Every request goes to `https://session` and one of these paths. Answers:
//! 200 with JSON, 202, [`BEGUN`], [`CANCELLED`], [`BATCH`], 101 with a socket of [`mcp::bridge`] frames,
//! 400, 403 with [`LACKS`], 410, 429 or 500 with a JSON-RPC error, 401 when the grant has ended, or 404
//! when the session has, which to [`PASSED`] comes with a JSON-RPC error as well.
//!
//! A stream takes two requests, because a request that may be answered with a
//! socket carries no body on this platform: the message is answered with the
//! place where its stream begins, and [`ATTACH`] attaches to it there. So a
//! stream begins in the same way as it is taken up again.

/// `POST`: the body of a client's POST, as it was sent; it is judged here. The answer goes
/// to the client as it is, if it is none of those that have a meaning of their own.
pub const PASSED: &str = "/passed";
/// The answer to a batch, with all of it: its messages are to be sent one by one.
pub const BATCH: u16 = 207;
/// `POST`: one message that came over HTTP+SSE. The stream may stay open as long as the
/// message's token is good.
pub const MESSAGE: &str = "/message";
/// The field of a message with a [`super::Presented`], as it writes itself. The message
/// is answered with 401 if the grant has ended, as far as it was asked.
pub const PRESENTED: &str = "sessile-presented";
/// The field of a 403 with the permission that the token lacks; nothing was done.
pub const LACKS: &str = "sessile-lacks";
/// `POST`: one message out of a batch, which only 2025-03-26 knows.
pub const BATCHED: &str = "/batched";
/// `GET`: the standalone stream, or with [`LAST_EVENT_ID`] what was missed.
pub const LISTEN: &str = "/listen";
/// `GET`: as [`LISTEN`], for a front Worker that comes for a stream that has
/// begun, or whose socket broke.
pub const ATTACH: &str = "/attach";
/// `POST`: a [`mcp::tool::Change`] that the session wants to be told of; 204.
pub const CHANGED: &str = "/changed";
/// `POST`, from the account: the [`quota::Revision`] of its policies that holds now; 204.
pub const POLICY: &str = "/policy";
/// `GET`: the object's [`super::Diagnostics`]; 200. For the operator only.
pub const DIAGNOSTICS: &str = "/diagnostics";
/// `DELETE`: ends the session; 204.
pub const END: &str = "/end";
/// `POST`, from the account: ends the session, also one that stored nothing; 204.
pub const GIVE_WAY: &str = "/give-way";

/// The answer to a message whose stream has begun.
pub const BEGUN: u16 = 205;
/// The field of that answer with the id of the place where the stream begins.
pub const BEGINS_AT: &str = "sessile-begins-at";
/// The field that says whether the client is told that place: `1` or `0`.
pub const PRIMED: &str = "sessile-primed";

/// The answer to a request that was cancelled before anything was said of it:
/// a stream that ends without a response.
pub const CANCELLED: u16 = 206;

/// The client's header of that name.
pub const LAST_EVENT_ID: &str = "last-event-id";

/// The binding of these objects.
pub const SESSIONS: &str = "SESSIONS";
