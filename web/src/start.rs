//! The start page: what this server is, and how to connect a client to it.

use askama::Template;

use crate::document::document;

/// `GET /`: a few lines about the server, its MCP endpoint, and commands to
/// copy for MCP Inspector, Claude Code, Cursor and VS Code.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "start.html")]
pub struct StartPage {
    /// The public origin from the configuration, such as
    /// `https://mcp.example.com`.
    pub origin: String,
    /// The address of the MCP endpoint from the configuration, as the `url`
    /// crate writes it, so that it needs no quoting in JSON or in a shell.
    pub mcp_url: String,
    /// Whether anybody may use the server, without a login.
    pub public: bool,
    /// The version of this software.
    pub version: String,
}

impl StartPage {
    /// The page as an HTML document.
    pub fn render(&self) -> String {
        document(self)
    }
}
