use super::*;
use serde_json::json;

const KEY: [u8; 32] = [7; 32];

const ANSWER: &str = r#"{"jsonrpc":"2.0","id":0,"result":{"tools":[
    {"name":"count","title":"Count","inputSchema":{},
     "_meta":{"sessile/contract":{"state":{"family":"count","argument":"handle"},"task":"optional"}}},
    {"name":"count","inputSchema":{}},
    {"name":"bad","inputSchema":{"type":"object","properties":{"a":{"type":"number","x-mcp-header":"A"}}}},
    {"inputSchema":{}}]}}"#;

fn catalog() -> Catalog {
    let mut catalog = Catalog::default();
    let mut warned = 0;
    catalog
        .add(Kind::Tools, "TOOLS_DEMO", ANSWER, |_| warned += 1)
        .unwrap();
    assert_eq!(warned, 3, "a double, a bad header, no name");
    catalog
}

fn list(catalog: &Catalog, kind: Kind, revision: Revision) -> Map<String, Value> {
    catalog
        .list(kind, revision, None, &NameKey::new(KEY), |_| true)
        .unwrap()
}

#[test]
fn the_contract_is_kept_and_not_shown() {
    let catalog = catalog();
    let entry = catalog.find(&Target::Tool("count".into())).unwrap();
    assert_eq!(entry.contract.state.as_ref().unwrap().family, "count");
    let list = list(&catalog, Kind::Tools, Revision::MODERN);
    assert_eq!(list["tools"].as_array().unwrap().len(), 1);
    assert_eq!(list["tools"][0].get("_meta"), None);
    assert_eq!(list["resultType"], "complete");
}

/// Checklist L-GATE-01, L-GATE-02, L-TASK-02.
#[test]
fn a_session_sees_only_what_its_revision_knows() {
    let catalog = catalog();
    let old = list(&catalog, Kind::Tools, Revision::V20250326);
    assert_eq!(old["tools"][0].get("title"), None);
    assert_eq!(old["tools"][0].get("execution"), None);
    assert_eq!(old.get("resultType"), None);
    let newer = list(&catalog, Kind::Tools, Revision::V20251125);
    assert_eq!(newer["tools"][0]["title"], "Count");
    assert_eq!(newer["tools"][0]["execution"]["taskSupport"], "optional");
    let newest = list(&catalog, Kind::Tools, Revision::MODERN);
    assert_eq!(newest["tools"][0].get("execution"), None);
}

/// Checklist M-LIST-02.
#[test]
fn a_long_list_is_whole_over_its_pages_and_a_foreign_cursor_is_refused() {
    let mut catalog = Catalog::default();
    let tools: Vec<_> = (0..250)
        .map(|number| json!({ "name": format!("t{number:03}") }))
        .collect();
    let answer = json!({ "result": { "tools": tools } }).to_string();
    catalog
        .add(Kind::Tools, "W", &answer, |problem| panic!("{problem}"))
        .unwrap();
    let key = NameKey::new(KEY);
    let mut seen = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = catalog
            .list(
                Kind::Tools,
                Revision::MODERN,
                cursor.as_deref(),
                &key,
                |_| true,
            )
            .unwrap();
        seen.extend(page["tools"].as_array().unwrap().clone());
        match page.get("nextCursor") {
            Some(next) => cursor = next.as_str().map(str::to_owned),
            None => break,
        }
    }
    assert_eq!(seen, tools);
    for foreign in ["", "2", "dDAwMA.AAAA"] {
        let refused = catalog.list(Kind::Tools, Revision::MODERN, Some(foreign), &key, |_| true);
        assert!(refused.is_err(), "{foreign}");
    }
}

#[test]
fn a_resource_is_found_by_its_uri_or_by_a_template() {
    let mut catalog = Catalog::default();
    let fail = |problem: String| panic!("{problem}");
    catalog
        .add(
            Kind::Resources,
            "A",
            r#"{"result":{"resources":[{"uri":"test://x/1","name":"x"}]}}"#,
            fail,
        )
        .unwrap();
    catalog
        .add(
            Kind::Templates,
            "B",
            r#"{"result":{"resourceTemplates":[{"uriTemplate":"test://x/{id}","name":"y"}]}}"#,
            fail,
        )
        .unwrap();
    let owner = |uri: &str| {
        catalog
            .find(&Target::Resource(uri.into()))
            .map(|entry| entry.worker.clone())
    };
    assert_eq!(owner("test://x/1").as_deref(), Some("A"));
    assert_eq!(owner("test://x/2").as_deref(), Some("B"));
    assert_eq!(owner("test://y"), None);
    let template = Target::TemplateVariable("test://x/{id}".into());
    assert_eq!(catalog.find(&template).unwrap().worker, "B");
}

