//! What the fuzz targets demand of any bytes: the promises that the properties try too.

#[path = "../properties/hold.rs"]
pub mod hold;
