//! The bases of `report sales`.
