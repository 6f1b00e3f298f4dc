//! Tests of the proxy that breaks on demand, which other tests rely on.

use std::io::ErrorKind;
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tasktree_e2e::Proxy;
use tasktree_e2e::proxy::{Cut, Direction, Weather};
use tasktree_e2e::wait::{PATIENCE, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// A connection through a proxy, with both of its ends.
struct Ends {
    proxy: Proxy,
    listener: TcpListener,
    client: TcpStream,
    server: TcpStream,
}

impl Ends {
    async fn connect() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Proxy::start(listener.local_addr()?).await?;
        let (client, server) = pair(&proxy, &listener).await?;
        Ok(Self {
            proxy,
            listener,
            client,
            server,
        })
    }
}

async fn pair(proxy: &Proxy, listener: &TcpListener) -> Result<(TcpStream, TcpStream)> {
    let client = TcpStream::connect(proxy.address()).await?;
    let (server, _) = timeout(PATIENCE, listener.accept()).await??;
    Ok((client, server))
}

/// Reads the next `count` bytes.
async fn read(socket: &mut TcpStream, count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    timeout(PATIENCE, socket.read_exact(&mut bytes))
        .await
        .context("bytes do not come in time")??;
    Ok(bytes)
}

/// Reads everything up to the end. Returns the bytes and the kind of the error, or none for an
/// orderly end.
async fn read_to_end(socket: &mut TcpStream) -> Result<(Vec<u8>, Option<ErrorKind>)> {
    let mut bytes = Vec::new();
    let outcome = timeout(PATIENCE, socket.read_to_end(&mut bytes)).await?;
    Ok((bytes, outcome.err().map(|error| error.kind())))
}

/// Returns bytes without repeating patterns.
fn noise(count: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(7);
    (0..count).map(|_| random.u8(..)).collect()
}

#[tokio::test]
async fn in_fair_weather_everything_arrives_in_order_and_so_does_the_end() -> Result<()> {
    let Ends {
        mut client,
        mut server,
        proxy,
        ..
    } = Ends::connect().await?;
    let sent = noise(3 << 20);
    let (up, down) = (sent.clone(), sent.clone());
    let (mut from_client, mut to_client) = server.split();
    let (mut from_server, mut to_server) = client.split();
    let writing = async {
        to_server.write_all(&up).await?;
        to_server.shutdown().await?;
        to_client.write_all(&down).await?;
        to_client.shutdown().await
    };
    let (mut at_server, mut at_client) = (Vec::new(), Vec::new());
    let reading = async {
        tokio::try_join!(
            from_client.read_to_end(&mut at_server),
            from_server.read_to_end(&mut at_client)
        )
    };
    timeout(PATIENCE, async { tokio::try_join!(writing, reading) }).await??;
    assert!(at_server == sent && at_client == sent);
    until("the link is forgotten", PATIENCE, || async {
        Ok(proxy.links().is_empty().then_some(()))
    })
    .await?;
    assert_eq!((proxy.accepted(), proxy.most_links()), (1, 1));
    Ok(())
}

