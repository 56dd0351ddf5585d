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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Params<'_> {
        let raw: &RawValue = serde_json::from_str(text).unwrap();
        raw.into()
    }

    fn name<'a>(params: &Params<'a>) -> Option<&'a str> {
        params.members().unwrap().name.map(RawValue::get)
    }

    #[test]
    fn members_are_as_they_were_written_and_null_is_none_but_for_meta() {
        assert_eq!(
            name(&of(r#"{"other":[1],"name":"\u0061"}"#)),
            Some(r#""\u0061""#)
        );
        assert_eq!(name(&of(r#"{"name":null}"#)), None);
        assert_eq!(name(&Params::default()), None);
        let params = of(r#"{"_meta":null,"arguments":{"a": 1}}"#);
        let members = params.members().unwrap();
        assert_eq!(members.meta.map(RawValue::get), Some("null"));
        assert_eq!(members.arguments.map(RawValue::get), Some(r#"{"a": 1}"#));
    }

    /// Which of the two counts would depend on the reader.
    #[test]
    fn a_member_that_comes_twice_is_refused() {
        for text in [
            r#"{"name":"a","name":"b"}"#,
            r#"{"_meta":{},"_meta":{}}"#,
            "1",
            r#""name""#,
        ] {
            assert!(of(text).members().is_err(), "{text}");
        }
    }

    #[test]
    fn a_member_of_another_kind_is_an_error_and_none_is_none() {
        let params = of(r#"{"name":7}"#);
        let raw = params.members().unwrap().name;
        assert!(member::<String>(raw).is_err());
        assert_eq!(member::<u8>(raw).unwrap(), Some(7));
        assert_eq!(member::<String>(None).unwrap(), None);
    }
}
