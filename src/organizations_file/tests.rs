use super::*;
use crate::product::Catalog;

const EXAMPLE: &str = include_str!("../../examples/organizations.toml");

fn mistakes(text: &str) -> Vec<String> {
    let told = read(text, &Catalog::built_in()).expect_err(text);
    told.iter().map(ToString::to_string).collect()
}

/// One parent with one organization of this product, and lines inside it.
fn organization(plan: &str, product: &str, lines: &str) -> String {
    format!(
        "[[parent]]\nslug = \"p\"\nname = \"P\"\nplan = \"{plan}\"\n[[parent.organization]]\nslug = \"o\"\nname = \"O\"\n\
         product = \"{product}\"\n{lines}\n"
    )
}

#[track_caller]
fn told(text: &str, expected: &str) {
    let all = mistakes(text).join("\n");
    assert!(all.contains(expected), "{expected} is missing in:\n{all}");
}

#[test]
fn the_example_is_read_and_written_back_as_the_same() {
    let declared = read(EXAMPLE, &Catalog::built_in()).expect("the example is valid");
    let parent = &declared.parents[0];
    assert_eq!((parent.domains.len(), parent.connections.len(), parent.organizations.len()), (1, 1, 1));
    let organization = &parent.organizations[0];
    assert_eq!(organization.provisioning, Some(ModeWord::Jit));
    assert_eq!(organization.applications[0].origin, "https://wiki.acme.example");
    assert_eq!(organization.members[0].seat, DeclaredSeat::Type(SeatTypeKey::new("premium")));
    let written = write(&declared);
    assert_eq!(read(&written, &Catalog::built_in()).expect(&written), declared);
}

#[test]
fn hostile_texts_survive_being_written() {
    let mut declared = read(EXAMPLE, &Catalog::built_in()).expect("valid");
    let parent = &mut declared.parents[0];
    parent.name = "A \"quoted\" \\ name\nwith ''' and \u{7f}\u{0} [[parent]]".to_owned();
    for xml in ["<a b='c'/>", "<a>'''</a>", "ends with '", "\n<a/>\r\n", "\"\"\""] {
        let DeclaredProtocol::Saml(saml) = &mut parent.connections[0].protocol else { panic!("saml") };
        saml.metadata = MetadataSource::Inline(xml.to_owned());
        let text = write(&Declared { parents: vec![parent.clone()] });
        let again = read(&text, &Catalog::built_in()).expect(&text);
        assert_eq!(again.parents[0], *parent, "{text}");
    }
}

#[test]
fn a_secret_is_never_written_nor_shown() {
    let text = "[[parent]]\nslug = \"p\"\nname = \"P\"\nplan = \"team\"\n[[parent.scim_token]]\nname = \"okta\"\n\
                token = \"very-secret\"\n";
    let declared = read(text, &Catalog::built_in()).expect("valid");
    assert!(!write(&declared).contains("very-secret"));
    assert!(!format!("{declared:?}").contains("very-secret"));
}

#[test]
fn every_mistake_is_told_at_once_with_its_place() {
    let text = "\
[[parent]]
slug = \"Acme\"
name = 5
plan = \"enterprize\"
[[parent.domain]]
name = \"gmail.com\"
[[parent.organization]]
slug = \"work\"
nme = \"Work\"
product = \"team\"
";
    assert_eq!(
        mistakes(text),
        [
            "line 2, column 8: parent[0].slug: a slug has 1 to 63 of a-z, 0-9 and -, and starts and ends with a letter or digit",
            "line 3, column 8: parent[0].name: a text in quotes is expected, this is a number",
            "line 4, column 8: parent[0].plan: \"enterprize\" is none of \"team\", \"enterprise\", \"console\"",
            "line 6, column 8: parent[0].domain[0].name: gmail.com is a public mail provider: an address there says nothing about an organization",
            "line 7, column 1: parent[0].organization[0]: name is missing",
            "line 9, column 1: parent[0].organization[0].nme: unknown key; did you mean name? expected: application, contact, \
             group_mappings, member, name, product, provisioning, require_sso, role_mappings, seat_mappings, seats, slug",
        ]
    );
}

#[test]
fn slugs_domains_and_origins_are_used_once() {
    let text = format!("{EXAMPLE}\n{EXAMPLE}");
    let all = mistakes(&text).join("\n");
    for what in [
        "another parent with the slug \"acme\"",
        "acme.example stands in this file twice",
        "another connection with the slug \"okta\"",
        "another organization with the slug \"acme-work\"",
        "another application at https://wiki.acme.example",
    ] {
        assert!(all.contains(what), "{what} is missing in:\n{all}");
    }
    let twice = "[[parent.organization.member]]\nemail = \"a@p.example\"\n[[parent.organization.member]]\nemail = \"A@p.example\"\n";
    told(&organization("team", "team", twice), "stands in this organization twice");
}

