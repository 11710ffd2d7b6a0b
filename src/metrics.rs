//! Counts of what happens, and the text in which Prometheus reads them (exposition format 0.0.4). Knows nothing of what is counted.
//! A label's value of a count is written in the code, never taken from a request: so no count can carry a name or an address.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// A count for each combination of label values that came up.
#[derive(Debug)]
pub struct Counts<const N: usize> {
    name: &'static str,
    help: &'static str,
    labels: [&'static str; N],
    counts: RwLock<BTreeMap<[&'static str; N], AtomicU64>>,
}

impl<const N: usize> Counts<N> {
    /// Nothing counted yet. The name ends in `_total`.
    pub const fn new(name: &'static str, help: &'static str, labels: [&'static str; N]) -> Self {
        Self { name, help, labels, counts: RwLock::new(BTreeMap::new()) }
    }

    /// One more.
    pub fn add(&self, values: [&'static str; N]) {
        if let Some(count) = self.counts.read().unwrap_or_else(PoisonError::into_inner).get(&values) {
            count.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let mut counts = self.counts.write().unwrap_or_else(PoisonError::into_inner);
        counts.entry(values).or_default().fetch_add(1, Ordering::Relaxed);
    }

    /// How many so far.
    pub fn get(&self, values: [&'static str; N]) -> u64 {
        let counts = self.counts.read().unwrap_or_else(PoisonError::into_inner);
        counts.get(&values).map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

/// What is counted in every handler's reach.
#[derive(Debug)]
pub struct Metrics {
    /// Sign-ins that came to an end: `admitted`, or the refusal's code.
    pub sign_ins: Counts<1>,
    /// Answers to reverse proxies, by status.
    pub forward_auth: Counts<1>,
    /// SCIM requests, by method and status.
    pub scim: Counts<2>,
}

impl Default for Metrics {
    fn default() -> Self {
        let sign_ins = "Sign-ins that came to an end, by result: admitted, or the refusal's code.";
        let forward_auth = "Answers to reverse proxies, by status.";
        let scim = "SCIM requests, by method and status.";
        Self {
            sign_ins: Counts::new("usher_sign_ins_total", sign_ins, ["result"]),
            forward_auth: Counts::new("usher_forward_auth_total", forward_auth, ["status"]),
            scim: Counts::new("usher_scim_requests_total", scim, ["method", "status"]),
        }
    }
}

/// A status as a label's value; the rare ones together.
pub fn status_word(status: u16) -> &'static str {
    match status {
        200 => "200",
        201 => "201",
        204 => "204",
        302 => "302",
        303 => "303",
        304 => "304",
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        405 => "405",
        409 => "409",
        412 => "412",
        413 => "413",
        415 => "415",
        429 => "429",
        500 => "500",
        501 => "501",
        503 => "503",
        _ => "other",
    }
}

/// The text that is read, written one family after another.
#[derive(Debug, Default)]
pub struct Exposition(String);

impl Exposition {
    /// What its media type is called.
    pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

    /// Counts, as they are now.
    pub fn counts<const N: usize>(&mut self, counts: &Counts<N>) {
        self.head(counts.name, counts.help, "counter");
        for (values, count) in counts.counts.read().unwrap_or_else(PoisonError::into_inner).iter() {
            let labels: Vec<(&str, &str)> = counts.labels.iter().copied().zip(values.iter().copied()).collect();
            self.line(counts.name, &labels, &count.load(Ordering::Relaxed).to_string());
        }
    }

    /// Values that go up and down, each with its labels.
    pub fn gauge<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        labels: [&str; N],
        values: impl IntoIterator<Item = ([String; N], i64)>,
    ) {
        self.head(name, help, "gauge");
        for (texts, value) in values {
            let labels: Vec<(&str, &str)> = labels.iter().copied().zip(texts.iter().map(String::as_str)).collect();
            self.line(name, &labels, &value.to_string());
        }
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.0
    }

    fn head(&mut self, name: &str, help: &str, kind: &str) {
        let _ = writeln!(self.0, "# HELP {name} {}\n# TYPE {name} {kind}", help.replace('\\', "\\\\"));
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: &str) {
        self.0.push_str(name);
        for (index, (label, text)) in labels.iter().enumerate() {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{label}=\"{text}\"", if index == 0 { '{' } else { ',' });
        }
        let close = if labels.is_empty() { "" } else { "}" };
        let _ = writeln!(self.0, "{close} {value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_written_as_prometheus_reads_them() {
        let metrics = Metrics::default();
        metrics.sign_ins.add(["admitted"]);
        metrics.sign_ins.add(["no_free_seat"]);
        metrics.sign_ins.add(["admitted"]);
        metrics.scim.add(["PATCH", "200"]);
        let mut text = Exposition::default();
        text.counts(&metrics.sign_ins);
        text.counts(&metrics.scim);
        text.gauge("usher_sessions", "Sessions.", [], [([], 3)]);
        let hostile = "a\"b\\c\nd".to_owned();
        text.gauge("usher_waiting", "With a \\.", ["organization"], [([hostile], -1)]);
        assert_eq!(
            text.into_text(),
            "# HELP usher_sign_ins_total Sign-ins that came to an end, by result: admitted, or the refusal's code.\n\
             # TYPE usher_sign_ins_total counter\n\
             usher_sign_ins_total{result=\"admitted\"} 2\n\
             usher_sign_ins_total{result=\"no_free_seat\"} 1\n\
             # HELP usher_scim_requests_total SCIM requests, by method and status.\n\
             # TYPE usher_scim_requests_total counter\n\
             usher_scim_requests_total{method=\"PATCH\",status=\"200\"} 1\n\
             # HELP usher_sessions Sessions.\n# TYPE usher_sessions gauge\nusher_sessions 3\n\
             # HELP usher_waiting With a \\\\.\n# TYPE usher_waiting gauge\n\
             usher_waiting{organization=\"a\\\"b\\\\c\\nd\"} -1\n"
        );
        assert_eq!((metrics.sign_ins.get(["admitted"]), metrics.sign_ins.get(["suspended"])), (2, 0));
    }

    #[test]
    fn what_is_counted_at_once_is_counted_whole() {
        let metrics = Metrics::default();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..1000).for_each(|_| metrics.forward_auth.add(["200"])));
            }
        });
        assert_eq!(metrics.forward_auth.get(["200"]), 8000);
    }
}
