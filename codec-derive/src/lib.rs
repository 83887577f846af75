//! `#[derive(Wire)]` and `#[derive(Frame)]` of longlink.
#![forbid(unsafe_code)]
#![allow(dead_code, clippy::large_enum_variant)]

mod expand;
mod model;
mod names;
