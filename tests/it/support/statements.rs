//! The statements that a test's code sends to PostgreSQL.

use std::sync::{Arc, Mutex};

use tracing::{
    Dispatch, Event, Subscriber,
    dispatcher::DefaultGuard,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context, prelude::*};

/// What sqlx says of each statement from here on, COMMIT and ROLLBACK included; of BEGIN it says nothing. The test's runtime has one
/// thread, so all of them are this test's.
pub struct Counting {
    statements: Statements,
    _second: Dispatch,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

struct Summary(String);

impl Visit for Summary {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "summary" {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut summary = Summary(String::new());
            event.record(&mut summary);
            self.0.lock().unwrap().push(summary.0);
        }
    }
}

impl Counting {
    /// Begins to listen.
    pub fn start() -> Self {
        let statements = Statements::default();
        let of = |layer: &Statements| Dispatch::new(tracing_subscriber::registry().with(layer.clone()));
        // Where there is one dispatcher alone, a callsite that another test's thread meets first asks that thread's, which is none, and
        // stays silent for ever. So there are two.
        let second = of(&Statements::default());
        let guard = tracing::dispatcher::set_default(&of(&statements));
        Self { statements, _second: second, _guard: guard }
    }

    /// Those since the last time.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.statements.0.lock().unwrap())
    }
}
