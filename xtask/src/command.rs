//! Starting programs: one way to run them, to read what they print, and to call cargo.
//!
//! A program that cannot start and a program that fails are different failures, and both name the
//! program as a person would type it.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;
use crate::workspace;

/// Cargo for the root workspace: build products in the cache, queries checked against the committed
/// `.sqlx/` and never against a database that happens to be in the environment.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(args)
        .current_dir(workspace::root_path())
        .env("CARGO_TARGET_DIR", workspace::target_path())
        .env("SQLX_OFFLINE", "true")
        .env("PATH", path_with_tools());
    forget_own_package(&mut command);
    command
}

/// `cargo xtask` runs inside `cargo run`, which describes the package `xtask` in the environment.
/// Build scripts of dependencies watch those variables: with them, and again without them, cargo
/// would build half the workspace anew.
fn forget_own_package(command: &mut Command) {
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(describes_package) {
            command.env_remove(name);
        }
    }
}

fn describes_package(variable: &str) -> bool {
    variable.starts_with("CARGO_PKG_") || variable.starts_with("CARGO_MANIFEST_")
}

/// Cargo for the Tauri shell's own workspace.
pub(crate) fn shell_cargo(args: &[&str]) -> Command {
    let mut command = cargo(args);
    command.current_dir(workspace::shell_path()).env(
        "CARGO_TARGET_DIR",
        workspace::target_path().join("admin-shell"),
    );
    command
}

/// Cargo for the fuzz targets' own workspace.
pub(crate) fn fuzz_cargo(args: &[&str]) -> Command {
    let mut command = cargo(args);
    command
        .current_dir(workspace::fuzz_path())
        .env("CARGO_TARGET_DIR", workspace::target_path().join("fuzz"));
    command
}

/// `PATH` with the project's own tools in front.
fn path_with_tools() -> OsString {
    let own = workspace::tools_path().join("bin");
    let rest = env::var_os("PATH").unwrap_or_default();
    let all = std::iter::once(own).chain(env::split_paths(&rest));
    env::join_paths(all).unwrap_or(rest)
}

/// Runs a program attached to this terminal and fails when it fails.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(start_failure(command))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Program {
            program: spoken(command),
            status,
        })
    }
}

/// Runs a program and returns what it wrote to standard output; its errors go to the terminal.
pub(crate) fn read(command: &mut Command) -> Result<String, Failure> {
    read_with_errors_to(Stdio::inherit(), command)
}

/// Runs a program and returns what it wrote to standard output; its errors go where told.
pub(crate) fn read_with_errors_to(errors: Stdio, command: &mut Command) -> Result<String, Failure> {
    let output = command
        .stderr(errors)
        .output()
        .map_err(start_failure(command))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Failure::Program {
            program: spoken(command),
            status: output.status,
        })
    }
}

/// Runs a program with its output hidden and says only whether it succeeded.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a program, shows its standard error line by line, and returns the last line that `keep`
/// picks, with the outcome.
pub(crate) fn run_watching(
    command: &mut Command,
    keep: impl Fn(&str) -> bool,
) -> Result<(Option<String>, Result<(), Failure>), Failure> {
    let mut child = command
        .stderr(Stdio::piped())
        .spawn()
        .map_err(start_failure(command))?;
    let mut kept = None;
    if let Some(stderr) = child.stderr.take() {
        let mut lines = BufReader::new(stderr);
        let mut line = Vec::new();
        while lines
            .read_until(b'\n', &mut line)
            .is_ok_and(|length| length > 0)
        {
            let mut terminal = std::io::stderr().lock();
            // A closed terminal must not stop the tests; their status still decides.
            let _ = terminal.write_all(&line);
            let text = String::from_utf8_lossy(&line);
            if keep(&text) {
                kept = Some(text.trim_end().to_owned());
            }
            line.clear();
        }
    }
    let status = child.wait().map_err(start_failure(command))?;
    let outcome = if status.success() {
        Ok(())
    } else {
        Err(Failure::Program {
            program: spoken(command),
            status,
        })
    };
    Ok((kept, outcome))
}

/// A program's path, looked up in `PATH` and in the project's tools.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    env::split_paths(&path_with_tools())
        .map(|folder| folder.join(name))
        .find(|candidate| is_executable(candidate))
}

/// Whether the file exists and may be executed by somebody.
pub(crate) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

/// Turns a failed start into a failure that names the program.
pub(crate) fn start_failure(command: &Command) -> impl FnOnce(std::io::Error) -> Failure + use<> {
    let program = spoken(command);
    move |source| Failure::Start { program, source }
}

/// The command as a person would type it.
fn spoken(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|arg| arg.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_named_with_its_arguments() {
        let failure = run(Command::new("sh").args(["-c", "exit 3"]))
            .unwrap_err()
            .to_string();
        assert!(failure.contains("`sh -c exit 3` failed"), "{failure}");
    }

    #[test]
    fn only_what_describes_a_package_is_forgotten() {
        let forgotten = [
            "CARGO_PKG_NAME",
            "CARGO_MANIFEST_DIR",
            "CARGO_MANIFEST_PATH",
        ];
        assert!(forgotten.into_iter().all(describes_package));
        let kept = [
            "CARGO_HOME",
            "CARGO_TARGET_DIR",
            "CARGO_NET_OFFLINE",
            "PATH",
        ];
        assert!(!kept.into_iter().any(describes_package));
    }

    #[test]
    fn an_absent_program_is_told_apart_from_a_failing_one() {
        let failure = run(&mut Command::new("no-such-program-here")).unwrap_err();
        assert!(matches!(failure, Failure::Start { .. }), "{failure}");
    }

    #[test]
    fn watching_keeps_the_last_matching_line_and_the_outcome() {
        let mut command = Command::new("sh");
        command.args([
            "-c",
            "echo ' Summary one' >&2; echo other >&2; echo ' Summary two' >&2; exit 1",
        ]);
        let (kept, outcome) = run_watching(&mut command, |line| line.contains("Summary")).unwrap();
        assert_eq!(kept.as_deref(), Some(" Summary two"));
        assert!(outcome.is_err());
    }

    #[test]
    fn programs_are_found_by_name() {
        assert!(find_program("sh").is_some());
        assert_eq!(find_program("no-such-program-here"), None);
    }
}
