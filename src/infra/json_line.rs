//! A log line as one flat JSON object: time, level, target, the fields of the spans around it (the request id among them), its own.

use std::{borrow::Cow, fmt, ops::Range};

use serde::{
    Deserializer, Serialize,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use time::{OffsetDateTime, format_description::StaticFormatDescription, macros::format_description};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, format::Writer},
    registry::LookupSpan,
};

// RFC 3339 in UTC, always to the millisecond, so that lines align and sort.
const TIME: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// The format. Fields of spans have to be written by `JsonFields`.
#[derive(Clone, Copy, Debug)]
pub struct JsonLine;

// In the order in which they were said, time first. The values are written one behind the other as JSON: there is a line a request.
#[derive(Default)]
struct Line {
    fields: Vec<(Cow<'static, str>, Range<usize>)>,
    values: Vec<u8>,
}

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Line::default();
        line.put("time", &OffsetDateTime::now_utc().format(TIME).unwrap_or_default());
        line.put("level", event.metadata().level().as_str());
        line.put("target", event.metadata().target());
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<N>>().map_or("", |fields| fields.fields.as_str());
            // A span without fields has none to say.
            let _ = serde_json::Deserializer::from_str(fields).deserialize_map(Taken(&mut line));
        }
        event.record(&mut line);
        line.write(&mut writer)
    }
}

impl Line {
    // What is said later wins, so that no name stands twice.
    fn put(&mut self, name: impl Into<Cow<'static, str>>, value: &(impl Serialize + ?Sized)) {
        let (name, start) = (name.into(), self.values.len());
        if serde_json::to_writer(&mut self.values, value).is_err() {
            self.values.truncate(start);
            return;
        }
        let written = start..self.values.len();
        match self.fields.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = written,
            None => self.fields.push((name, written)),
        }
    }

    fn write(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let mut separator = '{';
        for (name, value) in &self.fields {
            let name = serde_json::to_string(name).map_err(|_| fmt::Error)?;
            let value = self.values.get(value.clone()).and_then(|bytes| str::from_utf8(bytes).ok());
            write!(writer, "{separator}{name}:{}", value.ok_or(fmt::Error)?)?;
            separator = ',';
        }
        writer.write_str("}\n")
    }
}

// The fields of a span, as they were written.
struct Taken<'a>(&'a mut Line);

impl<'de> Visitor<'de> for Taken<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the fields of a span")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            self.0.put(name, value);
        }
        Ok(())
    }
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field.name(), &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            // Lines of libraries that log by `log` come with where they stood in the source; the module is enough.
            "log.target" => self.put("target", value),
            name if name.starts_with("log.") => {}
            name => self.put(name, value),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field.name(), &value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() != "log.line" {
            self.put(field.name(), &value);
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field.name(), &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field.name(), &value);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Write},
        sync::{Arc, Mutex},
    };

    use tracing_subscriber::{
        fmt::{self, format::JsonFields},
        layer::SubscriberExt,
    };

    use serde_json::Value;

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    // What a program that logs so has written.
    fn written(program: impl FnOnce()) -> String {
        let kept = Kept::default();
        let writer = kept.clone();
        let layer =
            fmt::layer().event_format(JsonLine).fmt_fields(JsonFields::new()).with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), program);
        let bytes = kept.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_line_carries_the_id_of_its_request_and_stays_one_line() {
        let text = written(|| {
            let _request = tracing::info_span!("request", request_id = "abc").entered();
            let _inner = tracing::info_span!("call").entered();
            tracing::info!(status = 200_u16, "two\nlines \"quoted\"");
        });
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["request_id"], &line["status"]), (&"abc".into(), &200.into()));
        assert_eq!(line["message"], "two\nlines \"quoted\"");
        assert!(text.starts_with("{\"time\":\"2"), "{text}");
    }

    #[test]
    fn a_name_stands_once_with_what_was_said_last() {
        let text = written(|| {
            let _outer = tracing::info_span!("request", order = "first \"quoted\"", ip = "::1").entered();
            tracing::info!(order = 7_i64, part = 0.5_f64, given = true, "said");
        });
        assert_eq!(text.matches("\"order\"").count(), 1, "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["order"], &line["ip"]), (&7.into(), &"::1".into()));
        assert_eq!((&line["part"], &line["given"]), (&0.5.into(), &true.into()));
    }
}
