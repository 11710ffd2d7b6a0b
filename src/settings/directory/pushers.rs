//! Identity providers that push their directory: where base URL and token go in their consoles, and what has to be known of each. The words
//! are theirs, so they are in their language and never translated.

/// What goes into a field of theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    BaseUrl,
    Token,
    Says(&'static str),
}

/// How one identity provider is told to push.
struct Pusher {
    label: &'static str,
    path: &'static str,
    fields: &'static [(&'static str, Field)],
    also: &'static [&'static str],
    /// Text keys: what has to be known of it.
    know: &'static [&'static str],
}

const PUSHERS: [Pusher; 4] = [
    Pusher {
        label: "Okta",
        path: "General → App Settings → Provisioning: SCIM; then Provisioning → Integration → Edit",
        fields: &[
            ("SCIM connector base URL", Field::BaseUrl),
            ("Unique identifier field for users", Field::Says("userName")),
            ("Supported provisioning actions", Field::Says("Push New Users, Push Profile Updates, Push Groups")),
            ("Authentication Mode", Field::Says("HTTP Header")),
            ("Authorization", Field::Token),
        ],
        also: &[
            "Test Connector Configuration, then Save",
            "Provisioning → To App: Create Users, Update User Attributes, Deactivate Users",
            "Push Groups: choose the groups that are mapped",
        ],
        know: &["pusher-okta-saml", "pusher-okta-groups", "pusher-okta-suspend"],
    },
    Pusher {
        label: "Microsoft Entra ID",
        path: "Enterprise applications → the application → Provisioning → Provisioning Mode: Automatic → Admin Credentials",
        fields: &[("Tenant URL", Field::BaseUrl), ("Secret Token", Field::Token)],
        also: &[
            "Test Connection, then Save",
            "Mappings → Provision Microsoft Entra ID Users: objectId → externalId",
            "Settings → Scope: Sync only assigned users and groups",
            "Provisioning Status: On",
        ],
        know: &["directory-entra", "pusher-entra-two", "pusher-entra-restored"],
    },
    Pusher {
        label: "OneLogin",
        path: "SCIM Provisioner with SAML (SCIM V2 Enterprise) → Configuration → API Connection",
        fields: &[("SCIM Base URL", Field::BaseUrl), ("SCIM Bearer Token", Field::Token)],
        also: &[
            "API Status: Enable",
            "Provisioning → Workflow: Enable provisioning",
            "Parameters → Groups: Include in User Provisioning",
            "Rules → Actions: Set Groups in the application",
        ],
        know: &["pusher-onelogin-groups"],
    },
    Pusher {
        label: "JumpCloud",
        path: "SSO Applications → the application → Identity Management → SCIM Version: SCIM 2.0",
        fields: &[("Base URL", Field::BaseUrl), ("Token Key", Field::Token)],
        also: &[
            "Test User Email: an address in a verified domain",
            "Test Connection, then Activate",
            "Group Management: On",
        ],
        know: &["pusher-jumpcloud-test"],
    },
];

/// One of them, as a page shows it.
pub struct PusherHelp {
    /// What it is called.
    pub label: &'static str,
    /// Where in its console.
    pub path: &'static str,
    /// Its fields, and what goes into each; `None` for the token, which is shown once only.
    pub fields: Vec<(&'static str, Option<String>)>,
    /// What else is set there, in this order.
    pub also: &'static [&'static str],
    /// Text keys: what has to be known of it.
    pub know: &'static [&'static str],
}

/// All of them, for this base URL.
pub fn help(base_url: &str) -> Vec<PusherHelp> {
    let value = |field: Field| match field {
        Field::BaseUrl => Some(base_url.to_owned()),
        Field::Says(text) => Some(text.to_owned()),
        Field::Token => None,
    };
    PUSHERS
        .iter()
        .map(|pusher| PusherHelp {
            label: pusher.label,
            path: pusher.path,
            fields: pusher.fields.iter().map(|(label, field)| (*label, value(*field))).collect(),
            also: pusher.also,
            know: pusher.know,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_asks_for_base_url_and_token_once() {
        for pusher in &PUSHERS {
            let asks = |wanted: Field| pusher.fields.iter().filter(|(_, field)| *field == wanted).count();
            assert_eq!((asks(Field::BaseUrl), asks(Field::Token)), (1, 1), "{}", pusher.label);
        }
    }

    #[test]
    fn the_guide_of_each_says_what_its_console_says() {
        for pusher in help("https://login.example.com/scim/v2") {
            let (_, file) = [
                ("Okta", "okta"),
                ("Microsoft Entra ID", "entra"),
                ("OneLogin", "onelogin"),
                ("JumpCloud", "jumpcloud"),
            ]
            .into_iter()
            .find(|(label, _)| *label == pusher.label)
            .expect("a guide");
            let path = format!("{}/docs/guides/{file}.md", env!("CARGO_MANIFEST_DIR"));
            let guide = std::fs::read_to_string(&path).expect("a guide");
            let part = guide.split("## 6. Directory sync (SCIM)").nth(1).expect("a part about directory sync");
            assert!(part.contains(pusher.path), "{file}: {}", pusher.path);
            for (label, value) in &pusher.fields {
                let value = value.as_deref().map_or("the token".to_owned(), |value| format!("`{value}`"));
                let row = format!("| {label} | {value} |");
                assert!(part.contains(&row), "{file}: {row}");
            }
            for also in pusher.also {
                assert!(part.contains(&format!("- {also}\n")), "{file}: {also}");
            }
        }
    }
}
