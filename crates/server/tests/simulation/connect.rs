//! A client's sockets in the simulated network: the WebSocket, and a request for a snapshot.

use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use tasktree_protocol::frame::board_socket;
use tasktree_protocol::{Cursor, TaskCard};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};
use turmoil::net::TcpStream;

use crate::server::{PORT, SNAPSHOT};

pub(crate) type Socket = WebSocketStream<TcpStream>;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The host name of the server's machine.
pub(crate) const SERVER: &str = "server";
/// Host in requests: the server answers for addresses.
const HOST: &str = "127.0.0.1:8000";

/// Opens a socket that speaks `board.v1`.
pub(crate) async fn open() -> Outcome<Socket> {
    let url = board_socket(&format!("ws://{HOST}/ws/updates"));
    let tcp = TcpStream::connect((SERVER, PORT)).await?;
    let (socket, _) = client_async(url.into_client_request()?, tcp).await?;
    Ok(socket)
}

/// Fetches the project's cards, with their cursor.
pub(crate) async fn snapshot() -> Outcome<(Vec<TaskCard>, Cursor)> {
    let tcp = TcpStream::connect((SERVER, PORT)).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tcp)).await?;
    let request = Request::get(SNAPSHOT)
        .header("host", HOST)
        .body(Empty::<bytes::Bytes>::new())?;
    let asking = async {
        let answer = sender.send_request(request).await?;
        if !answer.status().is_success() {
            return Err(format!("it answered {}", answer.status()).into());
        }
        let header = |name: &str| {
            let value = answer.headers().get(name).ok_or("no position")?;
            Outcome::Ok(value.to_str()?.to_owned())
        };
        let cursor = Cursor::new(
            header("stream-epoch")?.as_str().into(),
            header("stream-seq")?.parse()?,
        );
        let body = answer.into_body().collect().await?.to_bytes();
        Outcome::Ok((serde_json::from_slice(&body)?, cursor))
    };
    tokio::select! {
        biased;
        answer = asking => answer,
        ended = connection => {
            ended?;
            Err("the server ended the connection".into())
        }
    }
}
