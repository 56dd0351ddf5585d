//! What near-valid inputs are put together from.

/// Members of messages, right and wrong.
pub(crate) const MESSAGE: &[&str] = &[
    r#""jsonrpc":"2.0""#,
    r#""jsonrpc":"2.0""#,
    r#""jsonrpc":"2.0""#,
    r#""jsonrpc":2.0"#,
    r#""id":7"#,
    r#""id":"a""#,
    r#""id":"\u0000\ud83d\ude00""#,
    r#""id":"\ud800""#,
    r#""id":null"#,
    r#""id":-0"#,
    r#""id":1e3"#,
    r#""id":9223372036854775808"#,
    r#""method":"ping""#,
    r#""method":"tools\/call""#,
    r#""method":"""#,
    r#""method":5"#,
    r#""params":{}"#,
    r#""params":{"a":[1e999]}"#,
    r#""params":[]"#,
    r#""params":null"#,
    r#""result":{"ok":true}"#,
    r#""result":null"#,
    r#""error":{"code":-1,"message":"no"}"#,
    r#""other":[[[{}]]]"#,
    r#""params":{"_meta":["2026-07-28",{}]}"#,
];

/// Members of what a tool Worker says.
pub(crate) const ANSWER: &[&str] = &[
    r#""jsonrpc":"2.0","id":0"#,
    r#""method":"notifications/progress""#,
    r#""params":{"progress":1}"#,
    r#""error":{"code":-32603,"message":"broken","data":[1]}"#,
    r#""error":{"code":"x"}"#,
    r#""result":{}"#,
    r#""result":null"#,
    r#""result":{"resultType":"complete","content":[{"type":"text","text":"x"},5],"structuredContent":[1],"_meta":{"io.modelcontextprotocol/serverInfo":{}}}"#,
    r#""result":{"content":[],"_meta":{"sessile/state":{"n":1},"sessile/other":1,"mine":2,"sessile/changes":["toolsList",{"resource":{"uri":"test://x","shared":true}}]}}"#,
    r#""result":{"_meta":{"sessile/task":true}}"#,
    r#""result":{"_meta":5,"ttlMs":-1,"isError":true}"#,
    r#""result":{"resultType":"input_required","requestState":"s"}"#,
    r#""result":{"resultType":"input_required","inputRequests":{"k":{"method":"elicitation/create","params":{"mode":"url"}}}}"#,
    r#""result":{"resultType":"input_required","inputRequests":{"k":{"method":"sampling/createMessage"},"l":{"method":"roots/list","params":5}}}"#,
    r#""result":{"resultType":"input_required","inputRequests":{"k":{"method":"tools/call"}}}"#,
];

/// Members of params.
pub(crate) const PARAMS: &[&str] = &[
    r#""name":"echo""#,
    r#""name":"echo""#,
    r#""name":5"#,
    r#""uri":"test://x""#,
    r#""arguments":{"a":1,"b":[true]}"#,
    r#""arguments":{"b":[true],"a":1}"#,
    r#""arguments":{"a":1e999}"#,
    r#""arguments":{"a":2e999}"#,
    r#""arguments":null"#,
    r#""arguments":"text""#,
    r#""ref":{"type":"ref/prompt","name":"p"}"#,
    r#""ref":{"type":"ref/resource","uri":"test://{id}"}"#,
    r#""ref":{"type":"ref/tool"}"#,
    r#""argument":{"name":"a","value":"v"}"#,
    r#""context":{"arguments":{}}"#,
    r#""inputResponses":{"k":{"action":"accept","content":{}}}"#,
    r#""requestState":"s""#,
    r#""task":{"ttl":1000}"#,
    r#""task":{}"#,
    r#""taskId":"t""#,
    r#""_meta":{"progressToken":"p","sessile/state":9,"io.modelcontextprotocol/logLevel":"error","mine":1}"#,
    r#""_meta":{"progressToken":[],"io.modelcontextprotocol/logLevel":"loud"}"#,
    r#""notifications":{"toolsListChanged":true,"resourceSubscriptions":["test://b","test://a","test://b"],"taskIds":["t"]}"#,
    r#""notifications":{"promptsListChanged":"yes"}"#,
    r#""notifications":[true]"#,
];

