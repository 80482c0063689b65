//! Which features of other people's crates may never be switched on.
//!
//! `h3o` takes its sines and arcs from `libm` only as long as nobody switches its `std` on; with it a
//! cell could differ in the last bit from system to system. Whoever asks for the feature switches it
//! on for all, so it is not enough to read our manifests: cargo is asked what it resolved.

/// What cargo is asked: one line for each way in which the crate is built, as in
/// `h3o v0.11.1: geo,std`.
pub(super) const CARGO_ARGUMENTS: [&str; 11] = [
    "tree",
    "--workspace",
    "--all-features",
    "--target",
    "all",
    "--invert",
    "h3o",
    "--depth",
    "0",
    "--format",
    "{p}: {f}",
];

/// The broken rule, if the answer of cargo breaks it.
pub(super) fn check(tree: &str) -> Option<String> {
    let mut builds = tree
        .lines()
        .filter_map(|line| line.rsplit_once(':'))
        .filter(|(package, _)| package.starts_with("h3o "))
        .map(|(_, features)| features)
        .peekable();
    if builds.peek().is_none() {
        return Some("cargo does not say with which features `h3o` is built".to_owned());
    }
    let mut features = builds.flat_map(|list| list.split([',', ' ']));
    features.any(|feature| feature == "std").then(|| {
        "something switches the feature `std` of h3o on, and the core needs it off; \
         `cargo tree -e features -i h3o` says what"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h3o_without_its_std_passes() {
        for tree in [
            "h3o v0.11.1: \n",
            "h3o v0.11.1:\n",
            "h3o v0.11.1: geo,std-like\n",
        ] {
            assert_eq!(check(tree), None, "{tree}");
        }
    }

    #[test]
    fn h3o_with_its_std_is_refused() {
        for tree in [
            "h3o v0.11.1: std\n",
            "h3o v0.11.1: default,std\n",
            "h3o v0.11.1: geo,std (*)\n",
            "h3o v0.11.1: \n\nh3o v0.11.1: default,std\n",
            "h3o v0.11.1 (https://example.org/h3o): std\n",
        ] {
            let rule = check(tree).unwrap_or_default();
            assert!(rule.contains("the feature `std` of h3o"), "{tree}: {rule}");
        }
    }

    #[test]
    fn an_answer_without_h3o_proves_nothing() {
        for tree in ["", "warning: nothing to print.\n", "h3ron v0.1.0: \n"] {
            assert!(check(tree).is_some(), "{tree}");
        }
    }
}
