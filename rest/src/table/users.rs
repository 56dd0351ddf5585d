//! Users.

use super::query::{CURSOR, LIMIT, ROLE, SEARCH};
use super::row::{GET, POST, PUT};
use crate::operation::{ADMIN_USERS, Call, Needs, Operation, Tag};
use crate::problem::Code;
use crate::shape::{List, Shape, User, UserDetail, UserRoles};

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        call: Call::ListUsers,
        path: "/users",
        id: "listUsers",
        tag: Tag::Users,
        summary: "Who has logged in",
        about: "The newest login first.",
        needs: Needs::Permission(ADMIN_USERS),
        query: &[LIMIT, CURSOR, SEARCH, ROLE],
        answer: Some(Shape::of::<List<User>>()),
        ..GET
    },
    Operation {
        call: Call::ShowUser,
        path: "/users/{account}",
        id: "getUser",
        tag: Tag::Users,
        summary: "One user",
        about: "And how much acts for them.",
        needs: Needs::Permission(ADMIN_USERS),
        answer: Some(Shape::of::<UserDetail>()),
        ..GET
    },
    Operation {
        call: Call::DisableUser,
        path: "/users/{account}/disable",
        id: "disableUser",
        tag: Tag::Users,
        summary: "Disable a user",
        about: "All that acts for them ends, and nothing begins until they are enabled. Twice is \
                the same as once.",
        needs: Needs::Permission(ADMIN_USERS),
        status: 204,
        refusals: &[Code::Forbidden],
        ..POST
    },
    Operation {
        call: Call::EnableUser,
        path: "/users/{account}/enable",
        id: "enableUser",
        tag: Tag::Users,
        summary: "Enable a user",
        about: "They may log in again; what ended does not come back.",
        needs: Needs::Permission(ADMIN_USERS),
        status: 204,
        ..POST
    },
    Operation {
        call: Call::EndUser,
        path: "/users/{account}/end",
        id: "endUser",
        tag: Tag::Users,
        summary: "End all that acts for a user",
        about: "They may log in again.",
        needs: Needs::Permission(ADMIN_USERS),
        status: 204,
        refusals: &[Code::Forbidden],
        ..POST
    },
    Operation {
        call: Call::ShowUserRoles,
        path: "/users/{account}/roles",
        id: "getUserRoles",
        tag: Tag::Users,
        summary: "The roles of a user",
        about: "`ETag` says which version they are.",
        needs: Needs::Permission(ADMIN_USERS),
        answer: Some(Shape::of::<UserRoles>()),
        etag: true,
        ..GET
    },
    Operation {
        call: Call::SetUserRoles,
        path: "/users/{account}/roles",
        id: "setUserRoles",
        tag: Tag::Users,
        summary: "Give a user these roles",
        about: "And take the others. What is in the token of an app counts until it ends.",
        needs: Needs::Permission(ADMIN_USERS),
        if_match: true,
        body: Some(Shape::of::<UserRoles>()),
        answer: Some(Shape::of::<UserRoles>()),
        etag: true,
        refusals: &[Code::Forbidden, Code::Conflict],
        ..PUT
    },
];
