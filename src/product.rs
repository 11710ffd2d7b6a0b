//! Products as data: ordered roles, ordered seat types, and whether directory sync is offered.
//! The order in a product's list *is* the rank; nothing else compares roles, and nothing else knows a product by name.

use std::collections::BTreeSet;
use std::fmt;

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes a key as stored or written in a file; whether a product has it is asked of the product.
            pub fn new(key: impl Into<String>) -> Self {
                Self(key.into())
            }

            /// The key as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

keys! {
    /// Names a product in files and the database.
    ProductKey,
    /// Names a role within its product; the same word in another product is another role (rule B1).
    RoleKey,
    /// Names a seat type within its product.
    SeatTypeKey,
}

/// What a role may do on the settings pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Connections, domains, provisioning, mappings; and granting or taking a role that has this.
    Identity,
    /// Add, remove and see members.
    Members,
    /// Seat counts.
    Billing,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 3] = [Self::Identity, Self::Members, Self::Billing];

    /// The word in files and the list of routes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Members => "members",
            Self::Billing => "billing",
        }
    }

    /// Reads a permission as a configuration file writes it.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "identity" => Some(Self::Identity),
            "members" => Some(Self::Members),
            "billing" => Some(Self::Billing),
            _ => None,
        }
    }
}

/// A role of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// How files and headers name it.
    pub key: RoleKey,
    /// How pages name it.
    pub label: String,
    /// What it may do.
    pub permissions: BTreeSet<Permission>,
}

/// A seat type of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatType {
    /// How files and headers name it.
    pub key: SeatTypeKey,
    /// How pages name it.
    pub label: String,
}

/// Whether a product's organizations may be provisioned over SCIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectorySync {
    /// Never.
    Never,
    /// Always.
    Offered,
    /// Unless the parent organization carries a Team plan.
    UnlessParentIsTeam,
}

/// The plan a parent organization carries: that of the organization that founded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParentPlan {
    /// Team.
    Team,
    /// Enterprise.
    Enterprise,
    /// Console.
    Console,
}

impl ParentPlan {
    /// Every plan.
    pub const ALL: [Self; 3] = [Self::Team, Self::Enterprise, Self::Console];

    /// The word in files and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Enterprise => "enterprise",
            Self::Console => "console",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plan| plan.as_str() == text)
    }
}

/// What an organization uses: its roles, seat types and whether directory sync is offered. Checked by [`Product::new`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    key: ProductKey,
    label: String,
    roles: Vec<Role>,
    default_role: usize,
    seat_types: Vec<SeatType>,
    directory_sync: DirectorySync,
}

/// What is wrong with a product that the configuration declares.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProductError {
    /// The key is taken or malformed.
    #[error("product key {0:?} must be 1 to 40 of a-z, 0-9 and -")]
    BadKey(String),
    /// Two products with one key.
    #[error("there already is a product {0:?}")]
    Taken(String),
    /// No role at all.
    #[error("product {0:?} needs at least one role")]
    NoRoles(String),
    /// A role key twice.
    #[error("product {product:?} names role {role:?} twice")]
    RoleTwice {
        /// The product.
        product: String,
        /// The role.
        role: String,
    },
    /// A seat type key twice.
    #[error("product {product:?} names seat type {seat:?} twice")]
    SeatTwice {
        /// The product.
        product: String,
        /// The seat type.
        seat: String,
    },
    /// The default role is no role of the product.
    #[error("product {product:?} has no role {role:?} to be the default")]
    NoSuchDefault {
        /// The product.
        product: String,
        /// The role.
        role: String,
    },
    /// Nobody could ever configure the organization.
    #[error("product {0:?} needs a role with the permission \"identity\", or nobody could set up sign-in")]
    NobodyHasIdentity(String),
}

fn is_key(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
}

fn first_twice<'a>(keys: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut seen = BTreeSet::new();
    keys.into_iter().find(|key| !seen.insert(*key)).map(str::to_owned)
}

