#!/usr/bin/env python3
"""Makes the responses in honest/ and sha1/, signed and encrypted by xmlsec1: what identity providers send, made by
a program that shares no line with ours. Keys are made anew each time; only the service provider's is kept.
Needs openssl and xmlsec1. Times are fixed: the tests say when "now" is."""

import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
WORK = tempfile.mkdtemp()
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
IDP = "https://idp.acme.example/metadata"
SP = "https://usher.example/saml/acme/metadata"
ACS = "https://usher.example/saml/acme/acs"
REQUEST = "_4f8a0c2e6b1d4f8a0c2e6b1d4f8a0c2e"
AT, END = "2026-12-01T09:00:00{}Z", "2026-12-01T09:05:00{}Z"
FORMAT = "urn:oasis:names:tc:SAML:{}"
CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"


def run(*arguments):
    subprocess.run(arguments, check=True, capture_output=True)


def key(name, *options, keep_key=False):
    crt, pem = os.path.join(HERE, name + ".crt"), os.path.join(HERE if keep_key else WORK, name + ".key")
    run("openssl", "req", "-x509", "-newkey", *options, "-nodes", "-keyout", pem, "-out", crt,
        "-subj", "/CN=" + name, "-days", "3650")
    return pem + "," + crt


def signature(id_, prefix="ds:", method="2001/04/xmldsig-more#rsa-sha256", digest="2001/04/xmlenc#sha256", prefixes="",
              key_info=None):
    p = prefix
    xmlns = 'xmlns:ds="%s"' % DS if prefix else 'xmlns="%s"' % DS
    inclusive = '<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="%s"/>' % prefixes
    info = key_info or "<{p}X509Data><{p}X509Certificate/></{p}X509Data>"
    return ("""<{p}Signature {xmlns}><{p}SignedInfo>
<{p}CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
<{p}SignatureMethod Algorithm="http://www.w3.org/{method}"/><{p}Reference URI="#{id_}"><{p}Transforms>
<{p}Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
<{p}Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#">{inclusive}</{p}Transform></{p}Transforms>
<{p}DigestMethod Algorithm="http://www.w3.org/{digest}"/><{p}DigestValue/></{p}Reference></{p}SignedInfo>
<{p}SignatureValue/><{p}KeyInfo>""" + info + "</{p}KeyInfo></{p}Signature>").format(
        p=p, xmlns=xmlns, method=method, id_=id_, digest=digest, inclusive=inclusive if prefixes else "")


def assertion(p, *, xmlns, sig, name_id, name_format, attributes, fraction="", more="", space=""):
    at, end = AT.format(fraction), END.format(fraction)
    return f"""<{p}Assertion {xmlns} ID="_assertion" IssueInstant="{at}" Version="2.0">{space}<{p}Issuer>{IDP}</{p}Issuer>{sig}{space}<{p}Subject>{space}<{p}NameID Format="{name_format}">{name_id}</{p}NameID>{space}<{p}SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">{space}<{p}SubjectConfirmationData InResponseTo="{REQUEST}" NotOnOrAfter="{end}" Recipient="{ACS}"/>{space}</{p}SubjectConfirmation>{space}</{p}Subject>{space}<{p}Conditions NotBefore="{at}" NotOnOrAfter="{end}"><{p}AudienceRestriction><{p}Audience>{SP}</{p}Audience></{p}AudienceRestriction></{p}Conditions>{space}<{p}AuthnStatement AuthnInstant="{at}" SessionIndex="_session"><{p}AuthnContext><{p}AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</{p}AuthnContextClassRef></{p}AuthnContext></{p}AuthnStatement>{space}<{p}AttributeStatement>{attributes}</{p}AttributeStatement>{more}</{p}Assertion>"""


def response(p, content, *, xmlns, issuer, sig="", fraction="", space=""):
    return f"""<{p}Response {xmlns} Destination="{ACS}" ID="_response" InResponseTo="{REQUEST}" IssueInstant="{AT.format(fraction)}" Version="2.0">{space}{issuer}{sig}{space}<{p}Status>{space}<{p}StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/>{space}</{p}Status>{space}{content}{space}</{p}Response>"""


def sign(text, pair, *owners):
    """Fills the signature templates whose parents are named, innermost first."""
    for owner in owners:
        source, out = os.path.join(WORK, "in.xml"), os.path.join(WORK, "out.xml")
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        run("xmlsec1", "--sign", "--privkey-pem", pair, "--id-attr:ID", f"{SAML}:Assertion", "--id-attr:ID",
            f"{SAMLP}:Response", "--node-xpath", f"//*[local-name()='{owner}']/*[local-name()='Signature']",
            "--output", out, source)
        with open(out, encoding="utf-8") as file:
            text = file.read()
    return text


