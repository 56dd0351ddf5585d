//! What must hold of everything that reads what strangers wrote, whatever they wrote.
//!
//! Each function takes any bytes and panics where its property does not hold.
//! The fuzz targets in `fuzz/` feed them what libFuzzer finds; the tests of this
//! crate feed them near-valid inputs and every input that was kept. An input of
//! several texts has [`SEPARATOR`] between them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a property that does not hold is told by panicking"
)]

mod alteration;
mod credentials;
mod cursor;
mod envelope;
mod fields;
mod headers;
mod names;
mod param_headers;
mod redirect;
mod request_params;
mod request_state;
mod stream;
mod targets;
mod tool_answer;
mod uri_template;

pub use credentials::credentials;
pub use cursor::cursor;
pub use envelope::envelope;
pub use fields::SEPARATOR;
pub use headers::headers;
pub use names::names;
pub use param_headers::param_headers;
pub use redirect::redirect;
pub use request_params::request_params;
pub use request_state::request_state;
pub use stream::stream;
pub use targets::{TARGETS, Target};
pub use tool_answer::tool_answer;
pub use uri_template::uri_template;