#[test]
fn b1_a_role_or_seat_of_another_product_is_refused_wherever_it_stands() {
    for lines in [
        "[parent.organization.role_mappings]\ndeveloper = [\"g\"]",
        "[[parent.organization.member]]\nemail = \"a@p.example\"\nrole = \"developer\"",
        "[[parent.organization.application]]\nslug = \"a\"\nurl = \"https://a.example\"\nroles = [\"developer\"]",
    ] {
        told(&organization("team", "team", lines), "\"developer\" is no role of team; it has owner, admin, user");
    }
    for lines in [
        "[parent.organization.seats]\nchat = 1",
        "[parent.organization.seat_mappings]\nchat = [\"g\"]",
        "[[parent.organization.member]]\nemail = \"a@p.example\"\nseat = \"chat\"",
        "[[parent.organization.application]]\nslug = \"a\"\nurl = \"https://a.example\"\nseats = [\"chat\"]",
    ] {
        told(&organization("team", "team", lines), "\"chat\" is no seat type of team; it has premium, standard");
    }
}

#[test]
fn b2_b3_seats_and_seat_mappings_are_only_where_the_product_has_them() {
    told(&organization("console", "console", "[parent.organization.seats]\npremium = 1"), "it has none");
    let lines = "[parent.organization.seat_mappings]\nenterprise = [\"g\"]";
    told(&organization("enterprise", "enterprise-single", lines), "has one seat type, which everyone gets");
}

#[test]
fn scim_is_refused_where_it_is_not_offered() {
    let scim = "provisioning = \"scim\"";
    told(
        &organization("enterprise", "team", scim),
        "provisioning: directory sync (SCIM) is not offered for this product",
    );
    told(&organization("team", "console", scim), "is not offered under a parent organization with a Team plan");
    assert!(read(&organization("console", "console", scim), &Catalog::built_in()).is_ok());
}

#[test]
fn manual_has_no_group_mappings() {
    told(&organization("team", "team", "provisioning = \"manual\"\ngroup_mappings = true"), "manual ignores groups");
}

#[test]
fn a_connection_has_one_source_of_metadata() {
    let connection = |lines: &str| {
        format!(
            "[[parent]]\nslug = \"p\"\nname = \"P\"\nplan = \"team\"\n[[parent.connection]]\nslug = \"c\"\n{lines}\n"
        )
    };
    told(&connection("protocol = \"saml\""), "one of metadata_file, metadata_url, metadata is missing");
    told(&connection("protocol = \"saml\"\nmetadata = \"x\"\nmetadata_file = \"y\""), "only one of");
    told(&connection("protocol = \"saml\"\nmetadata_url = \"idp\""), "metadata_url: an address");
    told(&connection("protocol = \"cas\""), "\"cas\" is none of \"saml\", \"oidc\"");
    told(&connection("protocol = \"saml\"\nmetadata = \"x\"\nclock_skew = \"301s\""), "0s to 300s");
    let by_address = "protocol = \"saml\"\nmetadata_url = \"https://idp.example/\"\nnew_certificates = ";
    assert!(read(&connection(&format!("{by_address}\"ask\"")), &Catalog::built_in()).is_ok());
    told(&connection(&format!("{by_address}\"never\"")), "\"never\" is none of \"ask\", \"rollover\", \"take\"");
    told(&connection("protocol = \"saml\"\nmetadata = \"x\"\nnew_certificates = \"ask\""), "only with metadata_url");
    told(&connection("protocol = \"saml\"\nmetadata = \"x\"\nissuer = \"y\""), "issuer: unknown key");
    let oidc =
        "protocol = \"oidc\"\nissuer = \"https://id.example\"\nclient_id = \"usher\"\nclient_secret_env = \"SECRET\"";
    assert!(read(&connection(oidc), &Catalog::built_in()).is_ok());
    for everybody in ["common/v2.0", "organizations/v2.0", "common", "{tenantid}/v2.0"] {
        let issuer = format!("https://login.microsoftonline.com/{everybody}");
        told(&connection(&oidc.replace("https://id.example", &issuer)), "the issuer of one tenant is expected");
    }
    told(&connection(&oidc.replace("client_secret_env", "client_secret_en")), "did you mean client_secret_env?");
}

#[test]
fn numbers_and_urls_are_what_they_should_be() {
    for bad in ["-1", "4294967296", "1.5", "\"5\"", "true"] {
        let lines = format!("[parent.organization.seats]\npremium = {bad}");
        assert_eq!(mistakes(&organization("team", "team", &lines)).len(), 1, "{bad}");
    }
    for bad in ["wiki.example", "ftp://wiki.example", "https://me:pw@wiki.example", "javascript:alert(1)"] {
        let lines = format!("[[parent.organization.application]]\nslug = \"a\"\nurl = \"{bad}\"");
        told(&organization("team", "team", &lines), "application[0].url: an address as https://wiki.example.com");
    }
}

#[test]
fn no_product_is_one_mistake_and_not_twenty() {
    let lines = "[parent.organization.seats]\npremium = 1\n[[parent.organization.member]]\nemail = \"a@p.example\"";
    let all = mistakes(&organization("team", "teem", lines));
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].contains("\"teem\" is no product; there are team, enterprise-seats"), "{all:?}");
}
