skip-to-content = Zum Inhalt
nav-label = Ihr Konto
nav-launcher = Anwendungen
language-label = Sprache
sign-out = Abmelden
to-start = Zur Startseite
to-launcher = Zu Ihren Anwendungen
try-again = Erneut versuchen
continue = Weiter
or = oder
identity-provider = Identity Provider (IdP)
incident = Referenz
reason-code = Grund
time = Zeit
organization = Organisation
role = Rolle
seat = Sitz
email = E-Mail

sign-in-title = Anmelden
sign-in-for = um zu { $application } zu gelangen
continue-with-sso = Weiter mit SSO
email-label = Geschäftliche E-Mail-Adresse
email-hint = Sie melden sich beim Identity Provider (IdP) Ihrer Organisation an.
email-invalid = Bitte geben Sie Ihre E-Mail-Adresse ein, zum Beispiel anna@example.com.
email-unknown = Keine Organisation verwendet hier diese Adresse. Prüfen Sie die Schreibweise oder fragen Sie die Person, die Sie eingeladen hat.
choose-title = Wie möchten Sie sich anmelden?
choose-what = Ihre Organisation bietet mehr als einen Weg an.
post-title = Einen Moment
post-what = Sie werden zur Anmeldung zu { $idp } weitergeleitet. Falls nichts geschieht, geht es hier weiter.
onward-title = Einen Moment
onward-what = Sie werden weitergeleitet. Wenn nichts geschieht, geht es hier weiter.
confirm-title = Als diese Person fortfahren?
confirm-what = Ihr Identity Provider (IdP) möchte Sie als { $email } anmelden.
confirm-why = Sie haben diese Anmeldung nicht hier begonnen. Fahren Sie nur fort, wenn Sie das soeben bei Ihrem Identity Provider getan haben und diese Person sind.
confirm-yes = Als { $email } fortfahren
confirm-no = Nein, anders anmelden

signed-out-title = Sie sind abgemeldet
signed-out-what = Ihre Sitzung ist beendet, für alle Anwendungen dahinter.
signed-out-idp = Bei Ihrem Identity Provider (IdP) sind Sie möglicherweise noch angemeldet. Melden Sie sich an gemeinsam genutzten Geräten auch dort ab oder schließen Sie alle Fenster.
signed-out-onward = Sie werden zu { $idp } weitergeleitet, um sich auch dort abzumelden. Falls nichts geschieht, geht es hier weiter.
signed-out-ended = Auch bei { $idp } sind Sie abgemeldet.
signed-out-partly = Auch bei { $idp } sind Sie abgemeldet, aber nicht überall: Andere Anwendungen dort sind möglicherweise noch offen. Schließen Sie an gemeinsam genutzten Geräten alle Fenster.
signed-out-refused = { $idp } hat Sie nicht abgemeldet: Dort sind Sie noch angemeldet. Melden Sie sich an gemeinsam genutzten Geräten auch dort ab oder schließen Sie alle Fenster.
sign-in-again = Erneut anmelden

# Anwendungen
nav-applications = Anwendungen
app = Anwendung
app-what = Was Ihre Leute durch dieses Gateway betreten. Der Reverse-Proxy vor jeder Anwendung fragt hier bei jeder Anfrage, wer kommt und ob die Person eintreten darf.
app-list = Liste der Anwendungen
app-none = Es gibt noch keine Anwendung. Fügen Sie die erste hinzu: Die Adresse genügt, und ihre Seite zeigt dann, was in Ihren Reverse-Proxy gehört.
app-add = Anwendung hinzufügen
app-edit = Anwendung ändern
app-remove = Anwendung entfernen
app-settings = Einstellungen
app-who = Wer eintreten darf
app-enter = Mitglieder, die jetzt eintreten dürfen
app-enter-now = { $count ->
    [0] Jetzt darf niemand eintreten.
    [one] Jetzt darf ein Mitglied eintreten.
   *[other] Jetzt dürfen { $count } Mitglieder eintreten.
}
app-everybody = Jedes Mitglied, wo es Sitze gibt mit einem Sitz
app-roles = Nur die Rollen { $roles }
app-seats = Nur die Sitze { $seats }
app-roles-and-seats = Nur die Rollen { $roles } mit den Sitzen { $seats }
app-name = Name
app-slug = Kurzname
app-slug-hint = Kleine Buchstaben, Ziffern und Bindestriche, etwa wiki. Er bleibt, wie er ist.
app-url = Adresse
app-url-hint = Wie man sie eingibt, etwa https://wiki.example.com. An Schema, Host und Port werden Anfragen erkannt.
app-which-roles = Welche Rollen eintreten dürfen
app-every-role = Jede Rolle
app-which-seats = Welche Sitze eintreten dürfen
app-every-seat = Jeder Sitztyp
app-only-these = Nur diese:
app-headers = Header für die Anwendung
headers-usher = Remote-* und X-Usher-*, die immer gesendet werden
headers-oauth2-proxy = Auch die von oauth2-proxy: X-Auth-Request-* und X-Forwarded-User, -Email, -Groups, -Preferred-Username
headers-authentik = Auch die von authentik: X-authentik-*
app-loses = { $count ->
    [one] Eine Person verlöre sofort den Zugriff auf diese Anwendung. Noch ist nichts gespeichert.
   *[other] { $count } Personen verlören sofort den Zugriff auf diese Anwendung. Noch ist nichts gespeichert.
}
app-lose-and-save = { $count ->
    [one] Einer Person den Zugriff nehmen und speichern
   *[other] { $count } Personen den Zugriff nehmen und speichern
}
app-remove-title = { $name } entfernen
app-remove-access = { $count ->
    [0] Jetzt darf niemand eintreten, also verliert niemand den Zugriff.
    [one] Eine Person verliert sofort den Zugriff.
   *[other] { $count } Personen verlieren sofort den Zugriff.
}
app-remove-proxy = Wer { $address } aufruft, wird abgelehnt, solange der Reverse-Proxy dort hier nachfragt.
app-remove-again = Niemandes Rolle oder Sitz ändert sich. Sie können die Anwendung später wieder hinzufügen.
app-try = Testanfrage
app-try-what = Was dieses Gateway dem Reverse-Proxy antworten würde, wenn sich jemand gerade angemeldet hätte und die Anwendung aufriefe. Es antwortet derselbe Code, und nichts ändert sich.
app-try-who = E-Mail eines Mitglieds
app-try-now = Ausprobieren
app-try-in = Darf eintreten.
app-try-refused = Darf nicht eintreten: { $why }
app-try-headers = Header, die die Anwendung bekommt
app-try-claims = Was der signierte Header X-Usher-Assertion sagt
app-proxy = Reverse-Proxy
app-proxy-what = Jede Konfiguration ist vollständig und entfernt, was ein Client über sich selbst behauptet. Passen Sie die eigene Adresse der Anwendung an; das Gateway muss den Proxy kennen (server.trusted_proxies).
app-proxy-none = Diese Adresse hat Zeichen, die keine Konfiguration eines Reverse-Proxys sicher nennen kann. Ändern Sie die Adresse, um zu sehen, was dort einzutragen ist.
copy = Kopieren
copied = Kopiert
problem-app-name = Geben Sie der Anwendung einen Namen.
problem-app-slug = Geben Sie nur kleine Buchstaben, Ziffern und Bindestriche an, mit Buchstabe oder Ziffer am Anfang.
problem-app-slug-taken = Es gibt eine andere Anwendung mit diesem Kurznamen.
problem-app-url = Geben Sie eine Adresse wie https://wiki.example.com an.
problem-app-url-ours = Das ist die Adresse des Gateways selbst.
problem-app-url-taken = Unter dieser Adresse gibt es schon eine andere Anwendung. Jede braucht einen eigenen Host oder Port.
problem-app-no-role = Wählen Sie mindestens eine Rolle, oder lassen Sie jede Rolle ein.
problem-app-no-seat = Wählen Sie mindestens einen Sitztyp, oder lassen Sie jeden Sitztyp ein.
problem-app-headers = Wählen Sie einen der Sätze von Headern.
problem-app-moved = Jemand anderes hat diese Anwendung inzwischen geändert. Sehen Sie sich Ihre Eingaben noch einmal an und speichern Sie erneut, wenn sie noch stimmen.
flash-app-saved = { $name } wurde gespeichert.
flash-app-removed = { $name } wurde entfernt.

# Läufe der Verzeichnissynchronisierung
nav-runs = Freigaben und Rückgängig
runs-what = Jeder Lauf der Verzeichnissynchronisierung, und was er für wen änderte. Was zu viele Mitgliedschaften auf einmal beenden würde, oder die einer Person, die einrichten darf, wartet hier auf Ihre Freigabe.
runs-list = Alle Läufe
runs-none = Es gab noch keinen Lauf. Der erste beginnt mit der ersten Übertragung oder mit „Jetzt synchronisieren“.
runs-not-synced = Es gab noch keinen Lauf. Läufe gehören zur Verzeichnissynchronisierung (SCIM), die diese Organisation nicht nutzt.
run = Lauf
run-cause = Ausgelöst durch
run-result = Ergebnis
run-began = Begonnen
run-ended = Beendet
run-approved-by = Freigegeben von
run-running = Im Gang
run-halted = Braucht eine Freigabe
run-done = Erledigt
run-approved = Freigegeben und erledigt
run-dismissed = Verworfen
run-superseded = Von einem späteren Lauf oder einer anderen übergeordneten Organisation überholt
run-undone = Rückgängig gemacht
run-undoing = Wird rückgängig gemacht
run-running-what = Das kann eine Weile dauern. Sie können diese Seite verlassen und wiederkommen; der Lauf geht weiter.
run-look-again = Noch einmal nachsehen
run-counts = { $added } hinzugefügt, { $updated } geändert, { $removed } entfernt, { $waiting } wartend
run-needs-approval = { $count ->
    [one] Eine Mitgliedschaft würde enden und braucht Ihre Freigabe
   *[other] { $count } Mitgliedschaften würden enden und brauchen Ihre Freigabe
}
run-halted-what = Bis dahin bestehen diese Mitgliedschaften, und keine Synchronisierung und keine Anmeldung beendet sie. Niemand sonst muss deshalb warten.
run-see-who = Ansehen, wer
run-people = Personen
run-nobody = Dieser Lauf änderte niemanden.
run-before = Vorher
run-after = Nachher
run-would-end = wäre kein Mitglied
run-no-member = kein Mitglied
run-all-people = Alle Personen dieses Laufs
run-approve = Freigeben
run-dismiss = Verwerfen
run-undo = Diesen Lauf rückgängig machen
approve-what = { $count ->
    [one] Eine Mitgliedschaft endet: Zugriff, Sitzungen und Sitz.
   *[other] { $count } Mitgliedschaften enden: Zugriff, Sitzungen und Sitze.
}
approve-anew = Alles wird neu ermittelt. Wen das Verzeichnis inzwischen wieder zugewiesen hat, der bleibt.
approve-undo = Sie können den Lauf 90 Tage lang rückgängig machen.
approve-now = { $count ->
    [one] Eine Mitgliedschaft beenden
   *[other] { $count } Mitgliedschaften beenden
}
dismiss-what = { $count ->
    [one] Eine Mitgliedschaft bleibt, wie sie ist.
   *[other] { $count } Mitgliedschaften bleiben, wie sie sind.
}
dismiss-until = Das gilt, bis jemand die nächste Synchronisierung verlangt oder der Identity Provider (IdP) genau dieser Person etwas nimmt. Berichtigen Sie vorher das Verzeichnis.
undo-what = { $count ->
    [0] Niemand kann wiederhergestellt werden.
    [one] Eine Person steht wieder da wie vor dem Lauf.
   *[other] { $count } Personen stehen wieder da wie vor dem Lauf.
}
undo-left = { $count ->
    [one] Eine Person bleibt, wie sie ist; warum, steht unten.
   *[other] { $count } Personen bleiben, wie sie sind; warum, steht unten.
}
undo-directory = Das Verzeichnis sagt weiterhin, was es sagt. Berichtigen Sie es oder die Zuordnungen vor der nächsten Synchronisierung.
undo-running-what = Das kann eine Weile dauern. Sie können diese Seite verlassen und wiederkommen; es geht weiter.
undo-silent-what = Es wurde unterbrochen, vielleicht durch einen Neustart des Servers. Was zurückgegeben ist, gilt; in einigen Minuten geht es von selbst weiter.
undo-came-to = { $count ->
    [one] Eine Person steht wieder da wie vorher
   *[other] { $count } stehen wieder da wie vorher
}
undo-came-left = { $count ->
    [one] eine bleibt, wie sie ist
   *[other] { $count } bleiben, wie sie sind
}
undo-now = { $count ->
    [0] Diesen Lauf rückgängig machen
    [one] Eine Person wiederherstellen
   *[other] { $count } Personen wiederherstellen
}
undo-left-title = Bleiben, wie sie sind
undo-changed-since = seither wieder geändert
undo-no-free-seat = kein Sitz { $seat } ist frei
sync-now = Jetzt synchronisieren
sync-now-what = Sieht das ganze Verzeichnis für diese Organisation noch einmal an, lässt ein, wer auf einen freien Sitz wartet, und tut danach dasselbe für die anderen Organisationen der übergeordneten Organisation mit Verzeichnissynchronisierung.
flash-run-already = Es gibt einen neueren Lauf, als diese Seite kannte. Sehen Sie ihn sich an, bevor Sie einen weiteren beginnen.
flash-run-approved = Der Lauf wurde freigegeben.
flash-run-dismissed = Der Lauf wurde verworfen.
flash-run-undone = Rückgängig gemacht: { $restored } stehen wieder da wie vorher, { $left } bleiben, wie sie sind.
flash-run-going-on = Das dauert eine Weile und geht weiter. Sehen Sie gleich noch einmal nach.
flash-run-over = Über diesen Lauf wurde schon entschieden.

