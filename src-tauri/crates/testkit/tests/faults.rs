//! The fault proxy does what it says, and says what it does.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failure is the test's answer")]

use std::time::Duration;
use testkit::faults::{FaultProxy, Line, Way};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

/// A server that repeats every byte, and the proxy before it.
async fn line() -> FaultProxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut reads, mut writes) = stream.split();
                let _ = tokio::io::copy(&mut reads, &mut writes).await;
                let _ = writes.shutdown().await;
            });
        }
    });
    FaultProxy::start(address, 7).await.unwrap()
}

async fn echo(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(bytes).await?;
    let mut back = vec![0; bytes.len()];
    stream.read_exact(&mut back).await?;
    Ok(back)
}

#[tokio::test]
async fn a_whole_line_passes_everything_and_the_end() {
    let proxy = line().await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let all: Vec<u8> = (0..100_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let (mut reads, mut writes) = stream.split();
    let mut back = Vec::new();
    let (_, sent) = tokio::join!(reads.read_to_end(&mut back), async {
        writes.write_all(&all).await.unwrap();
        writes.shutdown().await
    });
    sent.unwrap();
    assert!(back == all);
    proxy.until(|seen| seen.standing == 0 && seen.up == 100_000 && seen.down == 100_000).await;
    assert_eq!(proxy.seen().reset, 0);
}

#[tokio::test]
async fn a_dead_line_takes_and_gives_nothing_and_loses_nothing() {
    let proxy = line().await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(echo(&mut stream, b"one").await.unwrap(), b"one");
    proxy.set(Line::Dead).await;
    stream.write_all(b"two").await.unwrap();
    let mut late = TcpStream::connect(proxy.address()).await.unwrap();
    proxy.until(|seen| seen.taken == 2).await;
    assert!(timeout(Duration::from_millis(100), stream.read_u8()).await.is_err(), "no byte, and no end");
    assert_eq!((proxy.seen().up, proxy.seen().standing), (3, 2));
    proxy.set(Line::Whole).await;
    let mut back = [0; 3];
    stream.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"two");
    assert_eq!(echo(&mut late, b"late").await.unwrap(), b"late");
}

#[tokio::test]
async fn a_cut_resets_and_refuses_until_it_is_whole_again() {
    let proxy = line().await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(echo(&mut stream, b"one").await.unwrap(), b"one");
    proxy.set(Line::Cut).await;
    let end = stream.read_u8().await.unwrap_err();
    assert_eq!(end.kind(), std::io::ErrorKind::ConnectionReset);
    let refused = TcpStream::connect(proxy.address()).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    proxy.set(Line::Whole).await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(echo(&mut stream, b"two").await.unwrap(), b"two");
    assert_eq!((proxy.seen().reset, proxy.seen().taken), (1, 2));
}

#[tokio::test]
async fn a_fuse_ends_in_the_middle() {
    for way in [Way::Up, Way::Down] {
        let proxy = line().await;
        proxy.set(Line::Fuse { way, bytes: 5 }).await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        stream.write_all(b"a frame").await.unwrap();
        let mut back = Vec::new();
        let end = stream.read_to_end(&mut back).await;
        // The reset may overtake what was not read yet.
        assert!(end.is_err() && b"a fra".starts_with(&back), "{end:?} {back:?}");
        proxy.until(|seen| seen.reset == 1).await;
        let seen = proxy.seen();
        assert_eq!(if way == Way::Up { seen.up } else { seen.down }, 5);
    }
}

#[tokio::test]
async fn a_slow_line_and_a_late_one_take_their_time() {
    let proxy = line().await;
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    let begin = Instant::now();
    proxy.set(Line::Slow { bytes_per_s: 1000 }).await;
    assert_eq!(echo(&mut stream, &[7; 300]).await.unwrap(), [7; 300]);
    assert!(begin.elapsed() >= Duration::from_millis(200), "{:?}", begin.elapsed());
    proxy.set(Line::Late { by: Duration::from_millis(150) }).await;
    let begin = Instant::now();
    assert_eq!(echo(&mut stream, b"later").await.unwrap(), b"later");
    assert!(begin.elapsed() >= Duration::from_millis(300), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn what_is_spoilt_is_counted_and_is_the_seeds() {
    let spoil = async || {
        let proxy = line().await;
        let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
        proxy.set(Line::Spoiling { one_in: 50 }).await;
        let back = echo(&mut stream, &[0; 2000]).await.unwrap();
        let changed = back.iter().filter(|byte| **byte != 0).count() as u64;
        let spoilt = proxy.seen().spoilt;
        // A byte may be changed on both ways.
        assert!(changed > 0 && changed <= spoilt && spoilt <= changed + 4, "{changed} {spoilt}");
        back
    };
    assert!(spoil().await == spoil().await);
}
