//! Keeps the layers of a request cheap. Each of axum's `from_fn` clones all that lies below it, once a request: of twenty layers the
//! innermost would be cloned twenty times, with every name, key and list that it holds. Below a [`Shared`] it is a count that goes up.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use tower::{Layer, Service, ServiceExt, util::Oneshot};

/// This layer below one that lets what lies above it share it with all below.
pub const fn shared<L>(layer: L) -> (Shared, L) {
    (Shared, layer)
}

/// What lies below is shared between its clones, and cloned only to be called.
#[derive(Clone, Copy, Debug)]
pub struct Shared;

/// A service below a [`Shared`].
#[derive(Debug)]
pub struct SharedService<S>(Arc<S>);

impl<S> Layer<S> for Shared {
    type Service = SharedService<S>;

    fn layer(&self, inner: S) -> SharedService<S> {
        SharedService(Arc::new(inner))
    }
}

// Not derived: what is below is not cloned with it.
impl<S> Clone for SharedService<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Service<R> + Clone, R> Service<R> for SharedService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, R>;

    // Whether what is below is ready is found out when it is called.
    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        S::clone(&self.0).oneshot(request)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        sync::atomic::{AtomicUsize, Ordering},
    };

    use axum::{
        Router,
        body::Body,
        extract::Request,
        middleware::{Next, from_fn},
        response::{IntoResponse, Response},
        routing::get,
    };
    use tower::{ServiceBuilder, layer::layer_fn};

    use super::*;

    static CLONES: AtomicUsize = AtomicUsize::new(0);

    /// The innermost layer, which counts how often it is cloned.
    struct Counting<S>(S);

    impl<S: Clone> Clone for Counting<S> {
        fn clone(&self) -> Self {
            CLONES.fetch_add(1, Ordering::Relaxed);
            Self(self.0.clone())
        }
    }

    impl<S: Service<Request, Response = Response, Error = Infallible>> Service<Request> for Counting<S> {
        type Response = Response;
        type Error = Infallible;
        type Future = S::Future;

        fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            self.0.poll_ready(context)
        }

        fn call(&mut self, request: Request) -> S::Future {
            self.0.call(request)
        }
    }

    async fn pass(request: Request, next: Next) -> Response {
        next.run(request).await
    }

    #[tokio::test]
    async fn a_request_clones_a_layer_below_once_however_many_lie_above() {
        let layers = ServiceBuilder::new()
            .layer(shared(from_fn(pass)))
            .layer(shared(from_fn(pass)))
            .layer(shared(from_fn(pass)))
            .layer(shared(layer_fn(Counting)));
        let router: Router = Router::new().route("/", get(async || "here".into_response())).layer(layers);
        let before = CLONES.load(Ordering::Relaxed);
        let answer = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(CLONES.load(Ordering::Relaxed) - before, 1);
    }
}
