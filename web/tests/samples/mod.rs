//! One page of each kind, as a person could meet it: the tests read them, and
//! the example `write_pages` writes them out to be looked at.

pub(crate) mod admin;
mod api_keys;
mod usage;

use jiff::{SignedDuration, Timestamp};
use web::{
    AccountPage, AppView, ClientView, ConsentPage, Hidden, Link, LoginPage, LoginView, MessagePage,
    Moment, ProviderChoice, ProviderKind, ScopeView, SessionView, Shown, StartPage, UserView,
};

/// When the samples are shown.
const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// Every sample with a file name for it.
pub(crate) fn all() -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("start", start().render()),
        ("start-public", start_public().render()),
        ("login", login().render()),
        ("login-development", login_development().render()),
        ("login-failed", login_failed().render()),
        ("consent", consent().render()),
        ("consent-loopback", consent_loopback().render()),
        ("consent-hostile", consent_hostile().render()),
        ("account", account().render()),
        ("account-empty", account_empty().render()),
        ("account-hostile", account_hostile().render()),
        ("login-signed-out", login_signed_out().render()),
        ("message", message().render()),
        ("notice", notice().render()),
        ("account-admin", account_admin().render()),
    ];
    all.extend(admin::all());
    all.extend(api_keys::all());
    all.extend(usage::all());
    all
}

pub(crate) fn start() -> StartPage {
    StartPage {
        origin: "http://127.0.0.1:8787".to_owned(),
        mcp_url: "http://127.0.0.1:8787/mcp".to_owned(),
        public: false,
        version: "0.1.0".to_owned(),
    }
}

pub(crate) fn start_public() -> StartPage {
    StartPage {
        public: true,
        ..start()
    }
}

pub(crate) fn login() -> LoginPage {
    LoginPage {
        client: Some(client()),
        scopes: scopes(),
        providers: vec![github(), google(), open_id(), development()],
        form_fields: fields(),
        error: None,
        notice: None,
    }
}

pub(crate) fn login_signed_out() -> LoginPage {
    LoginPage {
        client: None,
        scopes: Vec::new(),
        notice: Some(Shown::prose("You are signed out.")),
        ..login()
    }
}

pub(crate) fn login_development() -> LoginPage {
    LoginPage {
        client: Some(client_on_loopback()),
        providers: vec![development()],
        ..login()
    }
}

pub(crate) fn login_failed() -> LoginPage {
    LoginPage {
        client: None,
        scopes: Vec::new(),
        providers: vec![github(), google()],
        error: Some(Shown::prose(
            "GitHub did not confirm the login: access_denied. Nothing was changed.",
        )),
        ..login()
    }
}

pub(crate) fn consent() -> ConsentPage {
    ConsentPage {
        client: client(),
        user: UserView {
            display_name: Shown::name("Ada Lovelace"),
            provider_name: Shown::name("GitHub"),
        },
        scopes: scopes(),
        form_fields: fields(),
        action: "/oauth/authorize".to_owned(),
    }
}

pub(crate) fn consent_loopback() -> ConsentPage {
    ConsentPage {
        client: client_on_loopback(),
        ..consent()
    }
}

/// Everything an app could try in the text it chooses.
pub(crate) fn consent_hostile() -> ConsentPage {
    ConsentPage {
        client: ClientView {
            name: Shown::name("\u{202e}<script>alert('x')</script>\" onload=\"y\u{0}"),
            client_id_host: None,
            redirect_host: Shown::host(
                "login.github.com.account-security.session-verification.some-very-long-name.attacker.example:8443",
            ),
            loopback_only: false,
            uri: Some(Shown::host("javascript:alert(1)//\"><img")),
        },
        user: UserView {
            display_name: Shown::name("</b><style>*{display:none}</style>"),
            provider_name: Shown::name("<i>"),
        },
        scopes: vec![ScopeView {
            name: Shown::name("a\"b<c"),
            words: Some(Shown::prose("do <anything> & \u{202e}\"everything\"")),
            field: Some("scope a\"b<c".to_owned()),
        }],
        form_fields: vec![Hidden::new("csrf\"", "\"><script>1</script>")],
        action: "/oauth/authorize\"><script>".to_owned(),
    }
}

pub(crate) fn account() -> AccountPage {
    let app = |id: &str, name, host, minutes| AppView {
        id: id.to_owned(),
        name: Shown::name(name),
        host: Some(Shown::host(host)),
        scopes: scopes(),
        granted: ago(minutes * 9),
        used: ago(minutes),
    };
    let session = |id: &str, app: Option<&str>, minutes| SessionView {
        id: id.to_owned(),
        app: app.map(Shown::name),
        opened: ago(minutes * 2),
        used: noted(minutes),
    };
    let login = |id: &str, browser, network: Option<&str>, minutes, this| LoginView {
        id: id.to_owned(),
        browser: Shown::name(browser),
        network: network.map(Shown::name),
        begun: ago(minutes),
        used: noted(minutes),
        this,
    };
    AccountPage {
        user: UserView {
            display_name: Shown::name("Ada Lovelace"),
            provider_name: Shown::name("GitHub"),
        },
        apps: vec![
            app("g1", "Claude", "claude.ai", 12),
            app("g2", "MCP Inspector", "localhost:6274", 4_000),
        ],
        sessions: vec![
            session("s1", Some("Claude"), 30),
            session("s2", Some("MCP Inspector"), 4_000),
            session("s3", None, 9_000),
        ],
        logins: vec![
            login("k1", "Firefox on Linux", Some("192.0.2.*"), 3, true),
            login("k2", "Safari on iPhone", Some("2001:db8:1:*"), 1_500, false),
            login("k3", "Another browser", None, 30, false),
        ],
        keys: 3,
        keys_href: "/account/api-keys",
        usage_href: "/account/usage",
        audit_href: "/account/audit",
        admin: Vec::new(),
        notice: Some("The app has no access any more. Its sessions have ended."),
        form_fields: fields(),
        action: "/account".to_owned(),
    }
}

