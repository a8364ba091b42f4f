//! The receiver of chaos: holds each call for a while, writes down every arrival, knows how many it holds right now.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{Json, Router, extract::State, http::HeaderMap, routing::post};
use serde_json::Value;

#[derive(Clone)]
pub struct Endpoint {
    pub url: String,
    book: Arc<Book>,
}

struct Book {
    hold: Duration,
    held: AtomicUsize,
    /// Webhook ids (the header) by the caller's key: one for each arrival.
    arrivals: Mutex<HashMap<String, Vec<String>>>,
}

/// A call that is being held; ends with the answer or with the connection.
struct Held(Arc<Book>);

impl Held {
    fn new(book: Arc<Book>) -> Held {
        book.held.fetch_add(1, SeqCst);
        Held(book)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.held.fetch_sub(1, SeqCst);
    }
}

impl Endpoint {
    pub async fn start(hold: Duration) -> Endpoint {
        let book = Arc::new(Book {
            hold,
            held: AtomicUsize::new(0),
            arrivals: Mutex::default(),
        });
        let app = Router::new()
            .route("/hook", post(take))
            .with_state(book.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Endpoint { url, book }
    }

    /// How many calls it holds this moment.
    pub fn held(&self) -> usize {
        self.book.held.load(SeqCst)
    }

    /// Webhook ids by the caller's key: one for each arrival.
    pub fn arrivals(&self) -> HashMap<String, Vec<String>> {
        self.book.arrivals.lock().unwrap().clone()
    }
}

/// What has arrived counts, answered or not: an endpoint would have acted on it.
async fn take(State(book): State<Arc<Book>>, headers: HeaderMap, Json(body): Json<Value>) {
    let _held = Held::new(book.clone());
    let id = headers["webhook-id"].to_str().unwrap().to_string();
    let key = body["key"].as_str().unwrap().to_string();
    book.arrivals
        .lock()
        .unwrap()
        .entry(key)
        .or_default()
        .push(id);
    tokio::time::sleep(book.hold).await;
}
