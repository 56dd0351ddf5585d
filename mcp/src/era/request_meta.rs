//! What `params._meta` of a stateless request says about itself.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::params::Params;

/// The request metadata of 2026-07-28 (basic, request metadata).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestMeta {
    version: Option<String>,
    capabilities: Option<Value>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(rename = "io.modelcontextprotocol/protocolVersion", borrow, default)]
    version: Option<Cow<'a, str>>,
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities", default)]
    capabilities: Option<Value>,
}

impl RequestMeta {
    /// Reads it out of the params; a `_meta` that is no object, or a version
    /// that is no text, is a fault of the params.
    pub(super) fn read(params: &Params<'_>) -> Result<Self, &'static str> {
        let members = params.members().map_err(|_| "`params` cannot be read")?;
        let Some(meta) = members.meta.filter(|meta| meta.get() != "null") else {
            return Ok(Self::default());
        };
        // Serde would read the members of an array as those of `_meta`.
        let object = Some(meta.get()).filter(|text| text.starts_with('{'));
        let meta: Option<Meta<'_>> = object.and_then(|text| serde_json::from_str(text).ok());
        let meta = meta.ok_or("`_meta` must be an object, and the revision in it a text")?;
        Ok(Self {
            version: meta.version.map(Cow::into_owned),
            capabilities: meta.capabilities,
        })
    }

    /// The revision it names.
    pub(super) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Whether everything is there that every stateless request has
    /// (M-META-01); the client may leave out what it calls itself.
    pub(super) fn complete(&self) -> Result<(), &'static str> {
        if self.version.is_none() {
            return Err("`_meta` lacks io.modelcontextprotocol/protocolVersion");
        }
        match self.capabilities {
            Some(Value::Object(_)) => Ok(()),
            Some(_) => Err("io.modelcontextprotocol/clientCapabilities must be an object"),
            None => Err("`_meta` lacks io.modelcontextprotocol/clientCapabilities"),
        }
    }

    /// What the client can do, for this request alone (M-META-02).
    pub fn capabilities(&self) -> Map<String, Value> {
        match &self.capabilities {
            Some(Value::Object(capabilities)) => capabilities.clone(),
            _ => Map::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    /// Checklist M-META-01.
    #[test]
    fn an_array_is_no_metadata() {
        let read = |meta: &str| {
            let params = RawValue::from_string(format!(r#"{{"_meta":{meta}}}"#)).unwrap();
            RequestMeta::read(&(&*params).into())
        };
        assert!(read(r#"["2026-07-28",{}]"#).is_err());
        assert_eq!(read("{}"), Ok(RequestMeta::default()));
    }
}
