package demo

import (
	"fmt"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/mail"
)

var (
	ownEditor = account.ProviderUser.In(account.OwnOrganisation)
	runner    = slices.Concat(account.UserAdministrator.In(account.Everywhere),
		account.ProgrammeTeam.In(account.Everywhere))
	editor = account.DoSLead.In(account.Everywhere)
)

const firstPractice = "Z90000"

// leads are the people whom the guide introduces, in its order.
func leads() []person {
	return slices.Concat(mainJourney(), noticeCases, signingIn(), staff(), suppliers())
}

func mainJourney() []person {
	const group = "The main journey"
	return []person{
		{
			group: group, username: "ada.okafor", first: "Ada", last: "Okafor", dosEmail: "ada.okafor@fenmarch.example",
			careEmail: "ada.okafor@fenmarch.example", proved: true, verified: true, identity: activeIdentity,
			position: true, wave: waveChoose, organisation: firstPractice,
			grants: editor,
			shows:  "from password to security key",
			story: "Ada has an account of her own and an active Care Identity with the right position. Her " +
				"registration authority has just sent her a link to add an authenticator.",
			try: []string{
				"Open the mail and follow the link to add a security key, Windows Hello, a passkey or an " +
					"authenticator app. Type the code that is mailed.",
				"Log in to the Directory of Services with the username and password, read the checklist, and link " +
					"the Care Identity.",
				"Log in with the Care Identity, find a service near FM1, and change its capacity.",
				"Log out, and log in again without a password.",
			},
		},
		{
			group: group, username: "tomasz.nowak", first: "Tomasz", last: "Nowak",
			dosEmail: "tomasz.nowak@fenmarch.example", careEmail: "tomasz.nowak@fenmarch.example", proved: true,
			verified: true, identity: activeIdentity, position: true, means: app, linked: true, wave: waveChoose,
			organisation: firstPractice,
			grants:       ownEditor,
			shows:        "already there, with an authenticator app",
			story:        "Tomasz linked his account last week. His password no longer opens anything.",
			try: []string{
				"Log in with the Care Identity: choose the authenticator app, type the email address and password, " +
					"then the code that an app with the secret shows.",
				"Try the old password: it is refused.",
				"Change the capacity of his own surgery. The services of other organisations are not his to change.",
			},
		},
		{
			group: group, first: "Zoe", last: "Field", careEmail: "zoe.field@fenmarch.example", noAccount: true,
			verified: true, identity: activeIdentity, position: true, means: app, organisation: firstPractice,
			shows: "a Care Identity without an account",
			story: "Zoe has everything but an account of the Directory of Services.",
			try:   []string{"Log in with the Care Identity and read what to do."},
		},
	}
}

// notReady is the group of those who could not log in if the password went today.
const notReady = "Who is not ready, and why"

