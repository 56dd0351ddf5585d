//! The fuzz targets, by name.

/// A property by the name of its target and of the folder of its kept inputs.
pub type Target = (&'static str, fn(&[u8]));

/// Every property of this crate.
pub const TARGETS: [Target; 12] = [
    ("credentials", crate::credentials),
    ("cursor", crate::cursor),
    ("envelope", crate::envelope),
    ("headers", crate::headers),
    ("names", crate::names),
    ("param_headers", crate::param_headers),
    ("redirect", crate::redirect),
    ("request_params", crate::request_params),
    ("request_state", crate::request_state),
    ("stream", crate::stream),
    ("tool_answer", crate::tool_answer),
    ("uri_template", crate::uri_template),
];
