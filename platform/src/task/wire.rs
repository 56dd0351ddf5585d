//! What the front Worker and a task's object say to each other.
//!
//! Every request goes to `https://task` and one of these paths. A task that is
//! unknown or forgotten is a 404.

/// `POST` a [`mcp::task::Record`]; 204 once the task is durable.
pub const CREATE: &str = "/create";
/// `GET`; 200 with the [`mcp::task::Record`].
pub const GET: &str = "/get";
/// `POST` answers by key; 204.
pub const UPDATE: &str = "/update";
/// `POST`; 204.
pub const CANCEL: &str = "/cancel";
/// `GET`; 101 with a socket, over which the task comes as JSON whenever it
/// changes, as `tasks/get` shows it to stateless clients.
pub const LISTEN: &str = "/listen";

/// `POST`, from the account that pays for it: the task gives way to a newer one;
/// 204, also if there is none.
pub const GIVE_WAY: &str = "/give-way";

/// The binding of these objects.
pub const TASKS: &str = "TASKS";
