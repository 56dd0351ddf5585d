//! A server: everything that one tool Worker offers.

use std::rc::Rc;

use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use mcp::server::ServerInfo;
use mcp::tool::catalog::{Features, Kind};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::call::Call;
use crate::definition::Tool;
use crate::prompt::{Prompt, PromptReply};
use crate::reply::{End, Failure, Reply};
use crate::resource::{Resource, ResourceReply, ResourceTemplate, Variables};
use crate::spoken::Raw;

/// Runs a function on what was sent.
pub(crate) type Run = Rc<dyn Fn(Raw) -> LocalBoxFuture<'static, Result<End, Failure>>>;

/// A stateless MCP server (2026-07-28) with tools, prompts and resources.
pub struct Server {
    pub(crate) info: ServerInfo,
    pub(crate) public: bool,
    pub(crate) permissions: Vec<(&'static str, &'static str)>,
    pub(crate) tools: Vec<(Tool, Run)>,
    pub(crate) prompts: Vec<(Prompt, Run)>,
    pub(crate) resources: Vec<(Resource, Run)>,
    pub(crate) templates: Vec<(ResourceTemplate, Run)>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("name", &self.info.name)
            .field("tools", &self.tools.len())
            .field("prompts", &self.prompts.len())
            .field("resources", &self.resources.len())
            .field("templates", &self.templates.len())
            .finish_non_exhaustive()
    }
}

impl Server {
    /// A server that offers nothing yet.
    pub fn new(name: &'static str, version: &'static str) -> Self {
        Self {
            info: ServerInfo {
                name,
                version,
                instructions: None,
            },
            public: false,
            permissions: Vec::new(),
            tools: Vec::new(),
            prompts: Vec::new(),
            resources: Vec::new(),
            templates: Vec::new(),
        }
    }

    /// Anybody may use this Worker, without a login. A deployment needs no login
    /// only if each of its Workers says so.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// Gives a permission words, for the page on which users decide: what an app can
    /// do that has it, such as "Read your notes", in 200 characters at most. Without
    /// words, users read its name.
    #[must_use]
    pub fn permission(mut self, name: &'static str, words: &'static str) -> Self {
        self.permissions.push((name, words));
        self
    }

    /// Adds a tool.
    #[must_use]
    pub fn tool<A, F, R>(mut self, tool: Tool, function: F) -> Self
    where
        A: DeserializeOwned + 'static,
        F: Fn(Call<A>) -> R + 'static,
        R: Future<Output = Result<Reply, Failure>> + 'static,
    {
        let function = Rc::new(function);
        let run: Run = Rc::new(move |raw| {
            let function = Rc::clone(&function);
            async move { Ok(function(raw.tool()?).await?.into_end()) }.boxed_local()
        });
        self.tools.push((tool, run));
        self
    }

    /// Adds a prompt.
    #[must_use]
    pub fn prompt<A, F, R>(mut self, prompt: Prompt, function: F) -> Self
    where
        A: DeserializeOwned + 'static,
        F: Fn(Call<A>) -> R + 'static,
        R: Future<Output = Result<PromptReply, Failure>> + 'static,
    {
        let function = Rc::new(function);
        let run: Run = Rc::new(move |raw| {
            let function = Rc::clone(&function);
            async move { Ok(function(raw.prompt()?).await?.into_end()) }.boxed_local()
        });
        self.prompts.push((prompt, run));
        self
    }

    /// Adds a resource.
    #[must_use]
    pub fn resource<F, R>(mut self, resource: Resource, function: F) -> Self
    where
        F: Fn(Call<Variables>) -> R + 'static,
        R: Future<Output = Result<ResourceReply, Failure>> + 'static,
    {
        self.resources.push((resource, resource_run(function)));
        self
    }

    /// Adds resources whose URIs have variables.
    #[must_use]
    pub fn template<F, R>(mut self, template: ResourceTemplate, function: F) -> Self
    where
        F: Fn(Call<Variables>) -> R + 'static,
        R: Future<Output = Result<ResourceReply, Failure>> + 'static,
    {
        self.templates.push((template, resource_run(function)));
        self
    }

    /// What is there to advertise.
    pub(crate) fn features(&self) -> Features {
        let resources = !self.resources.is_empty() || !self.templates.is_empty();
        let completes = |prompt: &(Prompt, Run)| !prompt.0.completions.is_empty();
        Features {
            tools: !self.tools.is_empty(),
            prompts: !self.prompts.is_empty(),
            resources,
            completions: self.prompts.iter().any(completes)
                || self
                    .templates
                    .iter()
                    .any(|(template, _)| !template.completions.is_empty()),
            logging: !self.tools.is_empty() || !self.prompts.is_empty() || resources,
            tasks: false, // the house makes tasks of calls
        }
    }

    /// The entries of a list.
    pub(crate) fn entries(&self, kind: Kind) -> Vec<Value> {
        match kind {
            Kind::Tools => self.tools.iter().map(|(tool, _)| tool.listed()).collect(),
            Kind::Prompts => self.prompts.iter().map(|(it, _)| it.listed()).collect(),
            Kind::Resources => self.resources.iter().map(|(it, _)| it.listed()).collect(),
            Kind::Templates => self.templates.iter().map(|(it, _)| it.listed()).collect(),
        }
    }

    /// The function behind a URI.
    pub(crate) fn reader(&self, uri: &str) -> Option<(&Run, Variables)> {
        let variables = |values: Vec<(String, String)>| Variables {
            uri: uri.to_owned(),
            values: values.into_iter().collect(),
        };
        let fixed = self.resources.iter().find(|(it, _)| it.uri() == uri);
        fixed
            .map(|(_, run)| (run, variables(Vec::new())))
            .or_else(|| {
                self.templates.iter().find_map(|(template, run)| {
                    let values = template.pattern.as_ref().ok()?.matches(uri)?;
                    Some((run, variables(values)))
                })
            })
    }
}

fn resource_run<F, R>(function: F) -> Run
where
    F: Fn(Call<Variables>) -> R + 'static,
    R: Future<Output = Result<ResourceReply, Failure>> + 'static,
{
    let function = Rc::new(function);
    Rc::new(move |raw| {
        let function = Rc::clone(&function);
        async move { Ok(function(raw.resource()?).await?.into_end()) }.boxed_local()
    })
}
