//! Writes a sample of every page and its assets into a folder, to be opened
//! in a browser: `cargo run -p sessile-web --example write_pages -- FOLDER`.

#[path = "../tests/samples/mod.rs"]
mod samples;

use std::{env, fs, io, path::PathBuf};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| io::Error::other("name a folder to write into"))?;
    fs::create_dir_all(folder.join("assets"))?;
    for (path, body) in [
        (web::STYLE_PATH, web::STYLE_CSS),
        (web::MARK_PATH, web::MARK_SVG),
    ] {
        fs::write(folder.join(path.trim_start_matches('/')), body)?;
    }
    for (name, page) in samples::all() {
        fs::write(folder.join(format!("{name}.html")), page)?;
    }
    Ok(())
}
