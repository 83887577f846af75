//! What only the compiler can say of a declaration: see `ui.rs` and `cases/`.
#![forbid(unsafe_code)]
