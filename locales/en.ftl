skip-to-content = Skip to content
nav-label = Your account
nav-launcher = Applications
language-label = Language
sign-out = Sign out
to-start = To the start page
to-launcher = To your applications
try-again = Try again
continue = Continue
or = or
identity-provider = Identity provider (IdP)
incident = Reference
reason-code = Reason
time = Time
organization = Organization
role = Role
seat = Seat
email = E-mail

sign-in-title = Sign in
sign-in-for = to continue to { $application }
continue-with-sso = Continue with SSO
email-label = Work e-mail address
email-hint = You will sign in at your organization's identity provider (IdP).
email-invalid = Please enter your e-mail address, like anna@example.com.
email-unknown = No organization here uses this address. Check the spelling, or ask the person who invited you.
choose-title = How do you want to sign in?
choose-what = Your organization offers more than one way.
post-title = One moment
post-what = You are being sent to { $idp } to sign in. If nothing happens, continue here.
onward-title = One moment
onward-what = You are being taken on. If nothing happens, continue here.
confirm-title = Continue as this person?
confirm-what = Your identity provider (IdP) wants to sign you in as { $email }.
confirm-why = You did not start this here. Continue only if you did so at your identity provider just now and this is you.
confirm-yes = Continue as { $email }
confirm-no = No, sign in another way

signed-out-title = You are signed out
signed-out-what = Your session here has ended, for all applications behind it.
signed-out-idp = You may still be signed in at your identity provider (IdP). On a shared computer, sign out there too or close all windows.
signed-out-onward = You are being taken to { $idp } to sign out there too. If nothing happens, continue here.
signed-out-ended = You are signed out at { $idp } too.
signed-out-partly = You are signed out at { $idp } too, but it could not end everything: other applications may still be open there. On a shared computer, close all windows.
signed-out-refused = { $idp } did not sign you out: you are still signed in there. On a shared computer, sign out there too or close all windows.
sign-in-again = Sign in again

# Applications
nav-applications = Applications
app = Application
app-what = What your people enter through this gateway. The reverse proxy in front of each asks here, on every request, who is coming and whether they may enter.
app-list = List of applications
app-none = There is no application yet. Add the first one: its address is all that is needed, and its page then shows what to put into your reverse proxy.
app-add = Add an application
app-edit = Change the application
app-remove = Remove the application
app-settings = Settings
app-who = Who may enter
app-enter = Members who may enter now
app-enter-now = { $count ->
    [0] Nobody may enter now.
    [one] One member may enter now.
   *[other] { $count } members may enter now.
}
app-everybody = Every member with a seat, where there are seats
app-roles = Only roles { $roles }
app-seats = Only seats { $seats }
app-roles-and-seats = Only roles { $roles } with seats { $seats }
app-name = Name
app-slug = Short name
app-slug-hint = Small letters, digits and dashes, such as wiki. It stays as it is.
app-url = Address
app-url-hint = As people type it, such as https://wiki.example.com. Scheme, host and port are what requests are recognised by.
app-which-roles = Which roles may enter
app-every-role = Every role
app-which-seats = Which seats may enter
app-every-seat = Every seat type
app-only-these = Only these:
app-headers = Headers for the application
headers-usher = Remote-* and X-Usher-*, which are always sent
headers-oauth2-proxy = Also those of oauth2-proxy: X-Auth-Request-* and X-Forwarded-User, -Email, -Groups, -Preferred-Username
headers-authentik = Also those of authentik: X-authentik-*
app-loses = { $count ->
    [one] One person would lose access to this application at once. Nothing has been saved yet.
   *[other] { $count } people would lose access to this application at once. Nothing has been saved yet.
}
app-lose-and-save = { $count ->
    [one] Take access from one person and save
   *[other] Take access from { $count } people and save
}
app-remove-title = Remove { $name }
app-remove-access = { $count ->
    [0] Nobody may enter it now, so nobody loses access.
    [one] One person loses access at once.
   *[other] { $count } people lose access at once.
}
app-remove-proxy = Whoever goes to { $address } is refused, as long as its reverse proxy asks here.
app-remove-again = Nobody’s role or seat changes. You can add the application again later.
app-try = Test request
app-try-what = What this gateway would answer the reverse proxy if somebody had just signed in and went to the application. It is the same code that answers, and it changes nothing.
app-try-who = E-mail of a member
app-try-now = Try it
app-try-in = May enter.
app-try-refused = May not enter: { $why }
app-try-headers = Headers that the application gets
app-try-claims = What the signed header X-Usher-Assertion says
app-proxy = Reverse proxy
app-proxy-what = Each is complete, and cleans what a client says about itself. Adapt the application’s own address; the gateway must know the proxy (server.trusted_proxies).
app-proxy-none = This address has characters that no configuration of a reverse proxy can name safely. Change the address to see what to put there.
copy = Copy
copied = Copied
problem-app-name = Give the application a name.
problem-app-slug = Give small letters, digits and dashes only, beginning with a letter or digit.
problem-app-slug-taken = There is another application with this short name.
problem-app-url = Give an address such as https://wiki.example.com.
problem-app-url-ours = This is the address of the gateway itself.
problem-app-url-taken = There is another application at this address already. Each needs a host or port of its own.
problem-app-no-role = Tick at least one role, or let every role in.
problem-app-no-seat = Tick at least one seat type, or let every seat type in.
problem-app-headers = Choose one of the sets of headers.
problem-app-moved = Somebody else has changed this application meanwhile. Look at what you typed again, and save once more if it is still right.
flash-app-saved = { $name } was saved.
flash-app-removed = { $name } was removed.

# Runs of directory sync
nav-runs = Approvals and undo
runs-what = Every run of directory sync, with what it did to whom. What would end too many memberships at once, or that of somebody who may configure, waits here for your approval.
runs-list = All runs
runs-none = There was no run yet. The first begins with the first push, or with “Sync now”.
runs-not-synced = There was no run yet. Runs belong to directory sync (SCIM), which this organization does not use.
run = Run
run-cause = Set off by
run-result = Result
run-began = Began
run-ended = Ended
run-approved-by = Approved by
run-running = Under way
run-halted = Needs approval
run-done = Done
run-approved = Approved and done
run-dismissed = Dismissed
run-superseded = Overtaken by a later run, or by another parent organization
run-undone = Undone
run-undoing = Being undone
run-running-what = This may take a while. You can leave this page and come back; the run goes on.
run-look-again = Look again
run-counts = { $added } added, { $updated } updated, { $removed } removed, { $waiting } waiting
run-needs-approval = { $count ->
    [one] One membership would end, and needs your approval
   *[other] { $count } memberships would end, and need your approval
}
run-halted-what = Until then these memberships stand, and no sync and no sign-in ends them. Nobody else is kept waiting.
run-see-who = See who
run-people = People
run-nobody = Nobody changed by this run.
run-before = Before
run-after = After
run-would-end = would be no member
run-no-member = no member
run-all-people = All people of this run
run-approve = Approve
run-dismiss = Dismiss
run-undo = Undo this run
approve-what = { $count ->
    [one] One membership ends: access, sessions and seat.
   *[other] { $count } memberships end: access, sessions and seats.
}
approve-anew = Everything is worked out anew. Whoever the directory has assigned again meanwhile stays.
approve-undo = You can undo the run for 90 days.
approve-now = { $count ->
    [one] End one membership
   *[other] End { $count } memberships
}
dismiss-what = { $count ->
    [one] One membership stands as it is.
   *[other] { $count } memberships stand as they are.
}
dismiss-until = That holds until somebody asks for the next sync, or the identity provider (IdP) takes something from that very person. Correct the directory before.
undo-what = { $count ->
    [0] Nobody can be restored.
    [one] One person stands again as before the run.
   *[other] { $count } people stand again as before the run.
}
undo-left = { $count ->
    [one] One person is left as they are; why stands below.
   *[other] { $count } people are left as they are; why stands below.
}
undo-directory = The directory still says what it says. Correct it, or the mappings, before the next sync.
undo-running-what = This may take a while. You can leave this page and come back; it goes on.
undo-silent-what = It was cut off, perhaps because the server was restarted. What was given back stands; within some minutes it goes on by itself.
undo-came-to = { $count ->
    [one] One stands as before
   *[other] { $count } stand as before
}
undo-came-left = { $count ->
    [one] one is left as is
   *[other] { $count } left as they are
}
undo-now = { $count ->
    [0] Undo this run
    [one] Restore one person
   *[other] Restore { $count } people
}
undo-left-title = Left as they are
undo-changed-since = changed again since
undo-no-free-seat = no { $seat } seat is free
sync-now = Sync now
sync-now-what = Looks at the whole directory again for this organization, admits whoever waits for a seat that is free, and then does the same for the other organizations of the parent organization with directory sync.
flash-run-already = There is a newer run than this page knew of. Look at it before you begin another.
flash-run-approved = The run was approved.
flash-run-dismissed = The run was dismissed.
flash-run-undone = Undone: { $restored } stand as before, { $left } left as they are.
flash-run-going-on = This takes a while and goes on. Look again in a moment.
flash-run-over = This run was decided on already.

