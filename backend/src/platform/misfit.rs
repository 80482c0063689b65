//! Which field of a JSON text is wrong, told from what serde says.

/// The field of an error of serde at this path, with the name of a field that is missing there.
/// Nothing if the whole text is wrong.
pub fn misfit_field(path: &str, problem: &str) -> Option<String> {
    let missing = problem
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    match (path, missing) {
        (".", None) => None,
        (".", Some(name)) => Some(name.to_owned()),
        (path, Some(name)) => Some(format!("{path}.{name}")),
        (path, None) => Some(path.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::misfit_field;

    #[test]
    fn a_missing_field_is_named_where_it_is_missing() {
        let named = |path, problem| misfit_field(path, problem).unwrap_or_default();
        assert_eq!(named(".", "missing field `id`"), "id");
        let told = "missing field `distance_m` at line 1 column 15";
        assert_eq!(named(".", told), "distance_m");
        assert_eq!(named("night", "missing field `bps`"), "night.bps");
        assert_eq!(named("tolls.a8", "invalid type: null"), "tolls.a8");
        assert_eq!(misfit_field(".", "expected value at line 1 column 1"), None);
    }
}
