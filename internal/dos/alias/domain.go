package alias

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

// brands are providers that give anybody an address, by their name, whatever ending it has. An address there says
// nothing of where somebody works.
var brands = []string{
	"10minutemail", "aol", "btinternet", "fastmail", "gmail", "gmx", "googlemail", "guerrillamail", "hotmail",
	"hushmail", "icloud", "mailinator", "msn", "ntlworld", "outlook", "proton", "protonmail", "rocketmail",
	"talktalk", "tutanota", "virginmedia", "yahoo", "yandex", "ymail", "yopmail", "zoho",
}

// publicDomains are others in which anybody, or anybody of a profession, gets an address.
var publicDomains = []string{
	"blueyonder.co.uk", "doctors.net.uk", "doctors.org.uk", "freeserve.co.uk", "hey.com", "live.co.uk", "live.com",
	"live.ie", "lineone.net", "mac.com", "mail.com", "mail.ru", "me.com", "o2.co.uk", "onmicrosoft.com", "orange.net",
	"plusnet.com", "pm.me", "qq.com", "sky.com", "tiscali.co.uk", "tuta.com", "tuta.io", "virgin.net", "wanadoo.co.uk",
	"web.de",
}

// ownEndings are those below which an employer alone gets a domain, so that a name there is no provider's.
var ownEndings = []string{"ac.uk", "gov.uk", "nhs.uk", "police.uk", "sch.uk"}

// isEnding reports whether a domain is what many domains end with, such as co.uk.
func isEnding(domain string) bool {
	ending, _ := publicsuffix.PublicSuffix(domain)
	return ending == domain
}

// Public reports whether anybody gets an address in a domain.
func Public(domain string) bool {
	own, err := publicsuffix.EffectiveTLDPlusOne(domain)
	if err != nil {
		own = domain
	}
	provider, ending, _ := strings.Cut(own, ".")
	return slices.Contains(publicDomains, own) ||
		slices.Contains(brands, provider) && !slices.Contains(ownEndings, ending)
}

// looksLike reports whether one domain could be taken for another: by its letters, or as it has the other in it and is
// not below it.
func looksLike(one, other string) bool {
	if strings.HasSuffix(one, "."+other) || strings.HasSuffix(other, "."+one) {
		return false // whoever has the one has the other
	}
	flat := strings.NewReplacer(".", "", "-", "")
	a := flat.Replace(one)
	b := flat.Replace(other)
	return strings.Contains(a, b) || strings.Contains(b, a) || name.LikenessOf(one).Like(name.LikenessOf(other))
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
	if isEnding(domain) {
		return "", fault.OfField(field, "Enter a domain of one employer: those of many end with "+domain)
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
	case looksLike(one, other):
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
