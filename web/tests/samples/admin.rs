//! Samples of the pages for admins.

use web::{
    AdminFrame, AdminLink, ClientRow, ClientsPage, Count, KeysPage, Moment, NewRole, PoliciesPage,
    PolicyRow, RoleChoice, RoleKind, RoleRow, RolesPage, SecretRow, Shown, UserPage, UserRow,
    UsersPage,
};

use super::{NOW, ago, fields, scopes};

/// What somebody could write who chooses names.
const HOSTILE: &str = "\u{202e}</bdi></label><script>alert('x')</script>\" onload=\"y\u{0}";

pub(crate) fn all() -> Vec<(&'static str, String)> {
    vec![
        ("admin-users", users().render()),
        ("admin-users-none", users_none().render()),
        ("admin-users-hostile", users_hostile().render()),
        ("admin-user", user().render()),
        ("admin-user-disabled", user_disabled().render()),
        ("admin-user-self", user_self().render()),
        ("admin-user-hostile", user_hostile().render()),
        ("admin-roles", roles().render()),
        ("admin-roles-refused", roles_refused().render()),
        ("admin-policies", policies().render()),
        ("admin-clients", clients().render()),
        ("admin-clients-none", clients_none().render()),
        ("admin-keys", keys().render()),
    ]
}

pub(crate) fn links(here: &str) -> Vec<AdminLink> {
    [
        ("/account/users", "Users"),
        ("/account/roles", "Roles"),
        ("/account/policies", "Policies"),
        ("/account/clients", "Clients"),
        ("/account/keys", "Keys"),
    ]
    .map(|(href, label)| AdminLink {
        href,
        label,
        about: "What is behind it.",
        here: href == here,
    })
    .to_vec()
}

fn frame(here: &str) -> AdminFrame {
    AdminFrame {
        pages: links(here),
        notice: None,
        refusal: None,
    }
}

fn row(name: &str, subject: &str, roles: &[&str], minutes: i64) -> UserRow {
    UserRow {
        href: format!("/account/users/{subject}"),
        name: Shown::name(name),
        provider: Shown::name("GitHub"),
        subject: Shown::prose(subject),
        issuer: Shown::prose("https://github.com"),
        roles: roles.iter().map(|role| Shown::name(role)).collect(),
        in_configuration: false,
        first_login: ago(minutes * 40),
        last_login: ago(minutes),
    }
}

pub(crate) fn users() -> UsersPage {
    UsersPage {
        frame: frame("/account/users"),
        search: "a".to_owned(),
        search_chars_max: 100,
        role: None,
        users: vec![
            UserRow {
                in_configuration: true,
                ..row("Ada Lovelace", "583231", &[], 2)
            },
            row("Grace Hopper", "90210", &["reader", "help-desk"], 1_500),
            row("linus", "1024025", &[], 300_000),
        ],
        next: Some("/account/users?q=a&after=1.x".to_owned()),
        first: Some("/account/users?q=a".to_owned()),
        action: "/account/users",
    }
}

pub(crate) fn users_none() -> UsersPage {
    UsersPage {
        role: Some(Shown::name("reader")),
        search: String::new(),
        users: Vec::new(),
        next: None,
        first: None,
        ..users()
    }
}

pub(crate) fn users_hostile() -> UsersPage {
    UsersPage {
        search: HOSTILE.to_owned(),
        role: Some(Shown::name(HOSTILE)),
        users: vec![UserRow {
            provider: Shown::name(HOSTILE),
            href: "/account/users/\"><script>".to_owned(),
            ..row(HOSTILE, &HOSTILE.repeat(9), &[HOSTILE], 1)
        }],
        ..users()
    }
}

pub(crate) fn user() -> UserPage {
    let choice = |name: &str, permissions: Option<&str>, note, ticked| RoleChoice {
        name: Shown::name(name),
        permissions: permissions.map(Shown::prose),
        note,
        field: Some(format!("role {name}")),
        ticked,
    };
    UserPage {
        frame: AdminFrame {
            notice: Some("The roles are saved."),
            ..frame("/account/users")
        },
        user: row("Grace Hopper", "90210", &["reader", "help-desk"], 1_500),
        account: "Zm9vYmFyYmF6cXV4MTIzNA".to_owned(),
        disabled: None,
        counts: [
            ("connected apps", 2),
            ("sessions", 3),
            ("state handles", 0),
            ("tasks", 1),
            ("API keys", 2),
            ("signed-in browsers", 1),
        ]
        .map(|(label, number)| Count { label, number }),
        roles: vec![
            choice("admin", Some("*"), None, false),
            choice("help-desk", Some("* !notes:* !calendar:write"), None, true),
            choice("gone", None, Some("There is no such role any more."), true),
            choice("user", Some("* !admin:*"), Some("The default role."), false),
        ],
        had: "gone help-desk".to_owned(),
        policies: vec![("premium".to_owned(), true), ("trial".to_owned(), false)],
        token_life: "15 minutes".to_owned(),
        oneself: false,
        form_fields: fields(),
        action: "/account/users/Zm9vYmFyYmF6cXV4MTIzNA".to_owned(),
    }
}

pub(crate) fn user_disabled() -> UserPage {
    UserPage {
        disabled: Some(ago(90)),
        frame: AdminFrame {
            notice: Some("The user is disabled, and everything has ended."),
            ..frame("/account/users")
        },
        ..user()
    }
}

pub(crate) fn user_self() -> UserPage {
    let UserPage {
        mut roles, user, ..
    } = user();
    for role in roles.iter_mut().take(1) {
        role.field = None;
        role.ticked = true;
        role.note = Some("By the variable ADMINS of the configuration.");
    }
    UserPage {
        frame: AdminFrame {
            refusal: Some(Shown::prose("You cannot disable yourself.")),
            ..frame("/account/users")
        },
        user: UserRow {
            in_configuration: true,
            ..user
        },
        oneself: true,
        roles,
        ..self::user()
    }
}

