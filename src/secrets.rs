//! Random values, tokens, and sealing what is kept. The only room that draws randomness; knows nothing of what it seals.

use std::fmt;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// Draws `N` random bytes.
#[expect(clippy::disallowed_methods, reason = "the one place that draws randomness")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the system's random source works; without it nothing here is safe");
    bytes
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    hash
}

/// Whether two secrets are equal, in a time that does not depend on where they differ.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// HMAC-SHA-256 of a message, as base64url.
pub fn mac(key: &[u8; 32], message: &[u8]) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, message))
}

/// 256 random bits that open something: a session, a link, a pending sign-in. Kept by us as a hash only.
#[derive(Clone)]
pub struct Token(Zeroizing<[u8; 32]>);

impl Token {
    /// Draws a new one.
    pub fn new() -> Self {
        Self(Zeroizing::new(random()))
    }

    /// Reads the text of one. `None` for anything else: too short, too long, padded, another alphabet.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// 43 characters of base64url, as cookies and links carry it.
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.as_slice())
    }

    /// What is kept and looked up.
    pub fn hash(&self) -> [u8; 32] {
        sha256(self.0.as_slice())
    }
}

impl Default for Token {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// An opaque id of 128 random bits, `prefix` first: for things that are named in public but not guessed.
pub fn public_id(prefix: &str) -> String {
    random::<16>().iter().fold(prefix.to_owned(), |id, byte| id + &format!("{byte:02x}"))
}

/// 128 bits in hex by which two texts are told apart: whether something still is what somebody was shown. Whoever can guess the text
/// can check the guess, so that no secret goes in as it is.
pub fn mark(text: &str) -> String {
    sha256(text.as_bytes())[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why the master key or a seal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The database has secrets, and the key file is gone.
    #[error(
        "there is no key file at {path}, but this database has secrets sealed with one; put that file back. A new one would not \
         open them"
    )]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The key file cannot be read or made.
    #[error("the key file {path} cannot be used; it must belong to the user that runs Usher")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Others can read it.
    #[error("the key file {path} can be read by others (mode {mode:o}); run `chmod 600 {path}`")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// Not a key.
    #[error(
        "the key file {path} holds {found} bytes where 32 were expected; put back the file that belongs to this database"
    )]
    WrongLength {
        /// The file.
        path: PathBuf,
        /// Its length.
        found: u64,
    },
    /// The key of another database, or a seal that was moved or changed.
    #[error(
        "a secret in the database does not open with this key file; put back the key file that belongs to this database"
    )]
    DoesNotOpen,
}

