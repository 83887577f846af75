//! SOCKS version 5 (RFC 1928) with user name and password (RFC 1929).

use std::net::IpAddr;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Credentials, ProxyError};

/// "VER ... X'05'" (RFC 1928 §3).
const VERSION: u8 = 0x05;
/// "X'00' NO AUTHENTICATION REQUIRED" (RFC 1928 §3).
const METHOD_NONE: u8 = 0x00;
/// "X'02' USERNAME/PASSWORD" (RFC 1928 §3).
const METHOD_PASSWORD: u8 = 0x02;
/// "X'FF' NO ACCEPTABLE METHODS" (RFC 1928 §3).
const METHOD_REFUSED: u8 = 0xff;
/// "the current version of the subnegotiation, which is X'01'" (RFC 1929 §2).
const PASSWORD_VERSION: u8 = 0x01;
/// "CONNECT X'01'" (RFC 1928 §4).
const COMMAND_CONNECT: u8 = 0x01;
/// "IP V4 address: X'01'", "DOMAINNAME: X'03'", "IP V6 address: X'04'" (RFC 1928 §4).
const ADDRESS_V4: u8 = 0x01;
const ADDRESS_NAME: u8 = 0x03;
const ADDRESS_V6: u8 = 0x04;

/// Negotiates a connection to `host`; reads not one byte beyond the proxy's last answer.
pub(super) async fn open<S>(
    stream: &mut S,
    host: &str,
    port: u16,
    credentials: Option<&Credentials>,
) -> Result<(), ProxyError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = request(host, port)?;
    let login = credentials.map(password_request).transpose()?;
    let greeting: &[u8] = match login {
        Some(_) => &[VERSION, 2, METHOD_NONE, METHOD_PASSWORD],
        None => &[VERSION, 1, METHOD_NONE],
    };
    stream.write_all(greeting).await?;
    stream.flush().await?;
    let [version, method] = answer(stream).await?;
    expect_version(version)?;
    match (method, login) {
        (METHOD_NONE, _) => {}
        (METHOD_PASSWORD, Some(login)) => {
            stream.write_all(&login).await?;
            stream.flush().await?;
            let [version, status] = answer(stream).await?;
            if version != PASSWORD_VERSION {
                return Err(ProxyError::Malformed);
            }
            // "A STATUS field of X'00' indicates success" (RFC 1929 §2).
            if status != 0 {
                return Err(ProxyError::Credentials);
            }
        }
        (METHOD_REFUSED, None) => return Err(ProxyError::Credentials),
        (METHOD_REFUSED, Some(_)) => return Err(ProxyError::NoMethod),
        (found, _) => return Err(ProxyError::Method { found }),
    }
    stream.write_all(&request).await?;
    stream.flush().await?;
    reply(stream).await
}

/// "VER CMD RSV ATYP DST.ADDR DST.PORT" (RFC 1928 §4); numbers in network byte order.
fn request(host: &str, port: u16) -> Result<Vec<u8>, ProxyError> {
    let mut bytes = vec![VERSION, COMMAND_CONNECT, 0x00];
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => {
            bytes.push(ADDRESS_V4);
            bytes.extend(address.octets());
        }
        Ok(IpAddr::V6(address)) => {
            bytes.push(ADDRESS_V6);
            bytes.extend(address.octets());
        }
        Err(_) => {
            bytes.push(ADDRESS_NAME);
            push_counted(&mut bytes, host)?;
        }
    }
    bytes.extend(port.to_be_bytes());
    Ok(bytes)
}

/// "VER ULEN UNAME PLEN PASSWD" (RFC 1929 §2).
fn password_request(credentials: &Credentials) -> Result<Vec<u8>, ProxyError> {
    let mut bytes = vec![PASSWORD_VERSION];
    push_counted(&mut bytes, &credentials.user)?;
    push_counted(&mut bytes, &credentials.password)?;
    Ok(bytes)
}

