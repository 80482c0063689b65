//! What drivers' phones need to finish a trip by themselves. Stub.
