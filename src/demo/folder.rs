//! Where a demo keeps its database: a temporary folder that goes with it, or a folder named with `--data` that it made itself.
//! Never a folder with anything else in it: the demo's gateway believes an identity provider without passwords.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A demo's folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    temporary: bool,
    new: bool,
}

/// Why a folder is not used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Something else is in it.
    #[error("{path} was not made by usher demo (it is not empty and has no {MARK}); name a new or empty folder")]
    NotOurs {
        /// The folder.
        path: PathBuf,
    },
    /// The addresses in its database are those of another port.
    #[error("{path} was made for port {made_for}: start with --port {made_for}, or name a new folder")]
    OtherPort {
        /// The folder.
        path: PathBuf,
        /// The port it was made for.
        made_for: u16,
    },
    /// The mark cannot be understood.
    #[error("{path} has a {MARK} that this version does not understand; name a new folder")]
    BadMark {
        /// The folder.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error("{path} cannot be used")]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// The file that says "made by usher demo".
pub const MARK: &str = "usher-demo.json";

#[derive(Serialize, Deserialize)]
struct Mark {
    made_by: String,
    port: u16,
}

const MADE_BY: &str = "usher demo";

impl Folder {
    /// A folder of its own that is removed when this value goes.
    pub fn temporary(port: u16) -> Result<Self, FolderError> {
        let place = std::env::temp_dir();
        let process = std::process::id();
        for nth in 0..1000 {
            let path = place.join(format!("usher-demo-{process}-{port}-{nth}"));
            match make(&path) {
                Ok(()) => {
                    let folder = Self { path, temporary: true, new: true };
                    folder.mark(port)?;
                    return Ok(folder);
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(FolderError::Io { path, source }),
            }
        }
        Err(FolderError::Io { path: place, source: std::io::ErrorKind::AlreadyExists.into() })
    }

    /// A folder to keep: new, empty, or made by a demo at the same port.
    pub fn kept(path: &Path, port: u16) -> Result<Self, FolderError> {
        let io = |source| FolderError::Io { path: path.to_owned(), source };
        match make(path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(io(source)),
        }
        let mut folder = Self { path: path.to_owned(), temporary: false, new: true };
        match std::fs::read(path.join(MARK)) {
            Ok(text) => {
                let mark = serde_json::from_slice::<Mark>(&text).ok().filter(|mark| mark.made_by == MADE_BY);
                let mark = mark.ok_or_else(|| FolderError::BadMark { path: path.to_owned() })?;
                if mark.port != port {
                    return Err(FolderError::OtherPort { path: path.to_owned(), made_for: mark.port });
                }
                folder.new = false;
                return Ok(folder);
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(io(source)),
        }
        if std::fs::read_dir(path).map_err(io)?.next().is_some() {
            return Err(FolderError::NotOurs { path: path.to_owned() });
        }
        folder.mark(port)?;
        Ok(folder)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it goes when the demo ends.
    pub fn is_temporary(&self) -> bool {
        self.temporary
    }

    /// Whether nothing was in it.
    pub fn is_new(&self) -> bool {
        self.new
    }

    fn mark(&self, port: u16) -> Result<(), FolderError> {
        let path = self.path.join(MARK);
        let text = serde_json::to_vec(&Mark { made_by: MADE_BY.to_owned(), port }).unwrap_or_default();
        std::fs::write(&path, text).map_err(|source| FolderError::Io { path, source })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary
            && let Err(error) = std::fs::remove_dir_all(&self.path)
        {
            tracing::warn!(%error, "The demo's temporary folder cannot be removed");
        }
    }
}

/// Makes one folder for the owner alone; fails if there is anything of that name.
fn make(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_folder_goes_with_the_demo() {
        let folder = Folder::temporary(8080).expect("a folder");
        let path = folder.path().to_owned();
        assert!(path.is_dir() && folder.is_new() && folder.is_temporary());
        let another = Folder::temporary(8080).expect("a second beside it");
        assert_ne!(another.path(), path);
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_that_a_demo_did_not_make_is_refused_and_left_alone() {
        let place = tempfile::tempdir().expect("a folder");
        std::fs::write(place.path().join("usher.db"), "precious").expect("written");
        let error = Folder::kept(place.path(), 8080).expect_err("not ours");
        assert!(matches!(error, FolderError::NotOurs { .. }), "{error}");
        assert!(!place.path().join(MARK).exists());
        std::fs::write(place.path().join(MARK), r#"{"made_by":"somebody","port":8080}"#).expect("written");
        assert!(matches!(Folder::kept(place.path(), 8080), Err(FolderError::BadMark { .. })));
        let file = place.path().join("usher.db");
        assert!(matches!(Folder::kept(&file, 8080), Err(FolderError::Io { .. })));
    }

    #[test]
    fn a_demo_comes_back_to_its_folder_at_its_port_only() {
        let place = tempfile::tempdir().expect("a folder");
        let path = place.path().join("demo");
        assert!(Folder::kept(&path, 8080).expect("made").is_new());
        let again = Folder::kept(&path, 8080).expect("ours");
        assert!(!again.is_new() && !again.is_temporary());
        drop(again);
        assert!(path.is_dir(), "it is kept");
        let error = Folder::kept(&path, 9090).expect_err("another port").to_string();
        assert!(error.contains("--port 8080"), "{error}");
    }
}
