//! A toolchain that builds for wasm32-unknown-unknown.
//!
//! Usually `rustup target add` is all. Where rustup's server cannot be reached, Debian has a current
//! compiler with the source of its standard library (`rustc-web`, `rust-web-src`): set-up builds the
//! library for wasm once from that source and registers the compiler with rustup under the name
//! `wasm`, so that `cargo +wasm` works.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::apt;
use crate::command;
use crate::failure::Failure;
use crate::temp_folder::TempFolder;

/// The target of the admin's page.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// The name under which a second toolchain is registered.
const LINKED_NAME: &str = "wasm";

/// How long rustup may try to reach its server.
const RUSTUP_WAIT_MAX: Duration = Duration::from_secs(120);

/// Which toolchain builds for wasm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WasmToolchain {
    /// The one in use.
    Usual,
    /// The one registered as `wasm`.
    Linked,
}

impl WasmToolchain {
    /// The argument for cargo or rustc that picks this toolchain.
    pub(crate) fn argument(self) -> Option<&'static str> {
        match self {
            Self::Usual => None,
            Self::Linked => Some("+wasm"),
        }
    }
}

/// The toolchain that can build for wasm now.
pub(crate) fn find_toolchain() -> Option<WasmToolchain> {
    [WasmToolchain::Usual, WasmToolchain::Linked]
        .into_iter()
        .find(|toolchain| {
            library_folder(*toolchain).is_some_and(|folder| holds_std(&folder))
                && is_new_enough(*toolchain)
        })
}

/// A second toolchain is not kept up to date by rustup and may have fallen behind the project.
fn is_new_enough(toolchain: WasmToolchain) -> bool {
    let output = Command::new("rustc")
        .args(toolchain.argument())
        .arg("--version")
        .output();
    output.is_ok_and(|output| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let wanted = parse_release(env!("CARGO_PKG_RUST_VERSION"));
        text.split(' ')
            .nth(1)
            .and_then(parse_release)
            .is_some_and(|release| Some(release) >= wanted)
    })
}

/// Reads (1, 95) out of `1.95` and `1.95.0`.
fn parse_release(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

fn library_folder(toolchain: WasmToolchain) -> Option<PathBuf> {
    let output = Command::new("rustc")
        .args(toolchain.argument())
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(text.trim()))
}

fn holds_std(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libstd-") && name.ends_with(".rlib")
        })
    })
}

/// Makes a toolchain that builds for wasm.
pub(super) fn install(debian: bool) -> Result<(), Failure> {
    eprintln!("Adding Rust's {TARGET} target ...");
    if rustup_adds_target() && find_toolchain().is_some() {
        return Ok(());
    }
    if !debian {
        return Err(Failure::Missing(format!(
            "rustup could not add {TARGET}. Run `rustup target add {TARGET}` where its server can \
             be reached."
        )));
    }
    eprintln!("rustup could not add it; taking Debian's compiler and building the library for it.");
    apt::install_newest(&["rustc-web", "rust-web-src"])?;
    link_debian_compiler()?;
    build_library()
}

/// Lets rustup try, for a bounded time.
fn rustup_adds_target() -> bool {
    let Ok(mut rustup) = Command::new("rustup")
        .args(["target", "add", TARGET])
        .spawn()
    else {
        return false;
    };
    let deadline = Instant::now() + RUSTUP_WAIT_MAX;
    loop {
        match rustup.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < deadline => thread::sleep(Duration::from_millis(200)),
            Ok(None) | Err(_) => {
                let _ = rustup.kill();
                let _ = rustup.wait();
                return false;
            }
        }
    }
}

/// Registers `/usr` as the toolchain `wasm` and gives it the linker for wasm, which Debian leaves
/// out and the usual toolchain has.
fn link_debian_compiler() -> Result<(), Failure> {
    let host = host_triple()?;
    let sysroot = command::read(Command::new("rustc").args(["--print", "sysroot"]))?;
    let linker = Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(&host)
        .join("bin")
        .join("rust-lld");
    let folder = Path::new("/usr/lib/rustlib").join(&host).join("bin");
    let link = folder.join("rust-lld");
    if !link.exists() {
        fs::create_dir_all(&folder).map_err(Failure::file("create", &folder))?;
        symlink(&linker, &link).map_err(Failure::file("link", &link))?;
    }
    command::run(Command::new("rustup").args(["toolchain", "link", LINKED_NAME, "/usr"]))
}

fn host_triple() -> Result<String, Failure> {
    let text = command::read(Command::new("rustc").arg("-vV"))?;
    text.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| Failure::Missing("rustc does not name its host".to_owned()))
}

/// Builds the standard library for wasm in an empty crate and lays it into the compiler's folder.
fn build_library() -> Result<(), Failure> {
    let work = TempFolder::create("wayfare-wasm-std")?;
    let write = |name: &str, text: &str| {
        let path = work.path().join(name);
        fs::write(&path, text).map_err(Failure::file("write", path))
    };
    let source = work.path().join("src");
    fs::create_dir(&source).map_err(Failure::file("create", source))?;
    write(
        "Cargo.toml",
        "[package]\nname = \"wasm-std\"\nversion = \"0.0.0\"\nedition = \"2021\"\n",
    )?;
    write("src/lib.rs", "#![no_std]\n")?;
    command::run(
        Command::new("cargo")
            .args(["+wasm", "build", "--release", "--target", TARGET])
            .arg("-Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test")
            .current_dir(work.path())
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", work.path().join("target")),
    )?;
    let built = work.path().join("target").join(TARGET).join("release/deps");
    let library = Path::new("/usr/lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&library).map_err(Failure::file("create", &library))?;
    for entry in fs::read_dir(&built)
        .map_err(Failure::file("read", &built))?
        .flatten()
    {
        let name = entry.file_name();
        if is_library_of_std(&name.to_string_lossy()) {
            let to = library.join(&name);
            fs::copy(entry.path(), &to).map_err(Failure::file("write", &to))?;
        }
    }
    Ok(())
}

/// Picks the libraries that the build made, without the empty crate itself.
fn is_library_of_std(name: &str) -> bool {
    let library = name.ends_with(".rlib") || name.ends_with(".rmeta");
    library && name.starts_with("lib") && !name.starts_with("libwasm_std-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_crate_is_not_laid_beside_the_standard_library() {
        assert!(is_library_of_std("libstd-0123.rlib"));
        assert!(is_library_of_std("libcore-0123.rmeta"));
        assert!(!is_library_of_std("libwasm_std-0123.rlib"));
        assert!(!is_library_of_std("std-0123.d"));
    }

    #[test]
    fn releases_are_compared_by_number() {
        assert_eq!(parse_release("1.95"), Some((1, 95)));
        assert!(parse_release("1.100.0") > parse_release("1.95"));
        assert_eq!(parse_release("nightly"), None);
    }

    #[test]
    fn a_folder_without_std_does_not_count_as_a_toolchain() {
        let folder = TempFolder::create("wayfare-xtask-wasm").unwrap();
        assert!(!holds_std(folder.path()));
        fs::write(folder.path().join("libstd-01.rlib"), "").unwrap();
        assert!(holds_std(folder.path()));
    }
}
