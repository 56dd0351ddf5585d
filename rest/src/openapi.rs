//! The document about the API, by `OpenAPI` 3.1: made from the table.

use schemars::generate::{Contract, SchemaSettings};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::operation::{Needs, Operation, Tag};
use crate::problem::{Code, Problem};
use crate::table::operations;
use crate::{BASE, CSRF_FIELD, IDEMPOTENCY_CHARS_MAX, IDEMPOTENCY_FIELD};

/// What the type of a refusal's body is (RFC 9457 section 3).
pub const PROBLEM_TYPE: &str = "application/problem+json";
/// Where schemas stand, as references have it.
const SCHEMAS: &str = "/components/schemas";

/// What only a deployment knows.
#[derive(Debug, Clone, Copy)]
pub struct Deployment<'a> {
    /// Its public origin.
    pub origin: &'a str,
    /// What the cookie of a login session is called there.
    pub cookie: &'a str,
    /// Our version.
    pub version: &'a str,
}

/// The document.
pub fn document(deployment: Deployment<'_>) -> Value {
    let mut schemas = Schemas::new();
    let problem = schemas.answered::<Problem>();
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations() {
        let described = described(operation, &mut schemas, &problem);
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(operation.verb.name().to_ascii_lowercase(), described);
        }
    }
    let tags: Vec<Value> = Tag::ALL
        .map(|tag| json!({ "name": tag.told().0, "description": tag.told().1 }))
        .into();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sessile",
            "version": deployment.version,
            "summary": "Your access to this MCP server, and that of others if you are an admin.",
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": format!("{}{BASE}", deployment.origin) }],
        "tags": tags,
        "security": secured(true),
        "paths": paths,
        "components": {
            "securitySchemes": security_schemes(deployment.cookie),
            "schemas": schemas.taken(),
            "examples": examples(),
        },
    })
}

/// What stands above all operations.
const ABOUT: &str = "An API key or an app's access token shows who you are, or the login session \
    of your browser. Keys and tokens need the scope that an operation names, and never go beyond \
    their user's roles. Every refusal is a problem (RFC 9457) whose `code` stays the same and \
    whose `detail` says what to do.";

/// Who may ask: any one of these. A login session alone is enough where nothing is
/// changed.
fn secured(safe: bool) -> Value {
    let session = if safe {
        json!({ "loginSession": [] })
    } else {
        json!({ "loginSession": [], "csrfToken": [] })
    };
    json!([{ "apiKey": [] }, { "bearer": [] }, session])
}

fn security_schemes(cookie: &str) -> Value {
    json!({
        "apiKey": {
            "type": "apiKey", "in": "header", "name": "X-API-Key",
            "description": "An API key, made at /account/api-keys or with this API.",
        },
        "bearer": {
            "type": "http", "scheme": "bearer",
            "description": "An API key, or an access token of an app. One that is bound to a key \
                            is sent as `DPoP`, with its proof (RFC 9449).",
        },
        "loginSession": {
            "type": "apiKey", "in": "cookie", "name": cookie,
            "description": "The browser is logged in on this server's pages. Pages of other \
                            origins cannot use it.",
        },
        "csrfToken": {
            "type": "apiKey", "in": "header", "name": CSRF_FIELD,
            "description": "Beside a login session, for whatever changes something: `csrf_token` \
                            of `GET /me`.",
        },
    })
}

fn described(operation: &Operation, schemas: &mut Schemas, problem: &Value) -> Value {
    let about = match operation.needs {
        Needs::Nothing | Needs::Caller => operation.about.to_owned(),
        Needs::Permission(permission) => {
            format!("{}\n\nNeeds the scope `{permission}`.", operation.about)
        }
    };
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.tag.told().0],
        "summary": operation.summary,
        "description": about,
        "responses": responses(operation, schemas, problem),
    });
    let Some(members) = described.as_object_mut() else {
        return described;
    };
    let security = match operation.needs {
        Needs::Nothing => json!([]),
        Needs::Caller | Needs::Permission(_) => secured(operation.verb.is_safe()),
    };
    members.insert("security".to_owned(), security);
    if let Needs::Permission(permission) = operation.needs {
        members.insert("x-permission".to_owned(), json!(permission));
    }
    let parameters = parameters(operation, schemas);
    if !parameters.is_empty() {
        members.insert("parameters".to_owned(), parameters.into());
    }
    if let Some(body) = operation.body {
        let sent = (body.schema)(&mut schemas.sent).to_value();
        let content = json!({ "schema": sent, "example": (body.example)() });
        let body = json!({ "required": true, "content": { "application/json": content } });
        members.insert("requestBody".to_owned(), body);
    }
    described
}

