//! The media store: pictures and other files under names that never change their content, in a folder or in a bucket that speaks S3.
//!
//! A folder is for one machine: Nginx serves from it, and a file is written beside its place and renamed, so that nobody is sent half
//! of it. A bucket is for several; there the servers hand the files through.

mod key;

use std::{
    collections::HashSet,
    fmt, fs, io,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::body::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    Attribute, Attributes, BackoffConfig, ClientOptions, Error, GetOptions, ObjectStore, ObjectStoreExt, PutOptions,
    RetryConfig, aws::AmazonS3Builder, local::LocalFileSystem, memory::InMemory, path::Path, prefix::PrefixStore,
};
use secrecy::ExposeSecret;
use thiserror::Error;
use time::OffsetDateTime;

pub use key::{KeyError, MediaKey};

use super::tls;
use crate::config::{MediaPlace, S3Config};

/// What whoever is sent a file may do with it: other content has another name.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// Why the store did not do it.
#[derive(Debug, Error)]
pub enum MediaError {
    /// The folder cannot be made or entered.
    #[error("{path}: {source}")]
    Folder {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The store is away, or refuses.
    #[error(transparent)]
    Store(#[from] Error),
}

/// A cheap handle on the store.
#[derive(Clone)]
pub struct MediaStore {
    objects: Arc<dyn ObjectStore>,
    folder: Option<PathBuf>,
    place: String,
}

/// A file of the store, found by [`MediaStore::get`].
pub enum Found {
    /// Its content.
    File(MediaFile),
    /// The one that the asker has.
    Unchanged,
    /// Not there.
    Nothing,
}

/// A file with what its answer's headers say.
pub struct MediaFile {
    /// The store's mark of this content, with its quotes.
    pub etag: Option<String>,
    /// Bytes.
    pub length: u64,
    /// Its content, piece by piece; empty if it was asked for without.
    pub content: BoxStream<'static, Result<Bytes, MediaError>>,
}

/// A file in a list.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MediaEntry {
    /// Its name.
    pub key: MediaKey,
    /// When it was stored.
    pub stored_at: OffsetDateTime,
}

impl MediaStore {
    /// Opens the store of the settings. A folder is made if it is not there; a bucket is not asked yet.
    ///
    /// # Errors
    /// The folder cannot be made, or the bucket's settings do not fit together.
    pub fn open(place: &MediaPlace) -> Result<Self, MediaError> {
        match place {
            MediaPlace::Folder(folder) => Self::in_folder(folder),
            MediaPlace::S3(bucket) => Self::in_bucket(bucket),
        }
    }

    /// A store that ends with the process: for tests.
    #[must_use]
    pub fn in_memory() -> Self {
        Self { objects: Arc::new(InMemory::new()), folder: None, place: "memory".to_owned() }
    }

    fn in_folder(folder: &FilePath) -> Result<Self, MediaError> {
        let failed = |source| MediaError::Folder { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let objects = LocalFileSystem::new_with_prefix(folder)?;
        Ok(Self { objects: Arc::new(objects), folder: Some(folder.to_owned()), place: folder.display().to_string() })
    }

    fn in_bucket(config: &S3Config) -> Result<Self, MediaError> {
        tls::use_ring();
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&config.bucket)
            .with_region(&config.region)
            .with_access_key_id(&config.key_id)
            .with_secret_access_key(config.secret.expose_secret())
            .with_virtual_hosted_style_request(!config.path_style)
            .with_client_options(client())
            .with_retry(retries());
        if let Some(endpoint) = endpoint(config) {
            builder = builder.with_allow_http(endpoint.starts_with("http:")).with_endpoint(endpoint);
        }
        let objects: Arc<dyn ObjectStore> = match config.prefix.as_str() {
            "" => Arc::new(builder.build()?),
            prefix => Arc::new(PrefixStore::new(builder.build()?, prefix)),
        };
        let host = config.endpoint.as_ref().map_or_else(|| config.region.clone(), ToString::to_string);
        let place = format!("s3://{}/{} at {host}", config.bucket, config.prefix);
        Ok(Self { objects, folder: None, place })
    }

    /// The folder that files can be served from directly, if it is one.
    #[must_use]
    pub fn folder(&self) -> Option<&FilePath> {
        self.folder.as_deref()
    }

