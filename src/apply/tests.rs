use std::time::Duration;

use super::*;
use crate::connection::{Connection, SamlIdp, SealedSecret};
use crate::db::{Db, TxExt as _};
use crate::directory::{GroupContent, Name, UserContent};
use crate::identity::{AssertedGroups, AssertedIdentity, EmailAddress, Subject};
use crate::ids::{AuditId, PersonId, Slug};
use crate::membership::{Attempted, Push, PushError, SignIn, at_sign_in};
use crate::organization::SyncState;
use crate::organizations_file;
use crate::store;

/// An identity provider's metadata; the same for the same name.
fn metadata() -> String {
    static XML: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
        let from = Timestamp::parse("2026-01-01").expect("a date");
        let pair = rcgen::KeyPair::generate().expect("a key");
        let until = Timestamp::parse("2028-01-01").expect("a date");
        let der = crate::saml::self_signed(&pair, "idp", from, until).expect("a certificate");
        crate::saml::write_idp_metadata(&SamlIdp {
            entity_id: "https://idp.acme.example".to_owned(),
            sso_redirect: Some("https://idp.acme.example/sso".to_owned()),
            sso_post: None,
            slo_redirect: None,
            slo_response: None,
            wants_signed_requests: false,
            certificates: vec![crate::saml::read_certificate(&der).expect("a certificate")],
            valid_until: None,
        })
    });
    XML.clone()
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T09:00:00Z").expect("a time")
}

/// A parent with a vouched domain and an active connection, and what else is said in it.
fn parent(slug: &str, rest: &str) -> String {
    format!(
        "[[parent]]\nslug = \"{slug}\"\nname = \"{slug}\"\nplan = \"enterprise\"\n\
         [[parent.domain]]\nname = \"{slug}.example\"\nvouched = true\n\
         [[parent.connection]]\nslug = \"{slug}-idp\"\nprotocol = \"saml\"\nactive = true\nmetadata = '''\n{}'''\n{rest}\n",
        metadata()
    )
}

/// Acme with one seat-based organization by group mappings.
fn acme(premium: u32, mappings: &str) -> String {
    parent(
        "acme",
        &format!(
            "[[parent.organization]]\nslug = \"work\"\nname = \"Work\"\nproduct = \"enterprise-seats\"\n\
             provisioning = \"jit\"\ngroup_mappings = true\n[parent.organization.seats]\npremium = {premium}\nstandard = 2\n\
             [parent.organization.role_mappings]\n{mappings}\n"
        ),
    )
}

const MAPPINGS: &str = "owner = [\"chiefs\"]\nuser = [\"everyone\"]";

fn apply(text: &str, prune: bool) -> Apply {
    let declared = organizations_file::read(text, &Catalog::built_in());
    let declared = declared.unwrap_or_else(|wrong| panic!("{wrong:?}\n{text}"));
    let request = Request::self_contained(declared, now(), seal).expect("nothing outside");
    let actor = Actor::Shell("tester".to_owned());
    Apply { request, prune, catalog: Catalog::built_in(), actor, now: now() }
}

fn seal(_: &Slug, secret: &str) -> SealedSecret {
    SealedSecret { seal: b"a box".to_vec(), mark: crate::secrets::sha256(secret.as_bytes()) }
}

fn db() -> Db {
    Db::temporary(store::MIGRATIONS).expect("a database")
}

/// Applies without asking; what was done, line by line.
#[track_caller]
fn done(db: &Db, text: &str) -> Vec<String> {
    let apply = apply(text, false);
    let plan = apply.plan(db).expect("a plan");
    apply.apply(db, &plan).expect("done");
    lines(&plan)
}

/// The present state as a file.
fn exported(db: &Db) -> organizations_file::Declared {
    let catalog = Catalog::built_in();
    let declared = db.read(|tx| {
        let parents = store::organizations::parents(tx)?;
        export(tx, &parents, &catalog)
    });
    declared.expect("read")
}

fn lines(plan: &Plan) -> Vec<String> {
    plan.lines.iter().map(|line| format!("{} {}", line.action, line.what)).collect()
}

fn events(db: &Db) -> Vec<String> {
    let all = db.read(|tx| store::audit::list(tx, AuditId(0), Timestamp::from_millis(0), 1000)).expect("read");
    all.into_iter().map(|event| format!("{} {} {}", event.actor_kind, event.kind, event.target)).collect()
}

/// Tries it; returns what stands against it, after looking that nothing was written.
#[track_caller]
fn refused(db: &Db, text: &str, prune: bool) -> String {
    let before = events(db);
    let apply = apply(text, prune);
    let said = match apply.apply(db, &Plan::default()) {
        Err(ApplyError::Refused(why)) => why.join("\n"),
        other => panic!("not refused: {other:?}"),
    };
    assert_eq!(events(db), before, "something was written");
    said
}

fn sign_in(db: &Db, email: &str, groups: &[&str], at: Timestamp) -> Attempted {
    let (email, groups) = (email.to_owned(), AssertedGroups::listed(groups.iter().copied()));
    db.write_blocking(move |tx| -> Result<Attempted, DbError> {
        let slug = Slug::parse("acme-idp").expect("a slug");
        let connection = store::connections::by_slug(tx, &slug)?.expect("applied");
        let identity = AssertedIdentity {
            connection: connection.id,
            subject: Subject::new(&email).expect("a subject"),
            email: EmailAddress::parse(&email).expect("an address"),
            display_name: None,
            groups: groups.clone(),
        };
        let catalog = Catalog::built_in();
        let context = Context { now: at, catalog: &catalog, actor: Actor::Stranger, from: None, incident: None };
        let new_public_id = format!("usr-{email}");
        at_sign_in(
            tx,
            &context,
            &SignIn { connection: &connection, identity: &identity, new_public_id: &new_public_id },
        )
    })
    .expect("a sign-in")
}