/// One byte of length, 1 to 255, and the text.
fn push_counted(bytes: &mut Vec<u8>, text: &str) -> Result<(), ProxyError> {
    let len = u8::try_from(text.len()).ok().filter(|len| *len > 0).ok_or(ProxyError::TooLong)?;
    bytes.push(len);
    bytes.extend(text.as_bytes());
    Ok(())
}

/// "VER REP RSV ATYP BND.ADDR BND.PORT" (RFC 1928 §6). The bound address is read and dropped; it
/// has at most 255 + 2 bytes.
async fn reply<S>(stream: &mut S) -> Result<(), ProxyError>
where
    S: AsyncRead + Unpin,
{
    let [version, reply] = answer(stream).await?;
    expect_version(version)?;
    if reply != 0x00 {
        return Err(ProxyError::Refused { reply });
    }
    let [_reserved, address_type] = answer(stream).await?;
    let address_len = match address_type {
        ADDRESS_V4 => 4,
        ADDRESS_V6 => 16,
        ADDRESS_NAME => usize::from(answer::<1, _>(stream).await?[0]),
        _ => return Err(ProxyError::Malformed),
    };
    for _ in 0..address_len {
        let [_bound] = answer(stream).await?;
    }
    let [_, _] = answer(stream).await?;
    Ok(())
}

