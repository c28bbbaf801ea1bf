package request

import "net/url"

// WithQuery adds parameters to a registered address, which may already have some.
func WithQuery(address string, q url.Values) string {
	u, err := url.Parse(address)
	if err != nil {
		return address // cannot happen: it was checked at registration
	}
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += q.Encode()
	return u.String()
}