fn effects(plan: &Plan) -> Vec<String> {
    let people = plan.effects.iter().flat_map(|effects| &effects.people);
    people.map(|p| format!("{} {}: {} ({})", p.kind.as_str(), p.email, p.what, p.evidence)).collect()
}

#[test]
fn a_file_is_applied_once_and_the_second_time_nothing_changes() {
    let db = db();
    let text = acme(1, MAPPINGS);
    assert_eq!(
        done(&db, &text),
        [
            "+ parent acme (enterprise)",
            "+ domain acme.example (vouched for)",
            "+ connection acme-idp (saml, active)",
            "+ organization work (enterprise-seats, jit + mappings)",
            "+ mapping in work: group \"chiefs\" gives role owner",
            "+ mapping in work: group \"everyone\" gives role user",
            "~ seats in work: premium 0 -> 1",
            "~ seats in work: standard 0 -> 2",
        ]
    );
    let before = events(&db);
    assert!(before.contains(&"shell domain_vouched domain:acme.example".to_owned()), "{before:?}");
    assert_eq!(done(&db, &text), Vec::<String>::new());
    assert_eq!(events(&db), before, "no audit event for nothing");
}

#[test]
fn a_plan_writes_nothing() {
    let db = db();
    let plan = apply(&acme(1, MAPPINGS), false).plan(&db).expect("a plan");
    assert!(!plan.is_empty());
    assert_eq!(events(&db), Vec::<String>::new());
    assert_eq!(db.read(store::organizations::parents).expect("read"), []);
}

#[test]
fn what_is_done_is_what_was_shown() {
    let db = db();
    let apply = apply(&acme(1, MAPPINGS), false);
    let shown = apply.plan(&db).expect("a plan");
    done(&db, &parent("acme", ""));
    assert!(matches!(apply.apply(&db, &shown), Err(ApplyError::Moved(_))));
    let none = db.read(|tx| store::organizations::by_slug(tx, &Slug::parse("work").expect("a slug"))).expect("read");
    assert_eq!(none, None, "nothing was written");
}

#[test]
fn what_is_exported_changes_nothing_and_makes_the_same_elsewhere() {
    let rest = "[[parent.organization]]\nslug = \"work\"\nname = \"The \\\"Work\\\"\"\nproduct = \"enterprise-seats\"\n\
                provisioning = \"jit\"\ngroup_mappings = true\nrequire_sso = true\ncontact = \"it@acme.example\"\n\
                [parent.organization.seats]\npremium = 2\nstandard = 2\n\
                [parent.organization.role_mappings]\nowner = [\"chiefs\"]\nuser = [\"everyone\", \"a, \\\"b\\\"\"]\n\
                [parent.organization.seat_mappings]\npremium = [\"chiefs\"]\n\
                [[parent.organization.member]]\nemail = \"anna@acme.example\"\nrole = \"owner\"\nseat = \"premium\"\n\
                [[parent.organization.member]]\nemail = \"otto@acme.example\"\nseat = \"\"\n\
                [[parent.organization.application]]\nslug = \"wiki\"\nurl = \"https://wiki.acme.example\"\nroles = [\"user\"]\n\
                headers = \"oauth2-proxy\"\n\
                [[parent.organization]]\nslug = \"lab\"\nname = \"Lab\"\nproduct = \"console\"\n\
                [[parent.organization.member]]\nemail = \"anna@acme.example\"\nrole = \"admin\"\n";
    let (here, there) = (db(), db());
    done(&here, &parent("acme", rest));
    let export_of = |db: &Db| organizations_file::write(&exported(db));
    let exported = export_of(&here);
    for prune in [false, true] {
        let plan = apply(&exported, prune).plan(&here).expect("a plan");
        assert_eq!(lines(&plan), Vec::<String>::new(), "prune {prune}: {exported}");
    }
    done(&there, &exported);
    assert_eq!(export_of(&there), exported);
    assert!(exported.contains("otto@acme.example") && exported.contains("seat = \"\""), "{exported}");
}

#[test]
fn members_of_mappings_and_sign_ins_are_not_exported() {
    let db = db();
    done(&db, &acme(1, MAPPINGS));
    sign_in(&db, "user@acme.example", &["everyone"], now());
    assert!(!organizations_file::write(&exported(&db)).contains("user@acme.example"));
}

#[test]
fn without_prune_what_is_not_named_stays_and_with_it_goes() {
    let db = db();
    let rest = "[[parent.organization]]\nslug = \"work\"\nname = \"Work\"\nproduct = \"team\"\nprovisioning = \"jit\"\n\
                group_mappings = true\n[parent.organization.role_mappings]\nowner = [\"chiefs\"]\nuser = [\"everyone\"]\n\
                [[parent.organization.member]]\nemail = \"anna@acme.example\"\nrole = \"owner\"\nseat = \"\"\n\
                [[parent.organization.application]]\nslug = \"wiki\"\nurl = \"https://wiki.acme.example\"\n";
    let other = "[[parent.domain]]\nname = \"acme.test\"\nvouched = true\n[[parent.scim_token]]\nname = \"okta\"\n\
                 token = \"0123456789abcdef0123456789abcdef\"\n";
    done(&db, &parent("acme", &format!("{other}{rest}")));
    let less = "[[parent]]\nslug = \"acme\"\nname = \"acme\"\nplan = \"enterprise\"\n[[parent.domain]]\nname = \"acme.example\"\n\
                vouched = true\n[[parent.organization]]\nslug = \"work\"\nname = \"Work\"\nproduct = \"team\"\n\
                [parent.organization.role_mappings]\nuser = [\"staff\"]\n";
    assert_eq!(
        lines(&apply(less, false).plan(&db).expect("a plan")),
        ["+ mapping in work: group \"staff\" gives role user", "- mapping in work: group \"everyone\" gives role user",],
        "a role that is named has the groups that are named; the rest stays"
    );
    let plan = apply(less, true).plan(&db).expect("a plan");
    assert_eq!(
        lines(&plan),
        [
            "- domain acme.test",
            "- connection acme-idp",
            "- scim_token \"okta\" of acme",
            "+ mapping in work: group \"staff\" gives role user",
            "- mapping in work: group \"chiefs\" gives role owner",
            "- mapping in work: group \"everyone\" gives role user",
            "- application wiki of work",
        ],
        "organizations and members are never taken away"
    );
    assert!(plan.takes_access());
    let apply = apply(less, true);
    apply.apply(&db, &apply.plan(&db).expect("a plan")).expect("done");
    assert_eq!(lines(&apply.plan(&db).expect("a plan")), Vec::<String>::new());
}

