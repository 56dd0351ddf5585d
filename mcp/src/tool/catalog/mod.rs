//! What all tool Workers offer, as one server: tools, prompts, resources and
//! resource templates, each with the Worker it comes from.

mod entry;
mod features;
mod list;

pub use entry::Entry;
pub use features::Features;
pub use list::{Kind, Place};

use std::collections::BTreeMap;
use std::rc::Rc;

use rmcp::model::ErrorData;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::target::Target;
use crate::mac::NameKey;
use crate::meta;
use crate::permission::{PERMISSION_WORDS_CHARS_MAX, PERMISSIONS_MAX, Permission};
use crate::revision::Revision;

/// Most entries of one kind; what a Worker lists beyond is left out.
pub const ENTRIES_MAX: usize = 10_000;

/// Everything there is.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    tools: Vec<Rc<Entry>>,
    prompts: Vec<Rc<Entry>>,
    resources: Vec<Rc<Entry>>,
    templates: Vec<Rc<Entry>>,
    permissions: BTreeMap<Permission, Option<String>>,
    features: Features,
    workers: usize,
    public_workers: usize,
    missed: usize,
}

/// What a Worker says of itself in `server/discover`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    features: Features,
    public: bool,
    words: Vec<(Permission, String)>,
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
            words: words(result.meta.get(meta::PERMISSIONS)),
        })
    }

    /// The lists that the Worker has.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> {
        let features = self.features;
        Kind::ALL.into_iter().filter(move |kind| match kind {
            Kind::Tools => features.tools,
            Kind::Prompts => features.prompts,
            Kind::Resources | Kind::Templates => features.resources,
        })
    }
}

impl Catalog {
    /// Takes note of a Worker.
    pub fn announce(&mut self, worker: &Announced) {
        self.workers += 1;
        self.public_workers += usize::from(worker.public);
        self.features = self.features.and(worker.features);
        for (permission, words) in &worker.words {
            if self.takes(permission) {
                let told = self.permissions.entry(permission.clone()).or_default();
                told.get_or_insert_with(|| words.clone());
            }
        }
    }

    /// Takes note of a Worker that did not answer: what it offers is missing.
    pub fn miss(&mut self) {
        self.workers += 1;
        self.missed += 1;
    }

    /// Adds what a Worker answered to the list of that kind, and gives the
    /// cursor of what is left. An entry without a key, or with the key of one
    /// that is there already, is left out, as is one whose permission is one too
    /// many; why is told to `warn`.
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
                Ok(entry) if !entry.contract.permission.iter().all(|it| self.takes(it)) => {
                    warn(format!("{} needs one permission too many", entry.key));
                }
                Ok(entry) => {
                    if let Some(permission) = &entry.contract.permission {
                        self.permissions.entry(permission.clone()).or_default();
                    }
                    self.features.tasks |= entry.contract.task.is_some();
                    let entries = self.entries_mut(kind);
                    if entries.len() < ENTRIES_MAX {
                        entries.push(Rc::new(entry));
                    }
                }
            }
        }
        Ok(result.next_cursor)
    }

    /// Every permission there is, with its words if it has some.
    pub fn permissions(&self) -> impl Iterator<Item = (&Permission, Option<&str>)> {
        let permissions = self.permissions.iter();
        permissions.map(|(permission, words)| (permission, words.as_deref()))
    }

    /// The words for the permission of that name.
    pub fn words_for(&self, name: &str) -> Option<&str> {
        let mut permissions = self.permissions();
        permissions.find(|(it, _)| it.as_str() == name)?.1
    }

    fn takes(&self, permission: &Permission) -> bool {
        self.permissions.len() < PERMISSIONS_MAX || self.permissions.contains_key(permission)
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
    pub fn find(&self, target: &Target) -> Option<&Rc<Entry>> {
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
    /// place that the cursor names: only what `shows` says, which is asked with
    /// the permission that something needs.
    pub fn list(
        &self,
        kind: Kind,
        revision: Revision,
        cursor: Option<&str>,
        key: &NameKey,
        shows: impl Fn(&Permission) -> bool,
    ) -> Result<Map<String, Value>, ErrorData> {
        let is_shown = |entry: &Entry| entry.contract.permission.as_ref().is_none_or(&shows);
        list::page(self.entries(kind), kind, revision, cursor, key, is_shown)
    }

    fn find_in(&self, kind: Kind, key: &str) -> Option<&Rc<Entry>> {
        self.entries(kind).iter().find(|entry| entry.key == key)
    }

    fn entries(&self, kind: Kind) -> &[Rc<Entry>] {
        match kind {
            Kind::Tools => &self.tools,
            Kind::Prompts => &self.prompts,
            Kind::Resources => &self.resources,
            Kind::Templates => &self.templates,
        }
    }

    fn entries_mut(&mut self, kind: Kind) -> &mut Vec<Rc<Entry>> {
        match kind {
            Kind::Tools => &mut self.tools,
            Kind::Prompts => &mut self.prompts,
            Kind::Resources => &mut self.resources,
            Kind::Templates => &mut self.templates,
        }
    }
}

/// Words for permissions, as a Worker tells them; what cannot be used is left out.
fn words(told: Option<&Value>) -> Vec<(Permission, String)> {
    let told = told.and_then(Value::as_object).into_iter().flatten();
    let usable = told.filter_map(|(name, words)| {
        let words = words.as_str().filter(|words| !words.trim().is_empty())?;
        let short = words.chars().count() <= PERMISSION_WORDS_CHARS_MAX;
        let permission = Permission::parse(name).ok().filter(|_| short)?;
        Some((permission, words.to_owned()))
    });
    usable.take(PERMISSIONS_MAX).collect()
}

#[cfg(test)]
mod tests;
