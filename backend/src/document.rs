//! The OpenAPI document: what poem-openapi derives from the handlers' types, and the rules that the
//! types keep but the derivation does not write down.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// A parameter's form, by its name.
const FORMS: [(&str, &str); 2] = [
    ("Idempotency-Key", "^[!-~]{1,100}$"),
    ("If-Match", "^(\\*|\"[0-9]{1,9}\")$"),
];
const REFERENCE: &str = "#/components/schemas/";

/// Adds the rules to a derived document.
pub(crate) fn complete(mut document: Value) -> Value {
    let mut closed = BTreeSet::new();
    for operation in operations(&mut document) {
        write_forms(operation);
        if let Some(body) = operation.get("requestBody") {
            collect_references(body, &mut closed);
        }
    }
    close_schemas(&mut document, closed);
    document
}

/// Which methods each path of the API knows.
#[derive(Debug)]
pub(crate) struct Methods(Vec<(String, String)>);

impl Methods {
    /// As a document says.
    pub(crate) fn of(document: &Value) -> Self {
        let paths = document.get("paths").and_then(Value::as_object);
        let known = |(path, operations): (&String, &Value)| {
            let names = operations.as_object().into_iter().flat_map(Map::keys);
            let mut names: Vec<String> = names.map(|name| name.to_uppercase()).collect();
            names.sort();
            (path.clone(), names.join(", "))
        };
        Self(paths.into_iter().flatten().map(known).collect())
    }

    /// What may be done at a path. What is not in the document, such as its own page, is only read.
    pub(crate) fn allowed_at(&self, path: &str) -> &str {
        let known = self.0.iter().find(|(template, _)| fits(template, path));
        known.map_or("GET", |(_, methods)| methods)
    }
}

/// Whether a path is one of a template such as `/v1/trips/{trip_id}`.
fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') => {}
            _ => return false,
        }
    }
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    paths
        .into_iter()
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut)
}

fn write_forms(operation: &mut Value) {
    let parameters = operation
        .get_mut("parameters")
        .and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let form = FORMS.iter().find(|(name, _)| parameter["name"] == *name);
        if let (Some((_, pattern)), Some(schema)) = (form, parameter.get_mut("schema")) {
            schema["pattern"] = json!(pattern);
        }
    }
}

/// Requests refuse fields that they do not know, in every object inside them.
fn close_schemas(document: &mut Value, mut names: BTreeSet<String>) {
    let mut done = BTreeSet::new();
    while let Some(name) = names.pop_first() {
        let schema = document.pointer_mut(&format!("/components/schemas/{name}"));
        if let Some(schema) = schema
            && done.insert(name)
        {
            collect_references(schema, &mut names);
            if schema["type"] == "object" {
                schema["additionalProperties"] = json!(false);
            }
        }
    }
}

fn collect_references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            let reference = fields.get("$ref").and_then(Value::as_str);
            names.extend(
                reference
                    .and_then(|path| path.strip_prefix(REFERENCE))
                    .map(str::to_owned),
            );
            fields
                .values()
                .for_each(|field| collect_references(field, names));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| collect_references(item, names)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_closed_all_the_way_down_and_answers_stay_open() {
        let reference = |name: &str| json!({ "$ref": format!("{REFERENCE}{name}") });
        let document = complete(json!({
            "paths": {"/x": {"post": {
                "requestBody": {"content": {"application/json": {"schema": reference("Request")}}},
                "responses": {"200": {"content": {"application/json": {"schema": reference("Answer")}}}},
            }}},
            "components": {"schemas": {
                "Request": {"type": "object", "properties": {"at": reference("Point")}},
                "Point": {"type": "object"},
                "Answer": {"type": "object"},
            }},
        }));
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Request"]["additionalProperties"], false);
        assert_eq!(schemas["Point"]["additionalProperties"], false);
        assert_eq!(schemas["Answer"].get("additionalProperties"), None);
    }

    #[test]
    fn a_path_knows_its_methods() {
        let methods = Methods::of(&json!({"paths": {
            "/v1/trips": {"get": {}, "post": {}},
            "/v1/trips/{trip_id}": {"get": {}},
            "/v1/trips/{trip_id}/cancel": {"post": {}},
        }}));
        assert_eq!(methods.allowed_at("/v1/trips"), "GET, POST");
        assert_eq!(methods.allowed_at("/v1/trips/trip_1"), "GET");
        assert_eq!(methods.allowed_at("/v1/trips/trip_1/cancel"), "POST");
        assert_eq!(methods.allowed_at("/docs"), "GET");
    }

    #[test]
    fn headers_say_their_form() {
        let parameter = json!({"name": "Idempotency-Key", "schema": {"type": "string"}});
        let document = complete(json!({"paths": {"/x": {"post": {"parameters": [parameter]}}}}));
        let schema = &document["paths"]["/x"]["post"]["parameters"][0]["schema"];
        assert_eq!(schema["pattern"], "^[!-~]{1,100}$");
    }
}
