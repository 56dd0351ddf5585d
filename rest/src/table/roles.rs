//! Roles.

use super::row::{DELETE, GET, POST, PUT};
use crate::operation::{ADMIN_USERS, Call, Needs, Operation, Tag};
use crate::problem::Code;
use crate::shape::{AddRole, List, Role, SaveRole, Shape};

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        call: Call::ListRoles,
        path: "/roles",
        id: "listRoles",
        tag: Tag::Roles,
        summary: "The roles there are",
        about: "In the order of their names.",
        needs: Needs::Permission(ADMIN_USERS),
        answer: Some(Shape::of::<List<Role>>()),
        ..GET
    },
    Operation {
        call: Call::AddRole,
        path: "/roles",
        id: "addRole",
        tag: Tag::Roles,
        summary: "Add a role",
        about: "The same a second time changes nothing.",
        needs: Needs::Permission(ADMIN_USERS),
        body: Some(Shape::of::<AddRole>()),
        status: 201,
        answer: Some(Shape::of::<Role>()),
        etag: true,
        refusals: &[Code::Conflict, Code::Forbidden],
        ..POST
    },
    Operation {
        call: Call::ShowRole,
        path: "/roles/{name}",
        id: "getRole",
        tag: Tag::Roles,
        summary: "One role",
        about: "`ETag` says which version it is.",
        needs: Needs::Permission(ADMIN_USERS),
        answer: Some(Shape::of::<Role>()),
        etag: true,
        ..GET
    },
    Operation {
        call: Call::SaveRole,
        path: "/roles/{name}",
        id: "saveRole",
        tag: Tag::Roles,
        summary: "Change what a role allows",
        about: "The role `admin` cannot be changed; `user` can.",
        needs: Needs::Permission(ADMIN_USERS),
        if_match: true,
        body: Some(Shape::of::<SaveRole>()),
        answer: Some(Shape::of::<Role>()),
        etag: true,
        refusals: &[Code::Forbidden],
        ..PUT
    },
    Operation {
        call: Call::DeleteRole,
        path: "/roles/{name}",
        id: "deleteRole",
        tag: Tag::Roles,
        summary: "Delete a role",
        about: "Not while users have it. Of `user`, what was written is deleted, and it is as it \
                is built in.",
        needs: Needs::Permission(ADMIN_USERS),
        if_match: true,
        refusals: &[Code::Forbidden, Code::Conflict],
        ..DELETE
    },
];
