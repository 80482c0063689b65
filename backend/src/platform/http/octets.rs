//! The body of a request that is bytes and nothing else.

use bytes::Bytes;
use poem::{FromRequest, Request, RequestBody, Result};
use poem_openapi::error::ContentTypeError;
use poem_openapi::payload::{Binary, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use wayfare_core::wire::ErrorCode;

use crate::platform::failure::Failure;

const CONTENT_TYPE: &str = "application/octet-stream";

/// The body of a request that is bytes and nothing else.
#[derive(Debug)]
pub struct Octets(Bytes);

impl Octets {
    /// The bytes, if there are no more than so many.
    pub fn within(self, bytes_max: usize) -> std::result::Result<Bytes, Failure> {
        if self.0.len() <= bytes_max {
            return Ok(self.0);
        }
        let detail = format!(
            "the body has {} bytes; {bytes_max} are the most",
            self.0.len()
        );
        Err(Failure::refused(ErrorCode::BodyTooLarge, detail))
    }
}

impl<'a> ApiExtractor<'a> for Octets {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(_registry: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType {
                content_type: CONTENT_TYPE,
                schema: schema(),
            }],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> Result<Self> {
        match request.content_type() {
            Some(told) if told.eq_ignore_ascii_case(CONTENT_TYPE) => {
                <Bytes as FromRequest>::from_request(request, body)
                    .await
                    .map(Self)
            }
            Some(told) => Err(ContentTypeError::NotSupported {
                content_type: told.to_owned(),
            }
            .into()),
            None => Err(ContentTypeError::ExpectContentType.into()),
        }
    }
}

fn schema() -> MetaSchemaRef {
    <Binary<Bytes> as Payload>::schema_ref()
}
