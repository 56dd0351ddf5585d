//! Header fields as the platform takes them.

use serde::{Serialize, Serializer};

/// Fields with their values: an object if each name is there once, and else a list of
/// pairs, which the platform goes through three times as slowly (`docs/performance.md`).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a>(pub(crate) &'a [(&'a str, &'a str)]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // They are few.
        let is_first = |(place, (name, _)): (usize, &(&str, &str))| {
            self.0.iter().take(place).all(|(it, _)| it != name)
        };
        if self.0.iter().enumerate().all(is_first) {
            serializer.collect_map(self.0.iter().copied())
        } else {
            self.0.serialize(serializer)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_there_twice_loses_no_value() {
        let written = |fields| serde_json::to_string(&Fields(fields)).unwrap();
        let once = [("a", "1"), ("b", "\"2\"")];
        assert_eq!(written(&once), r#"{"a":"1","b":"\"2\""}"#);
        let twice = [("set-cookie", "a=1"), ("set-cookie", "b=2")];
        let pairs = r#"[["set-cookie","a=1"],["set-cookie","b=2"]]"#;
        assert_eq!(written(&twice), pairs);
    }
}