# The directory
nav-directory = Directory sync (SCIM)
set-up-scim = Set up SCIM
manage-scim = Manage SCIM
scim-not-offered-product = Directory sync (SCIM) is not offered for the product of this organization. Use Manual or Just in time (JIT).
scim-not-offered-parent = Directory sync (SCIM) is not offered under a parent organization with a Team plan. Use Manual or Just in time (JIT).
directory-what = Your identity provider (IdP) pushes who is assigned, and in which groups. The directory belongs to the parent organization; what it means in this organization stands with every user.
directory-give = What your identity provider (IdP) needs
directory-base-url = Base URL
directory-entra = Entra ID pushes every 40 minutes only. “Provision on demand” there pushes one user or group at once.
pushers-title = Where they go at your identity provider (IdP)
pusher-token = the token
pusher-okta-saml = Okta offers this for its SAML applications only, not for OpenID Connect ones.
pusher-okta-groups = Use different groups to assign the application and to be pushed: whoever leaves a group that does both is not always taken out here.
pusher-okta-suspend = “Suspend” there sends nothing. “Deactivate” does.
pusher-entra-two = A person and the groups of that person arrive as two requests, some seconds apart.
pusher-entra-restored = Whoever was deleted there and restored is not put back into groups by it: “Restart provisioning” does.
pusher-onelogin-groups = Taking a group away from the application sends nothing. Only whoever loses the application altogether is switched off here.
pusher-jumpcloud-test = “Test Connection” makes a user and a group and deletes both again.
directory-held = What has arrived
directory-nothing-yet = Nothing has arrived yet. Enter base URL and token at your identity provider (IdP), and let it test the connection.
scim-last-push = Last push
directory-last-request = Last request
scim-users = Users
scim-groups = Groups
directory-requests = Request log
directory-mismatches = What does not fit
directory-not-followed = This organization does not follow the directory: what arrives changes no member here. Choose Directory sync (SCIM) as provisioning mode for that.
directory-users-what = Everybody whom the identity provider (IdP) has pushed, and what they are in { $organization }.
directory-users-none = Nobody has been pushed yet.
directory-search = User name, e-mail, name or external id
directory-user = User
directory-effect = Here
directory-changed = Changed
directory-inactive = Inactive
directory-groups-what = Every group that the identity provider (IdP) has pushed, and what being in it gives in { $organization }.
directory-groups-none = No group has been pushed yet. Assign groups to the application at your identity provider (IdP) and push them.
directory-groups-gone = Mapped groups that are gone
directory-group = Group
directory-members = Members
directory-gives = Gives here
gives-nothing = nothing
gives-role = role { $role }
gives-seat = seat { $seat }
directory-requests-what = What your identity provider (IdP) sent in the last days, what was understood and what came of it. What bodies say about people is left out.
requests-all = All requests
requests-failed = Only those that failed
requests-none-failed = None of the latest requests failed.
requests-asked = Request
requests-answered = Answer
requests-came = What came of it
requests-body = Body
directory-mismatches-what = Users and members that do not fit together, so that somebody cannot sign in or holds a seat in vain.
mismatches-none = Everything fits together.
mismatches-none-yet = Everything that was looked at so far fits together.
mismatch-what = What does not fit
mismatch-ghost = A member, but not in the directory, and so cannot sign in. Assign them at the identity provider (IdP), or remove them here.
mismatch-no-address = Has no usable e-mail address, so no member can be made of them.
mismatch-domain = { $domain } is no verified domain, so they cannot sign in.
mismatch-address = The directory says { $directory }, the latest sign-in or change here { $here }.
mismatch-refused-subject = Was refused a sign-in ({ $why }); { $name } of the directory has this very address and is known by another account. If it is one person whose account was made again, link it anew.
mismatch-refused-same = Was refused a sign-in ({ $why }); { $name } of the directory has this very address.
mismatch-refused-nearly = Was refused a sign-in ({ $why }); the directory has { $email } ({ $name }). If it is one person, the identity provider (IdP) has to send one address in both places.
mismatch-in-use = { $email } is the address of another user already.
effect-member = Member: { $held }
effect-no-seat = Not a member: no free { $seat } seat
effect-no-free-seat = Not a member: no free seat
effect-not-synced = Not a member: this organization does not follow the directory
effect-inactive = Not a member: inactive in the directory
effect-no-address = Not a member: no usable e-mail address
effect-no-group = Not a member: in no mapped group
effect-next-run = Not a member yet: the next run takes them in
tokens = Tokens
tokens-none = There is no token yet. Make one and enter it at your identity provider (IdP).
token = Token
token-make = Make a token
token-made = made
token-expires = Expires
token-over = Expired
token-used = Last used
token-revoke = Revoke
token-what = Whoever has the token can change every user and group of the directory. Several can be valid at once, so that you can exchange one without a gap.
token-name = Name
token-name-hint = Where it is used, such as Okta.
token-until = Valid until the end of
token-until-hint = Leave it empty for a token without end. It is told 90, 30 and 7 days before.
token-made-title = Token { $name } is made
token-once = Copy it now: this is the only time that it is shown.
token-next = Enter both at your identity provider (IdP) and let it test the connection. It then shows here when the token was last used.
token-kept = I have kept it
token-revoke-title = Revoke token { $name }
token-revoke-what = Requests with this token are refused at once.
token-revoke-used = It was last used
token-revoke-unused = It was never used.
token-revoke-last = There is no other valid token: nothing more arrives from the identity provider (IdP), also no leavers, until you make one.
token-revoke-others = There is another valid token.
token-revoke-nobody = Nobody’s membership changes.
flash-token-revoked = Token { $name } was revoked.
problem-token-name = Give the token a name.
problem-token-made-already = Another token was made since you opened this page, perhaps by sending it twice. If you did not keep it, revoke it and make one anew.

# Certificates and tokens
nav-certificates = Certificates and tokens
certificates-what = Everything that ends one day and would keep people out, or keep them in, if nobody looked after it. It is told 90, 30 and 7 days before.
certificates-none = Nothing here ends: there is no certificate, secret or token with an end.
certificates-todo = What to do
certificates-nothing = Nothing yet.
todo-idp-certificate = Renew it at the identity provider (IdP). The new one is taken from its metadata, or accepted with the connection.
todo-idp-metadata = Read the metadata again.
todo-own-certificate = The operator exchanges it without an outage; your identity provider (IdP) is then given the new one.
todo-client-secret = Make a new secret at the identity provider (IdP) and enter it with the connection.
todo-scim-token = Make a second token, enter it at the identity provider (IdP), then revoke this one.
attention-ends = { $count ->
    [one] One certificate or token ends soon.
   *[other] { $count } certificates or tokens end soon.
}
sessions-all-title = End the sessions of all members
sessions-all-count = { $count ->
    [0] Nobody is signed in.
    [one] One session ends, unless it is yours.
   *[other] { $count } sessions end, but for the one that you use now.
}
sessions-all-elsewhere = Members are signed out in all organizations of the parent organization, and have to sign in again.
sessions-all-nobody = Nobody’s role or seat changes.
flash-all-sessions = Sessions ended: { $count }.

# The parent organization
nav-parent = Parent organization
parent-what = It holds domains, connections and the directory for all its organizations. Members, seats and billing stay with each.
parent-organization = Organization
parent-this = this one
parent-no-scim = Directory sync (SCIM) is not offered here.
plan-team = Team plan
plan-enterprise = Enterprise plan
plan-console = Console
parent-change = Change the parent organization
parent-change-what = An organization changes its parent by proposal and approval: its admins propose, the admins of the founding organization of the parent organization decide. Before that, both see what it means.
parent-join = Join another parent organization
parent-join-what = You need a code. The admins of the founding organization of that parent organization make one on this page of theirs.
parent-join-look = Show what would happen
parent-leave = Leave this parent organization
parent-code = Code
parent-code-make = Make a code
parent-code-once = This code is shown once. Give it to the admins of the organization that is to join.
parent-code-until = Can be used until
parent-code-next = With it they see the name of this parent organization, what joining would mean for their people, and can propose it. You decide.
parent-codes = Codes to join with
parent-codes-what = With a code, one organization can propose to join this parent organization. Nothing happens until somebody who may configure this organization approves it.
parent-codes-count = { $count ->
    [0] There is no code that can be used.
    [one] One code can be used.
   *[other] { $count } codes can be used.
}
parent-codes-present = Codes that can be used
parent-codes-none = There is none.
parent-codes-withdraw = Withdraw all codes
parent-codes-moved = No code was made: the codes have changed since you were shown this page, or there are too many of them.
parent-inbox = Waits for your decision
parent-open-join = Proposed: join { $parent }
parent-open-leave = Proposed: leave this parent organization
parent-open-outdated = Something has moved since it was proposed, so it can no longer be approved. Withdraw it, look again and propose it anew.
parent-withdraw = Withdraw the proposal
parent-propose = Propose it
parent-propose-join-what = Nothing happens before the other side approves. It has seven days, and sees what you see here: these people with their roles, too. The code is used up.
parent-propose-leave-what = Nothing happens before the founding organization of this parent organization approves. It has seven days.
parent-propose-join = Propose to join
parent-propose-leave = Propose to leave
proposal = Proposal
proposal-join-title = { $organization } wants to join
proposal-leave-title = { $organization } wants to leave
proposal-by = Proposed by { $who } on
proposal-until = It can be approved until
proposal-look = Look at it
proposal-outdated = It means something else now than when it was proposed, so it cannot be approved. Its admins have to propose it anew.
proposal-proposer-lost = Nothing was done: whoever proposed it may not configure the organization any more. Somebody else has to propose it.
proposal-decide = Decide
proposal-only-decline = As things are, it cannot be approved.
proposal-approve-join = Approve: it joins at once
proposal-approve-leave = Approve: it leaves at once
proposal-decline = Decline
problem-code = This code leads nowhere: it is mistyped, used, withdrawn or older than seven days. Ask for a new one.
problem-type-name = Type the name of the organization to do it all the same.
flash-proposed = Proposed. The other side decides.
flash-proposal-open = A proposal waits already. Withdraw it before you make another one.
flash-proposal-withdrawn = The proposal was withdrawn.
flash-proposal-approved = Approved and done.
flash-proposal-declined = Declined.
flash-proposal-gone = This proposal was decided, withdrawn or has run out.
flash-codes-withdrawn = All codes were withdrawn.
moving-to = The organization belongs to { $parent } ({ $plan }) then.
moving-to-own = The organization gets a parent organization of its own, with no domain and no connection. Nobody signs in there until the operator has set up both.
moving-back = It comes back to { $parent } only with a code from there.
moving-connections = People sign in through: { $connections }
moving-no-connections = There is no connection in use there, so nobody can sign in until one is.
moving-trust = The identity providers (IdP) of { $parent } say from then on who these people are and which groups they are in. Those of the present parent organization have no say any more.
moving-newcomers-jit = Whoever { $parent } lets sign in becomes a member at the next sign-in (just in time).
moving-newcomers-mapped = Whoever { $parent } lets sign in and is in a mapped group becomes a member at the next sign-in. Check what the mapped groups are called there.
moving-newcomers-none = Nobody else of { $parent } becomes a member by it.
moving-no-scim = Directory sync (SCIM) is not offered there.
moving-sessions = { $count ->
    [0] Nobody is signed in now.
    [one] One session ends: everybody signs in anew.
   *[other] { $count } sessions end: everybody signs in anew.
}
moving-requires-sso = SSO stays required: only sessions that come through those connections count.
moving-stays = Members, roles, seats, billing, group mappings and applications stay with the organization.
moving-undo = Runs of directory sync so far can no longer be undone, and drafts of settings are discarded.
moving-domains = These verified domains come along, because nobody is left at the present parent organization: { $domains }
moving-domains-stay = Domains stay with { $parent }.
moving-switched-off = Nobody is left at the present parent organization, so these connections of it are switched off: { $connections }
moving-tokens = { $count ->
    [one] One token for directory sync is revoked.
   *[other] { $count } tokens for directory sync are revoked.
}
moving-nobody = There is nobody.
moving-more = { $count ->
    [one] and one more
   *[other] and { $count } more
}
moving-linked = Known there by this address, and that person from then on
moving-new-id = Applications know this person by a new id
moving-suspended = Suspended here or there, and so suspended then
moving-count-linked = { $count ->
    [one] One is known there by the address already and becomes that person; nobody is there twice.
   *[other] { $count } are known there by their address already and become those people; nobody is there twice.
}
moving-count-new-id = { $count ->
    [one] One also belongs to other organizations here: applications know this person by a new id.
   *[other] { $count } also belong to other organizations here: applications know them by a new id.
}
moving-count-suspended = { $count ->
    [one] One is suspended, here or there, and gets in only once somebody resumes them.
   *[other] { $count } are suspended, here or there, and get in only once somebody resumes them.
}
moving-count-former = { $count ->
    [one] One former member comes along as history.
   *[other] { $count } former members come along as history.
}
moving-guard-nobody = Afterwards nobody who may configure the organization can sign in. Only an operator with a shell on the gateway could.
moving-guard-groups = At their first sign-in afterwards the groups of the other identity provider decide. Whoever is in no mapped group is a member no longer, and nobody can tell now who that is: not even whether an owner or admin is left.
moving-guard-you = You could not sign in any more.
moving-blocked = As things are, this cannot be done
moving-blocked-same = The organization belongs to this parent organization already.
moving-blocked-founder = The organization founded its parent organization, and others belong to it that would be left without. They have to leave first.
moving-blocked-alone = The organization is alone at its parent organization already.
moving-blocked-scim = The organization uses directory sync (SCIM), which is not offered there. Choose another provisioning mode first; nobody is removed by that.
moving-blocked-directory = The organization uses directory sync (SCIM), which follows the directory of its parent organization. Choose another provisioning mode first; nobody is removed by that. Switch back afterwards, and see what it does before.
moving-blocked-probation = A change of settings waits to be confirmed. Confirm it or take it back first.
moving-blocked-suspended = These people are suspended here and would not be there. Remove them, or have them suspended there, too: { $people }
moving-blocked-product = What the organization uses is no longer declared in the configuration.
way-signs-in = Signs in as before
way-not-yet = Can sign in, and has not yet
way-outside-domains = Cannot sign in: no verified domain
way-no-connection = Cannot sign in: no connection in use
way-count-signs-in = { $count ->
    [one] One person signs in through a connection in use already.
   *[other] { $count } sign in through a connection in use already.
}
way-count-not-yet = { $count ->
    [one] One person has not signed in through a connection in use yet, and can.
   *[other] { $count } have not signed in through a connection in use yet, and can.
}
way-count-outside-domains = { $count ->
    [one] One person cannot sign in: the address is in no verified domain.
   *[other] { $count } cannot sign in: their addresses are in no verified domain.
}
way-count-no-connection = { $count ->
    [one] One person cannot sign in: no connection is in use.
   *[other] { $count } cannot sign in: no connection is in use.
}
sso-preview-what = Only sessions that came through a connection in use count then. These are the people who are members now:
sso-preview-sessions = { $count ->
    [0] No session stops counting.
    [one] One session stops counting.
   *[other] { $count } sessions stop counting.
}
sso-preview-lost = Sessions that stop counting
parent-restrict = Restrict organization creation
parent-restrict-what = When it is on, only the operator and whoever may configure { $organization } found further organizations here, and nobody else with an address in your verified domains founds one anywhere. Organizations that are there stay as they are.
parent-restrict-where = It is changed in the settings of { $organization }, the first organization here.
parent-restricted = It is on.
parent-not-restricted = It is off.
flash-parent-saved = The parent organization was changed.

