//! `report deliveries`.