impl Product {
    /// Checks and makes a product. Roles and seat types come highest first; the lowest role is the default unless one is named.
    /// All that is wrong is reported at once.
    pub fn new(
        key: &str,
        label: &str,
        roles: Vec<Role>,
        default_role: Option<&str>,
        seat_types: Vec<SeatType>,
        directory_sync: DirectorySync,
    ) -> Result<Self, Vec<ProductError>> {
        let mut wrong = Vec::new();
        let keys = std::iter::once(key)
            .chain(roles.iter().map(|role| role.key.as_str()))
            .chain(seat_types.iter().map(|seat| seat.key.as_str()));
        wrong.extend(keys.filter(|key| !is_key(key)).map(|key| ProductError::BadKey(key.to_owned())));
        let product = key.to_owned();
        if let Some(role) = first_twice(roles.iter().map(|role| role.key.as_str())) {
            wrong.push(ProductError::RoleTwice { product: product.clone(), role });
        }
        if let Some(seat) = first_twice(seat_types.iter().map(|seat| seat.key.as_str())) {
            wrong.push(ProductError::SeatTwice { product: product.clone(), seat });
        }
        if roles.is_empty() {
            wrong.push(ProductError::NoRoles(product.clone()));
        } else if !roles.iter().any(|role| role.permissions.contains(&Permission::Identity)) {
            wrong.push(ProductError::NobodyHasIdentity(product.clone()));
        }
        let default_at = match default_role {
            None => roles.len().saturating_sub(1),
            Some(named) => roles.iter().position(|role| role.key.as_str() == named).unwrap_or_else(|| {
                wrong.push(ProductError::NoSuchDefault { product, role: named.to_owned() });
                0
            }),
        };
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Ok(Self {
            key: ProductKey::new(key),
            label: label.to_owned(),
            roles,
            default_role: default_at,
            seat_types,
            directory_sync,
        })
    }

    /// Its key.
    pub fn key(&self) -> &ProductKey {
        &self.key
    }

    /// What pages call it.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Its roles, highest first.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The role of whoever joins without a mapping.
    pub fn default_role(&self) -> &RoleKey {
        &self.roles[self.default_role].key
    }

    /// Its seat types, highest first; none for a product without seats (rule B2).
    pub fn seat_types(&self) -> &[SeatType] {
        &self.seat_types
    }

    /// Whether people hold seats at all (rule B2).
    pub fn has_seats(&self) -> bool {
        !self.seat_types.is_empty()
    }

    /// Whether groups may choose the seat type: only where there is a choice (rules B2, B3).
    pub fn maps_seats(&self) -> bool {
        self.seat_types.len() > 1
    }

    /// The role of this key, if this product has it (rule B1).
    pub fn role(&self, key: &RoleKey) -> Option<&Role> {
        self.roles.iter().find(|role| role.key == *key)
    }

    /// The seat type of this key, if this product has it (rule B1).
    pub fn seat_type(&self, key: &SeatTypeKey) -> Option<&SeatType> {
        self.seat_types.iter().find(|seat| seat.key == *key)
    }

    /// How far from the top a role stands: 0 is the highest. `None` if it is another product's.
    pub fn role_rank(&self, key: &RoleKey) -> Option<usize> {
        self.roles.iter().position(|role| role.key == *key)
    }

    /// How far from the top a seat type stands: 0 is the highest (rule B4). `None` if it is another product's.
    pub fn seat_rank(&self, key: &SeatTypeKey) -> Option<usize> {
        self.seat_types.iter().position(|seat| seat.key == *key)
    }

    /// Whether a role has a permission; another product's role has none.
    pub fn allows(&self, role: &RoleKey, permission: Permission) -> bool {
        self.role(role).is_some_and(|role| role.permissions.contains(&permission))
    }

    /// Whether an organization with this product under such a parent may use directory sync.
    pub fn offers_directory_sync(&self, parent: ParentPlan) -> bool {
        match self.directory_sync {
            DirectorySync::Never => false,
            DirectorySync::Offered => true,
            DirectorySync::UnlessParentIsTeam => parent != ParentPlan::Team,
        }
    }

    /// The plan of a parent organization that an organization with this product founds: the one that offers it what the product offers,
    /// and nobody else more.
    pub fn own_plan(&self) -> ParentPlan {
        match self.directory_sync {
            DirectorySync::Never => ParentPlan::Team,
            DirectorySync::Offered => ParentPlan::Enterprise,
            DirectorySync::UnlessParentIsTeam => ParentPlan::Console,
        }
    }
}

/// All products of an installation: the five built in, and the host's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    products: Vec<Product>,
}

impl Default for Catalog {
    fn default() -> Self {
        Self::built_in()
    }
}

