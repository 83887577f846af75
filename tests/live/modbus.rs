//! pymodbus, a client and a server of Modbus over TCP; and our own two ends, in one process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use longlink::session::event::Outcome;
use longlink::session::{Backoff, Heartbeat, Link};
use longlink::{BytesMut, Decoder, Wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use self::bank::Bank;
use self::client::{Client, Options, client};
use self::message::{
    Answer, AnswerInside, AnswerInterface, Ask, AskInside, AskInterface, Exception, Mask, Queue,
    Range, Registers, Request, Response, Switch, Write, packed,
};
use self::server::{Shared, serve};
use crate::peers::{Peer, python, script};
use crate::stay::{Stay, killed, outage};

#[path = "../../examples/modbus/bank.rs"]
pub(crate) mod bank;
#[path = "../../examples/modbus/client.rs"]
pub(crate) mod client;
#[path = "../../examples/modbus/message.rs"]
pub(crate) mod message;
#[path = "../../examples/modbus/server.rs"]
pub(crate) mod server;

const SECOND: Duration = Duration::from_secs(1);

fn pymodbus() -> Option<Peer> {
    let python = python("pymodbus")?;
    let start = move |port: u16| script(&python, "pymodbus_server.py", &[&port.to_string()]);
    Peer::start("pymodbus", "up", start)
}

fn range(address: u16, count: u16) -> Range {
    Range { address, count }
}

async fn asked(link: &Link<Client>, ask: Ask) -> Answer {
    link.request(Request::new(0, 1, ask)).await.unwrap().answer
}

/// Every function, what pymodbus answers to it, and two exceptions.
fn conversation() -> Vec<(Ask, Answer)> {
    let identify = AskInside::Identify { level: 1, object: 0 };
    let identity = AnswerInside::Identity {
        level: 1,
        conformity: 0x83,
        more: 0,
        next: 0,
        objects: Vec::new(),
    };
    let refused = |function, code| Answer::Exception { function, code };
    vec![
        (Ask::ReadCoils(range(1, 11)), Answer::Coils(vec![0xDB, 0x06].into())),
        (Ask::ReadDiscreteInputs(range(2, 9)), Answer::DiscreteInputs(vec![0x55, 0x01].into())),
        (
            Ask::ReadHoldingRegisters(range(0, 4)),
            Answer::HoldingRegisters(vec![1000, 1001, 1002, 1003]),
        ),
        (Ask::ReadInputRegisters(range(3, 2)), Answer::InputRegisters(vec![0x1234, 0xFFFF])),
        (
            Ask::WriteCoil(Write { address: 3, value: Switch::On }),
            Answer::CoilWritten(Write { address: 3, value: Switch::On }),
        ),
        (
            Ask::WriteRegister(Write { address: 10, value: 0xBEEF }),
            Answer::RegisterWritten(Write { address: 10, value: 0xBEEF }),
        ),
        (
            Ask::Diagnose { function: 0, data: vec![0x1234] },
            Answer::Diagnosis { function: 0, data: vec![0x1234] },
        ),
        (
            Ask::WriteCoils { address: 6, count: 9, packed: packed(&[true; 9]) },
            Answer::CoilsWritten(range(6, 9)),
        ),
        (Ask::ReadCoils(range(3, 12)), Answer::Coils(vec![0xFF, 0x0F].into())),
        (
            Ask::WriteRegisters(Registers::new(20, vec![1, 2, 0xFFFF])),
            Answer::RegistersWritten(range(20, 3)),
        ),
        (Ask::ReportServer, Answer::Server((&b"Pymodbus\xff"[..]).into())),
        (
            Ask::MaskRegister(Mask { address: 4, and: 0x00F2, or: 0x0025 }),
            Answer::RegisterMasked(Mask { address: 4, and: 0x00F2, or: 0x0025 }),
        ),
        // 1004 is 0x03EC: of its low byte 0xE0 stays, and 0x05 is set.
        (Ask::ReadHoldingRegisters(range(4, 1)), Answer::HoldingRegisters(vec![0x00E5])),
        (
            Ask::ReadWriteRegisters { read: range(20, 3), write: Registers::new(21, vec![7]) },
            Answer::RegistersRead(vec![1, 7, 0xFFFF]),
        ),
        // pymodbus has a queue of its own, whatever is asked for.
        (Ask::ReadQueue { address: 0 }, Answer::Queue(Queue::new(vec![0, 1, 2, 3]))),
        (
            Ask::Encapsulated(AskInterface::new(identify)),
            Answer::Encapsulated(AnswerInterface::new(identity)),
        ),
        (Ask::ReadHoldingRegisters(range(5_000, 2)), refused(0x83, Exception::IllegalDataAddress)),
        (
            Ask::Other { function: 0x41, data: vec![1].into() },
            // By the specification it would be 0xC1.
            refused(0x80, Exception::IllegalFunction),
        ),
    ]
}

#[tokio::test]
async fn pymodbus_answers_every_function() {
    let Some(server) = pymodbus() else { return };
    let (link, _) = client(&server.address(), &Options::new(1)).spawn();
    let conversation = conversation();
    for (ask, answer) in &conversation {
        assert_eq!(asked(&link, ask.clone()).await, *answer, "{ask:?}");
    }
    let report = link.drain(SECOND).await;
    assert!(report.complete(), "{report:?}");
    let sums = link.statistics().sends;
    let count = u64::try_from(conversation.len()).unwrap();
    assert_eq!((sums.accepted, sums.acknowledged, sums.open()), (count, count, 0));
}

fn sample() -> Bank {
    let mut bank = Bank::new(1_000);
    bank.coils.iter_mut().step_by(3).for_each(|coil| *coil = true);
    bank.discrete_inputs.iter_mut().step_by(2).for_each(|input| *input = true);
    bank.holding_registers.iter_mut().zip(1_000..).for_each(|(register, value)| *register = value);
    bank.input_registers.iter_mut().zip(7..).for_each(|(register, value)| *register = value);
    bank.queue = vec![10, 20, 30];
    bank
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_server_answers_every_function_of_pymodbus() {
    let Some(python) = python("pymodbus") else { return };
    let serving = serve("127.0.0.1:0", Shared::new(sample())).await.unwrap();
    let port = serving.local_addr().unwrap().port().to_string();
    let output = tokio::task::spawn_blocking(move || {
        script(&python, "pymodbus_client.py", &[&port]).output().unwrap()
    });
    let output = output.await.unwrap();
    let (said, errors) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        said,
        "read_coils 0010010010000000\n\
         read_discrete_inputs 1010101010000000\n\
         read_holding_registers [1000, 1001, 1002, 1003]\n\
         read_input_registers [10, 11]\n\
         write_coil 1\n\
         write_register [48879]\n\
         write_coils ok\n\
         read_coils 0111111111110000\n\
         write_registers ok\n\
         mask_write_register ok\n\
         readwrite_registers [1, 7]\n\
         read_holding_registers [229, 1005, 1006, 1007, 1008, 1009, 48879]\n\
         diag_query_data 1234\n\
         report_device_id b'modbus' True\n\
         read_fifo_queue [10, 20, 30]\n\
         read_device_information b'longlink' b'modbus'\n\
         read_holding_registers exception 2\n\
         read_fifo_queue exception 2\n\
         read_exception_status exception 1\n",
        "{errors}"
    );
    // It has closed; the other end was seen to.
    let report = serving.drain(SECOND).await;
    assert_eq!(report.sends.uncertain + report.sends.not_sent, 0, "{report:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quiet_link_outlives_five_heartbeats() {
    let Some(server) = pymodbus() else { return };
    let stay = Stay::of(30 * SECOND);
    let heartbeat = Heartbeat::every(stay.beat).jitter(0.0);
    let options = Options { heartbeat, ..Options::new(1) };
    let (link, mut inbox) = client(&server.address(), &options).spawn();
    let speak = async || {
        let read = asked(&link, Ask::ReadHoldingRegisters(range(0, 1))).await;
        assert_eq!(read, Answer::HoldingRegisters(vec![1_000]));
    };
    stay.with("modbus", &link, &mut inbox, speak).await;
    let statistics = link.statistics();
    assert_eq!(statistics.late, 0, "each echo was known for what it is");
    assert!(statistics.round_trip > Duration::ZERO);
}

/// Writes numbers into a register, one after the other, until it is told to stop; what became of
/// each.
fn write(
    link: Link<Client>,
    address: u16,
    stop: Arc<AtomicBool>,
    begun: oneshot::Sender<()>,
) -> JoinHandle<Vec<(u16, Outcome)>> {
    tokio::spawn(async move {
        let (mut outcomes, mut begun) = (Vec::new(), Some(begun));
        for value in 0..=u16::MAX {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            let ask = Ask::WriteRegister(Write { address, value });
            let receipt = link.send(Request::new(0, 1, ask)).await.unwrap();
            outcomes.push((value, receipt.outcome().await));
            if value == 50
                && let Some(begun) = begun.take()
            {
                begun.send(()).unwrap();
            }
        }
        outcomes
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_is_found_again_and_every_request_accounted_for() {
    let Some(mut server) = pymodbus() else { return };
    let (link, inbox) = client(&server.address(), &Options::new(1))
        .backoff(Backoff::fixed(Duration::from_millis(20)))
        .spawn();
    drop(inbox);
    let stop = Arc::new(AtomicBool::new(false));
    let (mut writing, mut begun) = (Vec::new(), Vec::new());
    for address in 0..8 {
        let (begins, begin) = oneshot::channel();
        writing.push(write(link.clone(), address, stop.clone(), begins));
        begun.push(begin);
    }
    for begun in begun {
        begun.await.unwrap();
    }
    let times = outage(&mut server, &link).await;
    // A write of the new connection is behind all that waited.
    let last = Ask::WriteRegister(Write { address: 99, value: 7 });
    let echo = Answer::RegisterWritten(Write { address: 99, value: 7 });
    assert_eq!(asked(&link, last).await, echo);
    stop.store(true, Ordering::Relaxed);
    let (mut acknowledged, mut uncertain) = (1, 0);
    for writing in writing {
        for (value, outcome) in writing.await.unwrap() {
            match outcome {
                Outcome::Acknowledged { epoch: 1 | 2 } => acknowledged += 1,
                Outcome::Uncertain { epoch: 1 } => uncertain += 1,
                other => panic!("{value}: {other:?}"),
            }
        }
    }
    assert!(uncertain <= 1, "one at a time was under way");
    let report = link.drain(SECOND).await;
    assert!(report.complete(), "{report:?}");
    let sums = link.statistics().sends;
    assert_eq!((sums.acknowledged, sums.uncertain), (acknowledged, uncertain));
    assert_eq!((sums.accepted, sums.open()), (acknowledged + uncertain, 0));
    killed("modbus", times, (acknowledged, uncertain));
}

#[tokio::test]
async fn sixteen_requests_wait_at_once_and_answers_in_any_order_find_them() {
    // A server that lets sixteen requests come together, and answers the last of them first.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut decoder, mut buffer) = (Decoder::<Request>::new(), BytesMut::new());
        let mut requests = Vec::new();
        while requests.len() < 16 {
            assert_ne!(stream.read_buf(&mut buffer).await.unwrap(), 0);
            while let Some(request) = decoder.decode(&mut buffer) {
                requests.push(request.unwrap());
            }
        }
        let mut out = BytesMut::new();
        for request in requests.iter().rev() {
            let Ask::ReadHoldingRegisters(range) = request.ask else { panic!("{request:?}") };
            let answer = Answer::HoldingRegisters(vec![range.address]);
            Response::new(request.transaction, request.unit, answer).encode(&mut out).unwrap();
        }
        stream.write_all(&out).await.unwrap();
        requests.iter().map(|request| request.transaction).collect::<Vec<_>>()
    });
    let options = Options { transactions: 16, ..Options::new(1) };
    let (link, _) = client(&address, &options).spawn();
    let asking = (0..16).map(|address| {
        let link = link.clone();
        tokio::spawn(async move {
            let answer = asked(&link, Ask::ReadHoldingRegisters(range(address, 1))).await;
            assert_eq!(answer, Answer::HoldingRegisters(vec![address]));
        })
    });
    for asking in asking.collect::<Vec<_>>() {
        asking.await.unwrap();
    }
    assert_eq!(serving.await.unwrap(), (0..16).collect::<Vec<u16>>());
}

#[tokio::test]
async fn one_transaction_at_a_time_keeps_the_others_in_the_queue() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (link, _) = client(&address, &Options::new(1)).spawn();
    let receipts: Vec<_> = (0..3)
        .map(|value| {
            let ask = Ask::WriteRegister(Write { address: 0, value });
            link.try_send(Request::new(0, 1, ask)).unwrap()
        })
        .collect();
    let (mut stream, _) = listener.accept().await.unwrap();
    for (value, receipt) in (0..).zip(&receipts) {
        let mut request = [0; 64];
        // No more than one is there.
        let len = stream.read(&mut request).await.unwrap();
        let expected = [0, value, 0, 0, 0, 6, 1, 6, 0, 0, 0, value];
        assert_eq!(request[..len], expected);
        assert_eq!(receipt.settled(), None);
        stream.write_all(&expected).await.unwrap();
        assert_eq!(receipt.outcome().await, Outcome::Acknowledged { epoch: 1 });
    }
}

#[test]
fn a_bank_refuses_as_the_specification_says() {
    let mut bank = sample();
    let untouched = bank.clone();
    let refused = |function, code| Answer::Exception { function, code };
    for (ask, answer) in [
        // The last range that there is, and the first that there is not.
        (Ask::ReadInputRegisters(range(999, 1)), Answer::InputRegisters(vec![1_006])),
        (Ask::ReadInputRegisters(range(999, 2)), refused(0x84, Exception::IllegalDataAddress)),
        (
            Ask::ReadInputRegisters(range(u16::MAX, 125)),
            refused(0x84, Exception::IllegalDataAddress),
        ),
        // Clauses 6.1 to 6.4: quantities of 1 to 2,000 and 1 to 125.
        (Ask::ReadCoils(range(0, 0)), refused(0x81, Exception::IllegalDataValue)),
        (Ask::ReadCoils(range(0, 2_001)), refused(0x81, Exception::IllegalDataValue)),
        (Ask::ReadCoils(range(0, 2_000)), refused(0x81, Exception::IllegalDataAddress)),
        (Ask::ReadHoldingRegisters(range(0, 126)), refused(0x83, Exception::IllegalDataValue)),
        (
            Ask::WriteCoil(Write { address: 1, value: Switch::Illegal(1) }),
            refused(0x85, Exception::IllegalDataValue),
        ),
        // Nine coils do not fit in one byte.
        (
            Ask::WriteCoils { address: 0, count: 9, packed: vec![0xFF].into() },
            refused(0x8F, Exception::IllegalDataValue),
        ),
        (
            Ask::WriteRegisters(Registers::new(0, vec![0; 124])),
            refused(0x90, Exception::IllegalDataValue),
        ),
        (
            Ask::WriteRegisters(Registers::new(999, vec![0; 2])),
            refused(0x90, Exception::IllegalDataAddress),
        ),
        // What cannot be read is not written either.
        (
            Ask::ReadWriteRegisters { read: range(999, 2), write: Registers::new(0, vec![5]) },
            refused(0x97, Exception::IllegalDataAddress),
        ),
        (
            Ask::Diagnose { function: 1, data: Vec::new() },
            refused(0x88, Exception::IllegalFunction),
        ),
    ] {
        assert_eq!(bank.answer(&ask), answer, "{ask:?}");
    }
    assert_eq!(bank, untouched);
}

#[tokio::test]
async fn a_frame_that_is_none_ends_the_connection_and_no_other() {
    let serving = serve("127.0.0.1:0", Shared::new(sample())).await.unwrap();
    let address = serving.local_addr().unwrap().to_string();
    let (link, _) = client(&address, &Options::new(1)).spawn();
    let first = asked(&link, Ask::ReadHoldingRegisters(range(0, 1))).await;
    // Another protocol than 0.
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    stream.write_all(&[0, 1, 0, 1, 0, 6, 1, 3, 0, 0, 0, 1]).await.unwrap();
    assert_eq!(stream.read(&mut [0; 1]).await.unwrap(), 0, "it was closed");
    let second = asked(&link, Ask::ReadHoldingRegisters(range(0, 1))).await;
    let expected = Answer::HoldingRegisters(vec![1_000]);
    assert_eq!((first, second), (expected.clone(), expected));
}