/// A slug is part of addresses that may stand at an identity provider from the moment it was begun with.
#[test]
fn what_was_only_begun_on_a_page_keeps_its_slug_and_is_pruned_by_no_file() {
    let db = db();
    done(&db, &parent("acme", ""));
    done(&db, &parent("other", ""));
    db.write_blocking(|tx| -> Result<(), DbError> {
        let of = store::organizations::parent_by_slug(tx, &Slug::parse("acme").expect("a slug"))?.expect("there");
        for name in ["kc", "later"] {
            let (vendor, label) = ("keycloak".to_owned(), "Keycloak".to_owned());
            let slug = Slug::parse(name).expect("a slug");
            let begun = crate::connection::ConnectionSetup { slug, parent: of.id, vendor, label, begun: now() };
            store::connection_setups::add(tx, &begun)?;
        }
        Ok(())
    })
    .expect("begun");
    let with = |of: &str| parent(of, &format!("{OIDC}client_secret = \"hush-hush\"\n"));
    let said = refused(&db, &with("other"), false);
    assert!(said.contains("connection kc: the slug is taken by another parent"), "{said}");
    assert_eq!(done(&db, &with("acme")), ["+ connection kc (oidc, draft)"], "its own");
    // A connection that is there is its parent's, whatever somebody else has begun by the same name since.
    db.write_blocking(|tx| -> Result<(), DbError> {
        let of = store::organizations::parent_by_slug(tx, &Slug::parse("other").expect("a slug"))?.expect("there");
        let (slug, vendor) = (Slug::parse("acme-idp").expect("a slug"), "keycloak".to_owned());
        let begun =
            crate::connection::ConnectionSetup { slug, parent: of.id, vendor, label: "K".to_owned(), begun: now() };
        store::connection_setups::add(tx, &begun)?;
        Ok(())
    })
    .expect("begun");
    assert_eq!(done(&db, &with("acme")), Vec::<String>::new(), "refused to nobody whose it is");
    let again = apply(&with("acme"), true);
    assert_eq!(lines(&again.plan(&db).expect("a plan")), Vec::<String>::new(), "no file can name what is only begun");
    let plan = apply(&organizations_file::write(&exported(&db)), true).plan(&db);
    assert_eq!(lines(&plan.expect("a plan")), Vec::<String>::new(), "nor can an exported one");
    let begun = db.read(|tx| store::connection_setups::find(tx, &Slug::parse("later").expect("a slug")));
    assert!(begun.map_err(|error: DbError| error).expect("read").is_some());
}

#[test]
fn a_connection_with_people_and_sessions_can_be_pruned() {
    let db = db();
    done(&db, &acme(1, MAPPINGS));
    sign_in(&db, "user@acme.example", &["everyone"], now());
    let less = "[[parent]]\nslug = \"acme\"\nname = \"acme\"\nplan = \"enterprise\"\n[[parent.domain]]\nname = \"acme.example\"\n";
    let apply = apply(less, true);
    apply.apply(&db, &apply.plan(&db).expect("a plan")).expect("done");
    done(&db, &acme(1, MAPPINGS));
    let again = sign_in(&db, "user@acme.example", &["everyone"], now());
    assert!(matches!(again.verdict, crate::membership::Verdict::Admitted { .. }), "linked by address again: {again:?}");
}

#[test]
fn nothing_is_half_written() {
    let db = db();
    let elsewhere = "[[parent.organization]]\nslug = \"lab\"\nname = \"Lab\"\nproduct = \"team\"\n[[parent.organization.member]]\n\
                     email = \"eve@else.example\"\n";
    let said = refused(&db, &parent("acme", elsewhere), false);
    assert!(said.contains("member eve@else.example: else.example is no domain of the parent (acme.example)"), "{said}");
    assert_eq!(db.read(store::organizations::parents).expect("read"), []);
}

#[test]
fn what_rules_forbid_is_refused_with_the_reason() {
    let db = db();
    done(&db, &acme(1, MAPPINGS));
    sign_in(&db, "boss@acme.example", &["chiefs"], now());
    // Seats below what is held (rule B36).
    let said = refused(&db, &acme(0, MAPPINGS), false);
    assert!(said.contains("seats premium = 0: 1 are held; free 1 of them first"), "{said}");
    // Moving and changing the product.
    let moved = acme(1, MAPPINGS).replace("\"acme", "\"other");
    let said = refused(&db, &moved, false);
    assert!(said.contains("organization work: it belongs to parent acme"), "{said}");
    let said = refused(&db, &acme(1, MAPPINGS).replace("enterprise-seats", "team"), false);
    assert!(said.contains("its product is enterprise-seats, and a product does not change"), "{said}");
    // What another parent has.
    let taken = parent("acme", "").replace("slug = \"acme\"", "slug = \"thief\"");
    let said = refused(&db, &taken, false);
    assert!(said.contains("domain acme.example: it belongs to parent acme"), "{said}");
    assert!(said.contains("connection acme-idp: the slug is taken by another parent"), "{said}");
    // Scim without a directory (rule B29).
    let said = refused(&db, &acme(1, MAPPINGS).replace("\"jit\"", "\"scim\""), false);
    assert!(said.contains("needs a directory first; declare a [[parent.scim_token]]"), "{said}");
}

