//! A connection that a test can break and mend, with a real server behind it.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use url::Url;

/// Passes bytes on to a server while it runs.
pub struct Proxy {
    target: String,
    address: SocketAddr,
    running: JoinHandle<()>,
}

impl Proxy {
    // A running one, on a port of its own.
    async fn to(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let running = tokio::spawn(pass_on(listener, target.clone()));
        Self { target, address, running }
    }

    /// One before the server of a URL, and the URL that leads through it: the rest stays as it is, the password above all.
    pub async fn before(url: &str) -> (Self, String) {
        let mut url = Url::parse(url).unwrap();
        let proxy = Self::to(format!("{}:{}", url.host_str().unwrap(), url.port().unwrap())).await;
        url.set_ip_host(proxy.address.ip()).unwrap();
        url.set_port(Some(proxy.address.port())).unwrap();
        (proxy, url.into())
    }

    /// Breaks what is connected and refuses what comes.
    pub fn stop(&self) {
        self.running.abort();
    }

    /// Listens at the same address again.
    pub async fn start(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.running = tokio::spawn(pass_on(listener, self.target.clone()));
    }
}

// Its connections end with it: they belong to the set that is dropped with the task.
async fn pass_on(listener: TcpListener, target: String) {
    let mut connections = JoinSet::new();
    while let Ok((mut from, _)) = listener.accept().await {
        let target = target.clone();
        connections.spawn(async move {
            if let Ok(mut to) = TcpStream::connect(target).await {
                let _ = copy_bidirectional(&mut from, &mut to).await;
            }
        });
    }
}