/// Schemas of arguments.
pub(crate) const SCHEMAS: &[&str] = &[
    r#"{"properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"integer","x-mcp-header":"b"}}}"#,
    r#"{"properties":{"a":{"type":"boolean","x-mcp-header":"A"},"d":{"properties":{"e":{"type":"string","x-mcp-header":"E"}}}}}"#,
    r#"{"properties":{"a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}}}"#,
    r#"{"properties":{"x-mcp-header":{"type":"string","x-mcp-header":"~"}}}"#,
    r#"{"items":{"type":"string","x-mcp-header":"A"}}"#,
    r#"{"type":"string","x-mcp-header":"root"}"#,
    "{}",
];

/// Members of arguments.
pub(crate) const ARGUMENTS: &[&str] = &[
    r#""a":"eu""#,
    r#""a":" \u00fc\n""#,
    r#""a":"=?base64?eA==?=""#,
    r#""a":true"#,
    r#""a":null"#,
    r#""b":42"#,
    r#""b":18446744073709551615"#,
    r#""b":1.5"#,
    r#""b":1e300"#,
    r#""c":1e999"#,
    r#""d":{"e":"x"}"#,
    r#""d":{"e":["x"]}"#,
    r#""x-mcp-header":"~""#,
];

/// Pieces of streams of events, and of frames.
pub(crate) const STREAM: &[&str] = &[
    "data: {\"a\":1}\n\n",
    "event: message\n",
    "id: 1-2-x\r\n",
    "retry: 500\n",
    ": keep-alive\n\n",
    "data",
    "data:",
    "data: ü",
    ":",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\u{feff}",
    "\0",
    "\u{1f}",
    "P1-0-x",
    "A",
    "E1-2-x\n{}",
    "Z",
    "0123456789abcdef",
];

/// Pieces of URIs and their templates.
pub(crate) const URIS: &[&str] = &[
    "test://", "{id}", "{+path}", "{a.b}", "{", "}", "/", "-", ".json", "2", "%2F", "%", "%C3%A9",
    "x", "é", "?q=1", "#",
];

/// Pieces of redirect URIs and origins.
pub(crate) const ADDRESSES: &[&str] = &[
    "https:",
    "http:",
    "cursor:",
    "zed:",
    "javascript:",
    "//",
    "/",
    "///",
    "\\",
    "localhost",
    "LOCALHOST",
    "127.0.0.1",
    "0x7f.1",
    "[::1]",
    "a.localhost",
    "app.example",
    "ev%69l.example",
    "mcp.example.com",
    "listed.example",
    "xn--a",
    ".",
    "@",
    "user:pw@",
    ":8787",
    ":80",
    ":443",
    ":0443",
    ":",
    "/callback",
    "/mcp",
    "?a=b",
    "#f",
];
/// Whole ones.
pub(crate) const WHOLE_ADDRESSES: &[&str] = &[
    "https://app.example/callback",
    "http://127.0.0.1:8080/cb?x=1",
    "http://127.0.0.1/cb?x=1",
    "http://localhost:9/cb",
    "http://[::1]:8787",
    "http://localhost:8787",
    "https://mcp.example.com",
    "https://mcp.example.com/mcp",
    "https://listed.example",
    "cursor://anysphere.cursor-mcp/oauth/callback",
    "zed://done",
    "localhost:8787",
    "mcp.example.com",
];

/// `Authorization` fields and forms.
pub(crate) const AUTHORIZATION: &[&str] = &[
    "Bearer abc.d-e_f~g+h/i=",
    "bearer  x",
    "Bearer",
    "Bearer a b",
    "Basic dXNlcg==",
    "BEARER \u{e4}",
    "\n",
];
/// Pieces of forms.
pub(crate) const FORM: &[&str] = &[
    "state=1",
    "&",
    "=",
    "code=a%20b+c",
    "state",
    "scope=",
    "%zz",
    "%ff",
    "+",
];
/// Verifiers and challenges: RFC 7636, appendix B, among them.
pub(crate) const PROOFS: &[&str] = &[
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN",
    "short",
    "",
];

/// What an edit puts anywhere.
pub(crate) const ANYWHERE: &[&str] = &[
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\\",
    "\\u0000",
    "\\ud800",
    "1e999",
    "null",
    "\n",
    "\r",
    "\0",
    "\u{1f}",
    "\u{feff}",
    "ü",
    "\u{1f600}",
    " ",
    "%",
    "=",
    "+",
    "0",
    "-",
    ".",
];
