//! Which of our crates a crate may depend on, and with which features of core.
//!
//! Read from `cargo metadata`. Development dependencies are held to the same crates, but may turn on
//! any feature: they are not shipped.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Violation;

const CORE: &str = "wayfare-core";
const CITY: &str = "wayfare-city";
const DISPATCH: &str = "wayfare-dispatch";
const UI: &str = "wayfare-ui";
const FUZZ_CHECKS: &str = "wayfare-fuzz-checks";

/// Features of core that a crate may turn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CoreFeatures {
    /// Every one.
    All,
    /// These only.
    Only(&'static [&'static str]),
}

/// A crate of the workspace and what it may import.
#[derive(Debug)]
struct CrateRule {
    package: &'static str,
    may_import: &'static [&'static str],
    core_features: CoreFeatures,
}

/// The table of `docs/architecture.md`.
static RULES: [CrateRule; 16] = [
    rule(CORE, &[], CoreFeatures::Only(&[])),
    rule(CITY, &[CORE], CoreFeatures::Only(&["routing"])),
    rule(DISPATCH, &[CORE], CoreFeatures::Only(&["routing"])),
    rule(
        "wayfare-backend",
        &[CORE, CITY, DISPATCH],
        CoreFeatures::Only(&["openapi", "routing"]),
    ),
    rule(UI, &[CORE], CoreFeatures::Only(&[])),
    rule("wayfare-rider", &[CORE, UI], CoreFeatures::All),
    rule("wayfare-driver", &[CORE, UI], CoreFeatures::All),
    rule("wayfare-admin", &[CORE, UI], CoreFeatures::All),
    rule(
        "wayfare-admin-ui",
        &[CORE, UI],
        CoreFeatures::Only(&["routing"]),
    ),
    rule("wayfare-admin-bundle", &[], CoreFeatures::Only(&[])),
    rule("wayfare-bindings", &[CORE], CoreFeatures::All),
    rule("wayfare-sim", &[CORE, CITY, DISPATCH], CoreFeatures::All),
    rule("wayfare-parity", &[CORE], CoreFeatures::Only(&[])),
    rule(FUZZ_CHECKS, &[CORE], CoreFeatures::Only(&[])),
    rule("wayfare-fuzz", &[FUZZ_CHECKS], CoreFeatures::Only(&[])),
    rule("xtask", &[], CoreFeatures::Only(&[])),
];

const fn rule(
    package: &'static str,
    may_import: &'static [&'static str],
    core_features: CoreFeatures,
) -> CrateRule {
    CrateRule {
        package,
        may_import,
        core_features,
    }
}

/// A package as `cargo metadata` describes it.
struct Package<'a> {
    name: &'a str,
    manifest: PathBuf,
    json: &'a Value,
}

/// Checks the packages of one `cargo metadata` answer. `manifest_text` reads a manifest, to find the
/// line of a dependency.
pub(super) fn check(
    root: &Path,
    metadata: &Value,
    manifest_text: impl Fn(&Path) -> String,
) -> Vec<Violation> {
    let mut found = Vec::new();
    for json in list(metadata, "packages") {
        let absolute = Path::new(text(json, "manifest_path"));
        let manifest = absolute.strip_prefix(root).unwrap_or(absolute).to_owned();
        let package = Package {
            name: text(json, "name"),
            manifest,
            json,
        };
        let source = manifest_text(absolute);
        found.extend(
            check_package(&package)
                .into_iter()
                .map(|(key, rule)| Violation::new(&package.manifest, line_of(&source, key), rule)),
        );
    }
    found
}

/// The broken rules of a package, each with the word of its manifest that breaks it.
fn check_package<'a>(package: &Package<'a>) -> Vec<(&'a str, String)> {
    let Some(rule) = RULES.iter().find(|rule| rule.package == package.name) else {
        let rule = format!(
            "{} is not in the table of crates; add it there",
            package.name
        );
        return vec![("name", rule)];
    };
    let mut found = Vec::new();
    for dependency in list(package.json, "dependencies") {
        let name = text(dependency, "name");
        if !is_ours(dependency, name) {
            continue;
        }
        if !rule.may_import.contains(&name) {
            found.push((name, format!("{} may not import {name}", package.name)));
        } else if name == CORE && text(dependency, "kind") != "dev" {
            let features = list(dependency, "features")
                .iter()
                .filter_map(Value::as_str);
            found.extend(refused_features(rule, features).map(|message| (name, message)));
        }
    }
    let passed_on = package
        .json
        .get("features")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    for (_, enables) in passed_on {
        let features = enables
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .filter_map(|enabled| enabled.split_once('/'))
            .filter(|(dependency, _)| dependency.trim_end_matches('?') == CORE)
            .map(|(_, feature)| feature);
        found.extend(refused_features(rule, features).map(|message| ("[features]", message)));
    }
    found
}