#[test]
fn b5_provisioning_needs_a_verified_domain_and_a_tested_connection() {
    let db = db();
    let untested = acme(1, MAPPINGS).replace("active = true", "active = false").replace("vouched = true", "");
    let said = refused(&db, &untested, false);
    assert!(said.contains("needs a verified domain first") && said.contains("passed a test sign-in first"), "{said}");
    let manual = untested.replace("\"jit\"", "\"manual\"").replace("group_mappings = true", "");
    done(&db, &manual);
}

const OIDC: &str = "[[parent.connection]]\nslug = \"kc\"\nprotocol = \"oidc\"\nissuer = \"https://id.example\"\nclient_id = \"usher\"\n";

#[test]
fn b5_a_file_that_changes_what_a_test_has_proven_takes_the_test_away() {
    let db = db();
    let draft = parent("acme", "").replace("active = true", "active = false");
    done(&db, &draft);
    let idp = Slug::parse("acme-idp").expect("a slug");
    let known = |db: &Db| db.read(|tx| store::connections::by_slug(tx, &idp)).expect("read").expect("there");
    let tested = Connection { tested: Some(now()), ..known(&db) };
    db.write_blocking(move |tx| store::connections::update(tx, &tested)).expect("tested");
    let labelled = draft.replace("protocol = \"saml\"", "protocol = \"saml\"\nlabel = \"Okta\"");
    done(&db, &labelled);
    assert_eq!((known(&db).label.as_str(), known(&db).tested), ("Okta", Some(now())), "a name proves nothing");
    done(&db, &labelled.replace("https://idp.acme.example/sso", "https://idp.acme.example/other"));
    assert_eq!(known(&db).tested, None, "nobody has signed in there");
}

#[test]
fn an_openid_connection_keeps_its_secret_sealed_and_a_file_that_names_none_keeps_it_too() {
    let db = db();
    let with = |more: &str| parent("acme", &format!("{OIDC}{more}"));
    let said = refused(&db, &with(""), false);
    assert!(said.contains("connection kc: client_secret is missing; give client_secret_file"), "{said}");
    done(&db, &with("client_secret = \"hush-hush\"\nactive = true\n"));
    assert_eq!(done(&db, &with("client_secret = \"hush-hush\"\nactive = true\n")), Vec::<String>::new());
    assert_eq!(done(&db, &with("active = true\n")), Vec::<String>::new(), "not named, so left alone");
    let kept = db.read_one(|tx| tx.one("SELECT settings FROM connection WHERE slug = 'kc'", &[], |row| row.text(0)));
    let kept = kept.expect("read").expect("kept");
    assert!(!kept.contains("hush") && kept.contains("id.example"), "{kept}");
    assert_eq!(
        done(&db, &with("client_secret = \"swoosh\"\nactive = true\n")),
        ["~ connection kc: client_secret as it was -> another"]
    );
    let events = db.read_one(|tx| tx.all("SELECT detail FROM audit_event", &[], |row| row.text(0)));
    let events = events.expect("read");
    assert!(!events.iter().any(|detail: &String| detail.contains("hush") || detail.contains("swoosh")), "{events:?}");
}

/// The secret is what the issuer knows us by: another one would learn it.
#[test]
fn the_secret_of_one_issuer_is_not_handed_to_another() {
    let db = db();
    let with = |more: &str| parent("acme", &format!("{OIDC}{more}active = true\n"));
    let endpoint = "groups_endpoint = \"https://graph.id.example/groups\"\n";
    done(&db, &with(&format!("client_secret = \"hush-hush\"\nclient_secret_expires = \"2027-01-01\"\n{endpoint}")));
    let elsewhere = with("").replace("https://id.example", "https://evil.example");
    let said = refused(&db, &elsewhere, false);
    assert!(
        said.contains("kc: client_secret is missing (the one that is kept is for https://id.example alone)"),
        "{said}"
    );
    let own = with("client_secret = \"swoosh\"\n").replace("https://id.example", "https://evil.example");
    let said = done(&db, &own).join("");
    assert!(said.contains("client_secret as it was -> another"), "{said}");
    assert!(said.contains("client_secret_expires 2027-01-01"), "nor when it ends: {said}");
    assert!(
        said.contains("groups_endpoint https://graph.id.example/groups"),
        "nor whom its tokens are shown to: {said}"
    );
}

