//! What phones know of the city's ground: the pack that the server has, opened once for all of them.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use wayfare_core::city::CityPack;
use wayfare_core::ride::{Ground, NoGround, PackGround};

use crate::city::CityError;

/// The ground that all phones share.
#[derive(Clone)]
pub struct SharedGround(Arc<dyn Ground + Send + Sync>);

impl SharedGround {
    /// The ground of a pack's folder.
    pub fn open(path: &Path) -> Result<Self, CityError> {
        let pack = CityPack::open(path).map_err(|source| CityError::Pack {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        Ok(Self(Arc::new(PackGround::new(Arc::new(pack)))))
    }

    /// Straight lines everywhere.
    pub fn unknown() -> Self {
        Self(Arc::new(NoGround))
    }

    /// For a device.
    pub fn share(&self) -> Arc<dyn Ground + Send + Sync> {
        Arc::clone(&self.0)
    }
}

impl fmt::Debug for SharedGround {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedGround(…)")
    }
}
