//! This document, and oneself.

use super::row::{DELETE, GET, POST};
use crate::operation::{ACCOUNT_READ, ACCOUNT_WRITE, Call, Needs, Operation, Tag};
use crate::problem::{Code, Problem};
use crate::shape::{
    Document, Grant, Key, KeyWithText, List, Login, MakeKey, Me, RotateKey, Session, Shape,
};

pub(super) static OPERATIONS: &[Operation] = &[
    Operation {
        call: Call::ShowDocument,
        path: "/openapi.json",
        id: "getDocument",
        tag: Tag::About,
        summary: "This document",
        about: "OpenAPI 3.1, made from the table that also leads requests to what answers them.",
        needs: Needs::Nothing,
        answer: Some(Shape::of::<Document>()),
        ..GET
    },
    Operation {
        call: Call::ShowProblem,
        path: "/problems/{code}",
        id: "getProblem",
        tag: Tag::About,
        summary: "What a refusal means",
        about: "Where the `type` of a refusal leads.",
        needs: Needs::Nothing,
        answer: Some(Shape::of::<Problem>()),
        ..GET
    },
    Operation {
        call: Call::ShowMe,
        path: "/me",
        id: "getMe",
        tag: Tag::Me,
        summary: "Who you are",
        about: "Your account, your roles, and what your credential allows. With a login session, \
                also the token for requests that change something.",
        answer: Some(Shape::of::<Me>()),
        ..GET
    },
    Operation {
        call: Call::ListKeys,
        path: "/me/api-keys",
        id: "listApiKeys",
        tag: Tag::Keys,
        summary: "Your API keys",
        about: "All of them, and those that ended within 30 days.",
        needs: Needs::Permission(ACCOUNT_READ),
        answer: Some(Shape::of::<List<Key>>()),
        ..GET
    },
    Operation {
        call: Call::MakeKey,
        path: "/me/api-keys",
        id: "makeApiKey",
        tag: Tag::Keys,
        summary: "Make an API key",
        about: "The answer has the key's text, which nobody can see again. A key goes as far as \
                what it is made with at most. If `Idempotency-Key` names the request, no second \
                one makes another key: it is refused with `repeated`.",
        needs: Needs::Permission(ACCOUNT_WRITE),
        idempotency: true,
        body: Some(Shape::of::<MakeKey>()),
        status: 201,
        answer: Some(Shape::of::<KeyWithText>()),
        refusals: &[Code::Conflict, Code::Repeated, Code::Full, Code::Forbidden],
        ..POST
    },
    Operation {
        call: Call::ShowKey,
        path: "/me/api-keys/{id}",
        id: "getApiKey",
        tag: Tag::Keys,
        summary: "One of your API keys",
        about: "Without its text.",
        needs: Needs::Permission(ACCOUNT_READ),
        answer: Some(Shape::of::<Key>()),
        ..GET
    },
    Operation {
        call: Call::RotateKey,
        path: "/me/api-keys/{id}/rotate",
        id: "rotateApiKey",
        tag: Tag::Keys,
        summary: "Give an API key a new secret",
        about: "The former secret stays good for a while, so that it can be replaced everywhere. \
                With a key or token, only a key that goes no further than it does.",
        needs: Needs::Permission(ACCOUNT_WRITE),
        idempotency: true,
        body: Some(Shape::of::<RotateKey>()),
        answer: Some(Shape::of::<KeyWithText>()),
        refusals: &[Code::Repeated, Code::Forbidden],
        ..POST
    },
    Operation {
        call: Call::RevokeKey,
        path: "/me/api-keys/{id}",
        id: "revokeApiKey",
        tag: Tag::Keys,
        summary: "End an API key",
        about: "What was begun with it ends, too; everywhere within 30 seconds.",
        needs: Needs::Permission(ACCOUNT_WRITE),
        ..DELETE
    },
    Operation {
        call: Call::ListGrants,
        path: "/me/grants",
        id: "listGrants",
        tag: Tag::Acting,
        summary: "Apps that may act for you",
        about: "And how far.",
        needs: Needs::Permission(ACCOUNT_READ),
        answer: Some(Shape::of::<List<Grant>>()),
        ..GET
    },
    Operation {
        call: Call::EndGrant,
        path: "/me/grants/{id}",
        id: "endGrant",
        tag: Tag::Acting,
        summary: "Take back what an app was granted",
        about: "Its tokens and sessions end.",
        needs: Needs::Permission(ACCOUNT_WRITE),
        ..DELETE
    },
    Operation {
        call: Call::ListSessions,
        path: "/me/sessions",
        id: "listSessions",
        tag: Tag::Acting,
        summary: "Sessions of apps",
        about: "Those that are open.",
        needs: Needs::Permission(ACCOUNT_READ),
        answer: Some(Shape::of::<List<Session>>()),
        ..GET
    },
    Operation {
        call: Call::EndSession,
        path: "/me/sessions/{id}",
        id: "endSession",
        tag: Tag::Acting,
        summary: "End a session of an app",
        about: "The app may open another.",
        needs: Needs::Permission(ACCOUNT_WRITE),
        ..DELETE
    },
    Operation {
        call: Call::ListLogins,
        path: "/me/logins",
        id: "listLogins",
        tag: Tag::Acting,
        summary: "Where you are logged in",
        about: "Browsers on this server's pages.",
        needs: Needs::Permission(ACCOUNT_READ),
        answer: Some(Shape::of::<List<Login>>()),
        ..GET
    },
    Operation {
        call: Call::EndLogin,
        path: "/me/logins/{id}",
        id: "endLogin",
        tag: Tag::Acting,
        summary: "Sign a browser out",
        about: "Apps keep what they were granted.",
        needs: Needs::Permission(ACCOUNT_WRITE),
        ..DELETE
    },
];
