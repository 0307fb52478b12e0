//! The small values everything else is made of: numbers, days, ids, places, periods, words. They
//! use nothing of ours.

pub mod currency;
pub mod day;
pub mod formula;
pub mod id;
pub mod number;
pub mod period;
pub mod place;
pub mod text;
pub mod week;
pub mod workdays;