async fn answer<const N: usize, S>(stream: &mut S) -> Result<[u8; N], ProxyError>
where
    S: AsyncRead + Unpin,
{
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn expect_version(found: u8) -> Result<(), ProxyError> {
    if found == VERSION { Ok(()) } else { Err(ProxyError::Version { found }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::error::IoError;
    use crate::transport::Memory;

    fn credentials(user: &str, password: &str) -> Credentials {
        Credentials { user: user.to_owned(), password: password.to_owned() }
    }

    /// Runs the negotiation against a proxy that answers `answers` one after the other (each once
    /// the client has spoken) and then `then` as the peer; says what the proxy has heard.
    async fn run(
        host: &str,
        login: Option<Credentials>,
        answers: &[&[u8]],
        then: &[u8],
    ) -> (Result<(), ProxyError>, Vec<Vec<u8>>, Vec<u8>) {
        let (mut client, mut proxy) = Memory::pair(1024);
        let talk = async {
            let mut heard = Vec::new();
            for answer in answers {
                let mut buffer = [0; 600];
                let len = proxy.read(&mut buffer).await.unwrap();
                heard.push(buffer[..len].to_vec());
                proxy.write_all(answer).await.unwrap();
            }
            let _ = proxy.write_all(then).await;
            drop(proxy);
            heard
        };
        let opened = open(&mut client, host, 6656, login.as_ref());
        let (result, heard) = tokio::join!(opened, talk);
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await.unwrap();
        (result, heard, rest)
    }

    const BOUND: &[u8] = &[0x05, 0x00, 0x00, 0x01, 192, 0, 2, 9, 0x1f, 0x90];

    #[tokio::test]
    async fn a_name_is_left_to_the_proxy_and_the_peers_first_bytes_stay() {
        let (result, heard, rest) =
            run("im.example", None, &[&[0x05, 0x00], BOUND], b"hello").await;
        assert_eq!(result, Ok(()));
        let mut request = vec![0x05, 0x01, 0x00, 0x03, 10];
        request.extend(b"im.example\x1a\x00");
        assert_eq!(heard, [vec![0x05, 0x01, 0x00], request]);
        assert_eq!(rest, b"hello");
    }

    #[tokio::test]
    async fn an_address_travels_as_an_address() {
        let (result, heard, _) = run("192.0.2.7", None, &[&[0x05, 0x00], BOUND], b"").await;
        assert_eq!(result, Ok(()));
        assert_eq!(heard[1], [0x05, 0x01, 0x00, 0x01, 192, 0, 2, 7, 0x1a, 0x00]);

        let bound_v6 = [&[0x05, 0x00, 0x00, 0x04][..], &[0; 18]].concat();
        let (result, heard, _) = run("2001:db8::7", None, &[&[0x05, 0x00], &bound_v6], b"").await;
        assert_eq!(result, Ok(()));
        assert_eq!(heard[1][..8], [0x05, 0x01, 0x00, 0x04, 0x20, 0x01, 0x0d, 0xb8]);
    }

    #[tokio::test]
    async fn a_bound_name_is_read_over() {
        let bound = [&[0x05, 0x00, 0x00, 0x03, 3][..], b"abc", &[0, 80]].concat();
        let (result, _, rest) = run("a", None, &[&[0x05, 0x00], &bound], b"x").await;
        assert_eq!((result, &rest[..]), (Ok(()), &b"x"[..]));
    }

    #[tokio::test]
    async fn credentials_are_offered_and_sent() {
        let answers: [&[u8]; 3] = [&[0x05, 0x02], &[0x01, 0x00], BOUND];
        let (result, heard, _) = run("a", Some(credentials("me", "pw")), &answers, b"").await;
        assert_eq!(result, Ok(()));
        assert_eq!(heard[0], [0x05, 0x02, 0x00, 0x02]);
        assert_eq!(heard[1], b"\x01\x02me\x02pw");
    }

    #[tokio::test]
    async fn every_refusal_is_told_apart() {
        let login = || Some(credentials("me", "pw"));
        let cases: [(_, &[&[u8]], _); 9] = [
            (login(), &[&[0x05, 0x02], &[0x01, 0x01]], ProxyError::Credentials),
            (None, &[&[0x05, 0xff]], ProxyError::Credentials),
            (login(), &[&[0x05, 0xff]], ProxyError::NoMethod),
            (None, &[&[0x05, 0x02]], ProxyError::Method { found: 0x02 }),
            (None, &[b"HT"], ProxyError::Version { found: b'H' }),
            (login(), &[&[0x05, 0x02], &[0x05, 0x00]], ProxyError::Malformed),
            (None, &[&[0x05, 0x00], &[0x05, 0x05]], ProxyError::Refused { reply: 0x05 }),
            (None, &[&[0x05, 0x00], &[0x04, 0x00]], ProxyError::Version { found: 0x04 }),
            (None, &[&[0x05, 0x00], &[0x05, 0x00, 0x00, 0x02]], ProxyError::Malformed),
        ];
        for (login, answers, expected) in cases {
            let (result, _, _) = run("a", login, answers, b"").await;
            assert_eq!(result, Err(expected), "{answers:02x?}");
        }
    }

    #[tokio::test]
    async fn an_end_at_any_byte_is_an_error() {
        let all = [&[0x05, 0x00][..], BOUND].concat();
        for len in 0..all.len() {
            let first = &all[..len.min(2)];
            let second = &all[first.len()..len];
            let answers: &[&[u8]] = if len < 2 { &[first] } else { &[first, second] };
            let (result, _, _) = run("a", None, answers, b"").await;
            let ended = IoError::from(std::io::ErrorKind::UnexpectedEof);
            assert_eq!(result, Err(ProxyError::Socket(ended)), "{len} bytes");
        }
    }

    #[tokio::test]
    async fn what_does_not_fit_is_refused_before_anything_is_sent() {
        let long = "x".repeat(256);
        let cases = [
            ("a".repeat(256), None),
            ("a".to_owned(), Some(credentials(&long, "pw"))),
            ("a".to_owned(), Some(credentials("me", ""))),
        ];
        for (host, login) in cases {
            let (result, heard, _) = run(&host, login, &[], b"").await;
            assert_eq!((result, heard.len()), (Err(ProxyError::TooLong), 0));
        }
        assert_eq!(request(&"a".repeat(255), 1).unwrap().len(), 4 + 1 + 255 + 2);
    }
}
