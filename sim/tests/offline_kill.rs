//! The real program is killed, and loses nothing.

use std::path::Path;

use wayfare_sim::offline_kill::{KillOrder, run};

#[test]
fn a_killed_program_loses_nothing_of_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let order = KillOrder {
        rounds: 40,
        seed: 7,
        folder: Some(folder.path().to_owned()),
        json: false,
    };
    let program = Path::new(env!("CARGO_BIN_EXE_wayfare-sim"));
    let report = run(&order, program).unwrap();
    assert!(report.holds(), "{report:?}");
    assert_eq!(report.kills, 40);
    assert!(report.acknowledged > 100, "{report:?}");
}
