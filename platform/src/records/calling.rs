//! The record of a call, from its beginning to its end.

use audit::{Actor, Cost, Kind, Outcome, Record, Undigested, Word};
use jiff::Timestamp;
use mcp::principal::Principal;
use mcp::tool::catalog::Entry;
use mcp::tool::{self, Invocation, Target};
use mcp::via::Via;
use serde_json::Value;
use worker::Env;

use super::{digest, note};
use crate::behind::behind_the_answer;
use crate::clock;

/// Why there is no outcome.
const STOPPED: &str = "it was stopped, or not answered";

/// A call that goes on. When this is dropped before it has ended, it was stopped.
#[derive(Debug)]
pub struct Calling {
    env: Env,
    began: Timestamp,
    record: Option<Record>,
    /// The arguments, if they are long: they cost nothing before the answer.
    long: Option<Undigested>,
}

impl Calling {
    /// A call that begins now. What neither calls a tool nor asks for a prompt or
    /// resource has no record.
    pub fn begins(
        env: &Env,
        entry: &Entry,
        invocation: &Invocation,
        principal: &Principal,
        session: Option<&str>,
    ) -> Self {
        let began = clock::now();
        let arguments = arguments(entry, invocation);
        let (long, arguments) = match arguments {
            Some(arguments) if digest::is_long(&arguments) => (Some(arguments), None),
            arguments => (None, arguments.map(Undigested::digested)),
        };
        let record = kind(&invocation.target).map(|kind| Record {
            at: began,
            kind,
            actor: Actor {
                session: session.map(Into::into),
                ..actor(principal, &invocation.via)
            },
            address: invocation.via.address.as_deref().map(Into::into),
            name: entry.key.as_str().into(),
            target: uri(&invocation.target),
            permission: entry
                .contract
                .permission
                .as_ref()
                .map(|permission| permission.as_str().into()),
            arguments,
            outcome: Outcome::Failed,
            why: Some(STOPPED.into()),
            times: 1,
            cost: Cost::default(),
        });
        Self {
            env: env.clone(),
            began,
            record,
            long,
        }
    }

    /// It was refused before it began: there is nothing to record of it here.
    pub fn never_began(mut self) {
        self.record = None;
    }

    /// It has ended like this, and so many rows were written for it.
    pub fn ended(mut self, outcome: &tool::Outcome, rows: u32) {
        if let Some(record) = &mut self.record {
            (record.outcome, record.why) = match outcome {
                tool::Outcome::Complete { result, .. } => {
                    if result.get("isError") == Some(&Value::Bool(true)) {
                        (Outcome::Error, None)
                    } else {
                        (Outcome::Ok, None)
                    }
                }
                tool::Outcome::BecomesTask => (Outcome::Ok, Some("it goes on as a task".into())),
                tool::Outcome::Asks { .. } => (Outcome::Ok, Some("it asks the user".into())),
                // The words are the tool's, and may say anything.
                tool::Outcome::Failed(error) => {
                    let why = format!("error {}", error.code.0);
                    (Outcome::Failed, Some(why.into()))
                }
            };
            record.cost.rows = rows;
        }
    }
}

impl Drop for Calling {
    fn drop(&mut self) {
        if let Some(mut record) = self.record.take() {
            let took = clock::now().duration_since(self.began);
            record.cost.micros = u64::try_from(took.as_micros()).unwrap_or(0);
            match self.long.take() {
                Some(long) => note_with(&self.env, record, long),
                None => note(&self.env, record),
            }
        }
    }
}

/// Who asked, in which way.
pub(super) fn actor(principal: &Principal, via: &Via) -> Actor {
    Actor {
        account: Some(principal.account.as_str().into()),
        name: None,
        client: via.client.as_deref().map(Into::into),
        grant: via.grant.as_deref().map(Into::into),
        session: None,
    }
}

/// What a resource is named by; its entry may be a template.
fn uri(target: &Target) -> Option<Word> {
    match target {
        Target::Resource(uri) => Some(uri.as_str().into()),
        Target::Tool(_)
        | Target::Prompt(_)
        | Target::PromptArgument(_)
        | Target::TemplateVariable(_)
        | Target::TaskResult(_) => None,
    }
}

/// What kind of call is about this, if it is one.
pub(super) fn kind(target: &Target) -> Option<Kind> {
    match target {
        Target::Tool(_) => Some(Kind::Tool),
        Target::Prompt(_) => Some(Kind::Prompt),
        Target::Resource(_) => Some(Kind::Resource),
        Target::PromptArgument(_) | Target::TemplateVariable(_) | Target::TaskResult(_) => None,
    }
}

/// Notes a record of long arguments, behind the answer.
fn note_with(env: &Env, mut record: Record, long: Undigested) {
    let env = env.clone();
    behind_the_answer(async move {
        record.arguments = Some(digest::of_long(long).await);
        note(&env, record);
    });
}

fn arguments(entry: &Entry, invocation: &Invocation) -> Option<Undigested> {
    Undigested::of(invocation.arguments.as_ref()?, &entry.contract.shows)
}
