//! How a definition tells the house what it needs.

use mcp::meta;
use mcp::tool::Contract;
use serde_json::{Value, json};

/// What a tool, prompt or resource needs of the house.
#[derive(Debug, Clone, Default)]
pub(crate) struct Needs {
    pub(crate) contract: Contract,
    /// As the author wrote it: what the house cannot read, it leaves out.
    pub(crate) permission: Option<&'static str>,
    /// Likewise.
    pub(crate) weight: Option<u32>,
    /// Likewise.
    pub(crate) quota_family: Option<&'static str>,
}

impl Needs {
    /// The entry of a list, with what it needs, if that is something.
    pub(crate) fn told(&self, mut listed: Value) -> Value {
        let mut contract = json!(self.contract);
        if let (Some(permission), Some(contract)) = (self.permission, contract.as_object_mut()) {
            contract.insert("permission".into(), permission.into());
        }
        if let (Some(cost), Some(contract)) = (self.cost(), contract.as_object_mut()) {
            contract.insert("cost".into(), cost);
        }
        if contract != json!({})
            && let Some(entry) = listed.as_object_mut()
        {
            entry.insert("_meta".into(), json!({ meta::CONTRACT: contract }));
        }
        listed
    }

    fn cost(&self) -> Option<Value> {
        Some(match (self.quota_family, self.weight) {
            (None, None) => return None,
            (None, Some(weight)) => json!({ "weight": weight }),
            (Some(family), None) => json!({ "family": family }),
            (Some(family), Some(weight)) => json!({ "family": family, "weight": weight }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_told_as_the_author_wrote_it_and_none_where_nothing_is_said() {
        let told = |quota_family, weight| {
            let needs = Needs {
                weight,
                quota_family,
                ..Needs::default()
            };
            needs.told(json!({}))
        };
        assert_eq!(told(None, None), json!({}));
        for (family, weight, cost) in [
            (None, Some(5), json!({ "weight": 5 })),
            (Some("images"), None, json!({ "family": "images" })),
            (Some("a"), Some(0), json!({ "family": "a", "weight": 0 })),
        ] {
            let wanted = json!({ "_meta": { "sessile/contract": { "cost": cost } } });
            assert_eq!(told(family, weight), wanted);
        }
    }
}
