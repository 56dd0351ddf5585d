//! The one thing that the rows need of a database: to run a statement.
//!
//! In the object that is its own SQLite; in the tests it is another one, so
//! that the same SQL is tried natively.

use jiff::Timestamp;
use worker::{Error, Result, SqlStorage, SqlStorageValue};

/// A row, column by column.
pub(super) type Row = Vec<SqlStorageValue>;

/// Runs statements.
pub(super) trait Query {
    /// Runs one statement with its bound values; returns all rows.
    fn run(&self, statement: &str, values: Vec<SqlStorageValue>) -> Result<Vec<Row>>;
}

impl Query for SqlStorage {
    fn run(&self, statement: &str, values: Vec<SqlStorageValue>) -> Result<Vec<Row>> {
        self.exec(statement, values)?.raw().collect()
    }
}

impl<Q: Query> Query for &Q {
    fn run(&self, statement: &str, values: Vec<SqlStorageValue>) -> Result<Vec<Row>> {
        (*self).run(statement, values)
    }
}

/// The names of the columns of a table; none of one that is not there.
pub(super) fn columns(database: &impl Query, table: &str) -> Result<Vec<String>> {
    let rows = database.run(&format!("PRAGMA table_info({table})"), vec![])?;
    rows.into_iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            columns.integer()?; // Its place.
            columns.text()
        })
        .collect()
}

/// The columns of a row, taken in their order.
pub(super) struct Columns(std::vec::IntoIter<SqlStorageValue>);

impl Columns {
    pub(super) fn of(row: Row) -> Self {
        Self(row.into_iter())
    }

    pub(super) fn text_or_null(&mut self) -> Result<Option<String>> {
        match self.0.next() {
            Some(SqlStorageValue::String(text)) => Ok(Some(text)),
            Some(SqlStorageValue::Null) => Ok(None),
            _ => Err(broken("a text")),
        }
    }

    pub(super) fn text(&mut self) -> Result<String> {
        self.text_or_null()?.ok_or_else(|| broken("a text"))
    }

    pub(super) fn integer(&mut self) -> Result<i64> {
        self.integer_or_null()?.ok_or_else(|| broken("a number"))
    }

    pub(super) fn integer_or_null(&mut self) -> Result<Option<i64>> {
        match self.0.next() {
            Some(SqlStorageValue::Integer(number)) => Ok(Some(number)),
            Some(SqlStorageValue::Null) => Ok(None),
            _ => Err(broken("a number")),
        }
    }

    pub(super) fn time(&mut self) -> Result<Timestamp> {
        time(self.integer()?)
    }
}

/// A time, in whole seconds since 1970.
pub(super) fn time(seconds: i64) -> Result<Timestamp> {
    Timestamp::from_second(seconds).map_err(|_| broken("a time"))
}

/// A table does not hold what we put there.
pub(super) fn broken(what: &str) -> Error {
    Error::RustError(format!("a table of the account lacks {what}"))
}
