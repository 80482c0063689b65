//! `docs/offline/conflicts.md` shows the table as it is.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::*;

const BEGINS: &str = "<!-- The table is checked against core/src/sync/conflicts/table.rs. -->\n\n";
const ENDS: &str = "\n<!-- End of the table. -->\n";

/// The rows in words, as the document shows them.
fn rendered() -> String {
    let mut text = String::from(
        "| meanwhile | what the person did | what comes of it | because |\n|---|---|---|---|\n",
    );
    for row in TABLE {
        let actions: Vec<_> = row
            .actions
            .iter()
            .map(|kind| format!("`{}`", kind.as_str()))
            .collect();
        let outcome = match row.resolution {
            Resolution::AsUsual => "as usual".to_owned(),
            Resolution::Already => "counts, changes nothing".to_owned(),
            Resolution::WithArrival => "**begins**, with its arrival".to_owned(),
            Resolution::Resume => "**resumed**".to_owned(),
            Resolution::Refuse(code) => {
                format!(
                    "refused: `{}`",
                    serde_json::to_value(code).unwrap().as_str().unwrap()
                )
            }
        };
        writeln!(
            text,
            "| {} | {} | {outcome} | {} |",
            row.situation.words(),
            actions.join(", "),
            row.words
        )
        .unwrap();
    }
    text
}

#[test]
fn the_document_shows_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/offline/conflicts.md");
    let document = fs::read_to_string(path).unwrap();
    let (_, rest) = document.split_once(BEGINS).unwrap();
    let (shown, _) = rest.split_once(ENDS).unwrap();
    assert_eq!(shown, rendered(), "the table should be:\n{}", rendered());
}
