//! What can be said in queries.

use schemars::Schema;
use serde_json::json;

use crate::limit::{EXPORT_MAX, LIMIT_DEFAULT, LIMIT_MAX};
use crate::operation::Query;
use crate::shape::ROLE_NAME_CHARS_MAX;

/// Most characters of a text that is searched for.
const SEARCH_CHARS_MAX: usize = 100;
/// Most characters of a cursor: ours are shorter.
const CURSOR_CHARS_MAX: usize = 512;
/// Most characters of a word that is looked for.
const WORD_CHARS_MAX: usize = 256;

pub(super) const LIMIT: Query = Query {
    name: "limit",
    about: "How many at once.",
    schema: |_| {
        let schema = json!({
            "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT,
        });
        schema.try_into().unwrap_or_default()
    },
    example: "50",
};
pub(super) const CURSOR: Query = Query {
    name: "cursor",
    about: "Where the last answer ended: `next` has it, and nobody else makes one. With \
            another filter it is refused.",
    schema: |_| {
        let schema = json!({
            "type": "string", "minLength": 1, "maxLength": CURSOR_CHARS_MAX,
        });
        schema.try_into().unwrap_or_default()
    },
    example: "",
};
pub(super) const SEARCH: Query = Query {
    name: "search",
    about: "Only those with this text in their name, subject or issuer.",
    schema: |_| {
        let schema = json!({ "type": "string", "maxLength": SEARCH_CHARS_MAX });
        schema.try_into().unwrap_or_default()
    },
    example: "ada",
};
pub(super) const ROLE: Query = Query {
    name: "role",
    about: "Only those who were given this role.",
    schema: |_| {
        let schema = json!({ "type": "string", "maxLength": ROLE_NAME_CHARS_MAX });
        schema.try_into().unwrap_or_default()
    },
    example: "help-desk",
};

pub(super) const EXPORTED: Query = Query {
    schema: |_| {
        let schema = json!({
            "type": "integer", "minimum": 1, "maximum": EXPORT_MAX, "default": LIMIT_DEFAULT,
        });
        schema.try_into().unwrap_or_default()
    },
    ..LIMIT
};
pub(super) const FROM: Query = Query {
    name: "from",
    about: "At this time or later (RFC 3339); usage from the hour of it on. Without it, of the \
            last 24 hours.",
    schema: |_| time(),
    example: "2026-11-20T00:00:00Z",
};
pub(super) const UNTIL: Query = Query {
    name: "until",
    about: "Before this time (RFC 3339); usage before the hour of it. Without it, until now.",
    schema: |_| time(),
    example: "2026-11-21T00:00:00Z",
};
pub(super) const ACCOUNT: Query = Query {
    name: "account",
    about: "Of this account alone.",
    schema: |_| word(),
    example: "pXf0Zy1Wqk2c5JdH8sLr9Q",
};
pub(super) const TOOL: Query = Query {
    name: "tool",
    about: "Of this tool alone.",
    schema: |_| word(),
    example: "note_write",
};
pub(super) const CLIENT: Query = Query {
    name: "client",
    about: "Of this app or key alone.",
    schema: |_| word(),
    example: "https://app.example/client.json",
};
pub(super) const NAME: Query = Query {
    name: "name",
    about: "Of this tool, prompt or action alone.",
    schema: |_| word(),
    example: "note_write",
};
pub(super) const KIND: Query = Query {
    name: "kind",
    about: "Of this sort alone.",
    schema: |_| {
        one_of(&[
            "tool",
            "prompt",
            "resource",
            "login",
            "consent",
            "grant",
            "revocation",
            "key",
            "admin",
        ])
    },
    example: "tool",
};
pub(super) const OUTCOME: Query = Query {
    name: "outcome",
    about: "What came of it.",
    schema: |_| one_of(&["ok", "error", "failed", "refused"]),
    example: "refused",
};
pub(super) const EVERY: Query = Query {
    name: "every",
    about: "A line for each hour, or for each day in UTC.",
    schema: |_| one_of(&["hour", "day"]),
    example: "day",
};
pub(super) const BY: Query = Query {
    name: "by",
    about: "What lines tell apart, with commas between; the rest is summed up.",
    schema: |_| {
        let schema = json!({
            "type": "string", "pattern": "^(account|tool|client)(,(account|tool|client)){0,2}$",
        });
        schema.try_into().unwrap_or_default()
    },
    example: "account,tool",
};
pub(super) const AS_CSV: Query = Query {
    name: "format",
    about: "As what.",
    schema: |_| one_of(&["json", "csv"]),
    example: "json",
};
pub(super) const AS_LINES: Query = Query {
    name: "format",
    about: "As what. JSON Lines have each record as it was hashed; more of them is where `Link` \
            says.",
    schema: |_| one_of(&["json", "jsonl"]),
    example: "json",
};

fn word() -> Schema {
    let schema = json!({ "type": "string", "minLength": 1, "maxLength": WORD_CHARS_MAX });
    schema.try_into().unwrap_or_default()
}

fn time() -> Schema {
    let schema = json!({ "type": "string", "format": "date-time" });
    schema.try_into().unwrap_or_default()
}

fn one_of(words: &[&str]) -> Schema {
    let schema = json!({ "type": "string", "enum": words });
    schema.try_into().unwrap_or_default()
}
