//! The CONNECT method of HTTP (RFC 9110 §9.3.6, in the syntax of RFC 9112).

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::{Credentials, ProxyError};

/// All of the proxy's answer, interim ones included, fits into this.
const MAX_HEAD_LEN: usize = 8 * 1024;

/// Asks for a tunnel to `host`; reads not one byte beyond the empty line that ends the answer.
pub(super) async fn open<S>(
    stream: &mut S,
    host: &str,
    port: u16,
    credentials: Option<&Credentials>,
) -> Result<(), ProxyError>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    stream.write_all(request(host, port, credentials)?.as_bytes()).await?;
    stream.flush().await?;
    let mut room = MAX_HEAD_LEN;
    loop {
        match status(&head(stream, &mut room).await?)? {
            // "a client MUST be able to parse one or more 1xx responses received prior to a final
            // response" (RFC 9110 §15.2).
            100..=199 => {}
            // "Any 2xx (Successful) response indicates that the sender ... will switch to tunnel
            // mode immediately after the response header section" (RFC 9110 §9.3.6).
            200..=299 => return Ok(()),
            // 407 Proxy Authentication Required (RFC 9110 §15.5.8).
            407 => return Err(ProxyError::Credentials),
            code => return Err(ProxyError::Status { code }),
        }
    }
}

/// "the request target ... consists of only the host name and port number of the tunnel
/// destination" (RFC 9110 §9.3.6).
fn request(host: &str, port: u16, credentials: Option<&Credentials>) -> Result<String, ProxyError> {
    // A name from a redirect of the peer must not be able to write header lines of its own.
    if host.is_empty() || host.len() > 255 || !host.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(ProxyError::TooLong);
    }
    let authority =
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let mut text = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    if let Some(Credentials { user, password }) = credentials {
        if user.contains(':') {
            return Err(ProxyError::TooLong);
        }
        // "Basic" and the Base64 of user, colon, password (RFC 7617 §2).
        let pair = base64(format!("{user}:{password}").as_bytes());
        text.push_str(&format!("Proxy-Authorization: Basic {pair}\r\n"));
    }
    text.push_str("\r\n");
    Ok(text)
}

/// One header section up to its empty line. Byte by byte, because what follows is the peer's and
/// must stay in the stream; an answer is short and comes once a connection.
async fn head<S>(stream: &mut S, room: &mut usize) -> Result<Vec<u8>, ProxyError>
where
    S: AsyncRead + Unpin,
{
    let mut bytes = Vec::new();
    loop {
        *room = room.checked_sub(1).ok_or(ProxyError::Malformed)?;
        bytes.push(stream.read_u8().await?);
        // "a recipient MAY recognize a single LF as a line terminator" (RFC 9112 §2.2).
        if bytes.ends_with(b"\r\n\r\n") || bytes.ends_with(b"\n\n") {
            return Ok(bytes);
        }
    }
}

/// "status-line = HTTP-version SP status-code SP [ reason-phrase ]" (RFC 9112 §4).
fn status(head: &[u8]) -> Result<u16, ProxyError> {
    let rest = head.strip_prefix(b"HTTP/1.").ok_or(ProxyError::Malformed)?;
    let [minor, b' ', a, b, c, b' ' | b'\r' | b'\n', ..] = rest else {
        return Err(ProxyError::Malformed);
    };
    if !minor.is_ascii_digit() || !matches!(a, b'1'..=b'5') {
        return Err(ProxyError::Malformed);
    }
    [a, b, c].into_iter().try_fold(0_u16, |code, digit| match digit {
        b'0'..=b'9' => Ok(code * 10 + u16::from(digit - b'0')),
        _ => Err(ProxyError::Malformed),
    })
}

