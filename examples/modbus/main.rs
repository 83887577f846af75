//! Modbus over TCP: a client that asks many things at once, and a server.
//!
//! ```text
//! cargo run --example modbus                                     both ends, fourteen functions
//! cargo run --example modbus -- --serve 127.0.0.1:1502
//! cargo run --example modbus -- --connect 127.0.0.1:1502 1       the same questions to unit 1,
//!                                          one after the other; with --pipelined 16 at once
//! cargo run --example modbus -- --connect 127.0.0.1:1502 1 read-registers 0 4
//! cargo run --example modbus -- --connect 127.0.0.1:1502 1 write-register 3 0xBEEF
//! ```
#![allow(unreachable_pub, missing_docs, reason = "a program, not a library")]

mod bank;
mod client;
mod message;
mod server;

use std::error::Error;
use std::time::{Duration, Instant};

use bank::Bank;
use client::{Client, Options, client};
use longlink::session::Link;
use message::{
    Answer, AnswerInside, AnswerInterface, Ask, AskInside, AskInterface, Mask, Object, Range,
    Registers, Request, Response, Switch, Write, packed, unpacked,
};
use server::{Shared, serve};
use tokio::task::JoinSet;

const USAGE: &str =
    "usage: modbus [--serve ADDRESS | --connect HOST:PORT UNIT [COMMAND] [--pipelined]]
commands: read-coils FIRST COUNT, read-inputs FIRST COUNT, read-registers FIRST COUNT,
          read-input-registers FIRST COUNT, write-coil ADDRESS on|off,
          write-register ADDRESS VALUE, identify";

/// A bank with something in it.
fn sample() -> Bank {
    let mut bank = Bank::new(1_000);
    bank.coils.iter_mut().step_by(3).for_each(|coil| *coil = true);
    bank.discrete_inputs.iter_mut().step_by(2).for_each(|input| *input = true);
    bank.holding_registers.iter_mut().zip(1_000..).for_each(|(register, value)| *register = value);
    bank.input_registers.iter_mut().zip(7..).for_each(|(register, value)| *register = value);
    bank.queue = vec![10, 20, 30];
    bank
}

/// One question of each function, and one that must be refused.
fn questions() -> Vec<Ask> {
    let range = |address, count| Range { address, count };
    vec![
        Ask::ReadCoils(range(1, 11)),
        Ask::ReadDiscreteInputs(range(2, 9)),
        Ask::ReadHoldingRegisters(range(0, 4)),
        Ask::ReadInputRegisters(range(3, 2)),
        Ask::WriteCoil(Write { address: 5, value: Switch::On }),
        Ask::WriteRegister(Write { address: 10, value: 0xBEEF }),
        Ask::Diagnose { function: 0, data: vec![0x1234] },
        Ask::WriteCoils { address: 3, count: 9, packed: packed(&[true; 9]) },
        Ask::WriteRegisters(Registers::new(20, vec![1, 2, 0xFFFF])),
        Ask::ReportServer,
        Ask::MaskRegister(Mask { address: 4, and: 0x00F2, or: 0x0025 }),
        Ask::ReadWriteRegisters { read: range(20, 2), write: Registers::new(21, vec![7]) },
        Ask::ReadQueue { address: 0 },
        identify(),
        Ask::ReadHoldingRegisters(range(5_000, 2)),
    ]
}

fn identify() -> Ask {
    Ask::Encapsulated(AskInterface::new(AskInside::Identify { level: 1, object: 0 }))
}

fn parsed(words: &[&str]) -> Result<Ask, Box<dyn Error>> {
    let number = |word: &str| match word.strip_prefix("0x") {
        Some(digits) => u16::from_str_radix(digits, 16),
        None => word.parse(),
    };
    let range = |address, count| {
        Ok::<_, std::num::ParseIntError>(Range { address: number(address)?, count: number(count)? })
    };
    Ok(match words {
        ["read-coils", first, count] => Ask::ReadCoils(range(first, count)?),
        ["read-inputs", first, count] => Ask::ReadDiscreteInputs(range(first, count)?),
        ["read-registers", first, count] => Ask::ReadHoldingRegisters(range(first, count)?),
        ["read-input-registers", first, count] => Ask::ReadInputRegisters(range(first, count)?),
        ["write-coil", address, value @ ("on" | "off")] => {
            let value = if *value == "on" { Switch::On } else { Switch::Off };
            Ask::WriteCoil(Write { address: number(address)?, value })
        }
        ["write-register", address, value] => {
            Ask::WriteRegister(Write { address: number(address)?, value: number(value)? })
        }
        ["identify"] => identify(),
        _ => return Err(USAGE.into()),
    })
}

