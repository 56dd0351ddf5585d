//! The params of a request, which are gone through once, however many read them.

use std::cell::OnceCell;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The params of a request: absent, or a JSON object.
#[derive(Debug, Default)]
pub struct Params<'a> {
    text: Option<&'a RawValue>,
    members: OnceCell<Result<Box<Members<'a>>, serde_json::Error>>,
}

/// The members that more than one reads, or that may be long: each as it was written, and
/// none if it is null.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Members<'a> {
    #[serde(borrow)]
    pub(crate) name: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) uri: Option<&'a RawValue>,
    #[serde(rename = "ref", borrow)]
    pub(crate) reference: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) argument: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) context: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) input_responses: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) request_state: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) task: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(crate) task_id: Option<&'a RawValue>,
    /// Also if it is null.
    #[serde(rename = "_meta", borrow, deserialize_with = "present")]
    pub(crate) meta: Option<&'a RawValue>,
}

/// Keeps an explicit `null` apart from an absent member.
pub(crate) fn present<'de, D: Deserializer<'de>>(
    input: D,
) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(input).map(Some)
}

impl<'a> Params<'a> {
    /// As they were written.
    pub fn text(&self) -> Option<&'a RawValue> {
        self.text
    }

    /// Their members; an error if one of them comes twice, or they are no object.
    pub(crate) fn members(&self) -> Result<&Members<'a>, &serde_json::Error> {
        let read = || {
            let text = self.text.map_or("{}", RawValue::get);
            serde_json::from_str(text)
        };
        self.members.get_or_init(read).as_deref()
    }
}

impl<'a> From<Option<&'a RawValue>> for Params<'a> {
    fn from(text: Option<&'a RawValue>) -> Self {
        Self {
            text,
            members: OnceCell::new(),
        }
    }
}

impl<'a> From<&'a RawValue> for Params<'a> {
    fn from(text: &'a RawValue) -> Self {
        Some(text).into()
    }
}

/// A member, if it is there.
pub(crate) fn member<'a, T: Deserialize<'a>>(
    raw: Option<&'a RawValue>,
) -> Result<Option<T>, serde_json::Error> {
    raw.map(|raw| serde_json::from_str(raw.get())).transpose()
}