# Das Verzeichnis
nav-directory = Verzeichnis{ "\u00AD" }synchronisierung (SCIM)
set-up-scim = SCIM einrichten
manage-scim = SCIM verwalten
scim-not-offered-product = Die Verzeichnissynchronisierung (SCIM) wird für das Produkt dieser Organisation nicht angeboten. Nutzen Sie Manuell oder Just-in-Time (JIT).
scim-not-offered-parent = Die Verzeichnissynchronisierung (SCIM) wird unter einer übergeordneten Organisation mit Team-Plan nicht angeboten. Nutzen Sie Manuell oder Just-in-Time (JIT).
directory-what = Ihr Identity Provider (IdP) überträgt, wer zugewiesen ist und in welchen Gruppen. Das Verzeichnis gehört der übergeordneten Organisation; was es in dieser Organisation bedeutet, steht bei jedem Benutzer.
directory-give = Was Ihr Identity Provider (IdP) braucht
directory-base-url = Basis-URL
directory-entra = Entra ID überträgt nur alle 40 Minuten. „Bei Bedarf bereitstellen“ überträgt dort einen Benutzer oder eine Gruppe sofort.
pushers-title = Wohin sie bei Ihrem Identity Provider (IdP) gehören
pusher-token = das Token
pusher-okta-saml = Okta bietet das nur für seine SAML-Anwendungen an, nicht für solche mit OpenID Connect.
pusher-okta-groups = Nehmen Sie verschiedene Gruppen, um die Anwendung zuzuweisen und um sie übertragen zu lassen: Wer eine Gruppe verlässt, die beides tut, wird hier nicht immer entfernt.
pusher-okta-suspend = „Suspend“ sendet dort nichts, „Deactivate“ schon.
pusher-entra-two = Eine Person und ihre Gruppen kommen als zwei Anfragen an, einige Sekunden auseinander.
pusher-entra-restored = Wer dort gelöscht und wiederhergestellt wurde, kommt dadurch nicht zurück in Gruppen: Das tut „Restart provisioning“.
pusher-onelogin-groups = Wenn Sie der Anwendung eine Gruppe wegnehmen, wird nichts gesendet. Nur wer die Anwendung ganz verliert, wird hier abgeschaltet.
pusher-jumpcloud-test = „Test Connection“ legt einen Benutzer und eine Gruppe an und löscht beide wieder.
directory-held = Was angekommen ist
directory-nothing-yet = Noch ist nichts angekommen. Tragen Sie Basis-URL und Token bei Ihrem Identity Provider (IdP) ein und lassen Sie ihn die Verbindung prüfen.
scim-last-push = Letzte Übertragung
directory-last-request = Letzte Anfrage
scim-users = Benutzer
scim-groups = Gruppen
directory-requests = Anfrageprotokoll
directory-mismatches = Was nicht zusammenpasst
directory-not-followed = Diese Organisation folgt dem Verzeichnis nicht: Was ankommt, ändert hier kein Mitglied. Wählen Sie dafür Verzeichnissynchronisierung (SCIM) als Bereitstellungsmodus.
directory-users-what = Alle, die der Identity Provider (IdP) übertragen hat, und was sie in { $organization } sind.
directory-users-none = Noch wurde niemand übertragen.
directory-search = Benutzername, E-Mail, Name oder externe ID
directory-user = Benutzer
directory-effect = Hier
directory-changed = Geändert
directory-inactive = Inaktiv
directory-groups-what = Jede Gruppe, die der Identity Provider (IdP) übertragen hat, und was sie in { $organization } gibt.
directory-groups-none = Noch wurde keine Gruppe übertragen. Weisen Sie der Anwendung bei Ihrem Identity Provider (IdP) Gruppen zu und übertragen Sie sie.
directory-groups-gone = Zugeordnete Gruppen, die es nicht mehr gibt
directory-group = Gruppe
directory-members = Mitglieder
directory-gives = Gibt hier
gives-nothing = nichts
gives-role = Rolle { $role }
gives-seat = Sitz { $seat }
directory-requests-what = Was Ihr Identity Provider (IdP) in den letzten Tagen sandte, was verstanden wurde und was daraus wurde. Was Inhalte über Personen sagen, ist weggelassen.
requests-all = Alle Anfragen
requests-failed = Nur fehlgeschlagene
requests-none-failed = Keine der letzten Anfragen schlug fehl.
requests-asked = Anfrage
requests-answered = Antwort
requests-came = Was daraus wurde
requests-body = Inhalt
directory-mismatches-what = Benutzer und Mitglieder, die nicht zusammenpassen, sodass sich jemand nicht anmelden kann oder vergeblich einen Sitz hält.
mismatches-none = Alles passt zusammen.
mismatches-none-yet = Alles, was bisher angesehen wurde, passt zusammen.
mismatch-what = Was nicht passt
mismatch-ghost = Mitglied, aber nicht im Verzeichnis, und kann sich deshalb nicht anmelden. Weisen Sie die Person beim Identity Provider (IdP) zu, oder entfernen Sie sie hier.
mismatch-no-address = Hat keine brauchbare E-Mail-Adresse und kann deshalb kein Mitglied werden.
mismatch-domain = { $domain } ist keine verifizierte Domäne, also kann sich die Person nicht anmelden.
mismatch-address = Das Verzeichnis sagt { $directory }, die letzte Anmeldung oder Änderung hier { $here }.
mismatch-refused-subject = Eine Anmeldung wurde abgelehnt ({ $why }); { $name } im Verzeichnis hat genau diese Adresse und ist unter einem anderen Konto bekannt. Ist es eine Person, deren Konto neu angelegt wurde, verknüpfen Sie es neu.
mismatch-refused-same = Eine Anmeldung wurde abgelehnt ({ $why }); { $name } im Verzeichnis hat genau diese Adresse.
mismatch-refused-nearly = Eine Anmeldung wurde abgelehnt ({ $why }); das Verzeichnis hat { $email } ({ $name }). Ist es eine Person, muss der Identity Provider (IdP) an beiden Stellen eine Adresse senden.
mismatch-in-use = { $email } ist schon die Adresse eines anderen Benutzers.
effect-member = Mitglied: { $held }
effect-no-seat = Kein Mitglied: kein freier Sitz { $seat }
effect-no-free-seat = Kein Mitglied: kein freier Sitz
effect-not-synced = Kein Mitglied: diese Organisation folgt dem Verzeichnis nicht
effect-inactive = Kein Mitglied: im Verzeichnis inaktiv
effect-no-address = Kein Mitglied: keine brauchbare E-Mail-Adresse
effect-no-group = Kein Mitglied: in keiner zugeordneten Gruppe
effect-next-run = Noch kein Mitglied: der nächste Lauf nimmt die Person auf
tokens = Token
tokens-none = Es gibt noch kein Token. Erzeugen Sie eines und tragen Sie es bei Ihrem Identity Provider (IdP) ein.
token = Token
token-make = Token erzeugen
token-made = erzeugt
token-expires = Läuft ab
token-over = Abgelaufen
token-used = Zuletzt benutzt
token-revoke = Widerrufen
token-what = Wer das Token hat, kann jeden Benutzer und jede Gruppe des Verzeichnisses ändern. Mehrere können zugleich gelten, damit Sie eines ohne Lücke austauschen können.
token-name = Name
token-name-hint = Wo es benutzt wird, etwa Okta.
token-until = Gültig bis zum Ende von
token-until-hint = Lassen Sie es leer für ein Token ohne Ende. 90, 30 und 7 Tage vorher wird daran erinnert.
token-made-title = Token { $name } ist erzeugt
token-once = Kopieren Sie es jetzt: Es wird nur dieses eine Mal gezeigt.
token-next = Tragen Sie beides bei Ihrem Identity Provider (IdP) ein und lassen Sie ihn die Verbindung prüfen. Danach zeigt sich hier, wann das Token zuletzt benutzt wurde.
token-kept = Ich habe es aufbewahrt
token-revoke-title = Token { $name } widerrufen
token-revoke-what = Anfragen mit diesem Token werden sofort abgelehnt.
token-revoke-used = Zuletzt benutzt wurde es
token-revoke-unused = Es wurde nie benutzt.
token-revoke-last = Es gibt kein anderes gültiges Token: Vom Identity Provider (IdP) kommt nichts mehr an, auch keine Abgänge, bis Sie eines erzeugen.
token-revoke-others = Es gibt ein anderes gültiges Token.
token-revoke-nobody = Niemandes Mitgliedschaft ändert sich.
flash-token-revoked = Token { $name } wurde widerrufen.
problem-token-name = Geben Sie dem Token einen Namen.
problem-token-made-already = Seit Sie diese Seite öffneten, wurde ein anderes Token erzeugt, vielleicht durch doppeltes Absenden. Haben Sie es nicht aufbewahrt, widerrufen Sie es und erzeugen Sie ein neues.

# Zertifikate und Token
nav-certificates = Zertifikate und Token
certificates-what = Alles, was eines Tages endet und Leute aussperren oder einlassen würde, wenn sich niemand darum kümmerte. 90, 30 und 7 Tage vorher wird daran erinnert.
certificates-none = Hier endet nichts: Es gibt kein Zertifikat, Geheimnis oder Token mit einem Ende.
certificates-todo = Was zu tun ist
certificates-nothing = Noch nichts.
todo-idp-certificate = Erneuern Sie es beim Identity Provider (IdP). Das neue kommt mit seinen Metadaten, oder Sie nehmen es bei der Verbindung an.
todo-idp-metadata = Lesen Sie die Metadaten erneut ein.
todo-own-certificate = Der Betreiber tauscht es ohne Ausfall aus; danach bekommt Ihr Identity Provider (IdP) das neue.
todo-client-secret = Erzeugen Sie beim Identity Provider (IdP) ein neues Geheimnis und tragen Sie es bei der Verbindung ein.
todo-scim-token = Erzeugen Sie ein zweites Token, tragen Sie es beim Identity Provider (IdP) ein und widerrufen Sie dann dieses.
attention-ends = { $count ->
    [one] Ein Zertifikat oder Token endet bald.
   *[other] { $count } Zertifikate oder Token enden bald.
}
sessions-all-title = Die Sitzungen aller Mitglieder beenden
sessions-all-count = { $count ->
    [0] Niemand ist angemeldet.
    [one] Eine Sitzung endet, außer es ist Ihre.
   *[other] { $count } Sitzungen enden, außer der, die Sie gerade nutzen.
}
sessions-all-elsewhere = Mitglieder werden in allen Organisationen der übergeordneten Organisation abgemeldet und müssen sich neu anmelden.
sessions-all-nobody = Niemandes Rolle oder Sitz ändert sich.
flash-all-sessions = Beendete Sitzungen: { $count }.

# Die übergeordnete Organisation
nav-parent = Übergeordnete Organisation
parent-what = Sie hält Domänen, Verbindungen und das Verzeichnis für alle ihre Organisationen. Mitglieder, Sitze und Abrechnung bleiben bei jeder einzelnen.
parent-organization = Organisation
parent-this = diese
parent-no-scim = Die Verzeichnissynchronisierung (SCIM) wird hier nicht angeboten.
plan-team = Team-Plan
plan-enterprise = Enterprise-Plan
plan-console = Console
parent-change = Übergeordnete Organisation wechseln
parent-change-what = Eine Organisation wechselt ihre übergeordnete Organisation durch Vorschlag und Zustimmung: Ihre Administratoren schlagen es vor, die Administratoren der gründenden Organisation der übergeordneten Organisation entscheiden. Vorher sehen beide, was es bedeutet.
parent-join = Einer anderen übergeordneten Organisation beitreten
parent-join-what = Sie brauchen einen Code. Die Administratoren der gründenden Organisation jener übergeordneten Organisation machen einen auf dieser Seite bei sich.
parent-join-look = Zeigen, was geschehen würde
parent-leave = Diese übergeordnete Organisation verlassen
parent-code = Code
parent-code-make = Code machen
parent-code-once = Dieser Code wird einmal angezeigt. Geben Sie ihn den Administratoren der Organisation, die beitreten soll.
parent-code-until = Verwendbar bis
parent-code-next = Damit sehen sie den Namen dieser übergeordneten Organisation und was der Beitritt für ihre Personen bedeuten würde, und können ihn vorschlagen. Sie entscheiden.
parent-codes = Codes zum Beitreten
parent-codes-what = Mit einem Code kann eine Organisation vorschlagen, dieser übergeordneten Organisation beizutreten. Nichts geschieht, bis jemand zustimmt, der diese Organisation konfigurieren darf.
parent-codes-count = { $count ->
    [0] Es gibt keinen verwendbaren Code.
    [one] Ein Code ist verwendbar.
   *[other] { $count } Codes sind verwendbar.
}
parent-codes-present = Verwendbare Codes
parent-codes-none = Es gibt keinen.
parent-codes-withdraw = Alle Codes zurückziehen
parent-codes-moved = Es wurde kein Code gemacht: Die Codes haben sich geändert, seit Ihnen diese Seite gezeigt wurde, oder es sind zu viele.
parent-inbox = Wartet auf Ihre Entscheidung
parent-open-join = Vorgeschlagen: { $parent } beitreten
parent-open-leave = Vorgeschlagen: diese übergeordnete Organisation verlassen
parent-open-outdated = Seit dem Vorschlag hat sich etwas geändert, deshalb kann ihm nicht mehr zugestimmt werden. Ziehen Sie ihn zurück, sehen Sie es sich noch einmal an und schlagen Sie es neu vor.
parent-withdraw = Vorschlag zurückziehen
parent-propose = Vorschlagen
parent-propose-join-what = Nichts geschieht, bevor die andere Seite zustimmt. Sie hat sieben Tage und sieht, was Sie hier sehen: auch diese Personen mit ihren Rollen. Der Code ist danach verbraucht.
parent-propose-leave-what = Nichts geschieht, bevor die gründende Organisation dieser übergeordneten Organisation zustimmt. Sie hat sieben Tage.
parent-propose-join = Beitritt vorschlagen
parent-propose-leave = Verlassen vorschlagen
proposal = Vorschlag
proposal-join-title = { $organization } möchte beitreten
proposal-leave-title = { $organization } möchte gehen
proposal-by = Vorgeschlagen von { $who } am
proposal-until = Zustimmung möglich bis
proposal-look = Ansehen
proposal-outdated = Er bedeutet jetzt etwas anderes als bei seinem Vorschlag, deshalb kann ihm nicht zugestimmt werden. Die Administratoren der Organisation müssen es neu vorschlagen.
proposal-proposer-lost = Nichts wurde getan: Wer es vorgeschlagen hat, darf die Organisation nicht mehr konfigurieren. Jemand anders muss es vorschlagen.
proposal-decide = Entscheiden
proposal-only-decline = So, wie es jetzt ist, kann nicht zugestimmt werden.
proposal-approve-join = Zustimmen: Sie tritt sofort bei
proposal-approve-leave = Zustimmen: Sie geht sofort
proposal-decline = Ablehnen
problem-code = Dieser Code führt nirgendwohin: Er ist vertippt, verbraucht, zurückgezogen oder älter als sieben Tage. Bitten Sie um einen neuen.
problem-type-name = Geben Sie den Namen der Organisation ein, um es trotzdem zu tun.
flash-proposed = Vorgeschlagen. Die andere Seite entscheidet.
flash-proposal-open = Ein Vorschlag wartet schon. Ziehen Sie ihn zurück, bevor Sie einen anderen machen.
flash-proposal-withdrawn = Der Vorschlag wurde zurückgezogen.
flash-proposal-approved = Zugestimmt und erledigt.
flash-proposal-declined = Abgelehnt.
flash-proposal-gone = Dieser Vorschlag wurde entschieden, zurückgezogen oder ist abgelaufen.
flash-codes-withdrawn = Alle Codes wurden zurückgezogen.
moving-to = Die Organisation gehört dann zu { $parent } ({ $plan }).
moving-to-own = Die Organisation bekommt eine eigene übergeordnete Organisation, ohne Domäne und ohne Verbindung. Dort meldet sich niemand an, bis der Betreiber beides eingerichtet hat.
moving-back = Zu { $parent } kommt sie nur mit einem Code von dort zurück.
moving-connections = Personen melden sich an über: { $connections }
moving-no-connections = Dort ist keine Verbindung in Gebrauch, also kann sich niemand anmelden, bis es eine gibt.
moving-trust = Die Identity Provider (IdP) von { $parent } sagen von da an, wer diese Personen sind und in welchen Gruppen. Die der jetzigen übergeordneten Organisation haben nichts mehr zu sagen.
moving-newcomers-jit = Wen { $parent } sich anmelden lässt, wird bei der nächsten Anmeldung Mitglied (Just-in-Time).
moving-newcomers-mapped = Wen { $parent } sich anmelden lässt und wer in einer zugeordneten Gruppe ist, wird bei der nächsten Anmeldung Mitglied. Prüfen Sie, wie die zugeordneten Gruppen dort heißen.
moving-newcomers-none = Niemand sonst von { $parent } wird dadurch Mitglied.
moving-no-scim = Verzeichnissynchronisierung (SCIM) wird dort nicht angeboten.
moving-sessions = { $count ->
    [0] Niemand ist jetzt angemeldet.
    [one] Eine Sitzung endet: Alle melden sich neu an.
   *[other] { $count } Sitzungen enden: Alle melden sich neu an.
}
moving-requires-sso = SSO bleibt verlangt: Nur Sitzungen, die über jene Verbindungen kommen, zählen.
moving-stays = Mitglieder, Rollen, Sitze, Abrechnung, Gruppenzuordnungen und Anwendungen bleiben bei der Organisation.
moving-undo = Bisherige Läufe der Verzeichnissynchronisierung können nicht mehr rückgängig gemacht werden, und Entwürfe von Einstellungen werden verworfen.
moving-domains = Diese verifizierten Domänen kommen mit, weil bei der jetzigen übergeordneten Organisation niemand bleibt: { $domains }
moving-domains-stay = Domänen bleiben bei { $parent }.
moving-switched-off = Bei der jetzigen übergeordneten Organisation bleibt niemand, deshalb werden diese ihrer Verbindungen ausgeschaltet: { $connections }
moving-tokens = { $count ->
    [one] Ein Token für die Verzeichnissynchronisierung wird widerrufen.
   *[other] { $count } Tokens für die Verzeichnissynchronisierung werden widerrufen.
}
moving-nobody = Es gibt niemanden.
moving-more = { $count ->
    [one] und eine weitere Person
   *[other] und { $count } weitere
}
moving-linked = Dort unter dieser Adresse bekannt und von da an diese Person
moving-new-id = Anwendungen kennen diese Person unter einer neuen Kennung
moving-suspended = Hier oder dort gesperrt und darum auch danach gesperrt
moving-count-linked = { $count ->
    [one] Eine Person ist dort unter der Adresse schon bekannt und wird diese Person; niemand ist dort doppelt.
   *[other] { $count } sind dort unter ihrer Adresse schon bekannt und werden diese Personen; niemand ist dort doppelt.
}
moving-count-new-id = { $count ->
    [one] Eine Person gehört hier auch zu anderen Organisationen: Anwendungen kennen sie unter einer neuen Kennung.
   *[other] { $count } gehören hier auch zu anderen Organisationen: Anwendungen kennen sie unter einer neuen Kennung.
}
moving-count-suspended = { $count ->
    [one] Eine Person ist gesperrt, hier oder dort, und kommt erst hinein, wenn jemand sie entsperrt.
   *[other] { $count } sind gesperrt, hier oder dort, und kommen erst hinein, wenn jemand sie entsperrt.
}
moving-count-former = { $count ->
    [one] Ein früheres Mitglied kommt als Verlauf mit.
   *[other] { $count } frühere Mitglieder kommen als Verlauf mit.
}
moving-guard-nobody = Danach kann sich niemand anmelden, der die Organisation konfigurieren darf. Nur ein Betreiber mit einer Shell auf dem Gateway könnte es noch.
moving-guard-groups = Bei der ersten Anmeldung danach entscheiden die Gruppen des anderen Identity Providers. Wer in keiner zugeordneten Gruppe ist, ist nicht länger Mitglied, und wer das ist, kann jetzt niemand sagen: nicht einmal, ob ein Owner oder Admin bleibt.
moving-guard-you = Sie könnten sich nicht mehr anmelden.
moving-blocked = So, wie es jetzt ist, geht es nicht
moving-blocked-same = Die Organisation gehört schon zu dieser übergeordneten Organisation.
moving-blocked-founder = Die Organisation hat ihre übergeordnete Organisation gegründet, und andere gehören dazu, die ohne sie blieben. Sie müssen zuerst gehen.
moving-blocked-alone = Die Organisation ist bei ihrer übergeordneten Organisation schon allein.
moving-blocked-scim = Die Organisation nutzt die Verzeichnissynchronisierung (SCIM), die dort nicht angeboten wird. Wählen Sie zuerst einen anderen Bereitstellungsmodus; niemand wird dadurch entfernt.
moving-blocked-directory = Die Organisation nutzt die Verzeichnissynchronisierung (SCIM), die dem Verzeichnis ihrer übergeordneten Organisation folgt. Wählen Sie zuerst einen anderen Bereitstellungsmodus; niemand wird dadurch entfernt. Schalten Sie danach zurück, und sehen Sie vorher, was es bewirkt.
moving-blocked-probation = Eine Änderung der Einstellungen wartet auf Bestätigung. Bestätigen Sie sie zuerst, oder nehmen Sie sie zurück.
moving-blocked-suspended = Diese Personen sind hier gesperrt und wären es dort nicht. Entfernen Sie sie, oder lassen Sie sie auch dort sperren: { $people }
moving-blocked-product = Was die Organisation nutzt, ist in der Konfiguration nicht mehr angegeben.
way-signs-in = Meldet sich an wie bisher
way-not-yet = Kann sich anmelden und hat es noch nicht getan
way-outside-domains = Kann sich nicht anmelden: keine verifizierte Domäne
way-no-connection = Kann sich nicht anmelden: keine Verbindung in Gebrauch
way-count-signs-in = { $count ->
    [one] Eine Person meldet sich schon über eine Verbindung in Gebrauch an.
   *[other] { $count } melden sich schon über eine Verbindung in Gebrauch an.
}
way-count-not-yet = { $count ->
    [one] Eine Person hat sich noch nicht über eine Verbindung in Gebrauch angemeldet und kann es.
   *[other] { $count } haben sich noch nicht über eine Verbindung in Gebrauch angemeldet und können es.
}
way-count-outside-domains = { $count ->
    [one] Eine Person kann sich nicht anmelden: Die Adresse liegt in keiner verifizierten Domäne.
   *[other] { $count } können sich nicht anmelden: Ihre Adressen liegen in keiner verifizierten Domäne.
}
way-count-no-connection = { $count ->
    [one] Eine Person kann sich nicht anmelden: Keine Verbindung ist in Gebrauch.
   *[other] { $count } können sich nicht anmelden: Keine Verbindung ist in Gebrauch.
}
sso-preview-what = Dann zählen nur Sitzungen, die über eine Verbindung in Gebrauch kamen. Das sind die Personen, die jetzt Mitglieder sind:
sso-preview-sessions = { $count ->
    [0] Keine Sitzung hört auf zu zählen.
    [one] Eine Sitzung hört auf zu zählen.
   *[other] { $count } Sitzungen hören auf zu zählen.
}
sso-preview-lost = Sitzungen, die nicht mehr zählen
parent-restrict = Anlegen von Organisationen beschränken
parent-restrict-what = Ist es eingeschaltet, legen hier nur der Betreiber und wer { $organization } einrichten darf weitere Organisationen an, und niemand sonst mit einer Adresse in Ihren verifizierten Domänen legt irgendwo eine an. Bestehende Organisationen bleiben, wie sie sind.
parent-restrict-where = Geändert wird es in den Einstellungen von { $organization }, der ersten Organisation hier.
parent-restricted = Es ist eingeschaltet.
parent-not-restricted = Es ist ausgeschaltet.
flash-parent-saved = Die übergeordnete Organisation wurde geändert.

