//! The tables of D1 in an SQLite in memory, which fails as it is told to.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use audit::{Audited, Batch, Break, ChainRow, Database, Ends, Link, Row, Statement, Value};
use audit::{Verifier, append};
use futures_util::FutureExt;
use jiff::Timestamp;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde::de::DeserializeOwned;
use serde_json::{Map, json};

/// What goes wrong at one request of a writer.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// Nothing.
    None,
    /// Nothing was done.
    Before,
    /// It was done, and the writer is told that it failed.
    After,
    /// Another writer appends these batches just before.
    Beaten(Vec<Batch>),
}

/// The tables.
pub(crate) struct Tables {
    connection: Connection,
    faults: RefCell<VecDeque<Fault>>,
    /// How often a writer asked or wrote.
    pub(crate) requests: Cell<usize>,
}

#[derive(Debug)]
pub(crate) struct Failed;

pub(crate) const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

impl Tables {
    /// Empty tables, as the migration makes them.
    pub(crate) fn new() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        let migration = include_str!("../../../migrations/0004_audit.sql");
        connection.execute_batch(migration).unwrap();
        Self {
            connection,
            faults: RefCell::default(),
            requests: Cell::new(0),
        }
    }

    /// What goes wrong at the next requests, one after the other.
    pub(crate) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.borrow_mut().extend(faults);
    }

    /// Nothing goes wrong any more.
    pub(crate) fn heal(&self) {
        self.faults.borrow_mut().clear();
    }

    /// Appends batches as a writer does; whether that succeeded.
    pub(crate) fn append(&self, batches: &[Batch], audited: Audited) -> Option<usize> {
        let appending = append(self, batches, audited, NOW).now_or_never();
        appending.expect("nothing is waited for").ok()
    }

    /// Does to the tables what somebody with other intentions would.
    pub(crate) fn tamper(&self, sql: &str) {
        self.connection.execute_batch(sql).unwrap();
    }

    /// Whether that is possible.
    pub(crate) fn try_tamper(&self, sql: &str) -> Result<(), rusqlite::Error> {
        self.connection.execute_batch(sql)
    }

    /// One text.
    pub(crate) fn text(&self, sql: &str) -> String {
        let text = self.connection.query_row(sql, [], |row| row.get(0));
        text.unwrap()
    }

    /// One number.
    pub(crate) fn number(&self, sql: &str) -> i64 {
        let number = self.connection.query_row(sql, [], |row| row.get(0));
        number.unwrap()
    }

    /// The records in their order.
    pub(crate) fn records(&self) -> Vec<String> {
        let ask = "SELECT record FROM audit ORDER BY seq";
        let mut statement = self.connection.prepare(ask).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    /// Verifies the chain as `cargo xtask audit verify` does.
    pub(crate) fn verify(&self, noted: Option<Link>) -> Result<(Link, u64), Break> {
        let row: Vec<ChainRow> = self.read(&Verifier::ends()).unwrap();
        let ends: Ends = row.into_iter().next().unwrap().into();
        let mut verifier = Verifier::new(ends, noted)?;
        if let Some(stray) = self.read::<Row>(&Verifier::strays()).unwrap().first() {
            return Err(Break::Stray(stray.seq));
        }
        while let Some(next) = verifier.next() {
            verifier.see(&self.read(&next).unwrap())?;
        }
        verifier.finish()
    }

    fn read<R: DeserializeOwned>(&self, statement: &Statement) -> Result<Vec<R>, rusqlite::Error> {
        let mut prepared = self.connection.prepare(&statement.sql)?;
        let names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
        let mut rows = prepared.query(rusqlite::params_from_iter(values(statement)))?;
        let mut read = Vec::new();
        while let Some(row) = rows.next()? {
            let mut object = Map::new();
            for (index, name) in names.iter().enumerate() {
                let value = match row.get_ref(index)? {
                    ValueRef::Integer(number) => json!(number),
                    ValueRef::Text(text) => json!(std::str::from_utf8(text).unwrap()),
                    ValueRef::Null => json!(null),
                    other @ (ValueRef::Real(_) | ValueRef::Blob(_)) => {
                        panic!("no column of ours is {other:?}")
                    }
                };
                object.insert(name.clone(), value);
            }
            read.push(serde_json::from_value(object.into()).unwrap());
        }
        Ok(read)
    }

    fn write(&self, statements: &[Statement]) -> Result<(), rusqlite::Error> {
        let transaction = self.connection.unchecked_transaction()?;
        for statement in statements {
            let values = rusqlite::params_from_iter(values(statement));
            self.connection.execute(&statement.sql, values)?;
        }
        transaction.commit()
    }

    fn fault(&self) -> Result<Fault, Failed> {
        self.requests.set(self.requests.get() + 1);
        let fault = self.faults.borrow_mut().pop_front().unwrap_or(Fault::None);
        match fault {
            Fault::Before => Err(Failed),
            Fault::Beaten(batches) => {
                // The other one has what goes wrong next, and may fail with it.
                self.append(&batches, Audited::Everything);
                Ok(Fault::None)
            }
            other @ (Fault::None | Fault::After) => Ok(other),
        }
    }
}

/// As D1 binds them: numbers are doubles.
fn values(statement: &Statement) -> Vec<rusqlite::types::Value> {
    let bound = statement.values.iter().map(|value| match value {
        Value::Text(text) => text.clone().into(),
        #[expect(clippy::cast_precision_loss, reason = "as D1 does it")]
        Value::Integer(number) => (*number as f64).into(),
    });
    bound.collect()
}

impl Database for Tables {
    type Error = Failed;

    async fn rows<R: DeserializeOwned>(&self, statement: &Statement) -> Result<Vec<R>, Failed> {
        let fault = self.fault()?;
        let rows = self.read(statement).map_err(|_| Failed)?;
        if matches!(fault, Fault::After) {
            return Err(Failed);
        }
        Ok(rows)
    }

    async fn batch(&self, statements: &[Statement]) -> Result<(), Failed> {
        let fault = self.fault()?;
        self.write(statements).map_err(|_| Failed)?;
        if matches!(fault, Fault::After) {
            return Err(Failed);
        }
        Ok(())
    }
}
