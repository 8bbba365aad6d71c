//! Where pictures and other files lie: a folder, or a bucket that speaks S3.

use std::path::PathBuf;

use secrecy::SecretString;
use url::{Host, Url};

use super::{ConfigError, Vars};

/// `MEDIA_STORE`, or `MEDIA_DIR` without it.
#[derive(Clone, Debug)]
pub enum MediaPlace {
    /// `MEDIA_DIR` (var/media): Nginx serves it too.
    Folder(PathBuf),
    /// `MEDIA_STORE=s3://bucket/prefix` and its companions.
    S3(S3Config),
}

/// A bucket.
#[derive(Clone, Debug)]
pub struct S3Config {
    /// The bucket's name.
    pub bucket: String,
    /// Before every key, without slashes around it; empty for none.
    pub prefix: String,
    /// `MEDIA_S3_ENDPOINT`; without it Amazon's, by the region.
    pub endpoint: Option<Url>,
    /// `MEDIA_S3_REGION` (us-east-1).
    pub region: String,
    /// `MEDIA_S3_KEY_ID`.
    pub key_id: String,
    /// `MEDIA_S3_SECRET`.
    pub secret: SecretString,
    /// `MEDIA_S3_PATH_STYLE`: the bucket in the path and not in the host's name (true where an endpoint is named).
    pub path_style: bool,
}

impl Vars<'_> {
    pub(super) fn media(&self) -> Result<MediaPlace, ConfigError> {
        let Some(store) = self.optional("MEDIA_STORE") else {
            return Ok(MediaPlace::Folder(self.text("MEDIA_DIR", "var/media").into()));
        };
        let (bucket, prefix) = bucket_and_prefix(&store)
            .ok_or_else(|| ConfigError::new("MEDIA_STORE", "is not written like s3://bucket or s3://bucket/prefix"))?;
        let endpoint = self.media_endpoint()?;
        let path_style = if endpoint.is_some() { "true" } else { "false" };
        let missing = |name: &str| ConfigError::new(name, "is not set, and MEDIA_STORE needs it; see .env.example");
        Ok(MediaPlace::S3(S3Config {
            bucket,
            prefix,
            endpoint,
            region: self.text("MEDIA_S3_REGION", "us-east-1"),
            key_id: self.optional("MEDIA_S3_KEY_ID").ok_or_else(|| missing("MEDIA_S3_KEY_ID"))?,
            secret: self.optional_secret("MEDIA_S3_SECRET")?.ok_or_else(|| missing("MEDIA_S3_SECRET"))?,
            path_style: self.parsed("MEDIA_S3_PATH_STYLE", path_style)?,
        }))
    }

    // Requests are signed, not sealed: in the clear, anyone on the way reads and replays them.
    fn media_endpoint(&self) -> Result<Option<Url>, ConfigError> {
        const NAME: &str = "MEDIA_S3_ENDPOINT";
        let Some(text) = self.optional(NAME) else { return Ok(None) };
        let url: Url = text.parse().map_err(|error| ConfigError::new(NAME, error))?;
        let in_the_clear = self.parsed("MEDIA_S3_ALLOW_HTTP", "false")? || is_loopback(&url);
        match url.scheme() {
            _ if url.path() != "/" || url.query().is_some() => {
                Err(ConfigError::new(NAME, "is more than scheme, host and port"))
            }
            "https" => Ok(Some(url)),
            "http" if in_the_clear => Ok(Some(url)),
            "http" => {
                Err(ConfigError::new(NAME, "is http beyond this machine: use https, or say MEDIA_S3_ALLOW_HTTP=true"))
            }
            _ => Err(ConfigError::new(NAME, "is no http or https address")),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn bucket_and_prefix(text: &str) -> Option<(String, String)> {
    let (bucket, prefix) = text.strip_prefix("s3://").map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
    let prefix = prefix.trim_matches('/');
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    let is_fit =
        !bucket.is_empty() && plain(bucket) && prefix.split('/').all(|part| plain(part) && part != "." && part != "..");
    is_fit.then(|| (bucket.to_owned(), prefix.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(store: &str, changes: &[(&str, &str)]) -> Result<MediaPlace, ConfigError> {
        let base = [("MEDIA_STORE", store), ("MEDIA_S3_KEY_ID", "key"), ("MEDIA_S3_SECRET", "hush-hush")];
        let all: Vec<_> = changes.iter().chain(&base).copied().collect();
        Vars(&|name| all.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())).media()
    }

    fn bucket(store: &str, changes: &[(&str, &str)]) -> S3Config {
        match read(store, changes).unwrap() {
            MediaPlace::S3(bucket) => bucket,
            folder => panic!("{folder:?}"),
        }
    }

    #[test]
    fn without_a_store_it_is_a_folder() {
        assert!(matches!(read("", &[]), Ok(MediaPlace::Folder(dir)) if dir.ends_with("var/media")));
    }

    #[test]
    fn a_bucket_has_a_prefix_a_region_and_a_secret_that_is_not_printed() {
        let plain = bucket("s3://pictures", &[]);
        assert_eq!((plain.bucket.as_str(), plain.prefix.as_str(), plain.path_style), ("pictures", "", false));
        let local = bucket("s3://pictures/shop/one/", &[("MEDIA_S3_ENDPOINT", "http://127.0.0.1:9000")]);
        assert_eq!((local.prefix.as_str(), local.path_style, local.region.as_str()), ("shop/one", true, "us-east-1"));
        assert!(!format!("{local:?}").contains("hush-hush"));
    }

    #[test]
    fn the_secret_may_be_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "from a file\n").unwrap();
        let read = bucket("s3://pictures", &[("MEDIA_S3_SECRET_FILE", file.to_str().unwrap())]);
        assert_eq!(secrecy::ExposeSecret::expose_secret(&read.secret), "from a file");
    }

    #[test]
    fn what_is_malformed_or_in_the_clear_is_named() {
        let named = |store: &str, name: &str, value: &str| {
            let line = read(store, &[(name, value)]).unwrap_err().to_string();
            assert!(line.starts_with(name), "{line}");
        };
        for store in ["pictures", "s3://", "s3:///x", "s3://a b", "s3://a/../b", "https://a"] {
            assert!(read(store, &[]).unwrap_err().to_string().starts_with("MEDIA_STORE: "), "{store}");
        }
        named("s3://a", "MEDIA_S3_KEY_ID", " ");
        named("s3://a", "MEDIA_S3_SECRET", "");
        named("s3://a", "MEDIA_S3_PATH_STYLE", "perhaps");
        named("s3://a", "MEDIA_S3_ENDPOINT", "ftp://store.test");
        named("s3://a", "MEDIA_S3_ENDPOINT", "http://store.test:9000");
        named("s3://a", "MEDIA_S3_ENDPOINT", "https://store.test/bucket");
        let allowed = [("MEDIA_S3_ENDPOINT", "http://store.test:9000"), ("MEDIA_S3_ALLOW_HTTP", "true")];
        assert!(bucket("s3://a", &allowed).endpoint.is_some());
    }
}
