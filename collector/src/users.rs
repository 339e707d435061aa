//! Names of this machine's users.

use std::collections::HashMap;
use std::path::Path;
use std::{fs, io};

/// Which name stands for which user id, as passwd(5) has it. Users that only a directory service
/// knows stay numbers.
#[derive(Clone, Debug, Default)]
pub struct Users(HashMap<String, String>);

impl Users {
    /// Reads `/etc/passwd`.
    ///
    /// # Errors
    /// It cannot be read. `Users::default()` knows nobody.
    pub fn read() -> io::Result<Self> {
        fs::read(Path::new("/etc/passwd")).map(|passwd| Self::parse(&passwd))
    }

    /// The user's name; the id itself where none is known.
    pub fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.0.get(id).map_or(id, String::as_str)
    }

    /// Of several names of one id the first counts, as for the system. Other lines are passed over.
    fn parse(passwd: &[u8]) -> Self {
        let mut users = HashMap::new();
        for line in String::from_utf8_lossy(passwd).lines() {
            let mut fields = line.split(':');
            if let (Some(name), Some(id)) = (fields.next(), fields.nth(1))
                && !name.is_empty()
            {
                users.entry(id.to_owned()).or_insert_with(|| name.to_owned());
            }
        }
        Self(users)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_an_id_counts() {
        let users = Users::parse(
            b"root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n\n:x:3:\nshort:x\n+nis\n\
            j\xe9:x:1000:1000::/:/bin/sh\n",
        );
        for (id, want) in [("0", "root"), ("1000", "j\u{fffd}"), ("3", "3"), ("x", "x"), ("", "")] {
            assert_eq!(users.name(id), want, "{id}");
        }
        assert_eq!(Users::default().name("0"), "0");
    }
}