pub(crate) fn account_admin() -> AccountPage {
    AccountPage {
        admin: admin::links(""),
        ..account()
    }
}

pub(crate) fn account_empty() -> AccountPage {
    let AccountPage { mut logins, .. } = account();
    logins.truncate(1);
    AccountPage {
        apps: Vec::new(),
        sessions: Vec::new(),
        logins,
        notice: None,
        ..account()
    }
}

/// Everything an app could try in the name it chooses.
pub(crate) fn account_hostile() -> AccountPage {
    let AccountPage {
        mut apps,
        mut sessions,
        ..
    } = account();
    let name = Shown::name(
        "\u{202e}</bdi></button><script>alert('x')</script>\" onload=\"y\u{0} and on and on and on",
    );
    apps.truncate(1);
    sessions.truncate(1);
    for app in &mut apps {
        app.name = name.clone();
        app.host = Some(Shown::host(&format!(
            "{}.example:8443",
            "a-long-name.".repeat(15)
        )));
        "\"><script>".clone_into(&mut app.id);
    }
    for session in &mut sessions {
        session.app = Some(name.clone());
    }
    AccountPage {
        apps,
        sessions,
        ..account()
    }
}

fn ago(minutes: i64) -> Moment {
    Moment::past(NOW - SignedDuration::from_mins(minutes), NOW)
}

fn noted(minutes: i64) -> Moment {
    let coarse = SignedDuration::from_hours(6);
    Moment::noted(NOW - SignedDuration::from_mins(minutes), coarse, NOW)
}

pub(crate) fn message() -> MessagePage {
    MessagePage {
        title: "This login has expired".to_owned(),
        what_happened: Shown::prose(
            "A login has to be finished within ten minutes, and this one was started longer ago.",
        ),
        what_to_do: Shown::prose("Go back to your app and connect again. Nothing was changed."),
        action: Some(Link {
            href: "/login/restart".to_owned(),
            label: "Start again".to_owned(),
        }),
        status: 400,
    }
}

pub(crate) fn notice() -> MessagePage {
    MessagePage {
        title: "You are signed in".to_owned(),
        what_happened: Shown::prose("Signed in as Ada Lovelace with GitHub."),
        what_to_do: Shown::prose("You can close this page."),
        action: None,
        status: 200,
    }
}

fn client() -> ClientView {
    ClientView {
        name: Shown::name("Claude"),
        client_id_host: Some(Shown::host("claude.ai")),
        redirect_host: Shown::host("claude.ai"),
        loopback_only: false,
        uri: None,
    }
}

fn client_on_loopback() -> ClientView {
    ClientView {
        name: Shown::name("MCP Inspector"),
        client_id_host: None,
        redirect_host: Shown::host("localhost:6274"),
        loopback_only: true,
        uri: Some(Shown::host(
            "https://github.com/modelcontextprotocol/inspector",
        )),
    }
}

fn scopes() -> Vec<ScopeView> {
    vec![
        ScopeView {
            name: Shown::name("mcp"),
            words: Some(Shown::prose("Use the tools of this server on your behalf")),
            field: None,
        },
        ScopeView {
            name: Shown::name("notes:read"),
            words: Some(Shown::prose("Read your notes")),
            field: Some("scope notes:read".to_owned()),
        },
        ScopeView {
            name: Shown::name("calendar:write"),
            words: None,
            field: Some("scope calendar:write".to_owned()),
        },
    ]
}

fn fields() -> Vec<Hidden> {
    vec![
        Hidden::new("csrf", "b1c2"),
        Hidden::new("request", "sealed.request.value"),
    ]
}

fn github() -> ProviderChoice {
    choice("github", "GitHub", ProviderKind::GitHub)
}

fn google() -> ProviderChoice {
    choice("google", "Google", ProviderKind::Google)
}

fn open_id() -> ProviderChoice {
    choice("oidc", "Acme Single Sign-On", ProviderKind::OpenId)
}

fn development() -> ProviderChoice {
    let suggested = ["ada", "grace", "linus"].map(str::to_owned).to_vec();
    choice(
        "dev",
        "Development",
        ProviderKind::Development { suggested },
    )
}

fn choice(id: &str, label: &str, kind: ProviderKind) -> ProviderChoice {
    ProviderChoice {
        id: id.to_owned(),
        label: Shown::name(label),
        kind,
    }
}
