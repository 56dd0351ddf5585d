//! Resources: data that clients read by its URI.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mcp::uri_template::{Unmatchable, UriTemplate};
use rmcp::model::{ReadResourceResult, ResourceContents};
use serde_json::{Value, json};

use crate::completion::{Completing, Completions};
use crate::needs::Needs;
use crate::question::Question;
use crate::reply::End;

/// A resource with a fixed URI, as clients see it.
#[derive(Debug, Clone)]
pub struct Resource {
    shown: rmcp::model::Resource,
    needs: Needs,
}

impl Resource {
    /// A resource.
    pub fn new(uri: &'static str, name: &'static str) -> Self {
        Self {
            shown: rmcp::model::Resource::new(uri, name),
            needs: Needs::default(),
        }
    }

    /// What it is, for people and models.
    #[must_use]
    pub fn description(mut self, words: &str) -> Self {
        self.shown = self.shown.with_description(words);
        self
    }

    /// Its type.
    #[must_use]
    pub fn mime_type(mut self, kind: &str) -> Self {
        self.shown = self.shown.with_mime_type(kind);
        self
    }

    /// Whoever reads the resource needs this permission, such as `notes:read`: its user has to
    /// have allowed it to the app, and a role of theirs has to let them. See also
    /// [`crate::Server::permission`].
    ///
    /// A name has 1 to 40 ASCII letters, digits and `:._/-`; with one that has not,
    /// or with `mcp` or `offline_access`, this is left out of the list, and the log
    /// says so.
    #[must_use]
    pub fn permission(mut self, name: &'static str) -> Self {
        self.needs.permission = Some(name);
        self
    }

    pub(crate) fn uri(&self) -> &str {
        &self.shown.uri
    }

    pub(crate) fn listed(&self) -> Value {
        self.needs.told(json!(self.shown))
    }
}

/// Resources whose URIs have variables in them, as clients see them.
#[derive(Debug, Clone)]
pub struct ResourceTemplate {
    template: rmcp::model::ResourceTemplate,
    needs: Needs,
    pub(crate) pattern: Result<UriTemplate, Unmatchable>,
    pub(crate) completions: Completions,
}

impl ResourceTemplate {
    /// A template such as `notes://{name}`; `{+name}` stands for values that
    /// may hold a slash (RFC 6570). A template that cannot be matched is left
    /// out of the list, and its error is written to the log.
    pub fn new(uri_template: &'static str, name: &'static str) -> Self {
        Self {
            template: rmcp::model::ResourceTemplate::new(uri_template, name),
            pattern: UriTemplate::parse(uri_template),
            needs: Needs::default(),
            completions: Completions::default(),
        }
    }

    /// What it is, for people and models.
    #[must_use]
    pub fn description(mut self, words: &str) -> Self {
        self.template = self.template.with_description(words);
        self
    }

    /// The type of all its resources.
    #[must_use]
    pub fn mime_type(mut self, kind: &str) -> Self {
        self.template = self.template.with_mime_type(kind);
        self
    }

    /// Whoever reads one of the resources or completes a variable needs this permission, such as `notes:read`: its user has to
    /// have allowed it to the app, and a role of theirs has to let them. See also
    /// [`crate::Server::permission`].
    ///
    /// A name has 1 to 40 ASCII letters, digits and `:._/-`; with one that has not,
    /// or with `mcp` or `offline_access`, this is left out of the list, and the log
    /// says so.
    #[must_use]
    pub fn permission(mut self, name: &'static str) -> Self {
        self.needs.permission = Some(name);
        self
    }

    /// Completes a variable while the user types.
    #[must_use]
    pub fn completes<F, R>(mut self, variable: &'static str, function: F) -> Self
    where
        F: Fn(Completing) -> R + 'static,
        R: Future<Output = Vec<String>> + 'static,
    {
        self.completions.add(variable, function);
        self
    }

    pub(crate) fn uri(&self) -> &str {
        &self.template.uri_template
    }

    pub(crate) fn listed(&self) -> Value {
        self.needs.told(json!(self.template))
    }
}

/// What is asked for: a URI, and the variables of the template it is of.
#[derive(Debug, Clone)]
pub struct Variables {
    /// The URI.
    pub uri: String,
    pub(crate) values: BTreeMap<String, String>,
}

impl Variables {
    /// The value of a variable; empty if the template has none of that name.
    pub fn get(&self, name: &str) -> &str {
        self.values.get(name).map_or("", String::as_str)
    }
}

/// What a resource gives back.
#[derive(Debug, Clone)]
pub struct ResourceReply(End);

impl ResourceReply {
    /// One text.
    pub fn text(uri: &str, mime_type: &str, text: impl Into<String>) -> Self {
        let contents = ResourceContents::text(text, uri).with_mime_type(mime_type);
        Self::contents(vec![contents])
    }

    /// Bytes.
    pub fn blob(uri: &str, mime_type: &str, bytes: &[u8]) -> Self {
        let contents = ResourceContents::blob(STANDARD.encode(bytes), uri);
        Self::contents(vec![contents.with_mime_type(mime_type)])
    }

    /// Several contents, such as the files of a folder.
    pub fn contents(contents: Vec<ResourceContents>) -> Self {
        Self(End::of(&ReadResourceResult::new(contents)))
    }

    /// A question; the function is run again with the answer.
    pub fn ask(question: Question) -> Self {
        Self(End::asking([question]))
    }

    pub(crate) fn into_end(self) -> End {
        self.0
    }
}
