//! How large the Workers are as deployed: compressed, as Cloudflare counts.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::Prepared;
use super::log::Log;
use crate::root::root;
use crate::server::crate_folders;
use crate::versions::FRONT_GZIP_BYTES_MAX;
use crate::worker::Worker;
use crate::worker_build::{self, Profile, served_bundle};

/// Builds every Worker as it is deployed and weighs it.
pub(super) fn run(prepared: &Prepared, log: &mut Log) -> Result<()> {
    let tools = prepared.tools()?;
    for folder in crate_folders(&Worker::defaults()?)? {
        let bundle = served_bundle(tools, &folder, Profile::Release);
        worker_build::build(tools, &folder, Profile::Release, &bundle)?;
        let files = ["index.js", "worker.js", "index_bg.wasm"];
        let each = files.map(|file| gzipped(&bundle.join(file)));
        let bytes: usize = each.into_iter().sum::<Result<_>>()?;
        let is_front = folder == root().canonicalize()?;
        let name = bundle
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        log.remark(format!("{name} {} kB gzipped", bytes / 1000))?;
        if is_front && bytes > FRONT_GZIP_BYTES_MAX {
            bail!(
                "the front Worker has {bytes} bytes gzipped, and its budget is {FRONT_GZIP_BYTES_MAX}: `twiggy top` on {} tells what grew",
                bundle.join("index_bg.wasm").display()
            );
        }
    }
    Ok(())
}

fn gzipped(file: &Path) -> Result<usize> {
    let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&bytes)?;
    Ok(encoder.finish()?.len())
}
