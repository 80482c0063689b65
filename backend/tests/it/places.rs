//! `/v1/places`, `/v1/routes` and `/v1/city`.