def encrypt(text, algorithm, session, sp_certificate, beside=False, data="--xml-data"):
    """EncryptedData of an element, the key inside it or beside it."""
    template = f"""<xenc:EncryptedData xmlns:xenc="{XENC}" Type="http://www.w3.org/2001/04/xmlenc#Element"><xenc:EncryptionMethod Algorithm="http://www.w3.org/{algorithm}"/><ds:KeyInfo xmlns:ds="{DS}"><xenc:EncryptedKey><xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"/><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"""
    paths = [os.path.join(WORK, name) for name in ("template.xml", "data.xml", "sealed.xml")]
    for path, content in zip(paths, (template, text)):
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
    run("xmlsec1", "--encrypt", "--pubkey-cert-pem", sp_certificate, "--session-key", session, data, paths[1],
        "--output", paths[2], paths[0])
    with open(paths[2], encoding="utf-8") as file:
        sealed = file.read().split("?>\n", 1)[1].strip()
    if beside:
        start, end = sealed.index("<xenc:EncryptedKey"), sealed.index("</xenc:EncryptedKey>") + len("</xenc:EncryptedKey>")
        carried = sealed[start:end].replace("<xenc:EncryptedKey", f'<xenc:EncryptedKey xmlns:xenc="{XENC}"', 1)
        retrieval = '<ds:RetrievalMethod Type="http://www.w3.org/2001/04/xmlenc#EncryptedKey" URI="#_key"/>'
        sealed = sealed[:start] + retrieval + sealed[end:] + carried.replace("<xenc:EncryptedKey", '<xenc:EncryptedKey Id="_key"', 1)
    return sealed


def without_declaration(text):
    return text.split("?>\n", 1)[1].strip() if text.startswith("<?xml") else text


def attribute(p, name, values, more="", value_more=""):
    inside = "".join(f"<{p}AttributeValue{value_more}>{value}</{p}AttributeValue>" for value in values)
    return f'<{p}Attribute Name="{name}"{more}>{inside}</{p}Attribute>'


def write(folder, name, text):
    os.makedirs(os.path.join(HERE, folder), exist_ok=True)
    with open(os.path.join(HERE, folder, name), "w", encoding="utf-8", newline="") as file:
        file.write(text)