launcher-title = Anwendungen
launcher-hello = Guten Tag, { $name }
launcher-none-title = Noch nichts hier
launcher-none = Sie sind derzeit in keiner Organisation Mitglied. Bitten Sie Ihre Administration, Sie hinzuzufügen.
launcher-no-seat = Sie haben in dieser Organisation keinen Sitz, daher sind ihre Anwendungen für Sie geschlossen. Bitten Sie Ihre Administration um einen Sitz.
launcher-needs-sso = Diese Organisation verlangt SSO, und Ihre Sitzung kam auf anderem Weg oder über eine abgeschaltete Verbindung zustande. Melden Sie sich neu an, um einzutreten.
launcher-no-applications = Hier stehen Ihnen noch keine Anwendungen offen.

account-title = Ihr Konto
account-memberships = Rolle und Sitz
account-sessions = Sitzungen
session-browser = Browser
session-since = Angemeldet
session-address = Von
session-action = Sitzung beenden
session-this = Diese Sitzung
session-end = Beenden
source-default = Standard
source-group = aus der Gruppe { $group }
source-by-hand = von Hand gesetzt
by-hand-keeps = Alles andere, was bekannt ist, etwa die Adressen zum Abmelden, bleibt, solange die Entity-ID dieselbe ist.
source-pinned = von Hand gesetzt, fixiert
no-seat-value = keiner

nav-switch = Organisation wechseln, jetzt
nav-menu = Menü
nav-sections = Organisationseinstellungen
nav-operator = Sie sind Betreiber bis
nav-operator-page = Betreiberseite
nav-overview = Übersicht
nav-members = Mitglieder
cancel = Abbrechen
choose-organization = Organisations{ "\u00AD" }einstellungen
choose-organization-none = Es gibt noch keine Organisation. Legen Sie eine in einer Organisationsdatei an und führen Sie „usher apply“ aus.
again-title = Bitte melden Sie sich noch einmal an
again-what = Was Sie vorhaben, verlangt eine Anmeldung beim Identity Provider (IdP) innerhalb der letzten zehn Minuten. Danach sind Sie wieder an derselben Stelle.
again-now = Noch einmal anmelden
attention-title = Was Ihre Aufmerksamkeit braucht
attention-none = Nichts. Alles ist in Ordnung.
attention-grave = Jetzt:
attention-no-domain = Keine Domäne ist verifiziert, deshalb kann sich niemand anmelden.
attention-domain-failed = Die Domäne { $domain } konnte nicht verifiziert werden.
attention-no-connection = Keine Verbindung zu einem Identity Provider (IdP) ist aktiv, deshalb kann sich niemand anmelden.
attention-certificate-ends = { $connection }: Zertifikat oder Geheimnis läuft am { $date } ab. Erneuern Sie es beim Identity Provider (IdP).
attention-certificate-ended = { $connection }: Zertifikat oder Geheimnis ist am { $date } abgelaufen. Erneuern Sie es beim Identity Provider (IdP).
attention-certificate-pending = { $connection }: Ein neues Signaturzertifikat wartet auf Annahme.
attention-connection-problem = { $connection }: Die Beschreibung des Identity Providers konnte nicht gelesen werden: { $problem }
attention-waiting = { $count ->
    [one] Eine Person wartet auf einen Sitz.
   *[other] { $count } Personen warten auf einen Sitz.
}
attention-refused = { $count ->
    [one] Eine Anmeldung wurde in den letzten 24 Stunden abgelehnt.
   *[other] { $count } Anmeldungen wurden in den letzten 24 Stunden abgelehnt.
}
attention-unassigned = { $count ->
    [one] Ein Mitglied hat keinen Sitz und kann keine Anwendung betreten.
   *[other] { $count } Mitglieder haben keinen Sitz und können keine Anwendung betreten.
}
fix-buy-seats = Sitze und Warteliste
fix-see-who = Ansehen, wer
fix-see-why = Ansehen, warum
overview-standing = Stand der Dinge
overview-product = Produkt
overview-last-sign-in = Letzte Anmeldung
provisioning-mode = Bereitstellungsmodus
mode-manual = Manuell
mode-jit = Just-in-Time (JIT)
mode-scim = Verzeichnissynchronisierung (SCIM)
with-group-mappings = mit Gruppenzuordnungen
seats = Sitze
seat-type = Sitztyp
seats-bought = Gekauft
seats-used = Belegt
seats-free = Frei

