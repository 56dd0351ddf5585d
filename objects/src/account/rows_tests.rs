use oauth::grant::contract;
use rusqlite::Connection;
use rusqlite::types::{Value, ValueRef};

use super::*;

/// An SQLite in memory, in place of the object's.
impl Query for Connection {
    fn run(&self, statement: &str, values: Vec<SqlStorageValue>) -> Result<Vec<Row>> {
        let failed = |error: rusqlite::Error| Error::RustError(error.to_string());
        let values = values.into_iter().map(|value| match value {
            SqlStorageValue::Null => Value::Null,
            SqlStorageValue::Boolean(truth) => Value::Integer(truth.into()),
            SqlStorageValue::Integer(number) => Value::Integer(number),
            SqlStorageValue::Float(number) => Value::Real(number),
            SqlStorageValue::String(text) => Value::Text(text),
            SqlStorageValue::Blob(bytes) => Value::Blob(bytes),
        });
        let mut statement = self.prepare(statement).map_err(failed)?;
        let columns = statement.column_count();
        let mut rows = statement
            .query(rusqlite::params_from_iter(values))
            .map_err(failed)?;
        let mut read = Vec::new();
        while let Some(row) = rows.next().map_err(failed)? {
            let row = (0..columns).map(|column| match row.get_ref_unwrap(column) {
                ValueRef::Null => SqlStorageValue::Null,
                ValueRef::Integer(number) => SqlStorageValue::Integer(number),
                ValueRef::Real(number) => SqlStorageValue::Float(number),
                ValueRef::Text(text) => String::from_utf8_lossy(text).as_ref().into(),
                ValueRef::Blob(bytes) => bytes.to_vec().into(),
            });
            read.push(row.collect());
        }
        Ok(read)
    }
}

fn rows() -> GrantRows<Connection> {
    GrantRows::open(Connection::open_in_memory().unwrap()).unwrap()
}

#[test]
fn the_tables_keep_the_contract_of_a_grant_store() {
    contract::holds(rows);
}

#[test]
fn opening_the_tables_again_keeps_what_is_in_them() {
    let path = std::env::temp_dir().join(format!("sessile-grants-{}.db", std::process::id()));
    let open = || GrantRows::open(Connection::open(&path).unwrap()).unwrap();
    let secret = oauth::grant::Approval {
        terms: contract::terms(),
        redirect_uri: "http://127.0.0.1:1/cb".into(),
        challenge: Challenge::trusted("challenge".into()),
    };
    let secret = oauth::grant::issue(&mut open(), contract::NOW, [1; 32], secret).unwrap();
    let found = open().code(&SecretHash::of(&secret.0)).unwrap();
    assert_eq!(found.map(|code| code.terms), Some(contract::terms()));
    std::fs::remove_file(&path).unwrap();
}

/// Promise 6: no secret is stored in clear.
/// Checklist SEC-08.
#[test]
fn no_secret_is_in_the_tables() {
    let mut rows = rows();
    let approval = oauth::grant::Approval {
        terms: contract::terms(),
        redirect_uri: "http://127.0.0.1:1/cb".into(),
        challenge: Challenge::trusted("challenge".into()),
    };
    let secret = oauth::grant::issue(&mut rows, contract::NOW, [1; 32], approval).unwrap();
    for row in rows.0.run("SELECT * FROM codes", vec![]).unwrap() {
        assert!(!format!("{row:?}").contains(&secret.0));
    }
}
