//! One entry of a list: what clients are shown, and what the house knows.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::list::Kind;
use crate::meta;
use crate::revision::Revision;
use crate::tool::contract::{Contract, TaskContract};
use crate::tool::param_headers::{self, ParamHeader};
use crate::uri_template::UriTemplate;

/// A tool, prompt, resource or resource template.
#[derive(Debug)]
pub struct Entry {
    /// What it is named by, unique over all tool Workers: its name, URI or
    /// URI template.
    pub key: String,
    /// The binding of the Worker that serves it.
    pub worker: String,
    /// What it asks of the house.
    pub contract: Contract,
    /// Its arguments that are repeated in headers.
    pub param_headers: Vec<ParamHeader>,
    kind: Kind,
    template: Option<UriTemplate>,
    shown: Map<String, Value>,
}

impl Entry {
    /// Reads an entry of a Worker's list; the error is for the log.
    pub(super) fn read(
        kind: Kind,
        worker: &str,
        mut shown: Map<String, Value>,
    ) -> Result<Self, String> {
        let Some(Value::String(key)) = shown.get(kind.key()) else {
            return Err(format!(
                "an entry of {} lacks {}",
                kind.method(),
                kind.key()
            ));
        };
        let key = key.clone();
        let contract = shown
            .get("_meta")
            .and_then(|meta| meta.get(meta::CONTRACT))
            .map_or(Ok(Contract::default()), Contract::deserialize)
            // It may need a permission: nobody can tell.
            .map_err(|problem| format!("{key}: its contract cannot be read: {problem}"))?;
        meta::strip_house_keys(&mut shown);
        let template = match kind {
            Kind::Templates => {
                Some(UriTemplate::parse(&key).map_err(|problem| format!("{key}: {problem}"))?)
            }
            Kind::Tools | Kind::Prompts | Kind::Resources => None,
        };
        let schema = shown.get("inputSchema").and_then(Value::as_object);
        let param_headers = schema
            .map_or(Ok(Vec::new()), param_headers::of_schema)
            .map_err(|problem| format!("{key}: {problem}"))?;
        Ok(Self {
            key,
            worker: worker.to_owned(),
            contract,
            param_headers,
            kind,
            template,
            shown,
        })
    }

    /// Whether a call can be made again without harm: for a tool, as its
    /// annotations say; whatever else there is, is only read.
    pub fn is_repeatable(&self) -> bool {
        let hint = |name: &str| {
            let annotations = self.shown.get("annotations");
            annotations.and_then(|it| it.get(name)) == Some(&Value::Bool(true))
        };
        self.kind != Kind::Tools || hint("readOnlyHint") || hint("idempotentHint")
    }

    /// Whether a caller with these scopes may use it.
    pub fn is_open_to(&self, scopes: &[String]) -> bool {
        let needed = self.contract.permission.as_ref();
        needed.is_none_or(|needed| scopes.iter().any(|scope| scope == needed.as_str()))
    }

    /// Whether the URI is one of this template.
    pub(super) fn matches(&self, uri: &str) -> bool {
        self.template
            .as_ref()
            .is_some_and(|template| template.matches(uri).is_some())
    }

    /// The definition without what that revision does not know (L-GATE-01,
    /// L-TOOL-02).
    pub(super) fn shown(&self, revision: Revision) -> Value {
        let mut shown = self.shown.clone();
        shown.remove("execution");
        if revision == Revision::V20251125
            && let Some(task) = self.contract.task
        {
            let support = match task {
                TaskContract::Optional | TaskContract::Later => "optional",
                TaskContract::Required => "required",
            };
            shown.insert(
                "execution".into(),
                serde_json::json!({ "taskSupport": support }),
            );
        }
        if revision < Revision::V20251125 {
            shown.remove("icons");
        }
        let is_object = |schema: &Value| schema.get("type") == Some(&Value::from("object"));
        let unfit = !revision.is_modern()
            && shown
                .get("outputSchema")
                .is_some_and(|schema| !is_object(schema));
        if revision < Revision::V20250618 {
            shown.remove("title");
        }
        if revision < Revision::V20250618 || unfit {
            shown.remove("outputSchema");
        }
        // Resources had annotations from the beginning, tools had none.
        if revision < Revision::V20250326 && shown.contains_key("inputSchema") {
            shown.remove("annotations");
        }
        Value::Object(shown)
    }
}