/// The key in the key file; it wraps the data keys and nothing else.
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Reads the key file, or makes one (mode 0600) if there is none; the second value says whether it was made. Only for a
    /// database that has no secrets yet: see [`MasterKey::load`].
    pub fn load_or_create(path: &Path) -> Result<(Self, bool), SecretError> {
        match Self::load(path) {
            Err(SecretError::Missing { .. }) => {}
            loaded => return loaded.map(|key| (key, false)),
        }
        let unusable = |source| SecretError::Unusable { path: path.to_owned(), source };
        let key = Zeroizing::new(random::<32>());
        // Written whole under another name, then linked: two processes starting at once end up with one key.
        let mut partial = path.as_os_str().to_owned();
        partial.push(format!(".{}", public_id("new-")));
        let partial = PathBuf::from(partial);
        let written = std::fs::OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&partial)
            .and_then(|mut file| file.write_all(key.as_slice()).and_then(|()| file.sync_all()))
            .and_then(|()| std::fs::hard_link(&partial, path))
            // The name, too, is on disk before anything is sealed with the key.
            .and_then(|()| match path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
                Some(directory) => std::fs::File::open(directory)?.sync_all(),
                None => Ok(()),
            });
        let _ = std::fs::remove_file(&partial);
        match written {
            Ok(()) => Ok((Self(key), true)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Self::load(path).map(|key| (key, false)),
            Err(source) => Err(unusable(source)),
        }
    }

    /// Reads the key file of a database that has secrets.
    pub fn load(path: &Path) -> Result<Self, SecretError> {
        use std::io::Read as _;
        let unusable = |source| SecretError::Unusable { path: path.to_owned(), source };
        let mut file = std::fs::File::open(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => SecretError::Missing { path: path.to_owned() },
            _ => unusable(source),
        })?;
        let known = file.metadata().map_err(unusable)?;
        if !known.is_file() {
            return Err(unusable(std::io::Error::other("it is not a file")));
        }
        let mode = known.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(SecretError::Exposed { path: path.to_owned(), mode });
        }
        let mut key = Zeroizing::new([0; 32]);
        if known.len() != 32 {
            return Err(SecretError::WrongLength { path: path.to_owned(), found: known.len() });
        }
        file.read_exact(key.as_mut_slice()).map_err(unusable)?;
        Ok(Self(key))
    }

    /// Eight hex digits that tell two key files apart without telling anything about them.
    pub fn fingerprint(&self) -> String {
        let hash = sha256(&[b"usher master key", self.0.as_slice()].concat());
        hash[..4].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Wraps a fresh data key.
    pub fn wrap_new(&self, id: i64) -> Vec<u8> {
        let key = Zeroizing::new(random::<32>());
        seal_with(&self.0, 0, &format!("data_key.wrapped:{id}"), key.as_slice())
    }

    /// Opens wrapped data keys and makes what seals with them: the last one seals, all of them open.
    pub fn sealer(&self, wrapped: &[(i64, Vec<u8>)]) -> Result<Sealer, SecretError> {
        let mut keys = Vec::with_capacity(wrapped.len());
        for (id, seal) in wrapped {
            let key = open_with(&self.0, &format!("data_key.wrapped:{id}"), seal).ok_or(SecretError::DoesNotOpen)?;
            let key: [u8; 32] = key.as_slice().try_into().map_err(|_| SecretError::DoesNotOpen)?;
            let id = u32::try_from(*id).map_err(|_| SecretError::DoesNotOpen)?;
            keys.push((id, Zeroizing::new(key)));
        }
        Ok(Sealer { keys })
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// Seals values kept in the database. A seal is bound to its place: copied to another row it does not open.
pub struct Sealer {
    keys: Vec<(u32, Zeroizing<[u8; 32]>)>,
}

impl Sealer {
    /// Seals with a key that nobody keeps: for looking at what would be written.
    pub fn throwaway() -> Self {
        Self { keys: vec![(1, Zeroizing::new(random()))] }
    }

    /// Seals `plain` for `place` (`table.column:id`).
    pub fn seal(&self, place: &str, plain: &[u8]) -> Vec<u8> {
        let (id, key) = self.keys.last().expect("a sealer has at least one key");
        seal_with(key, *id, place, plain)
    }

    /// A key of its own for one purpose, the same at every start; from the first data key, which is never given up.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let (_, key) = self.keys.first().expect("a sealer has at least one key");
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.as_slice());
        let mut derived = [0; 32];
        derived.copy_from_slice(aws_lc_rs::hmac::sign(&key, purpose.as_bytes()).as_ref());
        derived
    }

    /// Opens a seal made for `place`.
    pub fn open(&self, place: &str, seal: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let id = seal.get(1..5).and_then(|id| id.try_into().ok()).map(u32::from_be_bytes);
        let key = self.keys.iter().find(|(known, _)| Some(*known) == id);
        key.and_then(|(_, key)| open_with(key, place, seal)).ok_or(SecretError::DoesNotOpen)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(..)")
    }
}

/// version (1) | key id (4) | nonce (12) | ciphertext and tag. AES-256-GCM-SIV: a nonce met twice by chance gives nothing away.
const VERSION: u8 = 1;
const HEAD: usize = 5 + NONCE_LEN;

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, key).expect("32 bytes are a key of this cipher"))
}

