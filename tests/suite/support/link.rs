//! The way to a server that can be cut, and joined again at the same address.

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

pub struct Link {
    pub port: u16,
    server: u16,
    carrying: Option<JoinHandle<()>>,
}

impl Link {
    /// To the port of a server on this machine.
    pub async fn to(server: u16) -> Link {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let carrying = Some(tokio::spawn(carry(listener, server)));
        Link {
            port,
            server,
            carrying,
        }
    }

    /// Every connection breaks, and none is taken until it is joined.
    pub async fn cut(&mut self) {
        if let Some(carrying) = self.carrying.take() {
            carrying.abort();
            let _ = carrying.await;
        }
    }

    pub async fn join(&mut self) {
        self.cut().await;
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        self.carrying = Some(tokio::spawn(carry(listener, self.server)));
    }
}

async fn carry(listener: TcpListener, server: u16) {
    // They end with this task.
    let mut ways = JoinSet::new();
    while let Ok((mut client, _)) = listener.accept().await {
        ways.spawn(async move {
            if let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)).await {
                let _ = copy_bidirectional(&mut client, &mut server).await;
            }
        });
    }
}
