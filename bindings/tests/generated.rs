//! Generates Kotlin and Swift from the built library and looks for what app developers call.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};

use camino::Utf8PathBuf;
use uniffi::{GenerateOptions, TargetLanguage};

/// The library as cargo built it for this test, which is a neighbour in the same folder.
fn library() -> Utf8PathBuf {
    let test = std::env::current_exe().unwrap();
    let name = format!(
        "{}wayfare_bindings{}",
        std::env::consts::DLL_PREFIX,
        std::env::consts::DLL_SUFFIX
    );
    let folders = test.ancestors().skip(1).take(2);
    let found = folders
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file());
    found
        .expect("the library beside the test")
        .try_into()
        .unwrap()
}

/// Every file of this kind that was generated, as one text.
fn generated(language: TargetLanguage, extension: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    uniffi::generate(GenerateOptions {
        languages: vec![language],
        source: library(),
        out_dir: folder.path().to_path_buf().try_into().unwrap(),
        config_override: None,
        format: false,
        crate_filter: Some("wayfare_bindings".to_owned()),
        metadata_no_deps: false,
    })
    .unwrap();
    let mut files = Vec::new();
    collect(folder.path(), extension, &mut files);
    assert!(!files.is_empty(), "no .{extension} was generated");
    files
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect()
}

fn collect(folder: &Path, extension: &str, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, extension, into);
        } else if path.extension().is_some_and(|found| found == extension) {
            into.push(path);
        }
    }
}

fn assert_holds(source: &str, parts: &[&str]) {
    for part in parts {
        assert!(
            source.contains(part),
            "`{part}` is not in the generated source"
        );
    }
}

#[test]
fn kotlin_has_fares_proofs_the_client_and_errors_of_their_own_kinds() {
    let kotlin = generated(TargetLanguage::Kotlin, "kt");
    assert_holds(
        &kotlin,
        &[
            "package app.wayfare.core",
            "fun `computeFare`(",
            "fun `verifyQuote`(",
            "fun `verifyReceipt`(",
            "sealed class ProofException",
            "open class Meter",
            "class WayfareClient",
            "suspend fun `requestOtp`(",
            "suspend fun `createSession`(",
            "suspend fun `signOut`(",
            "fun `savedSession`(",
            "fun `restoreSession`(",
            "sealed class CallException",
            "class InvalidPhone(",
            "class Refused(",
            "sealed class FareException",
            "data class FareLine",
            "enum class FareLineKind",
            "MINIMUM_TOP_UP",
        ],
    );
}

#[test]
fn swift_has_fares_proofs_the_client_and_errors_of_their_own_kinds() {
    let swift = generated(TargetLanguage::Swift, "swift");
    assert_holds(
        &swift,
        &[
            "import WayfareCoreFFI",
            "public func computeFare(",
            "public func verifyQuote(",
            "public func verifyReceipt(",
            "enum ProofError",
            "open class Meter",
            "class WayfareClient",
            "func requestOtp(phone: String)async throws",
            "func createSession(challengeId: String, code: String, deviceName: String)async throws",
            "func signOut()async throws",
            "func savedSession()throws",
            "enum CallError",
            "case InvalidPhone(",
            "enum FareError",
            "public struct FareLine",
            "enum FareLineKind",
            "case minimumTopUp",
        ],
    );
}

#[test]
fn swift_gets_the_header_that_it_imports() {
    let header = generated(TargetLanguage::Swift, "h");
    assert_holds(&header, &["uniffi_wayfare_bindings_fn_func_compute_fare"]);
    let map = generated(TargetLanguage::Swift, "modulemap");
    assert_holds(&map, &["module WayfareCoreFFI"]);
}
