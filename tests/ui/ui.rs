//! What only the compiler can say: constants over nested types, missing impls, names of a context.
//!
//! The texts are those of the pinned toolchain. `TRYBUILD=overwrite cargo test -p longlink-ui`
//! writes them anew.

#[test]
fn the_compiler_points_at_the_users_tokens() {
    trybuild::TestCases::new().compile_fail("cases/*.rs");
}