fn parameters(operation: &Operation, schemas: &mut Schemas) -> Vec<Value> {
    let mut parameters: Vec<Value> = names(operation.path).map(in_path).collect();
    for query in operation.query {
        let mut parameter = json!({
            "name": query.name, "in": "query", "description": query.about,
            "schema": (query.schema)(&mut schemas.sent).to_value(),
        });
        if let (Some(members), false) = (parameter.as_object_mut(), query.example.is_empty()) {
            let number = query.example.parse::<u32>().map(Value::from);
            let example = number.unwrap_or_else(|_| query.example.into());
            members.insert("example".to_owned(), example);
        }
        parameters.push(parameter);
    }
    if operation.if_match {
        parameters.push(json!({
            "name": "If-Match", "in": "header", "required": true,
            "description": "The `ETag` of what was read: if it is another by now, nothing is \
                            changed.",
            "schema": { "type": "string", "pattern": "^\"[A-Za-z0-9_-]{1,64}\"$" },
            "example": "\"Uk4mB2cXb3JkbGVzcw\"",
        }));
    }
    if operation.idempotency {
        parameters.push(json!({
            "name": IDEMPOTENCY_FIELD, "in": "header",
            "description": "Names what the request is sent for, such as a random UUID.",
            "schema": {
                "type": "string", "pattern": format!("^[A-Za-z0-9_-]{{1,{IDEMPOTENCY_CHARS_MAX}}}$"),
            },
            "example": "0b6a3e1e-7d0a-4f4e-9d55-3b3f0d0c8f11",
        }));
    }
    parameters
}

/// The names in the braces of a path.
fn names(path: &str) -> impl Iterator<Item = &str> {
    let parts = path.split('/');
    parts.filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn in_path(name: &str) -> Value {
    let (about, example) = match name {
        "account" => ("The name of the user's account.", "pXf0Zy1Wqk2c5JdH8sLr9Q"),
        "name" => ("The name of the role.", "help-desk"),
        "policy" => ("The name of the policy.", "generous"),
        "code" => ("The name of the refusal.", "not_found"),
        _ => ("Its id.", "3q2-7wABAgME"),
    };
    json!({
        "name": name, "in": "path", "required": true, "description": about,
        "schema": { "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$" },
        "example": example,
    })
}

fn responses(operation: &Operation, schemas: &mut Schemas, problem: &Value) -> Value {
    let mut responses = Map::new();
    let mut done = json!({ "description": operation.summary });
    if let Some(members) = done.as_object_mut() {
        if let Some(answer) = operation.answer {
            let schema = (answer.schema)(&mut schemas.answered).to_value();
            let content = json!({ "schema": schema, "example": (answer.example)() });
            let mut all = json!({ "application/json": content });
            if let (Some(file), Some(all)) = (operation.file, all.as_object_mut()) {
                all.insert(file.to_owned(), json!({ "schema": { "type": "string" } }));
            }
            members.insert("content".to_owned(), all);
        }
        let mut headers = Map::new();
        if operation.etag {
            headers.insert("ETag".to_owned(), text("Which version it is."));
        }
        if operation.status == 201 {
            headers.insert("Location".to_owned(), text("Where it is."));
        }
        if !headers.is_empty() {
            members.insert("headers".to_owned(), headers.into());
        }
    }
    responses.insert(operation.status.to_string(), done);
    let refusals = operation.all_refusals();
    for refusal in &refusals {
        let status = refusal.status();
        let same: Vec<Code> = refusals
            .iter()
            .copied()
            .filter(|code| code.status() == status)
            .collect();
        responses
            .entry(status.to_string())
            .or_insert_with(|| refused(status, &same, problem));
    }
    responses.insert(
        "default".to_owned(),
        json!({
            "description": "Any other refusal",
            "content": { PROBLEM_TYPE: { "schema": problem } },
        }),
    );
    responses.into()
}

fn refused(status: u16, codes: &[Code], problem: &Value) -> Value {
    let titles: Vec<&str> = codes.iter().map(|code| code.title()).collect();
    let examples: Map<String, Value> = codes
        .iter()
        .map(|code| {
            let place = format!("#/components/examples/{}", code.name());
            (code.name().to_owned(), json!({ "$ref": place }))
        })
        .collect();
    let headers = match status {
        401 => json!({ "WWW-Authenticate": text("How to show who you are (RFC 6750).") }),
        429 => json!({
            "Retry-After": text("After how many seconds to try again."),
            "RateLimit": text("What is left."),
            "RateLimit-Policy": text("What there is."),
        }),
        _ => json!({}),
    };
    json!({
        "description": titles.join("; "),
        "headers": headers,
        "content": { PROBLEM_TYPE: { "schema": problem, "examples": examples } },
    })
}

fn text(about: &str) -> Value {
    json!({ "description": about, "schema": { "type": "string" } })
}

/// Each refusal of an operation once.
fn examples() -> Map<String, Value> {
    let all: Vec<Code> = operations().flat_map(Operation::all_refusals).collect();
    let example = |code: Code| {
        let problem = Problem::new(code, "What is the matter, and what to do about it.");
        let example = json!({ "summary": code.title(), "value": problem });
        (code.name().to_owned(), example)
    };
    let used = |code: &Code| all.contains(code);
    Code::ALL.into_iter().filter(used).map(example).collect()
}

/// The types: what is sent may leave out what has a default, what is answered has all.
struct Schemas {
    sent: SchemaGenerator,
    answered: SchemaGenerator,
}

impl Schemas {
    fn new() -> Self {
        let generator = |contract| {
            let settings = SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = SCHEMAS.into();
                settings.meta_schema = None;
                settings.contract = contract;
            });
            settings.into_generator()
        };
        Self {
            sent: generator(Contract::Deserialize),
            answered: generator(Contract::Serialize),
        }
    }

    fn answered<T: JsonSchema>(&mut self) -> Value {
        self.answered.subschema_for::<T>().to_value()
    }

    fn taken(mut self) -> Map<String, Value> {
        let mut all = self.sent.take_definitions(true);
        all.extend(self.answered.take_definitions(true));
        all
    }
}
