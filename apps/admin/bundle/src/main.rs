//! Builds the page of the admin window: compiles `wayfare-admin-ui` to wasm, writes the JavaScript
//! around it, and lays both with the page's own files in `apps/admin/ui/dist`.
//!
//! `wayfare-admin-bundle [--dev]`: without `--dev` the wasm is optimised. The new folder takes the
//! old one's place only when it is complete. A failure ends with a sentence on standard error and
//! leaves the old folder as it was.

mod compile;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use wasm_bindgen_cli_support::Bindgen;

use crate::compile::{CompileError, Quality, compile};

/// What the wasm and its script are called.
const NAME: &str = "wayfare-admin";

/// The page's own files.
const PAGE: [&str; 2] = ["index.html", "start.js"];

/// Why there is no new page.
#[derive(Debug, thiserror::Error)]
enum BundleError {
    #[error("unknown option `{0}`; the only one is --dev")]
    Option(String),
    #[error(transparent)]
    Compile(#[from] CompileError),
    #[error("the script around {} cannot be written: {reason}", wasm.display())]
    Script { wasm: PathBuf, reason: String },
    #[error("{}: {source}", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

fn main() -> ExitCode {
    match bundle() {
        Ok(dist) => {
            println!("The page is in {}", dist.display());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("wayfare-admin-bundle: {error}");
            ExitCode::FAILURE
        }
    }
}

fn bundle() -> Result<PathBuf, BundleError> {
    let quality = quality(std::env::args().skip(1))?;
    let own = own_folder();
    let ui = own.with_file_name("ui");
    let wasm = compile(quality, &own)?;

    let fresh = ui.join("dist.new");
    remove(&fresh)?;
    fs::create_dir_all(&fresh).map_err(at(&fresh))?;
    write_script(&wasm, quality, &fresh)?;
    for file in PAGE {
        let source = ui.join(file);
        fs::copy(&source, fresh.join(file)).map_err(at(&source))?;
    }
    let dist = ui.join("dist");
    remove(&dist)?;
    fs::rename(&fresh, &dist).map_err(at(&dist))?;
    Ok(dist)
}

/// The folder of this crate. Cargo says at run time which checkout it runs in; what was compiled in
/// may be another one that shares the build products.
fn own_folder() -> PathBuf {
    let said = std::env::var_os("CARGO_MANIFEST_DIR");
    said.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

fn quality(mut options: impl Iterator<Item = String>) -> Result<Quality, BundleError> {
    options.try_fold(Quality::Optimised, |_, option| match option.as_str() {
        "--dev" => Ok(Quality::Dev),
        _ => Err(BundleError::Option(option)),
    })
}

fn write_script(wasm: &Path, quality: Quality, into: &Path) -> Result<(), BundleError> {
    let write = || {
        let mut bindgen = Bindgen::new();
        bindgen
            .input_path(wasm)
            .out_name(NAME)
            .typescript(false)
            .web(true)?;
        bindgen.debug(quality == Quality::Dev).keep_debug(false);
        bindgen.generate(into)
    };
    // Its error is of a type that cannot be kept here; its words can.
    write().map_err(|error| BundleError::Script {
        wasm: wasm.to_owned(),
        reason: format!("{error:#}"),
    })
}

fn remove(folder: &Path) -> Result<(), BundleError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(folder)(error)),
        _ => Ok(()),
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> BundleError {
    let path = path.to_owned();
    |source| BundleError::File { path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(options: &[&str]) -> Result<Quality, BundleError> {
        quality(options.iter().map(|option| (*option).to_owned()))
    }

    #[test]
    fn the_page_is_optimised_unless_it_is_for_development() {
        assert!(matches!(of(&[]), Ok(Quality::Optimised)));
        assert!(matches!(of(&["--dev"]), Ok(Quality::Dev)));
    }

    #[test]
    fn an_unknown_option_is_refused_by_name() {
        let refused = of(&["--fast"]).unwrap_err().to_string();
        assert!(refused.contains("--fast"), "{refused}");
    }

    #[test]
    fn the_pages_own_files_are_there() {
        let ui = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("ui");
        assert!(PAGE.iter().all(|file| ui.join(file).is_file()));
        let start = fs::read_to_string(ui.join("start.js")).unwrap();
        assert!(start.contains(&format!("./{NAME}.js")), "{start}");
    }
}
