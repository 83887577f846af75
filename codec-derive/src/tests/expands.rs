//! Every declaration that the tests of the whole use expands to Rust code, in process.

use std::path::{Path, PathBuf};

use super::inputs;

#[test]
fn every_declaration_of_the_tests_expands_to_rust_code() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests");
    let mut expanded = 0;
    for path in ["declarations", "it", "consumer/src"].map(|name| tests.join(name)) {
        for file in rust_files(&path) {
            let source = std::fs::read_to_string(&file).expect("a source file");
            for (input, derive) in inputs(&source) {
                let code = crate::derive(&input, derive);
                let name = format!("{} of {}", input.ident, file.display());
                assert!(!code.to_string().contains("compile_error"), "{name}: {code}");
                syn::parse2::<syn::File>(code).unwrap_or_else(|error| panic!("{name}: {error}"));
                #[cfg(feature = "arbitrary")]
                syn::parse2::<syn::File>(crate::arbitrary(&input))
                    .unwrap_or_else(|error| panic!("values of {name}: {error}"));
                expanded += 1;
            }
        }
    }
    assert!(expanded >= 150, "{expanded} declarations");
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}
