//! What the README shows is what the code prints.

use crate::declarations::message::{Body, Message};
use crate::samples::encoded;

const README: &str = include_str!("../../README.md");

/// The first block of code behind a heading.
fn block(heading: &str) -> &'static str {
    let (_, section) = README.split_once(heading).expect("the heading");
    let (_, block) = section.split_once("```").expect("a block");
    let (_, block) = block.split_once('\n').expect("its language");
    block.split_once("```").expect("its end").0
}

#[test]
fn the_explanation_is_the_one_that_is_printed() {
    let message = Message::new(7, Body::Chat { from: 1001, text: "hi".into() });
    let explanation = longlink::explain::<Message>(&encoded(&message)).to_string();
    assert_eq!(block("## What `explain` prints for it").trim_end(), explanation.trim_end());
}

#[test]
fn the_report_is_the_one_that_is_printed() {
    let mut frame = encoded(&Message::new(7, Body::Chat { from: 1001, text: "hi".into() }));
    frame[18] = 0x01;
    let explanation = longlink::explain::<Message>(&frame).to_string();
    let (_, report) = explanation.split_once("\n\nmalformed").expect("a report");
    let shown = block("For a bad frame").trim_end();
    assert_eq!(shown, format!("malformed{}", report.trim_end()));
}

#[test]
fn the_commands_are_the_ones_that_the_gate_runs() {
    assert_eq!(block("## Run\n"), "cargo run --release --example long_link\n");
    assert_eq!(block("## Test\n"), "cargo test\n");
}