var noticeCases = []person{
	{
		group: notReady, username: "riverside.reception", dosEmail: "reception@riverside.example", shared: true,
		proved: true, wave: waveChoose, organisation: firstPractice,
		shows: "a shared account",
		story: "The whole reception of Riverside uses this username. It cannot be linked to anybody.",
		try:   []string{"Log in with the password and try to link a Care Identity."},
	},
	{
		group: notReady, username: "grace.mbeki", first: "Grace", last: "Mbeki",
		dosEmail: "grace.mbeki@fenmarch.example", careEmail: "grace.mbeki@fenmarch.example", proved: true,
		verified: true, identity: suspendedIdentity, position: true, means: app, wave: waveChoose,
		organisation: firstPractice,
		shows:        "an inactive Care Identity",
		story:        "Grace's Care Identity was not used for a year and is not active.",
		try: []string{
			"Log in with the password: the checklist says who reactivates it.",
			"Log in with the Care Identity: it is refused on a page of its own.",
		},
	},
	{
		group: notReady, username: "daniel.price", first: "Daniel", last: "Price",
		dosEmail: "daniel.price@fenmarch.example", proved: true, wave: waveChoose, organisation: firstPractice,
		shows: "no Care Identity",
		story: "Daniel has never had a Care Identity.",
		try:   []string{"Log in with the password and say that he has none."},
	},
	{
		group: notReady, username: "mei.chen", first: "Mei", last: "Chen", dosEmail: "mei.chen@fenmarch.example",
		careEmail: "mei.chen@fenmarch.example", proved: true, verified: true, identity: activeIdentity,
		jobRole: rbac.Nurse, means: app, linked: true, wave: waveChoose, organisation: firstPractice,
		shows: "a missing position",
		story: "Mei is linked, but nobody gave her the position R8008 with B0166.",
		try:   []string{"Log in with the Care Identity: she is told what to ask for."},
	},
	{
		group: notReady, username: "oliver.grant", first: "Oliver", last: "Grant",
		dosEmail: "oliver.grant@fenmarch.example", careEmail: "o.grant@oldtrust.example", proved: true,
		verified: true, identity: activeIdentity, position: true, means: app, wave: waveChoose,
		organisation: firstPractice,
		shows:        "email addresses that drifted apart",
		story:        "Oliver's Care Identity still carries the address of his last job.",
		try: []string{
			"Log in with the password: no Care Identity is proposed.",
			"Link all the same: a code goes to the address of the account.",
		},
	},
	{
		group: notReady, username: "sofia.rossi", first: "Sofia", last: "Rossi",
		dosEmail: "sofia.rossi@fenmarch.example", careEmail: "sofia.rossi@fenmarch.example", proved: true,
		identity: activeIdentity, position: true, means: app, wave: waveChoose, organisation: firstPractice,
		shows: "an email address that nobody confirmed",
		story: "The addresses agree, but nobody has confirmed the one on the Care Identity.",
		try: []string{
			"Log in with the password and read the checklist.",
			"Log in to Care Identity Management and confirm the address.",
		},
	},
	{
		group: notReady, username: "hannah.walker", first: "Hannah", last: "Walker",
		dosEmail: "hannah.walker@fenmarch.example", careEmail: "hannah.walker@fenmarch.example", proved: true,
		verified: true, identity: activeIdentity, position: true, wave: waveChoose, organisation: firstPractice,
		shows: "nothing to log in with",
		story: "Hannah's Care Identity has no authenticator.",
		try:   []string{"Log in with the password: the checklist names her registration authority."},
	},
	{
		group: notReady, username: "ibrahim.khan", first: "Ibrahim", last: "Khan",
		dosEmail: "ibrahim.khan@fenmarch.example", careEmail: "ibrahim.khan@fenmarch.example", proved: true,
		verified: true, identity: twoIdentities, position: true, means: app, wave: waveChoose,
		organisation: firstPractice,
		shows:        "2 Care Identities",
		story:        "Ibrahim was registered twice.",
		try:          []string{"Log in with the password and read who sorts it out."},
	},
	{
		group: notReady, username: "lucy.barnes", first: "Lucy", last: "Barnes",
		dosEmail: "lucy.barnes@fenmarch.example", careEmail: "lucy.barnes@fenmarch.example", proved: true,
		verified: true, identity: activeIdentity, position: true, means: app, wave: waveRequire,
		organisation: firstPractice,
		shows:        "too late for the password",
		story:        "Lucy's wave requires a Care Identity. Her password serves once more, to link.",
		try: []string{
			"Try the password.",
			"Log in with the Care Identity, then use the password to link.",
		},
	},
	{
		group: notReady, username: "night.team", dosEmail: "night.team@riverside.example", shared: true, proved: true,
		wave: waveClosed, organisation: firstPractice,
		shows: "a shared account that was switched off",
		story: "The pilot is over: shared accounts of this wave no longer work.",
		try:   []string{"Try the password."},
	},
}