fn refused_features<'a>(
    rule: &'static CrateRule,
    features: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = String> {
    features.filter_map(|feature| match rule.core_features {
        CoreFeatures::Only(allowed) if !allowed.contains(&feature) => Some(format!(
            "{} may not turn on the feature `{feature}` of {CORE}",
            rule.package
        )),
        CoreFeatures::Only(_) | CoreFeatures::All => None,
    })
}

/// A dependency is ours when it lies in the workspace, whatever it is called.
fn is_ours(dependency: &Value, name: &str) -> bool {
    dependency.get("path").is_some_and(|path| !path.is_null())
        || RULES.iter().any(|rule| rule.package == name)
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The first line that starts with the key; 1 when the manifest hides it.
fn line_of(manifest: &str, key: &str) -> usize {
    manifest
        .lines()
        .position(|line| line.trim_start().starts_with(key))
        .map_or(1, |at| at + 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn dependency(name: &str, features: &[&str]) -> Value {
        json!({ "name": name, "path": "/w/x", "kind": null, "features": features })
    }

    fn rules(package: &str, dependencies: &[Value], features: &Value) -> Vec<String> {
        let metadata = json!({ "packages": [{
            "name": package,
            "manifest_path": "/w/part/Cargo.toml",
            "dependencies": dependencies,
            "features": features,
        }]});
        let manifest = "[package]\nname = \"x\"\n\n[features]\n[dependencies]\nwayfare-core = 1\n";
        check(Path::new("/w"), &metadata, |_| manifest.to_owned())
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn the_backend_may_not_turn_on_the_client() {
        let found = rules(
            "wayfare-backend",
            &[dependency(CORE, &["openapi", "client"])],
            &json!({}),
        );
        let expected = "part/Cargo.toml:6: wayfare-backend may not turn on the feature `client` of \
                        wayfare-core";
        assert_eq!(found, [expected]);
    }

    #[test]
    fn each_limit_on_features_of_core_holds() {
        let cases = [
            ("wayfare-backend", "offline"),
            (CITY, "client"),
            (CITY, "openapi"),
            ("wayfare-ui", "client"),
            ("wayfare-ui", "routing"),
            ("wayfare-parity", "client"),
            ("wayfare-admin-ui", "client"),
            ("wayfare-admin-ui", "offline"),
        ];
        for (package, feature) in cases {
            let found = rules(package, &[dependency(CORE, &[feature])], &json!({}));
            assert_eq!(found.len(), 1, "{package} with {feature}");
        }
    }

    #[test]
    fn a_feature_may_not_be_turned_on_through_the_crates_own_features() {
        let features = json!({ "net": ["wayfare-core?/client"], "map": ["wayfare-core/openapi"] });
        let found = rules("wayfare-backend", &[dependency(CORE, &[])], &features);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("part/Cargo.toml:4: "), "{found:?}");
    }

    #[test]
    fn each_forbidden_crate_is_refused() {
        let cases = [
            (CORE, UI),
            (CORE, CITY),
            (CITY, "wayfare-backend"),
            ("wayfare-backend", "wayfare-sim"),
            (UI, "wayfare-backend"),
            ("wayfare-rider", "wayfare-backend"),
            ("wayfare-admin-ui", "wayfare-backend"),
            ("wayfare-bindings", UI),
            ("wayfare-sim", UI),
            ("wayfare-rider", CITY),
            ("wayfare-bindings", CITY),
            ("wayfare-parity", "wayfare-backend"),
            ("wayfare-fuzz", CORE),
            ("xtask", CORE),
        ];
        for (package, imported) in cases {
            let found = rules(package, &[dependency(imported, &[])], &json!({}));
            assert_eq!(found.len(), 1, "{package} importing {imported}");
            assert!(
                found[0].contains(&format!("may not import {imported}")),
                "{found:?}"
            );
        }
    }

    #[test]
    fn a_crate_outside_the_table_is_refused() {
        assert_eq!(rules("wayfare-extra", &[], &json!({})).len(), 1);
    }

    #[test]
    fn what_the_table_allows_passes() {
        let core_with_all = dependency(CORE, &["client", "routing", "offline"]);
        for package in [
            "wayfare-sim",
            "wayfare-rider",
            "wayfare-driver",
            "wayfare-bindings",
        ] {
            let found = rules(package, std::slice::from_ref(&core_with_all), &json!({}));
            assert_eq!(found, Vec::<String>::new(), "{package}");
        }
        let built_packs = [
            dependency(CORE, &["openapi", "routing"]),
            dependency(CITY, &[]),
        ];
        let found = rules("wayfare-backend", &built_packs, &json!({}));
        assert_eq!(found, Vec::<String>::new());
        let mut for_tests = dependency(CORE, &["client"]);
        for_tests["kind"] = json!("dev");
        assert_eq!(
            rules("wayfare-backend", &[for_tests], &json!({})),
            Vec::<String>::new()
        );
    }

    #[test]
    fn dependencies_of_others_are_not_our_concern() {
        let tokio = json!({ "name": "tokio", "kind": null, "features": ["full"] });
        assert_eq!(rules("xtask", &[tokio], &json!({})), Vec::<String>::new());
    }
}
