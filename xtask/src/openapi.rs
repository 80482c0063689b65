//! The committed API document, `openapi.json`: written by the backend, compared for drift.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::command;
use crate::failure::Failure;
use crate::workspace;

/// Writes the document.
pub(crate) fn write() -> Result<(), Failure> {
    build()?;
    let path = committed_path();
    let document = served_document()?;
    fs::write(&path, document).map_err(Failure::file("write", &path))?;
    eprintln!("Wrote {}", path.display());
    Ok(())
}

/// Builds the backend, and fails when the committed document is not the backend's.
pub(crate) fn check() -> Result<(), Failure> {
    build()?;
    check_built()
}

/// The same with the backend that is built already.
pub(crate) fn check_built() -> Result<(), Failure> {
    let path = committed_path();
    let committed = fs::read_to_string(&path).map_err(Failure::file("read", &path))?;
    match first_difference(&committed, &served_document()?) {
        None => Ok(()),
        Some(difference) => {
            eprintln!("{difference}");
            let message = "openapi.json is not what the backend serves; run cargo xtask openapi";
            Err(Failure::Check(message.to_owned()))
        }
    }
}

fn committed_path() -> PathBuf {
    workspace::root_path().join("openapi.json")
}

fn build() -> Result<(), Failure> {
    command::run(&mut command::cargo(&["build", "-p", "wayfare-backend"]))
}

/// What `wayfare openapi` prints, with one line end at the end.
fn served_document() -> Result<String, Failure> {
    let mut wayfare = Command::new(workspace::built_program_path("wayfare"));
    let document = command::read(wayfare.arg("openapi"))?;
    Ok(format!("{}\n", document.trim_end()))
}

/// The first line that differs, from both sides.
fn first_difference(committed: &str, served: &str) -> Option<String> {
    if committed == served {
        return None;
    }
    let mut old = committed.lines();
    let mut new = served.lines();
    for line in 1_usize.. {
        let (committed, served) = (old.next(), new.next());
        if committed.is_none() && served.is_none() {
            break;
        }
        if committed != served {
            let side = |text: Option<&str>| text.unwrap_or("(end of the document)").to_owned();
            return Some(format!(
                "openapi.json:{line}\n  committed: {}\n  served:    {}",
                side(committed),
                side(served)
            ));
        }
    }
    Some("openapi.json: the line ends differ".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_shown_from_both_sides() {
        let shown = first_difference("{\n  a\n}\n", "{\n  b\n}\n").unwrap();
        assert_eq!(shown, "openapi.json:2\n  committed:   a\n  served:      b");
    }

    #[test]
    fn a_shorter_document_and_other_line_ends_are_differences_too() {
        assert!(
            first_difference("{\n", "{\n}\n")
                .unwrap()
                .contains("(end of the document)")
        );
        assert!(
            first_difference("{}", "{}\n")
                .unwrap()
                .contains("line ends")
        );
        assert_eq!(first_difference("{}\n", "{}\n"), None);
    }
}
