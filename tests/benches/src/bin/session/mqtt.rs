//! MQTT on the same mosquitto: the example's declaration in a session against rumqttc, each with a
//! queue of 256, 1,000 messages unacknowledged at most, 64 bytes each, version 3.1.1.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bytes::BufMut;
use longlink::Bytes;
use longlink::session::event::Outcome;
use longlink::session::settings::Settings;
use longlink_benches::mqtt::{client, packet};
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, QoS};

use crate::server::number;
use crate::wire::{BATCH, Failure, hello, runtime};

const TOPIC: &str = "bench/one";
const PAYLOAD: [u8; 64] = [b'm'; 64];
const QUEUE: usize = 256;
const UNACKNOWLEDGED: u16 = 1_000;

/// A broker that drops nothing; killed when it is dropped.
pub struct Broker {
    pub port: u16,
    child: Child,
}

impl Broker {
    /// `None`: it is not installed.
    pub fn start() -> Result<Option<Self>, Failure> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let file = std::env::temp_dir().join(format!("longlink-{port}.conf"));
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n\
             max_inflight_messages 0\nmax_queued_messages 0\nset_tcp_nodelay true\n"
        );
        std::fs::write(&file, text)?;
        let programs = ["mosquitto", "/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"];
        let start = |program| {
            let mut command = Command::new(program);
            command.arg("-c").arg(&file).stdout(Stdio::null()).stderr(Stdio::null()).spawn()
        };
        let Some(child) = programs.iter().find_map(|program| start(program).ok()) else {
            return Ok(None);
        };
        let broker = Self { port, child };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                std::fs::remove_file(&file)?;
                return Ok(Some(broker));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Err("mosquitto does not listen".into())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn rate(count: u64, start: Instant) -> f64 {
    count as f64 / start.elapsed().as_secs_f64()
}

/// Until the broker has acknowledged all; at quality 0 one more of quality 1 says that.
pub fn publish(port: u16, count: u64, quality: u8) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let options = client::Options::new("longlink");
        let settings = Settings { pending: UNACKNOWLEDGED.into(), ..Settings::default() };
        let (link, _) =
            client::client(&format!("127.0.0.1:{port}"), options).settings(settings).spawn();
        link.up().await.map_err(|state| format!("{state:?}"))?;
        let message =
            |quality| client::publish(4, TOPIC, quality, false, Bytes::from_static(&PAYLOAD));
        let start = Instant::now();
        let sender = link.clone();
        let last = tokio::spawn(async move {
            for _ in 1..count {
                sender.feed(message(quality)).await.expect("it is up");
            }
            sender.send(message(1)).await.expect("it is up").outcome().await
        });
        let last = last.await?;
        if !matches!(last, Outcome::Acknowledged { .. }) {
            return Err(format!("{last:?}").into());
        }
        Ok(rate(count, start))
    })
}

async fn rumqttc_client(name: &str, port: u16) -> Result<(AsyncClient, EventLoop), Failure> {
    let mut options = MqttOptions::new(name, "127.0.0.1", port);
    options.set_keep_alive(Duration::from_secs(30)).set_inflight(UNACKNOWLEDGED);
    let (client, mut events) = AsyncClient::new(options, QUEUE);
    let mut network = events.network_options();
    network.set_tcp_nodelay(true);
    events.set_network_options(network);
    while !matches!(events.poll().await?, Event::Incoming(Packet::ConnAck(_))) {}
    Ok((client, events))
}

pub fn publish_rumqttc(port: u16, count: u64, quality: u8) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let (client, mut events) = rumqttc_client("rumqttc", port).await?;
        let start = Instant::now();
        tokio::spawn(async move {
            for number in 1..=count {
                let last = number == count || quality > 0;
                let quality = if last { QoS::AtLeastOnce } else { QoS::AtMostOnce };
                let payload = Bytes::from_static(&PAYLOAD);
                client.publish_bytes(TOPIC, quality, false, payload).await.expect("it is up");
            }
            std::future::pending::<()>().await;
        });
        let mut left = if quality > 0 { count } else { 1 };
        while left > 0 {
            if let Event::Incoming(Packet::PubAck(_)) = events.poll().await? {
                left -= 1;
            }
        }
        Ok(rate(count, start))
    })
}

/// Asks for messages, and lets another process publish them.
fn start_flood(port: u16, flood: u16, count: u64) -> Result<TcpStream, Failure> {
    let mut stream = TcpStream::connect(("127.0.0.1", flood))?;
    stream.write_all(&hello(u64::from(port) << 48 | count))?;
    Ok(stream)
}

pub fn subscribe(port: u16, flood: u16, count: u64) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let options = client::Options::new("longlink");
        let (link, mut inbox) = client::client(&format!("127.0.0.1:{port}"), options).spawn();
        link.up().await.map_err(|state| format!("{state:?}"))?;
        let wish = link.request(client::subscribe(4, TOPIC, 0)).await;
        wish.map_err(|error| error.to_string())?;
        let start = Instant::now();
        let _flood = start_flood(port, flood, count)?;
        let reader = tokio::spawn(async move {
            let mut left = count;
            while left > 0 {
                let packet = inbox.next_frame().await.expect("it is up");
                left -= u64::from(matches!(packet.body, packet::Body::Publish { .. }));
            }
        });
        reader.await?;
        Ok(rate(count, start))
    })
}

pub fn subscribe_rumqttc(port: u16, flood: u16, count: u64) -> Result<f64, Failure> {
    runtime(false)?.block_on(async {
        let (client, mut events) = rumqttc_client("rumqttc", port).await?;
        client.subscribe(TOPIC, QoS::AtMostOnce).await?;
        while !matches!(events.poll().await?, Event::Incoming(Packet::SubAck(_))) {}
        let start = Instant::now();
        let _flood = start_flood(port, flood, count)?;
        let mut left = count;
        while left > 0 {
            if let Event::Incoming(Packet::Publish(_)) = events.poll().await? {
                left -= 1;
            }
        }
        Ok(rate(count, start))
    })
}

/// A publisher that needs no client: CONNECT, then packets of quality 0, as many as asked for.
pub fn flood(mut stream: TcpStream) -> io::Result<()> {
    let wish = number(&mut stream)?;
    let (port, count) = ((wish >> 48) as u16, wish & 0xffff_ffff_ffff);
    let mut broker = TcpStream::connect(("127.0.0.1", port))?;
    let mut connect = vec![0x10, 17];
    connect.put_slice(b"\0\x04MQTT\x04\x02\0\0\0\x05flood");
    broker.write_all(&connect)?;
    broker.read_exact(&mut [0; 4])?;
    let mut message = vec![0x30, (2 + TOPIC.len() + PAYLOAD.len()) as u8, 0, TOPIC.len() as u8];
    message.put_slice(TOPIC.as_bytes());
    message.put_slice(&PAYLOAD);
    let together = (BATCH / message.len()) as u64;
    let messages = message.repeat(together as usize);
    let mut left = count;
    while left > 0 {
        let now = left.min(together);
        broker.write_all(&messages[..now as usize * message.len()])?;
        left -= now;
    }
    // Until the one who asked has all of them.
    stream.read(&mut [0]).map(drop)
}