#[test]
fn b9_a_plan_tells_when_everybody_becomes_a_stranger_and_asks_where_somebody_would_lose_access() {
    let db = db();
    let whole = |active: &str| format!("{}{OIDC}client_secret = \"hush-hush\"\n{active}", acme(1, MAPPINGS));
    let saml = whole("active = true\n");
    done(&db, &saml);
    let said = |changed: String| {
        let plan = apply(&changed, false).plan(&db).expect("a plan");
        let told = plan.notes.iter().filter(|note| note.contains("may be a stranger")).count();
        assert_eq!(plan.lines.len(), 1, "{plan:?}");
        (told, plan.takes_access())
    };
    let other_client = || saml.replace("client_id = \"usher\"", "client_id = \"usher-2\"");
    let other_issuer = || saml.replace("https://id.example", "https://evil.example");
    let other_entity = || saml.replace("https://idp.acme.example\"", "https://evil.example\"");
    for changed in [other_client(), other_issuer(), other_entity()] {
        assert_eq!(said(changed), (1, false), "nobody has signed in");
    }
    sign_in(&db, "user@acme.example", &["everyone"], now());
    known_to(&db, "kc", "user@acme.example");
    for changed in [other_client(), other_issuer(), other_entity()] {
        assert_eq!(said(changed), (1, true), "everybody would have to be linked anew");
    }
    assert_eq!(said(saml.replace("https://idp.acme.example/sso", "https://idp.acme.example/other")), (0, false));
    done(&db, &whole("active = false\n"));
    let off = other_client().replace("secret = \"hush-hush\"\nactive = true", "secret = \"hush-hush\"\nactive = false");
    assert_eq!(said(off), (1, false), "nobody signs in by one that is off");
}

/// Somebody who is known has signed in by this connection, too.
fn known_to(db: &Db, connection: &str, email: &str) {
    let (slug, email) = (Slug::parse(connection).expect("a slug"), email.to_owned());
    db.write_blocking(move |tx| -> Result<(), DbError> {
        let connection = store::connections::by_slug(tx, &slug)?.expect("applied");
        let address = EmailAddress::parse(&email).expect("an address");
        let person = store::people::by_email(tx, connection.parent, &address)?.expect("known");
        let key = Subject::new(&email).expect("a subject");
        store::people::remember_sign_in(tx, connection.id, &key, person.id, &AssertedGroups::NotSent, now())?;
        Ok(())
    })
    .expect("remembered");
}

#[test]
fn mappings_behind_a_provider_that_never_tells_groups_are_said_to_lead_nowhere() {
    let db = db();
    let with = |issuer: &str, mappings: bool| {
        format!(
            "[[parent]]\nslug = \"acme\"\nname = \"Acme\"\nplan = \"team\"\n\
             [[parent.domain]]\nname = \"acme.example\"\nvouched = true\n\
             [[parent.connection]]\nslug = \"idp\"\nprotocol = \"oidc\"\nissuer = \"{issuer}\"\nclient_id = \"usher\"\n\
             client_auth = \"private_key_jwt\"\nactive = true\n\
             [[parent.organization]]\nslug = \"work\"\nname = \"Work\"\nproduct = \"team\"\nprovisioning = \"jit\"\n\
             group_mappings = {mappings}\n"
        )
    };
    let notes = |issuer: &str, mappings| apply(&with(issuer, mappings), false).plan(&db).expect("a plan").notes;
    let said = notes("https://accounts.google.com", true);
    assert!(
        said[0].contains("organization work: group mappings cannot work") && said[0].contains("connection idp"),
        "{said:?}"
    );
    assert!(said[0].contains("use a SAML app of Google Workspace"), "what to do instead: {said:?}");
    assert_eq!(notes("https://accounts.google.com", false), Vec::<String>::new());
    assert_eq!(notes("https://id.acme.example", true), Vec::<String>::new());
}

#[test]
fn a_parent_that_restricts_creation_gets_further_organizations_from_the_operator_who_is_told() {
    let db = db();
    let organization =
        |slug: &str| format!("[[parent.organization]]\nslug = \"{slug}\"\nname = \"{slug}\"\nproduct = \"team\"\n");
    let with = |switch: &str, organizations: &str| {
        format!("[[parent]]\nslug = \"acme\"\nname = \"Acme\"\nplan = \"team\"\n{switch}\n{organizations}")
    };
    let on = "restrict_organization_creation = true";
    let first = apply(&with(on, &organization("one")), false).plan(&db).expect("a plan");
    assert_eq!(first.notes, Vec::<String>::new(), "the first is nobody's to restrict");
    done(&db, &with(on, &organization("one")));
    assert_eq!(done(&db, &with(on, &organization("one"))), Vec::<String>::new());
    let two = with("", &format!("{}{}", organization("one"), organization("two")));
    let plan = apply(&two, false).plan(&db).expect("a plan");
    assert!(plan.notes[0].contains("organization two: parent acme restricts the creation"), "{:?}", plan.notes);
    let parents = db.read(store::organizations::parents).expect("read");
    let exported = db.read(|tx| export(tx, &parents, &Catalog::built_in())).expect("exported");
    assert!(organizations_file::write(&exported).contains(on));
    let off = with("restrict_organization_creation = false", &organization("one"));
    assert_eq!(done(&db, &off), ["~ parent acme: restrict_organization_creation on -> off"]);
}

