//! Tokens as a reader would write them, for the texts that a schema keeps of expressions.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// The tokens on one line, spaced as rustfmt would.
pub(crate) fn of(tokens: &impl ToTokens) -> String {
    let mut text = String::new();
    write(&mut text, tokens.to_token_stream());
    text
}

fn write(text: &mut String, tokens: TokenStream) {
    let mut before = Before::Start;
    for token in tokens {
        let space = wants_space(&before, &token);
        if space {
            text.push(' ');
        }
        before = match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(text, group.stream());
                text.push_str(close);
                Before::Value
            }
            TokenTree::Punct(punct) => {
                let unary = matches!(before, Before::Start | Before::Operator | Before::Comma);
                text.push(punct.as_char());
                match punct.as_char() {
                    '.' | ':' | '\'' => Before::Tight,
                    ',' | ';' => Before::Comma,
                    '?' => Before::Value,
                    '=' if text.ends_with("..=") => Before::Tight,
                    _ if punct.spacing() == Spacing::Joint => Before::Tight,
                    '!' | '&' | '*' | '-' | '|' if unary => Before::Tight,
                    _ => Before::Operator,
                }
            }
            token => {
                let word = token.to_string();
                text.push_str(&word);
                if is_keyword(&word) { Before::Operator } else { Before::Value }
            }
        };
    }
}

enum Before {
    /// Nothing.
    Start,
    /// A name, a literal or a group.
    Value,
    /// A binary operator or a keyword.
    Operator,
    /// A comma or semicolon.
    Comma,
    /// What sticks to the next token.
    Tight,
}

fn wants_space(before: &Before, token: &TokenTree) -> bool {
    match (before, token) {
        (Before::Start | Before::Tight, _) => false,
        (Before::Value, TokenTree::Punct(punct)) => {
            let joint = punct.spacing() == Spacing::Joint;
            match punct.as_char() {
                '.' | ',' | ';' | '?' | ':' => false,
                '!' => joint,
                _ => true,
            }
        }
        (Before::Value, TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
        _ => true,
    }
}

fn is_keyword(word: &str) -> bool {
    matches!(word, "if" | "else" | "match" | "in" | "as" | "return" | "move" | "let")
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn expressions_read_as_written() {
        let cases = [
            (
                quote!(if version.is_some() { 10 } else { 6 }),
                "if version.is_some() { 10 } else { 6 }",
            ),
            (quote!(items_left * 2 - 1), "items_left * 2 - 1"),
            (
                quote!(part.is_some() || properties.cipher != 0),
                "part.is_some() || properties.cipher != 0",
            ),
            (quote!(1..=4), "1..=4"),
            (quote!(crate::limits::MAX), "crate::limits::MAX"),
            (quote!(!flags.request), "!flags.request"),
            (quote!(f(a, -b)[0]), "f(a, -b)[0]"),
        ];
        for (tokens, expected) in cases {
            assert_eq!(of(&tokens), expected);
        }
    }
}