nav-identity = Identität und Zugriff
missing-title = Zuerst
missing-what = Wie jemand Mitglied wird, können Sie wählen, sobald diese Schritte getan sind.
missing-domain = Verifizieren Sie eine Domäne: Mit Adressen darin melden sich die Leute an.
missing-connection = Verbinden Sie einen Identity Provider (IdP).
missing-test = Testen Sie die Verbindung zum Identity Provider (IdP), und schalten Sie sie ein.
missing-go = Jetzt erledigen
identity-locked = Das lässt sich erst ändern, wenn eine Domäne verifiziert ist und eine Verbindung ihren Test bestanden hat.
identity-domains = Domänenverifizierung
identity-domains-none = Noch keine Domäne.
identity-connections = Single Sign-on
identity-connections-none = Noch keine Verbindung zu einem Identity Provider (IdP).
identity-manage = Verwalten
identity-tested = getestet
identity-no-groups = { $connection }: Gruppenzuordnungen führen hier zu nichts.
identity-groups-help = { $connection }: wenn Gruppen nicht ankommen
identity-groups-missing = Eine Anmeldung ohne Gruppen wird abgelehnt (groups_missing) und ändert nichts. Mit dieser Einstellung kommen Gruppen an:
identity-groups-many = Wer in zu vielen Gruppen ist, wird ebenso abgelehnt (groups_missing). Dann:
mode-manual-what = Sie fügen Mitglieder von Hand hinzu, ändern und entfernen sie. Gruppen zählen nicht.
mode-jit-what = Wen der Identity Provider (IdP) durchlässt, der wird bei der ersten Anmeldung Mitglied.
mode-scim-what = Wen der Identity Provider (IdP) zuweist, der wird ohne Anmeldung Mitglied, und bleibt es, bis die Zuweisung endet.
scim-not-for-product = Für dieses Produkt nicht angeboten.
scim-not-for-parent = Unter einer übergeordneten Organisation mit Team-Plan nicht angeboten.
scim-needs-token = Dafür braucht es zuerst ein Verzeichnis: Erzeugen Sie ein Token, und geben Sie es dem Identity Provider (IdP).
scim-needs-request = Dafür braucht es zuerst ein Verzeichnis: Der Identity Provider (IdP) hat mit seinem Token noch keine Anfrage geschickt.
scim-set-up = SCIM einrichten
scim-manage = SCIM verwalten
directory-users = { $count ->
    [one] eine Person
   *[other] { $count } Personen
}
directory-groups = { $count ->
    [one] eine Gruppe
   *[other] { $count } Gruppen
}
directory-last-push = Letzte Übertragung:
directory-none = Es wurde noch nichts übertragen.
mappings-enable = Gruppenzuordnungen aktivieren
mappings-what = Gruppen entscheiden, wer Mitglied ist, mit welcher Rolle und welchem Sitz: mit Just-in-Time (JIT) bei jeder Anmeldung, mit Verzeichnissynchronisierung (SCIM) sofort.
mappings-are-off = Sie zählen nur, solange Gruppenzuordnungen aktiviert sind.
role-groups = Gruppenzuordnung: Rolle
role-groups-what = Wer in mehreren dieser Gruppen ist, bekommt die höchste Rolle. Die höchste steht oben. Wer in keiner ist, kommt nicht hinein.
seat-groups = Sitztypen IdP-Gruppen zuweisen
seat-groups-what = Wer in mehreren ist, bekommt den höchsten Sitztyp; wer in keiner ist, den höchsten freien.
mapping-none = Keine Gruppe.
mapping-add-to = Gruppe für { $to }
mapping-add = Hinzufügen
remove = Entfernen
group = Gruppe
group-count = Personen
group-seen = Zuletzt gesehen
group-people = { $count ->
    [one] eine Person
   *[other] { $count } Personen
}
group-last-seen = zuletzt gesehen am { $date }
group-not-pushed = Das Verzeichnis hat keine solche Gruppe: gibt niemandem etwas.
group-not-seen = Noch in keiner Anmeldung gesehen.
groups-seen-list = In Anmeldungen gesehene Gruppen
groups-seen-none = Noch keine Anmeldung und kein Test hat Gruppen genannt. Sie können eine Gruppe genau so eingeben, wie der Identity Provider (IdP) sie sendet.
groups-pushed = Gruppen im Verzeichnis
groups-pushed-none = Der Identity Provider (IdP) hat noch keine Gruppe übertragen.
groups-show = { $count ->
    [one] Eine Gruppe
   *[other] { $count } Gruppen
}
groups-more = Es gibt mehr, als hier aufgeführt sind. Sie können den Namen jeder Gruppe eingeben.
require-sso = SSO verlangen
require-sso-what = Hier zählen nur Sitzungen über eine Verbindung, die in Gebrauch ist. Wer sich anders angemeldet hat, meldet sich neu an.
draft-what = Sie haben einen Entwurf, der nicht gespeichert ist. Er zählt nicht, bevor Sie ihn speichern. Zuletzt geändert:
draft-keep = Als Entwurf behalten
draft-discard = Entwurf verwerfen
flash-draft-gone = Der Entwurf wurde verworfen.
save-what = Sie sehen zuerst, was sich für wen ändert. Bevor Sie das bestätigen, ändert sich nichts.
save-removing = { $count ->
    [one] Eine Person entfernen und speichern
   *[other] { $count } Personen entfernen und speichern
}
save-refusing = { $count ->
    [one] Eine Person bei der nächsten Anmeldung ausschließen und speichern
   *[other] { $count } Personen bei der nächsten Anmeldung ausschließen und speichern
}
scim-not-offered = Verzeichnissynchronisierung (SCIM) wird hier nicht angeboten.
problem-other-product = Eine Zuordnung gibt eine Rolle oder einen Sitztyp, die dieses Produkt nicht hat. Entfernen Sie sie.
preview-title = Was das Speichern ändern würde
preview-moved = Seit Sie das gesehen haben, hat sich etwas geändert. Darum wurde nichts gespeichert. Bitte sehen Sie noch einmal hin.
preview-at = Ermittelt am
preview-stale = Seither hat sich etwas geändert. Falls nun etwas anderes geschähe, sehen Sie das, bevor etwas gespeichert wird.
preview-again = Neu ermitteln
preview-anew = Was Sie zuvor gesehen haben, ist nicht mehr vorhanden, vielleicht weil der Server neu gestartet wurde oder seither viele andere Vorschauen ermittelt wurden. Dies wurde neu ermittelt.
preview-anew-working = Was Sie zuvor gesehen haben, ist nicht mehr vorhanden, vielleicht weil der Server neu gestartet wurde oder seither viele andere Vorschauen ermittelt wurden. Es wird neu ermittelt.
preview-not-saved-yet = Es wurde nichts gespeichert. Seit Sie das gesehen haben, hat sich etwas geändert. Darum wird es neu ermittelt.
preview-working = Wird ermittelt
preview-step = Schritt { $step } von { $steps }:
preview-step-waits = wartet, bis die Reihe daran ist.
preview-step-reads = wer bekannt ist.
preview-step-now = was mit allen geschieht, wenn die Einstellungen bleiben, wie sie sind.
preview-step-then = was mit allen geschähe.
preview-step-compares = was davon neu ist.
preview-working-people = { $count ->
    [one] Es geht um eine Person.
   *[other] Es geht um { $count } Personen.
}
preview-working-what = Sie können diese Seite verlassen und wiederkommen: „Identität und Zugriff“ führt hierher. Gespeichert wird dabei nichts.
preview-is-under-way = Was Ihr Entwurf ändern würde, wird ermittelt.
preview-is-ready = Was Ihr Entwurf ändern würde, ist ermittelt.
preview-see = Ansehen, was er ändern würde
preview-search = E-Mail-Adresse enthält
preview-found = { $count ->
    [one] Eine Person.
   *[other] { $count } Personen.
}
preview-none-such = Niemand hier ist so.
preview-export = Als CSV herunterladen
preview-settings = Einstellungen
preview-people = Personen
preview-at-once = Das geschieht sofort, wenn Sie speichern.
preview-next-sign-in = Das geschieht bei der nächsten Anmeldung jeder Person, wenn diese dieselben Gruppen nennt wie die letzte.
preview-nobody = Für niemanden, der bekannt ist, ändert sich etwas.
preview-seats = { $seat }: { $needed } nötig, { $bought } gekauft
preview-too-few = Zu wenige
preview-halts = So viele Mitgliedschaften würden enden, oder eine, die konfigurieren darf, dass die Verzeichnissynchronisierung vorher anhält und auf Ihre Genehmigung wartet. Vorher wird niemand entfernt.
preview-probation = { $count ->
    [one] Das nimmt einer Person das Recht zu konfigurieren.
   *[other] Das nimmt { $count } Personen das Recht zu konfigurieren.
} Nach zehn Minuten wird es zurückgenommen, außer jemand mit der Rolle Owner oder Admin meldet sich nach den neuen Regeln an und bestätigt es.
preview-back = Zurück zum Entwurf
preview-shell = Falls niemand mehr hineinkommt: „usher recover“ auf der Shell des Gateways erzeugt einen Einmal-Link.
setting = Einstellung
now = Jetzt
then = Dann
before = Vorher
group-mappings = Gruppenzuordnungen
groups-of = Gruppen für { $what }
switched-on = Ein
switched-off = Aus
not-a-member = kein Mitglied
rests-on = Bekannt aus
rests-on-groups = { $count ->
    [0] Gruppen heute gesehen
    [one] Gruppen vor einem Tag gesehen
   *[other] Gruppen vor { $count } Tagen gesehen
}
rests-on-no-groups = { $count ->
    [0] heute angemeldet, ohne Gruppen
    [one] vor einem Tag angemeldet, ohne Gruppen
   *[other] vor { $count } Tagen angemeldet, ohne Gruppen
}
rests-on-too-many = { $count ->
    [0] heute angemeldet, mit zu vielen Gruppen zum Senden
    [one] vor einem Tag angemeldet, mit zu vielen Gruppen zum Senden
   *[other] vor { $count } Tagen angemeldet, mit zu vielen Gruppen zum Senden
}
rests-on-nothing = noch nie angemeldet: unbekannt
rests-on-directory = im Verzeichnis
rests-on-not-in-directory = nicht im Verzeichnis
foreseen-removed = Kein Mitglied mehr: { $what }
foreseen-refused = Bleibt aufgeführt, wird bei der nächsten Anmeldung abgelehnt: { $what }
foreseen-lowered = { $what }
foreseen-changed = { $what }
foreseen-waits = Wartet auf { $seat }, als { $role }
foreseen-stays-out = Wird nicht Mitglied: { $what }
foreseen-unknown = Vor der nächsten Anmeldung nicht bekannt
foreseen-joins = Wird Mitglied: { $what }
foreseen-keeps = Behält { $what }
foreseen-count-all = { $count ->
    [0] Niemand
    [one] Insgesamt eine Person
   *[other] Insgesamt { $count } Personen
}
foreseen-count-loses-identity = { $count ->
    [one] Eine Person kann nicht mehr konfigurieren.
   *[other] { $count } Personen können nicht mehr konfigurieren.
}
foreseen-count-role-changes = { $count ->
    [one] Eine Person bekommt eine andere Rolle.
   *[other] { $count } Personen bekommen eine andere Rolle.
}
foreseen-count-seat-changes = { $count ->
    [one] Eine Person bekommt einen anderen Sitz.
   *[other] { $count } Personen bekommen einen anderen Sitz.
}
foreseen-count-removed = { $count ->
    [one] Eine Person ist kein Mitglied mehr.
   *[other] { $count } Personen sind keine Mitglieder mehr.
}
foreseen-count-refused = { $count ->
    [one] Ein Mitglied wird bei der nächsten Anmeldung abgelehnt.
   *[other] { $count } Mitglieder werden bei der nächsten Anmeldung abgelehnt.
}
foreseen-count-lowered = { $count ->
    [one] Eine Person bekommt eine niedrigere Rolle oder einen niedrigeren Sitz.
   *[other] { $count } Personen bekommen eine niedrigere Rolle oder einen niedrigeren Sitz.
}
foreseen-count-changed = { $count ->
    [one] Eine Person bekommt eine andere Rolle oder einen anderen Sitz.
   *[other] { $count } Personen bekommen eine andere Rolle oder einen anderen Sitz.
}
foreseen-count-waits = { $count ->
    [one] Eine Person wartet auf einen Sitz.
   *[other] { $count } Personen warten auf einen Sitz.
}
foreseen-count-stays-out = { $count ->
    [one] Eine Person wird nicht Mitglied, die es sonst würde.
   *[other] { $count } Personen werden nicht Mitglied, die es sonst würden.
}
foreseen-count-unknown = { $count ->
    [one] Bei einer Person ist es vor der nächsten Anmeldung nicht bekannt.
   *[other] Bei { $count } Personen ist es vor der nächsten Anmeldung nicht bekannt.
}
foreseen-count-joins = { $count ->
    [one] Eine Person wird Mitglied.
   *[other] { $count } Personen werden Mitglied.
}
foreseen-count-keeps = { $count ->
    [one] Eine Person behält, was sich geändert hätte.
   *[other] { $count } Personen behalten, was sich geändert hätte.
}
guard-nobody = Danach ist niemand bekannt, der sich anmelden und diese Organisation konfigurieren könnte.
guard-editor = Sie selbst können diese Organisation danach vielleicht nicht mehr konfigurieren.
flash-saved = Gespeichert.
flash-saved-synced = Gespeichert. Verzeichnissynchronisierung: { $added } hinzugefügt, { $updated } geändert, { $removed } entfernt, { $waiting } wartend.
flash-saved-halted = Gespeichert. Verzeichnissynchronisierung angehalten: { $ending } Mitgliedschaften würden enden und warten auf Genehmigung.
flash-saved-under-way = Gespeichert. Die Verzeichnissynchronisierung läuft.
flash-confirmed = Bestätigt: Die neuen Einstellungen bleiben.
flash-taken-back = Zurückgenommen: Die alten Einstellungen gelten wieder.
flash-not-taken-back-yet = Noch nicht: Was die Änderung bei Personen bewirkt hat, wird gerade rückgängig gemacht. Danach gelten die alten Einstellungen wieder; sehen Sie gleich noch einmal nach.
sync-halted = Die Verzeichnissynchronisierung ist angehalten und wartet auf Freigabe.
run-see = Ansehen, wessen Mitgliedschaften enden würden
run-under-way = Die Verzeichnissynchronisierung läuft.
run-how-far = Ansehen, wie weit sie ist
run-undo-under-way = Ein Lauf der Verzeichnissynchronisierung wird rückgängig gemacht.
run-undo-how-far = Ansehen, wie weit es ist
run-looked-at = { $done } von { $all } Personen angesehen.
run-silent = Kein Lebenszeichen seit
run-silent-what = Der Lauf wurde unterbrochen, vielleicht durch einen Neustart des Servers. Was er getan hat, gilt; in einigen Minuten geht es von selbst weiter.
run-last = Letzter Lauf
flash-synced = Verzeichnissynchronisierung: { $added } hinzugefügt, { $updated } geändert, { $removed } entfernt, { $waiting } warten.
flash-sync-halted = Verzeichnissynchronisierung angehalten: { $ending } Mitgliedschaften würden enden und warten auf Genehmigung.
on-probation = Eine Änderung wartet auf Bestätigung. Bestätigen Sie sie zuerst, oder nehmen Sie sie zurück.
on-probation-until = Eine Änderung wartet auf Bestätigung und wird zurückgenommen am
fix-confirm = Bestätigen oder zurücknehmen
attention-probation = { $count ->
    [one] Eine Änderung der Zugriffseinstellungen wird in einer Minute zurückgenommen, außer jemand bestätigt sie.
   *[other] Eine Änderung der Zugriffseinstellungen wird in { $count } Minuten zurückgenommen, außer jemand bestätigt sie.
}
probation-title = Die neuen Einstellungen bestätigen
probation-what = { $count ->
    [one] Diese Einstellungen werden in einer Minute zurückgenommen, außer jemand bestätigt sie:
   *[other] Diese Einstellungen werden in { $count } Minuten zurückgenommen, außer jemand bestätigt sie:
}
probation-who = Gespeichert von { $who } am
probation-button = Bestätigen: Die neuen Einstellungen bleiben
probation-sign-in = Melden Sie sich noch einmal an. Dass die neuen Regeln Sie einlassen, ist der Beweis; dann bestätigen Sie.
probation-operator = Ein Betreiber kann nicht bestätigen: Das tut, wer sich nach den neuen Regeln anmeldet.
probation-take-back = Jetzt zurücknehmen
probation-none = Keine Änderung wartet auf Bestätigung.
problem-too-many-groups = Es gibt schon 500 Zuordnungen. Entfernen Sie zuerst einige.
problem-group-too-long = Eine Gruppe hat höchstens 1024 Byte.
problem-group-not-pushed = Das Verzeichnis hat keine Gruppe mit diesem Namen oder dieser Kennung. Wählen Sie eine aus der Liste.
problem-group-several = Mehrere Gruppen heißen so. Wählen Sie eine aus der Liste.

