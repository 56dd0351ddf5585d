//! What every page must name, and what none may contain.

mod markup;
mod samples;

use markup::{attributes, between, pieces, pieces_until, tags};
use web::{LoginPage, MARK_PATH, STYLE_PATH};

#[test]
fn no_page_has_inline_script_or_style() {
    for (name, page) in samples::all() {
        for word in [
            "<script",
            "<style",
            "javascript:",
            "srcdoc",
            "<iframe",
            "<object",
            "<base",
        ] {
            let page = without_our_scripts(name, &page);
            // The hostile app's `client_uri` is text, so its scheme may be read.
            let text_only = name == "consent-hostile" && word == "javascript:";
            assert!(
                text_only || !page.to_lowercase().contains(word),
                "{name}: {word}"
            );
        }
        for tag in tags(&page) {
            for attribute in attributes(tag) {
                assert!(
                    attribute != "style" && !attribute.starts_with("on"),
                    "{name}: {tag}"
                );
            }
        }
    }
}

#[test]
fn no_page_asks_for_anything_but_our_own_files() {
    for (name, page) in samples::all() {
        for tag in tags(&page) {
            if tag.starts_with("link ") {
                let charts = name.starts_with("usage") && tag.contains("href=\"/assets/uplot.");
                assert!(
                    tag.contains(STYLE_PATH) || tag.contains(MARK_PATH) || charts,
                    "{name}: {tag}"
                );
            }
            for element in [
                "img",
                "image",
                "use",
                "video",
                "audio",
                "source",
                "embed",
                "meta http",
            ] {
                assert!(!tag.starts_with(&format!("{element} ")), "{name}: {tag}");
            }
        }
        assert!(!page.contains("href=\"http"), "{name}");
        assert!(!without_our_scripts(name, &page).contains("src="), "{name}");
    }
}

