//! The demo tools: one of each kind, to try a server with.

mod ask;
mod count;
mod echo;
mod note;
mod progress;
mod whoami;

use toolkit::Server;

/// All of them.
pub fn server() -> Server {
    Server::new("sessile-demo-tools", env!("CARGO_PKG_VERSION"))
        .tool(echo::definition(), echo::echo)
        .tool(count::definition(), count::count)
        .tool(count::start_definition(), count::start)
        .tool(progress::definition(), progress::progress)
        .tool(ask::definition(), ask::ask)
        .tool(whoami::definition(), whoami::whoami)
        .permission(note::READ, "Read your notes")
        .permission(note::WRITE, "Write notes")
        .tool(note::read_definition(), note::read)
        .tool(note::write_definition(), note::write)
}
