package path

import "signpost/internal/national/authn"

// message holds the texts of a step. {username}, {authority}, {date} (when linking opens) and {close} are
// replaced by their values.
type message struct {
	title  string   // to the person
	task   string   // to the owner
	detail []string // to the person
	takes  string
	say    string
}

const (
	minutes   = "A few minutes"
	authority = "Depends on your registration authority; ask when you contact them"
)

var messages = map[What]message{
	AskAccount: {
		title: "Do you share your DoS username with anybody?",
		task:  "Find out whether the DoS account is shared",
		detail: []string{
			"It is a shared account if more than one person logs in with the same username and password.",
		},
		takes: minutes,
	},
	RequestIndividualAccount: {
		title: "Request your own DoS account",
		task:  "Request an individual DoS account",
		detail: []string{
			"You log in to DoS with a shared username. Everybody needs an individual account to log in with a Care " +
				"Identity.",
			"When the form asks \"Tell us why you need access to NHS Directory of Services\", use the words given " +
				"here.",
			"You will be asked to confirm your email address. A DoS user administrator then authorises the account.",
		},
		takes: "About 10 minutes to ask; authorising can take some working days",
		say:   "I currently use a shared username ({username}) and require an individual username for MFA readiness.",
	},
	AuthoriseAccount: {
		title: "Wait for your own DoS account to be authorised",
		task:  "Authorise or reject the request for an individual DoS account",
		detail: []string{
			"You have asked for an individual account. A DoS user administrator decides on it and you get an email.",
		},
		takes: "Some working days",
	},
	ResolveAccounts: {
		title: "Ask your DoS user administrator which of your DoS accounts to keep",
		task:  "Find out whose the accounts with one email address are, and merge those of one person",
		detail: []string{
			"More than one DoS account has your email address. Only one of them can be linked to your Care Identity.",
			"Your DoS user administrator merges them, or puts the other address right.",
		},
		takes: "Some working days",
		say:   "MFA-DoS - more than one DoS account has my email address",
	},
	AskIdentity: {
		title: "Do you already have a Care Identity?",
		task:  "Find out whether the person has a Care Identity, and whether it works",
		detail: []string{
			"You have one if you use " + authn.Phrases(authn.AAL3) + " for NHS services. Do not apply for a " +
				"second one.",
			"If you have one, log in with it now. That shows at once what is still missing, and links nothing.",
		},
		takes: minutes,
	},
	ObtainCareIdentity: {
		title: "Apply for a Care Identity",
		task:  "Apply for a Care Identity by contacting the registration authority",
		detail: []string{
			"Contact your local registration authority. They meet you, or invite you to Apply for Care ID.",
			"Ask for the position and the authenticator at the same time.",
		},
		takes: authority,
	},
	ReactivateIdentity: {
		title: "Ask your registration authority to reactivate your Care Identity",
		task:  "Reactivate the Care Identity",
		detail: []string{
			"You have a Care Identity, but it is not active. Your local registration authority agent takes you " +
				"through the steps.",
		},
		takes: authority,
	},
	ResolveSeveral: {
		title: "Ask your registration authority which of your Care Identities to keep",
		task:  "Find out which Care Identity is the person's, and close the others",
		detail: []string{
			"More than one Care Identity carries your details. DoS does not choose between them.",
			"Your registration authority keeps one and closes the others.",
		},
		takes: authority,
	},
	AskEmail: {
		title: "Does your Care Identity carry the same email address as your DoS account?",
		task:  "Find out whether the two email addresses are the same",
		detail: []string{
			"In DoS, look under Account, My Account Details, Email Id.",
			"In Care Identity Management, choose View your profile and look under Personal Details.",
		},
		takes: minutes,
	},
	MatchEmails: {
		title:  "Make your email address the same in DoS and on your Care Identity",
		task:   "Bring both email addresses up to date",
		detail: []string{"Both must be up to date, the same, and an address that only you can open."},
		takes:  "A few minutes; a changed address can be used for linking after 72 hours",
	},
	VerifyIdentityEmail: {
		title: "Confirm the email address on your Care Identity",
		task:  "Confirm the email address on the Care Identity",
		detail: []string{
			"In Care Identity Management, choose View your profile, find your email under Personal Details and " +
				"confirm it.",
		},
		takes: minutes,
	},
	AskAccess: {
		title: "Do you have the DoS position and a way to log in?",
		task:  "Find out which position and authenticator the person holds",
		takes: minutes,
	},
	GetPosition: {
		title: "Ask your registration authority for the DoS position",
		task:  "Assign the position 'Directory of Services System' (R8008 with B0166)",
		detail: []string{
			"Your Care Identity needs the position 'Directory of Services System' to open DoS.",
			"Send your registration authority the words given here.",
		},
		takes: authority,
		say: "Please assign me the position 'Directory of Services System', with role R8008, " +
			"admin/clinical support access role, and activity B0166, Directory of Service UI Access.",
	},
	GetAuthenticator: {
		title: "Ask your registration authority for an authenticator",
		task:  "Issue an approved authenticator",
		detail: []string{
			"You need a way to prove that it is you: " + authn.Phrases(authn.AAL2) + ".",
			"Your organisation decides which of them it approves.",
		},
		takes: authority,
	},
	StrongerAuthenticator: {
		title:  "Ask your registration authority for a stronger authenticator",
		task:   "Issue an authenticator that is strong enough for DoS",
		detail: []string{"The way you log in with your Care Identity now is not strong enough for DoS."},
		takes:  authority,
	},
	ApproveAuthenticator: {
		title:  "Ask your registration authority to approve your authenticator or issue another",
		task:   "Approve the kind of authenticator, or issue an approved one",
		detail: []string{"Your authenticator is strong enough, but your organisation has not approved that kind."},
		takes:  authority,
	},
	CheckDevice: {
		title:  "Check that your authenticator works on the device you use for DoS",
		task:   "Check that the authenticator works on the person's device",
		detail: []string{"Open the check on the device that you use for DoS. It changes nothing."},
		takes:  minutes,
	},
	FixDevice: {
		title: "Ask your local IT team to set up your device",
		task:  "Set the device up for the authenticator",
		detail: []string{
			"Your authenticator does not work on this device.",
			"Show your local IT team what the device check says. If they cannot put it right, raise a ticket that " +
				"begins with the words given here.",
		},
		takes: "Depends on your local IT team",
		say:   "MFA-DoS - my authenticator does not work on my device",
	},
	ProveEmail: {
		title: "Confirm the email address of your DoS account",
		task:  "Confirm the DoS email address with the mailed code",
		detail: []string{
			"We mail a code to the address in your DoS account. Enter it to show that the address is yours.",
		},
		takes: minutes,
	},
	AskLink: {
		title: "Log in with your Care Identity to see whether your account is linked",
		task:  "Log in once with the Care Identity",
		detail: []string{
			"If your DoS account is linked you come straight in. If it is not, you are offered to link it.",
		},
		takes: minutes,
	},
	AwaitLinking: {
		title: "Wait until you can link your account",
		task:  "Open linking for the person's wave",
		detail: []string{
			"You cannot link your DoS account to your Care Identity yet. Until then you log in with your password " +
				"as before.",
		},
		takes: "No time of yours",
	},
	Link: {
		title: "Link your DoS account to your Care Identity",
		task:  "Link the DoS account to the Care Identity",
		takes: "About 5 minutes",
	},
	ReportLostLink: {
		title: "Tell the service desk that your account is linked to a Care Identity that cannot be found",
		task:  "Find out which Care Identity the account was linked to, and undo the link if it is wrong",
		detail: []string{
			"Your DoS account is linked to a Care Identity, but none can be found for you.",
			"Raise a ticket that begins with the words given here.",
		},
		takes: "Depends on the service desk; telephone if it is urgent",
		say:   "MFA-DoS - my account is linked to a Care Identity that cannot be found",
	},
	ReportSharedLink: {
		title: "Tell the service desk that a shared account is linked to a Care Identity",
		task:  "Undo the link of the shared account",
		detail: []string{
			"The shared account that you use is linked to one person's Care Identity. That must not be.",
			"Raise a ticket that begins with the words given here.",
		},
		takes: "Depends on the service desk; telephone if it is urgent",
		say:   "MFA-DoS - a shared account is linked to a Care Identity",
	},
}