launcher-title = Applications
launcher-hello = Hello { $name }
launcher-none-title = Nothing here yet
launcher-none = You are not a member of any organization at present. Ask your administrator to add you.
launcher-no-seat = You have no seat in this organization, so its applications are closed to you. Ask your administrator to give you one.
launcher-needs-sso = This organization requires single sign-on, and your session came another way or through a connection that is switched off. Sign in again to enter.
launcher-no-applications = No applications are open to you here yet.

account-title = Your account
account-memberships = Role and seat
account-sessions = Sessions
session-browser = Browser
session-since = Signed in
session-address = From
session-action = End session
session-this = This session
session-end = End
source-default = default
source-group = from group { $group }
source-by-hand = set by hand
by-hand-keeps = All else that is known, like the addresses for signing out, stays as it is while the entity ID is the same.
source-pinned = set by hand, pinned
no-seat-value = none

nav-switch = Change the organization, now
nav-menu = Menu
nav-sections = Organization settings
nav-operator = You are the operator until
nav-operator-page = Operator's page
nav-overview = Overview
nav-members = Members
cancel = Cancel
choose-organization = Organization settings
choose-organization-none = There is no organization yet. Declare one in an organizations file and run “usher apply”.
again-title = Please sign in once more
again-what = What you want to do needs a sign-in of the last ten minutes through the identity provider (IdP). You come back to where you were.
again-now = Sign in once more
attention-title = What needs attention
attention-none = Nothing. All is well.
attention-grave = Now:
attention-no-domain = No domain is verified, so nobody can sign in.
attention-domain-failed = The domain { $domain } could not be verified.
attention-no-connection = No connection to an identity provider (IdP) is active, so nobody can sign in.
attention-certificate-ends = { $connection }: what its trust rests on ends on { $date }. Renew it at the identity provider (IdP).
attention-certificate-ended = { $connection }: what its trust rests on ended on { $date }. Renew it at the identity provider (IdP).
attention-certificate-pending = { $connection }: a new signing certificate waits to be accepted.
attention-connection-problem = { $connection }: the identity provider's own description could not be read: { $problem }
attention-waiting = { $count ->
    [one] One person waits for a seat.
   *[other] { $count } people wait for a seat.
}
attention-refused = { $count ->
    [one] One sign-in was refused in the last 24 hours.
   *[other] { $count } sign-ins were refused in the last 24 hours.
}
attention-unassigned = { $count ->
    [one] One member is without a seat and cannot enter applications.
   *[other] { $count } members are without a seat and cannot enter applications.
}
fix-buy-seats = Seats and queue
fix-see-who = See who
fix-see-why = See why
overview-standing = How things stand
overview-product = Product
overview-last-sign-in = Last sign-in
provisioning-mode = Provisioning mode
mode-manual = Manual
mode-jit = Just in time (JIT)
mode-scim = Directory sync (SCIM)
with-group-mappings = with group mappings
seats = Seats
seat-type = Seat type
seats-bought = Bought
seats-used = Used
seats-free = Free