// signingIn are people for whom the sign-in itself is not the usual one.
func signingIn() []person {
	const group = "Logging in"
	return []person{
		{
			group: group, first: "Leila", last: "Haddad", careEmail: "leila.haddad@fenmarch.example", noAccount: true,
			verified: true, identity: activeIdentity, jobRole: rbac.Nurse,
			alsoAt: []string{"Z90001", "Z90002", "Z90003", "Z90017", "Z90018", trustCode}, means: app,
			organisation: firstPractice,
			shows:        "more roles than a list can hold",
			story: "Leila is a locum nurse at 6 practices and the hospital. A service that wants one role gets a " +
				"search box.",
			try: []string{
				"Log in to a service that asks for a role, such as one that you register under Connections, and " +
					"search for a practice.",
			},
		},
		{
			group: group, first: "Rosa", last: "Quinn", careEmail: "rosa.quinn@fenmarch.example", noAccount: true,
			verified: true, identity: activeIdentity, position: true, means: app, organisation: hospiceCode,
			shows: "an authenticator that her organisation has not approved",
			story: "The USB ports of the hospice where Rosa works are closed: it has approved the authenticator app " +
				"and nothing else.",
			try: []string{
				"Log in as Rosa with her simulated security key: the page says which of her " +
					"authenticators she can use.",
				"Log in with the authenticator app. From then on this device offers only that, and a link to all " +
					"other ways.",
			},
		},
		{
			group: group, first: "Jonas", last: "Weber", careEmail: "jonas.weber@fenmarch.example", noAccount: true,
			verified: true, identity: activeIdentity, position: true, means: weakHello, organisation: firstPractice,
			shows: "an authenticator of the lower level beside one of the higher",
			story: "Jonas's Windows Hello is worth AAL2, because nothing attests it. His security key is worth AAL3.",
			try: []string{
				"Log in with Windows Hello to a service that asks for AAL3: the page says that he can use the " +
					"security key.",
			},
		},
	}
}

func staff() []person {
	const group = "Staff"
	return []person{
		{
			group: group, username: "priya.shah", first: "Priya", last: "Shah", dosEmail: "priya.shah@fenmarch.example",
			careEmail: "priya.shah@fenmarch.example", proved: true, verified: true, identity: activeIdentity,
			phone:    nightPhone,
			position: true, means: app, linked: true, wave: waveChoose, organisation: boardCode,
			grants: runner,
			shows:  "DoS user administrator",
			story:  "Priya looks after the accounts of the county.",
			try: []string{
				"Log in with the Care Identity and open Users.",
				"Undo somebody's link.",
			},
		},
		{
			group: group, username: "margaret.hill", first: "Margaret", last: "Hill",
			dosEmail: "margaret.hill@fenmarch.example", careEmail: "margaret.hill@fenmarch.example", proved: true,
			verified: true, identity: activeIdentity, position: true, means: app, wave: wavePrepare,
			organisation: boardCode,
			grants:       editor,
			shows:        "DoS lead whose wave has not opened",
			story:        "Margaret can prepare, but not link yet.",
			try:          []string{"Log in with the password and read when linking opens."},
		},
		{
			group: group, first: "Joseph", last: "Adeyemi", careEmail: "joseph.adeyemi@fenmarch.example",
			noAccount: true, verified: true, identity: activeIdentity, jobRole: rbac.RegistrationManager, means: app,
			organisation: trustCode,
			shows:        "registration authority manager",
			story:        "Joseph runs the registration authority of the county.",
			try: []string{
				"Log in to Care Identity Management with the simulated security key and open People.",
				"Log in with the authenticator app instead: it is enough for the profile, and People asks for more.",
			},
		},
		{
			group: group, first: "Chloe", last: "Evans", careEmail: "chloe.evans@fenmarch.example", noAccount: true,
			verified: true, identity: activeIdentity, jobRole: rbac.RegistrationAgent, means: app,
			organisation: trustCode,
			shows:        "registration authority agent",
			story:        "Chloe works at the registration desk.",
			try:          []string{"Log in to Care Identity Management and change her email address."},
		},
		{
			group: group, first: "Ravi", last: "Menon", careEmail: "ravi.menon@fenmarch.example", noAccount: true,
			verified: true, identity: activeIdentity, jobRole: rbac.AdminClinicalSupport, activity: rbac.CheckIdentity,
			means: app, organisation: trustCode,
			shows: "ID checker",
			story: "Ravi sees people's documents. He makes Care Identities and corrects their details, and gives " +
				"nothing.",
			try: []string{"In Care Identity Management, open People and create a Care Identity."},
		},
		{
			group: group, first: "Fatima", last: "Noor", careEmail: "fatima.noor@fenmarch.example", noAccount: true,
			verified: true, identity: activeIdentity, jobRole: rbac.AdminClinicalSupport,
			activity: rbac.ApproveRequests, means: app, organisation: firstPractice,
			shows: "sponsor",
			story: "Fatima manages a surgery. She gives its people the position that opens the Directory of " +
				"Services, and asks for everything else.",
			try: []string{"In Care Identity Management, open People, choose somebody, and give them the position."},
		},
		{
			group: group, username: "sam.doyle", first: "Sam", last: "Doyle", dosEmail: "sam.doyle@fenmarch.example",
			careEmail: "sam.doyle@fenmarch.example", proved: true, verified: true, identity: activeIdentity,
			position: true, jobRole: rbac.SystemsSupport, means: app, linked: true, wave: waveChoose,
			organisation: boardCode,
			grants:       account.Desk.In(account.Everywhere),
			shows:        "service desk",
			story:        "Sam answers when somebody cannot log in. Sam has 2 roles, so Care Identity may ask which.",
			try: []string{
				"Log in with the Care Identity and look somebody up under Users.",
				"In Care Identity Management, open Service desk: find somebody's sessions, or a refused login by " +
					"its reference.",
			},
		},
	}
}

