//! Long-lived framed sessions.
#![forbid(unsafe_code)]
