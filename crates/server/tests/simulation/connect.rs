//! A client's sockets in the simulated network: the WebSocket, and a request for a snapshot.

use http::Request;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use tasktree_protocol::{Cursor, TaskCard};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};
use turmoil::net::TcpStream;

use crate::server::{PORT, SNAPSHOT};

pub(crate) type Socket = WebSocketStream<TcpStream>;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The host name of the server's machine.
pub(crate) const SERVER: &str = "server";
/// What a request calls it: the server answers for addresses.
const HOST: &str = "127.0.0.1:8000";

/// Opens a socket; gives the subprotocol that the server chose, too.
pub(crate) async fn open(protocols: Vec<&'static str>) -> Outcome<(Socket, String)> {
    let mut request = format!("ws://{HOST}/ws/updates").into_client_request()?;
    if !protocols.is_empty() {
        let wanted = protocols.join(", ").parse()?;
        request
            .headers_mut()
            .insert("sec-websocket-protocol", wanted);
    }
    let tcp = TcpStream::connect((SERVER, PORT)).await?;
    let (socket, answer) = client_async(request, tcp).await?;
    let chosen = answer.headers().get("sec-websocket-protocol");
    let chosen = chosen.map_or(Ok(""), |value| value.to_str())?;
    Ok((socket, chosen.to_owned()))
}

/// Fetches the project's cards, and where they were taken.
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