// sentences holds the sentences that are added to a message for certain facts.
var sentences = map[string]string{
	"authority": "Your registration authority is {authority}.",
	"identity.sought": "We found no Care Identity with the email address {sought}. You may have one with another " +
		"address.",
	"shared.off":  "The shared username has been turned off.",
	"email.first": "Do this once you have your own DoS account and your Care Identity.",
	"email.open": "In DoS, choose Account and change Email Id under My Account Details. In Care Identity " +
		"Management, choose View your profile and Change.",
	"email.locked": "You cannot log in to DoS to change the address there. Change it on your Care Identity, or " +
		"raise a ticket if the DoS address is the wrong one.",
	"access.role": "The position is called 'Directory of Services System': role R8008 with activity B0166. Your " +
		"registration authority can tell you whether you hold it.",
	"access.factor": "A way to log in is " + authn.Phrases(authn.AAL2) + ".",
	"access.approve": "Your registration authority can tell you whether your organisation approves of the " +
		"authenticator that you have.",
	"await.date": "Linking opens on {date}.",
	"link.request": "Your own account never has a password. Log in with your Care Identity when you ask for the " +
		"account, or later from the page of your request: when the account is approved, it is linked at once.",
	"link.open": "Log in to DoS with your password, choose to link, and log in with your Care Identity.",
	"link.require": "Log in with your Care Identity. Then enter your DoS password one last time and the code that " +
		"we mail to your DoS address.",
	"link.until": "Your password can be used for this until {close}.",
	"link.closed": "Ask your DoS user administrator for a code to link without your password. Then log in with your " +
		"Care Identity, enter your DoS username and that code, and type the code that we mail to your DoS address.",
	"link.after": "After that your password no longer works and you log in with your Care Identity alone.",
}

// deadlines holds the texts of deadlines; {date} is replaced by its value.
var deadlines = map[string]string{
	"now":          "Now: you cannot log in to DoS until this is done",
	"soon":         "As soon as you can",
	"before":       "Before {date}, when passwords stop working",
	"before.later": "Before passwords stop working; the date has not been set",
	"last_day":     "Now. This is the last day on which your password works",
	"days":         "Now. Your password stops working once you have worked on {days} days, today among them",
	"opens":        "On {date}",
	"opens.later":  "The date has not been set",
}

// staffDeadlines holds those texts of deadlines that say "you", as those read them who help the person.
var staffDeadlines = map[string]string{
	"now":      "Now: they cannot log in to DoS until this is done",
	"soon":     "As soon as they can",
	"last_day": "Now. This is the last day on which their password works",
	"days":     "Now. Their password stops working once they have worked on {days} days, today among them",
}

var needTitles = map[Need]string{
	OwnAccount:           "A DoS account of your own",
	CareIdentity:         "An active Care Identity",
	SameEmail:            "The same email address on both, and confirmed",
	AccessPosition:       "The position for DoS",
	WorkingAuthenticator: "An approved authenticator that works",
	LinkedAccount:        "DoS account linked to your Care Identity",
}

// noUsername is the text for a username that is not known. The words are the notice's.
const noUsername = "provide username you currently use"