#[test]
fn who_may_found_an_organization_is_asked_where_one_is_founded() {
    let db = db();
    let organization = |slug: &str, members: &str| {
        format!(
            "[[parent.organization]]\nslug = \"{slug}\"\nname = \"{slug}\"\nproduct = \"team\"\n[parent.organization.seats]\nstandard = 9\n{members}"
        )
    };
    let member = |who: &str, role: &str| {
        format!(
            "[[parent.organization.member]]\nemail = \"{who}@acme.example\"\nrole = \"{role}\"\nseat = \"standard\"\n"
        )
    };
    let people = format!("{}{}", member("olivia", "owner"), member("uma", "user"));
    let with = |on: bool, second: &str| {
        format!(
            "[[parent]]\nslug = \"acme\"\nname = \"Acme\"\nplan = \"team\"\nrestrict_organization_creation = {on}\n\
             [[parent.domain]]\nname = \"acme.example\"\nvouched = true\n{}{second}",
            organization("one", &people)
        )
    };
    done(&db, &with(true, ""));
    let known = db.read(|tx| {
        let parents = store::organizations::parents(tx)?;
        store::people::of_parent(tx, parents[0].id)
    });
    let known = known.expect("read");
    let person = |who: &str| known.iter().find(|one| one.email.as_str().starts_with(who)).expect("known").id;
    let two = organization("two", "");
    let found = |on: bool, actor: Actor| Apply { actor, ..apply(&with(on, &two), false) }.plan(&db);
    for (name, actor) in [
        ("a member who configures nothing", Actor::Person(person("uma"))),
        ("a person who is gone", Actor::Person(PersonId(4711))),
        ("a directory", Actor::Directory),
        ("an identity provider", Actor::IdentityProvider("okta".to_owned())),
        ("a stranger", Actor::Stranger),
    ] {
        let refused = found(true, actor);
        assert!(
            matches!(&refused, Err(ApplyError::Refused(why)) if why[0].contains("organization two")),
            "{name}: {refused:?}"
        );
    }
    for actor in [Actor::Person(person("olivia")), Actor::Operator, Actor::Shell("root".to_owned())] {
        assert!(found(true, actor.clone()).is_ok(), "{actor:?}");
    }
    assert!(found(false, Actor::Person(person("uma"))).is_ok(), "not restricted");
}

#[test]
fn b7_before_sso_is_required_the_plan_tells_what_it_means_for_each_kind_of_member() {
    let db = db();
    let members = "[[parent.organization.member]]\nemail = \"new@acme.example\"\nrole = \"user\"\nseat = \"\"\n\
                   [[parent.organization.member]]\nemail = \"eve@other.example\"\nrole = \"user\"\nseat = \"\"\n";
    let requires =
        |text: String| text.replace("group_mappings = true\n", "group_mappings = true\nrequire_sso = true\n");
    let before = format!("{}{members}", acme(1, MAPPINGS));
    done(&db, &before.replace("eve@other.example", "eve@acme.example"));
    sign_in(&db, "boss@acme.example", &["chiefs"], now());
    db.write_blocking(|tx| -> Result<(), DbError> {
        let acme = store::organizations::parents(tx)?[0].id;
        let eve = EmailAddress::parse("eve@acme.example").expect("an address");
        let eve = store::people::by_email(tx, acme, &eve)?.expect("a member");
        let elsewhere = EmailAddress::parse("eve@other.example").expect("an address");
        store::people::rename(tx, eve.id, &elsewhere, "Eve")
    })
    .expect("renamed");
    let told = |plan: &Plan| -> Vec<String> {
        let members = plan.sso.iter().flat_map(|effects| &effects.members);
        members.map(|member| format!("{} {}", member.email, member.way.as_str())).collect()
    };
    let after = requires(acme(1, MAPPINGS));
    let plan = apply(&after, false).plan(&db).expect("a plan");
    assert_eq!(
        told(&plan),
        ["boss@acme.example signs_in", "eve@other.example outside_domains", "new@acme.example not_yet"]
    );
    assert!(!plan.takes_access() && !plan.sso[0].locks_out(), "they could not get in before either");

    let off = after.replace("active = true", "active = false");
    let plan = apply(&off, false).plan(&db).expect("a plan");
    assert!(told(&plan).iter().all(|line| line.ends_with("no_connection")), "{:?}", told(&plan));
    assert!(plan.sso[0].locks_out() && plan.takes_access());

    db.write_blocking(|tx| -> Result<(), DbError> {
        let acme = store::organizations::parents(tx)?[0].id;
        let boss = EmailAddress::parse("boss@acme.example").expect("an address");
        let boss = store::people::by_email(tx, acme, &boss)?.expect("a member");
        let subject = store::people::subjects_of(tx, boss.id)?[0].id;
        let session = store::sessions::NewSession {
            token_hash: [1; 32],
            person: boss.id,
            subject,
            idp_session: None,
            idp_name: None,
            logout_seal: None,
            created_at: now(),
            expires_at: now().plus(Duration::from_secs(60)),
            address: "",
            user_agent: "",
        };
        store::sessions::add(tx, &session)
    })
    .expect("signed in");
    assert_eq!(apply(&after, false).plan(&db).expect("a plan").sso[0].sessions_end(), 0);
    assert_eq!(apply(&off, false).plan(&db).expect("a plan").sso[0].sessions_end(), 1);
    done(&db, &after);
    assert!(apply(&after, false).plan(&db).expect("a plan").sso.is_empty(), "told once");
}

#[test]
fn a_token_is_kept_hashed_and_a_revoked_one_does_not_come_back() {
    let db = db();
    let token = "0123456789abcdef0123456789abcdef";
    let with = |token: &str| parent("acme", &format!("[[parent.scim_token]]\nname = \"okta\"\ntoken = \"{token}\"\n"));
    done(&db, &with(token));
    assert_eq!(done(&db, &with(token)), Vec::<String>::new());
    let kept = db.read(|tx| store::scim_tokens::by_hash(tx, &crate::secrets::sha256(token.as_bytes()))).expect("read");
    assert_eq!(kept.expect("kept").name, "okta");
    assert_eq!(done(&db, &with(&token.replace('0', "x"))).len(), 1, "rotation: the old one stays beside the new");
    let pruned = apply(&with(&token.replace('0', "x")), true);
    pruned.apply(&db, &pruned.plan(&db).expect("a plan")).expect("done");
    assert!(refused(&db, &with(token), false).contains("was revoked; make a new one"));
    let short = organizations_file::read(&with("short"), &Catalog::built_in()).expect("valid");
    let wrong = Request::self_contained(short, now(), seal).expect_err("too short");
    assert!(wrong[0].contains("at least 32 characters"), "{wrong:?}");
}

