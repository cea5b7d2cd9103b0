//! fe.conf, be.conf, cn.conf: what in them decides about the objects around the server.

use std::collections::BTreeMap;

/// A server's configuration file, read as far as the operator needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration(BTreeMap<String, String>);

impl Configuration {
    /// Reads `key = value` lines; `#` begins a comment line, quotes around a value are not part of it. A line that
    /// is neither is the server's business and left out.
    pub fn parse(text: &str) -> Self {
        let pairs = text.lines().map(str::trim).filter(|line| !line.starts_with('#')).filter_map(|line| {
            let (key, value) = line.split_once('=')?;
            Some((key.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
        });
        Self(pairs.collect())
    }

    /// The port that `key` names; `default` where there is none, or none that is a port.
    pub fn port(&self, key: &str, default: i32) -> i32 {
        self.0
            .get(key)
            .and_then(|value| value.parse::<u16>().ok())
            .filter(|port| *port > 0)
            .map_or(default, i32::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_and_everything_else_is_left_alone() {
        let conf = Configuration::parse(
            "# http_port = 1\nhttp_port = 18030\n JAVA_OPTS=\"-Xmx8g -Da=b\"\nquery_port=\"19030\"\nrpc_port = many\nno line",
        );
        assert_eq!(conf.port("http_port", 8030), 18030);
        assert_eq!(conf.port("query_port", 9030), 19030);
        assert_eq!(conf.port("rpc_port", 9020), 9020);
        assert_eq!(conf.port("edit_log_port", 9010), 9010);
        assert_eq!(Configuration::parse("http_port = 70000").port("http_port", 8030), 8030);
    }
}
