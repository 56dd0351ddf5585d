//! The tools of all tool Workers, as one list.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::contract::Contract;
use crate::meta;
use crate::revision::Revision;

/// One tool: what clients are shown, and what the house knows.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The tool's name, unique over all tool Workers.
    pub name: String,
    /// The binding of the Worker that serves it.
    pub worker: String,
    /// What it asks of the house.
    pub contract: Contract,
    shown: Map<String, Value>,
}

/// Every tool there is.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Listed {
    result: ListedTools,
}

#[derive(Deserialize)]
struct ListedTools {
    tools: Vec<Map<String, Value>>,
}

impl Catalog {
    /// Adds what a Worker answered to `tools/list`. A tool without a name, or
    /// with the name of one that is there already, is left out.
    pub fn add(&mut self, worker: &str, answer: &str) -> Result<(), serde_json::Error> {
        let listed: Listed = serde_json::from_str(answer)?;
        for mut shown in listed.result.tools {
            let Some(Value::String(name)) = shown.get("name") else {
                continue;
            };
            let name = name.clone();
            if self.find(&name).is_some() {
                continue;
            }
            let contract = shown
                .get("_meta")
                .and_then(|meta| meta.get(meta::CONTRACT))
                .and_then(|contract| Contract::deserialize(contract).ok())
                .unwrap_or_default();
            meta::strip_house_keys(&mut shown);
            self.entries.push(Entry {
                name,
                worker: worker.to_owned(),
                contract,
                shown,
            });
        }
        Ok(())
    }

    /// The tool of that name.
    pub fn find(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The members of a `tools/list` result for clients of that revision.
    pub fn list(&self, revision: Revision) -> Map<String, Value> {
        let tools = self
            .entries
            .iter()
            .map(|entry| entry.shown(revision))
            .collect();
        let mut result = Map::new();
        result.insert("tools".into(), Value::Array(tools));
        if revision.is_modern() {
            // Anyone sees the same tools, but what a caller may see is decided
            // per caller (M-CACHE-02), so nothing shared may keep the list.
            result.insert("resultType".into(), "complete".into());
            result.insert("ttlMs".into(), 0.into());
            result.insert("cacheScope".into(), "private".into());
        }
        result
    }
}

impl Entry {
    /// The definition without what that revision does not know (L-GATE-01).
    fn shown(&self, revision: Revision) -> Value {
        let mut shown = self.shown.clone();
        if revision < Revision::V20251125 {
            shown.remove("icons");
        }
        if revision < Revision::V20250618 {
            shown.remove("title");
            shown.remove("outputSchema");
        }
        Value::Object(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = r#"{"jsonrpc":"2.0","id":0,"result":{"tools":[
        {"name":"count","title":"Count","inputSchema":{},
         "_meta":{"sessile/contract":{"state":{"family":"count","argument":"handle"}}}},
        {"name":"count","inputSchema":{}},
        {"inputSchema":{}}]}}"#;

    #[test]
    fn the_contract_is_kept_and_not_shown() {
        let mut catalog = Catalog::default();
        catalog.add("TOOLS_DEMO", ANSWER).unwrap();
        let entry = catalog.find("count").unwrap();
        assert_eq!(entry.contract.state.as_ref().unwrap().family, "count");
        let list = catalog.list(Revision::MODERN);
        assert_eq!(list["tools"].as_array().unwrap().len(), 1);
        assert_eq!(list["tools"][0].get("_meta"), None);
        assert_eq!(list["resultType"], "complete");
    }

    /// Checklist L-GATE-01, L-GATE-02.
    #[test]
    fn a_session_sees_only_what_its_revision_knows() {
        let mut catalog = Catalog::default();
        catalog.add("TOOLS_DEMO", ANSWER).unwrap();
        let old = catalog.list(Revision::V20250326);
        assert_eq!(old["tools"][0].get("title"), None);
        assert_eq!(old.get("resultType"), None);
        assert_eq!(
            catalog.list(Revision::V20250618)["tools"][0]["title"],
            "Count"
        );
    }
}
