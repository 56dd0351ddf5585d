//! `cargo xtask audit`: whether the chain of the audit is whole.
//!
//! What is looked for is `audit`'s to say; here its questions go to the database.

use std::process::ExitCode;

use ::audit::{Break, ChainRow, Ends, Link, Row, Statement, Verifier};
use anyhow::{Context, Result, anyhow};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::say::say;
use crate::server::Database;

/// How often verifying begins anew when the retention took rows away meanwhile.
const TRIES_MAX: u32 = 3;

/// Verifies the chain; an exit code says whether it is whole, and a line which row
/// is not.
pub(crate) fn verify(database: &Database, noted: Option<Link>) -> Result<ExitCode> {
    let mut tries = 0;
    loop {
        tries += 1;
        let (ends, stray) = beginning(database)?;
        let found = match whole(database, ends, stray, noted)? {
            Ok((head, count)) => {
                say(format_args!(
                    "the audit is whole: {count} rows, and the head is {head}"
                ));
                return Ok(ExitCode::SUCCESS);
            }
            Err(found) => found,
        };
        let moved = beginning(database)?.0.anchor != ends.anchor;
        if !moved || tries >= TRIES_MAX {
            say(format_args!("THE AUDIT IS BROKEN: {found}"));
            return Ok(ExitCode::FAILURE);
        }
    }
}

fn whole(
    database: &Database,
    ends: Ends,
    stray: Option<Row>,
    noted: Option<Link>,
) -> Result<Result<(Link, u64), Break>> {
    if let Some(stray) = stray {
        return Ok(Err(Break::Stray(stray.seq)));
    }
    let mut verifier = match Verifier::new(ends, noted) {
        Ok(verifier) => verifier,
        Err(found) => return Ok(Err(found)),
    };
    while let Some(next) = verifier.next() {
        let [rows] = ask(database, [&next])?;
        if let Err(found) = verifier.see(&read(rows)?) {
            return Ok(Err(found));
        }
    }
    Ok(verifier.finish())
}

/// The chain's own row, and a row before its beginning, if there is one.
fn beginning(database: &Database) -> Result<(Ends, Option<Row>)> {
    let [ends, strays] = ask(database, [&Verifier::ends(), &Verifier::strays()])?;
    let ends: Vec<ChainRow> = read(ends)?;
    let ends = ends.into_iter().next();
    let ends = ends.context("the chain's own row is missing")?;
    Ok((ends.into(), read(strays)?.into_iter().next()))
}

/// The rows of each statement; starting wrangler is what takes long.
fn ask<const N: usize>(
    database: &Database,
    statements: [&Statement; N],
) -> Result<[Vec<Value>; N]> {
    let texts = statements.map(literal).join(";\n");
    let answered = database.ask(&texts)?.try_into();
    answered.map_err(|_| anyhow!("the database did not answer each question"))
}

fn read<R: DeserializeOwned>(rows: Vec<Value>) -> Result<Vec<R>> {
    let read = rows.into_iter().map(serde_json::from_value);
    let read = read.collect::<Result<_, _>>();
    read.context("reading a row, which is not as the audit makes them")
}

/// The statement with its values in it: wrangler takes no other. All are numbers, the
/// higher of which stand for themselves first, so that `?1` is not taken out of `?10`.
fn literal(statement: &Statement) -> String {
    let mut text = statement.sql.clone();
    for (index, value) in statement.values.iter().enumerate().rev() {
        let value = match value {
            ::audit::Value::Integer(number) => number.to_string(),
            ::audit::Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        };
        text = text.replace(&format!("?{}", index + 1), &value);
    }
    text
}
