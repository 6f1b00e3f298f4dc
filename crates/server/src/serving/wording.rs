//! Refusals of the HTTP library itself, in the form of all others.
//!
//! A request that cannot be read (an address or a header that is too long, or no HTTP) reaches no
//! router: the library answers with a bare status and closes the connection, and has no setting for
//! more. Its answers are known to the letter except for the date. So they are recognized when they
//! are written, and the full refusal is written instead.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::http::refusals::{detail_of, raw};

/// Statuses that the library answers with.
const STATUSES: [StatusCode; 3] = [
    StatusCode::BAD_REQUEST,
    StatusCode::URI_TOO_LONG,
    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
];

/// End of a bare answer: a date, which always has the same length.
const DATE: &str = "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n";

/// A connection on which bare refusals get a body.
#[derive(Debug)]
pub(super) struct Worded<S> {
    stream: S,
    /// Bytes that are written instead, and the length of those that they replace.
    instead: Option<(Vec<u8>, usize)>,
}

impl<S> Worded<S> {
    pub(super) const fn new(stream: S) -> Self {
        Self {
            stream,
            instead: None,
        }
    }
}

/// Returns the beginning of the library's answer.
fn bare(status: StatusCode) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n")
}

/// Returns the bytes to write instead of bytes that end with a bare refusal.
fn worded(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    STATUSES.into_iter().find_map(|status| {
        let bare = bare(status);
        let start = bytes.len().checked_sub(bare.len() + DATE.len())?;
        let (before, answer) = bytes.split_at_checked(start)?;
        let date = answer.strip_prefix(bare.as_bytes())?;
        date.starts_with(b"date: ").then(|| {
            let date = String::from_utf8_lossy(date.trim_ascii_end());
            let whole = raw(status, &format!("{date}\r\n"), detail_of(status));
            [before, whole.as_bytes()].concat()
        })
    })
}

impl<S: AsyncWrite + Unpin> Worded<S> {
    /// Writes the replacement to its end; then the bytes that it replaces count as written.
    fn poll_instead(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        while let Some((rest, length)) = &mut self.instead {
            if rest.is_empty() {
                let length = *length;
                self.instead = None;
                return Poll::Ready(Ok(length));
            }
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            rest.drain(..written);
        }
        Poll::Ready(Ok(0))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Worded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.instead.is_none() {
            self.instead = worded(bytes).map(|whole| (whole, bytes.len()));
        }
        match self.instead {
            Some(_) => self.poll_instead(cx),
            None => Pin::new(&mut self.stream).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut filled = parts.iter().filter(|part| !part.is_empty());
        match (filled.next(), filled.next()) {
            // A head without a body is alone.
            (Some(part), None) => self.poll_write(cx, part),
            _ => Pin::new(&mut self.stream).poll_write_vectored(cx, parts),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Worded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    #[tokio::test]
    async fn a_bare_refusal_is_written_with_words_however_slowly_it_is_read() {
        let bare = bare(StatusCode::URI_TOO_LONG) + DATE;
        for before in ["", "HTTP/1.1 200 OK\r\n\r\nan answer"] {
            let (client, mut server) = tokio::io::duplex(7);
            let text = format!("{before}{bare}");
            let write = async {
                let mut stream = Worded::new(client);
                stream.write_all(text.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
                drop(stream);
            };
            let mut read = String::new();
            let (_, length) = tokio::join!(write, server.read_to_string(&mut read));
            length.unwrap();
            assert!(
                read.starts_with(&format!("{before}HTTP/1.1 414 ")),
                "{read}"
            );
            assert!(read.ends_with(r#"(maximum: 64 KiB)"}"#), "{read}");
            assert_eq!(read.matches("date: ").count(), 1, "{read}");
        }
    }

    #[test]
    fn other_bytes_are_written_as_they_are() {
        for text in [
            "",
            "\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 414 URI Too Long\r\ncontent-type: application/json\r\n\r\n",
        ] {
            assert_eq!(worded(text.as_bytes()), None, "{text}");
        }
    }
}