nav-identity = Identity and access
missing-title = First
missing-what = How people become members can be chosen once these steps are done.
missing-domain = Verify a domain: people sign in with addresses in it.
missing-connection = Connect an identity provider (IdP).
missing-test = Test the connection to the identity provider (IdP), and switch it on.
missing-go = Do this now
identity-locked = This cannot be changed before a domain is verified and a connection has passed its test.
identity-domains = Domain verification
identity-domains-none = No domain yet.
identity-connections = Single sign-on
identity-connections-none = No connection to an identity provider (IdP) yet.
identity-manage = Manage
identity-tested = tested
identity-no-groups = { $connection }: group mappings lead nowhere here.
identity-groups-help = { $connection }: when groups do not arrive
identity-groups-missing = A sign-in without groups is refused (groups_missing) and changes nothing. Groups arrive with this setting:
identity-groups-many = Whoever is in too many groups is refused likewise (groups_missing). Then:
mode-manual-what = You add, change and remove members by hand. Groups are ignored.
mode-jit-what = Whoever the identity provider (IdP) lets through becomes a member at the first sign-in.
mode-scim-what = Whoever the identity provider (IdP) assigns becomes a member without signing in, and stops being one when unassigned.
scim-not-for-product = Not offered for this product.
scim-not-for-parent = Not offered under a parent organization with a Team plan.
scim-needs-token = This needs a directory first: make a token, and give it to the identity provider (IdP).
scim-needs-request = This needs a directory first: the identity provider (IdP) has not sent a request with its token yet.
scim-set-up = Set up SCIM
scim-manage = Manage SCIM
directory-users = { $count ->
    [one] one user
   *[other] { $count } users
}
directory-groups = { $count ->
    [one] one group
   *[other] { $count } groups
}
directory-last-push = Last push:
directory-none = Nothing has been pushed yet.
mappings-enable = Enable group mappings
mappings-what = Groups decide who is a member, with which role and seat: with Just in time (JIT) at every sign-in, with Directory sync (SCIM) at once.
mappings-are-off = They count only while group mappings are on.
role-groups = Group mapping: role
role-groups-what = Whoever is in several of these groups gets the highest role. The highest stands first. Whoever is in none cannot get in.
seat-groups = Assign seat types to IdP groups
seat-groups-what = Whoever is in several gets the highest seat type; whoever is in none gets the highest that is free.
mapping-none = No group.
mapping-add-to = Group for { $to }
mapping-add = Add
remove = Remove
group = Group
group-count = People
group-seen = Last seen
group-people = { $count ->
    [one] one person
   *[other] { $count } people
}
group-last-seen = last seen { $date }
group-not-pushed = The directory has no such group: gives nobody anything.
group-not-seen = Never seen in a sign-in.
groups-seen-list = Groups seen in sign-ins
groups-seen-none = No sign-in and no test has told of groups yet. You can type a group exactly as the identity provider (IdP) sends it.
groups-pushed = Groups in the directory
groups-pushed-none = The identity provider (IdP) has pushed no group yet.
groups-show = { $count ->
    [one] One group
   *[other] { $count } groups
}
groups-more = There are more than are listed here. You can type the name of any.
require-sso = Require SSO
require-sso-what = Only sessions that came through a connection in use count here. Whoever signed in otherwise signs in again.
draft-what = You have a draft that is not saved. It counts for nothing until you save it. Last changed:
draft-keep = Keep as a draft
draft-discard = Discard the draft
flash-draft-gone = The draft was discarded.
save-what = You see first what changes for whom. Nothing changes before you confirm that.
save-removing = { $count ->
    [one] Remove one person and save
   *[other] Remove { $count } people and save
}
save-refusing = { $count ->
    [one] Shut one person out at the next sign-in, and save
   *[other] Shut { $count } people out at their next sign-in, and save
}
scim-not-offered = Directory sync (SCIM) is not offered here.
problem-other-product = A mapping gives a role or seat type that this product does not have. Remove it.
preview-title = What saving would change
preview-moved = Something has changed since you were shown this, so nothing was saved. Please look again.
preview-at = Worked out at
preview-stale = Something has changed since. If something else would happen now, you are shown that before anything is saved.
preview-again = Work it out again
preview-anew = What you were shown before is no longer kept, perhaps because the server was restarted or many other previews were worked out since. This was worked out again.
preview-anew-working = What you were shown before is no longer kept, perhaps because the server was restarted or many other previews were worked out since. It is being worked out again.
preview-not-saved-yet = Nothing has been saved. Something has changed since you were shown this, so it is being worked out again.
preview-working = Being worked out
preview-step = Step { $step } of { $steps }:
preview-step-waits = waiting for its turn.
preview-step-reads = who is known.
preview-step-now = what happens to everybody with the settings as they are.
preview-step-then = what would happen to everybody.
preview-step-compares = what of that is new.
preview-working-people = { $count ->
    [one] It is about one person.
   *[other] It is about { $count } people.
}
preview-working-what = You can leave this page and come back: Identity and access leads here. Nothing is saved by this.
preview-is-under-way = What your draft would change is being worked out.
preview-is-ready = What your draft would change has been worked out.
preview-see = See what it would change
preview-search = E-mail address contains
preview-found = { $count ->
    [one] One person.
   *[other] { $count } people.
}
preview-none-such = Nobody here is like that.
preview-export = Download them as CSV
preview-settings = Settings
preview-people = People
preview-at-once = This comes at once when you save.
preview-next-sign-in = This comes with each person's next sign-in, if it tells of the same groups as the last one.
preview-nobody = Nothing changes for anybody who is known.
preview-seats = { $seat }: needs { $needed }, { $bought } bought
preview-too-few = Too few
preview-halts = So many memberships would end, or one that can configure, that directory sync halts first and waits for your approval. Nobody is removed before.
preview-probation = { $count ->
    [one] This takes the right to configure from one person.
   *[other] This takes the right to configure from { $count } people.
} It is taken back after ten minutes, unless an owner or admin signs in under the new rules and confirms it.
preview-back = Back to the draft
preview-shell = If nobody gets in any more: “usher recover” on the gateway's shell makes a one-time link.
setting = Setting
now = Now
then = Then
before = Before
group-mappings = Group mappings
groups-of = Groups for { $what }
switched-on = On
switched-off = Off
not-a-member = not a member
rests-on = Known from
rests-on-groups = { $count ->
    [0] groups seen today
    [one] groups seen one day ago
   *[other] groups seen { $count } days ago
}
rests-on-no-groups = { $count ->
    [0] signed in today, without groups
    [one] signed in one day ago, without groups
   *[other] signed in { $count } days ago, without groups
}
rests-on-too-many = { $count ->
    [0] signed in today, with too many groups to send
    [one] signed in one day ago, with too many groups to send
   *[other] signed in { $count } days ago, with too many groups to send
}
rests-on-nothing = never signed in: unknown
rests-on-directory = in the directory
rests-on-not-in-directory = not in the directory
foreseen-removed = No longer a member: { $what }
foreseen-refused = Stays listed, refused at the next sign-in: { $what }
foreseen-lowered = { $what }
foreseen-changed = { $what }
foreseen-waits = Waits for { $seat }, as { $role }
foreseen-stays-out = Does not become a member: { $what }
foreseen-unknown = Not known before the next sign-in
foreseen-joins = Becomes a member: { $what }
foreseen-keeps = Keeps { $what }
foreseen-count-all = { $count ->
    [0] Nobody
    [one] One person in all
   *[other] { $count } people in all
}
foreseen-count-loses-identity = { $count ->
    [one] One person can no longer configure.
   *[other] { $count } people can no longer configure.
}
foreseen-count-role-changes = { $count ->
    [one] One person gets another role.
   *[other] { $count } people get another role.
}
foreseen-count-seat-changes = { $count ->
    [one] One person gets another seat.
   *[other] { $count } people get another seat.
}
foreseen-count-removed = { $count ->
    [one] One person is no longer a member.
   *[other] { $count } people are no longer members.
}
foreseen-count-refused = { $count ->
    [one] One member is refused at the next sign-in.
   *[other] { $count } members are refused at their next sign-in.
}
foreseen-count-lowered = { $count ->
    [one] One person gets a lower role or seat.
   *[other] { $count } people get a lower role or seat.
}
foreseen-count-changed = { $count ->
    [one] One person gets another role or seat.
   *[other] { $count } people get another role or seat.
}
foreseen-count-waits = { $count ->
    [one] One person waits for a seat.
   *[other] { $count } people wait for a seat.
}
foreseen-count-stays-out = { $count ->
    [one] One person does not become a member who otherwise would.
   *[other] { $count } people do not become members who otherwise would.
}
foreseen-count-unknown = { $count ->
    [one] Of one person it is not known before the next sign-in.
   *[other] Of { $count } people it is not known before their next sign-in.
}
foreseen-count-joins = { $count ->
    [one] One person becomes a member.
   *[other] { $count } people become members.
}
foreseen-count-keeps = { $count ->
    [one] One person keeps what would have changed.
   *[other] { $count } people keep what would have changed.
}
guard-nobody = Nobody is known who could sign in and configure this organization afterwards.
guard-editor = You yourself may not be able to configure this organization afterwards.
flash-saved = Saved.
flash-saved-synced = Saved. Directory sync: { $added } added, { $updated } updated, { $removed } removed, { $waiting } waiting.
flash-saved-halted = Saved. Directory sync halted: { $ending } memberships would end and wait for approval.
flash-saved-under-way = Saved. Directory sync is under way.
flash-confirmed = Confirmed: the new settings stay.
flash-taken-back = Taken back: the old settings hold again.
flash-not-taken-back-yet = Not yet: what the change did to people is being undone. After that the old settings hold again; look again in a moment.
sync-halted = Directory sync halted and waits for approval.
run-see = See whose memberships would end
run-under-way = Directory sync is under way.
run-how-far = See how far it is
run-undo-under-way = A run of directory sync is being undone.
run-undo-how-far = See how far it is
run-looked-at = { $done } of { $all } people looked at.
run-silent = No sign of life since
run-silent-what = It was cut off, perhaps because the server was restarted. What it did stands; within some minutes it goes on by itself.
run-last = Last run
flash-synced = Directory sync: { $added } added, { $updated } updated, { $removed } removed, { $waiting } waiting.
flash-sync-halted = Directory sync halted: { $ending } memberships would end and wait for approval.
on-probation = A change waits to be confirmed. Confirm it or take it back first.
on-probation-until = A change waits to be confirmed, and is taken back at
fix-confirm = Confirm or take back
attention-probation = { $count ->
    [one] A change of access settings is taken back within a minute, unless somebody confirms it.
   *[other] A change of access settings is taken back in { $count } minutes, unless somebody confirms it.
}
probation-title = Confirm the new settings
probation-what = { $count ->
    [one] These settings are taken back within a minute, unless somebody confirms them:
   *[other] These settings are taken back in { $count } minutes, unless somebody confirms them:
}
probation-who = Saved by { $who } on
probation-button = Confirm: the new settings stay
probation-sign-in = Sign in once more. That the new rules let you in is the proof; then you confirm.
probation-operator = An operator cannot confirm: whoever does signs in under the new rules.
probation-take-back = Take back now
probation-none = No change waits to be confirmed.
problem-too-many-groups = There are 500 mappings already. Remove some first.
problem-group-too-long = A group has at most 1024 bytes.
problem-group-not-pushed = The directory has no group of this name or id. Choose one from the list.
problem-group-several = Several groups have this name. Choose one from the list.