nav-billing = Abrechnung
nav-events = Ereignisse
nav-explain = Erklären
save-changes = Änderungen speichern
show = Anzeigen
pages = Seiten
list-none-yet = Bisher niemand. Es sind so viele Personen, dass die Suche auf der nächsten Seite weitergeht.
pages-first = Zurück zum Anfang
pages-next = Weiter
pages-older = Ältere
person = Person
status = Status
waiting = Wartet
last-sign-in = Letzte Anmeldung
never = nie
since = seit
problems-title = Bitte sehen Sie sich das noch einmal an
members-add = Mitglied hinzufügen
members-add-again = Wieder hinzufügen
members-search = Name oder E-Mail
members-show = Anzeigen
members-list = Liste der Mitglieder
members-current = Mitglieder und Wartende
members-active = Mitglieder
members-waiting = Warten auf einen Sitz
members-unassigned = Ohne Sitz
members-stale = Seit 90 Tagen nicht angemeldet
members-removed = Entfernt
members-none = Noch ist niemand Mitglied.
members-none-such = Auf niemanden trifft das zu.
members-show-all = Alle anzeigen
how-manual = Mitglieder werden hier von Hand hinzugefügt, geändert und entfernt.
how-jit = Wen der Identity Provider (IdP) durchlässt, wird mit der ersten Anmeldung Mitglied. Rolle und Sitz werden von Hand geändert.
how-jit-mapped = Gruppen entscheiden bei jeder Anmeldung, wer Mitglied ist, mit welcher Rolle und welchem Sitz. Was Sie von Hand setzen, ist fixiert: Gruppen ändern es nicht.
how-scim = Wer im Verzeichnis zugewiesen ist, ist Mitglied. Rolle und Sitz werden von Hand geändert. Wer nicht im Verzeichnis ist, kann sich nicht anmelden.
how-scim-mapped = Die Gruppen des Verzeichnisses entscheiden, wer Mitglied ist, mit welcher Rolle und welchem Sitz. Was Sie von Hand setzen, ist fixiert: Gruppen ändern es nicht. Wer nicht im Verzeichnis ist, kann sich nicht anmelden.
status-active = Aktiv
status-suspended = Gesperrt
status-waiting = Wartet auf einen Sitz
status-waiting-for = Wartet auf { $seat }
status-unassigned = Ohne Sitz
status-removed = Entfernt: { $why }
source-group-learnt = aus Gruppe { $group }, gemeldet am
source-by-hand-of = von Hand gesetzt durch { $who } am
source-pinned-until = fixiert bis { $date }
pinned-until = Fixiert bis
pinned-without-end = Ohne Ende fixiert: Gruppen ändern es nicht.
without-end = ohne Ende
any-seat = irgendeinen Sitz
no-seat-choice = Kein Sitz
seats-free-count = { $count ->
    [one] einer frei
   *[other] { $count } frei
}
person-standing = Rolle und Sitz
person-change-role = Rolle ändern
person-change-seat = Sitz ändern
person-explain = Was würde eine Anmeldung bewirken?
person-remove = Entfernen
person-history = Verlauf
person-all-events = Alle Ereignisse zu dieser Person
member-since = Mitglied seit
groups-never = Noch nie angemeldet, deshalb sind keine Gruppen bekannt.
groups-seen = Laut Identity Provider (IdP) bei der Anmeldung vom
groups-empty = In keiner Gruppe, laut Identity Provider (IdP) bei der Anmeldung vom
groups-not-sent = Der Identity Provider (IdP) hat keine Gruppen gesendet bei der Anmeldung vom
groups-too-many = Der Identity Provider (IdP) meldete zu viele Gruppen zum Senden, bei der Anmeldung vom
groups-directory = Wie sie der Identity Provider (IdP) ins Verzeichnis übertragen hat; letzte Übertragung:
groups-not-in-directory = Das Verzeichnis kennt diese Person nicht, deshalb zählen keine Gruppen.
groups-given = Mit den hier angegebenen Gruppen.
sessions-none = Nirgends angemeldet.
sessions-end-all = Alle Sitzungen beenden
pin-what = Hier entscheiden Gruppenzuordnungen. Was Sie wählen, ist fixiert: Gruppen ändern es nicht, bis die Fixierung endet.
pin-until = Fixiert bis Ende des
pin-until-hint = Leer lassen, um ohne Ende zu fixieren. Der Tag endet um Mitternacht UTC.
unpin = Fixierung aufheben
unpin-title = Wieder den Gruppen überlassen
unpin-what = Gruppenzuordnungen entscheiden wieder: mit Verzeichnissynchronisierung (SCIM) sofort, sonst bei der nächsten Anmeldung. Trifft dann keine zugeordnete Gruppe zu, endet die Mitgliedschaft.
add-email-hint = In einer verifizierten Domäne, sonst könnte sich diese Person nie anmelden.
add-name = Name (der Identity Provider kann später einen anderen melden)
last-with-identity = Niemand sonst kann diese Organisation einrichten. Danach könnte es nur noch ein Betreiber mit Zugang zur Shell des Gateways.
type-name = Geben Sie zur Bestätigung { $name } ein
remove-title = { $email } entfernen
remove-what = Was geschehen wird
remove-access = Der Zugang zu dieser Organisation und ihren Anwendungen endet sofort.
remove-from-queue = Diese Person verlässt die Warteliste.
remove-sessions = { $count ->
    [one] Eine Sitzung endet.
   *[other] { $count } Sitzungen enden.
}
remove-seat = Der Sitz { $seat } wird wieder frei.
remove-seat-waiting = { $count ->
    [one] Eine Person wartet; wer zuerst dran ist, bekommt ihn.
   *[other] { $count } Personen warten; wer zuerst dran ist, bekommt ihn.
}
comes-back-manual = Sie können die Person später wieder hinzufügen.
comes-back-jit = Mit der nächsten Anmeldung ist die Person wieder Mitglied, außer die Zuweisung beim Identity Provider (IdP) wird entfernt.
comes-back-jit-mapped = Mit der nächsten Anmeldung ist die Person wieder Mitglied, außer sie wird aus den zugeordneten Gruppen genommen oder ihre Zuweisung beim Identity Provider (IdP) wird entfernt.
comes-back-scim = Mit der nächsten Meldung oder Synchronisierung ist die Person wieder Mitglied, außer die Zuweisung beim Identity Provider (IdP) wird entfernt.
person-suspend = Sperren
person-resume = Entsperren
person-links = Bekannt bei
person-links-what = Ein Identity Provider (IdP) kennt Personen unter einem eigenen Namen, der bleibt, wenn sich die Adresse ändert.
person-relink = Neu verknüpfen
back-to-person = Zurück
suspend-title = { $email } sperren
suspend-access = Niemand lässt diese Person mehr ein: ab der nächsten Anfrage, in dieser Organisation, ihren Anwendungen und überall in der übergeordneten Organisation.
suspend-elsewhere = Es betrifft auch diese Organisationen: { $organizations }
suspend-keeps = Rolle, Sitz und Verlauf bleiben, wie sie sind.
suspend-until = Es gilt, bis jemand die Person hier entsperrt. Keine Anmeldung, keine Übertragung und keine Synchronisierung tut das.
suspend-guard-nobody = Niemand sonst könnte dann diese Organisationen konfigurieren: { $organizations }
suspend-guard-oneself = Sie sperren sich selbst aus und können sich nicht wieder einlassen.
resume-title = { $email } entsperren
resume-access = Über die nächste Anmeldung wird wie immer entschieden, und die Person muss sich neu anmelden.
flash-suspended = { $email } wurde gesperrt.
flash-resumed = { $email } wurde entsperrt.
problem-elsewhere = Diese Person gehört auch zu einer Organisation, die Sie nicht verwalten. Jemand, der alle verwaltet, oder der Betreiber muss es tun.
relink-title = { $email } neu verknüpfen
relink-when = Das ist für jemanden, dessen Konto bei { $connection } neu angelegt wurde und der seitdem abgelehnt wird, weil es unter einem anderen Namen kommt.
relink-forgets = Unter welchem Konto { $connection } diese Person kennt, wird vergessen. Zuletzt benutzt:
relink-next = Wer sich als Nächstes über { $connection } mit der Adresse { $email } anmeldet, ist diese Person, mit Rolle, Sitz und Verlauf.
relink-elsewhere = Das gilt auch für diese Organisationen: { $organizations }
relink-warning = Tun Sie es nur, wenn Sie wissen, dass das neue Konto mit der Adresse { $email } derselben Person gehört. Wurde die Adresse jemand anderem gegeben, entfernen Sie zuerst die alte Person.
flash-relinked = Die Verknüpfung wurde vergessen. Die nächste Anmeldung von { $email } macht eine neue.
decision-relink = Wurde das Konto neu angelegt?
decision-relink-what = Der Identity Provider (IdP) kennt { $email } unter einem anderen Konto. Wurde es für dieselbe Person neu angelegt, verknüpfen Sie es neu.
flash-added = { $email } ist jetzt Mitglied.
flash-removed = { $email } wurde entfernt.
flash-role = Die Rolle von { $email } wurde geändert.
flash-seat = Der Sitz von { $email } wurde geändert.
flash-unpinned = Die Fixierung wurde aufgehoben.
flash-sessions = Sitzungen von { $email } wurden beendet.
flash-nothing = Es war nichts zu ändern.
flash-bought = { $seat }: { $count } gekauft.
flash-bought-admitted = { $seat }: { $count } gekauft. Personen, die gewartet haben und jetzt einen Sitz haben: { $admitted }.
problem-no-such-role = Wählen Sie eine der Rollen.
problem-no-such-seat = Wählen Sie einen der Sitztypen.
problem-no-free-seat = Jeder Sitz { $seat } ist belegt. Wählen Sie einen anderen, machen Sie einen frei oder kaufen Sie weitere.
problem-domain = { $domain } ist keine verifizierte Domäne Ihrer übergeordneten Organisation, deshalb könnte sich niemand mit dieser Adresse anmelden.
problem-already-a-member = Diese Person ist schon Mitglied.
problem-last-with-identity = Niemand sonst könnte diese Organisation einrichten. Geben Sie ihren Namen ein, um es trotzdem zu tun.
problem-until = Geben Sie einen Tag ab heute an oder lassen Sie das Feld leer.
problem-date = Geben Sie einen Tag an, zum Beispiel 2026-11-24.
problem-count = Geben Sie eine ganze Zahl von 0 bis 10.000.000 an.
problem-nobody = Niemand mit dieser Adresse ist hier bekannt.
problem-no-incident = Unter dieser Referenz ist keine Anmeldung gespeichert. Sie werden 14 Tage lang aufbewahrt.
problem-seats-held = { $used } dieser Sitze sind belegt, deshalb können es nicht weniger sein. Machen Sie zuerst welche frei.
problem-seats-moved = Die Zahl hat sich auf { $now } geändert, seit Sie diese Seite geöffnet haben. Sehen Sie noch einmal nach.
billing-what = Weitere Sitze wirken sofort: Wer wartet, wird der Reihe nach zugelassen. Verringern lässt sich die Zahl nur bis auf die belegten.
queue = Warteliste
queue-none = Niemand wartet auf einen Sitz.
queue-what = Wer zuerst kommt, ist zuerst dran.
queue-more = und { $more } weitere
waits-since = Wartet seit
waits-for = Wartet auf
event = Ereignis
actor = Ausgelöst durch
actor-operator = Betreiber
actor-shell = Shell
actor-directory = Verzeichnis
actor-system = System
actor-stranger = Noch nicht angemeldet
actor-setup-link-of = Über Einrichtungslink von { $who }
somebody = Jemand
events-incident = Referenz
events-incident-hint = Der Code, der einer abgelehnten Person angezeigt wurde, zum Beispiel K7Q2-4D2P.
events-find = Anmeldung finden
events-kind = Art
events-any-kind = Alles
events-person = Über (E-Mail)
events-actor = Ausgelöst durch (E-Mail)
events-by = Oder durch
events-by-anyone = egal wen
events-since = Von
events-until = Bis
events-list = Was geschehen ist
events-none = Nichts passt dazu. Erweitern Sie die Filter.
events-none-yet = Unter den neuesten nichts. Suchen Sie mit „Ältere“ weiter zurück.
events-all = Alles anzeigen
event-deferred = ({ $seat } ist verlangt und voll)
message-viewed = Dass Sie sie angesehen haben, wird festgehalten.
decision-title = Anmeldung { $incident }
decision-result = Wie sie endete
decision-person = Zur Seite der Person
decision-reasons = Was { $organization } entschieden hat und warum
decision-seats = Sitze in diesem Moment
decision-facts = Was empfangen wurde
decision-no-groups = Die Person ist in keiner Gruppe.
decision-message = Die Nachricht
explain-what = Was würde eine Anmeldung jetzt bewirken und warum? Es ändert sich nichts. Über echte Anmeldungen entscheidet dieselbe Funktion.
explain-email-hint = Egal wer: ein Mitglied oder jemand, der noch nie hier war.
explain-try = Andere Gruppen ausprobieren
explain-groups = Gruppen, eine pro Zeile
explain-groups-hint = So, wie der Identity Provider (IdP) sie senden würde.
explain-directory-counts = Mit Verzeichnissynchronisierung (SCIM) zählen die Gruppen des Verzeichnisses, unabhängig davon, was Sie hier eingeben.
explain-with-groups = Mit diesen Gruppen erklären
explain-now = Erklären
explain-domain = { $domain } ist keine verifizierte Domäne der übergeordneten Organisation.

outcome-keep = Bleibt Mitglied: { $role }
outcome-keep-seat = Bleibt Mitglied: { $role }, Sitz { $seat }
outcome-join = Wird Mitglied: { $role }
outcome-join-seat = Wird Mitglied: { $role }, Sitz { $seat }
outcome-change = Ändert sich zu { $role }
outcome-change-seat = Ändert sich zu { $role }, Sitz { $seat }
outcome-wait = Wartet auf irgendeinen Sitz, als { $role }
outcome-wait-seat = Wartet auf einen Sitz { $seat }, als { $role }
outcome-refuse = Abgelehnt: { $refusal }
outcome-remove = Die Mitgliedschaft endet: { $refusal }
outcome-stay-out = Bleibt draußen
because-person-suspended = Die Person ist gesperrt.
because-mode-is-manual = Mitglieder werden von Hand hinzugefügt; Gruppen zählen nicht.
because-already-a-member = Schon Mitglied; dieser Modus lässt Rolle und Sitz, wie sie sind.
because-joins-at-first-sign-in = Noch kein Mitglied; die erste Anmeldung macht eines.
because-in-the-directory = Aktiv im Verzeichnis.
because-not-in-the-directory = Nicht im Verzeichnis.
because-inactive-in-the-directory = Im Verzeichnis inaktiv.
because-directory-does-not-count = Das Verzeichnis zählt in diesem Modus nicht.
because-removal-held = Ein Lauf der Verzeichnissynchronisierung würde die Mitgliedschaft beenden, und das wartet auf Freigabe; bis dahin besteht sie.
because-groups-received = Empfangene Gruppen: { $count }.
because-groups-not-sent = Der Identity Provider (IdP) hat keine Gruppen gesendet.
because-too-many-groups = Der Identity Provider (IdP) meldet zu viele Gruppen zum Senden.
because-role-group-matched = Die Gruppe „{ $group }“ gibt die Rolle { $role }.
because-no-role-group-matched = Keine der Gruppen gibt eine Rolle.
because-only-role = { $role } ist die einzige gegebene Rolle.
because-highest-role = { $role } ist die höchste gegebene Rolle, über { $roles }.
because-default-role = { $role } ist die Standardrolle.
because-role-pinned = Die Rolle { $role } wurde von Hand gesetzt und ist fixiert.
because-product-has-no-seats = Dieses Produkt hat keine Sitze.
because-seat-group-matched = Die Gruppe „{ $group }“ gibt den Sitztyp { $seat }.
because-only-seat-type = { $seat } ist der einzige gegebene Sitztyp.
because-highest-seat-type = { $seat } ist der höchste gegebene Sitztyp, über { $seats }.
because-seat-pinned = Der Sitz { $seat } wurde von Hand gesetzt und ist fixiert.
because-no-seat-pinned = Der Sitz wurde von Hand entzogen, und das ist fixiert.
because-seat-kept = Keine Gruppe gibt einen Sitztyp; { $seat } bleibt.
because-highest-free-seat = { $seat } ist der höchste Sitztyp mit einem freien Sitz.
because-seat-type-full = Jeder Sitz { $seat } ist belegt.
because-all-seats-taken = Jeder Sitz ist belegt.
because-mapped-seat-free = Ein Sitz { $seat } ist frei.
because-seat-deferred = Jeder Sitz { $wanted } ist belegt; { $seat } bleibt, bis einer frei wird.
because-no-seat-deferred = Jeder Sitz { $wanted } ist belegt; das Mitglied bleibt ohne Sitz, bis einer frei wird.

why-admitted = eingelassen
why-test-passed = der Test war erfolgreich
why-test-failed = der Test ist fehlgeschlagen
why-not-a-member = kein Mitglied
why-no-free-seat = kein freier Sitz
why-no-seat = ohne Sitz
why-no-group-access = in keiner zugeordneten Gruppe
why-groups-missing = die Gruppen kamen nicht an
why-not-provisioned = nicht im Verzeichnis
why-suspended = gesperrt
why-domain-not-verified = die Domäne ist nicht verifiziert
why-identity-conflict = die Adresse gehört jemand anderem
why-idp-denied = der Identity Provider (IdP) hat abgelehnt
why-assertion-invalid = der Nachricht war nicht zu trauen
why-assertion-replayed = die Nachricht wurde schon verwendet
why-sign-in-expired = die Anmeldung war nicht mehr offen
why-linked = dort unter der Adresse schon bekannt
why-copied = bleibt auch bei der bisherigen übergeordneten Organisation
why-sso-required = SSO wird verlangt
why-app-not-allowed = die Anwendung ist nicht freigegeben
why-idp-unavailable = der Identity Provider (IdP) antwortet nicht
why-sign-in = bei der Anmeldung
why-directory = durch eine Meldung des Verzeichnisses
why-sync = durch Verzeichnissynchronisierung
why-by-hand = von Hand
why-seat-freed = ein Sitz wurde frei
why-pin-ended = eine Fixierung wurde aufgehoben
why-removed-by-hand = von Hand entfernt
why-ended-by-person = durch die Person selbst
why-ended-by-admin = durch Verwaltung
why-signed-in-again = neu angemeldet
why-signed-out-at-idp = beim Identity Provider (IdP) abgemeldet
why-role = Rolle
why-seat = Sitz
why-true = ja
why-false = nein
why-added = hinzugefügt
why-in-use = in Verwendung
why-retired = aufgegeben
why-sync-now = jetzt synchronisiert
why-cycle = von selbst
why-save = Einstellungen gespeichert
why-file = Organisationsdatei
why-push = Meldung des Verzeichnisses
why-parent = Übergeordnete Organisation
why-domain = Domäne
why-connection = Verbindung
why-organization = Organisation
why-application = Anwendung
why-scim-token = Verzeichnis-Token