#[tokio::test]
async fn a_cut_is_an_end_or_an_error_for_both_as_it_was_ordered() -> Result<()> {
    for (how, expected) in [
        (Cut::Fin, None),
        (Cut::Reset, Some(ErrorKind::ConnectionReset)),
    ] {
        let mut ends = Ends::connect().await?;
        ends.client.write_all(b"before").await?;
        assert_eq!(read(&mut ends.server, 6).await?, b"before");
        ends.proxy.cut(how);
        for socket in [&mut ends.client, &mut ends.server] {
            let (rest, end) = read_to_end(socket).await?;
            assert_eq!((rest.len(), end), (0, expected), "{how:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_black_hole_swallows_one_direction_for_good_and_tells_nobody() -> Result<()> {
    let mut ends = Ends::connect().await?;
    ends.proxy.set(Direction::ToServer, Weather::HOLE);
    ends.client.write_all(b"lost").await?;
    // The other direction works, so the socket is open for both.
    ends.server.write_all(b"still here").await?;
    assert_eq!(read(&mut ends.client, 10).await?, b"still here");
    let link = ends.proxy.links().pop().context("a link")?;
    assert_eq!(link.passed(Direction::ToServer), 0);

    ends.proxy.set_all(Weather::FAIR);
    ends.client.write_all(b"after the hole").await?;
    let (mut client, mut server) = pair(&ends.proxy, &ends.listener).await?;
    client.write_all(b"a new link").await?;
    assert_eq!(read(&mut server, 10).await?, b"a new link");
    assert_eq!(link.passed(Direction::ToServer), 0, "TCP has no holes");
    // The end is swallowed too: the server does not learn that the client has gone.
    drop(ends.client);
    client.write_all(b"later").await?;
    assert_eq!(read(&mut server, 5).await?, b"later");
    let nothing = ends
        .server
        .try_read(&mut [0; 8])
        .map_err(|error| error.kind());
    assert_eq!(nothing, Err(ErrorKind::WouldBlock));
    Ok(())
}

#[tokio::test]
async fn what_is_held_comes_later_and_whole() -> Result<()> {
    let mut ends = Ends::connect().await?;
    ends.proxy.set(Direction::ToClient, Weather::HELD);
    let sent = noise(100_000);
    ends.server.write_all(&sent).await?;
    ends.server.shutdown().await?;
    ends.client.write_all(b"forth").await?;
    assert_eq!(read(&mut ends.server, 5).await?, b"forth");
    let link = ends.proxy.links().pop().context("a link")?;
    assert_eq!(link.passed(Direction::ToClient), 0);
    ends.proxy.set(Direction::ToClient, Weather::FAIR);
    assert_eq!(read_to_end(&mut ends.client).await?, (sent, None));
    Ok(())
}

#[tokio::test]
async fn bytes_are_late_by_the_delay_and_as_slow_as_the_rate() -> Result<()> {
    let mut ends = Ends::connect().await?;
    let delay = Duration::from_millis(120);
    ends.proxy.set(
        Direction::ToServer,
        Weather {
            delay,
            ..Weather::FAIR
        },
    );
    let began = Instant::now();
    ends.client.write_all(b"late").await?;
    read(&mut ends.server, 4).await?;
    assert!(began.elapsed() >= delay);

    ends.proxy.set(
        Direction::ToServer,
        Weather {
            bytes_per_second: NonZeroU32::new(20_000),
            ..Weather::FAIR
        },
    );
    let began = Instant::now();
    ends.client.write_all(&noise(5_000)).await?;
    assert_eq!(read(&mut ends.server, 5_000).await?, noise(5_000));
    // A quarter of a second, except for the first slice, which arrives at once.
    assert!(began.elapsed() >= Duration::from_millis(220));
    Ok(())
}

#[tokio::test]
async fn after_so_many_bytes_a_link_ends_in_the_middle_of_what_was_sent() -> Result<()> {
    let mut ends = Ends::connect().await?;
    ends.client.write_all(b"whole ").await?;
    read(&mut ends.server, 6).await?;
    let link = ends.proxy.links().pop().context("a link")?;
    link.cut_after(Direction::ToServer, 4, Cut::Fin);
    ends.client.write_all(b"half a frame").await?;
    let (came, end) = read_to_end(&mut ends.server).await?;
    assert_eq!((came.as_slice(), end), (&b"half"[..], None));
    Ok(())
}

#[tokio::test]
async fn a_flapping_network_cuts_and_refuses_and_is_there_again_at_the_end() -> Result<()> {
    let mut ends = Ends::connect().await?;
    let mut flapping = ends
        .proxy
        .flap(Duration::from_millis(20), Duration::from_millis(20));
    let (_, end) = read_to_end(&mut ends.client).await?;
    assert_eq!(end, Some(ErrorKind::ConnectionReset));
    timeout(PATIENCE, flapping.until_gone(3)).await?;
    drop(flapping);
    let (mut client, mut server) = pair(&ends.proxy, &ends.listener).await?;
    client.write_all(b"there").await?;
    assert_eq!(read(&mut server, 5).await?, b"there");
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_not_there_is_not_there_through_the_proxy_either() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let proxy = Proxy::start(listener.local_addr()?).await?;
    drop(listener);
    let mut client = TcpStream::connect(proxy.address()).await?;
    let (_, end) = read_to_end(&mut client).await?;
    assert_eq!(end, Some(ErrorKind::ConnectionReset));
    Ok(())
}
