//! Stopping: the listener closes first, what runs is finished, and nobody is cut off.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, routing::get};
use ecommerce::infra::{
    listener::ClosingListener,
    shutdown::{Phase, Stage},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
    time::{Instant, sleep, timeout},
};

use crate::support::TestShop;

const LINGER: Duration = Duration::from_secs(2);

struct Running {
    address: SocketAddr,
    phase: Phase,
    server: JoinHandle<()>,
}

async fn serve(routes: Router, phase: Phase) -> Running {
    let listener = ClosingListener::bind(([127, 0, 0, 1], 0).into(), phase.clone()).await.unwrap();
    let address = axum::serve::Listener::local_addr(&listener).unwrap();
    let drained = listener.drained(LINGER);
    let serving = axum::serve(listener, routes).with_graceful_shutdown(drained);
    let server = tokio::spawn(async move { serving.await.unwrap() });
    Running { address, phase, server }
}

fn slow() -> Router {
    let answer = async || {
        sleep(Duration::from_millis(600)).await;
        "done"
    };
    Router::new().route("/slow", get(answer)).route("/", get(async || "quick"))
}

async fn send(stream: &mut TcpStream, path: &str) {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await.unwrap();
}

async fn receive(stream: &mut TcpStream) -> String {
    let mut buffer = vec![0; 16 * 1024];
    let length = timeout(Duration::from_secs(5), stream.read(&mut buffer)).await.unwrap().unwrap();
    String::from_utf8_lossy(&buffer[..length]).into_owned()
}

#[tokio::test]
async fn a_request_that_runs_is_finished_while_new_connections_are_refused() {
    let running = serve(slow(), Phase::default()).await;
    let mut busy = TcpStream::connect(running.address).await.unwrap();
    send(&mut busy, "/slow").await;
    sleep(Duration::from_millis(100)).await;

    running.phase.advance(Stage::Draining);
    sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(running.address).await.is_err(), "the socket is closed first");
    assert!(receive(&mut busy).await.ends_with("done"));

    drop(busy);
    timeout(Duration::from_millis(500), running.server).await.expect("it ends with its last connection").unwrap();
}

#[tokio::test]
async fn what_the_kernel_has_queued_is_still_served() {
    let phase = Phase::default();
    let listener = ClosingListener::bind(([127, 0, 0, 1], 0).into(), phase.clone()).await.unwrap();
    let address = axum::serve::Listener::local_addr(&listener).unwrap();
    // Connected and sent, but nobody has accepted yet.
    let mut queued = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        send(&mut stream, "/").await;
        queued.push(stream);
    }
    phase.advance(Stage::Draining);
    let drained = listener.drained(LINGER);
    tokio::spawn(async move { axum::serve(listener, slow()).with_graceful_shutdown(drained).await });
    for mut stream in queued {
        assert!(receive(&mut stream).await.ends_with("quick"));
    }
}

#[tokio::test]
async fn a_kept_connection_is_told_to_close_with_its_next_answer() {
    let shop = TestShop::new().await;
    let running = serve(shop.router(), shop.app.phase.clone()).await;
    let mut kept = TcpStream::connect(running.address).await.unwrap();
    send(&mut kept, "/healthz").await;
    assert!(!receive(&mut kept).await.to_lowercase().contains("connection: close"));

    running.phase.advance(Stage::Draining);
    sleep(Duration::from_millis(50)).await;
    send(&mut kept, "/readyz").await;
    let answer = receive(&mut kept).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
    assert_eq!(receive(&mut kept).await, "", "and then the server closes it");
    timeout(Duration::from_secs(1), running.server).await.expect("nothing is left to wait for").unwrap();
}

#[tokio::test]
async fn an_idle_connection_delays_the_end_by_the_linger_at_most() {
    let running = serve(slow(), Phase::default()).await;
    let _idle = TcpStream::connect(running.address).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let told = Instant::now();
    running.phase.advance(Stage::Draining);
    timeout(LINGER * 2, running.server).await.expect("it ends").unwrap();
    assert!(told.elapsed() >= LINGER, "a client that is about to send is waited for");
}