event-signed-in = { $target } hat sich angemeldet.
event-signed-out = { $target } hat sich abgemeldet.
event-sign-in-refused = { $target } wurde abgelehnt: { $code }.
event-person-created = { $email } wurde zum ersten Mal gesehen.
event-person-renamed = { $before } heißt jetzt { $after }.
event-subject-forgotten = { $connection } kennt { $target } nicht mehr; die nächste Anmeldung mit der Adresse wird neu verknüpft.
event-subject-linked = { $target } wurde mit { $connection } verknüpft.
event-person-suspended = { $target } wurde von Hand gesperrt.
event-person-resumed = { $target } wurde von Hand entsperrt.
event-member-joined = { $target } wurde Mitglied: { $after } ({ $why }).
event-member-changed = { $target }: { $before } → { $after } ({ $why }).
event-member-confirmed = { $target } behält { $now }.
event-member-removed = { $target } ist nicht mehr Mitglied: { $why }. Vorher: { $before }.
event-member-moved = Die Mitgliedschaft von { $before } gehört jetzt { $target }, weil die Organisation ihre übergeordnete Organisation gewechselt hat ({ $why }).
event-pin-set = { $target }: { $what } fixiert bis: { $until }.
event-pin-ended = { $target }: { $what } nicht mehr fixiert.
event-member-waits = { $target } wartet auf { $seat }, als { $role }.
event-waiting-ended = { $target } wartet nicht mehr: { $why }.
event-sessions-ended = Sitzungen von { $target } beendet: { $count } ({ $why }).
event-all-sessions-ended = Die Sitzungen aller Mitglieder wurden beendet ({ $count }).
event-added = { $thing } { $target } wurde hinzugefügt: { $after }
event-changed = { $thing } { $target } wurde geändert: { $before } → { $after }
event-removed = { $thing } { $target } wurde entfernt.
event-domain-vouched = Der Betreiber hat für { $target } gebürgt.
event-domain-verified = { $target } wurde verifiziert.
event-domain-failed = { $target } konnte nicht verifiziert werden.
event-domain-lost = Der DNS-Eintrag von { $target } ist verschwunden.
event-domain-found = Der DNS-Eintrag von { $target } ist wieder da.
event-connection-tested = { $target } wurde getestet; erfolgreich: { $passed }.
event-connection-switched = Man meldet sich jetzt über { $after } statt { $before } an.
event-setup-link-made = Ein Einrichtungslink für { $target } wurde erstellt, gültig bis { $until }.
event-setup-link-opened = Der Einrichtungslink für { $target } wurde geöffnet.
event-setup-link-revoked = Ein Einrichtungslink für { $target } wurde widerrufen.
event-certificate-seen = { $target }: ein neues Signaturzertifikat { $fingerprint }; angenommen: { $accepted }.
event-certificate-accepted = { $target }: Das Signaturzertifikat { $fingerprint } wurde angenommen oder entfernt.
event-key-rolled = Unser Schlüssel { $target }: { $what }.
event-ends-soon = { $target } endet am { $at } (angekündigt { $days } Tage vorher).
event-directory-reset = Benutzer und Gruppen des Verzeichnisses wurden entfernt ({ $users } Benutzer, { $groups } Gruppen); jede Mitgliedschaft besteht weiter.
event-directory-deleted = Das Verzeichnis wurde mit seinen Tokens entfernt ({ $users } Benutzer, { $groups } Gruppen); jede Mitgliedschaft besteht weiter.
event-group-bound = Die Zuordnung von „{ $value }“ meint jetzt die Verzeichnisgruppe „{ $name }“.
event-sync-done = Verzeichnissynchronisierung: { $added } hinzugefügt, { $updated } aktualisiert, { $removed } entfernt, { $waiting } wartend ({ $cause }).
event-sync-halted = Verzeichnissynchronisierung angehalten: { $ending } Mitgliedschaften würden enden ({ $cause }).
event-sync-approved = Die angehaltene Verzeichnissynchronisierung wurde freigegeben.
event-sync-dismissed = Die angehaltene Verzeichnissynchronisierung wurde verworfen.
event-sync-undone = Verzeichnissynchronisierung rückgängig gemacht: { $restored } wiederhergestellt, { $left } belassen.
event-settings-on-probation = Einstellungen von { $target } warten bis { $until } auf Bestätigung; sie nehmen { $people } Personen das Recht zu konfigurieren.
event-settings-confirmed = Die neuen Einstellungen von { $target } wurden bestätigt.
event-settings-taken-back = Die neuen Einstellungen von { $target } wurden zurückgenommen; { $restored } Personen bekamen zurück, was sie hatten.
event-settings-overtaken = Einstellungen von { $target }, die auf Bestätigung warteten, waren überschrieben worden.
event-join-code-made = Ein Code zum Beitritt zu { $target } wurde gemacht, gültig bis { $until }.
event-join-codes-withdrawn = Alle Codes zum Beitritt zu { $target } wurden zurückgezogen ({ $count }).
event-parent-change-proposed = Es wurde vorgeschlagen, dass { $target } die übergeordnete Organisation wechselt: { $before } → { $after }, bis { $until }.
event-parent-change-declined = Der Vorschlag, dass { $target } die übergeordnete Organisation wechselt, wurde abgelehnt.
event-parent-change-withdrawn = Der Vorschlag, dass { $target } die übergeordnete Organisation wechselt, wurde zurückgezogen.
event-parent-changed = { $target } hat die übergeordnete Organisation gewechselt: { $before } → { $after }, mit { $people } Personen; vorgeschlagen von { $proposed-by }.
event-seats-bought = Sitze { $target }: { $before } → { $after } gekauft.
event-message-viewed = Die Nachricht der Anmeldung { $target } wurde angesehen.
event-database-restored = Die Datenbank wurde aus einer Sicherung wiederhergestellt.
event-operator-link-made = Ein Einmal-Link für Betreiber wurde erstellt.
event-operator-link-used = Ein Einmal-Link für Betreiber wurde verwendet.

kind-signed-in = Angemeldet
kind-signed-out = Abgemeldet
kind-sign-in-refused = Anmeldung abgelehnt
kind-person-created = Zum ersten Mal gesehen
kind-person-renamed = Adresse geändert
kind-subject-forgotten = Verknüpfung mit Verbindung vergessen
kind-subject-linked = Mit Verbindung verknüpft
kind-person-suspended = Gesperrt
kind-person-resumed = Entsperrt
kind-member-joined = Mitglied geworden
kind-member-changed = Rolle oder Sitz geändert
kind-member-confirmed = Gruppen bestätigt
kind-member-removed = Mitgliedschaft beendet
kind-member-moved = Mitgliedschaft übergegangen
kind-pin-set = Fixiert
kind-pin-ended = Fixierung aufgehoben
kind-member-waits = Wartet auf einen Sitz
kind-waiting-ended = Wartet nicht mehr
kind-sessions-ended = Sitzungen beendet
kind-all-sessions-ended = Sitzungen aller beendet
kind-added = Einstellung hinzugefügt
kind-changed = Einstellung geändert
kind-removed = Einstellung entfernt
kind-domain-vouched = Für Domäne gebürgt
kind-domain-verified = Domäne verifiziert
kind-domain-failed = Domäne nicht verifiziert
kind-domain-lost = DNS-Eintrag verschwunden
kind-domain-found = DNS-Eintrag wieder da
kind-connection-tested = Verbindung getestet
kind-connection-switched = Identity Provider gewechselt
kind-setup-link-made = Einrichtungslink erstellt
kind-setup-link-opened = Einrichtungslink geöffnet
kind-setup-link-revoked = Einrichtungslink widerrufen
kind-certificate-seen = Neues Zertifikat gesehen
kind-certificate-accepted = Zertifikat angenommen
kind-key-rolled = Eigener Schlüssel gewechselt
kind-ends-soon = Endet bald
kind-directory-reset = Verzeichnis zurückgesetzt
kind-directory-deleted = Verzeichnis gelöscht
kind-group-bound = Gruppenzuordnung gebunden
kind-sync-done = Verzeichnis synchronisiert
kind-sync-halted = Synchronisierung angehalten
kind-sync-approved = Synchronisierung freigegeben
kind-sync-dismissed = Synchronisierung verworfen
kind-sync-undone = Synchronisierung rückgängig gemacht
kind-settings-on-probation = Einstellungen warten auf Bestätigung
kind-settings-confirmed = Einstellungen bestätigt
kind-settings-taken-back = Einstellungen zurückgenommen
kind-settings-overtaken = Einstellungen überschrieben
kind-join-code-made = Code zum Beitritt gemacht
kind-join-codes-withdrawn = Codes zum Beitritt zurückgezogen
kind-parent-change-proposed = Wechsel der übergeordneten Organisation vorgeschlagen
kind-parent-change-declined = Wechsel der übergeordneten Organisation abgelehnt
kind-parent-change-withdrawn = Wechsel der übergeordneten Organisation zurückgezogen
kind-parent-changed = Übergeordnete Organisation gewechselt
kind-seats-bought = Sitze gekauft
kind-message-viewed = Nachricht angesehen
kind-database-restored = Datenbank wiederhergestellt
kind-operator-link-made = Betreiber-Link erstellt
kind-operator-link-used = Betreiber-Link verwendet

recover-title = Zugang für den Betrieb
recover-what = Dieser Einmal-Link öffnet für 15 Minuten eine Betriebssitzung. Er gilt nur einmal.
recover-use = Betriebssitzung öffnen
operator-title = Betriebssitzung
operator-until = Sie haben Betriebszugang bis { $until }.
operator-shell = Auf der Kommandozeile dieses Gateways sehen und ändern Sie, wer hineinkommt:
operator-admins = Wer diese Organisation derzeit einrichten kann:
operator-no-admin = Derzeit kann niemand diese Organisation einrichten.

refused-eyebrow = Abgelehnt
refused-signed-in-as = Sie haben sich als { $email } angemeldet, können aber nicht eintreten.
refused-ask = Ansprechpartner:
refused-ask-admin = Wenden Sie sich an die Administration Ihrer Organisation und nennen Sie die Referenz unten.
refused-subject = Anmeldung abgelehnt, Referenz { $incident }

refused-not-a-member-title = Sie sind kein Mitglied
refused-not-a-member-what = In dieser Organisation werden Mitglieder von Hand hinzugefügt, und Sie wurden noch nicht hinzugefügt.
refused-not-a-member-next = Eine Administratorin oder ein Administrator kann Sie hinzufügen. Melden Sie sich danach erneut an.
refused-no-free-seat-title = Kein Sitz ist frei
refused-no-free-seat-what = Sie sind berechtigt, aber derzeit sind alle Sitze vergeben. Sie stehen auf der Warteliste.
refused-no-free-seat-next = Sobald ein Sitz frei ist, können Sie sich anmelden. Ihre Administration kann einen freigeben oder weitere kaufen.
refused-no-seat-title = Sie haben keinen Sitz
refused-no-seat-what = Sie sind Mitglied, aber Ihnen ist kein Sitz zugewiesen; daher sind die Anwendungen für Sie geschlossen.
refused-no-seat-next = Ihre Administration kann Ihnen einen Sitz zuweisen. Das gilt sofort.
refused-no-group-access-title = Ihre Gruppen geben keinen Zugriff
refused-no-group-access-what = Sie haben sich richtig angemeldet, sind aber in keiner der Gruppen, die hier Zugriff haben.
refused-no-group-access-next = Ihre Administration kann Sie in eine solche Gruppe aufnehmen. Melden Sie sich danach erneut an.
refused-groups-missing-title = Ihre Gruppen sind nicht angekommen
refused-groups-missing-what = Ihr Identity Provider (IdP) hat nicht mitgeteilt, in welchen Gruppen Sie sind. An Ihrem Zugriff hat sich nichts geändert.
refused-groups-missing-next = Das können Sie nicht selbst beheben: Ihre Administration muss eine Einstellung beim Identity Provider ändern.
refused-not-provisioned-title = Sie sind noch nicht eingerichtet
refused-not-provisioned-what = Personen werden hier durch das Verzeichnis Ihrer Organisation eingerichtet, und es hat Sie noch nicht gemeldet.
refused-not-provisioned-next = Ihre Administration kann Ihnen diesen Dienst im Verzeichnis zuweisen.
refused-suspended-title = Ihr Zugriff ist gesperrt
refused-suspended-what = Die Administration oder das Verzeichnis Ihrer Organisation hat Ihren Zugriff abgeschaltet.
refused-suspended-next = Nur Ihre Administration kann ihn wieder einschalten.
refused-domain-not-verified-title = Diese Adresse gilt hier nicht
refused-domain-not-verified-what = Ihr Identity Provider (IdP) hat eine E-Mail-Adresse gesendet, deren Domäne Ihre Organisation hier nicht verifiziert hat.
refused-domain-not-verified-next = Ihre Administration muss die Domäne verifizieren oder Ihre Adresse beim Identity Provider berichtigen.
refused-identity-conflict-title = Diese Adresse gehört zu einem anderen Konto
refused-identity-conflict-what = Ihr Identity Provider (IdP) kennt Sie unter einem neuen Namen, aber Ihre E-Mail-Adresse gehört hier bereits jemandem.
refused-identity-conflict-next = Ihre Administration muss entscheiden, ob Sie das sind, und beide verbinden.
refused-idp-denied-title = Ihr Identity Provider hat abgelehnt
refused-idp-denied-what = Ihr Identity Provider (IdP) hat Sie nicht angemeldet. An Ihrem Zugriff hat sich nichts geändert.
refused-idp-denied-next = Oft ist dem Konto dieser Dienst dort nicht zugewiesen. Ihre Administration kann das ändern.
refused-assertion-invalid-title = Die Anmeldung ließ sich nicht prüfen
refused-assertion-invalid-what = Was Ihr Identity Provider (IdP) gesendet hat, war nicht vertrauenswürdig; daher wurde niemand angemeldet.
refused-assertion-invalid-next = Versuchen Sie es erneut. Geschieht es wieder, findet Ihre Administration die Ursache unter der Referenz unten.
refused-assertion-replayed-title = Diese Anmeldung wurde schon verwendet
refused-assertion-replayed-what = Jede Anmeldung gilt einmal. Diese wurde bereits verwendet, vielleicht durch Zurückgehen im Browser.
refused-assertion-replayed-next = Beginnen Sie von vorn; vielleicht müssen Sie nicht einmal etwas eingeben.
refused-sign-in-expired-title = Diese Anmeldung ist nicht mehr offen
refused-sign-in-expired-what = Sie war zu lange offen, wurde schon verwendet oder in einem anderen Browser oder Fenster begonnen.
refused-sign-in-expired-next = Beginnen Sie von vorn; vielleicht müssen Sie nicht einmal etwas eingeben.
refused-sso-required-title = SSO ist erforderlich
refused-sso-required-what = Diese Organisation lässt Personen nur über ihren Identity Provider (IdP) ein. Ihre Sitzung kam auf anderem Weg oder über eine inzwischen abgeschaltete Verbindung zustande.
refused-sso-required-next = Melden Sie sich über Ihren Identity Provider neu an.
refused-app-not-allowed-title = Diese Anwendung steht Ihnen nicht offen
refused-app-not-allowed-what = Ihre Rolle oder Ihr Sitz umfasst diese Anwendung nicht, oder sie ist hier nicht eingetragen.
refused-app-not-allowed-next = Ihre Administration kann ändern, wer eintreten darf.
refused-idp-unavailable-title = Ihr Identity Provider antwortet nicht
refused-idp-unavailable-what = Ihr Identity Provider (IdP) ist derzeit nicht erreichbar; daher kann sich niemand über ihn anmelden.
refused-idp-unavailable-next = Versuchen Sie es in einigen Minuten erneut.

