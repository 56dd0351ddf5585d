//! The one thing that the rows need of a database: to run a statement.
//!
//! In the object that is its own SQLite; in the tests it is another one, so
//! that the same SQL is tried natively.

use worker::{Result, SqlStorage, SqlStorageValue};

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