nav-billing = Billing
nav-events = Events
nav-explain = Explain
save-changes = Save changes
show = Show
pages = Pages
list-none-yet = Nobody so far. There are so many people that the search goes on with the next page.
pages-first = Back to the beginning
pages-next = Next
pages-older = Older
person = Person
status = Status
waiting = Waiting
last-sign-in = Last sign-in
never = never
since = since
problems-title = Please look at this again
members-add = Add a member
members-add-again = Add again
members-search = Name or e-mail
members-show = Show
members-list = List of members
members-current = Members and waiting
members-active = Members
members-waiting = Waiting for a seat
members-unassigned = Without a seat
members-stale = Not signed in for 90 days
members-removed = Removed
members-none = Nobody is a member yet.
members-none-such = Nobody fits.
members-show-all = Show all
how-manual = Members are added, changed and removed by hand here.
how-jit = Whoever the identity provider (IdP) lets through becomes a member at the first sign-in. Role and seat are changed by hand.
how-jit-mapped = Groups decide at every sign-in who is a member, with which role and seat. What you set by hand is pinned: groups do not touch it.
how-scim = Whoever is assigned in the directory is a member. Role and seat are changed by hand. Whoever is not in the directory cannot sign in.
how-scim-mapped = The directory's groups decide who is a member, with which role and seat. What you set by hand is pinned: groups do not touch it. Whoever is not in the directory cannot sign in.
status-active = Active
status-suspended = Suspended
status-waiting = Waiting for a seat
status-waiting-for = Waiting for { $seat }
status-unassigned = Without a seat
status-removed = Removed: { $why }
source-group-learnt = from group { $group }, learnt on
source-by-hand-of = set by hand by { $who } on
source-pinned-until = pinned until { $date }
pinned-until = Pinned until
pinned-without-end = Pinned without end: groups do not touch it.
without-end = without end
any-seat = any seat
no-seat-choice = No seat
seats-free-count = { $count ->
    [one] one free
   *[other] { $count } free
}
person-standing = Role and seat
person-change-role = Change role
person-change-seat = Change seat
person-explain = What would a sign-in do?
person-remove = Remove
person-history = History
person-all-events = All events about this person
member-since = Member since
groups-never = Never signed in, so no groups are known.
groups-seen = As the identity provider (IdP) said at the sign-in of
groups-empty = In no group, the identity provider (IdP) said at the sign-in of
groups-not-sent = The identity provider (IdP) sent no groups at the sign-in of
groups-too-many = The identity provider (IdP) said that there are too many groups to send, at the sign-in of
groups-directory = As the identity provider (IdP) pushed them to the directory; last push:
groups-not-in-directory = The directory does not know this person, so no groups count.
groups-given = With the groups given here.
sessions-none = Not signed in anywhere.
sessions-end-all = End all sessions
pin-what = Group mappings decide here. What you choose is pinned: groups do not touch it until the pin ends.
pin-until = Pinned until the end of
pin-until-hint = Leave it empty to pin it without end. The day ends at midnight UTC.
unpin = Take the pin off
unpin-title = Leave it to the groups again
unpin-what = Group mappings decide again: with directory sync (SCIM) at once, else at the next sign-in. If no mapped group matches then, the membership ends.
add-email-hint = In a verified domain, or this person could never sign in.
add-name = Name (the identity provider may say another later)
last-with-identity = Nobody else can configure this organization. Afterwards only an operator with a shell on the gateway could.
type-name = Type { $name } to confirm
remove-title = Remove { $email }
remove-what = What will happen
remove-access = Access to this organization and its applications ends at once.
remove-from-queue = This person leaves the queue.
remove-sessions = { $count ->
    [one] One session ends.
   *[other] { $count } sessions end.
}
remove-seat = The seat { $seat } is free again.
remove-seat-waiting = { $count ->
    [one] One person waits; whoever is first gets it.
   *[other] { $count } people wait; whoever is first gets it.
}
comes-back-manual = You can add the person again later.
comes-back-jit = The person is a member again at the next sign-in, unless unassigned at the identity provider (IdP).
comes-back-jit-mapped = The person is a member again at the next sign-in, unless taken out of the mapped groups or unassigned at the identity provider (IdP).
comes-back-scim = The person is a member again with the next push or sync, unless unassigned at the identity provider (IdP).
person-suspend = Suspend
person-resume = Resume
person-links = Known to
person-links-what = An identity provider (IdP) knows people by a name of its own that stays when the address changes.
person-relink = Link anew
back-to-person = Back
suspend-title = Suspend { $email }
suspend-access = Nobody lets this person in any more: from the next request on, in this organization, its applications and everywhere in the parent organization.
suspend-elsewhere = It reaches these organizations, too: { $organizations }
suspend-keeps = Role, seat and history stay as they are.
suspend-until = It lasts until somebody resumes the person here. No sign-in, push or sync does.
suspend-guard-nobody = Nobody else could configure these organizations then: { $organizations }
suspend-guard-oneself = It is yourself whom you shut out, and you cannot let yourself in again.
resume-title = Resume { $email }
resume-access = The next sign-in is decided as always, and the person has to sign in anew.
flash-suspended = { $email } was suspended.
flash-resumed = { $email } was resumed.
problem-elsewhere = This person also belongs to an organization that you do not administer. Somebody who administers all of them, or the operator, has to do it.
relink-title = Link { $email } anew
relink-when = This is for somebody whose account at { $connection } was made again, and who is refused since then because it comes under another name.
relink-forgets = By which account { $connection } knows this person is forgotten. It was last used
relink-next = Whoever signs in next through { $connection } with the address { $email } is this person, with role, seat and history.
relink-elsewhere = That goes for these organizations, too: { $organizations }
relink-warning = Do it only if you know that the new account with the address { $email } belongs to the same person. If the address was given to somebody else, remove the old person first.
flash-relinked = The link was forgotten. The next sign-in of { $email } makes a new one.
decision-relink = The account was made again?
decision-relink-what = The identity provider (IdP) knows { $email } by another account. If it was made again for the same person, link it anew.
flash-added = { $email } is a member now.
flash-removed = { $email } was removed.
flash-role = The role of { $email } was changed.
flash-seat = The seat of { $email } was changed.
flash-unpinned = The pin was taken off.
flash-sessions = Sessions of { $email } were ended.
flash-nothing = Nothing had to be changed.
flash-bought = { $seat }: { $count } bought.
flash-bought-admitted = { $seat }: { $count } bought. People who waited and have a seat now: { $admitted }.
problem-no-such-role = Choose one of the roles.
problem-no-such-seat = Choose one of the seat types.
problem-no-free-seat = Every { $seat } seat is taken. Choose another, free one or buy more.
problem-domain = { $domain } is no verified domain of your parent organization, so nobody with this address could sign in.
problem-already-a-member = This person is a member already.
problem-last-with-identity = Nobody else could configure this organization. Type its name to do it all the same.
problem-until = Give a day from today on, or leave it empty.
problem-date = Give a day, like 2026-11-24.
problem-count = Give a whole number from 0 to 10,000,000.
problem-nobody = Nobody with this address is known here.
problem-no-incident = No sign-in is kept under this reference. They are kept for 14 days.
problem-seats-held = { $used } of these seats are held, so no fewer can be bought. Free some first.
problem-seats-moved = The number has changed to { $now } since you opened this page. Look at it again.
billing-what = More seats take effect at once: whoever waits is admitted in order. Fewer can be bought only down to what is used.
queue = Queue
queue-none = Nobody waits for a seat.
queue-what = First come, first served.
queue-more = and { $more } more
waits-since = Waits since
waits-for = Waits for
event = Event
actor = Done by
actor-operator = Operator
actor-shell = Shell
actor-directory = Directory
actor-system = System
actor-stranger = Not signed in yet
actor-setup-link-of = By setup link of { $who }
somebody = Somebody
events-incident = Reference
events-incident-hint = The code that a refused person was shown, like K7Q2-4D2P.
events-find = Find the sign-in
events-kind = Kind
events-any-kind = Everything
events-person = About (e-mail)
events-actor = Done by (e-mail)
events-by = Or by
events-by-anyone = anyone
events-since = From
events-until = To
events-list = What happened
events-none = Nothing fits. Widen the filters.
events-none-yet = Nothing among the latest. Look further back with “Older”.
events-all = Show everything
event-deferred = ({ $seat } is asked for and full)
message-viewed = That you looked at it is recorded.
decision-title = Sign-in { $incident }
decision-result = How it ended
decision-person = To the person's page
decision-reasons = What { $organization } decided, and why
decision-seats = Seats at that moment
decision-facts = What was received
decision-no-groups = The person is in no group.
decision-message = The message
explain-what = What would a sign-in do right now, and why? Nothing changes. The same function decides real sign-ins.
explain-email-hint = Anybody: a member, or somebody who has never been here.
explain-try = Try other groups
explain-groups = Groups, one per line
explain-groups-hint = As the identity provider (IdP) would send them.
explain-directory-counts = With directory sync (SCIM) the directory's groups count, whatever you enter here.
explain-with-groups = Explain with these groups
explain-now = Explain
explain-domain = { $domain } is no verified domain of the parent organization.

outcome-keep = Stays a member: { $role }
outcome-keep-seat = Stays a member: { $role }, seat { $seat }
outcome-join = Becomes a member: { $role }
outcome-join-seat = Becomes a member: { $role }, seat { $seat }
outcome-change = Changes to { $role }
outcome-change-seat = Changes to { $role }, seat { $seat }
outcome-wait = Waits for any seat, as { $role }
outcome-wait-seat = Waits for a { $seat } seat, as { $role }
outcome-refuse = Refused: { $refusal }
outcome-remove = The membership ends: { $refusal }
outcome-stay-out = Stays out
because-person-suspended = The person is suspended.
because-mode-is-manual = Members are added by hand; groups are ignored.
because-already-a-member = Already a member; this mode leaves role and seat as they are.
because-joins-at-first-sign-in = Not a member yet; the first sign-in makes one.
because-in-the-directory = Active in the directory.
because-not-in-the-directory = Not in the directory.
because-inactive-in-the-directory = Inactive in the directory.
because-directory-does-not-count = The directory does not count in this mode.
because-removal-held = A run of directory sync would end the membership, and that waits for an approval; until then it stands.
because-groups-received = Groups received: { $count }.
because-groups-not-sent = The identity provider (IdP) sent no groups.
because-too-many-groups = The identity provider (IdP) says there are too many groups to send.
because-role-group-matched = Group “{ $group }” gives the role { $role }.
because-no-role-group-matched = None of the groups gives a role.
because-only-role = { $role } is the only role given.
because-highest-role = { $role } is the highest role given, above { $roles }.
because-default-role = { $role } is the default role.
because-role-pinned = The role { $role } was set by hand and is pinned.
because-product-has-no-seats = This product has no seats.
because-seat-group-matched = Group “{ $group }” gives the seat type { $seat }.
because-only-seat-type = { $seat } is the only seat type given.
because-highest-seat-type = { $seat } is the highest seat type given, above { $seats }.
because-seat-pinned = The seat { $seat } was set by hand and is pinned.
because-no-seat-pinned = The seat was taken away by hand, and that is pinned.
because-seat-kept = No group gives a seat type; { $seat } stays.
because-highest-free-seat = { $seat } is the highest seat type with a free seat.
because-seat-type-full = Every { $seat } seat is taken.
because-all-seats-taken = Every seat is taken.
because-mapped-seat-free = A { $seat } seat is free.
because-seat-deferred = Every { $wanted } seat is taken; { $seat } stays until one is free.
because-no-seat-deferred = Every { $wanted } seat is taken; the member stays without a seat until one is free.

why-admitted = let in
why-test-passed = the test passed
why-test-failed = the test failed
why-not-a-member = not a member
why-no-free-seat = no free seat
why-no-seat = without a seat
why-no-group-access = in no mapped group
why-groups-missing = the groups did not arrive
why-not-provisioned = not in the directory
why-suspended = suspended
why-domain-not-verified = the domain is not verified
why-identity-conflict = the address belongs to somebody else
why-idp-denied = the identity provider (IdP) said no
why-assertion-invalid = the message could not be trusted
why-assertion-replayed = the message was used before
why-sign-in-expired = the sign-in was no longer open
why-linked = known there by the address already
why-copied = stays at the parent organization before, too
why-sso-required = single sign-on is required
why-app-not-allowed = the application is not open to them
why-idp-unavailable = the identity provider (IdP) does not answer
why-sign-in = at sign-in
why-directory = by a push of the directory
why-sync = by directory sync
why-by-hand = by hand
why-seat-freed = a seat became free
why-pin-ended = a pin was taken off
why-removed-by-hand = removed by hand
why-ended-by-person = by the person
why-ended-by-admin = by an admin
why-signed-in-again = signed in again
why-signed-out-at-idp = signed out at the identity provider (IdP)
why-role = role
why-seat = seat
why-true = yes
why-false = no
why-added = added
why-in-use = in use
why-retired = given up
why-sync-now = sync now
why-cycle = by itself
why-save = settings saved
why-file = organizations file
why-push = push of the directory
why-parent = Parent organization
why-domain = Domain
why-connection = Connection
why-organization = Organization
why-application = Application
why-scim-token = Directory token

