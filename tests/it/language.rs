//! The language of declarations: each attribute both ways, whole values, whole errors.

mod absent;
mod choices;
mod each;
mod encodings;
mod fields;
mod fragments;
mod guarded;
mod laws;
mod layers;
mod lenient;
mod limits;
mod message;
mod padded;
mod presence;
mod steps;
mod sums;
mod tags;
mod transformed;
mod tuples;
mod whole;
