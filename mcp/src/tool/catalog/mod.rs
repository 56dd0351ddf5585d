//! What all tool Workers offer, as one server: tools, prompts, resources and
//! resource templates, each with the Worker it comes from.

mod entry;
mod features;
mod list;

pub use entry::Entry;
pub use features::Features;
pub use list::{Kind, Place};

use rmcp::model::ErrorData;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::target::Target;
use crate::mac::NameKey;
use crate::meta;
use crate::revision::Revision;

/// Most entries of one kind; what a Worker lists beyond is left out.
pub const ENTRIES_MAX: usize = 10_000;

/// Everything there is.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    tools: Vec<Entry>,
    prompts: Vec<Entry>,
    resources: Vec<Entry>,
    templates: Vec<Entry>,
    features: Features,
    workers: usize,
    public_workers: usize,
    missed: usize,
}

/// What a Worker says of itself in `server/discover`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announced {
    features: Features,
    public: bool,
}

#[derive(Deserialize)]
struct Answer<R> {
    result: R,
}

#[derive(Deserialize)]
struct Discovered {
    capabilities: Map<String, Value>,
    #[serde(rename = "_meta", default)]
    meta: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    #[serde(default)]
    tools: Vec<Map<String, Value>>,
    #[serde(default)]
    prompts: Vec<Map<String, Value>>,
    #[serde(default)]
    resources: Vec<Map<String, Value>>,
    #[serde(default)]
    resource_templates: Vec<Map<String, Value>>,
    #[serde(default)]
    next_cursor: Option<String>,
}

impl Announced {
    /// Reads the answer to `server/discover`.
    pub fn read(answer: &str) -> Result<Self, serde_json::Error> {
        let Answer { result } = serde_json::from_str::<Answer<Discovered>>(answer)?;
        Ok(Self {
            features: Features::of(&result.capabilities),
            public: result.meta.get(meta::PUBLIC) == Some(&Value::Bool(true)),
        })
    }

    /// The lists that the Worker has.
    pub fn kinds(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| match kind {
            Kind::Tools => self.features.tools,
            Kind::Prompts => self.features.prompts,
            Kind::Resources | Kind::Templates => self.features.resources,
        })
    }
}

impl Catalog {
    /// Takes note of a Worker.
    pub fn announce(&mut self, worker: Announced) {
        self.workers += 1;
        self.public_workers += usize::from(worker.public);
        self.features = self.features.and(worker.features);
    }

    /// Takes note of a Worker that did not answer: what it offers is missing.
    pub fn miss(&mut self) {
        self.workers += 1;
        self.missed += 1;
    }

    /// Adds what a Worker answered to the list of that kind, and gives the
    /// cursor of what is left. An entry without a key, or with the key of one
    /// that is there already, is left out; why is told to `warn`.
    pub fn add(
        &mut self,
        kind: Kind,
        worker: &str,
        answer: &str,
        mut warn: impl FnMut(String),
    ) -> Result<Option<String>, serde_json::Error> {
        let Answer { result } = serde_json::from_str::<Answer<Listed>>(answer)?;
        let listed = match kind {
            Kind::Tools => result.tools,
            Kind::Prompts => result.prompts,
            Kind::Resources => result.resources,
            Kind::Templates => result.resource_templates,
        };
        for shown in listed {
            match Entry::read(kind, worker, shown) {
                Err(problem) => warn(problem),
                Ok(entry) if self.find_in(kind, &entry.key).is_some() => {
                    warn(format!("{} is there already", entry.key));
                }
                Ok(entry) => {
                    self.features.tasks |= entry.contract.task.is_some();
                    let entries = self.entries_mut(kind);
                    if entries.len() < ENTRIES_MAX {
                        entries.push(entry);
                    }
                }
            }
        }
        Ok(result.next_cursor)
    }

    /// What is there to advertise.
    pub fn features(&self) -> Features {
        self.features
    }

    /// Whether nothing is known of a Worker: what it offers is missing here, and
    /// nobody may be told that there is no such thing.
    pub fn misses_any(&self) -> bool {
        self.missed > 0
    }

    /// Whether every Worker says in its code that anybody may use it. A server
    /// without any is not public, nor is one that misses a Worker: it might say
    /// otherwise.
    pub fn is_public(&self) -> bool {
        self.workers > 0 && self.public_workers == self.workers
    }

    /// Where the thing that is asked for comes from.
    pub fn find(&self, target: &Target) -> Option<&Entry> {
        match target {
            Target::Tool(name) => self.find_in(Kind::Tools, name),
            Target::Prompt(name) | Target::PromptArgument(name) => {
                self.find_in(Kind::Prompts, name)
            }
            Target::TemplateVariable(uri) => self.find_in(Kind::Templates, uri),
            Target::TaskResult(_) => None, // no Worker's
            Target::Resource(uri) => self
                .find_in(Kind::Resources, uri)
                .or_else(|| self.templates.iter().find(|template| template.matches(uri))),
        }
    }

    /// The members of a list's result for clients of that revision, from the
    /// place that the cursor names.
    pub fn list(
        &self,
        kind: Kind,
        revision: Revision,
        cursor: Option<&str>,
        key: &NameKey,
    ) -> Result<Map<String, Value>, ErrorData> {
        list::page(self.entries(kind), kind, revision, cursor, key)
    }

    fn find_in(&self, kind: Kind, key: &str) -> Option<&Entry> {
        self.entries(kind).iter().find(|entry| entry.key == key)
    }

    fn entries(&self, kind: Kind) -> &[Entry] {
        match kind {
            Kind::Tools => &self.tools,
            Kind::Prompts => &self.prompts,
            Kind::Resources => &self.resources,
            Kind::Templates => &self.templates,
        }
    }

    fn entries_mut(&mut self, kind: Kind) -> &mut Vec<Entry> {
        match kind {
            Kind::Tools => &mut self.tools,
            Kind::Prompts => &mut self.prompts,
            Kind::Resources => &mut self.resources,
            Kind::Templates => &mut self.templates,
        }
    }
}

#[cfg(test)]
mod tests;
