//! The follower's WebSocket.

use std::net::SocketAddr;

use anyhow::Result;
use futures_util::StreamExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

pub(super) type Socket = WebSocketStream<TcpStream>;

/// Opens one, and says which of the protocols the server chose; nothing where it chose none.
pub(super) async fn connect(address: SocketAddr, protocols: &[&str]) -> Result<(Socket, String)> {
    let mut request = format!("ws://{address}/ws/updates").into_client_request()?;
    if !protocols.is_empty() {
        let wanted = protocols.join(", ").parse()?;
        request
            .headers_mut()
            .insert("sec-websocket-protocol", wanted);
    }
    let tcp = TcpStream::connect(address).await?;
    let (socket, answer) = client_async(request, tcp).await?;
    let chosen = answer.headers().get("sec-websocket-protocol");
    let chosen = chosen.map_or(Ok(""), |value| value.to_str())?;
    Ok((socket, chosen.to_owned()))
}

/// The next message; `None` where the socket has ended. Without a socket it waits for ever.
pub(super) async fn next(socket: &mut Option<(u64, Socket)>) -> Option<Message> {
    match socket {
        Some((_, socket)) => socket.next().await?.ok(),
        None => std::future::pending().await,
    }
}
