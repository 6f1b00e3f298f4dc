//! A WebSocket client that hides nothing: it shows each frame as it came, compressed or not, and
//! sends any bits.
//!
//! Its deflate is flate2's, and shares nothing with the server's WebSocket library.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where it goes wrong"
)]

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::TestServer;
use crate::ws_client::PATIENCE;

/// End of a block that is left out of every message (RFC 7692, 7.2.1).
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

pub(crate) const TEXT: u8 = 1;
pub(crate) const CONTINUATION: u8 = 0;
const CLOSE: u8 = 8;

/// A frame as it came.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) opcode: u8,
    /// Bit that says "this is compressed" (RSV1).
    pub(crate) compressed: bool,
    pub(crate) payload: Vec<u8>,
    /// Number of all its bytes, the frame's head included.
    pub(crate) wire: usize,
}

impl Frame {
    /// Returns the text of a frame, inflated if it is compressed.
    pub(crate) fn text(&self) -> String {
        assert_eq!(self.opcode, TEXT, "{self:?}");
        let bytes = if self.compressed {
            inflate(&self.payload)
        } else {
            self.payload.clone()
        };
        String::from_utf8(bytes).expect("text is UTF-8")
    }
}

pub(crate) struct RawClient {
    socket: TcpStream,
    /// The server's answer to the offer of extensions; empty for none.
    pub(crate) extensions: String,
}

impl RawClient {
    /// Upgrades to `board.v1` with this offer of extensions.
    pub(crate) async fn connect(server: &TestServer, offer: Option<&str>) -> Self {
        let mut socket = TcpStream::connect(server.address).await.unwrap();
        let offer = offer.map_or_else(String::new, |offer| {
            format!("Sec-WebSocket-Extensions: {offer}\r\n")
        });
        let request = format!(
            "GET /ws/updates HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: board.v1\r\n{offer}\r\n",
            server.address
        );
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(socket.read_u8().await.expect("an answer"));
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        let extensions = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-extensions"))
            .map(|(_, value)| value.to_owned())
            .unwrap_or_default();
        Self { socket, extensions }
    }

    /// Connects and is live on `alpha`, reading batches.
    pub(crate) async fn live(server: &TestServer, offer: Option<&str>) -> Self {
        let mut client = Self::connect(server, offer).await;
        let hello = json!({"client": "raw", "subs": [{"stream": "alpha"}], "caps": ["batch"]});
        client
            .send(&json!({"type": "sys.hello", "data": hello}))
            .await;
        client.expect("sys.welcome").await;
        client.expect("sys.live").await;
        client
    }

    /// Sends JSON, not compressed.
    pub(crate) async fn send(&mut self, frame: &Value) {
        self.send_frame(TEXT, true, false, frame.to_string().as_bytes())
            .await;
    }

    /// Sends JSON, compressed.
    pub(crate) async fn send_compressed(&mut self, frame: &Value) {
        let payload = deflate(frame.to_string().as_bytes());
        self.send_frame(TEXT, true, true, &payload).await;
    }

    /// Sends a frame with these bits. A server that has closed already is no failure here.
    pub(crate) async fn send_frame(
        &mut self,
        opcode: u8,
        fin: bool,
        compressed: bool,
        payload: &[u8],
    ) {
        let mut frame = vec![u8::from(fin) << 7 | u8::from(compressed) << 6 | opcode];
        match payload.len() {
            short @ 0..126 => frame.push(0x80 | short as u8),
            middle @ 126..65536 => {
                frame.push(0x80 | 126);
                frame.extend((middle as u16).to_be_bytes());
            }
            long => {
                frame.push(0x80 | 127);
                frame.extend((long as u64).to_be_bytes());
            }
        }
        let mask = [7, 77, 177, 207];
        frame.extend(mask);
        frame.extend(
            payload
                .iter()
                .zip(mask.iter().cycle())
                .map(|(byte, mask)| byte ^ mask),
        );
        let _ = timeout(PATIENCE, self.socket.write_all(&frame))
            .await
            .expect("the server reads");
    }

    /// Returns the next frame, whatever it is; `None` at the end.
    pub(crate) async fn frame(&mut self) -> Option<Frame> {
        timeout(PATIENCE, self.read_frame())
            .await
            .expect("a frame in time")
            .ok()
    }

    async fn read_frame(&mut self) -> std::io::Result<Frame> {
        let first = self.socket.read_u8().await?;
        assert_eq!(
            first & 0xb0,
            0x80,
            "the server fragments nothing and sets no unknown bit"
        );
        let (head, length) = match self.socket.read_u8().await? {
            126 => (4, usize::from(self.socket.read_u16().await?)),
            127 => (10, self.socket.read_u64().await? as usize),
            short => (2, usize::from(short)),
        };
        let mut payload = vec![0; length];
        self.socket.read_exact(&mut payload).await?;
        Ok(Frame {
            opcode: first & 0xf,
            compressed: first & 0x40 != 0,
            payload,
            wire: head + length,
        })
    }

    /// Returns the data of the next frame, which must be of that type.
    pub(crate) async fn expect(&mut self, kind: &str) -> Value {
        let frame = self.frame().await.expect("a frame");
        let mut frame: Value = serde_json::from_str(&frame.text()).expect("frames are JSON");
        assert_eq!(frame["type"], kind, "{frame}");
        frame["data"].take()
    }

    /// Reads on to the end, and returns the close code.
    pub(crate) async fn close_code(&mut self) -> u16 {
        while let Some(frame) = self.frame().await {
            if frame.opcode == CLOSE {
                return frame
                    .payload
                    .first_chunk()
                    .map_or(1005, |code| u16::from_be_bytes(*code));
            }
        }
        1006
    }
}

/// Returns one message, compressed by itself.
pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    deflate_parts([bytes])
}

/// Returns that many zeros, compressed: a thousandth of them, and less.
pub(crate) fn bomb(zeros: usize) -> Vec<u8> {
    let block = vec![0; 64 << 10];
    deflate_parts(std::iter::repeat_n(&block[..], zeros / block.len()))
}

fn deflate_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut state = Compress::new(Compression::best(), false);
    let mut output = Vec::with_capacity(1 << 10);
    let mut step = |input: &[u8], flush| {
        let mut rest = input;
        loop {
            output.reserve(1 << 10);
            let before = state.total_in();
            state.compress_vec(rest, &mut output, flush).unwrap();
            rest = &rest[(state.total_in() - before) as usize..];
            // Free room in the output means that there is nothing more to write.
            if rest.is_empty() && output.len() < output.capacity() {
                return;
            }
        }
    };
    for part in parts {
        step(part, FlushCompress::None);
    }
    step(&[], FlushCompress::Sync);
    assert!(output.ends_with(&TAIL));
    output.truncate(output.len() - TAIL.len());
    output
}

/// Returns one message, inflated without the context of earlier ones.
fn inflate(payload: &[u8]) -> Vec<u8> {
    let mut state = Decompress::new(false);
    let mut output = Vec::with_capacity(256 << 10);
    let input: Vec<u8> = payload.iter().copied().chain(TAIL).collect();
    let status = state
        .decompress_vec(&input, &mut output, FlushDecompress::Sync)
        .expect("the server's deflate can be inflated by itself");
    assert_eq!(status, Status::Ok);
    assert_eq!(
        state.total_in(),
        input.len() as u64,
        "a message larger than a batch may be"
    );
    output
}