#[test]
fn a_token_that_no_file_made_is_taken_away_by_none() {
    let db = db();
    let (made, declared) = ("0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210");
    let with = format!("[[parent.scim_token]]\nname = \"okta\"\ntoken = \"{declared}\"\n");
    done(&db, &parent("acme", &with));
    db.write_blocking(move |tx| {
        let acme = store::organizations::parent_by_slug(tx, &Slug::parse("acme").expect("a slug"))?.expect("there");
        store::scim_tokens::add(tx, acme.id, "by hand", &crate::secrets::sha256(made.as_bytes()), now(), None)
    })
    .expect("made");
    let prune = |text: &str| {
        let pruned = apply(text, true);
        let plan = pruned.plan(&db).expect("a plan");
        pruned.apply(&db, &plan).expect("done");
        lines(&plan)
    };
    let left = || {
        let tokens = db.read(|tx| {
            let acme = store::organizations::parent_by_slug(tx, &Slug::parse("acme").expect("a slug"))?.expect("there");
            store::scim_tokens::of_parent(tx, acme.id)
        });
        tokens.expect("read").into_iter().map(|token| token.name).collect::<Vec<_>>()
    };
    let exported = organizations_file::write(&exported(&db));
    assert!(exported.contains("name = \"by hand\"") && exported.contains("name = \"okta\""), "{exported}");
    assert!(!exported.contains(made) && !exported.contains(declared));
    assert_eq!(prune(&exported), Vec::<String>::new(), "what was exported keeps every token");
    assert_eq!(left(), ["okta", "by hand"]);
    assert_eq!(prune(&parent("acme", "")), ["- scim_token \"okta\" of acme"], "what no file made is not the file's");
    assert_eq!(left(), ["by hand"]);
    let missing = refused(&db, &parent("acme", "[[parent.scim_token]]\nname = \"entra\"\n"), false);
    assert!(missing.contains("there is none of this name to keep; give its value"), "{missing}");
    // Who names the value of a token that the shell made has it in the file from then on.
    let named = format!("[[parent.scim_token]]\nname = \"by hand\"\ntoken = \"{made}\"\n");
    assert_eq!(prune(&parent("acme", &named)), Vec::<String>::new());
    assert_eq!(prune(&parent("acme", "")), ["- scim_token \"by hand\" of acme"]);
}

#[test]
fn an_organization_that_follows_a_directory_is_exported_and_applied_without_a_change() {
    let db = db();
    let token = format!("[[parent.scim_token]]\nname = \"okta\"\ntoken = \"{}\"\n", "t".repeat(40));
    let scim = acme(1, MAPPINGS).replace("provisioning = \"jit\"", "provisioning = \"scim\"") + &token;
    done(&db, &scim);
    push(&db, "everyone", &["anna", "bert"]);
    // One row is bound by the group's id, as pages write it, and one by its name.
    let id = db.read(|tx| tx.one("SELECT directory_group FROM group_binding", &[], |row| row.text(0))).expect("read");
    let id = id.expect("bound");
    done(&db, &scim.replace("user = [\"everyone\"]", &format!("user = [\"everyone\"]\nadmin = [\"{id}\"]")));
    let state = || {
        let rows = |sql: &'static str| db.read(|tx| tx.all(sql, &[], |row| row.text(0))).expect("read");
        (
            rows("SELECT group_key || ' ' || directory_group FROM group_binding ORDER BY group_key"),
            rows("SELECT kind || ' ' || value || ' ' || group_key FROM group_mapping ORDER BY 1"),
            rows("SELECT person_id || ' ' || status || ' ' || role || ' ' || seat FROM member ORDER BY 1"),
        )
    };
    let before = state();
    assert_eq!(before.0.len(), 2, "{before:?}");
    assert!(before.2.iter().all(|member| member.contains("active admin")), "{before:?}");
    let exported = organizations_file::write(&exported(&db));
    assert!(exported.contains(&format!("\"{id}\"")), "{exported}");
    for prune in [false, true] {
        let again = apply(&exported, prune);
        let plan = again.plan(&db).expect("a plan");
        assert_eq!(lines(&plan), Vec::<String>::new());
        assert_eq!(again.apply(&db, &plan).expect("done"), Vec::new(), "no run begins");
    }
    assert_eq!(state(), before);
}

#[test]
fn b32_the_plan_tells_person_by_person_what_happens_and_how_old_the_evidence_is() {
    let db = db();
    done(&db, &acme(1, MAPPINGS));
    sign_in(&db, "boss@acme.example", &["chiefs"], now().minus(Duration::from_secs(41 * 86_400)));
    sign_in(&db, "user@acme.example", &["everyone", "staff"], now());
    sign_in(&db, "temp@acme.example", &["everyone"], now());
    let by_hand = "[[parent.organization.member]]\nemail = \"anna@acme.example\"\nrole = \"owner\"\nseat = \"\"\n";
    assert_eq!(done(&db, &format!("{}{by_hand}", acme(1, MAPPINGS))), ["+ member anna@acme.example in work (owner)"]);
    let plan =
        apply(&acme(1, "owner = []\nadmin = [\"staff\"]\nuser = [\"chiefs\"]"), false).plan(&db).expect("a plan");
    assert_eq!(
        effects(&plan),
        [
            "demoted boss@acme.example: owner, premium -> user, premium at the next sign-in (groups seen 41 days ago)",
            "refused temp@acme.example: user, standard -> no member at the next sign-in (no_group_access) (groups seen today)",
            "changes user@acme.example: user, standard -> admin, standard at the next sign-in (groups seen today)",
        ]
    );
    assert!(plan.takes_access());
    assert_eq!(plan.effects[0].seats, [("premium".to_owned(), 1, 1), ("standard".to_owned(), 1, 2)]);
    assert!(!plan.effects[0].locks_out, "anna is pinned");
}

