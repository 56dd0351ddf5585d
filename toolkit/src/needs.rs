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
}

impl Needs {
    /// The entry of a list, with what it needs, if that is something.
    pub(crate) fn told(&self, mut listed: Value) -> Value {
        let mut contract = json!(self.contract);
        if let (Some(permission), Some(contract)) = (self.permission, contract.as_object_mut()) {
            contract.insert("permission".into(), permission.into());
        }
        if contract != json!({})
            && let Some(entry) = listed.as_object_mut()
        {
            entry.insert("_meta".into(), json!({ meta::CONTRACT: contract }));
        }
        listed
    }
}
