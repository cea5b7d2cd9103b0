//! Certificate and key in files: mounted from a Secret that cert-manager or an admin keeps.
//!
//! Files of a mounted Secret are symbolic links through `..data`, which the kubelet swaps for another directory
//! (<https://kubernetes.io/docs/concepts/configuration/secret/#mounted-secrets-are-updated-automatically>). A watch on
//! the files misses that, so the contents are read and compared. A read in the middle of a swap may pair an old
//! certificate with a new key; such a pair is refused and read again at the next look.

use std::path::{Path, PathBuf};

use crate::authority::Serving;
use crate::contents::{ContentsError, serving_from_pem};

/// Why the files can't be served.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// A file can't be read.
    #[error("can't read {path}: {cause}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// A file is larger than any certificate or key.
    #[error("{0} is larger than 1 MiB: not a certificate or key")]
    TooLarge(PathBuf),
    /// What the files hold can't be served.
    #[error("{certificate} and {key}: {cause}")]
    Contents {
        /// File of the certificate.
        certificate: PathBuf,
        /// File of the key.
        key: PathBuf,
        /// Why.
        #[source]
        cause: ContentsError,
    },
}

/// Larger files are not read.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// Where certificate and key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFiles {
    /// PEM: serving certificate, then intermediates.
    pub certificate: PathBuf,
    /// PEM: its private key.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// Reads both.
    ///
    /// # Errors
    /// When one can't be read, or they can't be served together.
    pub async fn read(&self) -> Result<Serving, FilesError> {
        let certificate = read(&self.certificate).await?;
        let key = read(&self.key).await?;
        serving_from_pem(&certificate, &key).map_err(|cause| FilesError::Contents {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            cause,
        })
    }
}

async fn read(path: &Path) -> Result<Vec<u8>, FilesError> {
    let failed = |cause| FilesError::Read { path: path.to_owned(), cause };
    if tokio::fs::metadata(path).await.map_err(failed)?.len() > MAX_FILE_BYTES {
        return Err(FilesError::TooLarge(path.to_owned()));
    }
    tokio::fs::read(path).await.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contents::tests::material;
    use crate::names::{TLS_CERTIFICATE, TLS_KEY};
    use std::os::unix::fs::symlink;

    /// A directory as the kubelet makes it: `tls.crt -> ..data/tls.crt`, `..data -> ..<version>`.
    struct Mounted(PathBuf);

    impl Mounted {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("hookgate-certs-{name}-{}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            for file in [TLS_CERTIFICATE, TLS_KEY] {
                symlink(format!("..data/{file}"), path.join(file)).unwrap();
            }
            Self(path)
        }

        fn swap(&self, version: &str) -> Serving {
            let material = material("2026-01-01T00:00:00Z".parse().unwrap());
            let directory = self.0.join(format!("..{version}"));
            std::fs::create_dir(&directory).unwrap();
            for (key, value) in material.to_data() {
                std::fs::write(directory.join(key), value.0).unwrap();
            }
            symlink(format!("..{version}"), self.0.join("..data_tmp")).unwrap();
            std::fs::rename(self.0.join("..data_tmp"), self.0.join("..data")).unwrap();
            material.serving
        }

        fn files(&self) -> CertificateFiles {
            CertificateFiles { certificate: self.0.join(TLS_CERTIFICATE), key: self.0.join(TLS_KEY) }
        }
    }

    impl Drop for Mounted {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    #[tokio::test]
    async fn the_swap_of_a_mounted_secret_is_seen() {
        let mounted = Mounted::new("swap");
        let first = mounted.swap("1");
        assert_eq!(mounted.files().read().await.unwrap().chain, first.chain);
        let second = mounted.swap("2");
        assert_ne!(first.chain, second.chain);
        assert_eq!(mounted.files().read().await.unwrap().chain, second.chain);
    }

    #[tokio::test]
    async fn missing_mixed_and_oversized_files_are_named() {
        let mounted = Mounted::new("bad");
        let missing = mounted.files().read().await.unwrap_err().to_string();
        assert!(missing.contains("can't read") && missing.contains("tls.crt"), "{missing}");

        mounted.swap("1");
        mounted.swap("2");
        let mixed = CertificateFiles {
            certificate: mounted.0.join("..1").join(TLS_CERTIFICATE),
            key: mounted.0.join("..2").join(TLS_KEY),
        };
        assert!(matches!(mixed.read().await, Err(FilesError::Contents { .. })));

        std::fs::write(mounted.0.join("..2").join(TLS_KEY), vec![b'x'; 2 << 20]).unwrap();
        assert!(matches!(mounted.files().read().await, Err(FilesError::TooLarge(_))));
    }
}
