package authn

// Setup says what has to be in order before an authenticator can be used: what it is, and what whoever looks after
// devices and networks does about it.
type Setup struct{ Title, Do string }

// setups says it of each need.
var setups = map[Need]Setup{
	NHSNetwork: {"The NHS network (HSCN)",
		"Use it on computers that are connected to the Health and Social Care Network. It does not work elsewhere."},
	CardReader: {"A smartcard reader",
		"Connect one to each computer. Install its driver and the NHS smartcard software, and keep them up to date."},
	Cookies: {"Cookies", "Let browsers keep the cookies of the pages where people log in, and of the services."},
	Script:  {"JavaScript", "Let the pages where people log in run JavaScript."},
	WebAuthn: {"A browser that supports security keys",
		"Use an up-to-date Edge, Chrome, Firefox or Safari. Let no policy turn WebAuthn off."},
	SecureChip: {"A security chip and Windows Hello",
		"Turn the TPM chip (2.0) of each computer on. Let people set up Windows Hello with a face, a finger or a " +
			"PIN. The chip makes no key while the battery is below 20%."},
	Port: {"A USB port or an NFC reader",
		"Do not block security keys at USB ports. A rule that stops USB sticks can let keys through: " +
			"they are HID devices of usage page F1D0. Each person sets a PIN for their key."},
	Phone: {"A phone or tablet of their own",
		"There is nothing to set up. Say whether people may have their phone with them where they work."},
	Clock: {"The right time", "Let phones and computers set their clocks by themselves. Codes of an app are refused " +
		"where its clock is more than half a minute off."},
	Bluetooth: {"Bluetooth",
		"Leave it on where people log in with a passkey on their phone. The phone has to be near the computer."},
	ManagedIPad: {"An iPad that you manage", "Manage the iPad as you do other devices. Let it attest passkeys, and " +
		"send the root that it uses to those who run the login."},
	MailPlatform: {"An account at NHS.net Connect", "Each person needs one of their own. It was called NHSmail."},
}

// Setup says what has to be in order for a need; empty for one that we do not know.
func (n Need) Setup() Setup { return setups[n] }

// handed says what a registration authority does so that somebody gets an authenticator.
var handed = map[Enrolment]string{
	CardIssued: "You issue the card and unlock it.",
	CredentialMade: "You send a one-time link. The person opens it on the device with which they will log in, and " +
		"follows the page.",
	SecretShared:     "You send a one-time link. The person sets a password, and scans a code with their phone.",
	DeviceRegistered: "You send a one-time link. The person opens it on the iPad, which registers that device.",
	AccountConnected: "You send a one-time link. The person opens it, and logs in to NHS.net Connect once.",
}

// Handed says what a registration authority does so that somebody gets an authenticator in this way; empty for one that
// we do not know.
func (e Enrolment) Handed() string { return handed[e] }

// Policy is a setting by which an organisation manages the browsers Edge and Chrome. In its value {login} stands for
// the address of the login pages, {host} for its host, and {door} for the address at which smartcards are met.
type Policy struct{ Name, Value string }

// policies say of each need what such settings are.
var policies = map[Need][]Policy{
	Cookies: {{"CookiesAllowedForUrls", `["{login}"]`}},
	Script:  {{"JavaScriptAllowedForUrls", `["{login}"]`}},
	// Nobody is asked then whether the login may see which model their key is.
	WebAuthn: {{"SecurityKeyPermitAttestation", `["{host}"]`}},
	CardReader: {
		{"AutoSelectCertificateForUrls", `["{\"pattern\":\"{door}\",\"filter\":{}}"]`},
		{"LocalNetworkAccessAllowedForUrls", `["{login}"]`},
	},
}

// Policies gives the settings of browsers that a need asks for.
func (n Need) Policies() []Policy { return policies[n] }

// hosts are those that browsers and devices go to by themselves for a need, beside the addresses of the login. Those of
// Bluetooth carry what a computer and a phone say to each other (CTAP 2.2, hybrid transports).
var hosts = map[Need][]string{
	Bluetooth: {"https://cable.ua5v.com", "https://cable.auth.com"},
}

// Hosts gives the addresses that browsers and devices go to by themselves for a need.
func (n Need) Hosts() []string { return hosts[n] }