event-signed-in = { $target } signed in.
event-signed-out = { $target } signed out.
event-sign-in-refused = { $target } was refused: { $code }.
event-person-created = { $email } was seen for the first time.
event-person-renamed = { $before } is now { $after }.
event-subject-forgotten = { $connection } no longer knows { $target }; the next sign-in with the address is linked anew.
event-subject-linked = { $target } was linked to { $connection }.
event-person-suspended = { $target } was suspended by hand.
event-person-resumed = { $target } was resumed by hand.
event-member-joined = { $target } became a member: { $after } ({ $why }).
event-member-changed = { $target }: { $before } → { $after } ({ $why }).
event-member-confirmed = { $target } keeps { $now }.
event-member-removed = { $target } is no longer a member: { $why }. Had: { $before }.
event-member-moved = The membership of { $before } is { $target }’s now, because the organization changed its parent organization ({ $why }).
event-pin-set = { $target }: { $what } pinned until: { $until }.
event-pin-ended = { $target }: { $what } no longer pinned.
event-member-waits = { $target } waits for { $seat }, as { $role }.
event-waiting-ended = { $target } no longer waits: { $why }.
event-sessions-ended = Sessions of { $target } ended: { $count } ({ $why }).
event-all-sessions-ended = Sessions of all members were ended ({ $count }).
event-added = { $thing } { $target } was added: { $after }
event-changed = { $thing } { $target } was changed: { $before } → { $after }
event-removed = { $thing } { $target } was removed.
event-domain-vouched = The operator vouched for { $target }.
event-domain-verified = { $target } was verified.
event-domain-failed = { $target } could not be verified.
event-domain-lost = The DNS record of { $target } is gone.
event-domain-found = The DNS record of { $target } is back.
event-connection-tested = { $target } was tested; passed: { $passed }.
event-connection-switched = People now sign in through { $after } instead of { $before }.
event-setup-link-made = A setup link for { $target } was made, until { $until }.
event-setup-link-opened = The setup link for { $target } was opened.
event-setup-link-revoked = A setup link for { $target } was revoked.
event-certificate-seen = { $target }: a new signing certificate { $fingerprint }; accepted: { $accepted }.
event-certificate-accepted = { $target }: the signing certificate { $fingerprint } was accepted or taken away.
event-key-rolled = Our key { $target }: { $what }.
event-ends-soon = { $target } ends at { $at } (announced { $days } days before).
event-directory-reset = Users and groups of the directory were taken away ({ $users } users, { $groups } groups); every membership stands.
event-directory-deleted = The directory was taken away with its tokens ({ $users } users, { $groups } groups); every membership stands.
event-group-bound = The mapping of “{ $value }” now means the directory group “{ $name }”.
event-sync-done = Directory sync: { $added } added, { $updated } updated, { $removed } removed, { $waiting } waiting ({ $cause }).
event-sync-halted = Directory sync halted: { $ending } memberships would end ({ $cause }).
event-sync-approved = The halted directory sync was approved.
event-sync-dismissed = The halted directory sync was dismissed.
event-sync-undone = Directory sync was undone: { $restored } restored, { $left } left as they are.
event-settings-on-probation = Settings of { $target } wait to be confirmed until { $until }; they take the right to configure from { $people }.
event-settings-confirmed = The new settings of { $target } were confirmed.
event-settings-taken-back = The new settings of { $target } were taken back; { $restored } people got back what they had.
event-settings-overtaken = Settings of { $target } that waited to be confirmed had been written over.
event-join-code-made = A code to join { $target } was made, good until { $until }.
event-join-codes-withdrawn = All codes to join { $target } were withdrawn ({ $count }).
event-parent-change-proposed = It was proposed that { $target } changes its parent organization: { $before } → { $after }, until { $until }.
event-parent-change-declined = The proposal that { $target } changes its parent organization was declined.
event-parent-change-withdrawn = The proposal that { $target } changes its parent organization was withdrawn.
event-parent-changed = { $target } changed its parent organization: { $before } → { $after }, with { $people } people; proposed by { $proposed-by }.
event-seats-bought = Seats { $target }: { $before } → { $after } bought.
event-message-viewed = The message of sign-in { $target } was looked at.
event-database-restored = The database was restored from a backup.
event-operator-link-made = A one-time operator link was made.
event-operator-link-used = A one-time operator link was used.

kind-signed-in = Signed in
kind-signed-out = Signed out
kind-sign-in-refused = Sign-in refused
kind-person-created = Seen for the first time
kind-person-renamed = Address changed
kind-subject-forgotten = Link to a connection forgotten
kind-subject-linked = Linked to a connection
kind-person-suspended = Suspended
kind-person-resumed = Resumed
kind-member-joined = Became a member
kind-member-changed = Role or seat changed
kind-member-confirmed = Groups confirmed
kind-member-removed = Membership ended
kind-member-moved = Membership moved
kind-pin-set = Pinned
kind-pin-ended = Pin taken off
kind-member-waits = Waits for a seat
kind-waiting-ended = No longer waits
kind-sessions-ended = Sessions ended
kind-all-sessions-ended = Sessions of all ended
kind-added = Setting added
kind-changed = Setting changed
kind-removed = Setting removed
kind-domain-vouched = Domain vouched for
kind-domain-verified = Domain verified
kind-domain-failed = Domain not verified
kind-domain-lost = DNS record gone
kind-domain-found = DNS record back
kind-connection-tested = Connection tested
kind-connection-switched = Identity provider changed
kind-setup-link-made = Setup link made
kind-setup-link-opened = Setup link opened
kind-setup-link-revoked = Setup link revoked
kind-certificate-seen = New certificate seen
kind-certificate-accepted = Certificate accepted
kind-key-rolled = Own key changed
kind-ends-soon = Ends soon
kind-directory-reset = Directory reset
kind-directory-deleted = Directory deleted
kind-group-bound = Group mapping bound
kind-sync-done = Directory synced
kind-sync-halted = Directory sync halted
kind-sync-approved = Directory sync approved
kind-sync-dismissed = Directory sync dismissed
kind-sync-undone = Directory sync undone
kind-settings-on-probation = Settings wait to be confirmed
kind-settings-confirmed = Settings confirmed
kind-settings-taken-back = Settings taken back
kind-settings-overtaken = Settings written over
kind-join-code-made = Code to join made
kind-join-codes-withdrawn = Codes to join withdrawn
kind-parent-change-proposed = Change of parent proposed
kind-parent-change-declined = Change of parent declined
kind-parent-change-withdrawn = Change of parent withdrawn
kind-parent-changed = Parent organization changed
kind-seats-bought = Seats bought
kind-message-viewed = Message looked at
kind-database-restored = Database restored
kind-operator-link-made = Operator link made
kind-operator-link-used = Operator link used

recover-title = Operator access
recover-what = This one-time link opens an operator session for 15 minutes. It can be used once.
recover-use = Open the operator session
operator-title = Operator session
operator-until = You are the operator until { $until }.
operator-shell = From the shell of this gateway you can see and mend who gets in:
operator-admins = Who can configure this organization now:
operator-no-admin = Nobody can configure this organization at present.

refused-eyebrow = Refused
refused-signed-in-as = You signed in as { $email }, but cannot enter.
refused-ask = Whom to ask:
refused-ask-admin = Ask your organization's administrator, and tell them the reference below.
refused-subject = Sign-in refused, reference { $incident }

refused-not-a-member-title = You are not a member
refused-not-a-member-what = In this organization, members are added by hand, and nobody has added you yet.
refused-not-a-member-next = An administrator can add you. Then sign in again.
refused-no-free-seat-title = No seat is free
refused-no-free-seat-what = You are entitled to enter, but every seat is taken at the moment. You are on the waiting list.
refused-no-free-seat-next = As soon as a seat is free you can sign in. Your administrator can free one or buy more.
refused-no-seat-title = You have no seat
refused-no-seat-what = You are a member, but no seat is assigned to you, so the applications are closed to you.
refused-no-seat-next = Your administrator can assign one to you. It takes effect at once.
refused-no-group-access-title = Your groups give no access
refused-no-group-access-what = You signed in correctly, but you are in none of the groups that have access here.
refused-no-group-access-next = Your administrator can put you into such a group. Then sign in again.
refused-groups-missing-title = Your groups did not arrive
refused-groups-missing-what = Your identity provider (IdP) did not say which groups you are in. Nothing about your access has changed.
refused-groups-missing-next = You cannot mend this yourself: your administrator has to change a setting at the identity provider.
refused-not-provisioned-title = You have not been set up yet
refused-not-provisioned-what = People are set up here by your organization's directory, and it has not told us about you.
refused-not-provisioned-next = Your administrator can assign you to this service in the directory.
refused-suspended-title = Your access is suspended
refused-suspended-what = An administrator, or your organization's directory, has switched your access off.
refused-suspended-next = Only your administrator can switch it on again.
refused-domain-not-verified-title = This address cannot be used here
refused-domain-not-verified-what = Your identity provider (IdP) sent an e-mail address whose domain your organization has not verified here.
refused-domain-not-verified-next = Your administrator has to verify the domain, or correct your address at the identity provider.
refused-identity-conflict-title = This address belongs to another account
refused-identity-conflict-what = Your identity provider (IdP) knows you by a new name, but your e-mail address already belongs to somebody here.
refused-identity-conflict-next = Your administrator has to decide whether that is you, and link the two.
refused-idp-denied-title = Your identity provider said no
refused-idp-denied-what = Your identity provider (IdP) did not sign you in. Nothing about your access has changed.
refused-idp-denied-next = Often the account is not assigned to this service there. Your administrator can do that.
refused-assertion-invalid-title = The sign-in could not be verified
refused-assertion-invalid-what = What your identity provider (IdP) sent could not be trusted, so nobody was signed in.
refused-assertion-invalid-next = Try again. If it happens again, your administrator finds the cause under the reference below.
refused-assertion-replayed-title = This sign-in was used already
refused-assertion-replayed-what = Every sign-in can be used once. This one has been used before, perhaps by going back in the browser.
refused-assertion-replayed-next = Start again; you may not even need to enter anything.
refused-sign-in-expired-title = This sign-in is no longer open
refused-sign-in-expired-what = It was open too long, was used already, or was begun in another browser or window.
refused-sign-in-expired-next = Start again; you may not even need to enter anything.
refused-sso-required-title = Single sign-on is required
refused-sso-required-what = This organization lets people in through its identity provider (IdP) only. Your session came another way, or through a connection that has been switched off.
refused-sso-required-next = Sign in again through your identity provider.
refused-app-not-allowed-title = This application is not open to you
refused-app-not-allowed-what = Your role or seat does not include this application, or it is not registered here.
refused-app-not-allowed-next = Your administrator can change who may enter.
refused-idp-unavailable-title = Your identity provider does not answer
refused-idp-unavailable-what = Your identity provider (IdP) cannot be reached at the moment, so nobody can be signed in through it.
refused-idp-unavailable-next = Try again in a few minutes.