error-not-found-title = Hier ist nichts
error-not-found-what = Die Adresse ist vielleicht falsch geschrieben, oder die Seite ist umgezogen.
error-not-found-next = Beginnen Sie auf der Startseite von vorn.
error-method-not-allowed-title = So geht das hier nicht
error-method-not-allowed-what = Diese Adresse gibt es, aber sie lässt sich so nicht verwenden.
error-method-not-allowed-next = Beginnen Sie auf der Startseite von vorn.
error-bad-request-title = Die Anfrage war nicht lesbar
error-bad-request-what = Etwas darin fehlt, ist zu lang oder doppelt.
error-bad-request-next = Gehen Sie zurück, laden Sie die Seite neu und versuchen Sie es erneut.
error-foreign-form-title = Bitte versuchen Sie das erneut
error-foreign-form-what = Das Formular kam nicht von einer Seite hier, oder die Seite war zu lange offen.
error-foreign-form-next = Gehen Sie zurück, laden Sie die Seite neu und senden Sie erneut. Cookies müssen erlaubt sein.
error-too-large-title = Das war zu viel
error-too-large-what = Die Anfrage war größer als alles, was diese Seite sendet.
error-too-large-next = Gehen Sie zurück und kürzen Sie Ihre Eingabe.
error-not-signed-in-title = Bitte melden Sie sich an
error-not-signed-in-what = Ihre Sitzung ist beendet, oder Sie haben sich noch nicht angemeldet.
error-not-signed-in-next = Melden Sie sich auf der Startseite an und versuchen Sie es dann erneut.
error-bad-token-title = Dieses Token öffnet nichts
error-bad-token-what = Die Anfrage kam ohne das Token eines Verzeichnisses oder mit einem ungültigen.
error-bad-token-next = Lassen Sie sich ein neues Token geben und tragen Sie es bei Ihrem Identity Provider ein.
error-too-many-requests-title = Zu viele Anfragen
error-too-many-requests-what = In kurzer Zeit kamen mehr Anfragen, als beantwortet werden.
error-too-many-requests-next = Warten Sie einen Moment und versuchen Sie es dann erneut.
error-forbidden-title = Das steht Ihnen nicht offen
error-forbidden-what = Ihre Rolle umfasst das nicht.
error-forbidden-next = Fragen Sie Ihre Administration, wenn Sie es brauchen.
error-link-spent-title = Dieser Link wurde schon verwendet
error-link-spent-what = Einmal-Links gelten einmal und 15 Minuten lang.
error-link-spent-next = Erzeugen Sie auf der Kommandozeile mit „usher recover“ einen neuen.
error-connection-unusable-title = Die Anmeldung ist nicht fertig eingerichtet
error-connection-unusable-what = Die Verbindung Ihrer Organisation zu ihrem Identity Provider (IdP) lässt sich so nicht verwenden.
error-connection-unusable-next = Sagen Sie es Ihrer Administration; sie findet die Ursache unter der Referenz unten.
error-logout-invalid-title = Die Abmeldung konnte nicht geprüft werden
error-logout-invalid-what = Was Ihr Identity Provider (IdP) gesendet hat, um Sie abzumelden, war nicht vertrauenswürdig. Hier wurde nichts beendet.
error-logout-invalid-next = Melden Sie sich hier über die Startseite ab. Ihre Administration findet die Ursache unter der Referenz unten.
error-unavailable-title = Bitte versuchen Sie es gleich noch einmal
error-unavailable-what = Der Dienst kann gerade nichts speichern. Nichts ging verloren oder wurde halb gespeichert.
error-unavailable-next = Hält es an, nennen Sie Ihrer Administration die Referenz unten.
error-internal-title = Hier ist etwas schiefgegangen
error-internal-what = Das ist unser Fehler, nicht Ihrer. Nichts wurde halb gespeichert.
error-internal-next = Versuchen Sie es erneut. Geschieht es wieder, nennen Sie Ihrer Administration die Referenz unten.

connections = Verbindungen
connections-none = Noch keine. Erklären Sie eine in einer Organisationsdatei.
connection-active = Aktiv
connection-tested = Getestet
connection-draft = Entwurf
connection-disabled = Ausgeschaltet
back-to-overview = Zurück zur Übersicht

setup-title = Einrichtung
setup-progress = { $done } von { $all } Schritten sind erledigt. Sie können jederzeit unterbrechen und wiederkommen: Erledigtes bleibt erledigt.
setup-all-done = Alles ist erledigt. Die Anmeldung ist offen.
setup-done = Erledigt
setup-next = Als Nächstes
setup-open = Offen
setup-later = Vorher kommt ein anderer Schritt.
setup-choose = Bitte wählen Sie eines davon.
setup-name = Name
setup-name-invalid = Bitte geben Sie einen Namen mit höchstens 200 Zeichen ein.
setup-slug = Kurzname
setup-slug-hint = Er wird Teil von Adressen und bleibt, wie er ist: Kleinbuchstaben, Ziffern und Bindestriche, zum Beispiel acme-work.
setup-slug-invalid = Bitte verwenden Sie Kleinbuchstaben, Ziffern und Bindestriche, zum Beispiel acme-work.
setup-slug-taken = Dieser Kurzname ist schon vergeben. Wählen Sie einen anderen.
setup-too-many-unfinished = { $most } Verbindungen sind schon begonnen oder haben nie einen Test bestanden. Schließen Sie eine davon ab oder geben Sie sie auf, bevor Sie eine weitere hinzufügen.
setup-found = Anlegen
setup-parent = Übergeordnete Organisation anlegen
setup-parent-what = Der übergeordneten Organisation gehört die Identität: Domänen, die Verbindung zum Identity Provider, das Verzeichnis. Mitglieder und Sitze gehören den Organisationen darunter. Niemand gewinnt oder verliert dadurch Zugang.
setup-parent-name-hint = Wie Ihr Unternehmen heißt.
setup-plan = Tarif
setup-plan-team = Team
setup-plan-enterprise = Enterprise
setup-plan-console = Console
setup-organization = Organisation
setup-organization-what = Darin werden Personen Mitglied: mit einem Produkt, Rollen und Sitzen. Sie beginnt leer, und niemand wird von selbst Mitglied, bevor Sie es so wählen.
setup-organization-go = Organisation hinzufügen
setup-organization-name-hint = Wie sie bei der Anmeldung heißt.
setup-product = Produkt
setup-product-hint = Es bestimmt Rollen und Sitze und ändert sich später nicht. Sitze können Sie auch später kaufen.
setup-seats = { $product }: Sitze { $seat }
setup-seats-invalid = Sitze { $seat }: Bitte geben Sie eine ganze Zahl ein, höchstens 1000000.
setup-contact = Kontakt
setup-contact-hint = Wen Abgelehnte fragen sollen, zum Beispiel eine Adresse. Darf leer bleiben.
setup-domain = Domäne
setup-domain-what = Angemeldet wird mit einer Adresse in einer Domäne, die nachweislich Ihnen gehört: durch einen Eintrag im DNS.
setup-domain-go = Domänen und ihre Einträge
setup-administrator = Erste Administration
setup-administrator-what = Jemand mit der höchsten Rolle in jeder Organisation, damit Sie keinen Link aus der Shell mehr brauchen. Die Anmeldung geht wie bei allen über Ihren Identity Provider.
setup-administrator-go = Administration benennen
setup-administrator-domains = Die Adresse muss in einer verifizierten Domäne liegen:
setup-administrator-of = Administration von
setup-administrator-domain = { $domain } ist keine verifizierte Domäne dieser übergeordneten Organisation, also könnte sich niemand mit dieser Adresse anmelden.
setup-connection = Verbindung zum Identity Provider
setup-connection-what = Ihr Identity Provider (IdP) erfährt unsere Adressen und wir seine. Eine neue Verbindung ist ein Entwurf: Damit meldet sich niemand an.
setup-connection-go = Verbindung hinzufügen
setup-connection-choose = Mit welchem Identity Provider (IdP) melden sich Ihre Leute an?
setup-connection-other = Einen anderen wählen
setup-connection-there = Bei Ihrem Identity Provider
setup-connection-ours = Kopieren Sie diese Werte; die Namen sind die aus der Konsole Ihres Identity Providers:
setup-connection-also = Stellen Sie dort außerdem ein:
setup-connection-rename = Einen anderen Kurznamen in diesen Adressen verwenden
setup-connection-rename-hint = Nur bevor Sie sie kopieren: Sie ändern sich mit ihm.
setup-connection-rename-go = Adressen anzeigen
setup-connection-here = Hier
setup-connection-found-at = Wo Ihr Identity Provider zeigt, was hier gefragt ist:
setup-connection-draft = Was Sie eingeben, wird geprüft, bevor es gespeichert wird. Die Verbindung beginnt als Entwurf: Danach kommen die Testanmeldung und das Einschalten.
setup-label = Name
setup-label-hint = Wie sie heißt, wo jemand die Art der Anmeldung wählt.
setup-metadata-url = Adresse der Metadaten
setup-metadata-url-hint = Die beste Wahl, wo es eine gibt: Neue Zertifikate werden dann von selbst bekannt.
setup-metadata = Oder die Metadaten selbst: Öffnen Sie die Datei mit einem Texteditor und fügen Sie alles ein
setup-metadata-missing = Bitte geben Sie die Adresse der Metadaten ein oder fügen Sie die Metadaten ein.
setup-metadata-both = Bitte geben Sie die Adresse der Metadaten ein oder fügen Sie die Metadaten ein, nicht beides.
setup-metadata-unusable = Die Metadaten sind nicht verwendbar: { $what }
setup-unreachable = Es kann nicht gelesen werden: { $what }
setup-issuer = Aussteller (Issuer)
setup-issuer-hint = Die Adresse ohne /.well-known/openid-configuration.
setup-issuer-invalid = Bitte geben Sie die Adresse des Ausstellers ein, zum Beispiel https://id.example.com; bei Entra die Ihres eigenen Mandanten.
setup-client-id = Client-ID
setup-client-id-missing = Bitte geben Sie die Client-ID ein.
setup-client-secret = Geheimer Clientschlüssel (Client Secret)
setup-client-secret-hint = Er wird verschlüsselt gespeichert und nie wieder angezeigt.
setup-client-secret-missing = Bitte geben Sie den geheimen Clientschlüssel ein; er wird nicht behalten, solange etwas anderes nicht stimmt.
setup-expires = Der Schlüssel endet am
setup-expires-hint = Falls er endet: Sie werden vorher erinnert. Darf leer bleiben.
setup-expires-invalid = Bitte geben Sie einen Tag in der Zukunft ein oder nichts.
setup-test = Testanmeldung
setup-test-what = Sie melden sich beim Identity Provider an und sehen, was geschehen würde. Dadurch ändert sich nichts.
setup-test-go = Zum Test
setup-active = Eingeschaltet
setup-active-what = Von da an meldet man sich über diese Verbindung an. Sie kann wieder ausgeschaltet werden.
setup-active-go = Zum Schalter
setup-settings = Wer Mitglied wird
setup-settings-what = Wie jemand Mitglied wird, mit welcher Rolle und welchem Sitz, steht in den Einstellungen der Organisation selbst.
setup-begin = Übergeordnete Organisation hinzufügen
setup-continue = Einrichtung

calendar-title = Kalender
calendar-what = Alles hier läuft eines Tages ab. Was zu erneuern ist, wird 90, 30 und 7 Tage vorher im Audit-Log angekündigt, und wenn es abgelaufen ist.
calendar-none = Nichts läuft ab.
calendar-link = Was wann abläuft
calendar-pressing = Bald zu erneuern: { $count }
calendar-thing = Was
calendar-name = Welches
calendar-whose = Wessen
calendar-ours = diese Installation
calendar-ends = Läuft ab
calendar-state = Zustand
ends-idp-certificate = Zertifikat des Identity Providers
ends-idp-metadata = Metadaten des Identity Providers
ends-own-certificate = Unser SAML-Zertifikat
ends-client-secret = Client Secret
ends-scim-token = Verzeichnis-Token (SCIM)
ends-tls-certificate = TLS-Zertifikat
ends-replaced = Ein späteres ist da
ends-over = Abgelaufen
ends-7-days = Innerhalb von 7 Tagen
ends-30-days = Innerhalb von 30 Tagen
ends-90-days = Innerhalb von 90 Tagen
ends-far = Noch lange hin

