//! `#[derive(Wire)]` and `#[derive(Frame)]` of longlink.
#![forbid(unsafe_code)]
#![allow(dead_code)]

mod expand;
mod model;
mod names;
