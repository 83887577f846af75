//! What is generated, as its reader sees it: reading, writing and the border of four small shapes.
//!
//! The files beside this one are compared; `LONGLINK_SNAPSHOTS=write cargo test -p
//! longlink-codec-derive snapshots` writes them anew. `__private::`, which stands before every name
//! that is not the user's, and attributes are left out of them.

use std::path::Path;

use super::inputs;

#[test]
fn a_header_is_one_bounds_check_and_one_copy() {
    holds("header", &[("Parse", "parse_in"), ("Wire", "encode_in")]);
}

#[test]
fn a_list_is_counted_once() {
    holds("list", &[("Parse", "parse_in")]);
}

#[test]
fn an_enum_is_a_match() {
    holds("choice", &[("Parse", "parse_in"), ("Tagged", "tag")]);
}

#[test]
fn a_frame_ends_where_its_length_says() {
    holds("frame", &[("Wire", "encode_in"), ("Frame", "probe")]);
}

/// The file of this name: a declaration, a line, and what these methods expand to.
fn holds(name: &str, methods: &[(&str, &str)]) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/tests/snapshots/{name}.txt"));
    let file = std::fs::read_to_string(&path).expect("a snapshot");
    let (source, expected) = file.split_once("\n----\n").expect("a line below the declaration");
    let expansion = expansion(source, methods);
    if std::env::var_os("LONGLINK_SNAPSHOTS").is_some_and(|value| value == "write") {
        std::fs::write(&path, format!("{source}\n----\n{expansion}")).expect("a file");
        return;
    }
    assert_eq!(expansion, expected, "{name}: see the head of this module for how to write it anew");
}

/// These methods of what the first declaration in `source` expands to.
fn expansion(source: &str, methods: &[(&str, &str)]) -> String {
    let (input, derive) = inputs(source).into_iter().next().expect("a declaration");
    let code = crate::derive(&input, derive).to_string().replace("__private :: ", "");
    let file = syn::parse_file(&code).expect("Rust code");
    let items = file.items.into_iter().flat_map(|item| match item {
        syn::Item::Const(constant) => match *constant.expr {
            syn::Expr::Block(block) => block.block.stmts,
            _ => Vec::new(),
        },
        item => vec![syn::Stmt::Item(item)],
    });
    let mut chosen = Vec::new();
    for item in items {
        let syn::Stmt::Item(syn::Item::Impl(mut block)) = item else { continue };
        let Some((path, _)) = &block.trait_ else { continue };
        let Some(name) = path.segments.last().map(|last| last.ident.to_string()) else { continue };
        block.attrs.clear();
        block.items.retain_mut(|item| match item {
            syn::ImplItem::Fn(method) => {
                method.attrs.clear();
                methods.iter().any(|(of, one)| *of == name && method.sig.ident == one)
            }
            _ => false,
        });
        if !block.items.is_empty() {
            chosen.push(syn::Item::Impl(block));
        }
    }
    let file = syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items: chosen };
    prettyplease::unparse(&file)
}
