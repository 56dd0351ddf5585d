//! What most rows have in common.

use crate::operation::{Call, Needs, Operation, Tag, Verb};

/// A row that reads.
pub(super) const GET: Operation = Operation {
    call: Call::ShowMe,
    verb: Verb::Get,
    path: "",
    id: "",
    tag: Tag::Me,
    summary: "",
    about: "",
    needs: Needs::Caller,
    query: &[],
    if_match: false,
    idempotency: false,
    body: None,
    status: 200,
    answer: None,
    file: None,
    etag: false,
    refusals: &[],
};
/// One that does something.
pub(super) const POST: Operation = Operation {
    verb: Verb::Post,
    ..GET
};
/// One that replaces; twice is the same as once.
pub(super) const PUT: Operation = Operation {
    verb: Verb::Put,
    ..GET
};
/// One that ends or deletes; twice is the same as once.
pub(super) const DELETE: Operation = Operation {
    verb: Verb::Delete,
    status: 204,
    ..GET
};