#[test]
fn b33_a_plan_after_which_nobody_could_configure_says_so() {
    let db = db();
    done(&db, &acme(1, MAPPINGS));
    sign_in(&db, "boss@acme.example", &["chiefs"], now());
    let plan = apply(&acme(1, "owner = [\"nobody\"]"), false).plan(&db).expect("a plan");
    assert!(plan.effects[0].locks_out && plan.takes_access());
}

#[test]
fn somebody_who_never_signed_in_is_unknown_under_mappings() {
    let db = db();
    let manual =
        acme(1, MAPPINGS).replace("\"jit\"", "\"manual\"").replace("group_mappings = true", "group_mappings = false");
    let anna = "[[parent.organization.member]]\nemail = \"anna@acme.example\"\nrole = \"owner\"\nseat = \"premium\"\n";
    done(&db, &format!("{manual}{anna}"));
    let plan = apply(&acme(1, MAPPINGS), false).plan(&db).expect("a plan");
    assert_eq!(
        effects(&plan),
        ["unknown anna@acme.example: owner, premium -> unknown before the next sign-in (never signed in)"]
    );
}

#[test]
fn more_seats_serve_the_queue_and_fewer_take_from_nobody() {
    let db = db();
    let seats = |standard: u32| acme(0, MAPPINGS).replace("standard = 2", &format!("standard = {standard}"));
    done(&db, &seats(1));
    for name in ["a", "b", "c"] {
        sign_in(&db, &format!("{name}@acme.example"), &["everyone"], now());
    }
    assert_eq!(done(&db, &seats(2)), ["~ seats in work: standard 1 -> 2", "~ queue of work: 2 -> 1 waiting"]);
    assert!(refused(&db, &seats(1), false).contains("2 are held; free 1 of them first"));
}

/// Pushes a directory group with these people, who are new to the directory.
fn push(db: &Db, group: &str, people: &[&str]) {
    let (group, people) = (group.to_owned(), people.iter().map(|who| (*who).to_owned()).collect::<Vec<_>>());
    db.write_blocking(move |tx| -> Result<(), PushError> {
        let acme = Slug::parse("acme").expect("a slug");
        let parent = store::organizations::parent_by_slug(tx, &acme)?.expect("applied").id;
        let catalog = Catalog::built_in();
        let context = Context { now: now(), catalog: &catalog, actor: Actor::Directory, from: None, incident: None };
        let mut push = Push::new(tx, &context, parent)?;
        let content = GroupContent {
            display_name: Name::parse(&group).expect("a name"),
            external_id: None,
            resource: "{}".to_owned(),
        };
        let group = push.add_group(&format!("gid-{group}"), &content)?;
        for who in &people {
            let content = UserContent {
                user_name: Name::parse(who).expect("a name"),
                external_id: None,
                email: Some(EmailAddress::parse(&format!("{who}@acme.example")).expect("an address")),
                display_name: None,
                active: true,
                resource: "{}".to_owned(),
            };
            let user = push.add_user(&format!("uid-{who}"), &content)?;
            push.add_members(&group, &[user.id])?;
        }
        push.finish().map(drop).map_err(PushError::from)
    })
    .expect("pushed");
}

#[test]
fn b32_scim_effects_are_told_person_by_person_and_come_at_once() {
    let db = db();
    done(&db, &acme(1, MAPPINGS));
    push(&db, "everyone", &["anna", "bert"]);
    sign_in(&db, "carl@acme.example", &["everyone"], now());
    let token = format!("[[parent.scim_token]]\nname = \"okta\"\ntoken = \"{}\"\n", "t".repeat(40));
    let scim = acme(1, MAPPINGS).replace("provisioning = \"jit\"", "provisioning = \"scim\"") + &token;
    let apply = apply(&scim, false);
    let plan = apply.plan(&db).expect("a plan");
    assert_eq!(
        effects(&plan),
        [
            "joins anna@acme.example: joins as user, standard at once (in the directory)",
            "joins bert@acme.example: joins as user, standard at once (in the directory)",
            "refused carl@acme.example: user, premium -> refused at the next sign-in (not_provisioned), stays listed (not in the directory)",
        ]
    );
    let reports = apply.apply(&db, &plan).expect("done");
    assert_eq!((reports.len(), reports[0].state, reports[0].counts.added), (1, SyncState::Done, 2));
    assert_eq!(done(&db, &scim), Vec::<String>::new(), "applied twice, nothing changes");
    let bound = db.read(|tx| tx.one("SELECT COUNT(*) FROM group_binding", &[], |row| row.int(0))).expect("read");
    assert_eq!(bound, Some(1), "everyone is there, chiefs is not");
}

#[test]
fn a_plan_that_rules_scim_out_is_refused_until_the_mode_is_changed_too() {
    let db = db();
    let token = format!("[[parent.scim_token]]\nname = \"okta\"\ntoken = \"{}\"\n", "t".repeat(40));
    let api =
        "[[parent.organization]]\nslug = \"api\"\nname = \"API\"\nproduct = \"console\"\nprovisioning = \"scim\"\n";
    done(&db, &(parent("acme", api) + &token));
    let team = |rest: &str| parent("acme", rest).replace("plan = \"enterprise\"", "plan = \"team\"");
    let said = refused(&db, &team(""), false);
    assert!(said.contains("is not offered under a parent organization with a Team plan"), "{said}");
    done(&db, &team(&api.replace("scim", "manual")));
}