fn seal_with(key: &[u8; 32], id: u32, place: &str, plain: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE_LEN] = random();
    let mut boxed = plain.to_vec();
    cipher(key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place.as_bytes()), &mut boxed)
        .expect("sealing in memory does not fail");
    let mut seal = Vec::with_capacity(HEAD + boxed.len());
    seal.push(VERSION);
    seal.extend_from_slice(&id.to_be_bytes());
    seal.extend_from_slice(&nonce);
    seal.extend_from_slice(&boxed);
    seal
}

fn open_with(key: &[u8; 32], place: &str, seal: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (head, boxed) = seal.split_at_checked(HEAD)?;
    if head[0] != VERSION {
        return None;
    }
    let nonce: [u8; NONCE_LEN] = head[5..].try_into().ok()?;
    let mut plain = Zeroizing::new(boxed.to_vec());
    let opened = cipher(key).open_in_place(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(place.as_bytes()),
        plain.as_mut_slice(),
    );
    let length = opened.ok()?.len();
    plain.truncate(length);
    Some(plain)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_token_is_read_back_and_never_shown() {
        let token = Token::new();
        assert_eq!(Token::parse(&token.text()).expect("a token").hash(), token.hash());
        assert!(!format!("{token:?}").contains(&token.text()));
        for bad in ["", "short", &format!("{}A", token.text()), &format!("{}=", token.text()), &"ü".repeat(43)] {
            assert!(Token::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_seal_opens_in_its_place_with_its_key_and_nowhere_else() {
        let directory = tempfile::tempdir().expect("a directory");
        let (master, made) = MasterKey::load_or_create(&directory.path().join("master.key")).expect("a key");
        assert!(made);
        let sealer = master.sealer(&[(1, master.wrap_new(1)), (2, master.wrap_new(2))]).expect("a sealer");
        let seal = sealer.seal("signing_key.private:a", b"secret");
        assert_eq!(sealer.open("signing_key.private:a", &seal).expect("opens").as_slice(), b"secret");
        assert!(sealer.open("signing_key.private:b", &seal).is_err(), "moved to another row");
        for at in 0..seal.len() {
            let mut changed = seal.clone();
            changed[at] ^= 1;
            assert!(sealer.open("signing_key.private:a", &changed).is_err(), "byte {at}");
            assert!(sealer.open("signing_key.private:a", &seal[..at]).is_err(), "cut at {at}");
        }
        let (other, _) = MasterKey::load_or_create(&directory.path().join("other.key")).expect("a key");
        assert!(other.sealer(&[(1, master.wrap_new(1))]).is_err(), "another key file");
        assert_ne!(other.fingerprint(), master.fingerprint());
    }

    #[test]
    fn a_key_file_that_others_can_read_or_of_another_length_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("master.key");
        let (made, _) = MasterKey::load_or_create(&path).expect("a key");
        let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("chmod");
        assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        for exposed in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666] {
            mode(exposed);
            let refused = MasterKey::load_or_create(&path);
            assert!(matches!(refused, Err(SecretError::Exposed { mode, .. }) if mode == exposed), "{exposed:o}");
        }
        for kept in [0o600, 0o400] {
            mode(kept);
            let (again, new) = MasterKey::load_or_create(&path).expect("the same key");
            assert!(!new && again.fingerprint() == made.fingerprint());
        }
        mode(0o600);
        for length in [0, 9, 31, 33, 64] {
            std::fs::write(&path, vec![7; length]).expect("written");
            let refused = MasterKey::load_or_create(&path);
            assert!(
                matches!(refused, Err(SecretError::WrongLength { found, .. }) if found == length as u64),
                "{length}"
            );
        }
        let nowhere = directory.path().join("none/master.key");
        assert!(matches!(MasterKey::load_or_create(&nowhere), Err(SecretError::Unusable { .. })));
        assert_eq!(std::fs::read_dir(directory.path()).expect("listed").count(), 1, "no half-made key is left");
    }

    #[test]
    fn a_database_with_secrets_gets_no_new_key() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("master.key");
        let error = MasterKey::load(&path).expect_err("there is none");
        assert!(matches!(error, SecretError::Missing { .. }));
        assert!(error.to_string().contains("put that file back"));
        assert!(!path.exists(), "looking for it does not make it");
    }

    #[test]
    fn a_link_is_followed_and_what_it_points_to_is_looked_at() {
        use std::os::unix::fs::symlink;
        let directory = tempfile::tempdir().expect("a directory");
        let at = |name: &str| directory.path().join(name);
        let (made, _) = MasterKey::load_or_create(&at("real.key")).expect("a key");
        symlink(at("real.key"), at("linked.key")).expect("linked");
        assert_eq!(MasterKey::load(&at("linked.key")).expect("followed").fingerprint(), made.fingerprint());
        std::fs::set_permissions(at("real.key"), std::fs::Permissions::from_mode(0o644)).expect("chmod");
        assert!(matches!(MasterKey::load(&at("linked.key")), Err(SecretError::Exposed { .. })));
        symlink(at("nowhere.key"), at("dangling.key")).expect("linked");
        assert!(MasterKey::load_or_create(&at("dangling.key")).is_err(), "nothing is made at the end of a link");
        assert!(!at("nowhere.key").exists());
        std::fs::create_dir(at("directory.key")).expect("made");
        std::fs::set_permissions(at("directory.key"), std::fs::Permissions::from_mode(0o700)).expect("chmod");
        assert!(matches!(MasterKey::load_or_create(&at("directory.key")), Err(SecretError::Unusable { .. })));
    }

    #[test]
    fn whoever_starts_at_the_same_moment_gets_the_same_key() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("master.key");
        let starts: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || {
                    MasterKey::load_or_create(&path).map(|(key, made)| (key.fingerprint(), made))
                })
            })
            .collect();
        let keys: Vec<_> = starts.into_iter().map(|start| start.join().expect("no panic").expect("a key")).collect();
        assert!(keys.iter().all(|(fingerprint, _)| *fingerprint == keys[0].0), "{keys:?}");
        assert_eq!(keys.iter().filter(|(_, made)| *made).count(), 1);
        assert_eq!(std::fs::read_dir(directory.path()).expect("listed").count(), 1);
    }

    #[test]
    fn the_newest_data_key_seals_and_every_one_opens() {
        let directory = tempfile::tempdir().expect("a directory");
        let (master, _) = MasterKey::load_or_create(&directory.path().join("master.key")).expect("a key");
        let (first, second) = ((1, master.wrap_new(1)), (2, master.wrap_new(2)));
        let before = master.sealer(std::slice::from_ref(&first)).expect("a sealer");
        let after = master.sealer(&[first.clone(), second.clone()]).expect("a sealer");
        let old = before.seal("a.b:c", b"secret");
        assert_eq!(after.open("a.b:c", &old).expect("opens").as_slice(), b"secret");
        let new = after.seal("a.b:c", b"secret");
        assert!(before.open("a.b:c", &new).is_err(), "sealed with a key that this one has not");
        assert_ne!(after.seal("a.b:c", b"secret"), new, "two seals of one secret do not tell that they are");
        assert_eq!(after.open("a.b:c", &after.seal("a.b:c", b"")).expect("opens").len(), 0);
        assert_eq!(before.derive("x"), after.derive("x"), "a rotation keeps derived keys");
        assert_ne!(after.derive("x"), after.derive("y"));
        assert!(master.sealer(&[(2, first.1)]).is_err(), "a wrapped key is bound to its id");
        assert!(master.sealer(&[(1, b"garbage".to_vec())]).is_err());
    }
}
