//! How far one call has come: the client does not tell, so the resolver and the connector note it here.

use std::{
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use tower_layer::Layer;
use tower_service::Service;

tokio::task_local! {
    /// The call of this task.
    static CURRENT: Arc<Trace>;
}

#[derive(Debug, Default)]
pub struct Trace {
    /// The resolver has not answered yet.
    resolving: AtomicBool,
    /// A connection was made for this call: it did not go over one that was kept.
    connected: AtomicBool,
    /// What its host was resolved to.
    addresses: Mutex<Vec<IpAddr>>,
}

impl Trace {
    /// The call that this task makes. The client asks resolver and connector first from there, before it may carry on elsewhere.
    pub fn current() -> Arc<Trace> {
        CURRENT.try_with(Arc::clone).unwrap_or_default()
    }

    fn is_current(self: &Arc<Self>) -> bool {
        CURRENT
            .try_with(|current| Arc::ptr_eq(current, self))
            .unwrap_or(false)
    }

    pub async fn follow<F: Future>(self: &Arc<Self>, call: F) -> F::Output {
        CURRENT.scope(self.clone(), call).await
    }

    pub fn resolving(&self) -> bool {
        self.resolving.load(Relaxed)
    }

    pub fn connected(&self) -> bool {
        self.connected.load(Relaxed)
    }

    pub fn resolves(&self) {
        self.resolving.store(true, Relaxed);
    }

    pub fn resolved(&self, addresses: &[IpAddr]) {
        self.resolving.store(false, Relaxed);
        *self.list() = addresses.to_vec();
    }

    pub fn addresses(&self) -> Vec<IpAddr> {
        self.list().clone()
    }

    fn list(&self) -> std::sync::MutexGuard<'_, Vec<IpAddr>> {
        self.addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Notes when a connection stands, TLS included.
#[derive(Debug, Clone, Copy)]
pub struct Watch;

impl<S> Layer<S> for Watch {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Watched<S> {
        Watched(inner)
    }
}

#[derive(Debug, Clone)]
pub struct Watched<S>(S);

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let trace = Trace::current();
        let connecting = self.0.call(request);
        Box::pin(async move {
            let connection = connecting.await?;
            // Where a kept connection became free first, the call goes over that, and another task finishes this one.
            if trace.is_current() {
                trace.connected.store(true, Relaxed);
            }
            Ok(connection)
        })
    }
}