/// RFC 4648 §4, with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4_usize {
            let six = usize::try_from(group >> (18 - 6 * place) & 0x3f).unwrap_or(0);
            let letter = ALPHABET.get(six).copied().unwrap_or(b'=');
            text.push(char::from(if place > chunk.len() { b'=' } else { letter }));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect::error::IoError;
    use crate::transport::Memory;

    async fn run(host: &str, answer: &[u8]) -> (Result<(), ProxyError>, String, Vec<u8>) {
        let (mut client, mut proxy) = Memory::pair(64 * 1024);
        proxy.write_all(answer).await.unwrap();
        proxy.shutdown().await.unwrap();
        let login = Credentials { user: "Aladdin".to_owned(), password: "open sesame".to_owned() };
        let result = open(&mut client, host, 6656, Some(&login)).await;
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).await.unwrap();
        drop(client);
        let mut heard = String::new();
        proxy.read_to_string(&mut heard).await.unwrap();
        (result, heard, rest)
    }

    #[tokio::test]
    async fn a_tunnel_opens_and_the_peers_first_bytes_stay() {
        let answer = b"HTTP/1.1 200 Connection established\r\nVia: gate\r\n\r\nhello";
        let (result, heard, rest) = run("im.example", answer).await;
        assert_eq!(result, Ok(()));
        assert_eq!(
            heard,
            "CONNECT im.example:6656 HTTP/1.1\r\nHost: im.example:6656\r\n\
             Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"
        );
        assert_eq!(rest, b"hello");
    }

    #[tokio::test]
    async fn interim_answers_short_versions_and_bare_line_feeds_are_understood() {
        let answer = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 204\n\n!";
        let (result, heard, rest) = run("2001:db8::7", answer).await;
        assert_eq!((result, &rest[..]), (Ok(()), &b"!"[..]));
        assert!(heard.starts_with("CONNECT [2001:db8::7]:6656 HTTP/1.1\r\n"));
    }

    #[tokio::test]
    async fn every_refusal_is_told_apart() {
        let ended = ProxyError::Socket(IoError::from(std::io::ErrorKind::UnexpectedEof));
        let cases: [(&[u8], ProxyError); 8] = [
            (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", ProxyError::Credentials),
            (b"HTTP/1.1 403 Forbidden\r\n\r\n", ProxyError::Status { code: 403 }),
            (b"HTTP/1.1 502 Bad Gateway\r\nA: b\r\n\r\n", ProxyError::Status { code: 502 }),
            (b"HTTP/1.1 600 ?\r\n\r\n", ProxyError::Malformed),
            (b"HTTP/1.1 2000\r\n\r\n", ProxyError::Malformed),
            (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", ProxyError::Malformed),
            (b"HTTP/1.1 200 OK\r\n", ended),
            (b"", ended),
        ];
        for (answer, expected) in cases {
            let (result, _, _) = run("a", answer).await;
            assert_eq!(result, Err(expected), "{}", answer.escape_ascii());
        }
    }

    #[tokio::test]
    async fn an_endless_answer_is_cut_at_8_kib() {
        let start = b"HTTP/1.1 200 OK\r\nX: ";
        let fits = [start, &[b'a'; MAX_HEAD_LEN - 20 - 4][..], b"\r\n\r\n"].concat();
        assert_eq!(fits.len(), MAX_HEAD_LEN);
        assert_eq!(run("a", &fits).await.0, Ok(()));
        let too_long = [start, &[b'a'; MAX_HEAD_LEN - 20 - 3][..], b"\r\n\r\n"].concat();
        assert_eq!(run("a", &too_long).await.0, Err(ProxyError::Malformed));
        let interim = b"HTTP/1.1 100 Continue\r\n\r\n".repeat(400);
        assert_eq!(run("a", &interim).await.0, Err(ProxyError::Malformed));
    }

    #[tokio::test]
    async fn a_name_cannot_write_header_lines() {
        for host in ["a\r\nX: y", "a b", "", &"a".repeat(256)] {
            assert_eq!(request(host, 1, None), Err(ProxyError::TooLong));
        }
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        // RFC 4648 §10.
        let pairs = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ];
        for (plain, coded) in pairs {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