impl Catalog {
    /// The five products that every installation knows.
    pub fn built_in() -> Self {
        use Permission::{Billing, Identity, Members};
        let role = |key: &str, label: &str, permissions: &[Permission]| Role {
            key: RoleKey::new(key),
            label: label.to_owned(),
            permissions: permissions.iter().copied().collect(),
        };
        let seat = |key: &str, label: &str| SeatType { key: SeatTypeKey::new(key), label: label.to_owned() };
        let three = || {
            vec![
                role("owner", "Owner", &[Identity, Members, Billing]),
                role("admin", "Admin", &[Members]),
                role("user", "User", &[]),
            ]
        };
        let console = vec![
            role("admin", "Admin", &[Identity, Members, Billing]),
            role("developer", "Developer", &[]),
            role("billing", "Billing", &[Billing]),
            role("claude-code-user", "Claude Code User", &[]),
            role("user", "User", &[]),
        ];
        let by_tier = || vec![seat("premium", "Premium"), seat("standard", "Standard")];
        let by_use = vec![seat("chat-claude-code", "Chat + Claude Code"), seat("chat", "Chat")];
        let one = vec![seat("enterprise", "Enterprise")];
        let product = |key: &str, label: &str, roles, seats, sync| {
            Product::new(key, label, roles, None, seats, sync).expect("the built-in products are valid (tested)")
        };
        Self {
            products: vec![
                product("team", "Team plan", three(), by_tier(), DirectorySync::Never),
                product("enterprise-seats", "Seat-based Enterprise plan", three(), by_tier(), DirectorySync::Offered),
                product(
                    "enterprise-usage",
                    "Usage-based Enterprise plan, two seat types",
                    three(),
                    by_use,
                    DirectorySync::Offered,
                ),
                product(
                    "enterprise-single",
                    "Usage-based Enterprise plan, one seat type",
                    three(),
                    one,
                    DirectorySync::Offered,
                ),
                product("console", "Console", console, Vec::new(), DirectorySync::UnlessParentIsTeam),
            ],
        }
    }

    /// Adds a product of the host's own.
    pub fn add(&mut self, product: Product) -> Result<(), ProductError> {
        if self.product(product.key()).is_some() {
            return Err(ProductError::Taken(product.key().to_string()));
        }
        self.products.push(product);
        Ok(())
    }

    /// All products, the built-in ones first.
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// The product of this key.
    pub fn product(&self, key: &ProductKey) -> Option<&Product> {
        self.products.iter().find(|product| product.key == *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(key: &str, permissions: &[Permission]) -> Role {
        Role { key: RoleKey::new(key), label: key.to_owned(), permissions: permissions.iter().copied().collect() }
    }

    #[test]
    fn the_built_in_products_are_those_of_the_specification() {
        let catalog = Catalog::built_in();
        let said: Vec<String> = catalog
            .products()
            .iter()
            .map(|p| {
                let roles: Vec<&str> = p.roles().iter().map(|role| role.label.as_str()).collect();
                let seats: Vec<&str> = p.seat_types().iter().map(|seat| seat.label.as_str()).collect();
                let sync = ParentPlan::ALL.map(|plan| p.offers_directory_sync(plan));
                format!("{} | {} | {} | {} | {sync:?}", p.key(), roles.join(" "), seats.join(" "), p.default_role())
            })
            .collect();
        assert_eq!(
            said,
            [
                "team | Owner Admin User | Premium Standard | user | [false, false, false]",
                "enterprise-seats | Owner Admin User | Premium Standard | user | [true, true, true]",
                "enterprise-usage | Owner Admin User | Chat + Claude Code Chat | user | [true, true, true]",
                "enterprise-single | Owner Admin User | Enterprise | user | [true, true, true]",
                "console | Admin Developer Billing Claude Code User User |  | user | [false, true, true]",
            ]
        );
    }

    #[test]
    fn b1_a_role_belongs_to_its_product() {
        let catalog = Catalog::built_in();
        let team = catalog.product(&ProductKey::new("team")).expect("built in");
        let console = catalog.product(&ProductKey::new("console")).expect("built in");
        let developer = RoleKey::new("developer");
        assert!(team.role(&developer).is_none() && team.role_rank(&developer).is_none());
        assert_eq!(console.role_rank(&developer), Some(1));
        let admin = RoleKey::new("admin");
        assert!(console.allows(&admin, Permission::Identity), "a Console admin configures identity");
        assert!(!team.allows(&admin, Permission::Identity), "a Team admin does not");
    }

    #[test]
    fn a_configured_product_is_told_everything_that_is_wrong_at_once() {
        let wrong = Product::new(
            "Wiki!",
            "Wiki",
            vec![role("editor", &[]), role("editor", &[])],
            Some("owner"),
            vec![],
            DirectorySync::Offered,
        )
        .expect_err("four mistakes");
        assert_eq!(wrong.len(), 4, "{wrong:?}");
        let fine = Product::new(
            "wiki",
            "Wiki",
            vec![role("owner", &[Permission::Identity]), role("reader", &[])],
            None,
            vec![],
            DirectorySync::Offered,
        )
        .expect("valid");
        let mut catalog = Catalog::built_in();
        assert_eq!(catalog.add(fine.clone()), Ok(()));
        assert_eq!(catalog.add(fine), Err(ProductError::Taken("wiki".to_owned())));
    }
}