var (
	firstNames = []string{
		"Amir", "Beth", "Carlos", "Dina", "Ewan", "Farah", "George", "Holly", "Isaac", "Jade", "Karim",
	}
	lastNames = []string{"Archer", "Bello", "Carter", "Dunn"}
)

// second decides what the first user administrator may not: about whom she invited, and about herself. The guide has no
// room for more people.
var second = person{
	username: "gareth.lloyd", first: "Gareth", last: "Lloyd", dosEmail: "gareth.lloyd@fenmarch.example",
	careEmail: "gareth.lloyd@fenmarch.example", proved: true, verified: true, identity: activeIdentity, position: true,
	means: app, linked: true, wave: waveChoose, organisation: boardCode,
	grants: account.UserAdministrator.In(account.Everywhere),
}

// crowd are the others, in every situation by turns, so that lists and counts have something to show.
func crowd(organisations []sampleOrganisation) []person {
	all := []person{second}
	for i := range len(firstNames) * len(lastNames) {
		first := firstNames[i%len(firstNames)]
		last := lastNames[i%len(lastNames)]
		name := strings.ToLower(first + "." + last)
		email := name + "@fenmarch.example"
		p := person{
			username: name, first: first, last: last, dosEmail: email, careEmail: email, proved: i%3 != 0,
			verified: i%4 != 0, identity: activeIdentity, position: i%5 != 0,
			wave:         []string{waveChoose, wavePrepare}[i%2],
			organisation: organisations[(7*i)%len(organisations)].Code,
		}
		switch i % 6 {
		case 0:
			p.identity = noIdentity
			p.careEmail = ""
		case 1:
			p.identity = suspendedIdentity
		case 2, 3:
			p.means = app
		case 4:
			p.careEmail = name + "@oldtrust.example"
		}
		if i%9 == 8 {
			p.shared = true
			p.identity = noIdentity
			p.username = fmt.Sprintf("team.%d", i)
			p.first = ""
			p.last = ""
			p.careEmail = ""
		}
		all = append(all, p)
	}
	return all
}

func invitation(c Cast, link string) mail.Message {
	text := "Your registration authority invites you to add an authenticator to your Care Identity. Open this link " +
		"on the device you want to use:\n\n" + link + "\n\n" +
		"The link works once, for a day. You will be asked for a code that is sent to this address.\n"
	const subject = "Add an authenticator to your Care Identity"
	return mail.Message{Kind: "demo.invitation", To: c.Email, Subject: subject, Text: text}
}
