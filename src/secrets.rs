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

/// Why the master key or a seal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
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
    /// Reads the key file, or makes one (mode 0600) if there is none. `made` says which.
    pub fn load_or_create(path: &Path) -> Result<(Self, bool), SecretError> {
        match Self::load(path) {
            Err(SecretError::Unusable { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
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
            .and_then(|()| std::fs::hard_link(&partial, path));
        let _ = std::fs::remove_file(&partial);
        match written {
            Ok(()) => Ok((Self(key), true)),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Self::load(path).map(|key| (key, false)),
            Err(source) => Err(unusable(source)),
        }
    }

    fn load(path: &Path) -> Result<Self, SecretError> {
        use std::io::Read as _;
        let unusable = |source| SecretError::Unusable { path: path.to_owned(), source };
        let mut file = std::fs::File::open(path).map_err(unusable)?;
        let known = file.metadata().map_err(unusable)?;
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
        mode(0o640);
        assert!(matches!(MasterKey::load_or_create(&path), Err(SecretError::Exposed { mode: 0o640, .. })));
        mode(0o600);
        let (again, new) = MasterKey::load_or_create(&path).expect("the same key");
        assert!(!new && again.fingerprint() == made.fingerprint());
        std::fs::write(&path, b"too short").expect("written");
        assert!(matches!(MasterKey::load_or_create(&path), Err(SecretError::WrongLength { found: 9, .. })));
        let nowhere = directory.path().join("none/master.key");
        assert!(matches!(MasterKey::load_or_create(&nowhere), Err(SecretError::Unusable { .. })));
        assert_eq!(std::fs::read_dir(directory.path()).expect("listed").count(), 1, "no half-made key is left");
    }
}
