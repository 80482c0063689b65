//! Successes other than `200`: what was created, and what leaves nothing to say.

use poem::http::StatusCode;
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::{Json, Payload};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{ToJSON, Type};

/// `201`, with what was created.
#[derive(Debug)]
pub struct Created<T>(pub Json<T>);

impl<T: ToJSON> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        self.0.with_status(StatusCode::CREATED).into_response()
    }
}

impl<T: ToJSON> ApiResponse for Created<T> {
    fn meta() -> MetaResponses {
        success(
            StatusCode::CREATED,
            "Created",
            vec![MetaMediaType {
                content_type: Json::<T>::CONTENT_TYPE,
                schema: Json::<T>::schema_ref(),
            }],
        )
    }

    fn register(registry: &mut Registry) {
        <T as Type>::register(registry);
    }
}

/// `204`: done, and there is nothing more to say.
#[derive(Debug)]
pub struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl ApiResponse for NoContent {
    fn meta() -> MetaResponses {
        success(StatusCode::NO_CONTENT, "Done", vec![])
    }

    fn register(_registry: &mut Registry) {}
}

fn success(
    status: StatusCode,
    description: &'static str,
    content: Vec<MetaMediaType>,
) -> MetaResponses {
    let status = Some(status.as_u16());
    let headers = vec![];
    let response = MetaResponse {
        description,
        status,
        status_range: None,
        content,
        headers,
    };
    MetaResponses {
        responses: vec![response],
    }
}