error-not-found-title = There is nothing here
error-not-found-what = The address may be mistyped, or the page has moved.
error-not-found-next = Start again from the start page.
error-method-not-allowed-title = That does not work here
error-method-not-allowed-what = This address exists, but it cannot be used in this way.
error-method-not-allowed-next = Start again from the start page.
error-bad-request-title = The request could not be read
error-bad-request-what = Something in it is missing, too long, or there twice.
error-bad-request-next = Go back, reload the page and try again.
error-foreign-form-title = Please try that again
error-foreign-form-what = The form did not come from a page of this site, or the page was open for too long.
error-foreign-form-next = Go back, reload the page and send it again. Cookies have to be allowed.
error-too-large-title = That was too much
error-too-large-what = The request was larger than anything this page sends.
error-too-large-next = Go back and shorten what you entered.
error-not-signed-in-title = Please sign in
error-not-signed-in-what = Your session has ended, or you have not signed in yet.
error-not-signed-in-next = Sign in from the start page, then try again.
error-bad-token-title = That token opens nothing
error-bad-token-what = The request came without a token of a directory, or with one that is not valid.
error-bad-token-next = Ask for a new token and put it into your identity provider's settings.
error-too-many-requests-title = Too many requests
error-too-many-requests-what = More requests arrived in a short time than are answered.
error-too-many-requests-next = Wait a moment, then try again.
error-forbidden-title = That is not open to you
error-forbidden-what = Your role does not include this.
error-forbidden-next = Ask your administrator if you need it.
error-link-spent-title = This link has been used
error-link-spent-what = One-time links work once and for 15 minutes.
error-link-spent-next = Make a new one from the shell with “usher recover”.
error-connection-unusable-title = Sign-in is not set up completely
error-connection-unusable-what = Your organization's connection to its identity provider (IdP) cannot be used as it is.
error-connection-unusable-next = Tell your administrator; they find the cause under the reference below.
error-logout-invalid-title = The sign-out could not be verified
error-logout-invalid-what = What your identity provider (IdP) sent to sign you out could not be trusted, so nothing was ended here.
error-logout-invalid-next = Sign out here from the start page. Your administrator finds the cause under the reference below.
error-unavailable-title = Please try again in a moment
error-unavailable-what = The service cannot save anything just now. Nothing was lost or half-saved.
error-unavailable-next = If it lasts, tell your administrator the reference below.
error-internal-title = Something went wrong here
error-internal-what = This is our mistake, not yours. Nothing was half-saved.
error-internal-next = Try again. If it happens again, tell your administrator the reference below.

connections = Connections
connections-none = None yet. Declare one in an organizations file.
connection-active = Active
connection-tested = Tested
connection-draft = Draft
connection-disabled = Switched off
back-to-overview = Back to the overview

setup-title = Setup
setup-progress = { $done } of { $all } steps are done. You can leave and come back whenever you like: what is done stays done.
setup-all-done = Everything is done. People can sign in.
setup-done = Done
setup-next = Next
setup-open = Open
setup-later = Another step comes first.
setup-choose = Please choose one of these.
setup-name = Name
setup-name-invalid = Please enter a name of at most 200 characters.
setup-slug = Short name
setup-slug-hint = It becomes part of addresses and stays as it is: small letters, digits and hyphens, like acme-work.
setup-slug-invalid = Please use small letters, digits and hyphens, like acme-work.
setup-slug-taken = This short name is taken already. Choose another.
setup-too-many-unfinished = { $most } connections are begun or have never passed a test already. Finish one or give it up before you add another.
setup-found = Create it
setup-parent = Create a parent organization
setup-parent-what = Identity belongs to the parent organization: its domains, its connection to the identity provider, its directory. Members and seats belong to the organizations under it. Nobody gains or loses access by this.
setup-parent-name-hint = What your company is called.
setup-plan = Plan
setup-plan-team = Team
setup-plan-enterprise = Enterprise
setup-plan-console = Console
setup-organization = Organization
setup-organization-what = What people become members of: it has a product, roles and seats. It begins empty, and nobody becomes a member by themselves until you choose so.
setup-organization-go = Add an organization
setup-organization-name-hint = What people see where they sign in.
setup-product = Product
setup-product-hint = It decides roles and seats, and does not change later. Seats can be bought later, too.
setup-seats = { $product }: { $seat } seats
setup-seats-invalid = { $seat } seats: please enter a whole number, at most 1000000.
setup-contact = Contact
setup-contact-hint = Whom people who are refused should ask, for example an address. It may stay empty.
setup-domain = Domain
setup-domain-what = People sign in with an address in a domain that is proven to be yours, by a record in DNS.
setup-domain-go = Domains and their records
setup-administrator = First administrator
setup-administrator-what = Somebody with the highest role in every organization, so that you need no link from the shell any more. They sign in through your identity provider, like everybody.
setup-administrator-go = Name an administrator
setup-administrator-domains = The address has to lie in a verified domain:
setup-administrator-of = Administrator of
setup-administrator-domain = { $domain } is no verified domain of this parent organization, so nobody with this address could sign in.
setup-connection = Connection to the identity provider
setup-connection-what = Your identity provider (IdP) learns our addresses, and we learn its. A new connection is a draft: it signs nobody in.
setup-connection-go = Add a connection
setup-connection-choose = Which identity provider (IdP) do your people sign in with?
setup-connection-other = Choose another
setup-connection-there = At your identity provider
setup-connection-ours = Copy these values; the names are those that your identity provider's console uses:
setup-connection-also = Then set there:
setup-connection-rename = Use another short name in these addresses
setup-connection-rename-hint = Only before you copy them: they change with it.
setup-connection-rename-go = Show the addresses
setup-connection-here = Here
setup-connection-found-at = Where your identity provider shows what is asked for here:
setup-connection-draft = What you enter is looked at before it is kept. The connection begins as a draft: next come a test sign-in and the switch.
setup-label = Name
setup-label-hint = What people see where they choose how to sign in.
setup-metadata-url = Address of the metadata
setup-metadata-url-hint = The best choice where there is one: new certificates are then learnt by themselves.
setup-metadata = Or the metadata itself: open the file with a text editor and paste all of it
setup-metadata-missing = Please enter the address of the metadata, or paste the metadata.
setup-metadata-both = Please enter the address of the metadata or paste the metadata, not both.
setup-metadata-unusable = The metadata cannot be used: { $what }
setup-unreachable = It cannot be read: { $what }
setup-issuer = Issuer
setup-issuer-hint = The address without /.well-known/openid-configuration.
setup-issuer-invalid = Please enter the issuer's address, like https://id.example.com; at Entra that of your own tenant.
setup-client-id = Client ID
setup-client-id-missing = Please enter the client ID.
setup-client-secret = Client secret
setup-client-secret-hint = It is kept encrypted, and never shown again.
setup-client-secret-missing = Please enter the client secret; it is not kept while something else is wrong.
setup-expires = The secret ends on
setup-expires-hint = If it does: you are told before. It may stay empty.
setup-expires-invalid = Please enter a day that is still to come, or nothing.
setup-test = Test sign-in
setup-test-what = You sign in at the identity provider and see what would happen. Nothing changes by it.
setup-test-go = To the test
setup-active = Switched on
setup-active-what = From then on people sign in through this connection. It can be switched off again.
setup-active-go = To the switch
setup-settings = Who becomes a member
setup-settings-what = How people become members, with which role and seat, is set in the organization's own settings.
setup-begin = Add a parent organization
setup-continue = Setup

calendar-title = Calendar
calendar-what = Everything here ends one day. What has to be renewed is announced in the audit log 90, 30 and 7 days before, and when it is over.
calendar-none = Nothing ends.
calendar-link = What ends when
calendar-pressing = To be renewed soon: { $count }
calendar-thing = What
calendar-name = Which
calendar-whose = Whose
calendar-ours = this installation
calendar-ends = Ends
calendar-state = State
ends-idp-certificate = Certificate of the identity provider
ends-idp-metadata = Metadata of the identity provider
ends-own-certificate = Our SAML certificate
ends-client-secret = Client secret
ends-scim-token = Directory token (SCIM)
ends-tls-certificate = TLS certificate
ends-replaced = A later one is there
ends-over = Over
ends-7-days = Within 7 days
ends-30-days = Within 30 days
ends-90-days = Within 90 days
ends-far = In good time

