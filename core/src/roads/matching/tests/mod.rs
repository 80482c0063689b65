mod accuracy;
mod behaviour;
pub(crate) mod town;
