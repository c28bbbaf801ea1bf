package services

import "net/url"

// foundBy gives, as it stands in an address, the search by which somebody found a service. It is empty if they came to
// it without one.
func foundBy(values url.Values) string {
	if !values.Has("postcode") && !values.Has("name") {
		return ""
	}
	kept := url.Values{}
	for _, name := range []string{"postcode", "miles", "type", "name", "open", "page"} {
		if values.Has(name) {
			kept.Set(name, values.Get(name))
		}
	}
	return kept.Encode()
}

// with adds a search to the address of the results, or of a service that is among them.
func with(address, search string) string {
	values, err := url.ParseQuery(search) // it came from a browser
	if found := foundBy(values); err == nil && found != "" {
		return address + "?" + found
	}
	return address
}

// pageOf is the address of a page about a service that leads back to the service, and from there to the results.
func pageOf(id, name, search string) string {
	address := "/services/" + id + "/" + name
	if search == "" {
		return address
	}
	return address + "?" + url.Values{"search": {search}}.Encode()
}
