//! What each purpose needs, how to see whether it is there, and where to get it.

use std::path::Path;
use std::process::Command;

use super::rust_tools::{self, CargoTool};
use super::{Purpose, wasm};
use crate::command;
use crate::postgres;

/// The systems that set-up knows how to install on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Platform {
    /// Debian, Ubuntu and what derives from them.
    Debian,
    /// macOS with or without Homebrew.
    MacOs,
    /// Anything else: set-up lists, a person installs.
    Other,
}

impl Platform {
    pub(super) fn detect() -> Self {
        if cfg!(target_os = "macos") {
            Self::MacOs
        } else if command::find_program("apt-get").is_some()
            && command::find_program("dpkg").is_some()
        {
            Self::Debian
        } else {
            Self::Other
        }
    }
}

/// One thing that a task needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// A C compiler and linker.
    Compiler,
    /// PostgreSQL's server programs.
    PostgreSql,
    /// A library or program of the system that the graphical apps need.
    System(&'static SystemPackage),
    /// A part of the Rust toolchain.
    RustComponent(&'static str),
    /// A tool built with `cargo install` into the project's cache.
    CargoTool(&'static CargoTool),
    /// The standard library for wasm32-unknown-unknown.
    WasmTarget,
}

/// A package of the system, by its Debian name, and how to see that it is there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SystemPackage {
    apt: &'static str,
    probe: Probe,
    why: &'static str,
}

#[derive(Debug, PartialEq, Eq)]
enum Probe {
    /// A library that pkg-config knows.
    Library(&'static str),
    /// A program in `PATH`.
    Program(&'static str),
    /// A file: for libraries that pkg-config does not know.
    File(&'static str),
}

/// Runs WebAssembly outside a browser.
static NODE: SystemPackage = SystemPackage {
    apt: "nodejs",
    probe: Probe::Program("node"),
    why: "computes trips in WebAssembly, to compare them with native ones",
};

/// Shared by several backends.
static REDIS: SystemPackage = SystemPackage {
    apt: "redis-server",
    probe: Probe::Program("redis-server"),
    why: "tests of several backends in one city start a private one",
};

static GUI_PACKAGES: [SystemPackage; 9] = [
    SystemPackage {
        apt: "libwebkit2gtk-4.1-dev",
        probe: Probe::Library("webkit2gtk-4.1"),
        why: "the web view that the apps draw in",
    },
    SystemPackage {
        apt: "libssl-dev",
        probe: Probe::Library("openssl"),
        why: "TLS of the web view's bridge to the app",
    },
    SystemPackage {
        apt: "libxdo-dev",
        probe: Probe::File("/usr/include/xdo.h"),
        why: "keyboard shortcuts of the apps' menus",
    },
    SystemPackage {
        apt: "librsvg2-dev",
        probe: Probe::Library("librsvg-2.0"),
        why: "icons",
    },
    SystemPackage {
        apt: "libayatana-appindicator3-dev",
        probe: Probe::Library("ayatana-appindicator3-0.1"),
        why: "the tray icon",
    },
    SystemPackage {
        apt: "webkit2gtk-driver",
        probe: Probe::Program("WebKitWebDriver"),
        why: "drives the admin app in tests",
    },
    SystemPackage {
        apt: "xvfb",
        probe: Probe::Program("Xvfb"),
        why: "a display for tests on machines without one",
    },
    SystemPackage {
        apt: "xdotool",
        probe: Probe::Program("xdotool"),
        why: "keys and clicks in tests",
    },
    SystemPackage {
        apt: "imagemagick",
        probe: Probe::Program("import"),
        why: "pictures of the display in tests",
    },
];

/// Everything that the purpose needs on this platform.
pub(super) fn list(purpose: Purpose, platform: Platform) -> Vec<Need> {
    let mut needs = vec![Need::Compiler];
    if purpose != Purpose::Apps {
        needs.push(Need::PostgreSql);
    }
    if purpose == Purpose::Demo {
        return needs;
    }
    // On macOS the web view and the display belong to the system.
    if platform != Platform::MacOs {
        needs.extend(GUI_PACKAGES.iter().map(Need::System));
    }
    needs.push(Need::WasmTarget);
    if purpose != Purpose::Apps {
        needs.push(Need::System(&NODE));
        needs.push(Need::System(&REDIS));
        needs.extend(["rustfmt", "clippy"].map(Need::RustComponent));
        needs.extend(rust_tools::TOOLS.iter().map(Need::CargoTool));
    }
    needs
}

impl Need {
    /// What it is called.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Compiler => "a C compiler (cc)".to_owned(),
            Self::PostgreSql => format!("PostgreSQL {} or newer", postgres::MAJOR_MIN),
            Self::System(package) => package.apt.to_owned(),
            Self::RustComponent(name) => (*name).to_owned(),
            Self::CargoTool(tool) => tool.package.to_owned(),
            Self::WasmTarget => format!("Rust's {} target", wasm::TARGET),
        }
    }

    /// What it is for.
    pub(super) fn why(&self) -> &'static str {
        match self {
            Self::Compiler => "links Rust programs and compiles the TLS library",
            Self::PostgreSql => "keeps the city's record; the backend starts a private one",
            Self::System(package) => package.why,
            Self::RustComponent("rustfmt") => "checks the format",
            Self::RustComponent(_) => "runs the lints",
            Self::CargoTool(tool) => tool.why,
            Self::WasmTarget => "builds the admin's page, and the core for a comparison",
        }
    }

    /// Whether the purpose can be reached without it: the backend fetches a PostgreSQL of its own
    /// where none is installed.
    pub(super) fn is_dispensable(&self, purpose: Purpose) -> bool {
        purpose == Purpose::Demo && matches!(self, Self::PostgreSql)
    }

    /// How it will be installed, or what a person has to do.
    pub(super) fn remedy(&self, platform: Platform) -> String {
        match (self, platform) {
            (Self::Compiler, Platform::MacOs) => "run: xcode-select --install".to_owned(),
            (Self::Compiler | Self::PostgreSql | Self::System(_), Platform::Other) => {
                format!(
                    "install it with this system's package manager ({})",
                    self.hint()
                )
            }
            (Self::Compiler | Self::PostgreSql | Self::System(_), Platform::Debian) => {
                format!(
                    "will install the package {}",
                    self.apt_package().unwrap_or("(none)")
                )
            }
            (Self::PostgreSql | Self::System(_), Platform::MacOs) => {
                format!(
                    "will install with brew: {}",
                    self.brew_formula().unwrap_or("(none)")
                )
            }
            (Self::RustComponent(name), _) => format!("will run: rustup component add {name}"),
            (Self::CargoTool(tool), _) => format!(
                "will build it with cargo install into the project's cache, {} min on 2 cores",
                tool.build_minutes
            ),
            (Self::WasmTarget, _) => format!("will run: rustup target add {}", wasm::TARGET),
        }
    }

    fn hint(&self) -> String {
        format!(
            "Debian calls it {}",
            self.apt_package().unwrap_or("nothing")
        )
    }

    /// Debian's package for it.
    pub(super) fn apt_package(&self) -> Option<&'static str> {
        match self {
            Self::Compiler => Some("build-essential"),
            Self::PostgreSql => Some("postgresql"),
            Self::System(package) => Some(package.apt),
            Self::RustComponent(_) | Self::CargoTool(_) | Self::WasmTarget => None,
        }
    }

    /// Homebrew's formula for it.
    pub(super) fn brew_formula(&self) -> Option<&'static str> {
        match self {
            Self::PostgreSql => Some("postgresql@17"),
            Self::System(package) if *package == &NODE => Some("node"),
            Self::System(package) if *package == &REDIS => Some("redis"),
            _ => None,
        }
    }

    /// Whether this machine has it.
    pub(super) fn is_met(&self) -> bool {
        match self {
            Self::Compiler => command::find_program("cc").is_some(),
            Self::PostgreSql => postgres::find_server_programs().is_some(),
            Self::System(package) => package.probe.succeeds(),
            Self::RustComponent(name) => {
                let program = if *name == "clippy" {
                    "cargo-clippy"
                } else {
                    "cargo-fmt"
                };
                command::succeeds(Command::new(program).arg("--version"))
            }
            Self::CargoTool(tool) => command::find_program(tool.program).is_some(),
            Self::WasmTarget => wasm::find_toolchain().is_some(),
        }
    }
}