# Connections, domains and setup links
nav-domains = Domains
nav-connections = Connections
connections-what = Through a connection people sign in at your identity provider (IdP). Connections and domains belong to the parent organization: what is switched on here holds for everybody under it.
connections-none-yet = No connection yet. Add one: your identity provider (IdP) learns our addresses, and we learn its.
connections-prepare = You can set connections up and test them. Switching them on and off, and changing one that is on, holds for everybody under the parent organization: that is done by who may configure { $organization }, its first organization, or by your operator.
connection-begun = Begun
next-other-side = Next: tell us about the identity provider (IdP)
next-test = Next: test it
next-switch-on = Next: switch it on
concerned-what = The people of these organizations sign in by it, or will:
concerned-members = { $count ->
    [one] one member
   *[other] { $count } members
}
not-governing = This holds for everybody under the parent organization. It is done by who may configure { $organization }, its first organization, or by your operator.
connection-change = Change
connection-discard = Give it up
connection-discard-what = This connection was never switched on. It goes with its settings, tests and setup links; nobody loses anything by it. Added again it gets other addresses, unless it is called the same.
ask-activate = The test passed. People sign in through this connection as soon as it is switched on, and what this identity provider (IdP) says of them is believed: compare it with what you expect.
connection-moved = The settings have changed since you opened this page; below is what they are by now. What you typed is still here: look at both, then save again.
connection-is-on-now = This connection has been switched on meanwhile, so this was not kept.
other-identity-provider = This is another identity provider (IdP). People are known by what the present one says of them, so add a new connection and move people to it.
metadata-nothing = Nothing waits to be accepted any more.
change-holds-now = People sign in through this connection now: what you save holds at once. To try something first, add a second connection and test that.
change-last = This is the only active connection. If what you save is wrong, nobody of this parent organization can sign in.
change-estranges-client = Some providers name people differently to each client (Microsoft Entra ID always does). With another client ID whoever has signed in is then a stranger, and is refused until an admin links them anew. To change it for everybody, add a second connection and have people moved to it.
change-estranges-attribute = Whoever has signed in is known by this. With another attribute they are strangers, and are refused until an admin links them anew.
change-estranges-type = Whoever has signed in through this connection may be a stranger to it with what you entered, and be refused until an admin links them anew. Type { $slug } to save it all the same.
change-what = What you enter is looked at before it is kept. A change of certificates, attributes or client asks for a new test.
change-not-governing = You cannot save this: it holds for everybody under the parent organization, and is changed by who may configure its first organization, or by your operator.
known-already = This is known already, and stays unless you enter something else:
setup-connection-later = Keep it for later
setup-connection-later-what = Kept for later, you or a colleague in IT can go on with it: the addresses above stay.
setup-metadata-file = Or a file with the metadata
metadata-otherwise = There is neither an address nor a file
by-hand = Or value by value
by-hand-entity-id = Entity ID of the identity provider (issuer)
by-hand-entity-id-missing = Please enter the identity provider's entity ID.
by-hand-sso-url = Sign-in address (SSO URL, HTTP-Redirect)
by-hand-sso-url-invalid = Please enter the address where people sign in, like https://idp.example.com/sso.
by-hand-certificate = Signing certificate (X.509, PEM)
by-hand-certificate-unusable = The certificate cannot be used: { $what }
form-options = Attributes, encryption and more
attributes-what = Names of attributes or claims, where they are not the usual ones: a test sign-in shows what is sent. Empty fields try the usual names.
attribute-email = Attribute of the e-mail address
attribute-name = Attribute of the name
attribute-groups = Attribute of the groups
attribute-subject = Attribute that identifies the person for good
attribute-invalid = Please enter a name of at most 256 characters, or nothing.
omits-empty-groups = The groups attribute is left out for people in no group
offer-encryption = Ask for encrypted assertions
offer-encryption-what = Our metadata then names a key to encrypt with.
sign-requests = Sign our requests
idp-initiated = Accept sign-ins that begin at the identity provider (IdP)
idp-initiated-what = Nobody has asked for such an answer, so the person is asked to confirm it.
force-authn = Ask the identity provider (IdP) to sign people in anew each time
client-auth-basic = Client secret in the header
client-auth-post = Client secret in the form
client-auth-key = Our own key, no secret: the provider reads it at our JWKS address
client-secret-kept = Empty keeps the present one, as long as the issuer stays.
scopes-invalid = Please enter scopes with spaces between them; openid must be among them.
domain-remove-title = Remove { $domain }
domain-remove-pending = It is not verified, so nobody signs in by it.
domain-remove-again = Added again, it gets another value for DNS.
link-title = Setup by a colleague in IT
link-what = A setup link lets somebody without an account enter what is asked for about this connection and test it. It opens nothing else: no members, no other connection, and it switches nothing on. It ends when you switch the connection on.
link-go = Setup links
link-make = Make a setup link
link-made-title = The setup link
link-once = Send it to your colleague now: it is shown this once, and kept nowhere.
link-until = It opens the setup until { $at }.
link-made-already = A link was made since you opened this page. It stands in the list; make another only if you need it.
link-drafts-only = This connection has been switched on, so there are no setup links for it any more.
link-days = It opens the setup for
link-days-count = { $count ->
    [one] one day
   *[other] { $count } days
}
link-all = Links so far
link-none = None yet.
link-by = Made by
link-expires = Until
link-used = Last used
link-revoke = Revoke
link-open = Opens the setup
link-expired = Expired
link-revoked = Revoked
link-switched-on = Done: switched on
link-maker-left = Its maker may not configure this any more
link-gone = The connection was given up
guest-what = You were sent a link to set this connection up. Enter what is asked for, save, then test. You need no account; what you enter is looked at and switched on by whoever sent you the link.
open-title = Set up a connection
open-what = This link lets you set up single sign-on between your identity provider (IdP) and Usher, without an account here. It works in this browser until it expires.
open-go = Begin
ended-title = This setup link opens nothing any more
ended-unknown = There is no such link, or it has been purged long after its end. Look whether all of it was copied.
ended-expired = Its time is over.
ended-revoked = It was revoked.
ended-switched-on = Its work is done: the connection has been switched on.
ended-maker-left = Whoever made it may not configure this any more.
ended-gone = The connection it was made for has been given up.
ended-another = In this browser another setup link was opened since, and a browser keeps one. If there is something left to do by the earlier one, open it again.
ended-sent = What you sent just now was not kept.
ended-ask = If there is more to do, ask { $who } for a new link.
ended-ask-sender = If there is more to do, ask whoever sent you the link for a new one.
flash-connection-begun = { $label } is kept: go on with it whenever you like.
flash-connection-saved = { $label } was saved. Next comes a test sign-in.
flash-connection-on = { $label } is switched on: people can sign in through it.
flash-connection-off = { $label } is switched off.
flash-connection-discarded = { $label } was given up.
flash-metadata-read = The metadata was read.
flash-metadata-accepted = Accepted.
flash-link-revoked = The setup link was revoked.
flash-domain-added = { $domain } was added: put its record into DNS.
flash-domain-known = { $domain } is here already.
flash-domain-removed = { $domain } was removed.
flash-domain-checked = { $domain } was looked up: it is not proven yet. Expected and found stand side by side.
flash-domain-verified = { $domain } is verified.

domains-title = Domain verification
domains-what = People sign in with an address in a verified domain only. Verifying one changes nothing for anybody by itself. DNS is asked every minute for an hour, then every hour, and once a day after the proof.
domains-none = No domain yet
domain-pending = Pending
domain-failed = Failed
domain-verified = Verified
domain-vouched = Vouched for
domain-lost = Record gone
domain-lost-what = The record is gone. People who are known here go on signing in; from { $date } on nobody new comes by this domain, unless the record is back.
domain-record-what = Put this record into the DNS of the domain, beside those that are there. It stays there as long as the domain is used.
domain-host = Host
domain-host-hint = the domain itself, "@" in most DNS consoles
domain-type = Type
domain-expected = Expected
domain-found = Found
domain-checked = Last looked up
domain-check = Check now
domain-remove = Remove
domain-remove-what = People with an address in this domain: { $people }. Without it they can no longer sign in.
domain-add-title = Add a domain
domain-add = Add
domain-label = Domain
domain-label-hint = What stands behind the @ in your people's addresses. A subdomain is a domain of its own.
domain-invalid = Please enter a domain, like example.com.
domain-public-mail = { $domain } is a public mail provider: an address there says nothing about an organization.
domain-taken = { $domain } belongs to another parent organization here, which has proven it. One domain belongs to one parent organization.
found-records = TXT records, none of them the expected one:
found-no-records = The name exists, but has no TXT record.
found-no-such-name = The name does not exist (NXDOMAIN).
found-server-failure = The DNS servers could not answer ({ $code }).
found-no-answer = No DNS server answered in time.
found-other-parent = The record is right, but another parent organization here has proven this domain first.
type-to-confirm = Type { $what } to confirm.


connection-test = Test sign-in
connection-test-what = Sign in at the identity provider and see what would happen: every check, what was sent, and the decision in each organization. Nothing changes, and nobody is signed in.
connection-tested-at = The last test with these settings passed on { $at }.
connection-test-now = Test now
test-passed = Passed
test-failed = Failed
connection-state = On and off
connection-activate = Switch on
connection-activate-what = The test passed. People can sign in through this connection as soon as it is switched on.
connection-activate-first = It can be switched on once a test has passed within the last 24 hours.
connection-deactivate = Switch off
connection-deactivate-what = Nobody can sign in through this connection once it is switched off. Sessions go on until they end, except where single sign-on is required.
connection-last = This is the only active connection. Without it, nobody of this parent organization can sign in.
connection-type-name = Type { $slug } to confirm.
connection-ours = What the identity provider has to know
connection-ours-what = Copy these into its settings, to the letter.
connection-theirs = What is known of the identity provider
connection-switch = Change the identity provider
connection-switch-what = Moves everybody to another connection of the same parent organization. People are recognised by their address; you see whom before anything changes.
connection-switch-to = Move people to { $label }
connection-checked = Last read
connection-problem = Problem
saml-entity-id = Entity ID, metadata address
saml-acs = Assertion consumer service (ACS)
saml-slo = Single logout service (SLO)
saml-idp-entity-id = Entity ID
saml-sso = Sign-in address
saml-sso-post = Sign-in address (POST)
saml-metadata-url = Metadata address
saml-slo-response = Single logout answers go to
saml-wants-signed = Takes signed requests only
saml-valid-until = The metadata is valid until
saml-authn-context = Authentication context asked for (AuthnContextClassRef)
saml-name-id-format = NameID format asked for
new-certificates = A certificate that is new in the metadata
new-certificates-ask = waits until somebody accepts it
new-certificates-rollover = counts at once beside a known one, else waits
new-certificates-take = counts at once
clock-skew = How far the two clocks may differ
setting-on = on
setting-off = off
setting-none = none
certificate = Signing certificate (valid until)
certificate-pending = Certificate to be accepted
oidc-redirect-uri = Redirect URI
oidc-backchannel-uri = Back-channel logout URI
oidc-post-logout-uri = Post-logout redirect URI
oidc-initiate-uri = Initiate login URI
oidc-jwks-uri = JWKS address (private_key_jwt)
oidc-issuer = Issuer
oidc-client-id = Client ID
oidc-client-auth = Client authentication
oidc-scopes = Scopes
oidc-acr = Authentication context asked for (acr)
oidc-groups-endpoint = Address that is asked for the groups where there are too many
oidc-groups = Groups
oidc-no-groups = This provider sends no groups by OpenID Connect, whatever is set there, so group mappings cannot work through it. Use its SAML application for them, or directory sync.
oidc-secret-expires = The client secret ends
metadata-read-what = The metadata is read again every day. What becomes of a new signing certificate stands above; whatever does not count at once waits here to be accepted.
metadata-read-now = Read the metadata now
metadata-pending = Not believed yet
metadata-pending-what = The identity provider's metadata says this by now. Compare the fingerprints and addresses with those that the identity provider shows its administrators, then accept: all that stands here counts from then on.
metadata-accept = Accept
certificate-gone = SHA-256 of a certificate that is no longer named
keys-title = Our SAML keys
keys-what = Identity providers know our key from our metadata. It is exchanged without an outage in three steps:
keys-step-add = Make the next key. Our metadata names it beside the one in use, and it decrypts already.
keys-step-use = Let every identity provider read our metadata again, then take the next key into use: it signs, and is the one to encrypt for.
keys-step-retire = Once every identity provider has read our metadata again, retire the previous key.
keys-users = These use our key, to check what we sign or to encrypt:
keys-nobody = No identity provider uses our key at present.
keys-add = Make the next key
keys-use = Take into use
keys-retire = Retire
key-next = Next
key-in-use = In use
key-previous = Previous
key-made = Made
key-ends = The certificate ends
key-fingerprint = SHA-256 of the certificate
report-title = Test sign-in
report-checks = Checks
report-passed-what = Every check passed. Nothing has changed.
report-failed-what = This sign-in would not have been accepted. Nothing has changed.
report-fields = Who this would be
field-email = E-mail
field-subject = Subject
field-name = Name
field-groups = Groups
field-known-as = Known here as
field-refusal = Would be refused
report-attributes = What was sent
report-received = The message
report-received-what = Signatures, keys and tokens are left out.
switch-title = Change the identity provider
switch-from = Away from { $label },
switch-to = to { $label }.
switch-what = The new connection is switched on and the old one off, in one step. Sessions go on until they end. Each person is linked at their next sign-in, and nobody becomes two.
match-linked = Has signed in there already
match-by-address = Will be recognised by this address
match-no-domain = Cannot sign in: the domain is not verified
match-never-seen = Has not signed in yet
switch-do = Change now
switch-people = Person by person
switch-nobody = Nobody has signed in yet.