#[test]
fn a_server_is_public_only_if_each_of_its_workers_says_so() {
    let announced = |public: &str| {
        let answer = format!(
            r#"{{"result":{{"capabilities":{{"tools":{{}}}},"_meta":{{"sessile/public":{public}}}}}}}"#
        );
        Announced::read(&answer).unwrap()
    };
    let mut catalog = Catalog::default();
    assert!(!catalog.is_public());
    catalog.announce(&announced("true"));
    assert!(catalog.is_public());
    catalog.announce(&announced("\"true\""));
    assert!(!catalog.is_public());
}

/// Checklist L-INIT-03, M-CAP-02.
#[test]
fn what_no_worker_has_is_not_advertised() {
    let features = Features::of(json!({ "prompts": {} }).as_object().unwrap());
    let told = json!(features.capabilities(Revision::MODERN));
    assert_eq!(told, json!({ "prompts": { "listChanged": true } }));
    let all = Features::ALL;
    let told = json!(all.capabilities(Revision::V20250326));
    assert_eq!(told.get("extensions"), None);
    assert_eq!(
        told["resources"],
        json!({ "subscribe": true, "listChanged": true })
    );
    assert!(told.get("logging").is_some() && told.get("completions").is_some());
    let told = json!(all.capabilities(Revision::V20241105));
    assert_eq!(told.get("completions"), None, "L-GATE-01");
    let told = json!(all.capabilities(Revision::MODERN));
    assert!(told["extensions"]["io.modelcontextprotocol/tasks"].is_object());
}

const WITH_PERMISSIONS: &str = r#"{"result":{"tools":[
    {"name":"free"},
    {"name":"read","_meta":{"sessile/contract":{"permission":"notes:read"}}},
    {"name":"rule","_meta":{"sessile/contract":{"permission":"admin:rule"}}},
    {"name":"bad","_meta":{"sessile/contract":{"permission":"notes:*"}}}]}}"#;

fn with_permissions() -> Catalog {
    let mut catalog = Catalog::default();
    let mut warned = Vec::new();
    let warn = |problem| warned.push(problem);
    catalog
        .add(Kind::Tools, "W", WITH_PERMISSIONS, warn)
        .unwrap();
    assert_eq!(
        warned.len(),
        1,
        "what needs a bad permission is not there: {warned:?}"
    );
    catalog
}

#[test]
fn what_needs_a_permission_is_open_to_whoever_has_it_and_shown_to_whoever_may() {
    let catalog = with_permissions();
    let find = |name: &str| catalog.find(&Target::Tool(name.into())).unwrap();
    let notes = ["mcp".to_owned(), "notes:read".to_owned()];
    assert!(find("free").is_open_to(&[]) && find("read").is_open_to(&notes));
    assert!(!find("read").is_open_to(&notes[..1]) && !find("rule").is_open_to(&notes));
    assert!(catalog.find(&Target::Tool("bad".into())).is_none());
    let shows = |permission: &Permission| permission.as_str() == "notes:read";
    let list = catalog
        .list(
            Kind::Tools,
            Revision::MODERN,
            None,
            &NameKey::new(KEY),
            shows,
        )
        .unwrap();
    let names: Vec<&str> = list["tools"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    assert_eq!(names, ["free", "read"]);
}

#[test]
fn words_for_a_permission_are_the_first_that_fit() {
    let mut catalog = with_permissions();
    let long = "x".repeat(PERMISSION_WORDS_CHARS_MAX + 1);
    for words in [
        json!({ "notes:read": long, "admin:rule": 5, "notes:*": "All" }),
        json!({ "notes:read": "Read your notes", "notes:write": "Write notes" }),
        json!({ "notes:read": "Something else", "admin:rule": " " }),
    ] {
        let told =
            json!({ "result": { "capabilities": {}, "_meta": { "sessile/permissions": words } } });
        catalog.announce(&Announced::read(&told.to_string()).unwrap());
    }
    let told: Vec<_> = catalog
        .permissions()
        .map(|(permission, words)| (permission.as_str(), words))
        .collect();
    let want = [
        ("admin:rule", None),
        ("notes:read", Some("Read your notes")),
        ("notes:write", Some("Write notes")),
    ];
    assert_eq!(told, want);
}

#[test]
fn what_needs_one_permission_too_many_is_left_out() {
    let mut catalog = Catalog::default();
    let tools: Vec<_> = (0..=PERMISSIONS_MAX)
        .map(|number| {
            let contract = json!({ "permission": format!("p{number}") });
            json!({ "name": format!("t{number}"), "_meta": { "sessile/contract": contract } })
        })
        .collect();
    let answer = json!({ "result": { "tools": tools } }).to_string();
    let mut warned = 0;
    catalog
        .add(Kind::Tools, "W", &answer, |_| warned += 1)
        .unwrap();
    assert_eq!(
        (warned, catalog.permissions().count()),
        (1, PERMISSIONS_MAX)
    );
}
