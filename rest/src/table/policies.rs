//! Policies, and who has which.

use super::row::{DELETE, GET, POST, PUT};
use crate::operation::{ADMIN_POLICIES, Call, Needs, Operation, Tag};
use crate::problem::Code;
use crate::shape::{AddPolicy, Given, List, Policy, SavePolicy, Shape};

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        call: Call::ListPolicies,
        path: "/policies",
        id: "listPolicies",
        tag: Tag::Policies,
        summary: "The policies there are",
        about: "In the order of their names.",
        needs: Needs::Permission(ADMIN_POLICIES),
        answer: Some(Shape::of::<List<Policy>>()),
        ..GET
    },
    Operation {
        call: Call::AddPolicy,
        path: "/policies",
        id: "addPolicy",
        tag: Tag::Policies,
        summary: "Add a policy",
        about: "It holds for nobody until a role or a user gets it.",
        needs: Needs::Permission(ADMIN_POLICIES),
        body: Some(Shape::of::<AddPolicy>()),
        status: 201,
        answer: Some(Shape::of::<Policy>()),
        etag: true,
        refusals: &[Code::Conflict, Code::Full],
        ..POST
    },
    Operation {
        call: Call::ShowPolicy,
        path: "/policies/{policy}",
        id: "getPolicy",
        tag: Tag::Policies,
        summary: "One policy",
        about: "`ETag` says which version it is.",
        needs: Needs::Permission(ADMIN_POLICIES),
        answer: Some(Shape::of::<Policy>()),
        etag: true,
        ..GET
    },
    Operation {
        call: Call::SavePolicy,
        path: "/policies/{policy}",
        id: "savePolicy",
        tag: Tag::Policies,
        summary: "Change a policy",
        about: "It works within a second for whoever has it.",
        needs: Needs::Permission(ADMIN_POLICIES),
        if_match: true,
        body: Some(Shape::of::<SavePolicy>()),
        answer: Some(Shape::of::<Policy>()),
        etag: true,
        ..PUT
    },
    Operation {
        call: Call::DeletePolicy,
        path: "/policies/{policy}",
        id: "deletePolicy",
        tag: Tag::Policies,
        summary: "Delete a policy",
        about: "Not while a role or a user has it.",
        needs: Needs::Permission(ADMIN_POLICIES),
        if_match: true,
        refusals: &[Code::Conflict],
        ..DELETE
    },
    Operation {
        call: Call::GiveRolePolicy,
        path: "/roles/{name}/policy",
        id: "giveRolePolicy",
        tag: Tag::Policies,
        summary: "Give a role a policy",
        about: "In place of the one it has. It works within a second.",
        needs: Needs::Permission(ADMIN_POLICIES),
        body: Some(Shape::of::<Given>()),
        answer: Some(Shape::of::<Given>()),
        refusals: &[Code::Conflict],
        ..PUT
    },
    Operation {
        call: Call::TakeRolePolicy,
        path: "/roles/{name}/policy",
        id: "takeRolePolicy",
        tag: Tag::Policies,
        summary: "Take the policy of a role away",
        about: "Twice is the same as once.",
        needs: Needs::Permission(ADMIN_POLICIES),
        ..DELETE
    },
    Operation {
        call: Call::ShowUserPolicy,
        path: "/users/{account}/policy",
        id: "getUserPolicy",
        tag: Tag::Policies,
        summary: "The policy that a user has as their own",
        about: "404 if they have that of a role, or of the configuration.",
        needs: Needs::Permission(ADMIN_POLICIES),
        answer: Some(Shape::of::<Given>()),
        ..GET
    },
    Operation {
        call: Call::GiveUserPolicy,
        path: "/users/{account}/policy",
        id: "giveUserPolicy",
        tag: Tag::Policies,
        summary: "Give a user a policy of their own",
        about: "It counts before those of roles, and works within a second.",
        needs: Needs::Permission(ADMIN_POLICIES),
        body: Some(Shape::of::<Given>()),
        answer: Some(Shape::of::<Given>()),
        refusals: &[Code::Conflict],
        ..PUT
    },
    Operation {
        call: Call::TakeUserPolicy,
        path: "/users/{account}/policy",
        id: "takeUserPolicy",
        tag: Tag::Policies,
        summary: "Take a user's own policy away",
        about: "Twice is the same as once.",
        needs: Needs::Permission(ADMIN_POLICIES),
        ..DELETE
    },
];
