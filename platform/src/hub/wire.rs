//! What is said to a hub.
//!
//! Every request goes to `https://hub` and one of these paths.

use std::collections::BTreeSet;

use mcp::tool::Change;
use serde::{Deserialize, Serialize};

/// `POST` a list of [`Change`]s; 204 once listening sockets were told. Sessions
/// are told afterwards.
pub const PUBLISH: &str = "/publish";
/// `POST` a [`Subscriber`]; 204.
pub const SUBSCRIBE: &str = "/subscribe";
/// `POST` the name of a session that has ended; 204.
pub const UNSUBSCRIBE: &str = "/unsubscribe";
/// `GET` with a [`Wanted`] in the field [`WANTED`] and who pays in [`PAYER`]; 101
/// with a socket, over which each change comes as JSON.
pub const LISTEN: &str = "/listen";
/// The field with what a listener wants.
pub const WANTED: &str = "sessile-wanted";

/// The field with the account that pays for a listener, of which it may have so
/// many; also those without a token have one each, by their address.
pub const PAYER: &str = "sessile-payer";

/// The binding of these objects.
pub const HUBS: &str = "HUBS";

/// A session that wants to be told.
#[derive(Debug, Serialize, Deserialize)]
pub struct Subscriber {
    /// The name of its object.
    pub session: String,
    /// What it wants.
    pub wanted: Wanted,
}

/// Which changes somebody wants to be told of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Wanted {
    /// Changes of the list of tools.
    pub tools: bool,
    /// Changes of the list of prompts.
    pub prompts: bool,
    /// Changes of the lists of resources and templates.
    pub resources: bool,
    /// Changes of these resources.
    pub uris: BTreeSet<String>,
}

impl Wanted {
    /// Whether that change is among them.
    pub fn includes(&self, change: &Change) -> bool {
        match change {
            Change::ToolsList => self.tools,
            Change::PromptsList => self.prompts,
            Change::ResourcesList => self.resources,
            Change::Resource { uri, .. } => self.uris.contains(uri),
        }
    }

    /// Whether they are with a hub of that kind: where there can be something for
    /// them, and whoever wants nothing is with their own.
    pub fn concerns(&self, shared: bool) -> bool {
        let lists = self.tools || self.prompts || self.resources;
        !self.uris.is_empty() || shared == lists
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_who_listens_is_with_a_hub_that_can_count_them() {
        let lists = Wanted {
            tools: true,
            ..Wanted::default()
        };
        let uris = BTreeSet::from(["test://a".to_owned()]);
        let both = Wanted {
            uris: uris.clone(),
            ..lists.clone()
        };
        let resources = Wanted {
            uris,
            ..Wanted::default()
        };
        for (wanted, shared, own) in [
            (lists, true, false),
            (both, true, true),
            (resources, true, true),
            (Wanted::default(), false, true),
        ] {
            let found = (wanted.concerns(true), wanted.concerns(false));
            assert_eq!(found, (shared, own), "{wanted:?}");
        }
    }
}