# Connections, domains and setup links
nav-domains = Domänen
nav-connections = Verbindungen
connections-what = Über eine Verbindung melden sich Personen bei Ihrem Identity Provider (IdP) an. Verbindungen und Domänen gehören der übergeordneten Organisation: Was hier eingeschaltet wird, gilt für alle darunter.
connections-none-yet = Noch keine Verbindung. Fügen Sie eine hinzu: Ihr Identity Provider (IdP) erfährt unsere Adressen, wir erfahren seine.
connections-prepare = Sie können Verbindungen einrichten und testen. Sie ein- und auszuschalten und eine eingeschaltete zu ändern gilt für alle unter der übergeordneten Organisation: Das tut, wer { $organization }, deren erste Organisation, konfigurieren darf, oder Ihr Betreiber.
connection-begun = Begonnen
next-other-side = Als Nächstes: den Identity Provider (IdP) angeben
next-test = Als Nächstes: testen
next-switch-on = Als Nächstes: einschalten
concerned-what = Die Personen dieser Organisationen melden sich darüber an oder werden es tun:
concerned-members = { $count ->
    [one] ein Mitglied
   *[other] { $count } Mitglieder
}
not-governing = Das gilt für alle unter der übergeordneten Organisation. Es tut, wer { $organization }, deren erste Organisation, konfigurieren darf, oder Ihr Betreiber.
connection-change = Ändern
connection-discard = Aufgeben
connection-discard-what = Diese Verbindung war nie eingeschaltet. Sie verschwindet samt Einstellungen, Tests und Einrichtungslinks; niemand verliert dadurch etwas. Neu hinzugefügt bekommt sie andere Adressen, es sei denn, sie heißt wieder so.
ask-activate = Der Test ist bestanden. Sobald die Verbindung eingeschaltet ist, melden sich Personen darüber an, und was dieser Identity Provider (IdP) über sie sagt, wird geglaubt: Vergleichen Sie es mit dem, was Sie erwarten.
connection-moved = Die Einstellungen haben sich geändert, seit Sie diese Seite geöffnet haben; unten steht, wie sie jetzt sind. Was Sie eingegeben haben, ist noch da: Sehen Sie beides an und speichern Sie dann erneut.
connection-is-on-now = Diese Verbindung wurde inzwischen eingeschaltet, darum wurde dies nicht übernommen.
other-identity-provider = Das ist ein anderer Identity Provider (IdP). Personen sind an dem erkannt, was der jetzige über sie sagt; fügen Sie darum eine neue Verbindung hinzu und ziehen Sie die Personen um.
metadata-nothing = Es wartet nichts mehr auf Annahme.
change-holds-now = Über diese Verbindung melden sich jetzt Personen an: Was Sie speichern, gilt sofort. Um erst etwas zu versuchen, fügen Sie eine zweite Verbindung hinzu und testen Sie diese.
change-last = Dies ist die einzige aktive Verbindung. Wenn falsch ist, was Sie speichern, kann sich niemand dieser übergeordneten Organisation mehr anmelden.
change-estranges-client = Manche Provider nennen jedem Client für dieselbe Person einen anderen Namen (Microsoft Entra ID immer). Mit einer anderen Client-ID ist dann fremd, wer sich schon angemeldet hat, und wird abgelehnt, bis ein Admin die Person neu verknüpft. Um sie für alle zu ändern, fügen Sie eine zweite Verbindung hinzu und lassen alle dorthin umziehen.
change-estranges-attribute = Daran wird erkannt, wer sich schon angemeldet hat. Mit einem anderen Attribut ist diese Person fremd und wird abgelehnt, bis ein Admin sie neu verknüpft.
change-estranges-type = Wer sich über diese Verbindung schon angemeldet hat, kann ihr mit Ihren Angaben fremd sein und wird dann abgelehnt, bis ein Admin die Person neu verknüpft. Geben Sie { $slug } ein, um trotzdem zu speichern.
change-what = Was Sie eingeben, wird geprüft, bevor es übernommen wird. Andere Zertifikate, Attribute oder ein anderer Client verlangen einen neuen Test.
change-not-governing = Sie können dies nicht speichern: Es gilt für alle unter der übergeordneten Organisation und wird von denen geändert, die deren erste Organisation konfigurieren dürfen, oder von Ihrem Betreiber.
known-already = Dies ist schon bekannt und bleibt, wenn Sie nichts anderes eingeben:
setup-connection-later = Für später behalten
setup-connection-later-what = Für später behalten können Sie oder jemand aus der IT damit weitermachen: Die Adressen oben bleiben.
setup-metadata-file = Oder eine Datei mit den Metadaten
metadata-otherwise = Es gibt weder eine Adresse noch eine Datei
by-hand = Oder Wert für Wert
by-hand-entity-id = Entity-ID des Identity Providers (Aussteller)
by-hand-entity-id-missing = Bitte geben Sie die Entity-ID des Identity Providers ein.
by-hand-sso-url = Anmeldeadresse (SSO-URL, HTTP-Redirect)
by-hand-sso-url-invalid = Bitte geben Sie die Adresse ein, unter der man sich anmeldet, zum Beispiel https://idp.example.com/sso.
by-hand-certificate = Signaturzertifikat (X.509, PEM)
by-hand-certificate-unusable = Das Zertifikat ist nicht verwendbar: { $what }
form-options = Attribute, Verschlüsselung und mehr
attributes-what = Namen von Attributen oder Claims, wenn es nicht die üblichen sind: Eine Testanmeldung zeigt, was gesendet wird. Leere Felder versuchen die üblichen Namen.
attribute-email = Attribut der E-Mail-Adresse
attribute-name = Attribut des Namens
attribute-groups = Attribut der Gruppen
attribute-subject = Attribut, das die Person dauerhaft kennzeichnet
attribute-invalid = Bitte geben Sie einen Namen mit höchstens 256 Zeichen ein oder nichts.
omits-empty-groups = Das Gruppenattribut fehlt bei Personen ohne Gruppe
offer-encryption = Verschlüsselte Assertions verlangen
offer-encryption-what = Unsere Metadaten nennen dann einen Schlüssel zum Verschlüsseln.
sign-requests = Unsere Anfragen signieren
idp-initiated = Anmeldungen annehmen, die beim Identity Provider (IdP) beginnen
idp-initiated-what = Nach einer solchen Antwort hat niemand gefragt, darum muss die Person sie bestätigen.
force-authn = Vom Identity Provider (IdP) jedes Mal eine neue Anmeldung verlangen
client-auth-basic = Client-Geheimnis im Header
client-auth-post = Client-Geheimnis im Formular
client-auth-key = Unser eigener Schlüssel, kein Geheimnis: Der Provider liest ihn unter unserer JWKS-Adresse
client-secret-kept = Leer bleibt das jetzige, solange der Aussteller bleibt.
scopes-invalid = Bitte geben Sie Scopes mit Leerzeichen dazwischen ein; openid muss dabei sein.
domain-remove-title = { $domain } entfernen
domain-remove-pending = Sie ist nicht verifiziert, darum meldet sich niemand darüber an.
domain-remove-again = Neu hinzugefügt bekommt sie einen anderen Wert für das DNS.
link-title = Einrichtung durch jemanden aus der IT
link-what = Mit einem Einrichtungslink kann jemand ohne Konto eingeben, was zu dieser Verbindung gefragt ist, und sie testen. Er öffnet sonst nichts: keine Mitglieder, keine andere Verbindung, und er schaltet nichts ein. Er endet, wenn Sie die Verbindung einschalten.
link-go = Einrichtungslinks
link-make = Einrichtungslink erstellen
link-made-title = Der Einrichtungslink
link-once = Senden Sie ihn jetzt weiter: Er wird nur dieses eine Mal angezeigt und nirgends aufbewahrt.
link-until = Er öffnet die Einrichtung bis { $at }.
link-made-already = Seit Sie diese Seite geöffnet haben, wurde ein Link erstellt. Er steht in der Liste; erstellen Sie einen weiteren nur, wenn Sie ihn brauchen.
link-drafts-only = Diese Verbindung wurde eingeschaltet, darum gibt es keine Einrichtungslinks mehr für sie.
link-days = Er öffnet die Einrichtung für
link-days-count = { $count ->
    [one] einen Tag
   *[other] { $count } Tage
}
link-all = Bisherige Links
link-none = Noch keine.
link-by = Erstellt von
link-expires = Bis
link-used = Zuletzt benutzt
link-revoke = Widerrufen
link-open = Öffnet die Einrichtung
link-expired = Abgelaufen
link-revoked = Widerrufen
link-switched-on = Erledigt: eingeschaltet
link-maker-left = Wer ihn erstellt hat, darf hier nichts mehr konfigurieren
link-gone = Die Verbindung wurde aufgegeben
guest-what = Ihnen wurde ein Link geschickt, um diese Verbindung einzurichten. Geben Sie ein, was gefragt ist, speichern Sie und testen Sie dann. Sie brauchen kein Konto; wer Ihnen den Link geschickt hat, sieht sich Ihre Eingaben an und schaltet die Verbindung ein.
open-title = Eine Verbindung einrichten
open-what = Mit diesem Link richten Sie Single Sign-on zwischen Ihrem Identity Provider (IdP) und Usher ein, ohne hier ein Konto zu haben. Er gilt in diesem Browser, bis er abläuft.
open-go = Beginnen
ended-title = Dieser Einrichtungslink öffnet nichts mehr
ended-unknown = Einen solchen Link gibt es nicht, oder er wurde lange nach seinem Ende gelöscht. Prüfen Sie, ob er ganz kopiert wurde.
ended-expired = Seine Zeit ist abgelaufen.
ended-revoked = Er wurde widerrufen.
ended-switched-on = Seine Arbeit ist getan: Die Verbindung wurde eingeschaltet.
ended-maker-left = Wer ihn erstellt hat, darf hier nichts mehr konfigurieren.
ended-gone = Die Verbindung, für die er erstellt wurde, wurde aufgegeben.
ended-another = In diesem Browser wurde seither ein anderer Einrichtungslink geöffnet, und ein Browser behält nur einen. Wenn mit dem früheren noch etwas zu tun ist, öffnen Sie ihn erneut.
ended-sent = Was Sie gerade gesendet haben, wurde nicht übernommen.
ended-ask = Wenn noch etwas zu tun ist, bitten Sie { $who } um einen neuen Link.
ended-ask-sender = Wenn noch etwas zu tun ist, bitten Sie die Person, die Ihnen den Link geschickt hat, um einen neuen.
flash-connection-begun = { $label } ist behalten: Machen Sie weiter, wann Sie möchten.
flash-connection-saved = { $label } wurde gespeichert. Als Nächstes kommt eine Testanmeldung.
flash-connection-on = { $label } ist eingeschaltet: Personen können sich darüber anmelden.
flash-connection-off = { $label } ist ausgeschaltet.
flash-connection-discarded = { $label } wurde aufgegeben.
flash-metadata-read = Die Metadaten wurden gelesen.
flash-metadata-accepted = Angenommen.
flash-link-revoked = Der Einrichtungslink wurde widerrufen.
flash-domain-added = { $domain } wurde hinzugefügt: Tragen Sie den Eintrag ins DNS ein.
flash-domain-known = { $domain } ist schon da.
flash-domain-removed = { $domain } wurde entfernt.
flash-domain-checked = { $domain } wurde nachgeschlagen: noch nicht bewiesen. Erwartetes und Gefundenes stehen nebeneinander.
flash-domain-verified = { $domain } ist verifiziert.

domains-title = Domänenverifizierung
domains-what = Anmelden kann sich nur, wer eine Adresse in einer verifizierten Domäne hat. Die Verifizierung allein ändert für niemanden etwas. Das DNS wird eine Stunde lang jede Minute gefragt, dann stündlich, und nach dem Nachweis täglich.
domains-none = Noch keine Domäne
domain-pending = Ausstehend
domain-failed = Fehlgeschlagen
domain-verified = Verifiziert
domain-vouched = Verbürgt
domain-lost = Eintrag fehlt
domain-lost-what = Der Eintrag fehlt. Wer hier bekannt ist, meldet sich weiter an; ab { $date } kommt über diese Domäne niemand Neues hinzu, es sei denn, der Eintrag ist wieder da.
domain-record-what = Tragen Sie dies im DNS der Domäne ein, neben dem, was schon da ist. Der Eintrag bleibt dort, solange die Domäne benutzt wird.
domain-host = Name
domain-host-hint = die Domäne selbst, „@“ in den meisten DNS-Verwaltungen
domain-type = Typ
domain-expected = Erwartet
domain-found = Gefunden
domain-checked = Zuletzt nachgesehen
domain-check = Jetzt prüfen
domain-remove = Entfernen
domain-remove-what = Personen mit einer Adresse in dieser Domäne: { $people }. Ohne sie können sie sich nicht mehr anmelden.
domain-add-title = Domäne hinzufügen
domain-add = Hinzufügen
domain-label = Domäne
domain-label-hint = Was in den Adressen Ihrer Leute hinter dem @ steht. Eine Subdomäne ist eine eigene Domäne.
domain-invalid = Bitte geben Sie eine Domäne ein, zum Beispiel example.com.
domain-public-mail = { $domain } ist ein öffentlicher Mailanbieter: Eine Adresse dort sagt nichts über eine Organisation.
domain-taken = { $domain } gehört hier einer anderen übergeordneten Organisation, die sie nachgewiesen hat. Eine Domäne gehört einer einzigen übergeordneten Organisation.
found-records = TXT-Einträge, keiner davon der erwartete:
found-no-records = Den Namen gibt es, aber er hat keinen TXT-Eintrag.
found-no-such-name = Den Namen gibt es nicht (NXDOMAIN).
found-server-failure = Die DNS-Server konnten nicht antworten ({ $code }).
found-no-answer = Kein DNS-Server hat rechtzeitig geantwortet.
found-other-parent = Der Eintrag stimmt, aber eine andere übergeordnete Organisation hier hat diese Domäne zuerst nachgewiesen.
type-to-confirm = Geben Sie zur Bestätigung { $what } ein.


connection-test = Testanmeldung
connection-test-what = Melden Sie sich beim Identity Provider an und sehen Sie, was geschehen würde: jede Prüfung, was gesendet wurde, und die Entscheidung in jeder Organisation. Nichts ändert sich, und niemand wird angemeldet.
connection-tested-at = Der letzte Test mit diesen Einstellungen gelang am { $at }.
connection-test-now = Jetzt testen
test-passed = Gelungen
test-failed = Fehlgeschlagen
connection-state = Ein und aus
connection-activate = Einschalten
connection-activate-what = Der Test ist gelungen. Sobald die Verbindung eingeschaltet ist, kann man sich über sie anmelden.
connection-activate-first = Sie lässt sich einschalten, wenn in den letzten 24 Stunden ein Test gelungen ist.
connection-deactivate = Ausschalten
connection-deactivate-what = Ist sie ausgeschaltet, kann sich niemand mehr über sie anmelden. Sitzungen laufen weiter, bis sie enden, außer wo SSO verlangt wird.
connection-last = Dies ist die einzige aktive Verbindung. Ohne sie kann sich niemand dieser übergeordneten Organisation anmelden.
connection-type-name = Geben Sie zur Bestätigung { $slug } ein.
connection-ours = Was der Identity Provider wissen muss
connection-ours-what = Übernehmen Sie diese Werte genau so in seine Einstellungen.
connection-theirs = Was vom Identity Provider bekannt ist
connection-switch = Identity Provider wechseln
connection-switch-what = Führt alle zu einer anderen Verbindung derselben übergeordneten Organisation. Personen werden an ihrer Adresse erkannt; Sie sehen, wer, bevor sich etwas ändert.
connection-switch-to = Zu { $label } wechseln
connection-checked = Zuletzt gelesen
connection-problem = Problem
saml-entity-id = Entity-ID, Adresse der Metadaten
saml-acs = Assertion Consumer Service (ACS)
saml-slo = Single-Logout-Dienst (SLO)
saml-idp-entity-id = Entity-ID
saml-sso = Anmeldeadresse
saml-sso-post = Anmeldeadresse (POST)
saml-metadata-url = Adresse der Metadaten
saml-slo-response = Single-Logout-Antworten gehen an
saml-wants-signed = Nimmt nur signierte Anfragen an
saml-valid-until = Die Metadaten gelten bis
saml-authn-context = Verlangter Authentisierungskontext (AuthnContextClassRef)
saml-name-id-format = Verlangtes NameID-Format
new-certificates = Ein Zertifikat, das in den Metadaten neu ist
new-certificates-ask = wartet, bis jemand ihm zustimmt
new-certificates-rollover = gilt sofort neben einem bekannten, sonst wartet es
new-certificates-take = gilt sofort
clock-skew = So weit dürfen die beiden Uhren auseinandergehen
setting-on = an
setting-off = aus
setting-none = nichts
certificate = Signaturzertifikat (gültig bis)
certificate-pending = Zertifikat, das noch anzunehmen ist
oidc-redirect-uri = Redirect-URI
oidc-backchannel-uri = Back-Channel-Logout-URI
oidc-post-logout-uri = Post-Logout-Redirect-URI
oidc-initiate-uri = Initiate-Login-URI
oidc-jwks-uri = JWKS-Adresse (private_key_jwt)
oidc-issuer = Issuer
oidc-client-id = Client-ID
oidc-client-auth = Client-Authentisierung
oidc-scopes = Scopes
oidc-acr = Verlangter Authentisierungskontext (acr)
oidc-groups-endpoint = Adresse, die bei zu vielen Gruppen nach ihnen gefragt wird
oidc-groups = Gruppen
oidc-no-groups = Dieser Provider sendet über OpenID Connect keine Gruppen, was auch immer dort eingestellt ist; Gruppenzuordnungen können darüber nicht wirken. Nutzen Sie dafür seine SAML-Anwendung oder die Verzeichnissynchronisierung.
oidc-secret-expires = Das Client-Secret endet
metadata-read-what = Die Metadaten werden täglich neu gelesen. Was mit einem neuen Signaturzertifikat geschieht, steht oben; was nicht sofort gilt, wartet hier auf Ihre Zustimmung.
metadata-read-now = Metadaten jetzt lesen
metadata-pending = Noch nicht anerkannt
metadata-pending-what = Das sagen die Metadaten des Identity Providers inzwischen. Vergleichen Sie die Fingerabdrücke und Adressen mit denen, die der Identity Provider seinen Administratoren zeigt, und stimmen Sie dann zu: Alles, was hier steht, gilt von da an.
metadata-accept = Zustimmen
certificate-gone = SHA-256 eines Zertifikats, das nicht mehr genannt wird
keys-title = Unsere SAML-Schlüssel
keys-what = Identity Provider kennen unseren Schlüssel aus unseren Metadaten. Ohne Unterbrechung wird er in drei Schritten gewechselt:
keys-step-add = Erzeugen Sie den nächsten Schlüssel. Unsere Metadaten nennen ihn neben dem jetzigen, und entschlüsseln kann er schon.
keys-step-use = Lassen Sie jeden Identity Provider unsere Metadaten neu einlesen, und nehmen Sie den nächsten Schlüssel dann in Gebrauch: Er signiert, und für ihn wird verschlüsselt.
keys-step-retire = Haben alle Identity Provider unsere Metadaten noch einmal eingelesen, ziehen Sie den vorigen Schlüssel zurück.
keys-users = Diese verwenden unseren Schlüssel, um zu prüfen, was wir signieren, oder um zu verschlüsseln:
keys-nobody = Zurzeit verwendet kein Identity Provider unseren Schlüssel.
keys-add = Nächsten Schlüssel erzeugen
keys-use = In Gebrauch nehmen
keys-retire = Zurückziehen
key-next = Nächster
key-in-use = In Gebrauch
key-previous = Voriger
key-made = Erzeugt
key-ends = Das Zertifikat endet
key-fingerprint = SHA-256 des Zertifikats
report-title = Testanmeldung
report-checks = Prüfungen
report-passed-what = Jede Prüfung ist gelungen. Nichts hat sich geändert.
report-failed-what = Diese Anmeldung wäre nicht angenommen worden. Nichts hat sich geändert.
report-fields = Wer das wäre
field-email = E-Mail
field-subject = Subject
field-name = Name
field-groups = Gruppen
field-known-as = Hier bekannt als
field-refusal = Würde abgelehnt
report-attributes = Was gesendet wurde
report-received = Die Nachricht
report-received-what = Signaturen, Schlüssel und Tokens sind ausgelassen.
switch-title = Identity Provider wechseln
switch-from = Weg von { $label },
switch-to = hin zu { $label }.
switch-what = Die neue Verbindung wird ein- und die alte ausgeschaltet, in einem Schritt. Sitzungen laufen weiter, bis sie enden. Jede Person wird bei ihrer nächsten Anmeldung verknüpft, und niemand wird zu zweien.
match-linked = Hat sich dort schon angemeldet
match-by-address = Wird an dieser Adresse erkannt
match-no-domain = Kann sich nicht anmelden: die Domäne ist nicht verifiziert
match-never-seen = Hat sich noch nie angemeldet
switch-do = Jetzt wechseln
switch-people = Person für Person
switch-nobody = Noch hat sich niemand angemeldet.