/// A question in words.
fn asked(ask: &Ask) -> String {
    match ask {
        Ask::WriteRegisters(Registers { address, values, .. }) => {
            format!("WriteRegisters {values:?} from {address}")
        }
        Ask::ReadWriteRegisters { read, write: Registers { address, values, .. } } => {
            format!("ReadWriteRegisters {read:?}, {values:?} from {address}")
        }
        Ask::Encapsulated(AskInterface { inside, .. }) => format!("{inside:?}"),
        other => format!("{other:?}"),
    }
}

fn shown(answer: &Answer) -> String {
    match answer {
        Answer::Exception { code, .. } => format!("refused: {code:?}"),
        Answer::Encapsulated(AnswerInterface {
            inside: AnswerInside::Identity { objects, .. },
            ..
        }) => {
            let text = |object: &Object| String::from_utf8_lossy(&object.value).into_owned();
            objects.iter().map(text).collect::<Vec<_>>().join(", ")
        }
        Answer::Coils(packed) | Answer::DiscreteInputs(packed) => {
            unpacked(packed).map(|bit| if bit { '1' } else { '0' }).collect()
        }
        Answer::HoldingRegisters(values)
        | Answer::InputRegisters(values)
        | Answer::RegistersRead(values) => format!("{values:?}"),
        Answer::Queue(queue) => format!("{:?}", queue.values),
        other => format!("{other:?}"),
    }
}

/// Asks everything at once; each response finds its request by its transaction.
async fn ask(link: &Link<Client>, unit: u8, questions: Vec<Ask>) {
    let (mut asking, began) = (JoinSet::new(), Instant::now());
    for (turn, ask) in questions.into_iter().enumerate() {
        let link = link.clone();
        asking.spawn(
            async move { (turn, ask.clone(), link.request(Request::new(0, unit, ask)).await) },
        );
    }
    let mut answers = asking.join_all().await;
    answers.sort_by_key(|(turn, ..)| *turn);
    for (_, ask, answer) in &answers {
        match answer {
            Ok(Response { transaction, answer, .. }) => {
                println!("{transaction:>3} {}\n    {}", asked(ask), shown(answer));
            }
            Err(error) => println!("    {}\n    no answer: {error}", asked(ask)),
        }
    }
    println!("{} answers in {:.1?}", answers.len(), began.elapsed());
}

async fn connect(
    address: &str,
    options: &Options,
    questions: Vec<Ask>,
) -> Result<(), Box<dyn Error>> {
    let (link, _) = client(address, options).spawn();
    ask(&link, options.unit, questions).await;
    link.drain(Duration::from_secs(1)).await;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let transactions = match arguments.iter().position(|argument| argument == "--pipelined") {
        Some(index) => {
            arguments.remove(index);
            16
        }
        None => 1,
    };
    let options = |unit| Options { transactions, ..Options::new(unit) };
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let serving = serve("127.0.0.1:0", Shared::new(sample())).await?;
            let options = Options { transactions: 16, ..Options::new(1) };
            connect(&serving.local_address().to_string(), &options, questions()).await
        }
        ["--serve", address] => {
            let serving = serve(address, Shared::new(sample())).await?;
            println!("the bank listens at {}", serving.local_address());
            tokio::signal::ctrl_c().await?;
            serving.drain(Duration::from_secs(5)).await;
            Ok(())
        }
        ["--connect", address, unit] => {
            connect(address, &options(unit.parse()?), questions()).await
        }
        ["--connect", address, unit, ref words @ ..] => {
            connect(address, &options(unit.parse()?), vec![parsed(words)?]).await
        }
        _ => Err(USAGE.into()),
    }
}
