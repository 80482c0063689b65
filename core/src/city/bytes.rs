//! Bytes of a pack's file, wherever they are: in a memory map, in a vector, in the program.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Bytes that are shared and never change. Cheap to clone.
#[derive(Clone)]
pub struct PackBytes(Arc<dyn AsRef<[u8]> + Send + Sync>);

impl PackBytes {
    /// Shares what holds bytes.
    pub fn new(holder: impl AsRef<[u8]> + Send + Sync + 'static) -> Self {
        Self(Arc::new(holder))
    }
}

impl Deref for PackBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl fmt::Debug for PackBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PackBytes({} bytes)", self.len())
    }
}
