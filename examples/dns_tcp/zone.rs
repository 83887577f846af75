//! A small zone and a server for it.

use longlink::Bytes;
use longlink::session::listener::Serving;
use longlink::session::{Inbox, Link, Listener};

use super::client::Dns;
use super::message::{Data, INTERNET, Message, Record, TRANSFER, Target};
use super::name::Name;

/// Records of a zone; the first is its start of authority.
pub type Zone = Vec<Record>;

/// `example.test`, with so many hosts.
pub fn sample(hosts: u16) -> Result<Zone, Box<dyn std::error::Error>> {
    let name = |text: &str| -> Result<Name, &'static str> { text.parse() };
    let target = |text: &str| name(text).map(|name| Target { name });
    let record =
        |owner: &str, data: Data| name(owner).map(|it| Record::new(it, INTERNET, 60, data));
    let soa = Data::Soa {
        server: name("ns.example.test")?,
        mailbox: name("admin.example.test")?,
        serial: 1,
        refresh: 3600,
        retry: 600,
        expire: 86400,
        minimum: 60,
    };
    let text = Data::Txt { texts: vec![Bytes::from_static(b"long"), Bytes::from_static(b"link")] };
    let mut zone = vec![
        record("example.test", soa)?,
        record("example.test", Data::Ns(target("ns.example.test")?))?,
        record(
            "example.test",
            Data::Mx { preference: 10, exchange: target("mail.example.test")? },
        )?,
        record("ns.example.test", Data::A([192, 0, 2, 53].into()))?,
        record("mail.example.test", Data::A([192, 0, 2, 25].into()))?,
        record("www.example.test", Data::Aaaa("2001:db8::80".parse()?))?,
        record("text.example.test", text)?,
    ];
    for host in 0..hosts {
        let [high, low] = host.to_be_bytes();
        let address = Data::A([198, 51, high, low].into());
        zone.push(record(&format!("host{host}.example.test"), address)?);
    }
    Ok(zone)
}

/// Answers questions about `zone` at `address`.
pub async fn serve(address: &str, zone: Zone) -> std::io::Result<Serving<Dns>> {
    let listener = Listener::bind(address).await?;
    Ok(listener.serve_each(move |_| {
        let zone = zone.clone();
        (Dns::default(), |link, inbox| connection(link, inbox, zone))
    }))
}

async fn connection(link: Link<Dns>, mut inbox: Inbox<Dns>, zone: Zone) {
    while let Some(asked) = inbox.next_frame().await {
        for answer in answers(&asked, &zone) {
            if link.feed(answer).await.is_err() {
                return;
            }
        }
    }
}

/// A zone in messages of at most 100 records, its start of authority first and last (RFC 5936
/// §2.2); one message for anything else.
fn answers(asked: &Message, zone: &Zone) -> Vec<Message> {
    let Some(question) = asked.questions.first().filter(|one| one.class == INTERNET) else {
        return vec![Message::answer(asked, 5, Vec::new())];
    };
    if question.kind == TRANSFER {
        let all: Vec<Record> = zone.iter().chain(zone.first()).cloned().collect();
        return all.chunks(100).map(|part| Message::answer(asked, 0, part.to_vec())).collect();
    }
    let named = || zone.iter().filter(|record| record.name == question.name);
    let found = named().filter(|record| kind(record) == question.kind).cloned().collect();
    let code = if named().next().is_some() { 0 } else { 3 };
    vec![Message::answer(asked, code, found)]
}

fn kind(record: &Record) -> u16 {
    u16::try_from(longlink::codec::Tagged::tag(&record.data)).unwrap_or_default()
}
