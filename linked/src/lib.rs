//! The tools that are linked into the server.
//!
//! A tool Worker is an isolate of its own, and the way to it costs each call about half
//! of what the platform takes for the whole of it (`docs/performance.md`). What is
//! linked is called where the call is: in the session's object, in the front Worker. So
//! it shares their memory and their CPU time. A panic costs the call alone, as in a
//! Worker of its own; who loops or takes all memory takes down what else is in the
//! isolate. Link what is trusted like the server itself.
//!
//! To link tools: put them into a library that makes their server in a public function,
//! as `tools/demo` does, add it to [`servers`], and name it in `TOOL_WORKERS` as
//! `linked:` and its name.

use toolkit::Server;

/// How a server is made.
pub type Make = fn() -> Server;

/// All that is linked, by name.
pub fn servers() -> [(&'static str, Make); 1] {
    [("demo", demo_tools::server)]
}
