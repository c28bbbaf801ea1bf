package request

import "net/url"

// Origin is the origin of a registered address.
func Origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "" // cannot be: it was registered
	}
	return u.Scheme + "://" + u.Host
}

// WithQuery adds parameters to a registered address, which may have some already.
func WithQuery(address string, q url.Values) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // cannot be: it was registered
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += q.Encode()
	return u.String()
}
