//! The comparison finds what it is there for.

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use wayfare_core::id::DeviceId;
use wayfare_core::sync::ChainHash;

use super::check::{Checker, Findings};
use super::server::Said;
use super::steps::Plan;
use super::{Place, writer};

/// A file that is written without being killed.
struct Case {
    _folder: TempDir,
    place: Place,
    checker: Checker,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Place {
            folder: folder.path().to_owned(),
            seed: 5,
        };
        Self {
            checker: Checker::new(Plan::new(place.seed)),
            _folder: folder,
            place,
        }
    }

    fn write(&self, last: u64) -> Vec<Said> {
        let mut said = Vec::new();
        let mut hear = |words: &Said| {
            said.push(words.clone());
            Ok(())
        };
        writer::write(&self.place, last, &mut hear).unwrap();
        said
    }

    fn compare(&mut self) -> Findings {
        let (vault, user) = (self.place.vault(), self.place.user());
        self.checker.compare(&vault, user)
    }

    fn send_all(&mut self) -> Findings {
        let (vault, user) = (self.place.vault(), self.place.user());
        self.checker.send_all(&vault, user)
    }

    fn file(&self) -> std::path::PathBuf {
        self.place.vault().file_of(self.place.user())
    }
}

fn harm(findings: Findings) -> (u64, u64, u64) {
    (findings.lost, findings.duplicated, findings.broken)
}

#[test]
fn a_file_that_nobody_harmed_holds() {
    let mut case = Case::new();
    let said = case.write(150);
    assert_eq!(case.checker.hear(said), 150);
    let findings = case.compare();
    assert_eq!(harm(findings), (0, 0, 0));
    assert!(findings.compared > 300, "{findings:?}");
    assert_eq!(findings.unheard, 0);
    assert_eq!(harm(case.send_all()), (0, 0, 0));
}

#[test]
fn a_step_that_was_not_heard_of_may_have_taken_place_but_not_two() {
    for (unheard, broken) in [(1, 0), (2, 1)] {
        let mut case = Case::new();
        let mut said = case.write(60);
        said.retain(|words| !matches!(words, Said::Done { step } if *step > 60 - unheard));
        case.checker.hear(said);
        let findings = case.compare();
        assert_eq!(findings.unheard, unheard);
        assert_eq!(findings.broken, broken);
    }
}

#[test]
fn an_older_file_is_a_loss() {
    let mut case = Case::new();
    let mut said = case.write(60);
    let older = fs::read(case.file()).unwrap();
    said.extend(case.write(80));
    fs::write(case.file(), older).unwrap();
    case.checker.hear(said);
    assert_eq!(case.compare().lost, 20);
}

#[test]
fn a_point_in_two_segments_is_a_duplicate() {
    let mut case = Case::new();
    let mut said = case.write(150);
    let segment = said.iter().find_map(|words| match words {
        Said::Segment { trip, bytes, .. } => Some(Said::Segment {
            sha256: ChainHash::first(DeviceId::from_uuid(uuid::Uuid::nil())),
            trip: *trip,
            bytes: bytes.clone(),
        }),
        _ => None,
    });
    said.push(segment.expect("a segment was sent"));
    case.checker.hear(said);
    let findings = case.send_all();
    assert!(findings.duplicated > 0, "{findings:?}");
    assert_eq!(findings.lost, 0);
}

#[test]
fn an_answer_to_what_was_never_sent_is_found() {
    let mut case = Case::new();
    let mut said = case.write(100);
    said.retain(|words| !matches!(words, Said::Command { .. }));
    case.checker.hear(said);
    assert!(case.compare().broken > 0);
}

#[test]
fn a_segment_that_did_not_arrive_is_a_loss_in_the_end() {
    let mut case = Case::new();
    let mut said = case.write(150);
    let first = said
        .iter()
        .position(|words| matches!(words, Said::Segment { .. }));
    said.remove(first.expect("a segment was sent"));
    case.checker.hear(said);
    assert!(case.send_all().lost > 0);
}

#[test]
fn a_file_that_does_not_open_is_broken() {
    let mut case = Case::new();
    let said = case.write(10);
    spoil(&case.file());
    case.checker.hear(said);
    assert_eq!(case.compare().broken, 1);
}

fn spoil(file: &Path) {
    let mut bytes = fs::read(file).unwrap();
    bytes[100] ^= 1;
    fs::write(file, bytes).unwrap();
}
