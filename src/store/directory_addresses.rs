//! Addresses of directory users beside the one that counts, so that a filter on any address finds its user.

use crate::db::{DbError, Tx, TxExt, V};
use crate::ids::{DirectoryUserId, ParentId};

/// The addresses of a user, in comparison form.
pub fn of_user(tx: &mut dyn Tx, user: DirectoryUserId) -> Result<Vec<String>, DbError> {
    tx.all(
        "SELECT address_key FROM directory_address WHERE user_id = ?1 ORDER BY address_key",
        &[V::I(user.0)],
        |row| row.text(0),
    )
}

/// Makes these the addresses of a user; writes only what differs.
pub fn set(tx: &mut dyn Tx, user: DirectoryUserId, keys: &[String]) -> Result<(), DbError> {
    for held in of_user(tx, user)? {
        if !keys.contains(&held) {
            tx.exec(
                "DELETE FROM directory_address WHERE user_id = ?1 AND address_key = ?2",
                &[V::I(user.0), V::T(&held)],
            )?;
        }
    }
    for key in keys {
        tx.exec(
            "INSERT INTO directory_address (user_id, address_key) VALUES (?1, ?2) ON CONFLICT (user_id, address_key) DO NOTHING",
            &[V::I(user.0), V::T(key)],
        )?;
    }
    Ok(())
}

/// The users of a directory with this address, by its comparison form.
pub fn users_with(tx: &mut dyn Tx, parent: ParentId, key: &str) -> Result<Vec<DirectoryUserId>, DbError> {
    tx.all(
        "SELECT directory_user.id FROM directory_address \
         JOIN directory_user ON directory_user.id = directory_address.user_id \
         WHERE directory_address.address_key = ?1 AND directory_user.parent_id = ?2 ORDER BY directory_user.id",
        &[V::T(key), V::I(parent.0)],
        |row| Ok(DirectoryUserId(row.int(0)?)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::db::Db;
    use crate::directory::{Name, UserContent};
    use crate::ids::Slug;
    use crate::product::ParentPlan;
    use crate::store::{MIGRATIONS, directory_users, organizations};

    #[test]
    fn a_user_is_found_by_each_address_in_its_own_directory_until_it_is_gone() {
        let db = Db::temporary(MIGRATIONS).expect("a database");
        let now = Timestamp::from_millis(1_790_000_000_000);
        let done = db.write_blocking(move |tx| -> Result<(), DbError> {
            let slug = |text: &str| Slug::parse(text).expect("a slug");
            let acme = organizations::add_parent(tx, &slug("acme"), "Acme", ParentPlan::Enterprise)?;
            let other = organizations::add_parent(tx, &slug("other"), "Other", ParentPlan::Enterprise)?;
            let content = UserContent {
                user_name: Name::parse("anna").expect("a name"),
                external_id: None,
                email: None,
                display_name: None,
                active: true,
                resource: "{}".to_owned(),
            };
            let anna = directory_users::add(tx, acme, "u-1", &content, now)?;
            let keys = |list: &[&str]| list.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
            set(tx, anna.id, &keys(&["a@x.example", "b@x.example"]))?;
            set(tx, anna.id, &keys(&["b@x.example", "c@x.example"]))?;
            assert_eq!(of_user(tx, anna.id)?, ["b@x.example", "c@x.example"]);
            assert_eq!(users_with(tx, acme, "c@x.example")?, [anna.id]);
            assert_eq!(users_with(tx, acme, "a@x.example")?, []);
            assert_eq!(users_with(tx, other, "c@x.example")?, []);
            directory_users::delete(tx, &anna, now)?;
            assert_eq!(users_with(tx, acme, "c@x.example")?, []);
            Ok(())
        });
        done.expect("done");
    }
}
