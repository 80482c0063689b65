//! What the pricing context offers over HTTP.

mod keys;
mod promotions;
mod quotes;
mod surge;
mod tariffs;

pub use keys::KeysApi;
pub use promotions::PromotionsApi;
pub use quotes::QuotesApi;
pub use surge::SurgeApi;
pub use tariffs::TariffsApi;