impl Probe {
    fn succeeds(&self) -> bool {
        match self {
            Self::Library(name) => {
                command::succeeds(Command::new("pkg-config").args(["--exists", name]))
            }
            Self::Program(name) => command::find_program(name).is_some(),
            Self::File(path) => Path::new(path).is_file(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_needs_only_a_compiler_and_postgresql() {
        for platform in [Platform::Debian, Platform::MacOs, Platform::Other] {
            assert_eq!(
                list(Purpose::Demo, platform),
                [Need::Compiler, Need::PostgreSql]
            );
        }
    }

    #[test]
    fn the_tests_need_what_the_demo_and_the_apps_need() {
        let test = list(Purpose::Test, Platform::Debian);
        for purpose in [Purpose::Demo, Purpose::Apps] {
            for need in list(purpose, Platform::Debian) {
                assert!(test.contains(&need), "{} is missing", need.name());
            }
        }
        assert!(test.contains(&Need::RustComponent("clippy")));
    }

    #[test]
    fn the_tests_run_webassembly_on_every_platform() {
        let node = Need::System(&NODE);
        for platform in [Platform::Debian, Platform::MacOs, Platform::Other] {
            assert!(list(Purpose::Test, platform).contains(&node));
            assert!(!list(Purpose::Apps, platform).contains(&node));
        }
        assert_eq!(node.apt_package(), Some("nodejs"));
        assert_eq!(node.brew_formula(), Some("node"));
    }

    #[test]
    fn the_tests_start_redis_on_every_platform() {
        let redis = Need::System(&REDIS);
        for platform in [Platform::Debian, Platform::MacOs, Platform::Other] {
            assert!(list(Purpose::Test, platform).contains(&redis));
            assert!(!list(Purpose::Demo, platform).contains(&redis));
        }
        assert_eq!(redis.apt_package(), Some("redis-server"));
        assert_eq!(redis.brew_formula(), Some("redis"));
    }

    #[test]
    fn every_system_need_says_how_to_get_it_on_every_platform() {
        for need in list(Purpose::All, Platform::Debian) {
            for platform in [Platform::Debian, Platform::MacOs, Platform::Other] {
                assert!(!need.remedy(platform).is_empty());
            }
            assert!(!need.why().is_empty());
        }
    }

    #[test]
    fn only_the_demo_goes_on_without_an_installed_postgresql() {
        assert!(Need::PostgreSql.is_dispensable(Purpose::Demo));
        assert!(!Need::PostgreSql.is_dispensable(Purpose::Test));
        assert!(!Need::Compiler.is_dispensable(Purpose::Demo));
    }

    #[test]
    fn macos_needs_no_display_packages() {
        let needs = list(Purpose::Apps, Platform::MacOs);
        assert!(!needs.iter().any(|need| matches!(need, Need::System(_))));
    }
}
