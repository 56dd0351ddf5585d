//! What the author of a tool Worker writes with.
//!
//! A tool is a [`Tool`] and a function from a [`Call`] to a [`Reply`]. The
//! function may be run again for the same call, with the answers the client
//! gave meanwhile: it keeps nothing in memory, asks by returning a
//! [`Question`], and finds the answer in the call the next time. So the same
//! code serves clients with and without sessions. Prompts and resources are
//! written in the same way.
//!
//! ```
//! use schemars::JsonSchema;
//! use serde::Deserialize;
//! use toolkit::{Call, Failure, Reply, Server, Tool};
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
//! fn server() -> Server {
//!     Server::new("hello", "1.0.0").tool(Tool::new::<Greet>("greet", "Greets somebody."), greet)
//! }
//! ```
//!
//! The Worker around it is one function: [`fetch`]. When the client cancels a
//! call or leaves, the function's future is dropped at its next `.await`.

mod answer;
mod call;
mod completion;
mod definition;
mod made_once;
mod needs;
mod prompt;
mod question;
mod reply;
mod resource;
mod schema;
mod serve;
mod server;
mod spoken;
mod worker_entry;

pub use answer::Answer;
pub use call::{Call, NoArguments};
pub use completion::Completing;
pub use definition::Tool;
pub use prompt::{Prompt, PromptReply};
pub use question::Question;
pub use reply::{Failure, Reply};
pub use resource::{Resource, ResourceReply, ResourceTemplate, Variables};
pub use serve::{Called, Served};
pub use server::Server;
pub use worker_entry::fetch;

pub use mcp::log_level::LogLevel;
pub use mcp::principal::Principal;
pub use mcp::tool::Change;
pub use mcp::upstream::Upstream;
pub use rmcp::model;
