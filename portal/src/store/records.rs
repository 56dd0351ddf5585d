//! Records of the audit, and usage, in D1.

use audit::{Database, Statement, Value};
#[cfg(feature = "faults")]
use platform::faults;
use serde::de::DeserializeOwned;
use worker::{D1Database, D1PreparedStatement, D1Result, D1Type, Env, Error, Result};

use super::d1::DB;

/// The database of records.
#[derive(Debug)]
pub(crate) struct Records {
    database: D1Database,
    #[cfg(feature = "faults")]
    env: Env,
}

impl Records {
    /// The one of this deployment.
    pub(crate) fn of(env: &Env) -> Result<Self> {
        Ok(Self {
            database: env.d1(DB)?,
            #[cfg(feature = "faults")]
            env: env.clone(),
        })
    }

    fn prepared(&self, statement: &Statement) -> Result<D1PreparedStatement> {
        let values: Vec<D1Type<'_>> = statement.values.iter().map(bound).collect();
        self.database.prepare(&statement.sql).bind_refs(&values)
    }
}

impl Database for Records {
    type Error = Error;

    async fn rows<R: DeserializeOwned>(&self, statement: &Statement) -> Result<Vec<R>> {
        #[cfg(feature = "faults")]
        faults::before(&self.env, faults::RECORDS)?;
        self.prepared(statement)?.all().await?.results()
    }

    async fn batch(&self, statements: &[Statement]) -> Result<()> {
        #[cfg(feature = "faults")]
        faults::before(&self.env, faults::RECORDS)?;
        let prepared: Result<Vec<_>> = statements.iter().map(|it| self.prepared(it)).collect();
        let done = self.database.batch(prepared?).await?;
        if let Some(error) = done.iter().find_map(D1Result::error) {
            return Err(Error::RustError(error));
        }
        #[cfg(feature = "faults")]
        faults::after(&self.env, faults::RECORDS)?;
        Ok(())
    }
}

fn bound(value: &Value) -> D1Type<'_> {
    match value {
        Value::Text(text) => D1Type::Text(text),
        #[expect(clippy::cast_precision_loss, reason = "it is below 2^53")]
        Value::Integer(number) => D1Type::Real(*number as f64),
    }
}
