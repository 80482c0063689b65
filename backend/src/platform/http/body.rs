//! The JSON body of a request.
//!
//! `poem_openapi::payload::Json` takes numbers and booleans where the schema says text. So a body is
//! read twice: by serde, which knows the types exactly and names the field that is wrong, and by
//! poem-openapi, which knows the ranges and lengths.

use std::ops::Deref;

use poem::{FromRequest, Request, RequestBody, Result};
use poem_openapi::error::{ContentTypeError, ParseRequestPayloadError};
use poem_openapi::payload::{Json, ParsePayload, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;
use wayfare_core::wire::ErrorCode;

use crate::platform::failure::Failure;

/// The JSON body of a request.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T> Deref for Body<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: Type> Payload for Body<T> {
    const CONTENT_TYPE: &'static str = Json::<T>::CONTENT_TYPE;

    fn check_content_type(content_type: &str) -> bool {
        Json::<T>::check_content_type(content_type)
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: ParseFromJSON + DeserializeOwned> ParsePayload for Body<T> {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> Result<Self> {
        let bytes = <Vec<u8> as FromRequest>::from_request(request, body).await?;
        read(&bytes)
            .map(Self)
            .map_err(|reason| ParseRequestPayloadError { reason }.into())
    }
}

/// Reads a body that came another way than by HTTP, and refuses it in the same words.
pub fn read_json<T: ParseFromJSON + DeserializeOwned>(
    bytes: &[u8],
) -> std::result::Result<T, Failure> {
    read(bytes).map_err(|reason| {
        let detail = ParseRequestPayloadError { reason }.to_string();
        Failure::refused(ErrorCode::InvalidRequest, detail)
    })
}

fn read<T: ParseFromJSON + DeserializeOwned>(bytes: &[u8]) -> std::result::Result<T, String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let _: T = serde_path_to_error::deserialize(&mut json).map_err(|error| error.to_string())?;
    let value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    T::parse_from_json(Some(value)).map_err(|error| error.into_message())
}

impl<'a, T: ParseFromJSON + DeserializeOwned> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        <Self as Payload>::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let (content_type, schema) = (Self::CONTENT_TYPE, Self::schema_ref());
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type,
                schema,
            }],
            required: Self::IS_REQUIRED,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        match request.content_type() {
            Some(told) if Self::check_content_type(told) => {
                <Self as ParsePayload>::from_request(request, body).await
            }
            Some(told) => Err(ContentTypeError::NotSupported {
                content_type: told.to_owned(),
            }
            .into()),
            None => Err(ContentTypeError::ExpectContentType.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use wayfare_core::wire::NewSession;

    use super::*;

    fn refusal(body: &str) -> String {
        read::<NewSession>(body.as_bytes()).unwrap_err()
    }

    fn body(code: &str) -> String {
        let challenge = "challenge_00000000000000000000000000000000";
        format!(r#"{{"challenge_id": "{challenge}", "code": {code}, "device_name": "phone"}}"#)
    }

    #[test]
    fn a_number_is_not_a_text() {
        assert_eq!(
            read::<NewSession>(body("\"123456\"").as_bytes())
                .unwrap()
                .code,
            "123456"
        );
        for code in ["123456", "true", "null", "[]", "{}"] {
            let told = refusal(&body(code));
            assert!(told.starts_with("code: invalid type"), "{told}");
        }
    }

    #[test]
    fn ranges_and_lengths_count_as_well() {
        let told = refusal(&body("\"12345\""));
        assert!(told.contains("code") && told.contains("pattern"), "{told}");
    }

    #[test]
    fn what_is_no_json_of_this_kind_is_told_apart() {
        assert!(refusal("").contains("EOF"));
        assert!(refusal("{} {}").contains("missing field"));
        assert!(refusal(&format!("{} {{}}", body("\"123456\""))).contains("trailing"));
        assert!(refusal(r#"{"admin": true}"#).contains("unknown field `admin`"));
    }
}