/// The page without the two scripts that the page of usage has, and no other.
fn without_our_scripts(name: &str, page: &str) -> String {
    if !name.starts_with("usage") {
        return page.to_owned();
    }
    let mut page = page.to_owned();
    for file in ["uplot", "charts"] {
        let begin = format!("<script defer src=\"/assets/{file}.");
        let found = page
            .split_once(&begin)
            .and_then(|(before, rest)| Some((before, rest.split_once(".js\"></script>")?)));
        let Some((before, (hash, after))) = found else {
            panic!("the page draws its chart with {file}");
        };
        assert!(hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        page = format!("{before}{after}");
    }
    page
}

#[test]
fn every_page_is_a_document_for_phones_that_leaks_no_address() {
    for (name, page) in samples::all() {
        assert!(
            page.starts_with("<!doctype html>\n<html lang=\"en\">"),
            "{name}"
        );
        assert!(
            page.contains(
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
            )
        );
        assert!(page.contains("<meta name=\"referrer\" content=\"no-referrer\">"));
        let title = between(&page, "<title>", "</title>");
        assert!(
            title.contains("Sessile") && title.len() > "Sessile".len(),
            "{name}: {title}"
        );
        assert_eq!(page.matches("<h1").count(), 1, "{name}");
        assert_eq!(
            page.contains("noindex"),
            !name.starts_with("start"),
            "{name}"
        );
    }
}

#[test]
fn every_tag_that_is_opened_is_closed() {
    let empty = ["meta", "link", "input", "br", "path", "circle", "!doctype"];
    for (name, page) in samples::all() {
        let mut open = Vec::new();
        for tag in tags(&page) {
            let element = tag.split([' ', '\n']).next().unwrap_or_default();
            if let Some(closed) = element.strip_prefix('/') {
                assert_eq!(open.pop(), Some(closed), "{name}");
            } else if !empty.contains(&element) && !tag.ends_with('/') {
                open.push(element);
            }
        }
        assert!(open.is_empty(), "{name}: {open:?}");
    }
}

#[test]
fn every_id_occurs_once_and_every_label_has_its_field() {
    for (name, page) in samples::all() {
        let mut ids: Vec<_> = pieces(&page, " id=\"").collect();
        for wanted in pieces(&page, "for=\"").chain(pieces(&page, "aria-labelledby=\"")) {
            assert!(ids.contains(&wanted), "{name}: {wanted}");
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}");
    }
}

#[test]
fn a_hostile_app_gets_no_markup_into_the_page() {
    let page = samples::consent_hostile().render();
    assert!(
        page.contains("&#60;script&#62;alert(&#39;x&#39;)"),
        "{page}"
    );
    assert!(
        page.contains("value=\"&#34;&#62;&#60;script&#62;1&#60;/script&#62;\""),
        "{page}"
    );
    assert!(
        page.contains("action=\"/oauth/authorize&#34;&#62;&#60;script&#62;\""),
        "{page}"
    );
    assert!(!page.contains("</b><style>"));
    assert!(!page.contains('\u{202e}') && !page.contains('\0'));
    assert!(
        page.contains('\u{fffd}'),
        "what was taken out leaves a sign"
    );
}

#[test]
fn the_start_page_has_a_command_for_each_client() {
    let page = samples::start()
        .render()
        .replace("&#34;", "\"")
        .replace("&#39;", "'");
    for wanted in [
        "<code>http://127.0.0.1:8787/mcp</code>",
        "<code>npx @modelcontextprotocol/inspector</code>",
        "<code>claude mcp add --transport http sessile http://127.0.0.1:8787/mcp</code>",
        "\"mcpServers\": {\n    \"sessile\": {\n      \"url\": \"http://127.0.0.1:8787/mcp\"",
        "code --add-mcp '{\"name\":\"sessile\",\"type\":\"http\",\"url\":\"http://127.0.0.1:8787/mcp\"}'",
        "Sessile 0.1.0",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
}

#[test]
fn the_start_page_speaks_of_a_login_only_where_there_is_one() {
    let (asking, open) = (samples::start().render(), samples::start_public().render());
    assert!(asking.contains("opens a login page") && asking.contains("to log in"));
    assert!(asking.contains("href=\"/account\"") && !open.contains("href=\"/account\""));
    assert!(open.contains("no login is asked for"));
    assert!(!open.contains("login page") && !open.contains("log in"));
}

#[test]
fn each_login_form_carries_the_hidden_fields_and_its_provider() {
    let page = samples::login().render();
    let forms: Vec<_> = pieces_until(&page, "<form ", "</form>").collect();
    assert_eq!(
        forms.len(),
        5,
        "three providers, a typed name, picked names"
    );
    for form in &forms {
        assert!(
            form.starts_with("method=\"post\" action=\"/login/start\""),
            "{form}"
        );
        assert!(form.contains("name=\"csrf\" value=\"b1c2\""), "{form}");
        assert!(
            form.contains("name=\"request\" value=\"sealed.request.value\""),
            "{form}"
        );
        assert!(form.contains("<button"), "{form}");
    }
    let providers: Vec<_> = pieces(&page, "name=\"provider\" value=\"").collect();
    assert_eq!(providers, ["github", "google", "oidc", "dev", "dev"]);
    for wanted in [
        "Continue with <bdi>GitHub</bdi>",
        "Acme Single Sign-On",
        "loopback only",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
}

#[test]
fn the_login_page_says_which_app_asks_for_what() {
    let page = samples::login_development().render();
    for wanted in [
        "MCP Inspector",
        "localhost:6274",
        "Read your notes",
        "<code>calendar:write</code>",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
}

#[test]
fn a_development_login_is_offered_only_where_it_is_configured() {
    let page = samples::login_failed().render();
    assert!(!page.to_lowercase().contains("development"));
    assert!(page.contains("role=\"alert\">GitHub did not confirm the login"));
}

#[test]
fn a_login_without_providers_says_so() {
    let page = LoginPage {
        providers: Vec::new(),
        ..samples::login()
    }
    .render();
    assert!(page.contains("names no provider"));
}

/// MCP authorization, "Confused Deputy Problem": consent names the client, its
/// redirect host and its scopes.
/// Checklist AS-18, SEC-03.
#[test]
fn the_consent_page_names_app_host_scopes_and_person() {
    let page = samples::consent().render();
    for wanted in [
        "<bdi>Claude</bdi>",
        "<b>claude.ai</b>",
        "<bdi>Use the tools of this server on your behalf</bdi> <code>mcp</code>",
        "<bdi>Read your notes</bdi> <code>notes:read</code>",
        "<span><code>calendar:write</code></span>",
        "Ada Lovelace",
        "GitHub",
        "name=\"decision\" value=\"allow\"",
        "name=\"decision\" value=\"deny\"",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    let forms: Vec<_> = pieces_until(&page, "<form ", "</form>").collect();
    assert_eq!(forms.len(), 2);
    assert!(forms[0].contains("action=\"/login/switch\"") && forms[0].contains("b1c2"));
    assert!(forms[1].contains("action=\"/oauth/authorize\"") && forms[1].contains("b1c2"));
    // All is ticked that can be unticked, and the baseline cannot.
    let boxes: Vec<_> = pieces_until(forms[1], "type=\"checkbox\" ", ">").collect();
    let want = ["notes:read", "calendar:write"]
        .map(|scope| format!("name=\"scope {scope}\" value=\"on\" checked"));
    assert_eq!(boxes, want);
}

/// MCP authorization, "Localhost Redirect URI Risks".
/// Checklist AS-18.
#[test]
fn the_consent_page_warns_of_apps_on_loopback_and_only_of_those() {
    let warning = "any program there could claim this name";
    assert!(samples::consent_loopback().render().contains(warning));
    assert!(!samples::consent().render().contains(warning));
}

#[test]
fn the_consent_page_says_when_nobody_vouches_for_the_name() {
    assert!(
        samples::consent_loopback()
            .render()
            .contains("the app chose its own name")
    );
    assert!(
        !samples::consent()
            .render()
            .contains("the app chose its own name")
    );
}

/// Checklist AS-18.
#[test]
fn a_long_redirect_host_is_shown_to_its_end() {
    let page = samples::consent_hostile().render();
    assert!(page.contains("some-very-long-name.attacker.example:8443"));
}

#[test]
fn the_account_page_has_a_button_for_each_row_and_one_form() {
    let page = samples::account().render();
    let forms: Vec<_> = pieces_until(&page, "<form ", "</form>").collect();
    assert_eq!(forms.len(), 1);
    assert!(forms[0].starts_with("method=\"post\" action=\"/account\""));
    assert!(forms[0].contains("name=\"csrf\" value=\"b1c2\""));
    let buttons = |name: &str| -> Vec<String> {
        let named = format!("type=\"submit\" name=\"{name}\" value=\"");
        let values = pieces(&page, &named);
        values.map(str::to_owned).collect()
    };
    assert_eq!(buttons("revoke"), ["g1", "g2"]);
    assert_eq!(buttons("end"), ["s1", "s2", "s3"]);
    let out = ["this", "k1", "k2", "k3", "others", "all"];
    assert_eq!(buttons("sign-out"), out);
    assert_eq!(page.matches("this one</span>").count(), 1);
    for wanted in [
        "<b><bdi>Ada Lovelace</bdi></b>",
        "<bdi>MCP Inspector</bdi>",
        "claude.ai",
        "<code>mcp</code>",
        "<time datetime=\"2027-01-15T07:48:00Z\">12 minutes ago</time>",
        "active <time datetime=\"2027-01-15T07:30:00Z\">within the last 6 hours</time>",
        "Firefox on Linux",
        "From 192.0.2.*",
        "role=\"status\">The app has no access any more.",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
}

#[test]
fn an_account_with_nothing_in_it_says_so_in_words() {
    let page = samples::account_empty().render();
    assert!(page.contains("No app is connected") && page.contains("No session is open"));
    assert!(!page.contains("value=\"others\"") && !page.contains("role=\"status\""));
}

#[test]
fn a_hostile_name_stays_a_name_on_the_account_page() {
    let page = samples::account_hostile().render();
    assert!(page.contains("value=\"&#34;&#62;&#60;script&#62;\""));
    assert!(page.contains("&#60;/bdi&#62;&#60;/button&#62;"));
    assert!(!page.contains('\u{202e}') && !page.contains('\0'));
}

#[test]
fn only_who_may_see_pages_for_admins_is_led_there() {
    let leads = |page: &str| page.contains("href=\"/account/users\"");
    assert!(leads(&samples::account_admin().render()));
    assert!(!leads(&samples::account().render()));
    for (name, page) in samples::admin::all() {
        assert_eq!(page.matches("aria-current=\"page\"").count(), 1, "{name}");
    }
}

#[test]
fn hostile_names_stay_text_on_the_pages_for_admins() {
    for (name, page) in samples::admin::all() {
        assert!(!page.contains("alert('x')"), "{name}");
        // In a field that somebody typed into, the text stays what it was.
        let seen = page
            .replace("value=\"\u{202e}", "")
            .replace("role \u{202e}", "");
        let typed = name == "admin-user-hostile" || name == "admin-roles-refused";
        assert!(typed || !seen.contains('\u{202e}'), "{name}");
    }
    let page = samples::admin::user_hostile().render();
    assert!(page.contains("action=\"/account/users/&#34;&#62;&#60;script&#62;\""));
    assert!(page.contains("name=\"role \u{202e}&#60;/bdi&#62;&#60;/label&#62;&#60;script&#62;"));
}

#[test]
fn the_list_of_users_is_searched_and_paged() {
    let page = samples::admin::users().render();
    for wanted in [
        "name=\"q\" value=\"a\" maxlength=\"100\"",
        "href=\"/account/users/583231\"><bdi>Ada Lovelace</bdi></a>",
        "admin by configuration",
        "<bdi>help-desk</bdi>",
        "href=\"/account/users?q=a&#38;after=1.x\">Earlier logins",
        "href=\"/account/users?q=a\">To the newest",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    let none = samples::admin::users_none().render();
    assert!(none.contains("Nobody who has logged in here is like that."));
    assert!(!none.contains("More users"));
}

/// Every form that changes something carries the token, and says what it does.
#[test]
fn the_forms_of_the_pages_for_admins_can_be_told_apart() {
    let done = |page: &str| -> Vec<String> {
        let forms = pieces_until(page, "<form method=\"post\" ", "</form>");
        let buttons = forms.flat_map(|form| {
            assert!(form.contains("name=\"csrf\" value=\"b1c2\""), "{form}");
            pieces(form, "name=\"do\" value=\"")
                .map(str::to_owned)
                .collect::<Vec<_>>()
        });
        buttons.collect()
    };
    let user = samples::admin::user().render();
    assert_eq!(done(&user), ["roles", "policy", "end", "disable"]);
    assert!(user.contains("name=\"had\" value=\"gone help-desk\""));
    let ticked = "name=\"role help-desk\" value=\"on\" checked";
    assert!(user.contains(ticked) && user.contains("name=\"role admin\" value=\"on\">"));
    let disabled = samples::admin::user_disabled().render();
    assert_eq!(done(&disabled), ["roles", "policy", "enable"]);
    let oneself = samples::admin::user_self().render();
    assert_eq!(done(&oneself), ["roles", "policy"]);
    assert!(!oneself.contains("name=\"role admin\""));
    let policies = samples::admin::policies().render();
    let of_one = ["save", "give", "take"];
    let unused = ["save", "delete", "give", "take"];
    let all: Vec<_> = of_one.iter().chain(&unused).chain(&["add"]).collect();
    assert_eq!(done(&policies).iter().collect::<Vec<_>>(), all);
    let roles = samples::admin::roles().render();
    assert_eq!(
        done(&roles),
        ["save", "delete", "save", "delete", "add", "add"]
    );
    assert_eq!(roles.matches("name=\"was\"").count(), 2);
    let refused = samples::admin::roles_refused().render();
    assert_eq!(refused.matches("aria-invalid=\"true\"").count(), 3);
    assert_eq!(refused.matches("<details open>").count(), 1);
}

#[test]
fn the_pages_of_clients_and_keys_change_nothing() {
    for page in [
        samples::admin::clients().render(),
        samples::admin::clients_none().render(),
        samples::admin::keys().render(),
    ] {
        assert!(!page.contains("<form"));
    }
    let keys = samples::admin::keys().render();
    assert!(keys.contains("<code>SESSILE_SECRET_2</code> <span class=\"tag\">makes"));
    assert_eq!(keys.matches(">signs</span>").count(), 1);
}

#[test]
fn who_has_signed_out_reads_so_on_the_login_page() {
    let page = samples::login_signed_out().render();
    assert!(page.contains("role=\"status\">You are signed out."));
    assert!(page.contains("Choose how to say who you are"));
}

#[test]
fn a_message_says_what_happened_and_what_to_do() {
    let page = samples::message().render();
    for wanted in [
        "longer ago.",
        "connect again.",
        "href=\"/login/restart\">Start again",
        "Status 400",
    ] {
        assert!(page.contains(wanted), "{wanted}");
    }
    let notice = samples::notice().render();
    assert!(!notice.contains("Status") && !notice.contains("class=\"go\""));
}
