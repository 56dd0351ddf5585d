//! The database as this crate needs it.

use serde::de::DeserializeOwned;

/// A statement with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The SQL, with `?1`, `?2`, … for the values.
    pub sql: String,
    /// The values.
    pub values: Vec<Value>,
}

/// A value of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// An integer. D1 binds every number as a double, so statements cast it back; it
    /// has to be below 2^53.
    Integer(i64),
}

impl Statement {
    /// A statement without values.
    pub(crate) fn new(sql: &str) -> Self {
        Self {
            sql: sql.to_owned(),
            values: Vec::new(),
        }
    }

    /// With one value more.
    #[must_use]
    pub(crate) fn with(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

/// Runs statements on the tables of `migrations/0004_audit.sql`.
pub trait Database {
    /// What may go wrong.
    type Error;

    /// The rows that a statement gives, by the names of their columns.
    async fn rows<R: DeserializeOwned>(&self, statement: &Statement)
    -> Result<Vec<R>, Self::Error>;

    /// Does all of the statements, or nothing if one of them fails.
    async fn batch(&self, statements: &[Statement]) -> Result<(), Self::Error>;
}
