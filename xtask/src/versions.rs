//! Every version that the set-up pins, except three kinds that have a lock file
//! of their own: npm packages (`xtask/npm`, `xtask/node`, `tests`), Python
//! packages (`tests/clients/python/requirements.txt`), and the `wasm-bindgen`
//! CLI, which must equal the crate in `Cargo.lock`.

/// Turns a crate into a Worker's bundle; same release train as the `worker` crate.
pub(crate) const WORKER_BUILD: &str = "0.8.7";

/// Oldest Node.js that everything here runs on: Inspector 2.12 says so in its
/// `engines`; wrangler 4.164 wants 22.12.
pub(crate) const NODE_MIN: (u32, u32) = (22, 19);

/// The npm lock file with wrangler, workerd, esbuild and binaryen.
pub(crate) const NPM_TOOLS: Manifest = Manifest {
    package: include_str!("../npm/package.json"),
    lock: include_str!("../npm/package-lock.json"),
};

/// The npm lock file with a Node.js binary, for machines whose own is too old.
pub(crate) const NPM_NODE: Manifest = Manifest {
    package: include_str!("../node/package.json"),
    lock: include_str!("../node/package-lock.json"),
};

/// Oldest Python for the clients in `tests/clients/python`: their program uses
/// `asyncio.timeout`, which is new in 3.11.
pub(crate) const PYTHON_MIN: (u32, u32) = (3, 11);

/// Oldest `rustc` that may build the workspace: `rust-version` of the root `Cargo.toml`.
pub(crate) const RUST_MIN: (u32, u32) = (1, 95);

/// Debian's compiler for browsers with the matching library source, and its
/// clippy: the way to a wasm32 std where only package registries can be reached.
pub(crate) const APT_RUST: [&str; 4] =
    ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];

/// Bumped when the way std is built changes, so that it is built anew.
pub(crate) const WASM_STD_RECIPE: u32 = 4;

/// Largest front Worker, in bytes after gzip. Cloudflare allows 3 MB on the
/// free plan ("Workers: Limits", Worker size, read 2026-11); a third of it
/// keep cold starts short and leave room to grow. What unwinding takes of it is
/// in `docs/reliability.md`, "Panics".
pub(crate) const FRONT_GZIP_BYTES_MAX: usize = 1_048_576;

/// An npm package with its lock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manifest {
    /// `package.json`.
    pub(crate) package: &'static str,
    /// `package-lock.json`.
    pub(crate) lock: &'static str,
}
