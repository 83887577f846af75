//! The language of declarations: each attribute both ways, whole values, whole errors.

mod absent;
mod choices;
mod fields;
mod layers;
mod message;
mod presence;
mod sums;