rsa, p384 = key("idp-rsa", "rsa:2048"), key("idp-p384", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1")
key("sp", "rsa:2048", keep_key=True)
key("rsa1024", "rsa:1024")
key("ed25519", "ed25519")
sp_certificate = os.path.join(HERE, "sp.crt")
persistent, transient = FORMAT.format("2.0:nameid-format:persistent"), FORMAT.format("2.0:nameid-format:transient")
mail_format, unspecified = FORMAT.format("1.1:nameid-format:emailAddress"), FORMAT.format("1.1:nameid-format:unspecified")

# Okta: saml2 prefixes, both signed, PrefixList, typed values that declare xs and xsi each.
typed = ' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string"'
basic = ' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:basic"'
inner = assertion("saml2:", xmlns=f'xmlns:saml2="{SAML}" xmlns:xs="http://www.w3.org/2001/XMLSchema"', sig=signature("_assertion", prefixes="xs"),
                  name_id="00u1abcd2EFGH3ijk4x7", name_format=persistent, fraction=".123", attributes=attribute("saml2:", "email", ["anna.mueller@acme.example"], basic, typed)
                  + attribute("saml2:", "firstName", ["Anna"], basic, typed) + attribute("saml2:", "lastName", ["Müller"], basic, typed)
                  + attribute("saml2:", "groups", ["Engineering", "Chat &amp; Code", "R&lt;D", "Köln, Vertrieb"], basic, typed))
okta = response("saml2p:", inner, xmlns=f'xmlns:saml2p="{SAMLP}" xmlns:xs="http://www.w3.org/2001/XMLSchema"', fraction=".123",
                issuer=f'<saml2:Issuer xmlns:saml2="{SAML}" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">{IDP}</saml2:Issuer>', sig=signature("_response", prefixes="xs"))
write("honest", "okta.xml", sign(okta, rsa, "Assertion", "Response"))

# Entra ID: default namespaces, signed assertion, claims, GUIDs, a carriage return in a directory field.
inner = assertion("", xmlns=f'xmlns="{SAML}"', sig=signature("_assertion", prefix=""), name_id="Anna.Mueller@Acme.Example", name_format=mail_format, fraction=".987",
                  attributes=attribute("", "http://schemas.microsoft.com/identity/claims/objectidentifier", ["0b5b4a1c-7c1e-4d8e-9b6b-2f7a2f1f9c11"])
                  + attribute("", "http://schemas.microsoft.com/identity/claims/displayname", ["Anna Müller&#13;\nBerlin"])
                  + attribute("", CLAIMS + "emailaddress", ["Anna.Mueller@acme.example"])
                  + attribute("", "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups", ["9f3c1a52-0000-4000-8000-000000000001", "9f3c1a52-0000-4000-8000-000000000002"]))
entra = response("samlp:", inner, xmlns=f'xmlns:samlp="{SAMLP}"', issuer=f'<Issuer xmlns="{SAML}">{IDP}</Issuer>', fraction=".987")
write("honest", "entra.xml", sign(entra, rsa, "Assertion"))

# Entra ID with more than 150 groups: the link instead of the groups.
many = entra.replace("2008/06/identity/claims/groups", "x", 0)
start = many.index('<Attribute Name="http://schemas.microsoft.com/ws/2008/06/identity/claims/groups">')
end = many.index("</Attribute>", start) + len("</Attribute>")
many = many[:start] + attribute("", "http://schemas.microsoft.com/claims/groups.link", ["https://graph.windows.net/x/users/y/getMemberObjects"]) + many[end:]
write("honest", "entra-overage.xml", sign(many, rsa, "Assertion"))

# Google: response signed, e-mail as name, group names.
any_type = ' xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:anyType"'
inner = assertion("saml2:", xmlns=f'xmlns:saml2="{SAML}"', sig="", name_id="anna.mueller@acme.example", name_format=mail_format, fraction=".505",
                  attributes=attribute("saml2:", "groups", ["Engineering", "All hands"], "", any_type))
google = response("saml2p:", inner, xmlns=f'xmlns:saml2p="{SAMLP}"', issuer=f'<saml2:Issuer xmlns:saml2="{SAML}">{IDP}</saml2:Issuer>', sig=signature("_response"), fraction=".505")
write("honest", "google.xml", '<?xml version="1.0" encoding="UTF-8" standalone="no"?>' + without_declaration(sign(google, rsa, "Response")))

# AD FS: DNs as groups, seven digits.
inner = assertion("", xmlns=f'xmlns="{SAML}"', sig=signature("_assertion"), name_id="ACME\\anna", name_format=unspecified, fraction=".1234567",
                  attributes=attribute("", CLAIMS + "emailaddress", ["anna.mueller@acme.example"])
                  + attribute("", CLAIMS + "givenname", ["Anna"]) + attribute("", CLAIMS + "surname", ["Müller"])
                  + attribute("", "http://schemas.xmlsoap.org/claims/Group", ["CN=Engineering,OU=Groups,DC=acme,DC=example", "CN=Vertrieb\\, Köln,OU=Groups,DC=acme,DC=example"]))
adfs = response("samlp:", inner, xmlns=f'xmlns:samlp="{SAMLP}"', issuer=f'<Issuer xmlns="{SAML}">{IDP}</Issuer>', fraction=".1234567")
write("honest", "adfs.xml", sign(adfs, rsa, "Assertion"))

# Keycloak: one attribute per group, paths, KeyName and RSAKeyValue.
keycloak_info = "<{p}KeyName>FJ86GcF3jTbNLOco4NvZkUCIUmfYCqoqtOQeMfbhNlE</{p}KeyName><{p}X509Data><{p}X509Certificate/></{p}X509Data><{p}KeyValue/>"
inner = assertion("saml:", xmlns=f'xmlns:saml="{SAML}"', sig="", name_id="G-2b1f6c0e-9d4f-4a0b-8a8e-0f4f5a6b7c8d", name_format=persistent, fraction=".042",
                  attributes=attribute("saml:", "email", ["anna.mueller@acme.example"], ' FriendlyName="email"' + basic, typed)
                  + attribute("saml:", "groups", ["/Engineering"], basic, typed) + attribute("saml:", "groups", ["/Chat/Code"], basic, typed))
keycloak = response("samlp:", inner, xmlns=f'xmlns="{SAML}" xmlns:saml="{SAML}" xmlns:samlp="{SAMLP}"', issuer=f"<saml:Issuer>{IDP}</saml:Issuer>",
                    sig=signature("_response", prefix="ds:", key_info=keycloak_info), fraction=".042")
write("honest", "keycloak.xml", sign(keycloak, rsa, "Response"))

# Shibboleth: OIDs, transient name, a structured value that is not ours to use; encrypted, the key beside the data.
uri = ' NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:uri"'
targeted = f'<saml2:NameID Format="{persistent}" NameQualifier="{IDP}" SPNameQualifier="{SP}">x1y2z3</saml2:NameID>'
inner = assertion("saml2:", xmlns=f'xmlns:saml2="{SAML}"', sig=signature("_assertion"), name_id="_8c1f0e6a4b", name_format=transient, fraction=".5",
                  attributes=attribute("saml2:", "urn:oid:1.3.6.1.4.1.5923.1.1.1.10", [targeted], uri)
                  + attribute("saml2:", "urn:oid:0.9.2342.19200300.100.1.3", ["anna.mueller@acme.example"], ' FriendlyName="mail"' + uri)
                  + attribute("saml2:", "urn:oid:2.16.840.1.113730.3.1.241", ["Anna Müller"], uri)
                  + attribute("saml2:", "urn:oasis:names:tc:SAML:attribute:subject-id", ["amueller@acme.example"], uri)
                  + attribute("saml2:", "urn:oid:1.3.6.1.4.1.5923.1.5.1.1", ["urn:mace:acme:engineering"], uri))
signed = without_declaration(sign(inner, rsa, "Assertion"))
issuer = f'<saml2:Issuer xmlns:saml2="{SAML}">{IDP}</saml2:Issuer>'
for name, algorithm, session, beside in [("shibboleth-gcm.xml", "2009/xmlenc11#aes128-gcm", "aes-128", True), ("shibboleth-cbc.xml", "2001/04/xmlenc#aes256-cbc", "aes-256", False)]:
    content = f'<saml2:EncryptedAssertion xmlns:saml2="{SAML}">' + encrypt(signed, algorithm, session, sp_certificate, beside) + "</saml2:EncryptedAssertion>"
    write("honest", name, '<?xml version="1.0" encoding="UTF-8"?>' + response("saml2p:", content, xmlns=f'xmlns:saml2p="{SAMLP}"', issuer=issuer, fraction=".5"))

# Encrypted inside a signed response; the plaintext leans on the namespaces around it, as xmlsec1 callers send it.
bare = assertion("saml:", xmlns="", sig="", name_id="pys-7", name_format=persistent, attributes=attribute("saml:", "mail", ["anna.mueller@acme.example"]) + attribute("saml:", "groups", []))
bare_outer = f'<saml:EncryptedAssertion xmlns:saml="{SAML}">' + "{}" + "</saml:EncryptedAssertion>"
sealed = encrypt(bare, "2001/04/xmlenc#aes128-cbc", "aes-128", sp_certificate, data="--binary-data")
pysaml = response("samlp:", bare_outer.format(sealed), xmlns=f'xmlns:samlp="{SAMLP}" xmlns:saml="{SAML}"', issuer=f"<saml:Issuer>{IDP}</saml:Issuer>", sig=signature("_response"))
write("honest", "encrypted-in-signed-response.xml", sign(pysaml, rsa, "Response"))

# Pretty printing, comments and instructions outside values, an elliptic curve, SHA-384 and SHA-512.
space = "\n    "
inner = assertion("saml:", xmlns=f'xmlns:saml="{SAML}"', sig=space + signature("_assertion", method="2001/04/xmldsig-more#ecdsa-sha384", digest="2001/04/xmlenc#sha512"),
                  name_id=f"{space}  p-384{space}", name_format=persistent, space=space + "<!-- between -->" + space,
                  attributes=space + attribute("saml:", "mail", ["anna.mueller@acme.example"]) + "<!-- here -->" + attribute("saml:", "memberOf", ["Größe & Maß".replace("&", "&amp;")]) + space)
pretty = '<?xml version="1.0" encoding="utf-8"?>\n<!-- before --><?target data?>\n' + response(
    "samlp:", inner, xmlns=f'xmlns:samlp="{SAMLP}"', issuer=f'<saml:Issuer xmlns:saml="{SAML}">\n      {IDP}\n    </saml:Issuer>', space=space) + "\n<!-- after -->\n"
pretty = sign(pretty, p384, "Assertion")
write("honest", "pretty.xml", pretty)
write("honest", "pretty-crlf.xml", "\ufeff" + pretty.replace("\n", "\r\n"))

# The same Okta response with SHA-1, properly signed: what a verifier without a list of algorithms accepts.
write("sha1", "rsa-sha1.xml", sign(okta.replace("2001/04/xmldsig-more#rsa-sha256", "2000/09/xmldsig#rsa-sha1"), rsa, "Assertion", "Response"))
write("sha1", "digest-sha1.xml", sign(okta.replace("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"), rsa, "Assertion", "Response"))