    /// Stores a whole file, in place of one that is there already.
    ///
    /// # Errors
    /// The store is away or full, or refuses.
    pub async fn put(&self, key: &MediaKey, content: Vec<u8>) -> Result<(), MediaError> {
        let mut options = PutOptions::default();
        // A folder keeps names and bytes alone; whoever serves from it knows the rest by the name.
        if self.folder.is_none() {
            options.attributes = Attributes::from_iter([
                (Attribute::ContentType, key.content_type()),
                (Attribute::CacheControl, CACHE_CONTROL),
            ]);
        }
        self.objects.put_opts(&path(key), content.into(), options).await?;
        Ok(())
    }

    /// A file, unless the asker has it (`known`: the entity tags of `If-None-Match`). `content` is false for its headers alone.
    ///
    /// # Errors
    /// The store is away, or refuses.
    pub async fn get(&self, key: &MediaKey, known: Option<&str>, content: bool) -> Result<Found, MediaError> {
        let options = GetOptions::new().with_if_none_match(known).with_head(!content);
        match self.objects.get_opts(&path(key), options).await {
            Ok(found) => Ok(Found::File(MediaFile {
                etag: found.meta.e_tag.clone(),
                length: found.meta.size,
                content: if content {
                    found.into_stream().err_into().boxed()
                } else {
                    futures_util::stream::empty().boxed()
                },
            })),
            Err(Error::NotModified { .. }) => Ok(Found::Unchanged),
            Err(Error::NotFound { .. }) => Ok(Found::Nothing),
            Err(error) => Err(error.into()),
        }
    }

    /// Removes a file; one that is not there is well.
    ///
    /// # Errors
    /// The store is away, or refuses.
    pub async fn delete(&self, key: &MediaKey) -> Result<(), MediaError> {
        match self.objects.delete(&path(key)).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The files below a folder, in no order. What has a name that this store would not give is left out.
    ///
    /// # Errors
    /// The store is away, or refuses.
    pub async fn list(&self, folder: &str) -> Result<Vec<MediaEntry>, MediaError> {
        let found = self.objects.list(Some(&Path::from(folder)));
        let entries = found.try_filter_map(async |meta| {
            let stored_at = OffsetDateTime::from_unix_timestamp(meta.last_modified.timestamp());
            let entry = meta.location.as_ref().parse().ok().zip(stored_at.ok());
            Ok(entry.map(|(key, stored_at)| MediaEntry { key, stored_at }))
        });
        Ok(entries.try_collect().await?)
    }

    /// The names of the files below a folder.
    ///
    /// # Errors
    /// The store is away, or refuses.
    pub async fn names(&self, folder: &str) -> Result<HashSet<MediaKey>, MediaError> {
        Ok(self.list(folder).await?.into_iter().map(|entry| entry.key).collect())
    }

    /// Writes, reads and removes a small file.
    ///
    /// # Errors
    /// The first of these that does not work.
    pub async fn probe(&self) -> Result<(), MediaError> {
        let key = MediaKey::probe();
        self.put(&key, b"?".to_vec()).await?;
        let read = self.objects.get(&path(&key)).await;
        self.delete(&key).await?;
        read?.bytes().await?;
        Ok(())
    }
}

impl fmt::Display for MediaStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.place)
    }
}

impl fmt::Debug for MediaStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaStore({})", self.place)
    }
}

fn path(key: &MediaKey) -> Path {
    Path::from(key.as_str())
}

// The store expects the bucket in the host's name where it is not to put it into the path.
fn endpoint(config: &S3Config) -> Option<String> {
    let mut endpoint = config.endpoint.clone()?;
    if !config.path_style {
        let host = format!("{}.{}", config.bucket, endpoint.host_str()?);
        endpoint.set_host(Some(&host)).ok()?;
    }
    Some(endpoint.to_string().trim_end_matches('/').to_owned())
}

// A page's reader waits 9 s at most: better a clear refusal before that.
fn client() -> ClientOptions {
    ClientOptions::new().with_connect_timeout(Duration::from_secs(3)).with_timeout(Duration::from_secs(30))
}

fn retries() -> RetryConfig {
    let backoff = BackoffConfig { max_backoff: Duration::from_secs(1), ..BackoffConfig::default() };
    RetryConfig { backoff, max_retries: 2, retry_timeout: Duration::from_secs(7) }
}

#[cfg(test)]
mod tests;
