//! Schemas of types that are written as a text of one form, such as ids and telephone numbers.

use std::fmt::Display;
use std::str::FromStr;

use poem_openapi::registry::{MetaSchema, MetaSchemaRef};
use poem_openapi::types::{ParseError, ParseResult, Type};
use serde_json::Value;

pub(crate) fn schema(format: &'static str, pattern: &str) -> MetaSchemaRef {
    let mut schema = MetaSchema::new_with_format("string", format);
    schema.pattern = Some(pattern.to_owned());
    MetaSchemaRef::Inline(Box::new(schema))
}

pub(crate) fn parse<T: Type + FromStr<Err: Display>>(value: Option<Value>) -> ParseResult<T> {
    match value.unwrap_or_default() {
        Value::String(text) => text.parse().map_err(ParseError::custom),
        other => Err(ParseError::expected_type(other)),
    }
}

/// Makes a type with `FromStr` and `Display` usable in bodies and parameters.
macro_rules! string_type {
    ($name:ident, $format:expr, $pattern:expr) => {
        impl poem_openapi::types::Type for $name {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = Self;

            fn name() -> std::borrow::Cow<'static, str> {
                concat!("string_", stringify!($name)).into()
            }

            fn schema_ref() -> poem_openapi::registry::MetaSchemaRef {
                crate::wire::openapi::schema($format, $pattern)
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a Self> + 'a> {
                Box::new(std::iter::once(self))
            }
        }

        impl poem_openapi::types::ParseFromJSON for $name {
            fn parse_from_json(
                value: Option<serde_json::Value>,
            ) -> poem_openapi::types::ParseResult<Self> {
                crate::wire::openapi::parse(value)
            }
        }

        impl poem_openapi::types::ParseFromParameter for $name {
            fn parse_from_parameter(value: &str) -> poem_openapi::types::ParseResult<Self> {
                value
                    .parse()
                    .map_err(poem_openapi::types::ParseError::custom)
            }
        }

        impl poem_openapi::types::ToJSON for $name {
            fn to_json(&self) -> Option<serde_json::Value> {
                Some(serde_json::Value::String(self.to_string()))
            }
        }
    };
}

pub(crate) use string_type;