pub(crate) fn user_hostile() -> UserPage {
    UserPage {
        user: row(HOSTILE, HOSTILE, &[HOSTILE], 1),
        roles: vec![RoleChoice {
            name: Shown::name(HOSTILE),
            permissions: Some(Shown::prose(HOSTILE)),
            note: None,
            field: Some(format!("role {HOSTILE}")),
            ticked: true,
        }],
        had: HOSTILE.to_owned(),
        account: HOSTILE.to_owned(),
        action: "/account/users/\"><script>".to_owned(),
        ..user()
    }
}

pub(crate) fn roles() -> RolesPage {
    let role = |name: &str, kind, permissions: &str, users| RoleRow {
        name: Shown::name(name),
        sent_name: name.to_owned(),
        kind,
        permissions: Shown::prose(permissions),
        typed: permissions.to_owned(),
        was: permissions.to_owned(),
        users,
        users_href: format!("/account/users?role={name}"),
        problem: None,
        open: false,
    };
    RolesPage {
        frame: frame("/account/roles"),
        roles: vec![
            role("admin", RoleKind::Admin, "*", 1),
            role("help-desk", RoleKind::Other, "* !notes:* !calendar:*", 12),
            role("nothing", RoleKind::Other, "", 0),
            role("user", RoleKind::BuiltInUser, "* !admin:*", 0),
        ],
        new: NewRole::default(),
        permissions: scopes(),
        token_life: "15 minutes".to_owned(),
        form_fields: fields(),
        action: "/account/roles",
    }
}

/// A form of each kind that was refused, with everything somebody could type.
pub(crate) fn roles_refused() -> RolesPage {
    let RolesPage { mut roles, .. } = roles();
    let problem = Shown::prose("\u{201c}no<pe\u{201d} is not a permission.");
    for role in roles.iter_mut().skip(1).take(1) {
        role.typed = format!("{HOSTILE} no<pe");
        role.problem = Some(problem.clone());
        role.open = true;
    }
    for role in roles.iter_mut().skip(3) {
        role.kind = RoleKind::WrittenUser;
        role.name = Shown::name(HOSTILE);
        HOSTILE.clone_into(&mut role.sent_name);
        HOSTILE.clone_into(&mut role.was);
    }
    RolesPage {
        frame: AdminFrame {
            refusal: Some(Shown::prose("Somebody has changed this role.")),
            ..frame("/account/roles")
        },
        roles,
        new: NewRole {
            name: HOSTILE.to_owned(),
            permissions: HOSTILE.to_owned(),
            name_problem: Some(problem.clone()),
            problem: Some(problem),
        },
        ..self::roles()
    }
}

pub(crate) fn clients() -> ClientsPage {
    ClientsPage {
        frame: frame("/account/clients"),
        clients: vec![
            ClientRow {
                id: Shown::prose("nightly"),
                name: Shown::name("Nightly report"),
                authentication: "client_secret_basic",
                keys_at: None,
                grant_types: vec!["client_credentials"],
                scopes: "mcp notes:read".to_owned(),
                redirect_uris: Vec::new(),
            },
            ClientRow {
                id: Shown::prose("assistant"),
                name: Shown::name(HOSTILE),
                authentication: "private_key_jwt",
                keys_at: Some(Shown::prose("https://app.example.com/keys.json")),
                grant_types: vec![
                    "authorization_code",
                    "urn:ietf:params:oauth:grant-type:jwt-bearer",
                ],
                scopes: "mcp".to_owned(),
                redirect_uris: [
                    "https://app.example.com/callback",
                    "http://127.0.0.1/callback",
                ]
                .map(Shown::prose)
                .to_vec(),
            },
        ],
    }
}

pub(crate) fn clients_none() -> ClientsPage {
    ClientsPage {
        clients: Vec::new(),
        ..clients()
    }
}

pub(crate) fn keys() -> KeysPage {
    KeysPage {
        frame: frame("/account/keys"),
        secrets: vec![
            SecretRow {
                name: "SESSILE_SECRET".to_owned(),
                makes: false,
                about: "Reads what it made before it was replaced.",
                from: None,
            },
            SecretRow {
                name: "SESSILE_SECRET_2".to_owned(),
                makes: true,
                about: "Makes what is new, and reads what it made.",
                from: Some(Moment::exact(NOW)),
            },
        ],
        keys: ["kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "0ZAr"]
            .map(Shown::prose)
            .to_vec(),
        jwks: "/.well-known/jwks.json",
    }
}

pub(crate) fn policies() -> PoliciesPage {
    let row = |name: &str, roles: &[&str], users, problem: Option<&str>| PolicyRow {
        name: name.to_owned(),
        words: Shown::prose("120 per minute (up to 60 at once), 8 running; images: 100 per day"),
        document: "{\"per_minute\":{\"amount\":120,\"burst\":60},\"concurrent\":8}".to_owned(),
        was: 3,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        users,
        problem: problem.map(Shown::prose),
    };
    PoliciesPage {
        frame: frame("/account/policies"),
        policies: vec![
            row("premium", &["editor", "user"], 1, None),
            row(
                "trial",
                &[],
                0,
                Some("It has limits for all tools that are none."),
            ),
        ],
        roles: vec!["admin".to_owned(), "editor".to_owned(), "user".to_owned()],
        new: (String::new(), String::new()),
        problem: None,
        document_chars_max: 8_192,
        form_fields: fields(),
        action: "/account/policies",
    }
}
