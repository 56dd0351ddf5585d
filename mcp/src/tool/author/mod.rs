//! What a tool's author writes, and the server around it.
//!
//! A tool is a [`Definition`] and a function from a [`Call`] to a [`Reply`].
//! The function may be run again for the same call, with the answers the
//! client gave meanwhile: it keeps nothing in memory, asks by returning a
//! question, and finds the answer in the call the next time.
//!
//! ```
//! use mcp::tool::author::{Call, Definition, Failure, Reply, ToolServer};
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct Greet {
//!     /// Whom to greet.
//!     name: String,
//! }
//!
//! async fn greet(call: Call<Greet>) -> Result<Reply, Failure> {
//!     Ok(Reply::text(format!("Hello, {}!", call.arguments.name)))
//! }
//!
//! let server = ToolServer::new("hello", "1.0.0")
//!     .tool(Definition::new::<Greet>("greet", "Greets somebody."), greet);
//! ```

mod call;
mod definition;
mod reply;
mod serve;

pub use call::{Answer, Call, NoArguments};
pub use definition::Definition;
pub use reply::{Failure, Reply};
pub use serve::{Served, ToolServer};
