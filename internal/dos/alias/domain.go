package alias

import (
	"slices"
	"strings"

	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

// publicProviders are domains in which anybody gets an address, by their first labels. One says nothing of where
// somebody works.
var publicProviders = []string{
	"aol", "btinternet", "fastmail", "gmail", "gmx", "googlemail", "hotmail", "hushmail", "icloud", "live", "mac",
	"mail", "me", "msn", "ntlworld", "outlook", "pm", "proton", "protonmail", "qq", "rocketmail", "sky", "talktalk",
	"tutanota", "tuta", "virginmedia", "yahoo", "yandex", "ymail", "zoho",
}

// publicEndings are what stands behind the first label of a public provider.
var publicEndings = []string{"co.uk", "com", "de", "eu", "fr", "ie", "io", "me", "net", "org", "org.uk", "ru", "uk"}

// Public reports whether anybody gets an address in a domain.
func Public(domain string) bool {
	for _, ending := range publicEndings {
		first, found := strings.CutSuffix(domain, "."+ending)
		if found && slices.Contains(publicProviders, first[strings.LastIndexByte(first, '.')+1:]) {
			return true
		}
	}
	return false
}

// readDomain reads a domain as somebody types it: perhaps with the @ before it. The error is about the field.
func readDomain(field, typed string) (string, error) {
	typed = strings.TrimPrefix(strings.TrimSpace(typed), "@")
	if typed == "" {
		return "", fault.OfField(field, "Enter a domain, like nhs.net")
	}
	if strings.Contains(typed, "@") {
		return "", fault.OfField(field, "Enter only what stands behind the @, like nhs.net")
	}
	address, err := email.Parse("somebody@" + typed)
	if err != nil {
		return "", fault.OfField(field, "Enter a domain in the correct format, like nhs.net")
	}
	domain := DomainOf(address.String())
	if strings.HasPrefix(domain, "xn--") || strings.Contains(domain, ".xn--") {
		return "", fault.OfField(field, "Enter a domain of plain letters, without accents or letters of other scripts")
	}
	if Public(domain) {
		return "", fault.OfField(field, "Anybody can get an address in "+domain+
			", so it says nothing of who works where. Enter a domain of an employer")
	}
	return domain, nil
}

// Pair reads two domains as somebody types them, and gives them in their order. It refuses pairs that must never be
// aliases.
func Pair(typedOne, typedOther string) (one, other string, err error) {
	if one, err = readDomain("one", typedOne); err != nil {
		return "", "", err
	}
	if other, err = readDomain("other", typedOther); err != nil {
		return "", "", err
	}
	switch {
	case one == other:
		return "", "", fault.OfField("other", "Enter another domain: both are "+one)
	case name.LikenessOf(one).Like(name.LikenessOf(other)):
		return "", "", fault.OfField("other", "The domain "+other+" looks like "+one+
			". Somebody may have made it to be taken for it, so the two cannot be aliases")
	case other < one:
		return other, one, nil
	}
	return one, other, nil
}

// DomainOf gives what stands behind the @ of an address, in lower case; empty where there is none.
func DomainOf(address string) string {
	_, domain := split(address)
	return domain
}

// split gives what stands before and behind the @ of an address, in lower case; nothing where a person would have to
// look at it before it is compared.
func split(address string) (local, domain string) {
	parsed, err := email.Parse(address)
	if err != nil {
		return "", ""
	}
	key, automatic := parsed.Canonical()
	if !automatic {
		return "", ""
	}
	at := strings.LastIndexByte(key, '@')
	return key[:at], key[at+1:]
}
