//! The committed inputs of the fuzz targets, checked by the stable compiler in every test run.

use std::fs;
use std::path::{Path, PathBuf};

use wayfare_core::pricing::{Facts, Tariff, TariffSpec, compute};

type Check = fn(&[u8]);

const CHECKS: [(&str, Check); 3] = [
    ("tariff", crate::tariff),
    ("facts", crate::facts),
    ("track", crate::track),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths
}

fn seeds(target: &str) -> Vec<PathBuf> {
    files(&root().join("fuzz/seeds").join(target))
}

fn run(check: Check, path: &Path) {
    eprintln!("{}", path.display());
    check(&fs::read(path).unwrap());
}

#[test]
fn every_committed_seed_keeps_the_promises() {
    for (target, check) in CHECKS {
        let paths = seeds(target);
        assert!(paths.len() >= 2, "{target} has hardly any seeds");
        for path in paths {
            run(check, &path);
        }
    }
}

#[test]
fn the_documented_examples_keep_the_promises() {
    for path in files(&root().join("docs/examples")) {
        for (_, check) in CHECKS {
            run(check, &path);
        }
    }
}

#[test]
fn a_handful_of_random_bytes_per_target_keeps_the_promises() {
    // A linear congruential generator: the same bytes on every machine.
    let mut state = 1_u64;
    let mut bytes = vec![0_u8; 2048];
    for _ in 0..200 {
        for byte in &mut bytes {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            *byte = state.to_be_bytes()[0];
        }
        for (_, check) in CHECKS {
            check(&bytes);
        }
    }
}

#[test]
fn the_seed_with_everything_makes_every_kind_of_line() {
    let read = |path: &str| fs::read_to_string(root().join("fuzz/seeds").join(path)).unwrap();
    let spec: TariffSpec = serde_json::from_str(&read("tariff/everything.json")).unwrap();
    let facts: Facts = serde_json::from_str(&read("facts/everything.json")).unwrap();
    let fare = compute(&Tariff::new(spec).unwrap(), &facts).unwrap();
    let mut kinds: Vec<_> = fare.lines.iter().map(|line| line.kind).collect();
    kinds.dedup();
    assert_eq!(kinds.len(), 16, "{kinds:?}");
}
