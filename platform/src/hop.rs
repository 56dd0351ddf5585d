//! One request to an object or to another Worker, and its answer.
//!
//! Each step between JavaScript and wasm costs a share of a microsecond and more, and
//! a call that goes through `worker`'s own types takes some two hundred of them
//! (`docs/performance.md`). So a request crosses as one text and one piece of memory,
//! and of an answer only that is asked for which somebody reads.

use serde::Serialize;
use worker::js_sys::{Promise, Reflect, Uint8Array};
use worker::wasm_bindgen::{self, JsCast, JsValue};
use worker::{Env, Error, Method, Result, WebSocket, web_sys};

use crate::awaited::Awaited;
use crate::body::Passed;
use crate::fields::Fields;
use crate::gathered::{self, TooLarge};

#[wasm_bindgen::prelude::wasm_bindgen(
    wasm_bindgen = worker::wasm_bindgen,
    module = "/src/hop.js"
)]
extern "C" {
    /// Whatever can be asked: an object's stub, or a service binding.
    #[derive(Debug, Clone)]
    pub type Neighbour;

    #[wasm_bindgen(catch)]
    fn object_of(
        env: &Env,
        binding: &str,
        name: &str,
    ) -> std::result::Result<Option<Neighbour>, JsValue>;

    #[wasm_bindgen(catch)]
    fn send(
        neighbour: &Neighbour,
        url: &str,
        head: &str,
        body: &JsValue,
        signal: Option<&web_sys::AbortSignal>,
    ) -> std::result::Result<Promise, JsValue>;
}

/// The object of that name.
pub fn object(env: &Env, binding: &str, name: &str) -> Result<Neighbour> {
    object_of(env, binding, name)?.ok_or_else(|| Error::BindingError(binding.to_owned()))
}

/// The Worker that is bound under that name.
pub fn service(env: &Env, binding: &str) -> Result<Neighbour> {
    let found = Reflect::get(env, &binding.into())?;
    if found.is_undefined() {
        return Err(Error::BindingError(binding.to_owned()));
    }
    Ok(found.unchecked_into())
}

/// A request.
#[derive(Debug)]
pub struct Hop<'a> {
    /// Its verb.
    pub method: Method,
    /// Its URL.
    pub url: &'a str,
    /// Its header fields.
    pub fields: &'a [(&'a str, &'a str)],
    /// Its body.
    pub body: Option<Load<'a>>,
    /// What ends it early.
    pub signal: Option<&'a web_sys::AbortSignal>,
}

/// The body of a request.
#[derive(Debug, Clone, Copy)]
pub enum Load<'a> {
    /// Bytes of ours.
    Bytes(&'a [u8]),
    /// A body that came, and is passed on.
    Came(&'a Passed),
}

/// A request as the platform takes it, less what is no text.
#[derive(Serialize)]
struct Head<'a> {
    method: &'a str,
    headers: Fields<'a>,
}

impl Hop<'_> {
    /// Sends it; the answer is here when its head is.
    pub async fn to(self, neighbour: &Neighbour) -> Result<Answer> {
        let (head, body) = (self.head()?, self.body());
        let promised = send(neighbour, self.url, &head, &body, self.signal)?;
        let answer = Awaited::of(&promised).await?;
        Ok(Answer(answer.unchecked_into()))
    }

    /// Its verb and its fields, as JSON.
    pub fn head(&self) -> Result<String> {
        Ok(serde_json::to_string(&Head {
            method: self.method.as_ref(),
            headers: Fields(self.fields),
        })?)
    }

    /// Its body, where JavaScript has it.
    pub(crate) fn body(&self) -> JsValue {
        self.body.map_or(JsValue::UNDEFINED, |body| match body {
            Load::Bytes(bytes) => Uint8Array::from(bytes).into(),
            Load::Came(passed) => passed.as_ref().clone(),
        })
    }
}

/// An answer, of which the body is not read yet.
#[derive(Debug)]
pub struct Answer(web_sys::Response);

impl From<web_sys::Response> for Answer {
    fn from(response: web_sys::Response) -> Self {
        Self(response)
    }
}

impl From<worker::Response> for Answer {
    fn from(response: worker::Response) -> Self {
        Self(response.into())
    }
}

impl Answer {
    /// Its status.
    pub fn status(&self) -> u16 {
        self.0.status()
    }

    /// A field of its head.
    pub fn field(&self, name: &str) -> Option<String> {
        self.0.headers().get(name).ok().flatten()
    }

    /// The whole body of an answer of our own.
    pub async fn bytes(self) -> Result<Vec<u8>> {
        gathered::at_once(self.0.array_buffer()?).await
    }

    /// The whole body, unless it has more bytes than that.
    pub async fn bytes_up_to(self, bytes_max: usize) -> Result<Vec<u8>, TooLarge> {
        match self.0.body() {
            Some(body) => gathered::up_to(&body, bytes_max).await,
            None => Ok(Vec::new()),
        }
    }

    /// All of it, to be passed on.
    pub fn as_it_came(self) -> web_sys::Response {
        self.0
    }

    /// The body as it comes.
    pub fn body(self) -> worker::Body {
        self.0
            .body()
            .map_or_else(worker::Body::empty, worker::Body::new)
    }

    /// The socket that it brings.
    pub fn socket(self) -> Option<WebSocket> {
        worker::Response::from(self.0).websocket()
    }
}
