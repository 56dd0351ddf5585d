//! Lists.

use schemars::JsonSchema;
use serde::Serialize;

use super::Example;

/// Some of a list, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "{T}List")]
pub struct List<T> {
    /// What there is.
    pub items: Vec<T>,
    /// Where more of it is; null at the end. It is good for whoever got it, and
    /// nobody reads anything from it.
    #[schemars(extend("format" = "uri-reference"))]
    pub next: Option<String>,
}

impl<T> List<T> {
    /// A list that is answered whole.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

impl<T: Example> Example for List<T> {
    fn example() -> Self {
        Self::whole(vec![T::example()])
    }
}
