//! How much users did, and what.

use super::query::{
    ACCOUNT, AS_CSV, AS_LINES, BY, CLIENT, CURSOR, EVERY, EXPORTED, FROM, KIND, NAME, OUTCOME,
    TOOL, UNTIL,
};
use super::row::GET;
use crate::operation::{ACCOUNT_READ, ADMIN_AUDIT, ADMIN_USAGE, Call, Needs, Operation, Tag};
use crate::shape::{List, Row, Shape, Usage};

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        call: Call::ShowOwnUsage,
        path: "/me/usage",
        id: "getMyUsage",
        tag: Tag::Usage,
        summary: "Your usage",
        about: "At most 10,000 lines, the newest. What just happened comes within seconds.",
        needs: Needs::Permission(ACCOUNT_READ),
        query: &[FROM, UNTIL, TOOL, CLIENT, EVERY, BY, AS_CSV],
        answer: Some(Shape::of::<List<Usage>>()),
        file: Some("text/csv"),
        ..GET
    },
    Operation {
        call: Call::ShowUsage,
        path: "/usage",
        id: "getUsage",
        tag: Tag::Usage,
        summary: "Everybody's usage",
        about: "At most 10,000 lines, the newest. What just happened comes within seconds.",
        needs: Needs::Permission(ADMIN_USAGE),
        query: &[FROM, UNTIL, ACCOUNT, TOOL, CLIENT, EVERY, BY, AS_CSV],
        answer: Some(Shape::of::<List<Usage>>()),
        file: Some("text/csv"),
        ..GET
    },
    Operation {
        call: Call::ListOwnAudit,
        path: "/me/audit",
        id: "listMyAudit",
        tag: Tag::Audit,
        summary: "What you did, and what was done as you",
        about: "The newest first. What just happened comes within seconds.",
        needs: Needs::Permission(ACCOUNT_READ),
        query: &[EXPORTED, CURSOR, NAME, KIND, OUTCOME, FROM, UNTIL, AS_LINES],
        answer: Some(Shape::of::<List<Row>>()),
        file: Some("application/jsonl"),
        ..GET
    },
    Operation {
        call: Call::ListAudit,
        path: "/audit",
        id: "listAudit",
        tag: Tag::Audit,
        summary: "What everybody did",
        about: "The newest first. What just happened comes within seconds.",
        needs: Needs::Permission(ADMIN_AUDIT),
        query: &[
            EXPORTED, CURSOR, ACCOUNT, NAME, KIND, OUTCOME, FROM, UNTIL, AS_LINES,
        ],
        answer: Some(Shape::of::<List<Row>>()),
        file: Some("application/jsonl"),
        ..GET
    },
];
